"""MNIST and Fashion-MNIST images with a common label as two modalities, and small ReLU encoders of both [huang_modality].

Lanes L are what trains at once: trainings, jointly and alone, times seeds. Encoders of the two datasets are the next dimension.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks, datasets
from scripts.huang_modality.model import Array, Array32, Labels

DATASETS = ("mnist", "fashion_mnist")
N_CLASSES = 10


class Source(NamedTuple):
    """Stored images of one split of both datasets."""

    pixels: tuple[npt.NDArray[np.uint8], ...]
    """Shape (P, D) each."""
    of_class: tuple[tuple[Labels, ...], ...]
    """Places of the images of every class."""


class Pairs(NamedTuple):
    """Pairs of images with a common label."""

    images: Array32
    """Of norm 1, shape (S, 2, n, D)."""
    labels: Labels
    """Shape (S, n)."""


def source(folders: Mapping[str, Path], split: datasets.Split) -> Source:
    """Images of one split, and where those of a class are."""
    pixels, of_class = [], []
    for name in DATASETS:
        stored = datasets.images(folders[name], split, dtype=np.uint8)
        pixels.append(stored.reshape(len(stored), -1))
        labels = datasets.labels(folders[name], split)
        of_class.append(tuple(np.flatnonzero(labels == label) for label in range(N_CLASSES)))
    return Source(tuple(pixels), tuple(of_class))


def pairs(given: Source, n_pairs: int, streams: Sequence[np.random.Generator]) -> Pairs:
    """Pairs of S seeds: a uniform label, and of each dataset an image of that class, with replacement.

    Raises
    ------
    ValueError   if `n_pairs` is not positive.
    """
    checks.at_least(1, n_pairs=n_pairs)
    labels = np.stack([stream.integers(N_CLASSES, size=n_pairs) for stream in streams])
    images = np.empty((len(streams), len(DATASETS), n_pairs, given.pixels[0].shape[1]), np.float32)
    for of_seed, label, stream in zip(images, labels, streams, strict=True):
        for found, pixels, of_class in zip(of_seed, given.pixels, given.of_class, strict=True):
            sizes = np.array([len(places) for places in of_class])
            rank = (stream.random(n_pairs) * sizes[label]).astype(np.int64)
            chosen = [of_class[j][k] for j, k in zip(label, rank, strict=True)]
            found[:] = datasets.unit_norm(pixels[chosen].astype(np.float32))
    return Pairs(images, labels)


class Encoders(NamedTuple):
    """Weights of two layers without biases; changed in place by `train`."""

    hidden: Array32
    """Shape (L, 2, D, H)."""
    heads: Array32
    """Shape (L, 2, H, 10)."""


def initial_encoders(streams: Sequence[np.random.Generator], *, dim: int, width: int = 128, init_std: float = 0.05) -> Encoders:
    """Gaussian weights of S seeds, one lane a seed.

    Raises
    ------
    ValueError   if a size or the standard deviation is not positive.
    """
    checks.at_least(1, dim=dim, width=width)
    checks.positive(init_std=init_std)
    drawn = [
        [init_std * stream.standard_normal((len(DATASETS), *shape)) for shape in ((dim, width), (width, N_CLASSES))] for stream in streams
    ]
    return Encoders(*(np.stack(part).astype(np.float32) for part in zip(*drawn, strict=True)))


def hidden_units(encoders: Encoders, images: Array32) -> Array32:
    """Activity of the hidden units, shape (L, 2, n, H)."""
    return np.maximum(images @ encoders.hidden, 0)


def train_batch(encoders: Encoders, batch: Pairs, n_joint: int, learning_rate: float = 0.5) -> None:
    """One step of SGD on the mean cross-entropy of a batch, in place.

    Parameters
    ----------
    encoders : L lanes
    batch : pairs of every lane
    n_joint : the first so many lanes train on the summed logits, the others each encoder alone.

    Raises
    ------
    ValueError   if `n_joint` exceeds the lanes or the rate is not positive.
    """
    checks.within("n_joint", n_joint, 0, len(batch.labels))
    checks.positive(learning_rate=learning_rate)
    hidden = hidden_units(encoders, batch.images)
    scores = hidden @ encoders.heads
    scores[:n_joint] = scores[:n_joint].sum(axis=1, keepdims=True)
    scores -= scores.max(axis=-1, keepdims=True)
    pull = np.exp(scores)
    pull /= pull.sum(axis=-1, keepdims=True)
    pull -= np.eye(N_CLASSES, dtype=np.float32)[batch.labels][:, None]
    pull *= learning_rate / batch.labels.shape[-1]
    to_hidden = pull @ encoders.heads.swapaxes(-1, -2)
    to_hidden *= hidden > 0
    heads, first = encoders.heads, encoders.hidden
    heads -= hidden.swapaxes(-1, -2) @ pull
    first -= batch.images.swapaxes(-1, -2) @ to_hidden


def probe(hidden: Array32, labels: Labels, ridge: float = 1e-3) -> Array:
    """Linear probe: ridge regression of one-hot labels less their mean on hidden units and a constant.

    Parameters
    ----------
    hidden : ndarray, shape (n, H)
    labels : ndarray, shape (n,)
    ridge : penalty over n · mean(h²), positive.

    Returns
    -------
    ndarray, shape (H + 1, 10)   the constant's weights last.

    Raises
    ------
    ValueError   if `ridge` is not positive.
    """
    checks.positive(ridge=ridge)
    features = with_constant(hidden)
    targets = np.eye(N_CLASSES)[labels] - 1 / N_CLASSES
    penalty = ridge * len(hidden) * np.mean(hidden.astype(np.float64) ** 2)
    gram = features.T @ features + penalty * np.eye(features.shape[1])
    return np.asarray(np.linalg.solve(gram, features.T @ targets), dtype=np.float64)


def with_constant(hidden: Array32) -> Array:
    """Hidden units and a constant, (n, H) to (n, H + 1), in float64."""
    return np.append(hidden.astype(np.float64), np.ones((len(hidden), 1)), axis=1)
