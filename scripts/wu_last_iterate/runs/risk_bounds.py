"""Exact bias and variance beside the terms of their bounds, for geometric and polynomial decay.

Table `risk_bounds` [wu_last_iterate, E5, E7, E8, E9, E10]: exact values by the adjoint recursion, effective
dimensions and bias terms without constants; signal-to-noise ratio and largest stepsize of the theorem [E15, E16].
"""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd

from repro.job import job
from scripts.wu_last_iterate.bounds import bias_terms, geometric_dimension, largest_stepsize, polynomial_dimension
from scripts.wu_last_iterate.model import (
    Schedule,
    adjoint,
    decaying_schedules,
    phase_length,
    spectrum,
    stepsize_factors,
    target,
)


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Tables of the run from its parameters."""
    frames = [
        bounds_on_grid(schedule, dim, n_train, p)
        for dim, n_train in product(p["dims"], p["n_train"])
        for schedule in decaying_schedules(n_train, p["decay_exponents"], p["constant_fractions"])
    ]
    return {"risk_bounds": pd.concat(frames, ignore_index=True)}


def bounds_on_grid(schedule: Schedule, dim: int, n_train: int, p: Mapping) -> pd.DataFrame:
    """Exact values and bounds of one schedule: one row a spectrum, target and stepsize."""
    eigenvalues = np.array([spectrum(name, dim) for name in p["spectra"]])[:, None, None]
    squared_error = np.array([target(name, dim) ** 2 for name in p["targets"]])[:, None]
    learning_rate = np.array(p["relative_stepsizes"]) / eigenvalues.sum(axis=-1)  # spectrum × 1 × stepsize
    factors = stepsize_factors(schedule, n_train, p["log_base"])
    error_weight, noise_weight = adjoint(factors * learning_rate[..., None], eigenvalues, p["kurtosis"])

    values = {"scaled_variance": noise_weight, "scaled_bias": np.sum(error_weight * squared_error, axis=-1)}
    if schedule.schedule == "geometric":
        length = phase_length(n_train, schedule.constant_steps, p["log_base"])
        values |= geometric_dimension(eigenvalues, learning_rate, length, schedule.constant_steps)._asdict()
        values |= bias_terms(eigenvalues, learning_rate, squared_error, length, schedule.constant_steps)
        values |= {"phase_length": length, "dimension_bound": dim / length}
    else:
        values |= polynomial_dimension(eigenvalues, learning_rate, factors, schedule.constant_steps)._asdict()

    values |= {"signal_to_noise": np.sum(eigenvalues * squared_error, axis=-1) / p["noise_variance"]}
    rows = list(product(p["spectra"], p["targets"], p["relative_stepsizes"]))
    frame = pd.DataFrame(rows, columns=["spectrum", "target", "relative_stepsize"])
    frame = frame.assign(**schedule._asdict(), dim=dim, n_train=n_train, noise_variance=p["noise_variance"]).astype(
        {"decay_exponent": float}
    )
    frame["theorem_stepsize"] = largest_stepsize(n_train, p["log_base"])
    shape = [len(p[axis]) for axis in ("spectra", "targets", "relative_stepsizes")]
    return frame.assign(**{name: np.broadcast_to(value, shape).ravel() for name, value in values.items()})


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
