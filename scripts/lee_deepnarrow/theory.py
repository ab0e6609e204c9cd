"""Limit kernels, their exact means at finite depth, and kernel gradient descent [lee_deepnarrow, E3–E6, E8, E8c].

All kernels are scaled, and are the factor of the identity over outputs. ρ and β are `weight_std` and `bias_std`.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks
from scripts.lee_deepnarrow.model import Array

N_TAPS = 9


class Stds(NamedTuple):
    """Constants of the random weights and biases."""

    weight: float = 1.0
    """ρ."""
    bias: float = 1.0
    """β."""


UNIT = Stds()


def relu_covariance(variance: Array, other: Array, covariance: Array) -> Array:
    """E[σ(g)σ(g')] of centred jointly Gaussian g, g': the arc-cosine kernel of order one [lee_deepnarrow, E3].

    Parameters
    ----------
    variance, other : of g and of g', positive.
    covariance : of both; arguments broadcast.

    Raises
    ------
    ValueError   if a variance is not positive.
    """
    checks.positive(variance=variance, other=other)
    spread = np.sqrt(variance * other)
    cosine = np.clip(covariance / spread, -1, 1)  # rounding alone takes it beyond 1 on the diagonal
    angle = np.arccos(cosine)
    return np.asarray(spread / (2 * np.pi) * (np.sin(angle) + (np.pi - angle) * cosine))


def limit_kernel(x: Array, other: Array, n_outputs: int = 1, stds: Stds = UNIT) -> Array:
    """Limit of the MLP's kernel for infinite depth and scale [lee_deepnarrow, E3].

    Parameters
    ----------
    x : ndarray, shape (N, d)   inputs, not negative.
    other : ndarray, shape (M, d)

    Returns
    -------
    ndarray, shape (N, M)

    Raises
    ------
    ValueError   if an input is negative or not a number: the copies would not survive the ReLU.
    """
    checks.at_least(0, x=x, other=other)
    return x @ other.T + n_outputs + _random_part(x, other, stds)


def expected_kernel(x: Array, other: Array, *, depth: int, scale: float, n_outputs: int = 1, stds: Stds = UNIT) -> Array:
    """Exact mean of the MLP's kernel at the start at finite depth and scale, shape (N, M) [lee_deepnarrow, E4].

    Raises
    ------
    ValueError   as `limit_kernel`, and if `depth` is below 1 or `scale` not positive.
    """
    checks.at_least(1, depth=depth)
    checks.positive(scale=scale)
    kappa, first = (_random_part(x, other, Stds(stds.weight, bias)) for bias in (stds.bias, scale * stds.bias))
    return limit_kernel(x, other, n_outputs, stds) + (x @ other.T + depth + 1 + first - scale**2 * kappa) / (depth * scale**2)


def diagonal_spread(x: Array, stds: Stds = UNIT) -> Array:
    """Standard deviation of a diagonal entry at the start times √depth, at leading order; x (N, d) gives (N,) [lee_deepnarrow, E5]."""
    return np.asarray(np.sqrt(5 / 4) * (stds.weight**2 * (x**2).mean(axis=-1) + stds.bias**2))


def kernel_descent(kernel: Array, targets: Array, rate: float, batches: Iterator[Any]) -> Iterator[Array]:
    """Outputs of kernel gradient descent from zero, before the first and after every mini-batch [lee_deepnarrow, E6].

    Parameters
    ----------
    kernel : ndarray, shape (N, M)
        Limit kernel of the N training points (rows) with all M points, of which the training points are the first N.
    targets : ndarray, shape (N, K)
    rate : η.
    batches : places of the examples of each mini-batch, or slices.

    Yields
    ------
    ndarray, shape (M, K)   the same array every time, changed in place.

    Raises
    ------
    ValueError   if `rate` is not positive or there are fewer points than training points.
    """
    checks.positive(rate=rate)
    n_train, n_points = kernel.shape
    checks.at_least(n_train, n_points=n_points)
    outputs = np.zeros((n_points, targets.shape[1]))
    yield outputs
    for batch in batches:
        residual = outputs[:n_train][batch] - targets[batch]
        outputs -= 2 * rate / residual.size * (kernel[batch].T @ residual)
        yield outputs


def largest_stable_rate(kernel: Array, n_outputs: int = 1) -> float:
    """Largest stable step of kernel gradient descent on N points, kernel (N, N) [lee_deepnarrow, E6]."""
    return float(n_outputs * len(kernel) / np.linalg.eigvalsh(kernel)[-1])


def hits(size: int) -> Array:
    """Share with which each tap of the last layer and the mean over pixels see a pixel, shape (9, size²) [lee_deepnarrow, E8]."""
    checks.at_least(1, size=size)
    places = np.indices((size, size))
    inside = [
        ((places[0] - row >= 0) & (places[0] - row < size) & (places[1] - column >= 0) & (places[1] - column < size)).ravel()
        for row in (-1, 0, 1)
        for column in (-1, 0, 1)
    ]
    return np.array(inside) / size**2


def patches(images: Array) -> Array:
    """Patches of 3 × 3 pixels around each pixel, zero beyond the edge: (m, h, h) to (m, h², 9)."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    return windows.reshape(len(images), -1, N_TAPS)


def cnn_limit_kernel(images: Array, n_outputs: int = 1, stds: Stds = UNIT) -> Array:
    """Limit of the CNN's kernel for infinite depth and scale [lee_deepnarrow, E8].

    Parameters
    ----------
    images : ndarray, shape (m, h, h)   one channel, not negative.

    Returns
    -------
    ndarray, shape (m, m)

    Raises
    ------
    ValueError   if a pixel is negative or not a number.
    """
    checks.at_least(0, images=images)
    own, constant = _copies(images)
    return own + n_outputs * constant + _random_sum(images, stds)


def cnn_expected_kernel(images: Array, *, depth: int, scale: float, n_outputs: int = 1, stds: Stds = UNIT) -> Array:
    """Exact mean of the CNN's kernel at the start at finite depth and scale, shape (m, m) [lee_deepnarrow, E8c].

    Raises
    ------
    ValueError   as `cnn_limit_kernel`, and if `depth` is below 1 or `scale` not positive.
    """
    checks.at_least(1, depth=depth)
    checks.positive(scale=scale)
    own, _ = _copies(images)
    kappa, first = (_random_sum(images, Stds(stds.weight, bias)) for bias in (stds.bias, scale * stds.bias))
    return cnn_limit_kernel(images, n_outputs, stds) + (own + depth + 1 + first - scale**2 * kappa) / (depth * scale**2)


def _random_part(x: Array, other: Array, stds: Stds) -> Array:
    """κ between all inputs x (N, d) and other (M, d)."""
    slope, offset = stds.weight**2 / x.shape[-1], stds.bias**2
    own, others = (slope * (points**2).sum(axis=-1) + offset for points in (x, other))
    return relu_covariance(own[:, None], others[None], slope * (x @ other.T) + offset)


def _copies(images: Array) -> tuple[Array, float]:
    """Σ_φ S_φ(x)S_φ(x') of all pairs, and of the constant image 1."""
    seen = hits(images.shape[-1])
    sums = images.reshape(len(images), -1) @ seen.T
    return sums @ sums.T, float((seen.sum(axis=1) ** 2).sum())


def _random_sum(images: Array, stds: Stds) -> Array:
    """Sum of κ over pairs of pixels, weighted by how often both are hit, for all pairs of images."""
    seen, of_pixels = hits(images.shape[-1]), patches(images)
    flat = of_pixels.reshape(-1, N_TAPS)
    kappa = _random_part(flat, flat, stds).reshape(*of_pixels.shape[:2], *of_pixels.shape[:2])
    return np.asarray(np.einsum("ipjq,pq->ij", kappa, seen.T @ seen))


def pairs(n: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Unordered pairs of n images, each with itself too: both places of every pair."""
    return np.triu_indices(n)
