"""Very deep narrow CNNs on MNIST [lee_deepnarrow, E7]."""

import math
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from repro.frames import tidy
from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.lee_deepnarrow import convolution, inputs
from scripts.lee_deepnarrow.inputs import Examples
from scripts.lee_deepnarrow.model import PAPER, Array, draw
from scripts.lee_deepnarrow.theory import N_TAPS
from scripts.lee_deepnarrow.training import Batch

RUN = "cnn_training"
SPLITS = ("train", "test")


def compute(p: Mapping, datasets: Mapping[str, Path], device: str = "cpu") -> dict[str, pd.DataFrame]:
    """Seeds of one network train together."""
    curves, evaluations, read = [], [], {}
    for net in p["networks"]:
        n_classes = net["n_classes"]
        if n_classes not in read:
            sizes = [(split, p[f"n_{split}"]) for split in SPLITS]
            read[n_classes] = [inputs.mnist(datasets["mnist"], *each, pooling=p["pooling"], n_classes=n_classes) for each in sizes]
            evaluations += _constant(*read[n_classes], n_classes)
        losses, rows = _train(p, net, read[n_classes], device)
        keys = {name: net[name] for name in ("n_classes", "depth", "scale", "scaled_learning_rate")}
        curve = tidy({"step": range(net["n_steps"]), "seed": seeds(p)}, loss=losses, learning_rate=_rate(net), **keys)
        curves.append(curve.astype({"scale": float, "scaled_learning_rate": float}))
        evaluations += [{"n_classes": n_classes, "depth": net["depth"], **row} for row in rows]
    table = pd.DataFrame(evaluations).astype(dict.fromkeys(("depth", "seed", "step"), "Int64"))
    return {"cnn_curves": pd.concat(curves, ignore_index=True), "cnn_evaluation": table}


def _rate(net: Mapping) -> float:
    """Learning rate of plain SGD."""
    return float(net["scaled_learning_rate"] / (net["depth"] * net["scale"] ** 2))


def _train(p: Mapping, net: Mapping, splits: list[Examples], device: str) -> tuple[Array, list[dict[str, Any]]]:
    """Losses (n_steps, S) of all steps, and rows of the evaluations."""
    dtype, own, n_outputs = getattr(torch, net["precision"]), seeds(p), splits[0].targets.shape[1]
    streams = [generator(PAPER, RUN, "network", net["n_classes"], net["depth"], seed=seed) for seed in own]
    draws = [draw(stream, net["depth"], N_TAPS) for stream in streams]
    filters = convolution.deep_narrow(draws, net["scale"], n_outputs, dtype=dtype, device=device)
    images = [convolution.padded(each.images, dtype=dtype, device=device) for each in splits]
    targets = torch.from_numpy(splits[0].targets.T.copy()).to(images[0])
    batches = islice(_batches(p, own, images[0], targets), net["n_steps"])
    progress, losses, rows = Progress(net["n_steps"], f"steps, {net['n_classes']} classes"), [], []
    for step, loss in enumerate(convolution.train(filters, batches, _rate(net))):
        losses.append(loss.clone())
        if step % p["eval_every"] == 0:
            rows += _evaluated(filters, images, splits, own, step)
        progress.update()
    if net["n_steps"] % p["eval_every"] == 0:
        rows += _evaluated(filters, images, splits, own, net["n_steps"])
    found = torch.stack(losses).cpu().numpy().astype(float)
    return np.where(np.isfinite(found), found, np.inf), rows


def _batches(p: Mapping, own: list[int], images: torch.Tensor, targets: torch.Tensor) -> Iterator[Batch]:
    """Mini-batches of all seeds, each its own."""
    streams = [inputs.batches(RUN, images.shape[-1], p["batch_size"], seed) for seed in own]
    while True:
        places = [torch.from_numpy(next(stream)).to(images.device) for stream in streams]
        yield Batch(*(torch.stack([part[..., at] for at in places]) for part in (images, targets)))


def _evaluated(
    filters: convolution.Filters, images: list[torch.Tensor], splits: list[Examples], own: list[int], step: int
) -> list[dict[str, Any]]:
    """Loss and accuracies on all images of both splits, a row a seed and split."""
    rows = []
    for split, x, each in zip(SPLITS, images, splits, strict=True):
        for seed, found in zip(own, convolution.outputs(filters, x).mT.cpu().numpy().astype(float), strict=True):
            loss = float(np.mean((found - each.targets) ** 2))
            binary = found.shape[1] == 1
            guess = (found[:, 0] > 0.5).astype(int) if binary else found.argmax(axis=1)
            rounded = float(np.mean(np.rint(found[:, 0]) == each.labels)) if binary else math.nan
            scores = {"accuracy": float(np.mean(guess == each.labels)), "rounded_accuracy": rounded}
            keys = {"model": "deep_narrow", "seed": seed, "step": step, "split": split}
            rows.append({**keys, "loss": loss if math.isfinite(loss) else math.inf, **scores})
    return rows


def _constant(train: Examples, test: Examples, n_classes: int) -> list[dict[str, Any]]:
    """The best constant predictor of the training labels, and the most frequent class."""
    return [
        {
            "model": "constant",
            "n_classes": n_classes,
            "split": split,
            "loss": inputs.constant_loss(each.targets, train.targets),
            "accuracy": inputs.constant_accuracy(each.labels, train.labels),
        }
        for split, each in zip(SPLITS, (train, test), strict=True)
    ]


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets, device=j.device))
