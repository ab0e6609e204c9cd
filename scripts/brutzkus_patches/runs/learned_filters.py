"""The vanilla CNN and Φ_full, trained end to end, and pictures of their filters [brutzkus_patches, E1, E2, E4 to E8]."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from repro.job import job
from scripts.brutzkus_patches import variants


def compute(p: Mapping, datasets: Mapping[str, Path], device: str = "cpu") -> dict[str, pd.DataFrame]:
    """Train every variant; pictures of those that ask for them."""
    whitened = [{"whitened": True, **variant} for variant in p["variants"]]
    rows, pictures = variants.trained({**p, "variants": whitened}, datasets["cifar10"], device)
    return {"filter_accuracy": rows.drop(columns="whitened"), "filters": pictures}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets, device=j.device))
