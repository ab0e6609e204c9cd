"""Images as points: centred, scaled, with the Laplace kernel of their distances [tomasini_krr, E1, E7]."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from repro import checks, datasets

Array = npt.NDArray[np.float64]


def image_pool(folder: Path, dataset: str, rng: np.random.Generator, size: int) -> tuple[Array, Array]:
    """A pool of training images with their labels ±1.

    Parameters
    ----------
    folder : decoded dataset.
    dataset : {"mnist", "fashion_mnist", "cifar10"}, whose classes give the labels.
    rng : draws the images, without replacement.
    size : M.

    Returns
    -------
    points : ndarray, shape (M, D), all channels; mean 0 over the pool and mean norm 1.
    labels : ndarray, shape (M,)

    Raises
    ------
    ValueError   if there are fewer than `size` images, or fewer than two are asked for.
    """
    labels = datasets.sign_labels(folder, "train", dataset)
    checks.within("size", size, 2, len(labels))
    chosen = np.sort(rng.choice(len(labels), size, replace=False))
    pixels = datasets.images(folder, "train", dtype=np.uint8)[chosen]
    points = pixels.reshape(size, -1) / 255
    points -= points.mean(axis=0)
    return points / np.linalg.norm(points, axis=1).mean(), labels[chosen]


def pairwise_distances(points: Array) -> Array:
    """Euclidean distances (M, M) between the rows of (M, D), by one matrix product."""
    squares = np.einsum("ij,ij->i", points, points)
    squared = squares[:, None] + squares - 2 * points @ points.T
    np.fill_diagonal(squared, 0)
    return np.sqrt(np.maximum(squared, 0))


def scaled_kernel(points: Array, bandwidth_factor: float) -> Array:
    """Laplace kernel whose bandwidth is a multiple of the median distance between two points of the pool [tomasini_krr, E1]."""
    checks.positive(bandwidth_factor=bandwidth_factor)
    distances = pairwise_distances(points)
    median = np.median(distances[np.triu_indices(len(points), k=1)])
    return np.exp(-distances / (bandwidth_factor * median))
