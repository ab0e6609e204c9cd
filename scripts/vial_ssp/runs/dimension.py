"""Final regret of the optimistic player on the hard instance against the dimension [vial_ssp, E1, E2, E5–E11, E13]."""

from collections.abc import Mapping

import pandas as pd

from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.vial_ssp.model import hard_problem
from scripts.vial_ssp.runs.hard_instance import law, visits_learner
from scripts.vial_ssp.simulation import Player, play

PAPER, RUN = "vial_ssp", "dimension"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """One dimension after the other, all seeds together; the law beside each."""
    own, frames = seeds(p), []
    progress = Progress(len(p["dims"]), "dimensions")
    for dim in p["dims"]:
        player = Player(hard_problem(dim, p["gap"], p["base_probability"]), p["bonus_scale"], p["value_cap"])
        found = play([player] * len(own), visits_learner(p), [p["n_episodes"]], [generator(PAPER, RUN, dim, seed=seed) for seed in own])
        frames.append(pd.DataFrame({"method": "simulation", "dim": dim, "seed": own, "regret": found.regret[:, 0]}))
        expected = law(p, p["gap"], dim, found.step[:, 0].mean(), p["bonus_scale"])
        frames.append(pd.DataFrame({"method": ["theory"], "dim": dim, "seed": pd.array([pd.NA], dtype="Int64"), "regret": expected}))
        progress.update()
    return {"dimension_regret": pd.concat([frame.astype({"seed": "Int64"}) for frame in frames], ignore_index=True)}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
