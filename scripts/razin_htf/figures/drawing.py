"""Pieces that the figures of this paper share [razin_htf]."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from repro.claims import Measured
from repro.figures import BAND, COLORS, SIMULATION, About, bounds, empty, published, simulated
from repro.frames import select
from repro.panels import categories, measured
from scripts.razin_htf import claims
from scripts.razin_htf.measures import at_start, by_step

Tables = Mapping[str, pd.DataFrame]

RANK_COLORS = [COLORS[name] for name in ("blue", "red", "green", "orange", "purple")] + [COLORS["grey"]] * 5
N_MARKERS = 60  # of a path: more would touch each other
PRINTED = "published"
SMALL, LARGE = COLORS["brown"], COLORS["sky"]  # no rank has these


class Judged(NamedTuple):
    """One row of a strip: a part of a claim."""

    claim: str
    part: str
    label: str


def first_seed(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the smallest seed."""
    return table[table["seed"] == table["seed"].min()]


def of_start(curves: pd.DataFrame, model: str, quantity: str, choose: Callable[..., Any] = min) -> pd.DataFrame:
    """Rows of one quantity from the smallest or the largest start of a model."""
    found = select(curves, model=model, quantity=quantity)
    return found if found.empty else at_start(found, choose)


def panel_path(ax: Axes, curves: pd.DataFrame, model: str, quantity: str) -> None:
    """The ten largest values over the steps, first seed; one colour a rank, grey from the sixth on."""
    found = of_start(curves, model, quantity)
    if found.empty:
        empty(ax)
        return
    wide = by_step(first_seed(found))
    thinned = wide.iloc[:: max(1, len(wide) // N_MARKERS)]
    for rank in reversed(wide.columns):
        simulated(ax, thinned.index, thinned[rank], color=RANK_COLORS[rank - 1], markersize=2.4, markeredgewidth=0.7)
    ax.set_ylim(bottom=-0.03 * float(np.nanmax(wide.to_numpy())) - 1e-3)


def rank_legend(ax: Axes) -> None:
    """Names of the ranks' colours."""
    for rank, color in enumerate(RANK_COLORS[:6], start=1):
        simulated(ax, [], [], color=color, label=f"rank {rank}" if rank < 6 else "ranks 6 to 10")


def printed_points(ax: Axes, about: About, name: str, shift: float = 0.0) -> None:
    """A published curve, point by point."""
    points = np.array(about["published"][name]["points"], dtype=float)
    published(ax, points[:, 0] + shift, points[:, 1], points[:, 2] if points.shape[1] > 2 else None, label=PRINTED, zorder=3)


def strip(ax: Axes, about: About, tables: Tables, entries: Sequence[Judged], *, scale: str = "linear", **scaling: Any) -> None:
    """Judged parts below each other: measured value (± 2 s.e.) before the bounds of the claim, published value where there is one."""
    known = measured(claims, tables, *dict.fromkeys(entry.claim for entry in entries))
    values = [known.get((entry.claim, entry.part), Measured(np.nan)) for entry in entries]
    limits = [bounds(about, entry.claim, entry.part) for entry in entries]
    printed = [_printed(about, entry) for entry in entries]
    ax.set_xscale(scale, **scaling)
    ax.set_xlim(*_reach([*(value.value for value in values), *printed, *(edge for pair in limits for edge in pair)], scale))
    low, high = ax.get_xlim()
    for row, (value, (lower, upper), number) in enumerate(zip(values, limits, printed, strict=True)):
        start, stop = low if lower is None else max(lower, low), high if upper is None else upper
        thin = 0.008 * (high - low) if start == stop else 0.0
        ax.add_patch(Rectangle((start - thin, row - 0.34), stop - start + 2 * thin, 0.68, label="bounds of the claim", **BAND))
        error = None if value.std_error is None else [2 * value.std_error]
        ax.errorbar([value.value], [row], xerr=error, elinewidth=0.9, color=COLORS["black"], **SIMULATION)
        if number is not None:
            ax.plot([number], [row], marker="|", markersize=11, markeredgewidth=1.6, linestyle="", color=COLORS["black"], label=PRINTED)
    simulated(ax, [], [], color=COLORS["black"], label="measured")
    categories(ax, [entry.label for entry in entries], axis="y")


def _printed(about: About, entry: Judged) -> float | None:
    name = about["claims"][entry.claim][entry.part]["published"]
    return None if name is None else float(about["published"][name]["value"])


def _reach(values: Sequence[float | None], scale: str) -> tuple[float, float]:
    """Limits of an axis around what is finite, and positive on a logarithmic one."""
    known = np.array([value for value in values if value is not None and np.isfinite(value)], dtype=float)
    if scale == "log":
        known = known[known > 0]
        return known.min() / 4, known.max() * 4
    if scale == "symlog":
        return min(known.min(), 0.0), known.max() * 2
    margin = 0.15 * (known.max() - known.min()) or 1.0
    return known.min() - margin, known.max() + margin
