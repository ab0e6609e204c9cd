"""Long tables from arrays, and rows of a table by the values of its columns."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Axes = Mapping[str, Collection[Any] | npt.NDArray[Any]]
"""Name of a column → its labels, in the order of an array's dimensions."""


def tidy(axes: Axes, /, **columns: Any) -> pd.DataFrame:
    """Long table, one row a combination of the axes' labels, in the order of the arrays.

    Parameters
    ----------
    axes : labels of each dimension, by the name of their column.
    **columns
        Arrays that broadcast against the shape of the axes, or one value for all rows.

    Returns
    -------
    DataFrame   the axes' columns first.

    Raises
    ------
    ValueError   if an array does not fit the axes.
    """
    shape = tuple(len(labels) for labels in axes.values())
    frame = pd.DataFrame({name: np.asarray(list(axes[name]))[at.ravel()] for name, at in zip(axes, np.indices(shape), strict=True)})
    for name, values in columns.items():
        frame[name] = np.broadcast_to(values, shape).ravel() if isinstance(values, np.ndarray) else values
    return frame


def select(table: pd.DataFrame, **equal: Any) -> pd.DataFrame:
    """Rows that equal the given values; an empty table if there are none.

    A list or tuple means any of its members, None means null; floats are equal to 1e-9 relative.
    """
    keep = np.ones(len(table), dtype=bool)
    for name, wanted in equal.items():
        members = wanted if isinstance(wanted, list | tuple) else [wanted]
        keep &= np.logical_or.reduce([_equals(table[name], member) for member in members])
    return table[keep]


def _equals(values: "pd.Series[Any]", wanted: Any) -> npt.NDArray[np.bool_]:
    if wanted is None:
        return values.isna().to_numpy()
    if isinstance(wanted, float):
        return np.isclose(values.to_numpy(dtype=float, na_value=np.nan), wanted, rtol=1e-9, atol=0)
    return values.eq(wanted).fillna(False).to_numpy(dtype=bool)
