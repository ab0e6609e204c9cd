"""Patches, whitening, and which dictionary patches are the nearest at every location of an image [brutzkus_patches, E1 to E3].

Images have their channels last, and a patch is flattened as rows, columns, channels: 15 neighbouring numbers of a colour image
lie together then. Locations come in pooling windows, so that pooling is a sum over one axis.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from repro.checks import at_least, positive, within
from repro.datasets import eigenbasis

Array = npt.NDArray[np.float64]


class Basis(NamedTuple):
    """Principal components of patches, with what whitening divides them by."""

    vectors: Array
    """V, shape (d, d), columns by falling variance."""
    scale: Array
    """√λ + ε, shape (d,)."""

    @property
    def whitening(self) -> Array:
        """W of E2a: a row of d pixels times W is the whitened patch; shape (d, d)."""
        return self.vectors / self.scale

    def unwhitened(self, patches: Array) -> Array:
        """The pixels (n, d) whose whitening is the given rows."""
        return (patches * self.scale) @ self.vectors.T

    def rotated_back(self, patches: Array) -> Array:
        """Whitened patches (n, d) turned back to pixels: whitening that is nearest to the identity (ZCA)."""
        return patches @ self.vectors.T


def basis(covariance: Array, epsilon: float = 1e-3) -> Basis:
    """Whitening of a covariance [brutzkus_patches, E2a].

    Parameters
    ----------
    covariance : ndarray, shape (d, d)
    epsilon : float
        ε, added to the standard deviations, not to the variances.

    Raises
    ------
    ValueError   if `epsilon` is not positive: directions without variance would have no finite scale.
    """
    positive(epsilon=epsilon)
    values, vectors = eigenbasis(covariance)
    return Basis(vectors, np.sqrt(np.maximum(values, 0)) + epsilon)


def identity(dim: int) -> Basis:
    """The basis that leaves patches as they are."""
    at_least(1, dim=dim)
    return Basis(np.eye(dim), np.ones(dim))


def locations(images: Tensor, size: int, stride: int = 1, pool: int = 1) -> Tensor:
    """Patches at every location, without padding, ordered by pooling window.

    Parameters
    ----------
    images : Tensor, shape (n, height, width, channels)
    size, stride : int
        Side p of a patch, and pixels from one location to the next.
    pool : int
        Side of a window in locations.

    Returns
    -------
    Tensor, shape (n, L, pool², p² · channels)   L windows row by row, and the locations of a window row by row; contiguous.

    Raises
    ------
    ValueError   if a patch does not fit into the image, or windows do not fill it.
    """
    at_least(1, size=size, stride=stride, pool=pool)
    within("size", size, 1, min(images.shape[1:3]))
    view = images.unfold(1, size, stride).unfold(2, size, stride).permute(0, 1, 2, 4, 5, 3)
    rows, columns = view.shape[1:3]
    if rows % pool or columns % pool:
        raise ValueError(f"pool: windows of {pool} × {pool} do not fill {rows} × {columns} locations")
    n_rows, n_columns = rows // pool, columns // pool
    view = view[:, : n_rows * pool].unfold(1, pool, pool).unfold(2, pool, pool).permute(0, 1, 2, 6, 7, 3, 4, 5)
    if view.device.type == "cpu":  # numpy copies runs of pixels three times as fast
        view = torch.from_numpy(np.ascontiguousarray(view.numpy()))
    return view.reshape(len(images), n_rows * n_columns, pool**2, -1)


class Embedding(NamedTuple):
    """How an image is told by its nearest dictionary patches: G settings that differ by k only."""

    kernel: Tensor
    """−W c_q, shape (d, N)."""
    offset: Tensor
    """½‖c_q‖², shape (N,)."""
    n_nearest: tuple[int, ...]
    """k of every setting."""


def embedding(centroids: Array, whitening: Array, n_nearest: tuple[int, ...], device: str = "cpu") -> Embedding:
    """Kernel and offset of a dictionary.

    Parameters
    ----------
    centroids : ndarray, shape (N, d)
        Dictionary in whitened space.
    whitening : ndarray, shape (d, d)
    n_nearest : k of every setting.

    Raises
    ------
    ValueError   if a k is not from 1 to N.
    """
    within("n_nearest", n_nearest, 1, len(centroids))
    kernel, offset = -whitening @ centroids.T, (centroids**2).sum(axis=1) / 2
    on_device = [torch.from_numpy(part).to(device, torch.float32) for part in (kernel, offset)]
    return Embedding(on_device[0], on_device[1], tuple(n_nearest))


def distances(patches: Tensor, told: Embedding) -> Tensor:
    """δ of E1, shape (..., N): grows with the distance of a whitened patch (..., d) from each dictionary patch."""
    flat = torch.addmm(told.offset, patches.reshape(-1, patches.shape[-1]), told.kernel)
    return flat.view(*patches.shape[:-1], -1)


def nearest(delta: Tensor, n_nearest: tuple[int, ...]) -> Tensor:
    """Masks m of E2: where a distance is at most the k-th smallest of its row.

    Parameters
    ----------
    delta : Tensor, shape (..., N)
    n_nearest : k of each of G settings; equal distances at the k-th place count all.

    Returns
    -------
    Tensor of bool, shape (..., G, N)

    Raises
    ------
    ValueError   if a k is not from 1 to N.
    """
    within("n_nearest", n_nearest, 1, delta.shape[-1])
    places = [k - 1 for k in n_nearest]
    if delta.device.type == "cpu":  # numpy partitions a row ten times as fast as torch finds its k-th value, and sorts it for several
        rows = delta.numpy()
        ordered = np.partition(rows, places[0], axis=-1) if len(places) == 1 else np.sort(rows, axis=-1)
        return torch.from_numpy(rows[..., None, :] <= ordered[..., places, None])
    one = len(places) == 1
    limits = delta.kthvalue(n_nearest[0], dim=-1, keepdim=True).values if one else delta.sort(dim=-1).values[..., places]
    return delta.unsqueeze(-2) <= limits.unsqueeze(-1)


def masks(patches: Tensor, told: Embedding) -> Tensor:
    """Masks at every location, shape (n, L, w, G · N), from patches (n, L, w, d)."""
    return nearest(distances(patches, told), told.n_nearest).flatten(-2)


def counts(mask: Tensor) -> Tensor:
    """Locations of a window at which each dictionary patch is near: uint8, (n, L, w, C) to (n, L, C) [brutzkus_patches, E3]."""
    within("locations of a window", mask.shape[2], 1, 255)
    return mask.view(torch.uint8).sum(dim=2, dtype=torch.uint8)
