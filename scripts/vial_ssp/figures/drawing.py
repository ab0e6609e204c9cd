"""Pieces that the figures of this paper share [vial_ssp]."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes

from repro.figures import COLORS, About, bounds, control, plain_ticks, simulated, theory
from repro.panels import Limits, band_between, categories
from scripts.vial_ssp import summaries

PLAYERS = {"optimistic": COLORS["blue"], "greedy": COLORS["red"], "uniform": COLORS["grey"]}
EPISODE = "episode $k$"
REGRET = "regret $G_k$"
GAP_AXIS = "gap"
Tables = Mapping[str, pd.DataFrame]


def draw_player(
    ax: Axes, x: npt.ArrayLike, y: npt.ArrayLike, std_error: npt.ArrayLike | None = None, *, algorithm: str, **style: Any
) -> None:
    """Markers of one player in its colour; uniform play is the control."""
    if algorithm == "uniform":
        control(ax, x, y, **style)
    else:
        simulated(ax, x, y, std_error, color=PLAYERS[algorithm], **style)


def draw_lanes(ax: Axes, table: pd.DataFrame, algorithm: str) -> None:
    """A thin line for every lane of a player."""
    for _, lane in table.groupby("seed"):
        ax.plot(lane["episode"], lane["regret"], color=PLAYERS[algorithm], linewidth=0.5, alpha=0.35, zorder=1.5)


def draw_points(ax: Axes, x: npt.ArrayLike, y: npt.ArrayLike, *, color: str, label: str | None = None) -> None:
    """Single seeds: small dots."""
    ax.plot(x, y, linestyle="", marker=".", markersize=2.5, color=color, alpha=0.6, label=label, zorder=1.8)


def draw_dash(ax: Axes, x: tuple[float, float], y: float, *, color: str, label: str | None = None) -> None:
    """One number of the theory, as a short line."""
    theory(ax, x, [y, y], color=color, label=label, zorder=1.6)


def cover(ax: Axes, values: npt.ArrayLike, low: float, high: float) -> None:
    """Limits of the y axis: the given ones, wider where a finite value lies beyond them."""
    found = np.asarray(values, dtype=float).ravel()
    found = found[np.isfinite(found)]
    if ax.get_yscale() == "log":
        found = found[found > 0]
        ax.set_ylim(min([low, *found / 1.2]), max([high, *found * 1.2]))
    else:
        margin = 0.06 * (high - low)
        ax.set_ylim(min([low, *found - margin]), max([high, *found + margin]))


def bounds_of(about: About, *parts: tuple[str, str] | None) -> list[Limits]:
    """Bounds of several parts of claims; none where none judges."""
    return [bounds(about, *part) if part else (None, None) for part in parts]


def columns(ax: Axes, labels: Sequence[str], limits: Iterable[Limits], *, left: float = -0.35) -> None:
    """Named places 0, 1, … on the x axis, each with its own bounds, if any, from `left` of it on; set the limits of the y axis first."""
    for place, pair in enumerate(limits):
        band_between(ax, place + left, place + 0.35, pair)
    categories(ax, labels)


def gap_axis(ax: Axes) -> None:
    """Logarithmic axis of the gaps, those of the claims named."""
    ax.set_xscale("log")
    plain_ticks(ax, "x", summaries.GAPS)
    ax.set_xlabel(GAP_AXIS)
