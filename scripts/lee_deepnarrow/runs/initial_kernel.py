"""Kernel of the MLP at the start: error against its limit, and spread of its diagonal entry [lee_deepnarrow, E1–E3, E5]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import generator, seeds
from scripts.lee_deepnarrow.model import PAPER, REFERENCE_ANGLE, circle_angles, draw, on_circle
from scripts.lee_deepnarrow.simulation import diagonal_draws, mlp_kernel_row
from scripts.lee_deepnarrow.theory import Stds, diagonal_spread, limit_kernel

RUN = "initial_kernel"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    errors = [_errors(p, setting["depth"], seeds({**p, **setting})) for setting in p["error_settings"]]
    return {"initial_kernel_error": pd.concat(errors, ignore_index=True), "kernel_fluctuation": _fluctuation(p)}


def _errors(p: Mapping, depth: int, own: list[int]) -> pd.DataFrame:
    """Distance from the limit on the row of the reference point, a row a seed."""
    reference, x = on_circle([REFERENCE_ANGLE]), on_circle(circle_angles(p["n_angles"]))
    limit = limit_kernel(reference, x, stds=Stds(p["weight_std"], p["bias_std"]))[0]
    points, stds = np.vstack([reference, x]), {name: p[name] for name in ("weight_std", "bias_std")}
    found = []
    for seed in own:
        draws = draw(generator(PAPER, RUN, "error", depth, seed=seed), depth, 2, **stds)
        found.append(np.abs(mlp_kernel_row(draws, points, scale=p["scale"])[1:] - limit).max())
    return tidy({"seed": own}, depth=depth, scale=p["scale"], error=np.array(found))


def _fluctuation(p: Mapping) -> pd.DataFrame:
    """Spread of the diagonal entry of the reference point, by draws and at leading order."""
    x, n, stds = on_circle(REFERENCE_ANGLE), p["fluctuation_n_seeds"], Stds(p["weight_std"], p["bias_std"])
    spreads = []
    for depth in p["fluctuation_depths"]:
        rng = generator(PAPER, RUN, "fluctuation", depth, seed=p["seed_offset"])
        spreads.append(np.sqrt(depth) * diagonal_draws(rng, n, x, depth=depth, scale=p["scale"], stds=stds).std(ddof=1))
    axes = {"depth": p["fluctuation_depths"]}
    frames = [
        tidy(axes, method="simulation", scale=p["scale"], n_seeds=n, scaled_std=np.array(spreads)),
        tidy(axes, method="theory", scale=p["scale"], n_seeds=None, scaled_std=float(diagonal_spread(x, stds))),
    ]
    return pd.concat([frame.astype({"n_seeds": "Int64"}) for frame in frames], ignore_index=True)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
