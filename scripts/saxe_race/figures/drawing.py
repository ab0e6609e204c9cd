"""Pieces that the figures of this paper share [saxe_race]."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from repro.figures import BAND, COLORS, About, bounds, empty
from repro.frames import select
from scripts.saxe_race.measures import means

MODE_COLORS = {1: COLORS["blue"], 2: COLORS["red"], 3: COLORS["green"], 4: COLORS["purple"]}
SPLIT_COLORS = {"trained": COLORS["blue"], "untrained": COLORS["red"]}
GAIN_COLORS = (COLORS["blue"], COLORS["green"], COLORS["orange"], COLORS["red"], COLORS["purple"], COLORS["brown"])

Limits = tuple[float | None, float | None]


def band_at(ax: Axes, x: float, limits: Limits, *, half: float = 0.3, label: str | None = "bounds of the claim") -> None:
    """The bounds of a claim at one place of the horizontal axis. Set the limits of the vertical axis first: they stay as they are."""
    low, high = sorted(ax.get_ylim())
    lower, upper = limits
    ends = (max(low, -np.inf if lower is None else lower), min(high, np.inf if upper is None else upper))
    ax.fill_between([x - half, x + half], *ends, label=label, **BAND)
    ax.set_ylim(low, high)


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


def categories(ax: Axes, labels: Sequence[str]) -> None:
    """Places 0, 1, … of the horizontal axis with names, and no lines through them."""
    ax.set_xticks(range(len(labels)), labels)
    ax.set_xlim(-0.6, len(labels) - 0.4)
    ax.grid(visible=False, axis="x")


def thinned(table: pd.DataFrame, every: int, column: str = "epoch") -> pd.DataFrame:
    """Rows at every so many epochs."""
    return table[table[column] % every == 0]


def padded(values: Iterable[float | None], margin: float = 0.15) -> tuple[float, float]:
    """Limits of an axis around finite numbers; None and others are left out."""
    known = np.array([value for value in values if value is not None and np.isfinite(value)], dtype=float)
    low, high = float(known.min()), float(known.max())
    pad = margin * (high - low) or margin * (abs(high) or 1.0)
    return low - pad, high + pad


def padded_log(values: Iterable[float | None], factor: float = 2.5) -> tuple[float, float]:
    """Limits of a logarithmic axis around positive finite numbers."""
    known = np.array([value for value in values if value is not None and np.isfinite(value) and value > 0], dtype=float)
    return float(known.min()) / factor, float(known.max()) * factor
