"""Averages over Gaussian variables: of any function of one, and closed forms for g(z) = erf(z/√2).

The closed forms take covariances with any leading dimensions and return arrays of the same leading dimensions; all entries,
the diagonal included, follow from one closed form.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks

Array = npt.NDArray[np.float64]


class NormalGrid(NamedTuple):
    """Equidistant points of a standard Gaussian, from −half_width to half_width standard deviations."""

    n_points: int = 4001
    half_width: float = 10.0


STANDARD_GRID = NormalGrid()


def expectation(function: Callable[[Array], Array], mean: float = 0.0, std: float = 1.0, grid: NormalGrid = STANDARD_GRID) -> float:
    """E f(x) for x ~ N(mean, std²), by the trapezoidal rule with weights that sum to one.

    For functions that vary over a small part of a standard deviation, such as posterior means at low noise, where
    Gauss–Hermite rules of feasible order are not accurate.

    Parameters
    ----------
    function : takes points x, shape (n_points,), and returns values of that shape.
    grid : number and range of the points.

    Raises
    ------
    ValueError   if `std` is negative or not a number, or the grid has less than two points or no width.
    """
    if not std >= 0:
        raise ValueError(f"expectation: std must be 0 or more, not {std}")
    if grid.n_points < 2 or not grid.half_width > 0:
        raise ValueError(f"expectation: a grid needs two points or more and a positive half_width, not {grid}")
    normal = np.linspace(-grid.half_width, grid.half_width, grid.n_points)
    weights = np.exp(-(normal**2) / 2)
    return float(weights @ function(mean + std * normal) / weights.sum())


def erf_slope(variance: Array) -> Array:
    """E g'(z), elementwise.

    Parameters
    ----------
    variance : ndarray
        Variances of single fields z, any shape.

    Returns
    -------
    ndarray, same shape
    """
    return np.sqrt(2 / np.pi) / np.sqrt(1 + variance)


def erf_third(variance: Array) -> Array:
    """E g'''(z), elementwise; by Stein's lemma also E[g''(z) y] / E[z y] for y jointly Gaussian with z.

    Parameters
    ----------
    variance : ndarray
        Variances of single fields z, any shape.

    Returns
    -------
    ndarray, same shape
    """
    return -np.sqrt(2 / np.pi) * (1 + variance) ** -1.5


def erf_i2(covariance: Array) -> Array:
    """I2 = E[g(z_k) g(z_l)] of every pair of fields.

    Parameters
    ----------
    covariance : ndarray, shape (..., K, K)

    Returns
    -------
    ndarray, shape (..., K, K)
    """
    spread = np.sqrt(1 + _variances(covariance))
    return 2 / np.pi * np.arcsin(covariance / (spread[..., :, None] * spread[..., None, :]))


def erf_slope_slope(covariance: Array) -> Array:
    """E[g'(z_k) g'(z_l)] of every pair of fields.

    Parameters
    ----------
    covariance : ndarray, shape (..., K, K)

    Returns
    -------
    ndarray, shape (..., K, K)
    """
    return 2 / np.pi / _root_determinant(covariance)


def erf_curvature_value(covariance: Array) -> Array:
    """E[g''(z_k) g(z_l)] of every pair of fields (not symmetric).

    Parameters
    ----------
    covariance : ndarray, shape (..., K, K)

    Returns
    -------
    ndarray, shape (..., K, K)
    """
    widened = 1 + _variances(covariance)[..., :, None]
    return -2 / np.pi * covariance / (widened * _root_determinant(covariance))


def erf_i3(covariance: Array, n_slopes: int | None = None) -> Array:
    """I3 = E[g'(z_i) z_j g(z_k)] of every triple of fields.

    Parameters
    ----------
    covariance : ndarray, shape (..., K, K)
    n_slopes : int, optional
        Only the first n fields as i; all by default.

    Returns
    -------
    ndarray, shape (..., n, K, K)   indices i, j, k.

    Raises
    ------
    ValueError   if `n_slopes` is not between 1 and K.
    """
    n = _n_slopes(covariance, n_slopes)
    shared = covariance[..., :n, :]
    widened = 1 + _variances(covariance)[..., :n, None, None]
    weight = 2 / np.pi / (widened * _root_determinant(covariance)[..., :n, None, :])
    return weight * (widened * covariance[..., None, :, :] - shared[..., :, None] * shared[..., None, :])


def erf_i4(covariance: Array, n_slopes: int | None = None) -> Array:
    """I4 = E[g'(z_i) g'(z_j) g(z_k) g(z_l)] of every four fields.

    Parameters
    ----------
    covariance : ndarray, shape (..., K, K)
    n_slopes : int, optional
        Only the first n fields as i and j; all by default.

    Returns
    -------
    ndarray, shape (..., n, n, K, K)   indices i, j, k, l.

    Raises
    ------
    ValueError   if `n_slopes` is not between 1 and K.
    """
    n = _n_slopes(covariance, n_slopes)
    shared = covariance[..., :n, :]
    of_i, of_j = shared[..., :, None, :], shared[..., None, :, :]
    widened = 1 + _variances(shared[..., :n])
    widened_i, widened_j, c_ij = widened[..., :, None, None], widened[..., None, :, None], shared[..., :n, None]
    determinant = widened_i * widened_j - c_ij**2
    # What the two slopes leave of the covariance of k and l, times the determinant.
    to_i, to_j = widened_j * of_i - c_ij * of_j, widened_i * of_j - c_ij * of_i
    spread = determinant * (1 + _variances(covariance)[..., None, None, :]) - of_i * to_i - of_j * to_j
    left = (
        determinant[..., None] * covariance[..., None, None, :, :]
        - of_i[..., None] * to_i[..., None, :]
        - of_j[..., None] * to_j[..., None, :]
    )
    root = np.sqrt(spread)
    angle = np.arcsin(np.clip(left / (root[..., :, None] * root[..., None, :]), -1, 1))
    return 4 / np.pi**2 * angle / np.sqrt(determinant)[..., None]


def _n_slopes(covariance: Array, n_slopes: int | None) -> int:
    """Number of leading fields that stand under g'."""
    n_fields: int = covariance.shape[-1]
    if n_slopes is None:
        return n_fields
    checks.within("n_slopes", n_slopes, 1, n_fields)
    return n_slopes


def _variances(covariance: Array) -> Array:
    """Diagonal of the last two dimensions."""
    return np.diagonal(covariance, axis1=-2, axis2=-1)


def _root_determinant(covariance: Array) -> Array:
    """√((1 + c_kk)(1 + c_ll) − c_kl²) of every pair."""
    widened = 1 + _variances(covariance)
    return np.sqrt(widened[..., :, None] * widened[..., None, :] - covariance**2)
