"""Arrays to long tables."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd


def tidy(axes: Mapping[str, Iterable[Any]], **columns: Any) -> pd.DataFrame:
    """One row for every combination of the labels of the axes.

    Parameters
    ----------
    axes : column → labels, in the order of the arrays' dimensions.
    columns : arrays whose shape broadcasts to that of the axes, or constants.
    """
    index = pd.MultiIndex.from_product([list(labels) for labels in axes.values()], names=list(axes))
    shape = tuple(len(level) for level in map(list, axes.values()))
    spread = {
        name: np.broadcast_to(values, shape).ravel() if isinstance(values, np.ndarray) else values for name, values in columns.items()
    }
    return index.to_frame(index=False).assign(**spread)
