"""Final regret on the hard instance against the size of the bonus [vial_ssp, E1, E2, E5–E10, E13]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import generator, seeds
from scripts.vial_ssp.model import hard_problem
from scripts.vial_ssp.runs.hard_instance import visits_learner
from scripts.vial_ssp.simulation import Player, play

PAPER, RUN = "vial_ssp", "bonus_scale"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """One lane a bonus scale and seed."""
    problem = hard_problem(p["n_actions"], p["gap"], p["base_probability"])
    lanes = tidy({"bonus_scale": p["bonus_scales"], "seed": seeds(p)})
    players = [Player(problem, scale, p["value_cap"]) for scale in lanes["bonus_scale"]]
    rngs = [generator(PAPER, RUN, o.bonus_scale, seed=o.seed) for o in lanes.itertuples()]
    found = play(players, visits_learner(p), [p["n_episodes"]], rngs)
    violation = np.full(len(lanes), -np.inf)
    np.maximum.at(violation, found.updates.lane, found.updates.optimism_violation)
    last = {"regret": found.regret[:, 0], "realised_regret": found.realised_regret[:, 0]}
    return {"bonus_regret": lanes.assign(**last, optimism_violation=violation)}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
