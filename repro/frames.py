"""Rows of a table by the values of its columns."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


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
