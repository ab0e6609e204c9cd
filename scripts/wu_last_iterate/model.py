"""One-pass SGD for least squares: instances, stepsize schedules and the exact second-moment recursion.

All in the eigenbasis of H = E[x xᵀ] with eigenvalues λ_1 ≥ … ≥ λ_d, for features x_i = √λ_i z_i with independent
symmetric z_i of variance 1 and kurtosis κ, labels y = ⟨w*, x⟩ + ξ with noise of variance σ², and w_0 = 0. The excess
risk is ½ (w − w*)ᵀ H (w − w*) [wu_last_iterate, E1].

Functions broadcast over leading (batch) dimensions; the direction i is the last axis of eigenvalues (..., d), the step
t the last axis of stepsizes (..., N).
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro.checks import at_least, finite, one_of

Array = npt.NDArray[np.float64]

LOG_BASE = 2.0
"""Base of the logarithm in the phase length of geometric decay, read off the authors' own plot of it [E2]."""
GAUSSIAN_KURTOSIS = 3.0
SPECTRA = ("power", "power_log")
TARGETS = {"flat": 0.0, "inverse": -1.0, "inverse_square": -2.0}
"""Power of i in w*_i."""


class Schedule(NamedTuple):
    """A stepsize schedule up to its initial stepsize γ_0; the fields are columns of the tables."""

    schedule: str
    """"geometric", "polynomial" or "constant"."""
    decay_exponent: float | None = None
    """Power a of polynomial decay; None for the rest."""
    constant_steps: int = 0
    """Steps s at γ_0 before the decay begins."""


class Risk(NamedTuple):
    """Excess risk of SGD by where it comes from; both parts of one shape."""

    bias: Array
    """From the initial error alone, in the units of the risk."""
    variance: Array
    """From the label noise alone."""

    @property
    def risk(self) -> Array:
        """Their sum, the excess risk."""
        return self.bias + self.variance


def spectrum(name: str, dim: int) -> Array:
    """Eigenvalues λ_i, i = 1..d: "power" is i^-2, "power_log" is i^-1 ln(i+1)^-2 (not normalised); shape (d,).

    ValueError for another name, or less than one dimension.
    """
    one_of("spectrum", name, SPECTRA)
    at_least(1, dim=dim)
    i = np.arange(1.0, dim + 1)
    return i**-2.0 if name == "power" else 1 / (i * np.log(i + 1) ** 2)


def target(name: str, dim: int) -> Array:
    """Coordinates w*_i in the eigenbasis: "flat" is 1, "inverse" is i^-1, "inverse_square" is i^-2; shape (d,).

    ValueError for another name, or less than one dimension.
    """
    one_of("target", name, TARGETS)
    at_least(1, dim=dim)
    return np.arange(1.0, dim + 1) ** TARGETS[name]


def phase_length(n_steps: int, constant_steps: int = 0, log_base: float = LOG_BASE) -> int:
    """Steps K = ⌈(N−s) / log(N−s)⌉ between two halvings of geometric decay [wu_last_iterate, E2].

    Raises
    ------
    ValueError   if fewer than two steps are left after the constant ones (the logarithm vanishes), for a negative number of
        constant steps, or a base that is not above 1.
    """
    decaying = n_steps - constant_steps
    if constant_steps < 0 or decaying < 2:
        raise ValueError(
            f"constant_steps: geometric decay needs 0 or more, and at least 2 steps after them; got {constant_steps} of {n_steps}"
        )
    if not log_base > 1:
        raise ValueError(f"log_base: {log_base} is not above 1")
    # The quotient is exact where the logarithm is (1024 steps, base 2): rounding errors must not add a step.
    return math.ceil(decaying * math.log(log_base) / math.log(decaying) * (1 - 1e-12))


def geometric_phases(n_steps: int, constant_steps: int = 0, log_base: float = LOG_BASE) -> npt.NDArray[np.int64]:
    """Lengths of the phases of geometric decay: phase p has stepsize γ_0 2^-p; they add up to N.

    The first lasts s + K steps, the others K, the last one possibly fewer.
    """
    length = phase_length(n_steps, constant_steps, log_base)
    ends = np.append(np.arange(constant_steps + length, n_steps, length), n_steps)
    return np.diff(ends, prepend=0)


def stepsize_factors(schedule: Schedule, n_steps: int, log_base: float = LOG_BASE) -> Array:
    """Stepsizes relative to the initial one, γ_t / γ_0 for t = 1..N [wu_last_iterate, E2, E3].

    Parameters
    ----------
    schedule : Schedule
        Polynomial decay is (t−s)^−a for t > s.
    n_steps : int
        Number of steps N, which is also the number of samples.
    log_base : float
        Base of the logarithm in the phase length K of geometric decay.

    Returns
    -------
    ndarray, shape (N,)   dimensionless, non-increasing, 1 for t ≤ s.

    Raises
    ------
    ValueError   for an unknown schedule, an exponent where there is none (or none where there is one), or too few steps.
    """
    exponent = schedule.decay_exponent
    one_of("schedule", schedule.schedule, ("geometric", "polynomial", "constant"))
    if (exponent is not None) != (schedule.schedule == "polynomial") or not (exponent or 0.0) >= 0:
        raise ValueError(f"decay_exponent: {exponent} with {schedule.schedule}; polynomial decay needs one of at least 0, the rest None")
    if not 0 <= schedule.constant_steps < n_steps:
        raise ValueError(f"constant_steps: {schedule.constant_steps} is not from 0 to less than the {n_steps} steps")
    if schedule.schedule == "geometric":
        lengths = geometric_phases(n_steps, schedule.constant_steps, log_base)
        return np.repeat(0.5 ** np.arange(len(lengths)), lengths)
    return np.maximum(np.arange(1, n_steps + 1) - schedule.constant_steps, 1) ** -(exponent or 0.0)


def decaying_schedules(n_steps: int, decay_exponents: Iterable[float], constant_fractions: Iterable[float]) -> list[Schedule]:
    """Geometric decay and polynomial decay of each exponent a, each with s = fraction · N constant steps before it."""
    starts = [int(fraction * n_steps) for fraction in constant_fractions]  # rounded down
    exponents = [None, *decay_exponents]
    return [Schedule("polynomial" if a else "geometric", a, s) for a in exponents for s in starts]


def excess_risk(moments: Array, eigenvalues: Array) -> Array:
    """Risk ½ Σ_i λ_i E[e_i²] of error moments (..., d); shape (...)."""
    return 0.5 * _dot(eigenvalues, moments)


def infinite_if_overflown(values: Array) -> Array:
    """Replace inf - inf and the like by +inf: whatever left the floating-point range has diverged."""
    return np.where(np.isfinite(values), values, np.inf)


def last_iterate_risk(
    schedule: Schedule,
    n_steps: int,
    relative_stepsize: npt.ArrayLike,
    *,
    eigenvalues: Array,
    squared_error: Array,
    noise_variance: float = 1.0,
    kurtosis: float = GAUSSIAN_KURTOSIS,
    log_base: float = LOG_BASE,
) -> Risk:
    """Exact bias and variance of the last iterate, from a setting in one call [wu_last_iterate, E5].

    Parameters
    ----------
    schedule, n_steps, log_base
        As in `stepsize_factors`.
    relative_stepsize : array_like, shape (...)
        Initial stepsize g = γ_0 tr(H), dimensionless.
    eigenvalues, squared_error : ndarray, shape (d,)
        Spectrum λ of H, and squared initial error (w*_i)² for w_0 = 0.
    noise_variance, kurtosis : float
        σ², and κ = E[z⁴] of the features.

    Returns
    -------
    Risk   of shape (...); +inf where SGD diverges.
    """
    learning_rate = np.asarray(relative_stepsize, dtype=float) / eigenvalues.sum()
    factors = stepsize_factors(schedule, n_steps, log_base)
    error_weight, noise_weight = adjoint(factors * learning_rate[..., None], eigenvalues, kurtosis)
    return Risk(infinite_if_overflown(0.5 * error_weight @ squared_error), infinite_if_overflown(0.5 * noise_variance * noise_weight))


def risk_trajectory(
    stepsizes: Array, eigenvalues: Array, squared_error: Array, noise_variance: float | Array, kurtosis: float | Array
) -> Array:
    """Exact risk of SGD after every step, by the second-moment recursion [wu_last_iterate, E4].

    The recursion is linear, so `noise_variance` 0 gives the bias, and `squared_error` 0 the variance.

    Parameters
    ----------
    stepsizes : ndarray, shape (..., N)
        Stepsizes γ_t, in units of 1/λ.
    eigenvalues : ndarray, shape (..., d)
        Spectrum λ of H.
    squared_error : ndarray, shape (..., d)
        Moments E[e_0,i²] of the initial error; (w*_i)² for w_0 = 0.
    noise_variance, kurtosis : float or ndarray, shape (...)
        σ² (a variance), and κ = E[z⁴] of the features: 3 for Gaussian ones.

    Returns
    -------
    ndarray, shape (..., N)   risk of w_1, …, w_N.

    Raises
    ------
    ValueError   if an argument is not finite, or κ below 1.
    """
    _check(kurtosis, stepsizes=stepsizes, eigenvalues=eigenvalues, squared_error=squared_error, noise_variance=noise_variance)
    batch = np.broadcast_shapes(stepsizes.shape[:-1], eigenvalues.shape[:-1], np.shape(noise_variance), np.shape(kurtosis))
    moments = np.broadcast_to(squared_error, (*batch, eigenvalues.shape[-1]))
    risk = np.empty((stepsizes.shape[-1], *batch))
    for t, stepsize in enumerate(np.moveaxis(stepsizes, -1, 0)):
        source = _dot(eigenvalues, moments) + noise_variance
        moments = _step(moments, source, stepsize, eigenvalues, kurtosis)
        risk[t] = excess_risk(moments, eigenvalues)
    return np.moveaxis(risk, 0, -1)


def adjoint(
    stepsizes: Array, eigenvalues: Array, kurtosis: float | Array = GAUSSIAN_KURTOSIS, n_averaged: npt.ArrayLike = 1
) -> tuple[Array, Array]:
    """Weights of initial error and noise in the risk of SGD: one backward pass for all w*, σ² [wu_last_iterate, E5, E6].

    The output of SGD is the average of its last M iterates; M = 1 is the last iterate. Cross moments of two iterates,
    E[e_t e_k] for k > t, are E[e_t²] Π_{t<j≤k} (1 − γ_j λ), so the average is as exact as the last iterate.

    Parameters
    ----------
    stepsizes : ndarray, shape (..., N)
        Stepsizes γ_t, in units of 1/λ.
    eigenvalues : ndarray, shape (..., d)
        Spectrum λ of H.
    kurtosis : float or ndarray, shape (...)
        κ = E[z⁴] of the features: 3 for Gaussian ones.
    n_averaged : array_like of int, shape (...)
        Number M of iterates averaged, 1 to N.

    Returns
    -------
    error_weight : ndarray, shape (..., d)   u, in bias = ½ Σ_i u_i E[e_0,i²]; units of λ.
    noise_weight : ndarray, shape (...)   a, in variance = ½ a σ²; dimensionless.
        Both are inf or nan where the recursion left the floating-point range.

    Raises
    ------
    ValueError   if an argument is not finite, the kurtosis below 1, or the number of averaged iterates not from 1 to N.
    """
    n_steps = stepsizes.shape[-1]
    n_averaged = np.asarray(n_averaged, dtype=float)
    _check(kurtosis, stepsizes=stepsizes, eigenvalues=eigenvalues)
    if not np.all((n_averaged >= 1) & (n_averaged <= n_steps) & (n_averaged % 1 == 0)):
        raise ValueError(f"n_averaged: {n_averaged} must be whole numbers from 1 to the {n_steps} steps")
    batch = np.broadcast_shapes(stepsizes.shape[:-1], eigenvalues.shape[:-1], np.shape(kurtosis), n_averaged.shape)
    error_weight = np.zeros((*batch, eigenvalues.shape[-1]))
    noise_weight = np.zeros(batch)
    later = np.zeros_like(error_weight)  # Σ_{k>t} Π_{t<j≤k} (1 − γ_j λ) for the averaged iterates after t
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(n_steps, 0, -1):
            stepsize = stepsizes[..., t - 1]
            averaged = t > n_steps - n_averaged
            if averaged.any():
                error_weight += (averaged / n_averaged**2)[..., None] * eigenvalues * (1 + 2 * later)
                later = (1 - stepsize[..., None] * eigenvalues) * (1 + later)
            source = _dot(eigenvalues, error_weight)
            noise_weight += stepsize**2 * source
            error_weight = _step(error_weight, source, stepsize, eigenvalues, kurtosis)
    return error_weight, noise_weight


def _step(moments: Array, source: Array, stepsize: Array, eigenvalues: Array, kurtosis: float | Array) -> Array:
    """One step s ← (1 − 2γλ + (κ−1)γ²λ²) s + γ²λ · source; the matrix is symmetric, so it serves the adjoint too."""
    rate = stepsize[..., None] * eigenvalues
    drift = (np.asarray(kurtosis)[..., None] - 1) * rate - 2
    return moments + rate * (drift * moments + (stepsize * source)[..., None])


def _dot(left: Array, right: Array) -> Array:
    """Inner product over the last axis; leading axes broadcast."""
    return np.einsum("...i,...i->...", left, right)


def _check(kurtosis: float | Array, **arguments: npt.ArrayLike) -> None:
    """Refuse what is not a number, which would end as a result; a recursion that overflows is another matter."""
    finite(kurtosis=kurtosis, **arguments)
    at_least(1, kurtosis=kurtosis)
