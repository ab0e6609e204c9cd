"""Accuracy on trained and untrained pairs of the routing network on MNIST [saxe_race, E1]."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from repro.job import job
from scripts.saxe_race import inputs
from scripts.saxe_race.transfer import accuracies

RUN = "mnist_transfer"


def compute(p: Mapping, datasets: Mapping[str, Path], device: str = "cpu") -> dict[str, pd.DataFrame]:
    return {"mnist_accuracy": accuracies(RUN, p, inputs.mnist(datasets["mnist"], p, device))}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets, device=j.device))
