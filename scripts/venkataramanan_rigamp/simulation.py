"""RI-GAMP and VAMP on random instances [venkataramanan_rigamp, E3, E10]."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro import seeds
from scripts.venkataramanan_rigamp.inputs import Design, draw_design
from scripts.venkataramanan_rigamp.model import Model, draw_output, draw_signal, output_posterior, signal_posterior
from scripts.venkataramanan_rigamp.theory import Schedule

Array = npt.NDArray[np.float64]

PAPER = "venkataramanan_rigamp"


class Instance(NamedTuple):
    """A signal, shape (n,), and what is observed of it, shape (m,), through a design."""

    design: Design
    signal: Array
    output: Array


class Errors(NamedTuple):
    """Mean squared error and squared correlation of estimates with the signal, one entry an iteration."""

    mse: Array
    squared_correlation: Array


def seeded_design(run: str, model: Model, dim: int, seed: int) -> Design:
    """Design of one seed; models of one spectrum and sampling ratio share it."""
    rng = seeds.generator(PAPER, run, "design", model.spectrum, float(model.sampling_ratio), seed=seed)
    return draw_design(rng, model.spectrum, model.sampling_ratio, dim)


def seeded_instance(run: str, name: str, model: Model, design: Design, seed: int) -> Instance:
    """Signal and output of one seed on a design; `name` tells the streams of models apart."""
    rng = seeds.generator(PAPER, run, "instance", name, seed=seed)
    signal = draw_signal(rng, model, design.matrix.shape[1])
    return Instance(design, signal, draw_output(rng, model, design.matrix @ signal))


def rigamp(model: Model, matrix: Array, output: Array, schedule: Schedule, n_iterations: int) -> Array:
    """Estimates of RI-GAMP: two products with the design an iteration, no decomposition [venkataramanan_rigamp, E3, E6].

    Parameters
    ----------
    model : Model
    matrix : ndarray, shape (m, n)
    output : ndarray, shape (m,)
    schedule : Schedule
        Onsager coefficients and weights. Where it ends early, the last estimate stays.
    n_iterations : int

    Returns
    -------
    ndarray, shape (n_iterations, n)   entries are not finite once the iteration has overflowed.

    Raises
    ------
    ValueError   if the design does not fit the output, or there is no iteration.
    """
    _fits(matrix, output, n_iterations)
    n_made = min(n_iterations, schedule.n_iterations)
    n_rows, dim = matrix.shape
    fields, estimates = np.zeros((n_made, dim)), np.zeros((n_iterations, dim))
    residuals, scores = np.zeros((n_made, n_rows)), np.zeros((n_made + 1, n_rows))
    scores[0] = _score(model, output, np.zeros(n_rows), schedule.output_variance[0])
    for t in range(1, n_made + 1):
        now = np.s_[1 : t + 1]
        fields[t - 1] = scores[t - 1] @ matrix - schedule.beta[t, 1:t] @ estimates[: t - 1]
        summary = schedule.signal_weights[t, now] @ fields[:t]
        estimates[t - 1] = signal_posterior(model, summary, schedule.signal_noise[t - 1])[0]
        if t < n_made:
            residuals[t - 1] = matrix @ estimates[t - 1] - schedule.alpha[t, now] @ scores[:t]
            scores[t] = _score(model, output, schedule.output_weights[t, now] @ residuals[:t], schedule.output_variance[t])
    estimates[n_made:] = estimates[n_made - 1]
    return estimates


def _score(model: Model, output: Array, mean: Array, variance: float) -> Array:
    """What the output adds to the mean of z, in units of its variance."""
    return (output_posterior(model, output, mean, variance)[0] - mean) / variance


def vamp(model: Model, design: Design, output: Array, n_iterations: int) -> Array:
    """Estimates of Vector AMP, which needs the singular value decomposition [venkataramanan_rigamp, E10].

    Parameters
    ----------
    model : Model
    design : Design
    output : ndarray, shape (m,)
    n_iterations : int

    Returns
    -------
    ndarray, shape (n_iterations, n)

    Raises
    ------
    ValueError   if the design does not fit the output, or there is no iteration.
    """
    _, left, singular, right = design
    _fits(design.matrix, output, n_iterations)
    n_rows, dim = design.matrix.shape
    squared = singular**2
    estimates = np.zeros((n_iterations, dim))
    output_mean, output_precision = np.zeros(n_rows), n_rows / squared.sum()
    signal_mean, signal_precision = np.zeros(dim), 1.0
    for t in range(n_iterations):
        mean, variances = output_posterior(model, output, output_mean, 1 / output_precision)
        message, extrinsic = _news(mean, variances.mean(), output_mean, output_precision)
        seen = extrinsic * singular * (message @ left)
        rotated = right @ signal_mean
        known = 1 / (signal_precision + extrinsic * squared)
        linear = signal_mean + (known * (seen + signal_precision * rotated) - rotated) @ right
        variance = (known.sum() + (dim - len(singular)) / signal_precision) / dim
        field, precision = _news(linear, variance, signal_mean, signal_precision)
        estimates[t], variances = signal_posterior(model, field, 1 / precision)
        signal_mean, signal_precision = _news(estimates[t], variances.mean(), field, precision)
        known = 1 / (signal_precision + extrinsic * squared)
        linear = left @ (singular * known * (seen + signal_precision * (right @ signal_mean)))
        output_mean, output_precision = _news(linear, (squared * known).sum() / n_rows, message, extrinsic)
    return estimates


def _news(mean: Array, variance: float, told: Array, precision: float) -> tuple[Array, float]:
    """Mean and precision of what an estimate says beyond what it was told."""
    own = 1 / variance - precision
    return (mean / variance - precision * told) / own, own


def errors(estimates: Array, signal: Array) -> Errors:
    """Errors of estimates, shape (n_iterations, n), of a signal, shape (n,).

    Returns
    -------
    Errors   of shape (n_iterations,); not finite where an estimate is not, or is zero.
    """
    product, power = estimates @ signal, (estimates**2).sum(axis=1)
    return Errors(((estimates - signal) ** 2).mean(axis=1), product**2 / (power * (signal @ signal)))


def _fits(matrix: Array, output: Array, n_iterations: int) -> None:
    if output.shape != matrix.shape[:1]:
        raise ValueError(f"output must have one entry for each of {len(matrix)} rows of the design, not shape {output.shape}")
    if n_iterations < 1:
        raise ValueError(f"n_iterations must be 1 or more, not {n_iterations}")
