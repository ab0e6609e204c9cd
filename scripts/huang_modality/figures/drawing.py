"""Pieces that the figures of this paper share [huang_modality]."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from repro.claims import Measured, MissingRows
from repro.figures import BAND, COLORS, SIMULATION, About, bounds, simulated
from scripts.huang_modality import claims

MODALITY_COLORS = {1: COLORS["blue"], 2: COLORS["red"]}
JOINT, ALONE, ENSEMBLE, MIXTURE = COLORS["black"], COLORS["orange"], COLORS["green"], COLORS["purple"]
TEST_ERROR = "test error"

Tables = Mapping[str, pd.DataFrame]
Limits = tuple[float | None, float | None]
Entry = tuple[str, str, str]
"""Claim, part, and its label in a strip."""


def measured(tables: Tables, *names: str) -> dict[tuple[str, str], Measured]:
    """(claim, part) → what the claims' own functions measure; claims without their rows are left out."""
    found = {}
    for name in names:
        try:
            parts = getattr(claims, name.lower())(tables)
        except (MissingRows, ValueError):  # one of them is not a number
            continue
        found |= {(name, part): value for part, value in parts.items()}
    return found


def window(ax: Axes, at: float, limits: Limits, *, half: float = 0.3, along: str = "y", label: str | None = "bounds of the claim") -> None:
    """The bounds of a claim at one place of the other axis. Set the limits of the axis `along` first: they stay as they are."""
    ends = sorted(ax.get_ylim() if along == "y" else ax.get_xlim())
    low = ends[0] if limits[0] is None else max(limits[0], ends[0])
    high = ends[1] if limits[1] is None else min(limits[1], ends[1])
    corner, size = (at - half, low), (2 * half, high - low)
    if along == "x":
        corner, size = corner[::-1], size[::-1]
    ax.add_patch(Rectangle(corner, *size, label=label, **BAND))


def strip(ax: Axes, about: About, values: Mapping[tuple[str, str], Measured], entries: Iterable[Entry], label: str) -> None:
    """One row a judged part: what its bounds bound, with its standard errors, and the bounds shaded behind it."""
    entries = list(entries)
    limits = [bounds(about, claim, part) for claim, part, _ in entries]
    found = [values.get((claim, part), Measured(np.nan)) for claim, part, _ in entries]
    heights = np.array([value.value - (value.predicted or 0.0) for value in found], dtype=float)
    errors = np.array([np.nan if value.std_error is None else value.std_error for value in found], dtype=float)
    known = np.array([0.0, *heights, *(edge for pair in limits for edge in pair if edge is not None)])
    known = known[np.isfinite(known)]
    margin = 0.15 * (known.max() - known.min()) or 1.0
    ax.set(xlim=(known.min() - margin, known.max() + margin), ylim=(len(entries) - 0.4, -0.6), xlabel=label)
    for row, pair in enumerate(limits):
        window(ax, row, pair, along="x")
    ax.errorbar(heights, range(len(entries)), xerr=2 * errors, elinewidth=0.9, color=COLORS["black"], label="measured", **SIMULATION)
    ax.set_yticks(range(len(entries)), [name for *_, name in entries])
    ax.grid(visible=False, axis="y")


def dots(ax: Axes, places: Sequence[float], values: Sequence[Measured], color: str, **style: Any) -> None:
    """Measured values side by side, with two standard errors where they are known."""
    errors = [np.nan if value.std_error is None else value.std_error for value in values]
    simulated(ax, places, [value.value for value in values], errors, color=color, **style)


def names_below(ax: Axes, names: Sequence[str]) -> None:
    """Places 0, 1, … of the horizontal axis with names, and no lines through them."""
    ax.set_xticks(range(len(names)), names)
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.grid(visible=False, axis="x")
