"""Accuracy of routing networks on images, over gains, numbers of trained outputs, widths and seeds [saxe_race, E1]."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
import torch

from repro import seeds
from repro.frames import tidy
from repro.job import Progress
from scripts.saxe_race import training
from scripts.saxe_race.inputs import Images, class_permutations
from scripts.saxe_race.model import PAPER, gate_matrix


def accuracies(run: str, p: Mapping[str, Any], images: Images) -> pd.DataFrame:
    """Rows of every evaluated step: all networks of one width train together.

    Parameters
    ----------
    run : name of the run, part of the key of its random streams.
    p : parameters of the run.
    images : on the device that is to be used.
    """
    progress = Progress(len(p["widths"]) * p["n_steps"], "steps")
    return pd.concat([_of_width(run, p, images, width, progress) for width in p["widths"]], ignore_index=True)


def _of_width(run: str, p: Mapping[str, Any], images: Images, width: int, progress: Progress) -> pd.DataFrame:
    own = seeds.seeds(p, first=1)
    settings = [{**setting, "n_trained_outputs": n_outputs} for n_outputs in p["n_trained_outputs"] for setting in p["settings"]]
    task = _task(run, p, own, settings, str(images.train.labels.device))
    start = _start(run, own, settings, (p["n_domains"], width, images.train.features.shape[-1]))
    start = training.Weights(*(part.to(task.gate.device) for part in start))
    batches = _batches(run, p, own, images)
    frames = []
    for step, weights in enumerate(islice(training.train(start, images.train, batches, task), p["n_steps"]), start=1):
        progress.update()
        if step % p["eval_every"] == 0:
            measured = training.evaluate(weights, images.test, task)
            frames.append(_rows(own, settings, task, measured).assign(step=step))
    return pd.concat(frames, ignore_index=True).assign(n_domains=p["n_domains"], width=width)


def _task(run: str, p: Mapping[str, Any], own: list[int], settings: list[dict[str, Any]], device: str) -> training.Task:
    """Gates whose columns are permuted for every seed and K, classes, rates."""
    n_domains = p["n_domains"]
    gates = np.empty((len(own), len(settings), n_domains, n_domains), np.float32)
    for s, seed in enumerate(own):
        for g, setting in enumerate(settings):
            columns = seeds.generator(PAPER, run, "gate", setting["n_trained_outputs"], seed=seed).permutation(n_domains)
            gates[s, g] = gate_matrix(p["gate"], n_domains, setting["n_trained_outputs"], columns)
    rates = torch.tensor([setting["learning_rate"] for setting in settings], device=device)
    classes = torch.from_numpy(class_permutations(n_domains)).to(device)
    return training.Task(torch.from_numpy(gates).to(device), classes, rates, p["momentum"])


def _start(run: str, own: list[int], settings: list[dict[str, Any]], sizes: tuple[int, int, int]) -> training.Weights:
    """Initial weights, each network from its own stream."""
    keys = [(setting["gain"], setting["n_trained_outputs"], sizes[1]) for setting in settings]
    streams = [[torch.Generator().manual_seed(seeds.integer(PAPER, run, "weights", *key, seed=seed)) for key in keys] for seed in own]
    return training.initial_weights(streams, [setting["gain"] for setting in settings], sizes)


def _batches(run: str, p: Mapping[str, Any], own: list[int], images: Images) -> Iterator[torch.Tensor]:
    """Mini-batches without end: every epoch a new order of the training images for every seed; what does not fill a batch is left out."""
    streams = [seeds.generator(PAPER, run, "order", seed=seed) for seed in own]
    labels, size = images.train.labels, p["batch_size"]
    while True:
        order = torch.from_numpy(np.stack([stream.permutation(len(labels)) for stream in streams])).to(labels.device)
        yield from order[:, : len(labels) // size * size].split(size, dim=1)


def _rows(own: list[int], settings: list[dict[str, Any]], task: training.Task, measured: tuple[torch.Tensor, torch.Tensor]) -> pd.DataFrame:
    """Means over the pairs of a split, of every network; no untrained rows where all pairs are trained."""
    gate = task.gate.cpu().numpy() > 0
    frames = []
    for split, pairs in (("trained", gate), ("untrained", ~gate)):
        n_pairs = pairs.sum(axis=(-1, -2))
        kept = np.flatnonzero(n_pairs[0])
        means = [np.where(pairs, part.numpy(), 0).sum(axis=(-1, -2))[:, kept] / n_pairs[:, kept] for part in measured]
        table = tidy({"seed": own, "place": kept}, split=split, accuracy=means[0], loss=means[1])
        frames.append(table.merge(pd.DataFrame(settings), left_on="place", right_index=True).drop(columns="place"))
    return pd.concat(frames, ignore_index=True)
