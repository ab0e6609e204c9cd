"""Gaussian averages of the activations erf(z/√2), max(0, z) and z [refinetti_autoencoders, E2].

X_k = λ_k + β_k, where the fields λ have zero mean and covariance Q and the biases β are constants. Any leading dimensions
(seed, time) are allowed.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from repro import gaussian
from repro.checks import one_of

Array = npt.NDArray[np.float64]

_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(24)
_LARGEST_CORRELATION = 1 - 1e-12


class Averages(NamedTuple):
    """The averages that the error and the dynamics need, K units.

    The last two are needed for trained biases only: None for activations that are used without.
    """

    slope: Array  # e1_k = E g'(X_k), shape (..., K)
    third: Array  # e3_k = E g'''(X_k), shape (..., K)
    product: Array  # I2_kl = E g(X_k) g(X_l), shape (..., K, K)
    slope_slope: Array  # G11_kl = E g'(X_k) g'(X_l), shape (..., K, K)
    curvature_value: Array  # G20_kl = E g''(X_k) g(X_l), shape (..., K, K)
    curvature: Array | None = None  # p_k = E g''(X_k), shape (..., K)
    slope_value: Array | None = None  # H_kl = E g'(X_k) g(X_l), shape (..., K, K)


def averages(activation: str, overlap: Array, bias: Array | None = None) -> Averages:
    """Averages of an activation.

    Parameters
    ----------
    activation : {"erf", "linear", "relu"}
    overlap : ndarray, shape (..., K, K)
        Covariance Q of the hidden fields λ, dimensionless.
    bias : ndarray, shape (..., K), optional
        Hidden biases β; only for "relu" (None: no bias).

    Returns
    -------
    Averages

    Raises
    ------
    ValueError
        For an unknown activation, or a bias with an activation that has no averages with one.
    """
    one_of("activation", activation, ("erf", "linear", "relu"))
    if overlap.ndim < 2 or overlap.shape[-1] != overlap.shape[-2]:
        raise ValueError(f"overlap must have shape (..., K, K), not {overlap.shape}")
    if activation == "relu":
        return unbiased_relu_averages(overlap) if bias is None else relu_averages(overlap, bias)
    if bias is not None:
        raise ValueError(f"activation {activation!r}: averages with a bias exist for 'relu' only")
    return erf_averages(overlap) if activation == "erf" else linear_averages(overlap)


def erf_averages(overlap: Array) -> Averages:
    """Averages of g(z) = erf(z/√2) without bias; `overlap` has shape (..., K, K)."""
    variance = np.diagonal(overlap, axis1=-2, axis2=-1)
    return Averages(
        slope=gaussian.erf_slope(variance),
        third=gaussian.erf_third(variance),
        product=gaussian.erf_i2(overlap),
        slope_slope=gaussian.erf_slope_slope(overlap),
        curvature_value=gaussian.erf_curvature_value(overlap),
    )


def linear_averages(overlap: Array) -> Averages:
    """Averages of g(z) = z without bias; `overlap` has shape (..., K, K)."""
    return Averages(
        slope=np.ones(overlap.shape[:-1]),
        third=np.zeros(overlap.shape[:-1]),
        product=overlap,
        slope_slope=np.ones(overlap.shape),
        curvature_value=np.zeros(overlap.shape),
    )


def unbiased_relu_averages(overlap: Array) -> Averages:
    """Averages of g(z) = max(0, z) without bias, in closed form; `overlap` has shape (..., K, K) and a positive diagonal."""
    variance = np.diagonal(overlap, axis1=-2, axis2=-1)
    scale = np.sqrt(variance)
    size = scale[..., :, None] * scale[..., None, :]
    correlation = np.clip(overlap / size, -1, 1)
    slope_slope = 0.25 + np.arcsin(correlation) / (2 * np.pi)
    rest = np.sqrt(1 - correlation**2) / (2 * np.pi)
    return Averages(
        slope=np.full(variance.shape, 0.5),
        third=np.zeros(variance.shape),
        product=overlap * slope_slope + size * rest,
        slope_slope=slope_slope,
        curvature_value=rest * scale[..., None, :] / scale[..., :, None],
    )


def relu_averages(overlap: Array, bias: Array) -> Averages:
    """Averages of g(z) = max(0, z).

    Parameters
    ----------
    overlap : ndarray, shape (..., K, K)
        Covariance Q of the hidden fields, positive diagonal.
    bias : ndarray, shape (..., K)
        Hidden biases β.

    Returns
    -------
    Averages
        All seven fields.
    """
    diagonal = np.eye(overlap.shape[-1], dtype=bool)
    variance = np.diagonal(overlap, axis1=-2, axis2=-1)
    scale = np.sqrt(variance)
    height = bias / scale  # h
    density = _normal_density(height) / scale  # p, the density of X_k at 0
    open_share = ndtr(height)
    ratio = overlap / variance[..., :, None]
    correlation = np.clip(overlap / (scale[..., :, None] * scale[..., None, :]), -_LARGEST_CORRELATION, _LARGEST_CORRELATION)

    # X_l given X_k = 0 has mean m_kl and standard deviation s_kl; the floor keeps m/s defined for units that are parallel.
    mean = bias[..., None, :] - ratio * bias[..., :, None]
    spread = scale[..., None, :] * np.sqrt(1 - correlation**2)
    standard = mean / spread
    share_at_zero = ndtr(standard)

    slope_slope = np.where(diagonal, open_share[..., :, None], bivariate_cdf(height, correlation))
    conditional_value = spread * _normal_density(standard) + mean * share_at_zero
    curvature_value = np.where(diagonal, 0.0, density[..., :, None] * conditional_value)
    from_unit = overlap * density[..., :, None] * share_at_zero
    from_other = (variance * density)[..., None, :] * np.swapaxes(share_at_zero, -1, -2)
    own = scale * _normal_density(height) + bias * open_share
    slope_value = np.where(diagonal, own[..., :, None], bias[..., None, :] * slope_slope + from_unit + from_other)
    product = bias[..., :, None] * slope_value + variance[..., :, None] * curvature_value + overlap * slope_slope
    return Averages(
        slope=open_share,
        third=-bias / variance * density,
        product=product,
        slope_slope=slope_slope,
        curvature_value=curvature_value,
        curvature=density,
        slope_value=slope_value,
    )


def bivariate_cdf(height: Array, correlation: Array) -> Array:
    """Φ2(h_k, h_l; ρ_kl): probability that two standard Gaussians of correlation ρ lie below h_k and h_l.

    Parameters
    ----------
    height : ndarray, shape (..., K)
    correlation : ndarray, shape (..., K, K)
        Every |ρ| < 1.

    Returns
    -------
    ndarray, shape (..., K, K)
    """
    below = ndtr(height)
    row, column = height[..., :, None, None], height[..., None, :, None]
    end = np.arcsin(correlation)
    angle = 0.5 * end[..., None] * (_NODES + 1)
    sine = np.sin(angle)
    integrand = np.exp(-(row**2 + column**2 - 2 * row * column * sine) / (2 * (1 - sine**2)))
    integral = 0.5 * end * (integrand @ _NODE_WEIGHTS)
    return below[..., :, None] * below[..., None, :] + integral / (2 * np.pi)


def _normal_density(z: Array) -> Array:
    """Standard normal density."""
    return np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
