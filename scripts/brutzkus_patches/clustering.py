"""Lloyd's k-means, as the authors' library runs it [brutzkus_patches, E8]."""

import numpy as np
import torch
from torch import Tensor

from repro.checks import at_least, within

BLOCK = {"cpu": 2**20, "cuda": 2**29}
"""Distances held at a time: on a CPU about what its cache holds."""


def lloyd(points: Tensor, n_centroids: int, n_iterations: int, rng: np.random.Generator) -> Tensor:
    """Centroids after some iterations from random distinct points; an empty cluster starts again at a random point.

    Parameters
    ----------
    points : Tensor, shape (n, d)
    n_centroids : int
        From 1 to n.
    n_iterations : int

    Returns
    -------
    Tensor, shape (n_centroids, d)

    Raises
    ------
    ValueError   if there are more centroids than points, or a coordinate is not finite.
    """
    within("n_centroids", n_centroids, 1, len(points))
    at_least(0, n_iterations=n_iterations)
    if not torch.isfinite(points).all():
        raise ValueError("points must be finite")
    centroids = points[_places(rng.choice(len(points), n_centroids, replace=False), points)]
    for _ in range(n_iterations):
        labels, _ = assign(points, centroids)
        sizes = torch.bincount(labels, minlength=n_centroids)
        sums = torch.zeros_like(centroids).index_add_(0, labels, points)
        centroids = sums / sizes.clamp(min=1)[:, None]
        empty = torch.nonzero(sizes == 0).flatten()
        if len(empty):
            centroids[empty] = points[_places(rng.integers(len(points), size=len(empty)), points)]
    return centroids


def assign(points: Tensor, centroids: Tensor) -> tuple[Tensor, Tensor]:
    """Nearest centroid of every point, and the squared distance from it; both of shape (n,)."""
    offset = centroids.square().sum(dim=1) / 2
    block = max(1, BLOCK[points.device.type] // len(centroids))
    labels, squared = [], []
    for part in torch.split(points, block):
        delta = torch.addmm(offset, part, centroids.T, alpha=-1)
        found = torch.from_numpy(delta.numpy().argmin(axis=1)) if delta.device.type == "cpu" else delta.argmin(dim=1)
        least = delta.gather(1, found[:, None])[:, 0]
        labels.append(found)
        squared.append((part.square().sum(dim=1) + 2 * least).clamp(min=0))
    return torch.cat(labels), torch.cat(squared)


def _places(chosen: np.ndarray, points: Tensor) -> Tensor:
    return torch.from_numpy(chosen).to(points.device)
