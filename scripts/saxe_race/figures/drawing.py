"""Pieces that the figures of this paper share [saxe_race]."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from repro.figures import COLORS, About, bounds, empty
from repro.frames import select
from repro.panels import Limits
from scripts.saxe_race.measures import means

MODE_COLORS = {1: COLORS["blue"], 2: COLORS["red"], 3: COLORS["green"], 4: COLORS["purple"]}
SPLIT_COLORS = {"trained": COLORS["blue"], "untrained": COLORS["red"]}
GAIN_COLORS = (COLORS["blue"], COLORS["green"], COLORS["orange"], COLORS["red"], COLORS["purple"], COLORS["brown"])


def symmetric(about: About, claim: str, part: str) -> Limits:
    """Bounds of a difference whose modulus has the upper bound of a part."""
    _, upper = bounds(about, claim, part)
    return (None, None) if upper is None else (-upper, upper)


def summary(ax: Axes, table: pd.DataFrame, column: str, by: str, **equal: Any) -> pd.DataFrame | None:
    """Means over seeds by the values of a column; a word in the panel, and nothing, where a preset has no such rows."""
    found = select(table, **equal)
    if found.empty:
        empty(ax)
        return None
    return means(found, column, by)


def at_every(table: pd.DataFrame, every: int, column: str = "epoch") -> pd.DataFrame:
    """Rows at every so many epochs."""
    return table[table[column] % every == 0]
