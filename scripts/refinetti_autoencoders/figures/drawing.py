"""Pieces that the figures of this paper share [refinetti_autoencoders]."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from repro.figures import COLORS, GUIDE, TEXT_GREY, About, empty, panel_label, simulated, theory
from repro.frames import select
from repro.panels import Limits, abreast, band_at, categories, dashes, explain
from scripts.refinetti_autoencoders.curves import wide

TIME = r"time $\alpha$"
TIME_LABEL = r"training time $\alpha$ (steps / $D$)"
ERROR_LABEL = r"error $\mathrm{E}\|x-\hat{x}\|^2/D$"

ACTIVATION_COLORS = {"erf": COLORS["blue"], "linear": COLORS["green"], "relu": COLORS["orange"]}
RULE_COLORS = {"vanilla": COLORS["blue"], "truncated": COLORS["red"]}
IMAGE_SETS = {"cifar10": ("CIFAR-10, grey", COLORS["green"]), "fashion_mnist": ("Fashion-MNIST", COLORS["purple"])}


class Column(NamedTuple):
    """Numbers of one kind side by side, with the bounds of the claim that judges them."""

    label: str
    values: npt.ArrayLike
    bounds: Limits
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
    explain(ax, "learning equations", theory)
    if simulation:
        explain(ax, "SGD")


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
    for place, column in enumerate(columns):
        band_at(ax, place, column.bounds)
        values = np.asarray(column.values, dtype=float)
        steps = abreast(place, len(values))
        if column.simulated:
            simulated(ax, steps, values, color=column.color)
        else:
            dashes(ax, steps, values, 0.3 / max(len(values), 1), color=column.color)
    categories(ax, [column.label for column in columns])


def log_axes(ax: Axes, x_label: str, y_label: str) -> None:
    """Logarithmic axes with their labels."""
    ax.set(xscale="log", yscale="log", xlabel=x_label, ylabel=y_label)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(NullFormatter())  # they would be empty, and each is laid out


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
