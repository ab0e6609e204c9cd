"""Pieces that the figures of this paper share [puthawala_flows]."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from repro.figures import COLORS, SIMULATION, TEXT_GREY, THEORY, band, control, empty, plain_ticks, simulated
from repro.frames import select

DIM_COLORS = {3: COLORS["red"], 4: COLORS["blue"], 5: COLORS["purple"], 7: COLORS["green"]}
STEP = "Adam step"
SUP = "sup error"

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

Limits = tuple[float | None, float | None]


def space(ambient_dim: int) -> str:
    """R^m in letters that the font has."""
    return "ℝ" + str(ambient_dim).translate(_SUPERSCRIPTS)


def color_of(ambient_dim: int) -> str:
    """Colour of a dimension."""
    return DIM_COLORS.get(ambient_dim, COLORS["black"])


def row_of_panels(fig: Figure, grid: GridSpec, row: int, n_panels: int, **subplot: Any) -> list[Axes]:
    """Panels of equal width across one row of a grid with a single column."""
    inner = grid[row, 0].subgridspec(1, n_panels)
    return [fig.add_subplot(inner[0, place], **subplot) for place in range(n_panels)]


def panel_seeds(ax: Axes, values: Sequence[float] | pd.Series, limits: Limits, *, color: str | None, label: str | None = None) -> None:
    """A judged number of every seed in ascending order, within the bounds; crosses of a control where there is no colour.

    Set scale and limits of the y axis first.
    """
    heights = np.sort(np.asarray(values, dtype=float))
    band(ax, *limits)
    places = np.arange(1, len(heights) + 1)
    if color is None:
        control(ax, places, heights, label=label)
    else:
        simulated(ax, places, heights, color=color, label=label)
    ax.set(xlabel="seeds in order", xlim=(0.2, max(len(heights), 1) + 0.8))
    ax.set_xticks([1, len(heights)] if len(heights) > 1 else [1])


def panel_space(ax: Any, curves: pd.DataFrame, *, color: str | None, ticks: tuple[float, ...], every: int = 1) -> None:
    """Target and best fit in space, first three coordinates; every few points of the fit."""
    for _, target in select(curves, method="theory").groupby(_loops(curves)):
        loop = pd.concat([target, target.head(1)])
        ax.plot(loop["x"], loop["y"], loop["z"], **THEORY | {"linewidth": 0.9, "color": COLORS["black"]}, label="target")
    fitted = select(curves, method="simulation").iloc[::every]
    look = SIMULATION | {"markersize": 1.8, "markeredgewidth": 0.7, "color": color or TEXT_GREY}
    ax.plot(fitted["x"], fitted["y"], fitted["z"], **look)
    if fitted.empty:
        ax.text2D(0.5, 0.5, "no rows at this preset", transform=ax.transAxes, ha="center", color=TEXT_GREY)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_ticks(ticks, [])
        axis.pane.set(facecolor="white", edgecolor="#DDDDDD")
    limit = max(abs(tick) for tick in ticks) * 1.15
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), zlim=(-limit, limit))
    ax.set_box_aspect((1, 1, 1), zoom=1.25)
    ax.view_init(elev=55, azim=-60)
    for line in ax.get_lines():
        line.set(clip_on=False, in_layout=False)


def _loops(curves: pd.DataFrame) -> str:
    """Column that tells the closed curves of a target apart."""
    return "boundary" if "boundary" in curves else "target"


def thinned(steps: Sequence[int], most: int = 40) -> list[int]:
    """At most so many of some steps, first and last among them."""
    ordered = sorted(set(steps))
    places = np.unique(np.linspace(0, len(ordered) - 1, min(most, len(ordered))).round().astype(int))
    return [ordered[place] for place in places]


def cases(table: pd.DataFrame) -> list[tuple[str, int]]:
    """Targets and dimensions in the order of the table."""
    found = table[["target", "ambient_dim"]].drop_duplicates()
    return [(target, int(dim)) for target, dim in found.itertuples(index=False)]


def decades(ax: Axes, side: str, values: npt.ArrayLike) -> None:
    """Logarithmic axis that shows positive values between ticks at 1, 2 and 5 times powers of ten, in plain decimals."""
    found = np.asarray(values, dtype=float)
    found = found[np.isfinite(found) & (found > 0)]
    ticks = np.array([step * 10.0**power for power in range(-4, 2) for step in (1, 2, 5)])
    low, high = (found.min() / 1.1, found.max() * 1.1) if len(found) else (0.1, 1)
    first, last = ticks[ticks <= low].max(initial=ticks[0]), ticks[ticks >= high].min(initial=ticks[-1])
    shown = ticks[(ticks >= first) & (ticks <= last)]
    (ax.set_xscale if side == "x" else ax.set_yscale)("log")
    plain_ticks(ax, side, shown if len(shown) < 7 else [tick for tick in shown if not f"{tick:.0e}".startswith("2")])
    (ax.set_xlim if side == "x" else ax.set_ylim)(first, last)


def say_if_empty(ax: Axes, table: pd.DataFrame) -> bool:
    """Whether a table has no rows; the panel then says so."""
    if table.empty:
        empty(ax)
    return table.empty
