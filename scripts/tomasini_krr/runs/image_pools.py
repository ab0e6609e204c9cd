"""Images as pools of finitely many points [tomasini_krr, E1, E3, E7]."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.tomasini_krr.inputs import image_pool, scaled_kernel
from scripts.tomasini_krr.pools import Case, rows_of_pool

RUN = "image_pools"


def compute(p: Mapping, datasets: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Errors on every pool, one dataset after the other."""
    pools = seeds(p, "n_pools")
    progress = Progress(len(p["image_sets"]) * len(pools), "pools")
    frames = []
    for dataset in p["image_sets"]:
        for pool in pools:
            frames.append(on_pool(p, dataset, datasets[dataset], pool).assign(dataset=dataset, pool=pool))
            progress.update()
    return {"image_pool_errors": pd.concat(frames, ignore_index=True)}


def on_pool(p: Mapping, dataset: str, folder: Path, pool: int) -> pd.DataFrame:
    """Errors on one pool."""
    points, labels = image_pool(folder, dataset, generator("tomasini_krr", RUN, dataset, seed=pool), p["pool_size"])
    cases = [Case(n_train, ridge) for n_train in p["n_train"] for ridge in p["ridges"]]
    kernel = scaled_kernel(points, p["bandwidth_factor"])
    found = rows_of_pool(
        kernel, labels, cases, seeds(p), lambda n_train, seed: generator("tomasini_krr", RUN, dataset, pool, n_train, seed=seed)
    )
    return found.drop(columns="scaled_ridge")


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets))
