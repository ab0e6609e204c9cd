"""Exact excess risk of stepsize schedules and averages on a grid of initial stepsizes, for every instance.

Table `tuned_risk`: the last iterate of eleven schedules and two averages of constant-stepsize SGD, by the adjoint
recursion [wu_last_iterate, eqs. (1)-(3), (6)].
"""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd

from repro.job import Progress, job
from scripts.wu_last_iterate.model import (
    Schedule,
    adjoint,
    decaying_schedules,
    infinite_if_overflown,
    spectrum,
    stepsize_factors,
    target,
)

TUNED_FOR = ["spectrum", "target", "n_train", "schedule", "decay_exponent", "constant_steps"]


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Tables of the run from its parameters."""
    progress = Progress(sum(p["n_train"]), "steps of the recursion")
    frames = []
    for n_train in p["n_train"]:
        frames.append(risk_on_grid(n_train, p))
        progress.update(n_train)
    return {"tuned_risk": mark_best(pd.concat(frames, ignore_index=True))}


def risk_on_grid(n_train: int, p: Mapping) -> pd.DataFrame:
    """Bias, variance and risk at one sample size: one row a method, spectrum, target and stepsize."""
    relative_stepsize = np.geomspace(p["relative_stepsize_min"], p["relative_stepsize_max"], p["n_stepsizes"])
    eigenvalues = np.array([spectrum(name, p["dim"]) for name in p["spectra"]])
    squared_error = np.array([target(name, p["dim"]) ** 2 for name in p["targets"]])
    learning_rate = relative_stepsize / eigenvalues.sum(axis=1, keepdims=True)  # spectrum × stepsize

    last_iterates = [*decaying_schedules(n_train, p["decay_exponents"], p["constant_fractions"]), Schedule("constant")]
    averages = [Schedule("iterate_average"), Schedule("tail_average")]
    methods = [*last_iterates, *averages]
    n_averaged = np.array([1] * len(last_iterates) + [n_train, n_train // 2])
    factors = np.array([stepsize_factors(method, n_train, p["log_base"]) for method in methods])

    stepsizes = factors[:, None, None] * learning_rate[..., None]  # method × spectrum × stepsize × step
    error_weight, noise_weight = adjoint(stepsizes, eigenvalues[:, None], p["kurtosis"], n_averaged[:, None, None])
    bias = infinite_if_overflown(0.5 * np.einsum("msgi,ti->mstg", error_weight, squared_error))
    variance = infinite_if_overflown(0.5 * p["noise_variance"] * noise_weight[:, :, None])

    grid = product(methods, p["spectra"], p["targets"], relative_stepsize)
    frame = pd.DataFrame(
        method._asdict() | {"spectrum": spectrum_name, "target": target_name, "relative_stepsize": g}
        for method, spectrum_name, target_name, g in grid
    )
    values = {"learning_rate": learning_rate[:, None], "bias": bias, "variance": variance, "risk": bias + variance}
    for name, value in values.items():
        frame[name] = np.broadcast_to(value, bias.shape).ravel()
    return frame.assign(dim=p["dim"], noise_variance=p["noise_variance"], n_train=n_train)


def mark_best(frame: pd.DataFrame) -> pd.DataFrame:
    """Add `is_best`, the smallest risk over the stepsizes (first of equals), and whether it is at an end of the grid."""
    best = frame.groupby(TUNED_FOR, dropna=False)["risk"].idxmin()
    is_best = frame.index.isin(best)
    ends = frame["relative_stepsize"].agg(["min", "max"])
    return frame.assign(is_best=is_best, at_grid_edge=is_best & frame["relative_stepsize"].isin(ends))


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
