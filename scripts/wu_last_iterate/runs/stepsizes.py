"""Exact risk against the initial stepsize, and against the sample size with the floor of constant stepsize.

Tables [wu_last_iterate, E5, E12, E13, E14, E16], λ = i^-2 and w* flat: `stepsize_scan` at one sample size by the adjoint
recursion; `horizon_scan` at one stepsize in closed form, so that long horizons cost nothing.
"""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd

from repro.job import job
from scripts.wu_last_iterate.bounds import largest_stepsize
from scripts.wu_last_iterate.constant_stepsize import advance, critical_learning_rate, diagonalise, stationary_risk
from scripts.wu_last_iterate.model import (
    Schedule,
    adjoint,
    excess_risk,
    geometric_phases,
    infinite_if_overflown,
    spectrum,
    stepsize_factors,
    target,
)

KURTOSIS = 3.0
"""Gaussian features."""


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Tables of the run from its parameters."""
    return {"stepsize_scan": stepsize_scan(p), "horizon_scan": horizon_scan(p)}


def stepsize_scan(p: Mapping) -> pd.DataFrame:
    """Risk of four schedules at one sample size: one row a schedule and relative stepsize."""
    n_train, eigenvalues, squared_error = p["n_train"], spectrum("power", p["dim"]), target("flat", p["dim"]) ** 2
    schedules = [
        Schedule("geometric"),
        Schedule("geometric", constant_steps=n_train // 2),
        Schedule("polynomial", p["decay_exponent"]),
        Schedule("constant"),
    ]
    relative_stepsize = np.geomspace(p["relative_stepsize_min"], p["relative_stepsize_max"], p["n_stepsizes"])
    factors = np.array([stepsize_factors(schedule, n_train, p["log_base"]) for schedule in schedules])
    learning_rate = relative_stepsize / eigenvalues.sum()
    stepsizes = factors[:, None] * learning_rate[:, None]  # schedule × stepsize × step
    error_weight, noise_weight = adjoint(stepsizes, eigenvalues, KURTOSIS)
    bias = infinite_if_overflown(0.5 * error_weight @ squared_error)
    variance = infinite_if_overflown(0.5 * p["noise_variance"] * noise_weight)

    frame = pd.DataFrame(schedule._asdict() | {"relative_stepsize": g} for schedule, g in product(schedules, relative_stepsize))
    return frame.assign(
        n_train=n_train,
        bias=bias.ravel(),
        variance=variance.ravel(),
        risk=(bias + variance).ravel(),
        theorem_stepsize=largest_stepsize(n_train, p["log_base"]),
        critical_stepsize=critical_learning_rate(eigenvalues, KURTOSIS) * eigenvalues.sum(),
    )


def horizon_scan(p: Mapping) -> pd.DataFrame:
    """Risk of constant stepsize and geometric decay: one row a schedule and sample size."""
    eigenvalues, noise_variance = spectrum("power", p["dim"]), p["noise_variance"]
    learning_rate = p["horizon_relative_stepsize"] / eigenvalues.sum()
    phase_lengths = {}
    for n_train in p["horizon_n_train"]:
        phase_lengths[n_train, "constant", 0] = [n_train]
        for constant_steps in (0, n_train // 2):
            phase_lengths[n_train, "geometric", constant_steps] = geometric_phases(n_train, constant_steps, p["log_base"])
    longest = max(map(len, phase_lengths.values()))
    phases = [diagonalise(learning_rate * 0.5**k, eigenvalues, KURTOSIS) for k in range(longest)]

    start = np.array([target("flat", p["dim"]) ** 2, np.zeros(p["dim"])])  # bias: initial error, no noise; then variance
    noise = np.array([0.0, noise_variance])
    rows = []
    for (n_train, schedule, constant_steps), lengths in phase_lengths.items():
        moments = start
        for phase, length in zip(phases, lengths, strict=False):
            moments = advance(moments, noise, phase, length)
        rows.append((n_train, schedule, constant_steps, *excess_risk(moments, eigenvalues)))
    frame = pd.DataFrame(rows, columns=["n_train", "schedule", "constant_steps", "bias", "variance"])
    return frame.assign(
        relative_stepsize=p["horizon_relative_stepsize"],
        risk=frame["bias"] + frame["variance"],
        floor=stationary_risk(learning_rate, eigenvalues, noise_variance, KURTOSIS),
    )


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
