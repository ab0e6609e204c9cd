"""Optimistic value at every update, and regret, on the chain and on simplex instances [vial_ssp, E1, E2, E5–E10, E14, E15]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import generator, seeds
from scripts.vial_ssp.model import Problem, chain_problem, optimal_action_values, simplex_problem
from scripts.vial_ssp.simulation import Learner, Play, Player, episode_grid, play

PAPER, RUN = "vial_ssp", "value_convergence"
FAMILIES = {"chain": ("visits", "growth_factor"), "simplex": ("log_det", "log_det_growth")}
NOTED = ("step", "start_value", "optimism_violation", "n_iterations", "residual")


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """All lanes of a family together."""
    sizes = {"dim": p["simplex_dim"], "n_states": p["simplex_states"], "n_actions": p["simplex_actions"]}
    simplex = {f"simplex{seed}": simplex_problem(seed, **sizes) for seed in p["simplex_instance_seeds"]}
    parts = [_family(p, "chain", {"chain": chain_problem(p["chain_length"])}), _family(p, "simplex", simplex)]
    return {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]}


def _family(p: Mapping, family: str, problems: Mapping[str, Problem]) -> dict[str, pd.DataFrame]:
    """Tables of one family of instances."""
    grid = episode_grid(p["grid_start"], p[f"{family}_episodes"], p["n_grid"])
    axes = {"instance": list(problems), "algorithm": ["optimistic", "greedy"], "seed": seeds(p, f"{family}_seeds")}
    lanes = tidy(axes)
    optimal = {name: optimal_action_values(problem).min(axis=-1) for name, problem in problems.items()}
    scale = {"optimistic": p["bonus_scale"], "greedy": 0.0}
    players = [
        Player(problems[o.instance], scale[o.algorithm], p["value_cap_factor"] * optimal[o.instance].max()) for o in lanes.itertuples()
    ]
    rngs = [generator(PAPER, RUN, o.instance, o.algorithm, seed=o.seed) for o in lanes.itertuples()]
    found = play(players, _learner(p, family), grid, rngs)
    goal = {name: values[problems[name].start] for name, values in optimal.items()}
    shape = (*(len(labels) for labels in axes.values()), len(grid))
    return {
        "value_updates": _updates(found, lanes).assign(optimal_start_value=lambda rows: rows["instance"].map(goal)),
        "fixed_instance_regret": tidy({**axes, "episode": grid}, regret=found.regret.reshape(shape)),
    }


def _learner(p: Mapping, family: str) -> Learner:
    growth, threshold = FAMILIES[family]
    own = (p[f"{family}_{name}"] for name in (threshold, "check_every", "dense_until"))
    return Learner(growth, *own, p["ridge"], p["tolerance"], p["max_iterations"])


def _updates(found: Play, lanes: pd.DataFrame) -> pd.DataFrame:
    """One row an update, lane after lane, with the lane's labels and a count from 1."""
    order = np.argsort(found.updates.lane, kind="stable")
    rows = lanes.iloc[found.updates.lane[order]].reset_index(drop=True)
    noted = {name: getattr(found.updates, name)[order] for name in NOTED}
    return rows.assign(update=rows.groupby(list(rows.columns)).cumcount() + 1, **noted)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
