"""Random streams keyed by what they are for, so that any split of the work draws the same numbers."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np


def _entropy(paper: str, run: str, *setting: str | float, seed: int) -> int:
    key = "\x1f".join(map(str, (paper, run, *setting, seed)))
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:16], "big")


def generator(paper: str, run: str, *setting: str | float, seed: int) -> np.random.Generator:
    """Generator of the stream (paper, run, setting, seed); equal keys give equal streams."""
    return np.random.default_rng(_entropy(paper, run, *setting, seed=seed))


def integer(paper: str, run: str, *setting: str | float, seed: int) -> int:
    """Seed in [0, 2^63) for libraries with generators of their own."""
    return _entropy(paper, run, *setting, seed=seed) >> 65


def seeds(params: Mapping[str, Any], name: str = "n_seeds", first: int = 0) -> list[int]:
    """Seeds of a run: `params[name]` consecutive integers from `first`, shifted by the session's offset."""
    start = first + params["seed_offset"] + params.get("shard_start", 0)
    return list(range(start, start + params[name]))
