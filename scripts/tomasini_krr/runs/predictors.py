"""Predictors on a line, far below and far above the cross-over [tomasini_krr, E2, E4, E5, E8]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import generator, seeds
from scripts.tomasini_krr.model import Array, draw, line_fits, line_predictors, line_quadrature, ridge_of
from scripts.tomasini_krr.theory import MeanField, layer_width, line_effective_ridge, mean_field

RUN = "predictors"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Tables of the run, one depletion exponent after the other."""
    parts = [of_exponent(p, float(chi)) for chi in p["depletion_exponents"]]
    return {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]}


def of_exponent(p: Mapping, chi: float) -> dict[str, pd.DataFrame]:
    """Spread over all draws at every ridge; curves and marks of the first draw."""
    scaled = [float(u) for u in p["scaled_ridges"]]
    ridges = np.array([ridge_of(u, p["n_train"], 1, chi) for u in scaled])
    kappas = [line_effective_ridge(chi, p["n_train"], ridge, p["bandwidth"])[0] for ridge in ridges]
    fields = [mean_field(chi, kappa, p["bandwidth"], p["ode_points"]) for kappa in kappas]
    points, weights = line_quadrature(chi, p["quadrature_points"])
    near = np.abs(points) <= 1
    mean = np.stack([np.interp(points[near], field.nodes, field.predictor) for field in fields])
    own = seeds(p)
    errors, distances = np.empty((2, len(scaled), len(own)))
    for at, seed in enumerate(own):
        x, fits = trained(p, chi, ridges, seed)
        predicted = line_predictors(x, fits, points, p["bandwidth"])
        errors[:, at] = (np.sign(points) - predicted) ** 2 @ weights
        distances[:, at] = np.abs(predicted[:, near] - mean).max(axis=1)
    spread = tidy({"scaled_ridge": scaled, "seed": own}, error=errors, sup_distance=distances, ridge=ridges[:, None], n_train=p["n_train"])
    x, fits = trained(p, chi, ridges, own[0])
    tables = {"predictor_curves": curves(p, scaled, x, fits, fields), "boundary_marks": marks(p, chi, scaled, kappas, x)}
    return {name: frame.assign(depletion_exponent=chi) for name, frame in (tables | {"predictor_spread": spread}).items()}


def trained(p: Mapping, chi: float, ridges: Array, seed: int) -> tuple[Array, Array]:
    """Training points of a draw in order, and the predictors' values there."""
    x = np.sort(draw(generator("tomasini_krr", RUN, chi, p["n_train"], seed=seed), p["n_train"], 1, chi)[:, 0])
    return x, line_fits(x, np.sign(x), ridges, p["bandwidth"])


def curves(p: Mapping, scaled: list[float], x: Array, fits: Array, fields: list[MeanField]) -> pd.DataFrame:
    """Target, sampled and mean predictor between −1 and 1."""
    grid = np.linspace(-1, 1, p["curve_points"])
    values = np.empty((len(scaled), 3, len(grid)))
    values[:, 0] = np.sign(grid)
    values[:, 1] = line_predictors(x, fits, grid, p["bandwidth"])
    values[:, 2] = [np.interp(grid, field.nodes, field.predictor) for field in fields]
    return tidy({"scaled_ridge": scaled, "curve": ["target", "sample", "replica"], "x": grid}, value=values)


def marks(p: Mapping, chi: float, scaled: list[float], kappas: list[float], x: Array) -> pd.DataFrame:
    """The training points next to the boundary, and the width of the layer."""
    extremal = [x[x < 0].max(initial=-np.inf), x[x > 0].min(initial=np.inf)]
    places = np.array([[*extremal, layer_width(chi, kappa, p["bandwidth"])] for kappa in kappas])
    return tidy({"scaled_ridge": scaled, "mark": ["left_extremal", "right_extremal", "layer_width"]}, x=places)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
