"""The four panels of the two main figures: bounds on the left axis, errors on the right one [biggs_bounds]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from repro.figures import About, empty, panel_label
from scripts.biggs_bounds.figures import drawing


def draw_over(axes: np.ndarray, tables: Mapping[str, pd.DataFrame], about: About, x: str, at: Mapping[str, float]) -> list[Axes]:
    """Panels a to d over `x` at one value of the other setting; returns the right axes."""
    fixed, value = next(iter(at.items()))
    network, bound = (drawing.main_grid(tables[name]) for name in ("network", "bound"))
    network, bound = (table[table[fixed] == value] for table in (network, bound))
    twins = [ax.twinx() for ax in axes.flat]
    top = max([1.1, *(1.05 * bound["bound"][bound["kind"] != "full_zero_prior"])])
    for letter, (pair, title), ax, twin in zip("abcd", drawing.PAIRS.items(), axes.flat, twins, strict=True):
        panel_label(ax, letter, about, f"{title}, {drawing.SYMBOLS[fixed]} {value:g}")
        drawing.log_axis(ax, network[x], drawing.AXES[x])
        panel(ax, twin, drawing.of_pair(network, pair), drawing.of_pair(bound, pair), x)
        drawing.published_curve(ax, about, pair, {x: drawing.of_pair(network, pair)[x]}, at)
        _scales(ax, twin, top)
        drawing.vacuous(ax)
    for left, right in zip(axes[:, 0], twins[1::2], strict=True):
        left.set_ylabel("bound on the error")
        right.set_ylabel("errors (twice as fine)")
    return twins


def panel(ax: Axes, twin: Axes, network: pd.DataFrame, bound: pd.DataFrame, x: str) -> None:
    """One network and data set: coupled and full bounds left, test error and stochastic error right."""
    if bound.empty:
        empty(ax)
    kinds = {kind: bound[bound["kind"] == kind] for kind in ("coupled", "coupled_last_prior", "full")}
    drawing.curve(ax, kinds["full"], x, "bound", drawing.FULL)
    drawing.curve(ax, kinds["coupled"], x, "bound", drawing.COUPLED)
    drawing.curve(ax, kinds["coupled_last_prior"], x, "bound", drawing.LAST)
    drawing.curve(twin, kinds["coupled"], x, "stochastic_error", drawing.STOCHASTIC)
    drawing.curve(twin, network, x, "test_error", drawing.TEST)


def _scales(ax: Axes, twin: Axes, top: float) -> None:
    """The right axis at half the left one, so that their ticks lie on the same lines."""
    ticks = np.arange(0, top, 0.2)
    ax.set(ylim=(0, top), yticks=ticks)
    twin.set(ylim=(0, top / 2), yticks=ticks / 2)
    twin.grid(visible=False)
    twin.spines["right"].set_visible(True)
