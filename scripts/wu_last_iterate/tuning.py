"""Exact risk on a grid of initial stepsizes, and the best of them: what the tables of tuned risks are made of."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from scripts.wu_last_iterate.bounds import largest_stepsize
from scripts.wu_last_iterate.model import Schedule, adjoint, infinite_if_overflown, spectrum, stepsize_factors, target

TUNED_FOR = ["spectrum", "target", "n_train", "schedule", "decay_exponent", "constant_steps"]


class Method(NamedTuple):
    """A stepsize schedule, and how many of its last iterates are averaged."""

    name: str
    """As the tables' column `schedule` has it."""
    schedule: Schedule
    n_averaged: int = 1


def last_iterate(schedule: Schedule) -> Method:
    """The last iterate of a schedule, under the schedule's name."""
    return Method(schedule.schedule, schedule)


def tail_average(n_train: int) -> Method:
    """The average of the last half of the iterates of constant stepsize."""
    return Method("tail_average", Schedule("constant"), n_train // 2)


def risk_on_grid(n_train: int, methods: Sequence[Method], log_base: float, p: Mapping) -> pd.DataFrame:
    """Bias, variance and risk at one sample size: one row a method, spectrum, target and stepsize."""
    relative_stepsize = np.geomspace(p["relative_stepsize_min"], p["relative_stepsize_max"], p["n_stepsizes"])
    eigenvalues = np.array([spectrum(name, p["dim"]) for name in p["spectra"]])
    squared_error = np.array([target(name, p["dim"]) ** 2 for name in p["targets"]])
    learning_rate = relative_stepsize / eigenvalues.sum(axis=1, keepdims=True)  # spectrum × stepsize
    factors = np.array([stepsize_factors(method.schedule, n_train, log_base) for method in methods])
    n_averaged = np.array([method.n_averaged for method in methods])

    stepsizes = factors[:, None, None] * learning_rate[..., None]  # method × spectrum × stepsize × step
    error_weight, noise_weight = adjoint(stepsizes, eigenvalues[:, None], p["kurtosis"], n_averaged[:, None, None])
    bias = infinite_if_overflown(0.5 * np.einsum("msgi,ti->mstg", error_weight, squared_error))
    variance = infinite_if_overflown(0.5 * p["noise_variance"] * noise_weight[:, :, None])

    frame = pd.DataFrame(
        method.schedule._asdict() | {"schedule": method.name, "spectrum": spectrum_name, "target": target_name, "relative_stepsize": g}
        for method, spectrum_name, target_name, g in product(methods, p["spectra"], p["targets"], relative_stepsize)
    )
    values = {"learning_rate": learning_rate[:, None], "bias": bias, "variance": variance, "risk": bias + variance}
    for name, value in values.items():
        frame[name] = np.broadcast_to(value, bias.shape).ravel()
    sizes = {name: p[name] for name in ("dim", "noise_variance")}
    frame = frame.astype({"decay_exponent": float})
    return frame.assign(**sizes, n_train=n_train, log_base=log_base, theorem_stepsize=largest_stepsize(n_train, log_base))


def mark_best(frame: pd.DataFrame, tuned_for: Sequence[str] = TUNED_FOR) -> pd.DataFrame:
    """Add `is_best`, the smallest risk over the stepsizes (first of equals), and whether it is at an end of the grid.

    Raises
    ------
    ValueError   if a risk is not a number, which would be passed over: divergence is +inf.
    """
    if frame["risk"].isna().any():
        raise ValueError(f"risk: {frame['risk'].isna().sum()} values are not numbers, so none of them can be called the best")
    best = frame.groupby(list(tuned_for), dropna=False)["risk"].idxmin()
    is_best = frame.index.isin(best)
    ends = frame["relative_stepsize"].agg(["min", "max"])
    return frame.assign(is_best=is_best, at_grid_edge=is_best & frame["relative_stepsize"].isin(ends))
