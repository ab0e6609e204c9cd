"""One row of `linear_map_accuracy` a linear function on Φ_full, seed, epoch and split [brutzkus_patches, E2, E3, E4, E7]."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from repro.checks import one_of
from repro.job import Progress, job
from scripts.brutzkus_patches import features, training
from scripts.brutzkus_patches.inputs import Setting, dictionary, load
from scripts.brutzkus_patches.model import embedding

MAPS = {"unconstrained": "unconstrained", "constrained": "full"}
"""Network of each linear function."""


def compute(p: Mapping, datasets: Mapping[str, Path], device: str = "cpu") -> dict[str, pd.DataFrame]:
    """Train both functions on the same images and dictionary."""
    progress = Progress(len(p["maps"]) * len(p["seeds"]), "linear maps")
    rows: list[dict] = []
    for seed in (seed + p["seed_offset"] for seed in p["seeds"]):
        images = load(datasets["cifar10"], p, seed)
        own = {name: p[name] for name in Setting._fields if name in p}
        words = dictionary(images["train"].x, None, Setting("clustered", **own), seed=seed, device=device)
        told = embedding(words.centroids, words.basis.whitening, (p["n_nearest"],), device)
        images = features.moved(images, device)
        for name in p["maps"]:
            rows += one_map(name, p, images, told, seed)
            progress.update()
    return {"linear_map_accuracy": pd.DataFrame(rows)}


def one_map(name: str, p: Mapping, images: Mapping, told: features.Embedding, seed: int) -> list[dict]:
    """Rows of one function and seed; ValueError for another name."""
    one_of("linear_map", name, MAPS)
    view = features.View(p["patch_size"], p["stride"], pool=1)
    prepared = features.prepare(MAPS[name], view, told)
    patches = prepared(images["train"].x[:1])[0]
    shape = training.Shape(1, p["n_centroids"], patches.shape[1], patches.shape[3])
    streams = features.streams([("linear map", name, p["n_centroids"])], seed)
    net = training.network(MAPS[name], shape, training.Parts(normalised=False, bottleneck=0), streams, 1).to(patches.device)
    plan = features.schedule(p, learning_rate=p[f"learning_rate_{name}"])
    fed = features.feeds(prepared, images, features.augmentation(p, seed))
    keys = {
        "linear_map": name,
        "n_centroids": p["n_centroids"],
        "n_nearest": p["n_nearest"],
        "n_weights": sum(weights.numel() for weights in net.parameters()),
        "learning_rate": plan.learning_rate,
        "seed": seed,
        "n_train": len(images["train"].x),
    }
    return [
        {**keys, "epoch": epoch, "split": split, "accuracy": float(scores.accuracy[0]), "loss": float(scores.loss[0])}
        for epoch, split, scores in features.epochs_of(net, fed, images, plan, seed, last=plan.epochs)
    ]


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets, device=j.device))
