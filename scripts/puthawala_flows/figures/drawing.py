"""Pieces that the figures of this paper share [puthawala_flows]."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.spatial.distance import cdist

from repro.figures import COLORS, band, control, plain_ticks, simulated, theory
from repro.frames import select
from repro.panels import Limits

DIM_COLORS = {3: COLORS["red"], 4: COLORS["blue"], 5: COLORS["purple"], 7: COLORS["green"]}
STEP = "Adam step"
SUP = "sup error"

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def space(ambient_dim: int) -> str:
    """R^m in letters that the font has."""
    return "ℝ" + str(ambient_dim).translate(_SUPERSCRIPTS)


def color_of(ambient_dim: int) -> str:
    """Colour of a dimension."""
    return DIM_COLORS.get(ambient_dim, COLORS["black"])


def panel_seeds(
    ax: Axes,
    values: Sequence[float] | pd.Series,
    limits: Limits | None,
    *,
    color: str | None,
    label: str | None = None,
    log_range: tuple[float, float] | None = None,
) -> None:
    """A number of every seed in ascending order, within the bounds if it is judged; crosses of a control where there is no colour.

    The y axis is logarithmic over at least `log_range`, or else as it was set before.
    """
    heights = np.sort(np.asarray(values, dtype=float))
    if log_range:
        low, high = np.nanmin([log_range[0], *heights / 1.3]), np.nanmax([log_range[1], *heights * 1.3])
        ax.set_yscale("log")
        plain_ticks(ax, "y", [tick for tick in (0.01, 0.1, 1, 10, 100) if low <= tick <= high])
        ax.set_ylim(low, high)
    if limits:
        band(ax, *limits)
    places = np.arange(1, len(heights) + 1)
    if color is None:
        control(ax, places, heights, label=label)
    else:
        simulated(ax, places, heights, color=color, label=label)
    ax.set(xlabel="seeds in order", xlim=(0.2, max(len(heights), 1) + 0.8))
    ax.set_xticks([1, len(heights)] if len(heights) > 1 else [1])


def ticks_with_zero(ax: Axes, zero: float, powers: Sequence[int]) -> None:
    """Ticks of a logarithmic y axis: powers of ten, and 0 at the place where exact zeros are drawn."""
    ax.set_yticks([zero, *(10.0**power for power in powers)], ["0", *(f"$10^{{{power}}}$" for power in powers)])
    ax.set_yticks([], minor=True)


def panel_space(ax: Axes, curves: pd.DataFrame, *, color: str | None, every: int, elevation: float = 90.0) -> None:
    """Target and best fit seen from an elevation in degrees, first three coordinates; every few points of the fit."""
    ax.set_axis_off()
    ax.set_aspect("equal")
    target, fitted = select(curves, method="theory"), select(curves, method="simulation").iloc[::every]
    seen = _seen(target, elevation)
    seen[_passes_beneath(seen), :2] = np.nan
    loops = target["boundary"] if "boundary" in target else target["method"]
    for loop in loops.unique():
        own = seen[(loops == loop).to_numpy()]
        own = np.concatenate([own, own[:1]])
        theory(ax, own[:, 0], own[:, 1], color=COLORS["black"], linewidth=0.9, zorder=3, label="target")
    marks = _seen(fitted, elevation)
    marks = marks[np.argsort(marks[:, 2])]
    simulated(ax, marks[:, 0], marks[:, 1], color=color or COLORS["grey"], markersize=2.6, markeredgewidth=0.8, zorder=2)


def _seen(curves: pd.DataFrame, elevation: float) -> np.ndarray:
    """Points as seen: to the right, upwards, towards the eye."""
    x, y, z = curves[["x", "y", "z"]].to_numpy(dtype=float).T
    sine, cosine = np.sin(np.radians(elevation)), np.cos(np.radians(elevation))
    return np.stack([x, y * sine + z * cosine, z * sine - y * cosine], axis=-1)


def _passes_beneath(seen: np.ndarray, gap: float = 0.07, apart: float = 0.35) -> np.ndarray:
    """Points beneath another stretch, where a drawing of a knot breaks its line; stretches of the targets cross 0.4 apart or more."""
    close = cdist(seen[:, :2], seen[:, :2]) < gap
    return (close & (seen[None, :, 2] > seen[:, None, 2] + apart)).any(axis=1)


def cases(table: pd.DataFrame) -> list[tuple[str, int]]:
    """Targets and dimensions in the order of the table."""
    found = table[["target", "ambient_dim"]].drop_duplicates()
    return [(target, int(dim)) for target, dim in found.itertuples(index=False)]


def by_checkpoint(ax: Axes, table: pd.DataFrame) -> pd.Series:
    """Place of each step of a table, evenly spaced, as ticks of the x axis; every other one is named, and the last."""
    steps = np.sort(table["step"].unique())
    named = range((len(steps) - 1) % 2, len(steps), 2)
    ax.set_xticks(named, [str(steps[place]) for place in named])
    ax.set_xticks(range(len(steps)), minor=True)
    ax.set(xlabel=STEP, xlim=(-0.6, max(len(steps), 1) - 0.4))
    return pd.Series(range(len(steps)), index=steps)
