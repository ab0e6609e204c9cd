"""MNIST as the networks see it: not centred, since inputs must not be negative [lee_deepnarrow, E1, E7]."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks, datasets
from repro.seeds import generator
from scripts.lee_deepnarrow.model import PAPER

Array = npt.NDArray[np.float64]


class Examples(NamedTuple):
    """Images of one split with their labels."""

    images: Array
    """Shape (n, h, h), in [0, 1]."""
    labels: npt.NDArray[np.int64]
    """Shape (n,)."""
    targets: Array
    """One-hot labels (n, 10), or the label itself (n, 1) for two classes."""

    @property
    def flat(self) -> Array:
        """Images as rows, shape (n, h²)."""
        return self.images.reshape(len(self.images), -1)


def mnist(folder: Path, split: datasets.Split, n: int, *, pooling: int, n_classes: int = 10) -> Examples:
    """First n images of a split, averaged over blocks of pixels; for two classes the first n of the digits 0 and 1.

    Raises
    ------
    ValueError   if `n_classes` is neither 2 nor 10.
    """
    checks.one_of("n_classes", n_classes, (2, 10))
    labels = datasets.labels(folder, split)
    kept = np.flatnonzero(labels < n_classes)[:n]
    last = int(kept[-1]) + 1 if len(kept) else 0
    pixels = datasets.images(folder, split, last, dtype=np.uint8)[kept, 0] / 255
    targets = labels[kept, None].astype(float) if n_classes == 2 else np.eye(n_classes)[labels[kept]]
    return Examples(datasets.pool(pixels, pooling), labels[kept], targets)


def batches(run: str, n_train: int, batch_size: int, seed: int) -> Iterator[npt.NDArray[np.int64]]:
    """Places of the examples of mini-batches without end, uniform with replacement, the same whatever is trained on them."""
    stream = generator(PAPER, run, "batches", n_train, batch_size, seed=seed)
    while True:
        yield stream.integers(n_train, size=batch_size)


def constant_loss(targets: Array, labelled: Array) -> float:
    """Mean squared residual on `targets` (n, K) of the constant that is best on `labelled` (m, K), the mean."""
    return float(np.mean((targets - labelled.mean(axis=0)) ** 2))


def constant_accuracy(labels: npt.NDArray[np.int64], labelled: npt.NDArray[np.int64]) -> float:
    """Share of `labels` that are the most frequent one of `labelled`."""
    return float(np.mean(labels == np.bincount(labelled).argmax()))
