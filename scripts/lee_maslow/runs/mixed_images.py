"""Two tasks on mixed images, one after the other, for several preprocessings of the images [lee_maslow, E12–E14]."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.lee_maslow.inputs import components, mix, pairs, whitening
from scripts.lee_maslow.model import PAPER
from scripts.lee_maslow.training import Array32, Networks, Rule, initial_networks, scores, train

RUN = "mixed_images"
VARIANTS = {  # whitening, activation, biases
    "pca_own": ("own_basis", "sigmoid", True),
    "none_relu": ("none", "relu", False),
    "zca": ("zca", "sigmoid", True),
    "pca_own_rawsign": ("own_basis_raw_sign", "sigmoid", True),
}


class Images(NamedTuple):
    """Whitened pairs of one variant, shape (A, P, D) for every mixing, and their labels; the first task's are those of mixing 1."""

    train: Array32
    test: Array32
    first_train: Array32
    first_test: Array32
    train_labels: Array32
    test_labels: Array32


def compute(p: Mapping, datasets: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Tables of all variants, one below the other."""
    folder = datasets["fashion_mnist"]
    splits = [pairs(folder, split, p[n], p["image_size"]) for split, n in (("train", "n_per_class"), ("test", "n_test_per_class"))]
    tables: dict[str, list[pd.DataFrame]] = {"mixing_curves": [], "mixing_forgetting": [], "node_fisher": []}
    for variant, learning_rate, n_seeds in zip(p["variants"], p["learning_rates"], p["n_seeds"], strict=True):
        kind, activation, biased = VARIANTS[variant]
        rule = Rule(activation, biased, learning_rate, p["batch_size"])
        found = _variant(p, seeds({**p, "n_seeds": n_seeds}), _whitened(p, splits, kind), rule)
        for name, frame in found.items():
            tables[name].append(frame.assign(variant=variant))
    return {name: pd.concat(frames, ignore_index=True) for name, frames in tables.items()}


def _whitened(p: Mapping, splits: Sequence[tuple[Array32, Array32]], kind: str) -> Images:
    """Mixed pairs in the basis of their own test images, as published."""
    (trained, train_labels), (tested, test_labels) = splits
    mixings, dim = [*p["mixings"], 1.0], trained.shape[-1]
    train_mixed, test_mixed = (np.empty((len(mixings), images.shape[1], dim), np.float32) for images in (trained, tested))
    signs = components(mix(tested, 1.0))[1] if kind == "own_basis" else None
    for at, mixing in enumerate(mixings):
        own = mix(tested, mixing)
        matrix = whitening(own, kind, p["whitening_floor"], signs_of=signs)
        train_mixed[at], test_mixed[at] = mix(trained, mixing) @ matrix, own @ matrix
    return Images(train_mixed[:-1], test_mixed[:-1], train_mixed[-1:], test_mixed[-1:], train_labels, test_labels)


def _variant(p: Mapping, own: list[int], images: Images, rule: Rule) -> dict[str, pd.DataFrame]:
    """Task 1 once a seed, task 2 for every mixing."""
    streams = [generator(PAPER, RUN, "weights", images.train.shape[-1], p["width"], seed=seed) for seed in own]
    networks = initial_networks(streams, dim=images.train.shape[-1], width=p["width"], biased=rule.biased)
    orders = generator(PAPER, RUN, "order", seed=p["seed_offset"])  # one for all networks, so that they can be trained together
    progress = Progress(2 * p["n_epochs"], f"epochs, {rule.activation}")
    path, best = [_scores(networks, images, rule)], networks.copy()
    lowest = np.full(len(own), np.inf)
    for _ in range(p["n_epochs"]):
        train(networks, images.first_train, images.train_labels, orders.permutation(len(images.train_labels)), task=0, rule=rule)
        path.append(_scores(networks, images, rule))
        better = path[-1][0, 0, 0] < lowest if p["early_stopping"] else np.full(len(own), fill_value=True)
        lowest = np.where(better, path[-1][0, 0, 0], lowest)
        best.take_over(networks, better)
        progress.update()
    switch = _scores(best, images, rule)
    networks = best.copy(len(p["mixings"]))
    for _ in range(p["n_epochs"]):
        train(networks, images.train, images.train_labels, orders.permutation(len(images.train_labels)), task=1, rule=rule)
        path.append(_scores(networks, images, rule))
        progress.update()
    return _tables(p, own, np.stack(path), path[-1] - switch, networks)


def _scores(networks: Networks, images: Images, rule: Rule) -> np.ndarray:
    """Test loss and accuracy of both tasks, shape (2, 2, A, S): score, task, mixing, seed."""
    found = []
    for task, inputs in enumerate((images.first_test, images.test)):
        loss, accuracy = scores(networks, inputs, images.test_labels, task, rule.activation)
        shape = len(images.test), loss.shape[1]
        found.append([np.broadcast_to(loss, shape), np.broadcast_to(accuracy, shape)])
    return np.array(found, dtype=float).swapaxes(0, 1)


def _tables(p: Mapping, own: list[int], path: np.ndarray, change: np.ndarray, networks: Networks) -> dict[str, pd.DataFrame]:
    """Tables of one variant from the scores of all epochs, what task 2 changed, and the networks at the end."""
    n_epochs = p["n_epochs"]
    epochs = {"epoch": np.arange(2 * n_epochs + 1)}
    axes = {"task": [1, 2], "mixing": p["mixings"], "seed": own}
    curves = tidy({**epochs, **axes}, loss=path[:, 0], accuracy=path[:, 1])
    # (∂loss/∂activation)² = (2 (output − label) head)², and the mean over pairs touches the output only.
    fisher = 4 * path[-1, 0][..., None] * networks.heads.astype(float) ** 2
    of_mixing = {"mixing": p["mixings"], "seed": own}
    return {
        "mixing_curves": curves.assign(task_trained=np.where(curves["epoch"] > n_epochs, 2, 1)),
        "mixing_forgetting": tidy(of_mixing, forgetting=change[0, 0], accuracy_change=change[1, 0]),
        "node_fisher": tidy({**axes, "node": np.arange(1, p["width"] + 1)}, fisher=fisher),
    }


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets))
