"""Decoded datasets on disk: checked, written atomically, the provenance last."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from repro.files import atomic

SPLITS = ("train", "test")


def write(folder: Path, arrays: Mapping[str, np.ndarray], classes: int, provenance: Mapping[str, Any]) -> None:
    """Write {train,test}_{images,labels}.npy and then provenance.json.

    Parameters
    ----------
    folder : Path
        Folder of the dataset.
    arrays : Mapping
        ``<split>_images`` (uint8, (P, channels, height, width)) and ``<split>_labels`` (int64, (P,)).
    classes : int
        Number of classes; labels are 0, …, classes - 1.
    provenance : Mapping
        dataset, source (real or sample), files (name to address), members (name to SHA-256);
        shapes and the images of each class are added.

    Raises
    ------
    ValueError   before anything is written, if the arrays are not as said above.
    """
    for split in SPLITS:
        _check(f"{provenance['dataset']}: {split}", arrays[f"{split}_images"], arrays[f"{split}_labels"], classes)
    for name, array in arrays.items():
        with atomic(folder / f"{name}.npy") as temporary, temporary.open("wb") as file:
            np.save(file, array)
    told = dict(provenance)
    told["shapes"] = {name: list(array.shape) for name, array in arrays.items()}
    told["counts"] = {split: np.bincount(arrays[f"{split}_labels"], minlength=classes).tolist() for split in SPLITS}
    with atomic(folder / "provenance.json") as temporary:
        temporary.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def _check(what: str, images: np.ndarray, labels: np.ndarray, classes: int) -> None:
    """Raise ValueError unless images and labels fit each other and the layout."""
    if images.dtype != np.uint8 or images.ndim != 4:
        raise ValueError(f"{what}: images are {images.dtype} {images.shape}, not uint8 (P, channels, height, width)")
    if labels.dtype != np.int64 or labels.shape != (len(images),):
        raise ValueError(f"{what}: labels are {labels.dtype} {labels.shape}, not int64 ({len(images)},)")
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"{what}: labels go from {labels.min()} to {labels.max()}, not within 0 to {classes - 1}")
