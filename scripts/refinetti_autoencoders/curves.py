"""Paths of weights to tidy tables."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from repro.frames import Axes, tidy
from repro.stats import log_slope
from scripts.refinetti_autoencoders.inputs import Spectrum, pca_error
from scripts.refinetti_autoencoders.model import Weights, reconstruction_error, rms_log


def error_curves(axes: Axes, path: Weights, eigenvalues: npt.NDArray[np.float64], spectrum: Spectrum, activation: str) -> pd.DataFrame:
    """Reconstruction error along a path of weights, beside that of PCA with as many components as hidden units.

    Parameters
    ----------
    axes : mapping
        Labels of the leading dimensions of `path`, as a rule time and seed.
    path : Weights
    eigenvalues : ndarray, shape (T,)
        r_τ of the modes in which the weights are given.
    spectrum : Spectrum
        All eigenvalues, also those beyond the modes.
    activation : str

    Returns
    -------
    DataFrame
        Columns of the axes, dim, width, error, pca_error.
    """
    width = path.encoder.shape[-2]
    return tidy(
        axes,
        dim=len(spectrum.eigenvalues),
        width=width,
        error=reconstruction_error(path, eigenvalues, spectrum.eigenvalues.sum(), activation),
        pca_error=pca_error(spectrum.eigenvalues, width),
    )


def wide(table: pd.DataFrame, index: Sequence[str], columns: str, values: str) -> pd.DataFrame:
    """Table with one column for each value of `columns`; what is not a number stays so."""
    return table.set_index([*index, columns])[values].unstack()  # noqa: PD010 - pivot_table would skip NaN


def paired(curves: pd.DataFrame) -> pd.DataFrame:
    """Errors of simulation and theory (columns) at the times > 0 that both have, by seed and time; none may be left."""
    later = curves[curves["time"] > 0].set_index(["seed", "time"])
    both = (later.loc[later["method"] == method, "error"].rename(method) for method in ("simulation", "theory"))
    return pd.concat(both, axis=1, join="inner")


def distances(pairs: pd.DataFrame) -> pd.Series:
    """Distance of SGD from the equations of every seed of `paired` curves [refinetti_autoencoders, E13]."""
    found = {seed: rms_log(own["simulation"].to_numpy(), own["theory"].to_numpy()) for seed, own in pairs.groupby("seed")}
    return pd.Series(found, dtype=float)


def scaling_slope(deviation: pd.DataFrame) -> tuple[float, float]:
    """Slope of ln(mean distance) in ln(dim), least squares, and its standard error from the scatter of the seeds.

    Parameters
    ----------
    deviation : DataFrame
        Columns dim, seed, rms_log.

    Returns
    -------
    slope, standard error
        Not a number if a distance is none, or with fewer than two dims; the error with fewer than two seeds.
    """
    of_dim = [(float(dim), own.to_numpy()) for dim, own in deviation.groupby("dim")["rms_log"]]
    scatter = [np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan for _, values in of_dim]
    return log_slope([dim for dim, _ in of_dim], [values.mean() for _, values in of_dim], scatter)
