"""One row of `network` per trained network, one row of `bound` per network and kind of bound [biggs_bounds, E1 to E12].

Networks of equal width and seed start from the same weights, whatever their data and learning rate.
"""

import itertools
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch

from repro import seeds
from repro.checks import one_of
from repro.job import Progress, job
from scripts.biggs_bounds import evaluation
from scripts.biggs_bounds.evaluation import Data

PAPER, RUN = "biggs_bounds", "networks"
AXES = ("dataset", "n_train", "model", "width", "learning_rate")
"""Lists of a block, the slowest first: a data set is read once a block."""
KEYS = ("dataset", "model", "width", "learning_rate", "momentum", "batch_size", "n_train", "labels", "seed")


class DataKey(NamedTuple):
    """What the data of a network depend on."""

    dataset: str
    n_train: int
    label_seed: int | None
    """Seed of the random labels; null for the original ones."""


def compute(p: Mapping, datasets: Mapping[str, Path], device: str = "cpu") -> dict[str, pd.DataFrame]:
    """Train and bound every network of the blocks."""
    settings = list(networks_of(p))
    progress = Progress(len(settings), "networks")
    networks, bounds = [], []
    for key, group in itertools.groupby(settings, _data_key):
        data = load(key, datasets[key.dataset], device)
        for s in group:
            network, kinds = one_network(s, data)
            networks.append(network)
            bounds += kinds
            progress.update()
    return {"network": pd.DataFrame(networks), "bound": pd.DataFrame(bounds)}


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


def one_network(s: Mapping, data: Data) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Row of `network` and rows of `bound` of one setting."""
    start = time.monotonic()
    setting = [s[key] for key in KEYS if key != "seed"]

    def stream(purpose: str) -> torch.Generator:
        return torch.Generator(data.x.device).manual_seed(seeds.integer(PAPER, RUN, purpose, *setting, seed=s["seed"]))

    run = evaluation.fit(data, s, seeds.integer(PAPER, RUN, "initial", s["width"], seed=s["seed"]), stream)
    kinds, n_prior_epochs = evaluation.bound_rows(run)
    chosen = next(row for row in kinds if row["kind"] == "coupled")
    keys = {**{key: s[key] for key in KEYS}, "n_train": len(data.x)}
    network = {
        **keys,
        **evaluation.network_row(run),
        "n_prior_epochs": n_prior_epochs,
        **evaluation.factor_two(run, chosen["sigma_hidden"], chosen["sigma_output"]),
        "seconds": time.monotonic() - start,
    }
    return network, [{**keys, **row} for row in kinds]


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets, device=j.device))
