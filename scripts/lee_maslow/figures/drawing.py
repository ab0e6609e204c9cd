"""Pieces that the figures of this paper share [lee_maslow]."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from repro.claims import MissingRows
from repro.figures import BAND, COLORS, SIMULATION, bounds, new_figure, theory
from repro.frames import select
from scripts.lee_maslow import claims

SIMILARITY_LABEL = "similarity $V$"
FORGETTING_LABEL = "forgetting of task 1"
ERROR2_LABEL = r"error of task 2, $\epsilon_2$"

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


def grid(rows: Sequence[int], *, height: float, ratios: Sequence[float]) -> tuple[Figure, list[list[Axes]]]:
    """Figure of full width with so many panels in every row, and the rows' relative heights."""
    fig, axes = new_figure(height=height)
    axes[0, 0].remove()
    outer = fig.add_gridspec(len(rows), 1, height_ratios=ratios)
    inner = [outer[row].subgridspec(1, n) for row, n in enumerate(rows)]
    return fig, [[fig.add_subplot(row[at]) for at in range(n)] for row, n in zip(inner, rows, strict=True)]


def over_seeds(table: pd.DataFrame, column: str, x: str = "similarity", **equal: Any) -> pd.DataFrame:
    """Mean of a column over seeds and its standard error (null for one seed), indexed by `x`."""
    return select(table, **equal).groupby(x)[column].agg(["mean", "sem"])


def theory_points(ax: Axes, mean: pd.Series, **style: Any) -> None:
    """Theory known on a grid only: a line, with a dot at every point of the grid."""
    theory(ax, mean.index, mean, **{"marker": ".", "markersize": 3.5} | style)


def window(ax: Axes, x: float, limits: tuple[float | None, float | None], half_width: float = 0.025) -> None:
    """The bounds of a claim at one place of the horizontal axis; set the limits of the axis first."""
    low, high = ax.get_ylim()
    bottom, top = low if limits[0] is None else limits[0], high if limits[1] is None else limits[1]
    ax.add_patch(Rectangle((x - half_width, bottom), 2 * half_width, top - bottom, label="bounds of the claim", **BAND))


def measured(tables: Mapping[str, pd.DataFrame], *names: str) -> dict[tuple[str, str], float]:
    """(claim, part) → what the claims' own functions measure; claims without their rows are left out."""
    found = {}
    for name in names:
        try:
            parts = getattr(claims, name.lower())(tables)
        except MissingRows:
            continue
        found |= {(name, part): value.value for part, value in parts.items()}
    return found


Entry = tuple[str, str, str]
"""Claim, part, and its label in a strip."""


def strip(
    ax: Axes, about: Mapping[str, Any], values: Mapping[tuple[str, str], float], entries: Iterable[Entry], label: str, *, log: bool = False
) -> None:
    """One row a judged part: its measured value, and the bounds of the claim shaded behind it."""
    entries = list(entries)
    limits = [bounds(about, claim, part) for claim, part, _ in entries]
    found = [values.get((claim, part), np.nan) for claim, part, _ in entries]
    known = np.array([value for value in (*found, *(edge for pair in limits for edge in pair if edge is not None)) if np.isfinite(value)])
    if log:
        low, high = known[known > 0].min() / 3, known.max() * 3
    else:
        margin = 0.15 * (known.max() - known.min()) or 1.0
        low, high = known.min() - margin, known.max() + margin
    for row, (lower, upper) in enumerate(limits):
        start, stop = (low if lower is None else lower), (high if upper is None else upper)
        thin = 0.01 * (high - low) if start == stop else 0.0
        ax.add_patch(Rectangle((start - thin, row - 0.35), stop - start + 2 * thin, 0.7, label="bounds of the claim", **BAND))
    ax.plot(found, np.arange(len(found)), **SIMULATION, color=COLORS["black"], label="measured")
    ax.set(xlim=(low, high), ylim=(len(entries) - 0.4, -0.6), xlabel=label, xscale="log" if log else "linear")
    ax.set_yticks(range(len(entries)), [name for *_, name in entries])
    ax.grid(visible=False, axis="y")
