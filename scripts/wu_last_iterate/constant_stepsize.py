"""What is special about a constant stepsize: whole phases in closed form, stationary floor, stability limit.

Notation as in `model` [wu_last_iterate, E12, E13, E14].
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from repro.checks import at_least, finite, positive
from scripts.wu_last_iterate.model import Array


class Phase(NamedTuple):
    """Eigensystem of one SGD step on the second moments: s ← s − Q diag(ν) Qᵀ s + σ² · drive."""

    loss: Array
    """ν, shape (d,): share lost in a step along each eigenvector; negative if unstable."""
    vectors: Array
    """Q, shape (d, d), eigenvectors as columns."""
    drive: Array
    """γ²λ, shape (d,)."""


def diagonalise(learning_rate: float, eigenvalues: Array, kurtosis: float) -> Phase:
    """Diagonalise a step of constant size γ (units of 1/λ) for a spectrum of shape (d,) [wu_last_iterate, E12].

    Works with I − A instead of the step matrix A: slow directions keep their relative precision.

    ValueError if γ or an eigenvalue is not positive, or κ below 1.
    """
    positive(learning_rate=learning_rate)
    positive(eigenvalues=eigenvalues)
    at_least(1, kurtosis=kurtosis)
    rate = learning_rate * eigenvalues
    matrix = np.diag(2 * rate - (kurtosis - 1) * rate**2) - np.outer(rate, rate)
    loss, vectors = np.linalg.eigh(matrix)
    return Phase(np.minimum(loss, 1), vectors, learning_rate * rate)  # A is positive semi-definite: ν ≤ 1


def advance(moments: Array, noise_variance: npt.ArrayLike, phase: Phase, n_steps: int) -> Array:
    """Second moments after n steps of constant size, in closed form [wu_last_iterate, E12].

    Parameters
    ----------
    moments : ndarray, shape (..., d)
        E[e_i²] before the phase.
    noise_variance : array_like, shape (...)
        σ² of the label noise.
    phase : Phase
        Eigensystem of the step.
    n_steps : int
        Number of steps n; the cost does not depend on it.

    Returns
    -------
    ndarray, shape (..., d)

    Raises
    ------
    ValueError   for a negative number of steps, or moments that are not finite.
    """
    at_least(0, n_steps=n_steps)
    finite(moments=moments, noise_variance=noise_variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_kept = n_steps * np.log1p(-phase.loss)
        repeats = np.where(np.abs(phase.loss) < 1e-14, n_steps, -np.expm1(log_kept) / phase.loss)
    source = np.asarray(noise_variance)[..., None] * (phase.drive @ phase.vectors)
    return (np.exp(log_kept) * (moments @ phase.vectors) + repeats * source) @ phase.vectors.T


def stationary_risk(learning_rate: float, eigenvalues: Array, noise_variance: float, kurtosis: float) -> float:
    """Floor ½ σ² γS/(1−γS), S = Σ λ_i/(2−(κ−1)γλ_i), at which the risk of constant stepsize stops [wu_last_iterate, E13].

    Raises
    ------
    ValueError   if the stepsize is not stable, see `critical_learning_rate`.
    """
    if not 0 < learning_rate < critical_learning_rate(eigenvalues, kurtosis):
        raise ValueError(f"no stationary state: stepsize {learning_rate} is not between 0 and the stability limit")
    load = _stability_load(learning_rate, eigenvalues, kurtosis)
    return 0.5 * noise_variance * load / (1 - load)


def critical_learning_rate(eigenvalues: Array, kurtosis: float) -> float:
    """Largest γ_0 (units of 1/λ) of mean-square stability, Σ γλ_i/(2−(κ−1)γλ_i) = 1 [wu_last_iterate, E14].

    ValueError if an eigenvalue is not positive, or κ below 1.
    """
    positive(eigenvalues=eigenvalues)
    at_least(1, kurtosis=kurtosis)
    # At 2/(κ λ_1) the first term alone is 1, and the pole 2/((κ−1) λ_1) is not reached.
    upper = 2 / (kurtosis * eigenvalues.max()) * (1 + 1e-9)
    return float(brentq(lambda rate: _stability_load(rate, eigenvalues, kurtosis) - 1, 0.0, upper, xtol=1e-14))


def _stability_load(learning_rate: float, eigenvalues: Array, kurtosis: float) -> float:
    """γS = Σ γλ_i/(2−(κ−1)γλ_i); 1 at the limit of stability."""
    rate = learning_rate * eigenvalues
    return float(np.sum(rate / (2 - (kurtosis - 1) * rate)))
