"""Depleted data as pools of finitely many points [tomasini_krr, E1, E3, E6b, E7, E8]."""

from collections.abc import Mapping

import pandas as pd

from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.tomasini_krr.model import draw, laplace_kernel, ridge_of, target
from scripts.tomasini_krr.pools import Case, rows_of_pool

RUN = "toy_pools"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Errors on every pool, one pair of dimension and depletion exponent after the other."""
    pools = seeds(p, "n_pools")
    progress = Progress(len(p["pairs"]) * len(pools), "pools")
    frames = []
    for dim, exponent in p["pairs"]:
        for pool in pools:
            frames.append(on_pool(p, dim, float(exponent), pool).assign(dim=dim, depletion_exponent=float(exponent), pool=pool))
            progress.update()
    return {"toy_pool_errors": pd.concat(frames, ignore_index=True)}


def on_pool(p: Mapping, dim: int, chi: float, pool: int) -> pd.DataFrame:
    """Errors on one pool."""
    points = draw(generator("tomasini_krr", RUN, dim, chi, seed=pool), p["pool_size"], dim, chi)
    scaled = [Case(n, ridge_of(u, n, dim, chi), u) for n in p["n_train"] for u in p["scaled_ridges"]]
    cases = scaled + [Case(n_train, ridge) for n_train in p["n_train"] for ridge in p["ridges"]]
    kernel = laplace_kernel(points, points, p["bandwidth"])
    return rows_of_pool(
        kernel, target(points), cases, seeds(p), lambda n_train, seed: generator("tomasini_krr", RUN, dim, chi, pool, n_train, seed=seed)
    )


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
