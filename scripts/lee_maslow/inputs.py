"""Two binary tasks from Fashion-MNIST, mixed image by image, and their whitening [lee_maslow, E12, E13].

Task 1 is T-shirt against sandal, the other one pullover against sneaker. Both are ordered class by class, so that images of equal
place have equal labels, and a mixture of a pair keeps its label.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from repro import checks, datasets

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]

FIRST_TASK, OTHER_TASK = (0, 5), (2, 7)
WHITENINGS = ("none", "own_basis", "own_basis_raw_sign", "zca")


def pairs(folder: Path, split: datasets.Split, n_per_class: int, size: int) -> tuple[Array32, Array32]:
    """Images of both tasks, paired by place, and their labels.

    Parameters
    ----------
    folder : decoded Fashion-MNIST.
    split : train or test.
    n_per_class : the first n images of each class, in file order.
    size : side of the images; mean over blocks where it divides their own side, else bilinear.

    Returns
    -------
    images : ndarray, shape (2, 2 n, size²), pixels in [0, 1].
    labels : ndarray, shape (2 n,), 0 or 1.

    Raises
    ------
    ValueError   if a class has fewer images.
    """
    classes = datasets.labels(folder, split)
    pixels = datasets.images(folder, split, dtype=np.uint8)[:, 0]
    chosen = []
    for task in (FIRST_TASK, OTHER_TASK):
        places = [np.flatnonzero(classes == label)[:n_per_class] for label in task]
        if min(map(len, places)) < n_per_class:
            raise ValueError(f"pairs: n_per_class must be at most {min(map(len, places))} here, not {n_per_class}")
        scaled = np.divide(pixels[np.concatenate(places)], 255, dtype=np.float32)
        chosen.append(resize(scaled, size).reshape(2 * n_per_class, -1))
    return np.stack(chosen), np.repeat(np.array([0, 1], dtype=np.float32), n_per_class)


def resize(images: Array32, size: int) -> Array32:
    """Square images (n, h, h) at another size: mean over blocks of pixels where they fill the image, else bilinear between centres.

    Raises
    ------
    ValueError   if `size` is below 1.
    """
    side = images.shape[-1]
    checks.at_least(1, size=size)
    if side % size == 0:
        return datasets.pool(images, side // size)
    centres = np.clip((np.arange(size) + 0.5) * side / size - 0.5, 0, side - 1)
    weights = np.maximum(0, 1 - np.abs(centres[:, None] - np.arange(side))).astype(np.float32)
    return np.asarray(weights @ images @ weights.T)


def mix(images: npt.NDArray[np.floating], mixing: float) -> npt.NDArray[np.floating]:
    """α times the images of task 1 plus 1 − α times those of the other task, pair by pair [lee_maslow, E12].

    Raises
    ------
    ValueError   if `mixing` is outside [0, 1].
    """
    checks.within("mixing", mixing, 0, 1)
    weight = np.asarray([mixing, 1 - mixing], dtype=images.dtype)
    return np.asarray(weight[0] * images[0] + weight[1] * images[1])


def whitening(images: Array32, kind: str, floor: float = 1e-5, signs_of: Array | None = None) -> Array32:
    """Matrix that whitens the covariance of some images when it is multiplied from the right; they are not centred [lee_maslow, E13].

    Parameters
    ----------
    images : ndarray, shape (n, D)
    kind : none (the identity), own_basis (principal components, each over its standard deviation), own_basis_raw_sign (the same
        with the signs that the eigensolver happens to give), or zca (own_basis turned back to pixels).
    floor : added to the variances: pixels at the border hardly vary.
    signs_of : principal components (columns, as `components` gives them) that lend own_basis their signs; by default its own.

    Returns
    -------
    ndarray, shape (D, D)

    Raises
    ------
    ValueError   if `kind` is another word or `floor` is not positive.
    """
    checks.one_of("kind", kind, WHITENINGS)
    checks.positive(floor=floor)
    if kind == "none":
        return np.eye(images.shape[1], dtype=np.float32)
    variances, basis = components(images)
    if kind == "own_basis" and signs_of is not None:
        basis = basis * np.where(np.sum(basis * signs_of, axis=0) < 0, -1.0, 1.0)
    scaled = basis / np.sqrt(np.maximum(variances, 0) + floor)
    return (scaled @ basis.T if kind == "zca" else scaled).astype(np.float32)


def components(images: Array32) -> tuple[Array, Array]:
    """Variances along the principal components, smallest first, and these as columns, with the solver's signs."""
    centred = images.astype(np.float64) - images.mean(axis=0, dtype=np.float64)
    variances, basis = np.linalg.eigh(centred.T @ centred / (len(images) - 1))
    return variances, basis
