"""One row of `cifar_bound` per network on CIFAR-10 and kind of bound: the bound saturates [biggs_bounds, E2 to E11].

GELU only, trained to the stopping rule on original labels; the settings are those of `networks`, the sizes CIFAR's.
"""

import itertools
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from repro import seeds
from repro.job import Progress, job
from scripts.biggs_bounds import evaluation

PAPER, RUN = "biggs_bounds", "cifar_networks"
KEYS = ("dataset", "model", "width", "learning_rate", "seed")
KEPT = (
    "kind",
    "bound",
    "complexity",
    "hidden_distance",
    "output_distance",
    "sigma_hidden",
    "sigma_output",
    "stochastic_error",
)


def compute(p: Mapping, datasets: Mapping[str, Path], device: str = "cpu") -> dict[str, pd.DataFrame]:
    """Train and bound every network of the product width × learning rate × seed."""
    configurations = list(itertools.product(p["width"], p["learning_rate"], seeds.seeds(p, first=1)))
    progress = Progress(len(configurations), "networks")
    data = evaluation.load(datasets["cifar10"], None, device)
    rows = []
    for width, learning_rate, seed in configurations:
        fixed = {"dataset": "cifar10", "model": "gelu", "fixed_epochs": None, "zero_prior": False}
        rows += one_network({**p, **fixed, "width": width, "learning_rate": learning_rate, "seed": seed}, data)
        progress.update()
    return {"cifar_bound": pd.DataFrame(rows)}


def one_network(s: Mapping[str, Any], data: evaluation.Data) -> list[dict[str, Any]]:
    """Rows of one setting; `seconds` is the wall time of the network, the same in each of its rows."""
    start = time.monotonic()

    def stream(purpose: str) -> torch.Generator:
        key = seeds.integer(PAPER, RUN, purpose, s["width"], s["learning_rate"], seed=s["seed"])
        return torch.Generator(data.x.device).manual_seed(key)

    [run] = evaluation.fits(data, [s], [seeds.integer(PAPER, RUN, "initial", s["width"], seed=s["seed"])], [stream])
    [(kinds, _)] = evaluation.bound_rows([run])
    network = evaluation.network_row(run)
    shared = {**{key: s[key] for key in KEYS}, **{key: network[key] for key in ("test_error", "n_epochs", "stopped")}}
    seconds = time.monotonic() - start
    return [{**shared, **{key: row[key] for key in KEPT}, "seconds": seconds} for row in kinds]


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets, device=j.device))
