"""Averages of g(z) = erf(z/√2) and its derivatives over zero-mean Gaussian fields.

Every function takes covariances with any leading dimensions and returns arrays of the same leading dimensions; all entries,
the diagonal included, follow from one closed form.
"""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


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


def _variances(covariance: Array) -> Array:
    """Diagonal of the last two dimensions."""
    return np.diagonal(covariance, axis1=-2, axis2=-1)


def _root_determinant(covariance: Array) -> Array:
    """√((1 + c_kk)(1 + c_ll) − c_kl²) of every pair."""
    widened = 1 + _variances(covariance)
    return np.sqrt(widened[..., :, None] * widened[..., None, :] - covariance**2)
