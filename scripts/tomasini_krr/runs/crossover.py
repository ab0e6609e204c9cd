"""Error on a line against the ridge, from far below to far above the cross-over [tomasini_krr, E2, E4, E5, E6b, E8]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.tomasini_krr.model import Array, draw, line_fits, line_predictors, line_quadrature, ridge_of
from scripts.tomasini_krr.theory import line_replica


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Simulated and predicted errors, one depletion exponent and size after the other."""
    exponents = [float(chi) for chi in p["depletion_exponents"]]
    progress = Progress(len(exponents) * len(p["n_train"]), "depletion exponents and sizes")
    frames = []
    for chi in exponents:
        quadrature = line_quadrature(chi, p["quadrature_points"])
        for n_train in p["n_train"]:
            frames += [frame.assign(depletion_exponent=chi, n_train=n_train) for frame in of_size(p, chi, n_train, quadrature)]
            progress.update()
    table = pd.concat(frames, ignore_index=True)
    return {"crossover_errors": table.astype({"seed": "Int64"})}


def of_size(p: Mapping, chi: float, n_train: int, quadrature: tuple[Array, Array]) -> list[pd.DataFrame]:
    """Simulation, then replica theory, at every scaled ridge; one draw serves all ridges."""
    scaled = np.geomspace(*p["scaled_ridge_range"], p["n_scaled_ridges"])
    ridges = np.array([ridge_of(u, n_train, 1, chi) for u in scaled])
    errors = np.stack([errors_of_draw(p, (chi, n_train), ridges, quadrature, seed=seed) for seed in seeds(p)], axis=1)
    simulated = tidy({"scaled_ridge": scaled, "seed": seeds(p)}, error=errors, ridge=ridges[:, None])
    found = np.array([line_replica(chi, n_train, ridge, p["bandwidth"], p["ode_points"]) for ridge in ridges])
    predicted = tidy({"scaled_ridge": scaled}, ridge=ridges, error=found[:, 0], effective_ridge=found[:, 1], gamma=found[:, 2])
    unknown = {"effective_ridge": np.nan, "gamma": np.nan}
    return [simulated.assign(method="simulation", **unknown), predicted.assign(method="replica", seed=pd.NA)]


def errors_of_draw(p: Mapping, setting: tuple[float, int], ridges: Array, quadrature: tuple[Array, Array], *, seed: int) -> Array:
    """Test errors of one draw at (χ, P), shape (R,)."""
    chi, n_train = setting
    points, weights = quadrature
    x = np.sort(draw(generator("tomasini_krr", "crossover", chi, n_train, seed=seed), n_train, 1, chi)[:, 0])
    fits = line_fits(x, np.sign(x), ridges, p["bandwidth"])
    return (np.sign(points) - line_predictors(x, fits, points, p["bandwidth"])) ** 2 @ weights


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
