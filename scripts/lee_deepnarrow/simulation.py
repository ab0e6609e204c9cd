"""Kernels at the start from their random numbers alone: no network is made [lee_deepnarrow, E1, E2, E8b]."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from repro import checks
from scripts.lee_deepnarrow.model import Array, Draws
from scripts.lee_deepnarrow.theory import N_TAPS, UNIT, Stds, hits, patches

_BLOCK = 2_000_000  # random numbers at a time


def mlp_kernel_row(draws: Draws, x: Array, *, scale: float, n_outputs: int = 1) -> Array:
    """Scaled kernel at the start between the first input and all [lee_deepnarrow, E1, E2].

    Parameters
    ----------
    x : ndarray, shape (N, d)   not negative.
    scale : C_L.

    Returns
    -------
    ndarray, shape (N,)

    Raises
    ------
    ValueError   if an input is negative or `scale` is not positive.
    """
    checks.at_least(0, x=x)
    checks.positive(scale=scale)
    depth = len(draws.biases)
    fields = draws.weights @ x.T
    fields[0] /= scale  # the first layer's random weights lack the scale
    fields += draws.biases[:, None]
    np.maximum(fields, 0, out=fields)
    overlap = x @ x[0]
    passed_on = depth * (overlap + n_outputs) + fields[:, 0] @ fields
    return np.asarray((passed_on + (overlap + depth + 1) / scale**2) / depth)


def diagonal_draws(rng: np.random.Generator, n: int, x: Array, *, depth: int, scale: float, stds: Stds = UNIT) -> Array:
    """Draws of the scaled kernel's entry (x, x) at the start, for one output, shape (n,); x has shape (d,) [lee_deepnarrow, E1, E2].

    Raises
    ------
    ValueError   if a size is below 1, an input negative or `scale` not positive.
    """
    checks.at_least(1, n=n, depth=depth)
    checks.at_least(0, x=x)
    checks.positive(scale=scale)
    squared, slope = float(x @ x), stds.weight**2 / len(x)
    spread = np.full(depth, np.sqrt(slope * squared + stds.bias**2))
    spread[0] = np.sqrt(slope * squared / scale**2 + stds.bias**2)
    sums = np.empty(n)
    for start in range(0, n, max(1, _BLOCK // depth)):
        part = sums[start : start + max(1, _BLOCK // depth)]
        fields = rng.standard_normal((len(part), depth))
        np.maximum(fields, 0, out=fields)
        part[:] = np.square(fields, out=fields) @ spread**2
    return squared + 1 + (sums + (squared + depth + 1) / scale**2) / depth


def cnn_kernels(draws: Draws, images: Array, scales: Sequence[float], n_outputs: int = 1) -> npt.NDArray[np.float64]:
    """Scaled kernels of the CNN at the start between all images, one a scale [lee_deepnarrow, E8b].

    Parameters
    ----------
    draws : filters of nine taps and biases of the random channel.
    images : ndarray, shape (m, h, h)   one channel, not negative.

    Returns
    -------
    ndarray, shape (len(scales), m, m)

    Raises
    ------
    ValueError   if a pixel is negative, a scale is not positive, or the filters have other than nine taps.
    """
    checks.at_least(0, images=images)
    checks.positive(scale=list(scales))
    checks.one_of("number of taps", draws.weights.shape[1], (N_TAPS,))
    n_images, depth, seen = len(images), len(draws.biases), hits(images.shape[-1])
    filtered = draws.weights @ patches(images).reshape(-1, N_TAPS).T
    sums = images.reshape(n_images, -1) @ seen.T
    own, constant = sums @ sums.T, (seen.sum(axis=1) ** 2).sum()
    later = _of_random_channel(filtered[1:] + draws.biases[1:, None], seen, n_images)
    found = []
    for scale in scales:
        first = _of_random_channel(filtered[:1] / scale + draws.biases[:1, None], seen, n_images)
        found.append(own + n_outputs * constant + (first + later + (own + depth + 1) / scale**2) / depth)
    return np.array(found)


def _of_random_channel(fields: Array, seen: Array, n_images: int) -> Array:
    """Σ over layers and taps of S(h)S(h') of the random channel, for fields (layers, m · pixels)."""
    activity = np.maximum(fields, 0).reshape(-1, seen.shape[1]) @ seen.T
    by_image = activity.reshape(len(fields), n_images, -1).swapaxes(0, 1).reshape(n_images, -1)
    return np.asarray(by_image @ by_image.T)
