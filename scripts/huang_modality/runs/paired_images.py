"""Errors of encoders of MNIST and Fashion-MNIST images with a common label, trained jointly and alone [huang_modality]."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.huang_modality.images import (
    DATASETS,
    Encoders,
    Pairs,
    Source,
    hidden_units,
    initial_encoders,
    pairs,
    probe,
    source,
    train_batch,
    with_constant,
)
from scripts.huang_modality.model import PAPER, error_rate
from scripts.huang_modality.training import TRAININGS

RUN = "paired_images"
SPLITS = ["train", "test"]
_SEEDS_AT_ONCE = 4  # images of more would take gigabytes at preset paper


def compute(p: Mapping, datasets: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    own = seeds(p)
    sources = {split: source(datasets, split) for split in SPLITS}
    progress = Progress(p["n_epochs"] * len(own) * sum(p["train_sizes"]), "training pairs")
    batches = [own[first : first + _SEEDS_AT_ONCE] for first in range(0, len(own), _SEEDS_AT_ONCE)]
    frames = [_errors(p, sources, n_train, some, progress) for n_train in p["train_sizes"] for some in batches]
    return {"encoder_errors": pd.concat(frames, ignore_index=True)}


def _errors(p: Mapping, sources: Mapping[str, Source], n_train: int, own: list[int], progress: Progress) -> pd.DataFrame:
    """Some seeds with so many training pairs: all trained at once, jointly in the first lanes, alone in the others."""

    def streams(*purpose: str | int) -> list[np.random.Generator]:
        return [generator(PAPER, RUN, *purpose, seed=seed) for seed in own]

    given = {
        "train": pairs(sources["train"], n_train, streams("train", n_train)),
        "test": pairs(sources["test"], p["n_test"], streams("test")),
    }
    start = initial_encoders(streams("weights"), dim=given["train"].images.shape[-1], width=p["width"], init_std=p["init_std"])
    lanes = Encoders(*(np.concatenate([part] * len(TRAININGS)) for part in start))
    orders = streams("order", n_train)
    for _ in range(p["n_epochs"]):
        places = np.stack([stream.permutation(n_train) for stream in orders])
        for first in range(0, n_train, p["batch_size"]):
            batch = _chosen(given["train"], places[:, first : first + p["batch_size"]])
            train_batch(lanes, batch, len(own), p["learning_rate"])
        progress.update(n_train * len(own))
    n_seeds = len(own)
    parts = {training: Encoders(*(part[at * n_seeds : (at + 1) * n_seeds] for part in lanes)) for at, training in enumerate(TRAININGS)}
    frames = [_rows(p, own, encoders, given).assign(training=training) for training, encoders in parts.items()]
    return pd.concat(frames, ignore_index=True).assign(n_train=n_train)


def _chosen(given: Pairs, places: np.ndarray) -> Pairs:
    """A batch of every seed, twice: both trainings see the same."""
    seed = np.arange(len(places))[:, None]
    images, labels = given.images[seed, :, places].swapaxes(1, 2), given.labels[seed, places]
    return Pairs(*(np.concatenate([part] * len(TRAININGS)) for part in (images, labels)))


def _rows(p: Mapping, own: list[int], encoders: Encoders, given: Mapping[str, Pairs]) -> pd.DataFrame:
    """Errors of all predictors on both splits, one training."""
    hidden = {split: hidden_units(encoders, part.images) for split, part in given.items()}
    probes = [
        [probe(units, labels, p["ridge"]) for units in of_seed]
        for of_seed, labels in zip(hidden["train"], given["train"].labels, strict=True)
    ]
    frames = []
    for split, part in given.items():
        labels, scores = part.labels[:, None], hidden[split] @ encoders.heads
        probed = np.stack(
            [
                np.stack([with_constant(units) @ fitted for units, fitted in zip(of_seed, of_probe, strict=True)])
                for of_seed, of_probe in zip(hidden[split], probes, strict=True)
            ]
        )
        both = error_rate(scores.sum(axis=1), part.labels)
        axes = {"seed": own, "dataset": list(DATASETS)}
        frames += [
            tidy(axes, predictor="own", split=split, error=error_rate(scores, labels)),
            tidy(axes, predictor="probe", split=split, error=error_rate(probed, labels)),
            tidy({"seed": own}, dataset="both", predictor="sum", split=split, error=both),
        ]
    return pd.concat(frames, ignore_index=True)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets))
