"""Pieces that the figures of this paper share [lee_maslow]."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from repro.figures import COLORS, theory
from repro.frames import select

SIMILARITY_LABEL = "similarity $V$"
FORGETTING_LABEL = "forgetting, task 1"
ERROR2_LABEL = r"error of task 2, $\epsilon_2$"
SHARE = 0.025
"""Half the width of bounds at one similarity."""

CASES = {  # intervention and strength: label, colour
    ("none", None): ("none", COLORS["black"]),
    ("freeze", None): ("frozen features", COLORS["grey"]),
    ("replay", 9.0): ("replay after 9 steps", COLORS["blue"]),
    ("replay", 99.0): ("replay after 99 steps", COLORS["sky"]),
    ("node_consolidation", 0.1): (r"node consolidation, $\lambda = 0.1$", COLORS["orange"]),
    ("node_consolidation", 1.0): (r"node consolidation, $\lambda = 1$", COLORS["red"]),
    ("ewc", 100.0): (r"EWC, $\lambda = 100$", COLORS["purple"]),
    ("ewc", 10000.0): (r"EWC, $\lambda = 10^4$", COLORS["green"]),
}


def over_seeds(table: pd.DataFrame, column: str, x: str = "similarity", **equal: Any) -> pd.DataFrame:
    """Mean of a column over seeds and its standard error (null for one seed), indexed by `x`."""
    return select(table, **equal).groupby(x)[column].agg(["mean", "sem"])


def theory_points(ax: Axes, mean: pd.Series, **style: Any) -> None:
    """Theory known on a grid only: a line, with a dot at every point of the grid."""
    theory(ax, mean.index, mean, **{"marker": ".", "markersize": 3.5} | style)
