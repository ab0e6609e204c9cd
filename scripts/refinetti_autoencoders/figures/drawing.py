"""Pieces that the figures of this paper share [refinetti_autoencoders]."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from repro.figures import BAND, COLORS, GUIDE, TEXT_GREY, About, empty, panel_label, simulated, theory
from repro.frames import select
from scripts.refinetti_autoencoders.curves import wide

TIME = r"time $\alpha$"
TIME_LABEL = r"training time $\alpha$ (steps / $D$)"
ERROR_LABEL = r"error $\mathrm{E}\|x-\hat{x}\|^2/D$"
BOUNDS = "bounds of the claim"

ACTIVATION_COLORS = {"erf": COLORS["blue"], "linear": COLORS["green"], "relu": COLORS["orange"]}
RULE_COLORS = {"vanilla": COLORS["blue"], "truncated": COLORS["red"]}
IMAGE_SETS = {"cifar10": ("CIFAR-10, grey", COLORS["green"]), "fashion_mnist": ("Fashion-MNIST", COLORS["purple"])}

_HALF = 0.4  # of the width of a column, which is 1


class Column(NamedTuple):
    """Numbers of one kind side by side, with the bounds of the claim that judges them."""

    label: str
    values: npt.ArrayLike
    bounds: tuple[float | None, float | None]
    color: str
    simulated: bool = False


def draw_curves(ax: Axes, curves: pd.DataFrame, color: str, label: str | None, column: str = "error") -> None:
    """Theory as a line, labelled, and simulation as hollow markers, times > 0; one curve a seed."""
    later = curves[curves["time"] > 0]
    for index, (_, of_seed) in enumerate(later.groupby("seed")):
        line, markers = (of_seed[of_seed["method"] == method] for method in ("theory", "simulation"))
        theory(ax, line["time"], line[column], color=color, label=label if index == 0 else None)
        simulated(ax, markers["time"], markers[column], color=color, markersize=3.2)


def explain_roles(ax: Axes, *, simulation: bool = True) -> None:
    """Entries of the legend for lines and markers, in the grey of no case."""
    theory(ax, [], [], color=TEXT_GREY, label="learning equations")
    if simulation:
        simulated(ax, [], [], color=TEXT_GREY, label="SGD")


def explain_bounds(ax: Axes) -> None:
    """Entry of the legend for the bounds of a claim."""
    ax.fill_between([], [], label=BOUNDS, **BAND)


def draw_levels(ax: Axes, levels: Mapping[int, float]) -> None:
    """Horizontal guides at the errors of PCA with k components, named at the right edge."""
    for k, level in levels.items():
        ax.axhline(level, **GUIDE, zorder=0)
        name(ax, f"PCA$_{k}$", level)


def name(ax: Axes, text: str, height: float) -> None:
    """Name a horizontal line at the right edge of a panel."""
    place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "xytext": (3, 0), "textcoords": "offset points"}
    ax.annotate(text, (1, height), **place, va="center", fontsize=7.5, color=TEXT_GREY, annotation_clip=False)


def draw_columns(ax: Axes, columns: Sequence[Column]) -> None:
    """Judged numbers in columns, each beside its bounds: markers for simulation, short lines for numbers of the equations.

    Set the scale and limits of the y axis first: bounds that are open end there.
    """
    low, high = ax.get_ylim()
    for place, column in enumerate(columns):
        lower, upper = column.bounds
        if column.bounds != (None, None):
            box = (low if lower is None else lower, high if upper is None else upper)
            ax.fill_between([place - _HALF, place + _HALF], *box, **BAND)
        values = np.asarray(column.values, dtype=float)
        steps = place + _HALF * (2 * np.arange(len(values)) + 1 - len(values)) / max(len(values), 1)
        if column.simulated:
            simulated(ax, steps, values, color=column.color)
        else:
            draw_dashes(ax, steps, values, _HALF / max(len(values), 1), color=column.color)
    ax.set_xticks(range(len(columns)), [column.label for column in columns])
    ax.set(xlim=(-0.6, len(columns) - 0.4), ylim=(low, high))
    ax.grid(visible=False, axis="x")


def draw_dashes(ax: Axes, x: npt.ArrayLike, y: npt.ArrayLike, half_width: float, **style: Any) -> None:
    """Single numbers of the equations as short lines."""
    centres, values = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    gap = np.full(len(centres), np.nan)
    ends = np.stack([centres - half_width, centres + half_width, gap], axis=1).ravel()
    theory(ax, ends, np.stack([values, values, gap], axis=1).ravel(), **{"linewidth": 1.6} | style)


def log_axes(ax: Axes, x_label: str, y_label: str) -> None:
    """Logarithmic axes with their labels."""
    ax.set(xscale="log", yscale="log", xlabel=x_label, ylabel=y_label)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(NullFormatter())  # they would be empty, and each is laid out


def merge(fig: Figure, axes: np.ndarray, row: int, columns: slice) -> Axes:
    """One panel in place of several of a row."""
    grid = axes[row, 0].get_gridspec()
    for ax in axes[row, columns]:
        ax.remove()
    return fig.add_subplot(grid[row, columns])


def panel_alignment(ax: Axes, letter: str, about: About, rule: str, aligned: pd.DataFrame) -> None:
    """Alignment of units (rows) with components (columns) under one rule as a heat map from 0 to 1, values printed."""
    panel_label(ax, letter, about, rule)
    ax.set(xlabel=r"component $\tau$", ylabel="unit $k$")
    ax.grid(visible=False)
    grid = wide(select(aligned, rule=rule), ["unit"], "component", "alignment")
    if grid.empty:
        empty(ax)
        return
    ax.imshow(grid.to_numpy(), vmin=0, vmax=1, cmap="cividis")
    for (row, column), value in np.ndenumerate(grid.to_numpy()):
        shade = COLORS["black"] if value > 0.47 else "white"
        ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=8, color=shade)
    ax.set_xticks(range(grid.shape[1]), [str(component) for component in grid.columns])
    ax.set_yticks(range(grid.shape[0]), [str(unit) for unit in grid.index])


def first_seed(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the first seed."""
    return select(table, seed=table["seed"].min())
