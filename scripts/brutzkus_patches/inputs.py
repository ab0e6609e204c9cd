"""CIFAR-10 with its channels last, patches of it, and the dictionaries that are made of them [brutzkus_patches, E2a, E8].

A seed fixes subset, dictionary, initial weights and order of the images; what two runs draw for the same purpose is the same.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from repro import datasets
from repro.checks import one_of, within
from repro.seeds import generator
from scripts.brutzkus_patches.clustering import lloyd
from scripts.brutzkus_patches.model import Array, Basis, basis, identity, locations

PAPER = "brutzkus_patches"
DICTIONARIES = ("gaussian", "sampled", "clustered")
SMALLEST_NORM = 0.01
"""Patches of a smaller norm (black ones) do not enter a dictionary."""
SURPLUS = 1.01
"""So many times the patches are drawn, to make up for those."""
BLOCK = 250
"""Images unfolded at a time."""


class Images(NamedTuple):
    """Images of one split, float32 of shape (n, height, width, channels), and their labels, int64 of shape (n,)."""

    x: Tensor
    labels: Tensor


def load(folder: Path, p: Mapping[str, Any], seed: int) -> dict[str, Images]:
    """Training and test images of a seed, pixels in [0, 1]: the first n_train and n_test of a random order, or all that there are."""
    found: dict[str, Images] = {}
    splits: tuple[tuple[datasets.Split, int], ...] = (("train", p["n_train"]), ("test", p["n_test"]))
    for split, n in splits:
        order = generator(PAPER, "images", split, seed=seed).permutation(datasets.size(folder, split))[:n]
        pixels = datasets.images(folder, split, dtype=np.uint8)[order].transpose(0, 2, 3, 1)
        x = np.divide(pixels, 255, dtype=np.float32, order="C")
        found[split] = Images(torch.from_numpy(x), torch.from_numpy(datasets.labels(folder, split)[order]))
    return found


def covariance(images: Tensor, size: int) -> Array:
    """Covariance of the patches of all locations, in float64: the smallest variances are a millionth of the largest; shape (d, d)."""
    dim, n = size**2 * images.shape[-1], 0
    total, mean = np.zeros((dim, dim)), np.zeros(dim)
    for block in torch.split(images, BLOCK):
        rows = locations(block, size).flatten(0, 2).numpy().astype(np.float64)
        total += rows.T @ rows
        mean += rows.sum(axis=0)
        n += len(rows)
    return np.asarray(total / n - np.outer(mean / n, mean / n))


def sampled_patches(images: Tensor, size: int, n: int, rng: np.random.Generator) -> Array:
    """Patches at random places of random images, without black ones, in the order they were drawn.

    Returns
    -------
    ndarray, shape (at most n, d)   fewer where more than one in a hundred is black.
    """
    within("size", size, 1, min(images.shape[1:3]))
    drawn = int(np.ceil(SURPLUS * n))
    row, column = (rng.integers(side - size + 1, size=drawn) for side in images.shape[1:3])
    image, inside = rng.integers(len(images), size=drawn), np.arange(size)
    found = images.numpy()[image[:, None, None], (row[:, None] + inside)[:, :, None], (column[:, None] + inside)[:, None]]
    rows = found.reshape(drawn, -1).astype(np.float64)
    return rows[np.linalg.norm(rows, axis=1) >= SMALLEST_NORM][:n]


class Dictionary(NamedTuple):
    """Dictionary patches in whitened space, shape (N, d), and the whitening."""

    centroids: Array
    basis: Basis


class Setting(NamedTuple):
    """What a dictionary is made of."""

    kind: str
    """gaussian (k-means of normal vectors), sampled (patches as drawn) or clustered (k-means of patches)."""
    n_centroids: int
    patch_size: int = 5
    patches_per_centroid: int = 256
    lloyd_iterations: int = 25
    whitening_epsilon: float = 1e-3
    whitened: bool = True


def dictionary(images: Tensor, own: Basis | None, setting: Setting, *key: str | float, seed: int, device: str = "cpu") -> Dictionary:
    """Dictionary of one setting and seed.

    Parameters
    ----------
    images : training images that patches are drawn from.
    own : basis of their patches; computed from all of them where it is None and asked for.
    key : further words of the random stream, as the layer.
    device : where k-means runs.

    Raises
    ------
    ValueError   if `setting.kind` is another word.
    """
    one_of("kind", setting.kind, DICTIONARIES)
    n, dim = setting.n_centroids * setting.patches_per_centroid, setting.patch_size**2 * images.shape[-1]
    source = "gaussian" if setting.kind == "gaussian" else "patches"
    rng = generator(PAPER, "dictionary", source, setting.n_centroids, *key, seed=seed)
    if source == "gaussian":
        patches = rng.standard_normal((n, dim))
        own = basis(np.cov(patches.T, bias=True), setting.whitening_epsilon)
    else:
        patches = sampled_patches(images, setting.patch_size, n, rng)
    if not setting.whitened:
        own = identity(dim)
    elif own is None:
        own = basis(covariance(images, setting.patch_size), setting.whitening_epsilon)
    white = patches @ own.whitening
    if setting.kind == "sampled":
        return Dictionary(white[: setting.n_centroids], own)
    start = generator(PAPER, "clustering", source, setting.whitened, setting.n_centroids, *key, seed=seed)
    points = torch.from_numpy(white).to(device, torch.float32)
    centroids = lloyd(points, setting.n_centroids, setting.lloyd_iterations, start)
    return Dictionary(centroids.cpu().numpy().astype(np.float64), own)


def augmented(images: Tensor, rng: np.random.Generator, padding: int = 4) -> Tensor:
    """Images flipped or not, at random, and cropped at random from a frame of black pixels."""
    n, height, width, _ = images.shape
    padded = torch.nn.functional.pad(images, (0, 0, padding, padding, padding, padding))
    place: npt.NDArray[np.int64] = rng.integers(2 * padding + 1, size=(2, n, 1))
    flipped = rng.random((n, 1)) < 0.5
    columns = np.where(flipped, np.arange(width)[::-1], np.arange(width)) + place[1]
    rows = torch.from_numpy(np.arange(height) + place[0]).to(images.device)
    image = torch.arange(n, device=images.device)
    return padded[image[:, None, None], rows[:, :, None], torch.from_numpy(columns).to(images.device)[:, None]]
