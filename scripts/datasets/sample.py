"""Embedded sample of one dataset, unpacked into the form of the real one."""

import hashlib
from pathlib import Path

import numpy as np

from repro.job import job
from scripts.datasets import store


def unpack(dataset: str, packed: Path, folder: Path, classes: int) -> None:
    """Write the arrays of a packed sample to `folder`, with a provenance that calls them a sample."""
    with np.load(packed) as stored:
        arrays = {name: stored[name].astype(np.int64 if name.endswith("labels") else np.uint8) for name in sorted(stored.files)}
    digest = hashlib.sha256(packed.read_bytes()).hexdigest()
    told = {"dataset": dataset, "source": "sample", "files": {packed.name: str(packed)}, "members": {packed.name: digest}}
    store.write(folder, arrays, classes, told)


if "snakemake" in globals():
    with job(snakemake):
        unpack(snakemake.params.dataset, Path(snakemake.input[0]), Path(snakemake.output[0]).parent, snakemake.params.classes)
