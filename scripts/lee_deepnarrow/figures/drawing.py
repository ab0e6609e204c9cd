"""Pieces that the figures of this paper share [lee_deepnarrow]."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from repro.claims import MissingRows
from repro.figures import BAND, COLORS, SIMULATION, About, bounds, legend_below, new_figure, plain_ticks
from repro.frames import select
from scripts.lee_deepnarrow import claims

Tables = Mapping[str, pd.DataFrame]
Entry = tuple[str, str, str]
"""Claim, part, and its label in a strip."""

DEPTH_LABEL = "depth $L$ (hidden layers)"
SCALE_LABEL = "scale $C_L$"
ANGLE_LABEL = r"angle $\gamma$ (rad)"

_DEPTHS = {30: "green", 100: "blue", 400: "red", 1000: "orange", 4000: "red", 10000: "red", 12000: "red"}
CONTROL_COLOR = COLORS["brown"]


def rows_of_three(n_rows: int, *, height: float) -> tuple[Figure, list[list[Axes]]]:
    """Figure of full width with three panels a row; long labels in one row do not push the panels of another."""
    fig, axes = new_figure(height=height)
    axes[0, 0].remove()
    outer = fig.add_gridspec(n_rows, 1)
    rows = [outer[row].subgridspec(1, 3) for row in range(n_rows)]
    return fig, [[fig.add_subplot(row[at]) for at in range(3)] for row in rows]


def finish(fig: Figure) -> Figure:
    """The figure with its legend, and with no labels at the minor ticks of logarithmic axes, which would overlap on short ones."""
    for ax in fig.axes:
        for axis in (ax.xaxis, ax.yaxis):
            if axis.get_scale() == "log":
                axis.set_minor_formatter(NullFormatter())
    legend_below(fig, *fig.axes, n_columns=3)
    return fig


def depth_color(depth: int) -> str:
    """Colour of the networks of one depth, the same in all figures."""
    return COLORS[_DEPTHS.get(depth, "purple")]


def shown_settings(drift: pd.DataFrame) -> list[tuple[int, float]]:
    """Depth and scale of the shallowest and the deepest network, each at the scale that most depths share, else at its largest."""
    depths_of = drift.groupby("scale")["depth"].nunique()
    found = []
    for depth in sorted({drift["depth"].min(), drift["depth"].max()}):
        scales = select(drift, depth=int(depth))["scale"].unique()
        found.append((int(depth), float(max(scales, key=lambda scale: (depths_of[scale], scale)))))
    return found


def unscaled(drift: pd.DataFrame) -> tuple[int, float] | None:
    """Depth and scale of the control without a large scale, if there is one."""
    found = select(drift, scale=1.0)
    return (int(found["depth"].iloc[0]), 1.0) if len(found) else None


def trials(ax: Axes, table: pd.DataFrame, x: str, y: str, **style: Any) -> None:
    """One thin line a seed, as the paper draws its trials; the label stands once."""
    label = style.pop("label", None)
    for at, (_, one) in enumerate(table.groupby("seed")):
        ax.plot(one[x], one[y], label=label if at == 0 else None, **{"linewidth": 0.7, "alpha": 0.75} | style)


def judged(ax: Axes, about: About, tables: Tables, entries: Iterable[Entry], label: str, *, log: bool = False) -> None:
    """One row a judged part: what its claim measures, before the claim's bounds; an infinite value stands at the end of the axis."""
    entries = list(entries)
    values = [_measured(tables, claim, part) for claim, part, _ in entries]
    limits = [bounds(about, claim, part) for claim, part, _ in entries]
    low, high = axis_limits([*values, *(edge for pair in limits for edge in pair)], log=log)
    for row, (lower, upper) in enumerate(limits):
        start, stop = low if lower is None else lower, high if upper is None else upper
        ax.barh(row, stop - start, 0.7, left=start, label="bounds of the claim", **BAND)
    ax.plot(np.minimum(values, high), range(len(values)), **SIMULATION, color=COLORS["black"], label="measured", clip_on=False)
    ax.set(xscale="log" if log else "linear", xlim=(low, high), ylim=(len(entries) - 0.4, -0.6), xlabel=label)
    ax.set_yticks(range(len(entries)), [name for *_, name in entries])
    ax.grid(visible=False, axis="y")


def axis_limits(values: Iterable[float | None], *, log: bool = False) -> tuple[float, float]:
    """Limits around the finite values, with a margin."""
    known = np.array([value for value in values if value is not None and np.isfinite(value) and (value > 0 or not log)])
    if not len(known):
        return (0.1, 10.0) if log else (0.0, 1.0)
    low, high = float(known.min()), float(known.max())
    if log:
        return low / 2.5, high * 2.5
    margin = 0.2 * (high - low) or 0.5 * abs(high) or 1.0
    return low - margin, high + margin


def log_decimals(ax: Axes, axis: str = "y") -> None:
    """Plain numbers 1, 2 and 5 of every decade on a logarithmic axis whose limits are set."""
    low, high = ax.get_ylim() if axis == "y" else ax.get_xlim()
    decades = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    ticks = np.outer(decades, [1, 2, 5]).ravel()
    plain_ticks(ax, axis, ticks[(ticks >= low) & (ticks <= high)])


def band_at(ax: Axes, places: Iterable[float], limits: tuple[float | None, float | None], half_width: float = 0.35) -> None:
    """The bounds of a claim at some places of the horizontal axis; set the limits of the vertical axis first."""
    low, high = ax.get_ylim()
    start, stop = low if limits[0] is None else max(low, limits[0]), high if limits[1] is None else min(high, limits[1])
    for place in places:
        ax.bar(place, stop - start, 2 * half_width, bottom=start, label="bounds of the claim", **BAND)
    ax.set_ylim(low, high)


def categories(ax: Axes, labels: Sequence[str]) -> None:
    """Places 0, 1, … of the horizontal axis with names, and no lines through them."""
    ax.set_xticks(range(len(labels)), labels)
    ax.set_xlim(-0.6, max(len(labels), 1) - 0.4)
    ax.grid(visible=False, axis="x")


def thinned(steps: "pd.Series[int]", n: int) -> "pd.Series[bool]":
    """Which steps to draw so that about n markers remain of the longest curve."""
    return steps % max(1, (int(steps.max()) if len(steps) else 0) // n) == 0


def _measured(tables: Tables, claim: str, part: str) -> float:
    try:
        return float(getattr(claims, claim.lower())(tables)[part].value)
    except MissingRows:
        return np.nan
