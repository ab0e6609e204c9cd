"""Make the embedded sample: python -m scripts.datasets.make_sample data/real workflow/samples."""

import sys
from pathlib import Path

import numpy as np

from repro.datasets import images, labels
from repro.files import atomic
from scripts.datasets.mirrors import registry
from scripts.datasets.store import SPLITS

PER_CLASS = {"train": 200, "test": 50}


def choose(classes: np.ndarray, per_class: int) -> np.ndarray:
    """Positions of the first `per_class` examples of each class, ascending (file order)."""
    return np.sort(np.concatenate([np.flatnonzero(classes == label)[:per_class] for label in np.unique(classes)]))


def pack(folder: Path, packed: Path) -> None:
    """Write the class-balanced sample of one decoded dataset to an .npz file."""
    arrays = {}
    for split in SPLITS:
        classes = labels(folder, split)
        chosen = choose(classes, PER_CLASS[split])
        arrays[f"{split}_images"] = images(folder, split, chosen[-1] + 1, np.uint8)[chosen]
        arrays[f"{split}_labels"] = classes[chosen].astype(np.uint8)
    with atomic(packed) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)


if __name__ == "__main__":
    real, samples = (Path(argument) for argument in sys.argv[1:])
    for dataset in registry():
        pack(real / dataset, samples / f"{dataset}.npz")
