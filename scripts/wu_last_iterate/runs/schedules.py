"""Exact excess risk of stepsize schedules and averages on a grid of initial stepsizes, for every instance.

Table `tuned_risk`: the last iterate of eleven schedules and two averages of constant-stepsize SGD, by the adjoint
recursion [wu_last_iterate, E2, E3, E5, E6].
"""

from collections.abc import Mapping

import pandas as pd

from repro.job import Progress, job
from scripts.wu_last_iterate.model import Schedule, decaying_schedules
from scripts.wu_last_iterate.tuning import Method, last_iterate, mark_best, risk_on_grid, tail_average


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Tables of the run from its parameters."""
    progress = Progress(sum(p["n_train"]), "steps of the recursion")
    frames = []
    for n_train in p["n_train"]:
        frames.append(risk_on_grid(n_train, methods(n_train, p), p["log_base"], p).drop(columns="log_base"))
        progress.update(n_train)
    return {"tuned_risk": mark_best(pd.concat(frames, ignore_index=True))}


def methods(n_train: int, p: Mapping) -> list[Method]:
    """Last iterates of all schedules, and two averages of constant stepsize."""
    schedules = [*decaying_schedules(n_train, p["decay_exponents"], p["constant_fractions"]), Schedule("constant")]
    average_of_all = Method("iterate_average", Schedule("constant"), n_train)
    return [*map(last_iterate, schedules), average_of_all, tail_average(n_train)]


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
