"""One row of `network` per trained network, one row of `bound` per network and kind of bound [biggs_bounds, E1 to E12].

Networks of equal width and seed start from the same weights, whatever their data and learning rate. On a GPU, networks of the same
data, width, momentum and batch size train at once; `seconds` is then each one's share.
"""

import itertools
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch

from repro import seeds
from repro.checks import one_of
from repro.job import Progress, job
from scripts.biggs_bounds import evaluation
from scripts.biggs_bounds.evaluation import Data

log = logging.getLogger(__name__)

PAPER, RUN = "biggs_bounds", "networks"
AXES = ("dataset", "n_train", "model", "width", "learning_rate")
"""Lists of a block, the slowest first: a data set is read once a block."""
KEYS = ("dataset", "model", "width", "learning_rate", "momentum", "batch_size", "n_train", "labels", "seed")
AT_ONCE = ("width", "momentum", "batch_size", "fixed_epochs")
"""What networks that train at once have in common, beside their data."""
MOST_AT_ONCE = {"cpu": 1, "cuda": 100}
"""Networks that train at once at most, by the kind of device: a core gains a sixth at best; one by one any split gives the same rows."""

Rows = tuple[dict[str, Any], list[dict[str, Any]]]
"""Row of `network` and rows of `bound` of one network."""


class DataKey(NamedTuple):
    """What the data of a network depend on."""

    dataset: str
    n_train: int
    label_seed: int | None
    """Seed of the random labels; null for the original ones."""


def compute(p: Mapping, datasets: Mapping[str, Path], device: str = "cpu") -> dict[str, pd.DataFrame]:
    """Train and bound every network of the blocks."""
    settings = list(networks_of(p))
    if torch.device(device).type == "cuda":
        torch.set_float32_matmul_precision("high" if p["tf32"] else "highest")
    progress = Progress(len(settings), "networks")
    found: dict[int, Rows] = {}
    for key, of_data in _grouped(range(len(settings)), lambda i: _data_key(settings[i])).items():
        data = load(key, datasets[key.dataset], device)
        for group in _grouped(of_data, lambda i: tuple(settings[i][name] for name in AT_ONCE)).values():
            most = MOST_AT_ONCE[data.x.device.type]
            for numbers in (group[start : start + most] for start in range(0, len(group), most)):
                found |= zip(numbers, in_halves([settings[i] for i in numbers], data), strict=True)
                progress.update(len(numbers))
    networks, bounds = zip(*(found[i] for i in range(len(settings))), strict=True)
    return {"network": pd.DataFrame(networks), "bound": pd.DataFrame(itertools.chain.from_iterable(bounds))}


def _grouped(numbers: Iterable[int], key: Callable[[int], Any]) -> dict[Any, list[int]]:
    """Numbers by a key, both in the order of their first appearance."""
    groups: dict[Any, list[int]] = {}
    for number in numbers:
        groups.setdefault(key(number), []).append(number)
    return groups


def in_halves(settings: Sequence[Mapping], data: Data) -> list[Rows]:
    """Rows of networks that train at once; where the device's memory is too small, of each half of them in turn."""
    try:
        return trained_at_once(settings, data)
    except torch.OutOfMemoryError:  # what holds the memory is let go of when this block ends
        if len(settings) == 1:
            raise
    torch.cuda.empty_cache()
    half = len(settings) // 2
    log.warning("out of memory with %d networks of width %d at once: going on with %d", len(settings), settings[0]["width"], half)
    return in_halves(settings[:half], data) + in_halves(settings[half:], data)


def networks_of(p: Mapping) -> Iterator[dict[str, Any]]:
    """Settings of all networks: for every block the product of its lists and seeds 1 … n_seeds."""
    common = {key: value for key, value in p.items() if key not in ("block", "blocks")}
    for block in ({**p["block"], **own} for own in p["blocks"]):
        block_seeds = seeds.seeds({**block, "seed_offset": p["seed_offset"]}, first=1)
        for *values, seed in itertools.product(*(block[axis] for axis in AXES), block_seeds):
            s = {**common, **block, **dict(zip(AXES, values, strict=True)), "seed": seed}
            yield {**s, "n_union": p["n_union"][s["model"]], "loss_stop": p["loss_stop"][s["dataset"]]}


def _data_key(s: Mapping) -> DataKey:
    one_of("labels", s["labels"], ("original", "random"))
    return DataKey(s["dataset"], s["n_train"], s["seed"] if s["labels"] == "random" else None)


def load(key: DataKey, folder: Path, device: str) -> Data:
    """Images and labels; random ones are uniform over the classes, on the training set only."""
    data = evaluation.load(folder, key.n_train, device)
    if key.label_seed is None:
        return data
    stream = seeds.generator(PAPER, RUN, "labels", key.dataset, key.n_train, seed=key.label_seed)
    labels = stream.integers(evaluation.N_CLASSES, size=len(data.labels))
    return data._replace(labels=torch.from_numpy(labels).to(device))


def trained_at_once(settings: Sequence[Mapping], data: Data) -> list[Rows]:
    """Rows of each setting; they have in common what `AT_ONCE` names."""
    start = time.monotonic()
    initial_seeds = [seeds.integer(PAPER, RUN, "initial", s["width"], seed=s["seed"]) for s in settings]
    runs = evaluation.fits(data, settings, initial_seeds, [_stream(s, data.x.device) for s in settings])
    of_bounds = evaluation.bound_rows(runs)
    shared = (time.monotonic() - start) / len(runs)
    return [_rows(run, *found, shared) for run, found in zip(runs, of_bounds, strict=True)]


def _stream(s: Mapping, device: torch.device) -> evaluation.Stream:
    setting = [s[key] for key in KEYS if key != "seed"]
    return lambda purpose: torch.Generator(device).manual_seed(seeds.integer(PAPER, RUN, purpose, *setting, seed=s["seed"]))


def _rows(run: evaluation.Fit, kinds: list[dict[str, Any]], n_prior_epochs: int, seconds: float) -> Rows:
    """Rows of one network; `seconds` is what it took so far."""
    start = time.monotonic()
    chosen = next(row for row in kinds if row["kind"] == "coupled")
    keys = {**{key: run.s[key] for key in KEYS}, "n_train": len(run.data.x)}
    network = {
        **keys,
        **evaluation.network_row(run),
        "n_prior_epochs": n_prior_epochs,
        **evaluation.factor_two(run, chosen["sigma_hidden"], chosen["sigma_output"]),
        "seconds": seconds + time.monotonic() - start,
    }
    return network, [{**keys, **row} for row in kinds]


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets, device=j.device))
