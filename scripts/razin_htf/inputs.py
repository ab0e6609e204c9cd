"""IsSameClass examples: pairs of images and the canvas that they stand on."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks, datasets
from repro.datasets import Split

Array = npt.NDArray[Any]

# Mean and standard deviation of red, green and blue of CIFAR-10's training images, as published with the task.
CHANNEL_MEAN = (0.491, 0.482, 0.446)
CHANNEL_STD = (0.247, 0.243, 0.261)
BLOCK = 5000  # images that are scaled at once: memory


class Pairs(NamedTuple):
    """Examples of one split."""

    images: npt.NDArray[np.int64]
    """Places of the left and the right image, shape (P, 2)."""
    same: npt.NDArray[np.float32]
    """1 where both are of one class, else 0, shape (P,)."""


class Region(NamedTuple):
    """A rectangle of an image, in pixels."""

    top: int
    left: int
    size: int

    def cut(self, images: Any) -> Any:
        """The rectangle of images (..., height, width): a view."""
        return images[..., self.top : self.top + self.size, self.left : self.left + self.size]


def normalised(folder: Path, split: Split, pool: int = 1) -> Array:
    """Images of one split, each channel at mean 0 and standard deviation 1 over the training set, pooled; float32.

    Parameters
    ----------
    folder : of decoded CIFAR-10.
    pool : side of the blocks of pixels of which the mean is taken.

    Returns
    -------
    ndarray, shape (n, 3, 32 / pool, 32 / pool)
    """
    pixels = datasets.images(folder, split, dtype=np.uint8)
    blocks = np.split(pixels, range(BLOCK, len(pixels), BLOCK))
    images = np.concatenate([datasets.pool(block.astype(np.float32), pool) for block in blocks]) / np.float32(255)
    mean, std = (np.array(values, dtype=np.float32)[:, None, None] for values in (CHANNEL_MEAN, CHANNEL_STD))
    return (images - mean) / std


def draw_pairs(rng: np.random.Generator, labels: npt.NDArray[np.int64], n: int, classes: list[int] | None = None) -> Pairs:
    """Pairs of images with replacement: with probability one half both of a class, else of two classes.

    Parameters
    ----------
    labels : ndarray, shape (n_images,)
    n : number of pairs.
    classes : the classes to draw from; all that there are by default.

    Raises
    ------
    ValueError   if `n` is below 1, there are fewer than two classes, or one of them has no image.
    """
    checks.at_least(1, n=n)
    classes = sorted(set(labels.tolist())) if classes is None else classes
    members = [np.flatnonzero(labels == each) for each in classes]
    if len(classes) < 2 or not all(map(len, members)):
        raise ValueError(f"classes must be two or more that have images, not {classes}")
    others = [np.flatnonzero(np.isin(labels, classes) & (labels != each)) for each in classes]
    same = rng.integers(0, 2, n)
    drawn = rng.integers(0, len(classes), n)
    places = np.empty((n, 2), dtype=np.int64)
    for row, (is_same, at) in enumerate(zip(same, drawn, strict=True)):
        places[row, 0] = rng.choice(members[at])
        places[row, 1] = rng.choice(members[at] if is_same else others[at])
    return Pairs(places, same.astype(np.float32))


def windows(distance: int, size: int, height: int, width: int) -> tuple[Region, Region]:
    """Places of the left and the right image on the canvas, centred.

    Parameters
    ----------
    distance : empty columns between the images.
    size : side of an image.
    height, width : of the canvas.

    Raises
    ------
    ValueError   if the images do not fit on the canvas, or `distance` is negative.
    """
    checks.at_least(0, distance=distance)
    if height < size or width < 2 * size + distance:
        raise ValueError(f"distance: two images of {size} pixels, {distance} apart, do not fit on {height} × {width}")
    top, left = height // 2 - size // 2, width // 2 - size - distance // 2
    return Region(top, left, size), Region(top, left + size + distance, size)


def on_canvas(images: Any, distance: int, height: int, width: int) -> Any:
    """Pairs of normalised images (B, 2, channels, size, size) on a canvas of 0, the mean grey: (B, channels, height, width).

    Takes and returns NumPy arrays or tensors of torch.
    """
    size = images.shape[-1]
    new = images.new_zeros if hasattr(images, "new_zeros") else np.zeros
    canvas = new((len(images), images.shape[2], height, width))
    for at, window in enumerate(windows(distance, size, height, width)):
        window.cut(canvas)[...] = images[:, at]
    return canvas
