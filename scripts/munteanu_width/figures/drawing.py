"""Pieces that the figures of this paper share [munteanu_width]."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, empty, guide, new_figure, panel_label, plain_ticks, simulated
from repro.frames import select
from scripts.munteanu_width import comparison

COUPLED, INDEPENDENT = COLORS["blue"], COLORS["red"]
STARTS = {"coupled": COUPLED, "independent": INDEPENDENT}
MARKERS = {1.0: "o", 10.0: "s"}
POINTS = {8: "green", 12: "black", 16: "orange", 20: "brown", 24: "purple", 32: "sky", 48: "pink", 64: "grey", 128: "blue", 256: "red"}

WIDTH = "width $m$"
STEPS = "median steps"
SCALE = r"initial scale $\kappa$"
N_POINTS = "points $n$"

Tables = Mapping[str, pd.DataFrame]


def mosaic(pattern: str, *, height: float, **layout: Any) -> tuple[Figure, dict[str, Axes]]:
    """Figure of full width whose panels are the letters of a pattern."""
    fig, axes = new_figure(height=height)
    axes[0, 0].remove()
    return fig, fig.subplot_mosaic(pattern, **layout)


def log_axis(ax: Axes, axis: str, ticks: object) -> None:
    """Logarithmic axis with these ticks in plain numbers."""
    ax.set_xscale("log", base=2) if axis == "x" else ax.set_yscale("log")
    plain_ticks(ax, axis, ticks)


def width_axis(ax: Axes, widths: object) -> None:
    """Logarithmic axis of widths, from the smallest to the largest of some."""
    found = np.asarray(widths, dtype=float)
    low, high = (found.min(), found.max()) if found.size else (8, 64)
    step = 4 if high / low > 16 else 2
    log_axis(ax, "x", [step**k for k in range(12) if low <= step**k <= high])
    ax.set(xlabel=WIDTH, xlim=(low / 1.5, high * 1.5))


def start_label(initialization: str, scale: float) -> str:
    """Name of a start in the legend."""
    return rf"{initialization}, $\kappa$ = {scale:g}"


def by_start(ax: Axes, values: "pd.Series[float]", std_error: "pd.Series[float] | None" = None) -> None:
    """Markers of every initialization and scale against the width, side by side; values are indexed by width, scale and start."""
    cases = [(start, scale) for start in STARTS for scale in MARKERS]
    for place, (start, scale) in enumerate(cases):
        keep = (values.index.get_level_values("initialization") == start) & (values.index.get_level_values("init_scale") == scale)
        found = values[keep]
        if len(found):
            x = found.index.get_level_values("width").to_numpy(dtype=float) * 1.15 ** (place - 1.5)
            error = None if std_error is None else std_error[keep]
            simulated(ax, x, found, error, color=STARTS[start], marker=MARKERS[scale], label=start_label(start, scale))


def panel_steps(ax: Axes, letter: str, about: About, runs: pd.DataFrame, title: str) -> None:
    """Median steps to zero error against the width; infinite ones above all steps, on the line "never"."""
    panel_label(ax, letter, about, title)
    ax.set(yscale="log", ylabel=STEPS)
    width_axis(ax, runs["width"])
    if runs.empty:
        empty(ax)
        return
    never = 2.0 * runs["n_steps"].max()
    ax.set_ylim(0.7, 2 * never)
    guide(ax, [runs["width"].min() / 1.5, runs["width"].max() * 1.5], [never, never])
    never_tick(ax, never)
    by_start(ax, comparison.medians(runs, "hit_step").replace(np.inf, never))


def never_tick(ax: Axes, never: float) -> None:
    """Name a place of a logarithmic y axis "never", and the powers of ten well below it."""
    powers = range(int(np.log10(never / 3)) + 1)
    ax.set_yticks([*(10.0**power for power in powers), never], [*(f"$10^{{{power}}}$" for power in powers), "never"])


def panel_success(ax: Axes, letter: str, about: About, runs: pd.DataFrame, title: str) -> None:
    """Share of the seeds with zero error against the width, with two standard errors."""
    panel_label(ax, letter, about, title)
    ax.set(ylim=(-0.08, 1.08), ylabel="successful seeds\n(share)")
    width_axis(ax, runs["width"])
    if runs.empty:
        empty(ax)
        return
    share = comparison.success(runs)
    by_start(ax, share, share_error(share, runs.groupby(comparison.SETTING).size()))


def share_error(share: "pd.Series[float]", n: "pd.Series[int]") -> "pd.Series[float]":
    """Standard error of shares among n."""
    return np.sqrt(share * (1 - share) / n)


def on_circle(runs: pd.DataFrame, n_train: int) -> pd.DataFrame:
    """Runs on n points that end at their hit, with the scales that have a marker."""
    return select(runs, n_train=n_train, stops_at_hit=True, init_scale=list(MARKERS))
