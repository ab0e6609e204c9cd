"""IsSameClass on pairs of CIFAR-10 images: accuracy by distance, without, with and against the regulariser [razin_htf, E8].

The strip network trains all settings and seeds at once, in two groups: those without and those with the regulariser. ResNets, which fill
a GPU each, train one after the other. All trainings of a seed share pairs, initial weights, order and regions.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from repro.checks import one_of
from repro.datasets import Split, labels
from repro.job import Progress, job
from repro.seeds import generator, integer
from scripts.razin_htf import resnet, strip
from scripts.razin_htf.inputs import Pairs, Region, draw_pairs, normalised, on_canvas, windows
from scripts.razin_htf.model import PAPER

RUN = "locality"
KEYS = ("distance", "regulariser_weight", "seed")
Training = Mapping[str, Any]
Rows = list[dict[str, Any]]


def compute(p: Mapping, datasets: Mapping[str, Path], device: str = "cpu") -> dict[str, pd.DataFrame]:
    """Trainings in the order of the parameters."""
    one_of("network", p["network"], ("strip", *resnet.BLOCKS))
    trainings = [
        {"epochs": p["epochs"], **entry, "regulariser_weight": weight, "seed": seed + p["seed_offset"]}
        for entry in p["trainings"]
        for weight in entry["regulariser_weights"]
        for seed in entry.get("seeds", p["seeds"])
    ]
    train = _strips if p["network"] == "strip" else _resnets
    rows = train(p, trainings, datasets["cifar10"], device)
    curves = [{**row, "split": split, "accuracy": row[split]} for of_training in rows for row in of_training for split in ("train", "test")]
    found = [row for of_training in rows for row in of_training if row["regulariser_weight"] != 0]
    return {
        "locality_curves": pd.DataFrame(curves, columns=[*KEYS, "epoch", "split", "accuracy"]),
        "regulariser_curves": pd.DataFrame(found, columns=[*KEYS, "epoch", "regulariser"]),
    }


def _pairs(p: Mapping, folder: Path, split: Split, seed: int) -> Pairs:
    """Fixed pairs of a seed, for all distances and weights."""
    return draw_pairs(generator(PAPER, RUN, "pairs", split, seed=seed), labels(folder, split), p[f"n_{split}"], p["classes"])


def _orders(p: Mapping, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For every epoch the order of the pairs, and which image is region I in every mini-batch."""
    rng = generator(PAPER, RUN, "order", seed=seed)
    n_batches = -(-p["n_train"] // p["batch_size"])
    while True:
        yield rng.permutation(p["n_train"]), rng.integers(0, 2, n_batches)


def _strips(p: Mapping, trainings: list[Training], folder: Path, device: str) -> list[Rows]:
    """Strip networks: (group, then) epoch by epoch, with those that have had their epochs left out."""
    images = {split: normalised(folder, split, p["image_pool"]).reshape(-1, 3 * p["canvas_height"] ** 2) for split in ("train", "test")}
    on_device = {split: torch.from_numpy(found).to(device) for split, found in images.items()}
    rows: list[Rows] = [[] for _ in trainings]
    progress = Progress(sum(training["epochs"] for training in trainings), "epochs")
    for regularised in (False, True):
        chosen = [at for at, training in enumerate(trainings) if (training["regulariser_weight"] != 0) == regularised]
        for n_epochs in sorted({trainings[at]["epochs"] for at in chosen}):
            group = [at for at in chosen if trainings[at]["epochs"] == n_epochs]
            own = [trainings[at] for at in group]
            for epoch, (train, test, found) in enumerate(_strip_group(p, own, folder, on_device), start=1):
                progress.update(len(own))
                for at, training, *values in zip(group, own, train, test, found, strict=True):
                    rows[at].append(_row(training, epoch, *values))
    return rows


def _strip_group(p: Mapping, own: list[Training], folder: Path, images: Mapping[Split, Tensor]) -> Iterator[list[list[float]]]:
    """Train accuracy, test accuracy and R of strip networks with equal numbers of epochs, after every epoch."""
    device = images["train"].device
    tasks = {split: _task(p, own, folder, split, images[split]) for split in images}
    streams = [generator(PAPER, RUN, "weights", p["channels"], p["residual_layers"], seed=training["seed"]) for training in own]
    start = strip.initial_networks(streams, images["train"].shape[1], p["channels"], p["residual_layers"])
    start = strip.Networks(*(part.to(device) for part in start))
    weights = torch.tensor([training["regulariser_weight"] for training in own], dtype=torch.float32, device=device)
    descent = strip.Descent(p["learning_rate"], p["momentum"], p["batch_size"])
    streams_of_orders = [_orders(p, training["seed"]) for training in own]

    def orders() -> Iterator[tuple[Tensor, Tensor]]:
        for _ in range(own[0]["epochs"]):
            order, regions = zip(*(next(stream) for stream in streams_of_orders), strict=True)
            yield torch.from_numpy(np.stack(order)).to(device), torch.from_numpy(np.stack(regions)).to(device)

    for networks, running, epoch in strip.train(start, tasks["train"], orders(), weights, descent):
        tested = strip.accuracy(networks, running, tasks["test"])
        yield [values.tolist() for values in (epoch.accuracy, tested, epoch.regulariser)]


def _task(p: Mapping, own: list[Training], folder: Path, split: Split, images: Tensor) -> strip.Task:
    """Pairs and places of every strip network; the canvas is cut into cells as large as an image."""
    pairs = [_pairs(p, folder, split, training["seed"]) for training in own]
    size = p["canvas_height"]
    places = np.zeros((len(own), p["canvas_width"] // size, 2), dtype=np.float32)
    for at, training in enumerate(own):
        for image, window in enumerate(windows(training["distance"], size, p["canvas_height"], p["canvas_width"])):
            cell, rest = divmod(window.left, size)
            if rest:
                raise ValueError(f"distance {training['distance']}: an image of {size} pixels does not fill one cell of the strip")
            places[at, cell, image] = 1
    arrays = (np.stack([each.images for each in pairs]), np.stack([each.same for each in pairs]), places)
    return strip.Task(images, *(torch.from_numpy(array).to(images.device) for array in arrays))


def _resnets(p: Mapping, trainings: list[Training], folder: Path, device: str) -> list[Rows]:
    """ResNets on the whole canvas, one after the other."""
    images = {split: torch.from_numpy(normalised(folder, split, p["image_pool"])).to(device) for split in ("train", "test")}
    progress = Progress(sum(training["epochs"] for training in trainings), "epochs")
    rows: list[Rows] = []
    for training in trainings:
        examples = [_examples(p, training, folder, split, images[split]) for split in ("train", "test")]
        network = resnet.initial_resnet(p["network"], 3, integer(PAPER, RUN, "weights", p["network"], seed=training["seed"])).to(device)
        both = windows(training["distance"], images["train"].shape[-1], p["canvas_height"], p["canvas_width"])
        settings = {key: p[key] for key in ("learning_rate", "momentum", "batch_size", "stop_after_fit")}
        schedule = resnet.Schedule(**settings, epochs=training["epochs"], weight=training["regulariser_weight"])
        rows.append([])
        for found in resnet.train(network, (examples[0], examples[1]), _resnet_orders(p, training, both, device), schedule):
            progress.update()
            rows[-1].append(_row(training, len(rows[-1]) + 1, *found))
    return rows


def _resnet_orders(
    p: Mapping, training: Training, both: tuple[Region, Region], device: str
) -> Iterator[tuple[Tensor, list[tuple[Region, Region]]]]:
    """Orders as for the strip networks, and both windows with region I first."""
    for order, regions in _orders(p, training["seed"]):
        yield torch.from_numpy(order).to(device), [(both[at], both[1 - at]) for at in regions]


def _examples(p: Mapping, training: Training, folder: Path, split: Split, images: Tensor) -> resnet.Examples:
    """Canvases, made a mini-batch at a time."""
    pairs = _pairs(p, folder, split, training["seed"])
    places = torch.from_numpy(pairs.images).to(images.device)

    def batch(chosen: Tensor) -> Tensor:
        return on_canvas(images[places[chosen]], training["distance"], p["canvas_height"], p["canvas_width"])

    return resnet.Examples(batch, torch.from_numpy(pairs.same).to(images.device))


def _row(training: Training, epoch: int, train: float, test: float, regulariser: float) -> dict[str, Any]:
    return {**{key: training[key] for key in KEYS}, "epoch": epoch, "train": train, "test": test, "regulariser": regulariser}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets, device=j.device))
