"""Decoded dataset: {train,test}_{images,labels}.npy and provenance.json, from fetched files that are verified once more."""

import io
import json
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from repro.job import job
from scripts.datasets import store
from scripts.datasets.content import BadContent, members

IDX_PREFIX = {"train": "train", "test": "t10k"}
CIFAR_MEMBERS = {"train": [f"data_batch_{i}" for i in range(1, 6)], "test": ["test_batch"]}
RECONSTRUCT = np.empty(0).__reduce__()[0]  # numpy's function that makes an empty array to be filled
ADMITTED = {
    ("numpy.core.multiarray", "_reconstruct"): RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


def decode(dataset: str, entry: Mapping[str, Any], raw: Path, folder: Path) -> None:
    """Verify, parse and write one dataset.

    Parameters
    ----------
    dataset : str
        Its name.
    entry : Mapping
        ``files`` (name to members' SHA-256), ``format`` (idx or cifar), ``shapes`` (split to the shape of its images), ``classes``.
    raw : Path
        Folder with the fetched files and sources.json.
    folder : Path
        Where the decoded files go.

    Raises
    ------
    BadContent   if a file has not the expected content; nothing is written then.
    """
    parse, assemble = FORMATS[entry["format"]]
    parsed = {}
    for file, hashes in entry["files"].items():
        try:
            for name, content in members(raw / file, hashes):
                parsed[Path(name).name] = parse(content)
        except (BadContent, FileNotFoundError) as error:
            told = "not there" if isinstance(error, FileNotFoundError) else str(error)
            way_out = f"Delete {raw / 'sources.json'} and run again: what is not good will be fetched anew."
            raise BadContent(f"{dataset}: {raw / file}: {told}. {way_out}") from error
    arrays = assemble(parsed, entry["shapes"])
    for split, shape in entry["shapes"].items():
        if list(arrays[f"{split}_images"].shape) != list(shape):
            raise BadContent(f"{dataset}: {split} images have the shape {arrays[f'{split}_images'].shape}, not {tuple(shape)}")
    provenance = {
        "dataset": dataset,
        "source": "real",
        "files": json.loads((raw / "sources.json").read_text(encoding="utf-8")),
        "members": {name: sha for hashes in entry["files"].values() for name, sha in hashes.items()},
    }
    store.write(folder, arrays, entry["classes"], provenance)


def parse_idx(content: bytes) -> np.ndarray:
    """Array of an IDX file of unsigned bytes: two zero bytes, type 8, number of axes, big-endian lengths, data."""
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise BadContent(f"not an IDX file of unsigned bytes, it begins with {content[:4]!r}")
    axes = content[3]
    start = 4 + 4 * axes
    if len(content) < start:
        raise BadContent(f"IDX header is cut short at {len(content)} bytes")
    shape = tuple(np.frombuffer(content, ">u4", axes, 4).tolist())
    data = np.frombuffer(content, np.uint8, offset=start)
    if data.size != np.prod(shape, dtype=np.int64):
        raise BadContent(f"IDX header says {shape}, and {data.size} bytes follow")
    return data.reshape(shape)


def arrays_of_idx(parsed: Mapping[str, np.ndarray], shapes: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The four arrays from the four IDX members; a grey image gets its channel axis."""
    arrays = {}
    for split, prefix in IDX_PREFIX.items():
        images = parsed[f"{prefix}-images-idx3-ubyte"]
        arrays[f"{split}_images"] = images.reshape(len(images), *shapes[split][1:])
        arrays[f"{split}_labels"] = parsed[f"{prefix}-labels-idx1-ubyte"].astype(np.int64)
    return arrays


class _ArraysOnly(pickle.Unpickler):
    """Unpickler that makes plain containers and numpy arrays and calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """The admitted function or class of that name."""
        try:
            return ADMITTED[module, name]
        except KeyError:
            raise BadContent(f"refused to unpickle {module}.{name}") from None


def parse_cifar(content: bytes) -> dict[bytes, Any]:
    """Dictionary in a CIFAR batch: b"data" (uint8, (P, 3072), one row a picture) and b"labels" (list of int)."""
    try:
        batch = _ArraysOnly(io.BytesIO(content), encoding="bytes").load()
    except (pickle.UnpicklingError, EOFError, AttributeError, IndexError, TypeError) as error:
        raise BadContent(f"not a CIFAR batch ({error})") from error
    return batch


def arrays_of_cifar(parsed: Mapping[str, dict[bytes, Any]], shapes: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The four arrays from the batches, in their order."""
    arrays = {}
    for split, names in CIFAR_MEMBERS.items():
        data = np.concatenate([parsed[name][b"data"] for name in names])
        arrays[f"{split}_images"] = data.reshape(len(data), *shapes[split][1:])
        arrays[f"{split}_labels"] = np.concatenate([parsed[name][b"labels"] for name in names]).astype(np.int64)
    return arrays


FORMATS: dict[str, tuple[Callable, Callable]] = {"idx": (parse_idx, arrays_of_idx), "cifar": (parse_cifar, arrays_of_cifar)}


if "snakemake" in globals():
    with job(snakemake):
        decode(snakemake.params.dataset, snakemake.params.entry, Path(snakemake.input[0]).parent, Path(snakemake.output[0]).parent)
