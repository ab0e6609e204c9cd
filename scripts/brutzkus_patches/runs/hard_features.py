"""One row of `hard_accuracy` a setting of Φ_hard, seed, evaluated epoch and split [brutzkus_patches, E1, E2, E3, E5, E7, E8]."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from repro.job import job
from scripts.brutzkus_patches import variants


def compute(p: Mapping, datasets: Mapping[str, Path], device: str = "cpu") -> dict[str, pd.DataFrame]:
    """Train a head on the fixed features of every variant."""
    all_hard = [{"model": "hard", **variant} for variant in p["variants"]]
    rows, _ = variants.trained({**p, "variants": all_hard}, datasets["cifar10"], device)
    return {"hard_accuracy": rows.drop(columns="model")}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets, device=j.device))
