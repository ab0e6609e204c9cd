"""Images of the input domains and classes of the output domains [saxe_race, E1].

Input domain i of MNIST is a fixed permutation of the pixels, of CIFAR-10 a rotation of the image; output domain j is a fixed
permutation of the classes.
"""

from collections.abc import Mapping
from itertools import islice, permutations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from repro import datasets
from repro.seeds import generator
from scripts.saxe_race.model import PAPER

N_CLASSES = 10

Array32 = npt.NDArray[np.float32]


class Split(NamedTuple):
    """Images of one split as all input domains see them."""

    features: Tensor
    """float32, (1, n, D) where the domains share them, else (M, n, D)."""
    labels: Tensor
    """int64, (n,)."""
    views: Tensor | None = None
    """int64, (M, D): domain i sees the features in this order; null: as they are."""

    def batch(self, chosen: Tensor) -> Tensor:
        """Features of chosen images, (S, B) → (S, M or 1, B, D)."""
        found = self.features[:, chosen].transpose(0, 1)
        return found if self.views is None else found[:, 0, :, self.views].permute(0, 2, 1, 3)


class Images(NamedTuple):
    """Training and test images."""

    train: Split
    test: Split


def mnist(folder: Path, p: Mapping[str, Any], device: str) -> Images:
    """Pixels in [0, 1], averaged over blocks; permuted for every domain where p["permute_pixels"]."""
    parts = []
    for split, n in _sizes(p).items():
        pixels = datasets.pool(datasets.images(folder, split, n)[:, 0], p["pooling"])  # type: ignore[arg-type]
        parts.append((pixels.reshape(1, len(pixels), -1), datasets.labels(folder, split, n)))  # type: ignore[arg-type]
    views = pixel_permutations(p["n_domains"], parts[0][0].shape[-1]) if p["permute_pixels"] else None
    return Images(*(_split(features, labels, device, views) for features, labels in parts))


def pixel_permutations(n_domains: int, dim: int) -> npt.NDArray[np.int64]:
    """A permutation of the pixels for every domain, the same whatever the seed of a run; shape (M, D)."""
    return np.stack([generator(PAPER, "pixels", dim, seed=domain).permutation(dim) for domain in range(n_domains)])


def cifar10(folder: Path, p: Mapping[str, Any], device: str) -> Images:
    """Rotated and averaged over blocks; every feature of a domain has mean 0 and standard deviation 1 over the training images."""
    angles = p["full_angle"] / p["n_domains"] * np.arange(p["n_domains"])
    train, test = (rotated(datasets.images(folder, split, n), angles, p["pooling"]) for split, n in _sizes(p).items())  # type: ignore[arg-type]
    for of_train, of_test in zip(train, test, strict=True):
        mean, deviation = of_train.mean(axis=0, dtype=np.float64), of_train.std(axis=0, dtype=np.float64)
        spread = np.where(deviation > 0, deviation, 1).astype(np.float32)
        for features in (of_train, of_test):
            np.subtract(features, mean.astype(np.float32), out=features)
            np.divide(features, spread, out=features)
    classes = [datasets.labels(folder, split, n) for split, n in _sizes(p).items()]  # type: ignore[arg-type]
    return Images(*(_split(features, labels, device) for features, labels in zip((train, test), classes, strict=True)))


def rotated(images: Array32, angles: npt.NDArray[np.float64], factor: int) -> Array32:
    """Images turned by each angle (counter-clockwise, about the centre, nearest pixel, 0 beyond the edge), then block means.

    Parameters
    ----------
    images : ndarray, shape (n, channels, h, h)
    angles : ndarray, shape (M,)
        In radians.
    factor : int
        Side of the blocks.

    Returns
    -------
    ndarray of float32, shape (M, n, channels · (h / factor)²)
    """
    n, channels, height, width = images.shape
    padded = np.concatenate([images.reshape(n * channels, -1), np.zeros((n * channels, 1), np.float32)], axis=1)
    found = np.empty((len(angles), n, channels * (height // factor) * (width // factor)), np.float32)
    for features, angle in zip(found, angles, strict=True):
        # np.take along pixels first: rows of all images at once, in the order of the memory
        turned = np.take(padded, _sources(height, width, angle), axis=1)
        features[:] = datasets.pool(turned.reshape(n, channels, height, width), factor).reshape(n, -1)
    return found


def _sources(height: int, width: int, angle: float) -> npt.NDArray[np.int64]:
    """Flat place of the pixel that each pixel of a turned image comes from, height · width where it lies beyond the edge."""
    rows, columns = np.indices((height, width))
    y, x = rows - (height - 1) / 2, columns - (width - 1) / 2
    cos, sin = np.cos(angle), np.sin(angle)
    source_row = np.rint(cos * y + sin * x + (height - 1) / 2).astype(np.int64)
    source_column = np.rint(-sin * y + cos * x + (width - 1) / 2).astype(np.int64)
    inside = (source_row >= 0) & (source_row < height) & (source_column >= 0) & (source_column < width)
    return np.where(inside, source_row * width + source_column, height * width).ravel()


def class_permutations(n_domains: int) -> npt.NDArray[np.int64]:
    """Class that output domain j gives to each label: the first M permutations in lexicographic order; shape (M, 10)."""
    return np.array(list(islice(permutations(range(N_CLASSES)), n_domains)))


def _sizes(p: Mapping[str, Any]) -> dict[str, int]:
    return {"train": p["n_train"], "test": p["n_test"]}


def _split(features: Array32, labels: npt.NDArray[np.int64], device: str, views: npt.NDArray[np.int64] | None = None) -> Split:
    order = None if views is None else torch.from_numpy(views).to(device)
    return Split(torch.from_numpy(features).to(device), torch.from_numpy(labels).to(device), order)
