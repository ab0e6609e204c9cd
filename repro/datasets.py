"""Decoded image datasets, and the preprocessing that several papers share.

A dataset is a folder with ``{train,test}_images.npy`` (uint8, (P, channels, height, width)) and
``{train,test}_labels.npy`` (int64, (P,)), both in the order of the published files. They are memory-mapped: reading
the first n images touches no more.
"""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from repro.checks import one_of

Split = Literal["train", "test"]
Array = npt.NDArray[Any]

LUMA = (299, 587, 114)
"""ITU-R BT.601 weights of red, green and blue, in thousandths."""

POSITIVE_CLASSES = {
    "mnist": (0, 2, 4, 6, 8),
    "fashion_mnist": (0, 2, 4, 6, 8),
    "cifar10": (0, 1, 8, 9),
}
"""Classes with label +1 where ten are told apart as two: even ones against odd ones; vehicles against animals."""


def images(folder: Path, split: Split, n: int | None = None, dtype: npt.DTypeLike = np.float32) -> Array:
    """First n images in file order, scaled to [0, 1].

    Parameters
    ----------
    folder : Path
        Folder of one decoded dataset.
    split : str
        "train" or "test".
    n : int, optional
        Number of images, capped by what there is; all of them by default.
    dtype : dtype
        Floating, or ``np.uint8`` for the stored pixels (0 to 255, not scaled).

    Returns
    -------
    ndarray, shape (n, channels, height, width)   a copy; 1 channel (grey) or 3 (red, green, blue).

    Raises
    ------
    FileNotFoundError   if the folder holds no decoded dataset.
    ValueError   if `n` is negative or `dtype` is neither floating nor uint8.
    """
    pixels = _first(folder, f"{split}_images", n)
    if np.dtype(dtype) == np.uint8:
        return np.array(pixels)
    if not np.issubdtype(dtype, np.floating):
        raise ValueError(f"images: dtype {np.dtype(dtype)} is neither floating nor uint8")
    return np.divide(pixels, 255, dtype=dtype)


def labels(folder: Path, split: Split, n: int | None = None) -> npt.NDArray[np.int64]:
    """Classes 0, 1, … of the first n images, shape (n,); arguments and errors as in `images`."""
    return np.array(_first(folder, f"{split}_labels", n), dtype=np.int64)


def sign_labels(folder: Path, split: Split, dataset: str) -> npt.NDArray[np.float64]:
    """Labels ±1 of all images of a split, +1 for the `POSITIVE_CLASSES` of a dataset, shape (P,); ValueError for another dataset."""
    one_of("dataset", dataset, POSITIVE_CLASSES)
    return np.where(np.isin(labels(folder, split), POSITIVE_CLASSES[dataset]), 1.0, -1.0)


def size(folder: Path, split: Split) -> int:
    """Number of images P of one split."""
    return len(_first(folder, f"{split}_labels", None))


def grey_mean(images: Array) -> Array:
    """Plain mean over the channels, not rounded: (n, channels, h, w) to (n, h, w) in the dtype of `images`.

    Integer pixels give float64. A grey image is returned as it is.
    """
    return np.mean(images, axis=1, dtype=images.dtype if images.dtype.kind == "f" else np.float64)


def grey_luma(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Luma 0.299 R + 0.587 G + 0.114 B of ITU-R BT.601, rounded to whole grey levels.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, 3, h, w) or (n, 1, h, w)
        Stored pixels, 0 to 255; a grey image is returned as it is.

    Returns
    -------
    ndarray of uint8, shape (n, h, w)   halves are rounded up; the arithmetic is exact (in integers).

    Raises
    ------
    ValueError   if the pixels are not uint8: scaled images would all be rounded to 0 or 1.
    """
    if images.dtype != np.uint8:
        raise ValueError(f"grey_luma takes stored pixels (uint8), got {images.dtype}")
    if images.shape[1] == 1:
        return images[:, 0].copy()
    thousandths = np.full(images[:, 0].shape, 500, dtype=np.int32)
    for channel, weight in enumerate(LUMA):
        thousandths += np.int32(weight) * images[:, channel]
    return (thousandths // 1000).astype(np.uint8)


def unit_norm(x: Array) -> Array:
    """Rows scaled to Euclidean norm 1: x / ‖x‖₂ along the last axis, in the dtype of `x`; a row of zeros stays zero."""
    norm = np.linalg.norm(x, axis=-1, keepdims=True)
    return x / np.where(norm > 0, norm, 1)


def pool(images: Array, factor: int) -> Array:
    """Mean over square blocks of pixels: (..., h, w) to (..., h / factor, w / factor), in the dtype of `images` (integers: float64).

    Raises
    ------
    ValueError   if `factor` does not divide height and width.
    """
    *lead, height, width = images.shape
    if factor < 1 or height % factor or width % factor:
        raise ValueError(f"pool: blocks of {factor} × {factor} do not fill images of {height} × {width}")
    blocks = images.reshape(*lead, height // factor, factor, width // factor, factor)
    return np.mean(blocks, axis=(-3, -1), dtype=images.dtype if images.dtype.kind == "f" else np.float64)


def second_moment(x: Array, block: int = 5000) -> npt.NDArray[np.float64]:
    """Uncentred second moment XᵀX / P, accumulated in float64 over blocks of rows.

    Parameters
    ----------
    x : ndarray, shape (P, ...)
        One example a row, flattened to D numbers; any real dtype, may be memory-mapped.
    block : int
        Rows converted to float64 at a time (the memory cost is ``8 · block · D`` bytes).

    Returns
    -------
    ndarray, shape (D, D)   symmetric; in units of x². Centre `x` first for the covariance.

    Raises
    ------
    ValueError   if `x` has no rows.
    """
    if len(x) == 0:
        raise ValueError("second_moment needs at least one row")
    flat = x.reshape(len(x), -1)
    total = np.zeros((flat.shape[1], flat.shape[1]))
    for start in range(0, len(flat), block):
        rows = flat[start : start + block].astype(np.float64)
        total += rows.T @ rows
    return total / len(flat)


def eigenbasis(matrix: Array) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Eigenvalues and eigenvectors of a symmetric matrix, largest eigenvalue first, with a fixed sign.

    Parameters
    ----------
    matrix : ndarray, shape (D, D)
        Symmetric; only the lower triangle is read.

    Returns
    -------
    values : ndarray, shape (D,)   descending.
    vectors : ndarray, shape (D, D)   orthonormal columns; the entry of largest modulus (first of equals) is positive.
    """
    values, vectors = np.linalg.eigh(np.asarray(matrix, dtype=np.float64))
    values, vectors = values[::-1], vectors[:, ::-1]
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0)[None], axis=0)
    return values.copy(), vectors * np.where(largest < 0, -1.0, 1.0)


def _first(folder: Path, name: str, n: int | None) -> Array:
    """Memory-mapped first n rows of one file of a dataset."""
    if n is not None and n < 0:
        raise ValueError(f"{name}: cannot read the first {n} images")
    path = Path(folder) / f"{name}.npy"
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; decode the dataset first (rule decode_… or sample_…)")
    try:
        rows: Array = np.load(path, mmap_mode="r")[:n]
    except ValueError as error:
        raise ValueError(f"{path}: not a whole array ({error}). Delete {path.parent} and run again: it will be decoded anew.") from error
    return rows
