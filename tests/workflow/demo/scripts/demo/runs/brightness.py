"""Mean grey level [demo, E2]."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from repro import datasets as images
from repro.job import job


def compute(p: Mapping, datasets: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    grey = images.images(datasets["mnist"], "train")
    return {"brightness": pd.DataFrame({"n_train": [len(grey)], "brightness": [p["scale"] * float(grey.mean())]})}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets))
