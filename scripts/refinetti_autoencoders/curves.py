"""Paths of weights to tidy tables."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from scripts.refinetti_autoencoders.inputs import Spectrum, pca_error
from scripts.refinetti_autoencoders.model import Weights, reconstruction_error

Axes = Mapping[str, Sequence[Any] | npt.NDArray[Any]]
"""Name of a column → its labels, in the order of an array's dimensions."""


def tidy(axes: Axes, /, **columns: Any) -> pd.DataFrame:
    """Long table with one row per combination of the axes' labels.

    Parameters
    ----------
    axes : mapping
        Name → labels, in the order of the arrays' dimensions.
    **columns
        Arrays that broadcast against the shape given by the axes, or constants (numbers, strings, None).

    Returns
    -------
    DataFrame
        The axes' columns first; rows in the arrays' order.
    """
    shape = tuple(len(labels) for labels in axes.values())
    places = np.indices(shape).reshape(len(shape), -1)
    frame = pd.DataFrame({name: np.asarray(axes[name])[place] for name, place in zip(axes, places, strict=True)})
    for name, values in columns.items():
        frame[name] = np.broadcast_to(values, shape).ravel() if isinstance(values, np.ndarray) else values
    return frame


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
