"""One row of `centroid_distance` a kind of patch, number of centroids and seed [brutzkus_patches, E2a, E8].

Whether the published distances are squared is not known: both are kept.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from repro import datasets as images_of
from repro.checks import one_of, within
from repro.job import Progress, job
from repro.seeds import generator
from scripts.brutzkus_patches.clustering import assign, lloyd
from scripts.brutzkus_patches.inputs import PAPER, covariance, sampled_patches
from scripts.brutzkus_patches.model import Array, basis

KINDS = ("original", "whitened", "whitened_shuffled", "shuffled", "random")


def compute(p: Mapping, datasets: Mapping[str, Path], device: str = "cpu") -> dict[str, pd.DataFrame]:
    """Cluster every kind of patch anew for every number of centroids."""
    numbers = sorted({*p["n_centroids"], *range(2, (p["every_integer_to"] or 0) + 1)})
    images = images_of.images(datasets["cifar10"], "test").transpose(0, 2, 3, 1)
    pixels = torch.from_numpy(np.ascontiguousarray(images))
    progress = Progress(len(p["patch_kinds"]) * len(numbers) * len(p["seeds"]), "clusterings")
    rows = []
    for seed in (seed + p["seed_offset"] for seed in p["seeds"]):
        for kind in p["patch_kinds"]:
            points = torch.from_numpy(patches(kind, pixels, p, seed)).to(device, torch.float32)
            for n in numbers:
                start = generator(PAPER, "patch_clustering", kind, n, seed=seed)
                _, squared = assign(points, lloyd(points, n, p["lloyd_iterations"], start))
                squared = squared.double()
                means = {"mean_distance": float(squared.sqrt().mean()), "mean_squared_distance": float(squared.mean())}
                rows.append({"patch_kind": kind, "n_centroids": n, "seed": seed, **means, "n_patches": len(points)})
                progress.update()
    return {"centroid_distance": pd.DataFrame(rows)}


def patches(kind: str, images: torch.Tensor, p: Mapping, seed: int) -> Array:
    """Vectors of norm 1 of one kind, without those of smallest norm.

    Parameters
    ----------
    kind : original, whitened, whitened_shuffled (the entries of every patch in an order of its own), shuffled or random (normal vectors).

    Raises
    ------
    ValueError   for another kind, or if the share to drop is not in [0, 1).
    """
    one_of("kind", kind, KINDS)
    within("drop_smallest", p["drop_smallest"], 0, 1, open_at="upper")
    size = p["patch_size"]
    stream = generator(PAPER, "patch_clustering", "patches", seed=seed)
    rows = sampled_patches(images, size, p["n_patches"], stream)
    if kind == "random":
        rows = generator(PAPER, "patch_clustering", "random", seed=seed).standard_normal(rows.shape)
    if kind.startswith("whitened"):
        rows = rows @ basis(_covariance(images, p, seed), p["whitening_epsilon"]).whitening
    if kind.endswith("shuffled"):
        rows = shuffled(rows, generator(PAPER, "patch_clustering", "shuffle", kind, seed=seed))
    norm = np.linalg.norm(rows, axis=1)
    kept = np.sort(np.argsort(norm, kind="stable")[int(p["drop_smallest"] * len(rows)) :])
    return np.asarray(rows[kept] / norm[kept, None])


def shuffled(rows: Array, rng: np.random.Generator) -> Array:
    """Entries of every row in an order of its own: one order for all rows would leave all distances as they are."""
    return rng.permuted(rows, axis=1)


def _covariance(images: torch.Tensor, p: Mapping, seed: int) -> Array:
    """Covariance of so many patches: of all where that is asked for, else of a sample."""
    height, width = images.shape[1:3]
    n_all = len(images) * (height - p["patch_size"] + 1) * (width - p["patch_size"] + 1)
    if p["whitening_patches"] >= n_all:
        return covariance(images, p["patch_size"])
    stream = generator(PAPER, "patch_clustering", "whitening", seed=seed)
    return np.cov(sampled_patches(images, p["patch_size"], p["whitening_patches"], stream).T, bias=True)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets, device=j.device))
