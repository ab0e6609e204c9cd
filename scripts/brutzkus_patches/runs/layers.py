"""One row of `depth_accuracy` a model, depth, whitening, seed, evaluated epoch and split [brutzkus_patches, E1 to E8]."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from repro.checks import one_of
from repro.job import Progress, job
from scripts.brutzkus_patches import stacking
from scripts.brutzkus_patches.inputs import load

MODELS = ("hard", "full", "cnn", "cnn_layerwise")


def compute(p: Mapping, datasets: Mapping[str, Path], device: str = "cpu") -> dict[str, pd.DataFrame]:
    """Build every model layer by layer, each on the frozen layers below it; the CNN end to end."""
    progress = Progress(len(p["models"]) * len(p["seeds"]), "models")
    rows: list[dict] = []
    for seed in (seed + p["seed_offset"] for seed in p["seeds"]):
        stack = stacking.Stack(p, load(datasets["cifar10"], p, seed), seed, device)
        for model in p["models"]:
            one_of("model", model, MODELS)
            for depth in _depths(model, p):
                rows += stack.rows(model, depth)
            progress.update()
    return {"depth_accuracy": pd.DataFrame(rows)}


def _depths(model: str, p: Mapping) -> list[int]:
    return p["full_depths"] if model == "full" else list(range(1, p["max_depth"] + 1))


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets, device=j.device))
