"""Regret of optimistic, greedy and uniform play on the hard instance, all gaps and seeds together [vial_ssp, E1, E2, E5–E13]."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd

from repro.frames import select, tidy
from repro.job import job
from repro.seeds import generator, seeds
from scripts.vial_ssp.model import bonus_at, hard_problem, law_of_optimism, uniform_regret
from scripts.vial_ssp.simulation import Learner, Play, Player, episode_grid, play
from scripts.vial_ssp.summaries import over_seeds

PAPER, RUN = "vial_ssp", "hard_instance"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """One lane a gap, algorithm and seed; theory beside them."""
    grid = episode_grid(p["grid_start"], p["n_episodes"], p["n_grid"], p["early_episodes"])
    axes = {"gap": p["gaps"], "algorithm": p["algorithms"], "seed": seeds(p)}
    problems = {gap: hard_problem(p["n_actions"], gap, p["base_probability"]) for gap in p["gaps"]}
    lanes = list(product(*axes.values()))
    scale = {"optimistic": p["bonus_scale"], "greedy": 0.0, "uniform": 0.0}
    players = [Player(problems[gap], scale[algorithm], p["value_cap"], algorithm == "uniform") for gap, algorithm, _ in lanes]
    rngs = [generator(PAPER, RUN, gap, algorithm, seed=seed) for gap, algorithm, seed in lanes]
    found = play(players, visits_learner(p), grid, rngs)
    shape = (*(len(labels) for labels in axes.values()), len(grid))
    columns = {name: getattr(found, name).reshape(shape) for name in ("step", "regret", "realised_regret")}
    simulated = tidy({**axes, "episode": grid}, method="simulation", **columns)
    regret = pd.concat([simulated, _theory(p, simulated, grid)], ignore_index=True)
    return {
        "hard_regret": regret.astype({"seed": "Int64", "step": "Int64"}),
        "worst_case_regret": _worst_case(p, simulated),
        "hard_lanes": tidy(axes, **_of_lanes(found, shape[:-1])),
    }


def visits_learner(p: Mapping) -> Learner:
    """Learner of the instances with one-hot features."""
    return Learner(
        "visits", p["growth_factor"], *(p[name] for name in ("check_every", "dense_until", "ridge", "tolerance", "max_iterations"))
    )


def law(p: Mapping, gap: float, n_actions: int, step: float, bonus_scale: float) -> float:
    """The law of optimism at the bonus that the parameters give after so many steps."""
    return law_of_optimism(n_actions, gap, p["base_probability"], float(bonus_at(step, bonus_scale, p["value_cap"])))


def _theory(p: Mapping, simulated: pd.DataFrame, grid: list[int]) -> pd.DataFrame:
    """Expected regret of uniform play, and the law of optimism at the steps that the lanes took on average."""
    per_episode = {gap: uniform_regret(p["n_actions"], gap, p["base_probability"]) for gap in p["gaps"]}
    rows = [("uniform", gap, episode, episode * per_episode[gap]) for gap in p["gaps"] for episode in grid]
    for gap in p["gaps"]:
        steps = select(simulated, gap=gap, algorithm="optimistic", episode=p["law_episode"])["step"].to_numpy()
        rows.append(("optimistic", gap, p["law_episode"], law(p, gap, p["n_actions"], steps.mean(), p["bonus_scale"])))
    return pd.DataFrame(rows, columns=["algorithm", "gap", "episode", "regret"]).assign(method="theory")


def _worst_case(p: Mapping, simulated: pd.DataFrame) -> pd.DataFrame:
    """Largest mean regret over the gaps of the worst case, and where it is."""
    means = over_seeds(select(simulated, gap=list(p["worst_case_gaps"])), ["algorithm", "episode", "gap"])
    largest = means.sort_values("mean").groupby(["algorithm", "episode"], sort=False).tail(1)
    order = largest.assign(rank=largest["algorithm"].map(p["algorithms"].index)).sort_values(["rank", "episode"])
    return order.rename(columns={"mean": "regret"})[["algorithm", "episode", "regret", "gap", "n_seeds"]].reset_index(drop=True)


def _of_lanes(found: Play, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Number of updates and largest violation of optimism by lane; a lane that does not learn has none."""
    n_lanes = int(np.prod(shape))
    lane = found.updates.lane.astype(int)
    n_updates = np.bincount(lane, minlength=n_lanes)
    violation = np.full(n_lanes, -np.inf)
    np.maximum.at(violation, lane, found.updates.optimism_violation)
    return {
        "n_updates": n_updates.reshape(shape),
        "optimism_violation": np.where(n_updates > 0, violation, np.nan).reshape(shape),
    }


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
