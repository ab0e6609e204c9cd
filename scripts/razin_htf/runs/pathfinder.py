"""Pathfinder images: accuracy of ResNet18 by path length, without and with the regulariser [razin_htf, E8]."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from repro.job import Progress, job
from repro.seeds import generator, integer
from scripts.razin_htf import resnet
from scripts.razin_htf.inputs import Region
from scripts.razin_htf.model import PAPER
from scripts.razin_htf.paths import Drawing, draw_images

RUN = "pathfinder"
NETWORK = "resnet18"


def compute(p: Mapping, device: str = "cpu") -> dict[str, pd.DataFrame]:
    """Trainings one after the other; those of a seed and path length share images, initial weights, order and regions."""
    cases = [(length, seed + p["seed_offset"]) for length in p["path_lengths"] for seed in p["seeds"]]
    progress = Progress(len(cases) * len(p["regulariser_weights"]) * p["epochs"], "epochs")
    rows: list[dict[str, Any]] = []
    for length, seed in cases:
        examples = _examples(p, length, seed, device)
        for weight in p["regulariser_weights"]:
            network = resnet.initial_resnet(NETWORK, 1, integer(PAPER, RUN, "weights", seed=seed)).to(device)
            settings = {key: p[key] for key in ("learning_rate", "momentum", "batch_size", "epochs", "stop_after_fit")}
            schedule = resnet.Schedule(**settings, weight=weight)
            for epoch, found in enumerate(resnet.train(network, examples, _orders(p, length, seed, device), schedule), start=1):
                progress.update()
                keys = {"path_length": length, "regulariser_weight": weight, "seed": seed, "epoch": epoch}
                rows += [
                    {**keys, "split": "train", "accuracy": found.train_accuracy},
                    {**keys, "split": "test", "accuracy": found.test_accuracy},
                ]
    return {"pathfinder_curves": pd.DataFrame(rows)}


def _examples(p: Mapping, length: int, seed: int, device: str) -> tuple[resnet.Examples, resnet.Examples]:
    """Images of both splits, resized, at mean 0 and standard deviation 1 over the training images."""
    keys = ("dash_length", "dash_thickness", "margin", "continuity", "marker_radius", "padding")
    drawing = Drawing(p["raw_size"], **{key: p[key] for key in keys})
    drawn = []
    for split in ("train", "test"):
        images, joined = draw_images(generator(PAPER, RUN, "images", length, split, seed=seed), p[f"n_{split}"], length, drawing)
        size = (p["image_size"], p["image_size"])
        drawn.append((torch.nn.functional.interpolate(torch.from_numpy(images)[:, None], size, mode="area"), torch.from_numpy(joined)))
    mean, std = drawn[0][0].mean(), drawn[0][0].std()
    scaled = [(((images - mean) / std).to(device), joined.to(device)) for images, joined in drawn]
    train, test = (resnet.Examples(images.__getitem__, joined) for images, joined in scaled)
    return train, test


def _orders(p: Mapping, length: int, seed: int, device: str) -> Iterator[tuple[Tensor, list[tuple[Region, Region]]]]:
    """For every epoch the order of the images, and two small regions that do not overlap for every mini-batch."""
    rng = generator(PAPER, RUN, "order", length, seed=seed)
    n_batches = -(-p["n_train"] // p["batch_size"])
    while True:
        yield torch.from_numpy(rng.permutation(p["n_train"])).to(device), [_regions(rng, p) for _ in range(n_batches)]


def _regions(rng: np.random.Generator, p: Mapping) -> tuple[Region, Region]:
    size = p["region_size"]
    while True:
        (top, left), (other_top, other_left) = rng.integers(0, p["image_size"] - size + 1, (2, 2)).tolist()
        if max(abs(top - other_top), abs(left - other_left)) >= size:
            return Region(top, left, size), Region(other_top, other_left, size)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, device=j.device))
