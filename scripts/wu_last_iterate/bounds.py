"""Effective dimensions and bias terms of the risk bounds, without constants, and the range of the theorem [wu_last_iterate].

Functions broadcast over leading dimensions: learning rates γ_0 (...), eigenvalues λ (..., d). A direction belongs to
the head, the middle or the tail by how far SGD moves along it: 1/γ_0 is compared with λ times a number of steps.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro.checks import at_least, positive
from scripts.wu_last_iterate.model import LOG_BASE, Array

ALPHA = 3.0
"""Fourth-moment constant α of Gaussian features."""


class EffectiveDimension(NamedTuple):
    """Variance per σ² of a schedule, up to constants, with the two cut-offs in the spectrum."""

    effective_dimension: Array
    """D, shape (...), dimensionless: 2 variance / σ² is between two constants times it."""
    k_star: npt.NDArray[np.int64]
    """Number of head directions, k* (polynomial decay: k_a)."""
    k_dagger: npt.NDArray[np.int64]
    """Number of head and middle directions, k† (polynomial decay: k_b)."""


def geometric_dimension(eigenvalues: Array, learning_rate: Array, phase_length: int, constant_steps: int) -> EffectiveDimension:
    """Effective dimension D of (tail-)geometric decay [wu_last_iterate, E7].

    Parameters
    ----------
    eigenvalues : ndarray, shape (..., d)
        Spectrum λ of H, descending.
    learning_rate : ndarray, shape (...)
        Initial stepsize γ_0, in units of 1/λ.
    phase_length, constant_steps : int
        Steps K between two halvings, and steps s before the first phase.

    Returns
    -------
    EffectiveDimension
        D = k*/K + γ_0 Σ_{k*<i≤k†} λ_i + γ_0² (s+K) Σ_{i>k†} λ_i²: per sample, so K·D is a number of directions.

    Raises
    ------
    ValueError   for a learning rate that is not positive, a phase without a step, or a negative number of constant steps.
    """
    positive(learning_rate=learning_rate)
    at_least(1, phase_length=phase_length)
    at_least(0, constant_steps=constant_steps)
    horizon = constant_steps + phase_length
    rate = learning_rate[..., None] * eigenvalues
    head, reached = rate * phase_length >= 1, rate * horizon >= 1
    per_direction = np.where(head, 1 / phase_length, np.where(reached, rate, horizon * rate**2))
    return EffectiveDimension(per_direction.sum(-1), head.sum(-1), reached.sum(-1))


def polynomial_dimension(eigenvalues: Array, learning_rate: Array, factors: Array, constant_steps: int) -> EffectiveDimension:
    """Effective dimension D_poly of polynomial decay [wu_last_iterate, E10].

    Parameters
    ----------
    eigenvalues, learning_rate
        As in `geometric_dimension`.
    factors : ndarray, shape (N,)
        γ_t / γ_0 of the schedule.
    constant_steps : int
        Steps s before the decay.

    Returns
    -------
    EffectiveDimension
        D_poly = γ_N Σ_{i≤k_a} λ_i + γ_0 Σ_{k_a<i≤k_b} λ_i + γ_0² q Σ_{i>k_b} λ_i², where q = s + Σ_{t>s} (γ_t/γ_0)².

    Raises
    ------
    ValueError   for a learning rate or factor that is not positive, or no step after the constant ones.
    """
    positive(learning_rate=learning_rate)
    positive(factors=factors)
    if not 0 <= constant_steps < len(factors):
        raise ValueError(f"constant_steps: {constant_steps} is not from 0 to less than the {len(factors)} steps")
    decaying = factors[constant_steps:]
    rate = learning_rate[..., None] * eigenvalues
    head, reached = rate * decaying.sum() >= 1, rate * (constant_steps + decaying.sum()) >= 1
    squared_steps = constant_steps + np.sum(decaying**2)
    per_direction = np.where(head, factors[-1] * rate, np.where(reached, rate, squared_steps * rate**2))
    return EffectiveDimension(per_direction.sum(-1), head.sum(-1), reached.sum(-1))


def bias_terms(eigenvalues: Array, learning_rate: Array, squared_error: Array, phase_length: int, constant_steps: int) -> dict[str, Array]:
    """Terms of the upper and lower bound on twice the bias of (tail-)geometric decay [wu_last_iterate, E8, E9].

    Parameters
    ----------
    eigenvalues, learning_rate, phase_length, constant_steps
        As in `geometric_dimension`.
    squared_error : ndarray, shape (..., d)
        Squared initial error e_0,i² = (w*_i)².

    Returns
    -------
    dict of ndarray, shape (...)   in units of the risk, with neither constant nor logarithm:
        ``bias_lower_decay`` Σ λ_i (1−γ_0λ_i)^{2(s+2K)} e_0,i², ``bias_lower_tail`` ‖e_0‖²_{H,>k†} D,
        ``bias_upper_decay`` Σ_i min(λ_i, 1/(γ_0K)) (1−γ_0λ_i)^{2(s+K)} e_0,i², the minimum being 1/(γ_0K) for i ≤ k*,
        ``bias_upper_tail`` ‖e_0‖²_H D.
    """
    dimension = geometric_dimension(eigenvalues, learning_rate, phase_length, constant_steps).effective_dimension
    horizon = constant_steps + phase_length
    rate = learning_rate[..., None] * eigenvalues
    energy = eigenvalues * squared_error
    weight = np.minimum(eigenvalues, 1 / (learning_rate[..., None] * phase_length))
    return {
        "bias_lower_decay": np.sum((1 - rate) ** (2 * (horizon + phase_length)) * energy, axis=-1),
        "bias_lower_tail": np.where(rate * horizon >= 1, 0, energy).sum(-1) * dimension,
        "bias_upper_decay": np.sum((1 - rate) ** (2 * horizon) * weight * squared_error, axis=-1),
        "bias_upper_tail": energy.sum(-1) * dimension,
    }


def largest_stepsize(n_steps: int, log_base: float = LOG_BASE, alpha: float = ALPHA) -> float:
    """Relative stepsize g = γ_0 tr(H) below which the theorem holds, 1/(4 α log N) [wu_last_iterate, E16].

    Raises
    ------
    ValueError   for fewer than two steps (the logarithm vanishes).
    """
    at_least(2, n_steps=n_steps)
    return float(np.log(log_base) / (4 * alpha * np.log(n_steps)))
