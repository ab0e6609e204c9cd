"""The four panels of the two main figures: bounds on the left axis, errors on the right one [biggs_bounds]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, empty, legend_below, new_figure
from scripts.biggs_bounds.figures import drawing as panels

LABELS = {"learning_rate": "learning rate $\\eta$", "width": "width $K$ (hidden units)"}
SYMBOLS = {"learning_rate": "$\\eta$", "width": "$K$"}


def draw_over(tables: Mapping[str, pd.DataFrame], x: str, fixed: str, published: float) -> tuple[Figure, dict[panels.Pair, Axes]]:
    """Panels over `x` at one value of `fixed`: the one with the most settings, or the published one among equals."""
    network, bound = (panels.main_grid(tables[name]) for name in ("network", "bound"))
    at = {fixed: panels.richest(network, fixed, x, published)}
    network, bound = (table[table[fixed] == at[fixed]] for table in (network, bound))
    fig, axes = new_figure(2, 2, height=5.4, sharex=True, sharey=True)
    twins = [ax.twinx() for ax in axes.flat]
    for (pair, title), ax, twin in zip(panels.PAIRS.items(), axes.flat, twins, strict=True):
        ax.set_title(f"{title}, {SYMBOLS[fixed]} = {at[fixed]:g}")
        panels.log_axis(ax, network[x])
        panel(ax, twin, panels.of_pair(network, pair), panels.of_pair(bound, pair), x)
        panels.published_curve(ax, pair, x, at)
    _scales(axes, twins, bound)
    for ax in axes[-1]:
        ax.set_xlabel(LABELS[x])
    legend_below(fig, *axes.flat, *twins, n_columns=3)
    return fig, dict(zip(panels.PAIRS, axes.flat, strict=True))


def panel(ax: Axes, twin: Axes, network: pd.DataFrame, bound: pd.DataFrame, x: str) -> None:
    """One network and data set: coupled and full bounds left, test error and stochastic error right."""
    if bound.empty:
        empty(ax)
    kinds = {kind: bound[bound["kind"] == kind] for kind in ("coupled", "coupled_last_prior", "full")}
    panels.curve(ax, kinds["full"], x, "bound", panels.FULL)
    panels.curve(ax, kinds["coupled"], x, "bound", panels.COUPLED)
    panels.curve(ax, kinds["coupled_last_prior"], x, "bound", panels.LAST)
    panels.curve(twin, kinds["coupled"], x, "stochastic_error", panels.STOCHASTIC)
    panels.curve(twin, network, x, "test_error", panels.TEST)


def _scales(axes: np.ndarray, twins: list[Axes], bound: pd.DataFrame) -> None:
    """Equal scales in all panels, the right axis at half the left one; a line at 1, where a bound becomes vacuous."""
    shown = bound["bound"][bound["kind"] != "full_zero_prior"]
    top = max(1.15, 1.05 * shown.max()) if len(shown) else 1.15
    for ax, twin in zip(axes.flat, twins, strict=True):
        ax.set_ylim(0, top)
        twin.set_ylim(0, top / 2)
        twin.grid(visible=False)
        twin.spines["right"].set_visible(True)
        ax.axhline(1, color=COLORS["black"], linewidth=0.6)
        ax.tick_params(axis="y", colors=COLORS["red"])
    for ax, left, right in zip(axes[:, 0], twins[0::2], twins[1::2], strict=True):
        ax.set_ylabel("bound on the error", color=COLORS["red"])
        left.tick_params(labelright=False)
        right.set_ylabel("test and stochastic error")


def note(ax: Axes, text: str) -> None:
    """Grey text between test error and stochastic error."""
    ax.text(0.5, 0.2, text, transform=ax.transAxes, va="center", ha="center", fontsize=7, color=COLORS["grey"])
