"""Pieces that the figures of this paper share [refinetti_autoencoders]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, SIMULATION, THEORY, empty, panel_label
from repro.frames import select

TIME_LABEL = r"training time $\alpha$ (steps / $D$)"
ERROR_LABEL = r"error $\mathrm{E}\|x-\hat{x}\|^2/D$"

ACTIVATION_COLORS = {"erf": COLORS["blue"], "linear": COLORS["green"], "relu": COLORS["orange"]}
RULE_COLORS = {"vanilla": COLORS["blue"], "truncated": COLORS["red"]}


def draw_curves(ax: Axes, curves: pd.DataFrame, color: str, label: str | None, column: str = "error") -> None:
    """Theory as a line and simulation as hollow markers, times > 0; one curve a seed, the first one labelled."""
    later = curves[curves["time"] > 0]
    for index, (_, of_seed) in enumerate(later.groupby("seed")):
        theory, simulation = (of_seed[of_seed["method"] == method] for method in ("theory", "simulation"))
        ax.plot(theory["time"], theory[column], **THEORY, color=color, label=label if index == 0 else None)
        ax.plot(simulation["time"], simulation[column], **SIMULATION, color=color, markerfacecolor="none", markeredgewidth=0.7)


def explain_methods(ax: Axes, color: str = COLORS["black"]) -> None:
    """Entries of the legend for lines and markers."""
    ax.plot([], [], **THEORY, color=color, label="theory (ODE)")
    ax.plot([], [], **SIMULATION, color=color, markerfacecolor="none", markeredgewidth=0.7, label="SGD")


def draw_levels(ax: Axes, levels: Mapping[int, float]) -> None:
    """Horizontal grey lines at the errors of PCA with k components, named at the right edge."""
    for k, level in levels.items():
        ax.axhline(level, color=COLORS["grey"], linewidth=0.7, linestyle=":", zorder=0)
        ax.annotate(
            f"PCA$_{k}$",
            (1, level),
            xycoords=("axes fraction", "data"),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
            color=COLORS["grey"],
        )


def log_axes(ax: Axes, x_label: str, y_label: str) -> None:
    """Logarithmic axes with their labels."""
    ax.set(xscale="log", yscale="log", xlabel=x_label, ylabel=y_label)


def legend_under(ax: Axes, n_columns: int = 1) -> None:
    """Legend below the labels of an axis, where it hides no curve."""
    ax.legend(loc="upper center", bbox_to_anchor=(0.45, -0.24), ncols=n_columns, columnspacing=1.0, handlelength=1.6)


def merge(fig: Figure, axes: np.ndarray, row: int, columns: slice) -> Axes:
    """One panel in place of several of a row."""
    grid = axes[row, 0].get_gridspec()
    for ax in axes[row, columns]:
        ax.remove()
    return fig.add_subplot(grid[row, columns])


def panel_alignment(ax: Axes, letter: str, rule: str, aligned: pd.DataFrame) -> None:
    """Alignment of units (rows) with components (columns) under one rule as a heat map from 0 to 1, values printed."""
    panel_label(ax, letter)
    ax.set_title(rule)
    grid = select(aligned, rule=rule).pivot_table(index="unit", columns="component", values="alignment")
    if grid.empty:
        empty(ax)
        return
    ax.imshow(grid.to_numpy(), vmin=0, vmax=1, cmap="cividis")
    for (row, column), value in np.ndenumerate(grid.to_numpy()):
        shade = COLORS["black"] if value > 0.5 else "white"
        ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=7, color=shade)
    ax.set_xticks(range(grid.shape[1]), [str(component) for component in grid.columns])
    ax.set_yticks(range(grid.shape[0]), [str(unit) for unit in grid.index])
    ax.set(xlabel=r"component $\tau$", ylabel="unit $k$")
    ax.grid(visible=False)
