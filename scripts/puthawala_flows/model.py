"""Closed forms: the clean trick, optimality in reverse, projection onto the range of a ReLU layer [puthawala_flows, E9, E10, E11]."""

from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

from repro import checks

PAPER = "puthawala_flows"

Array = npt.NDArray[np.float64]
Map = Callable[[Array], Array]


class CleanTrick(NamedTuple):
    """Two additive couplings of R^(n+p) that carry (x, 0) to (0, f(x)) for x in K [puthawala_flows, E9]."""

    extension: Map
    """R^n → R^p, f on K."""
    inverse_extension: Map
    """R^p → R^n, the inverse of f on f(K)."""

    def forward(self, points: Array, latent_dim: int) -> Array:
        """Image of points of shape (..., n + p); `latent_dim` is n."""
        latent, rest = np.split(points, [latent_dim], axis=-1)
        rest = rest + self.extension(latent)
        return np.concatenate([latent - self.inverse_extension(rest), rest], axis=-1)

    def inverse(self, points: Array, latent_dim: int) -> Array:
        """Origin of points of shape (..., n + p); `latent_dim` is n."""
        latent, rest = np.split(points, [latent_dim], axis=-1)
        latent = latent + self.inverse_extension(rest)
        return np.concatenate([latent, rest - self.extension(latent)], axis=-1)


def gaussian_interpolant(nodes: Array, values: Array, width: float, ridge: float = 1e-10) -> Map:
    """Smooth map through values at nodes, a sum of Gaussians about the nodes [puthawala_flows, E9].

    Parameters
    ----------
    nodes : ndarray, shape (N, n)
    values : ndarray, shape (N, p)
    width : float
        Standard deviation e of the Gaussians.
    ridge : float
        Added to the diagonal of the Gram matrix.

    Returns
    -------
    function from shape (k, n) to shape (k, p)

    Raises
    ------
    ValueError   if nodes and values are not as many, or width or ridge makes no sense.
    """
    if len(nodes) != len(values):
        raise ValueError(f"values must be as many as the {len(nodes)} nodes, not {len(values)}")
    checks.positive(width=width)
    checks.at_least(0, ridge=ridge)

    def gaussians(points: Array) -> Array:
        found: Array = np.exp(-cdist(points, nodes, "sqeuclidean") / (2 * width**2))
        return found

    weights = np.linalg.solve(gaussians(nodes) + ridge * np.eye(len(nodes)), values)
    return lambda points: gaussians(points) @ weights


def nearest(samples: Array, range_points: Array) -> tuple[Array, npt.NDArray[np.int64]]:
    """Distance of every sample from the nearest of the points of a range, and which that is [puthawala_flows, E10].

    The root of the mean squared distance is the least Wasserstein distance of the samples from any law on these points.

    Parameters
    ----------
    samples : ndarray, shape (n, m)
    range_points : ndarray, shape (k, m)

    Returns
    -------
    distances of shape (n,), indices of shape (n,)

    Raises
    ------
    ValueError   if a coordinate is not finite.
    """
    checks.finite(samples=samples, range_points=range_points)
    distance, place = KDTree(range_points).query(samples)
    return distance, place


def wasserstein(first: Array, second: Array) -> float:
    """2-Wasserstein distance of two samples of one size, by exact assignment [puthawala_flows, E10].

    Parameters
    ----------
    first, second : ndarray, shape (n, m)

    Raises
    ------
    ValueError   if the shapes differ or a coordinate is not finite.
    """
    if first.shape != second.shape:
        raise ValueError(f"second must have the shape {first.shape} of first, not {second.shape}")
    checks.finite(first=first, second=second)
    costs = cdist(first, second, "sqeuclidean")
    return float(np.sqrt(costs[linear_sum_assignment(costs)].mean()))


def relu_layer(x: Array, matrix: Array, scale: Array) -> Array:
    """Injective layer R(x) = (ReLU(B x), ReLU(−D B x)) [puthawala_flows, E11].

    Parameters
    ----------
    x : ndarray, shape (..., n)
    matrix : ndarray, shape (..., n, n)
        B, invertible.
    scale : ndarray, shape (..., n)
        Diagonal of D, positive.

    Returns
    -------
    ndarray, shape (..., 2 n)
    """
    checks.positive(scale=scale)
    rotated = (matrix @ x[..., None])[..., 0]
    return np.concatenate([rotated, -scale * rotated], axis=-1).clip(min=0)


def relu_projection(y: Array, matrix: Array, scale: Array) -> Array:
    """Latent x whose image R(x) is the point of the range nearest to y, coordinate by coordinate [puthawala_flows, E11].

    Parameters
    ----------
    y : ndarray, shape (..., 2 n)
    matrix : ndarray, shape (..., n, n)
    scale : ndarray, shape (..., n)

    Returns
    -------
    ndarray, shape (..., n)
    """
    checks.positive(scale=scale)
    checks.finite(y=y)
    above, below = np.split(np.maximum(y, 0), 2, axis=-1)
    rotated = np.where(above >= below, above, -below / scale)
    return np.linalg.solve(matrix, rotated[..., None])[..., 0].astype(np.float64)


def searched_distance(y: Array) -> Array:
    """Distance of y from the range of an injective ReLU layer, by trying all 2^n patterns of signs [puthawala_flows, E11].

    Parameters
    ----------
    y : ndarray, shape (..., 2 n)

    Returns
    -------
    ndarray, shape (...)
    """
    checks.finite(y=y)
    above, below = np.split(y, 2, axis=-1)
    costs = np.stack([np.minimum(above, 0) ** 2 + below**2, above**2 + np.minimum(below, 0) ** 2])
    each = np.arange(above.shape[-1])
    totals = [costs[signs, ..., each].sum(axis=0) for signs in product((0, 1), repeat=len(each))]
    least: Array = np.sqrt(np.min(totals, axis=0))
    return least
