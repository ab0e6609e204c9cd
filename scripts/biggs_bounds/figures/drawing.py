"""What the figures of biggs_bounds have in common: which rows they show, and how a curve and a published value look."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from repro.figures import COLORS
from repro.frames import select

Pair = tuple[str, str]

PAIRS: dict[Pair, str] = {
    ("gelu", "mnist"): "GELU, MNIST",
    ("gelu", "fashion_mnist"): "GELU, Fashion-MNIST",
    ("shel", "mnist"): "SHEL (erf), MNIST",
    ("shel", "fashion_mnist"): "SHEL (erf), Fashion-MNIST",
}

WIDTHS = (50, 100, 200, 400, 800, 1600)
RATES = (0.001, 0.003, 0.01, 0.03, 0.1)


def _published(by_width: Iterable[float], by_rate: Iterable[float], width_50: tuple[float, float]) -> dict:
    """Values by (width, learning rate): over the width at rate 0.01, the rate at width 200; width 50 at 0.03 and 0.1."""
    return {
        **{(width, 0.01): value for width, value in zip(WIDTHS, by_width, strict=True)},
        **{(200, rate): value for rate, value in zip(RATES, by_rate, strict=True)},
        (50, 0.03): width_50[0],
        (50, 0.1): width_50[1],
    }


# mean coupled bounds over ten seeds, last prior, of the authors' released tables
PUBLISHED_BOUNDS: dict[Pair, dict[tuple[int, float], float]] = {
    ("gelu", "mnist"): _published((0.437, 0.331, 0.331, 0.316, 0.329, 0.367), (0.322, 0.323, 0.331, 0.362, 0.504), (0.505, 0.574)),
    ("gelu", "fashion_mnist"): _published((0.601, 0.595, 0.608, 0.611, 0.618, 0.636), (0.603, 0.612, 0.608, 0.611, 0.742), (0.617, 0.728)),
    ("shel", "mnist"): _published((0.537, 0.528, 0.585, 0.665, 0.797, 0.986), (0.586, 0.588, 0.585, 0.582, 0.620), (0.536, 0.566)),
    ("shel", "fashion_mnist"): _published((0.756, 0.769, 0.805, 0.870, 0.946, 1.110), (0.808, 0.812, 0.805, 0.793, 0.873), (0.745, 0.768)),
}

COUPLED: dict[str, Any] = {"color": COLORS["red"], "marker": "s", "linestyle": ":", "label": "coupled bound, best prior"}
LAST: dict[str, Any] = {
    "color": COLORS["red"],
    "marker": "s",
    "linestyle": "",
    "markerfacecolor": "none",
    "markersize": 5.5,
    "label": "coupled bound, last prior",
}
FULL: dict[str, Any] = {"color": COLORS["orange"], "marker": "^", "linestyle": ":", "label": "full bound"}
STOCHASTIC: dict[str, Any] = {"color": COLORS["blue"], "marker": "D", "linestyle": ":", "label": "error of the random network (right)"}
TEST: dict[str, Any] = {"color": COLORS["green"], "marker": "o", "linestyle": "--", "label": "test error (right)"}
PUBLISHED: dict[str, Any] = {
    "color": COLORS["black"],
    "marker": "_",
    "linestyle": "",
    "markersize": 14,
    "label": "last prior, published mean",
}


def main_grid(table: pd.DataFrame, *, any_size: bool = False) -> pd.DataFrame:
    """Rows of momentum SGD on the original labels, at the largest training set unless at any size."""
    kept = table[(table["labels"] == "original") & (table["momentum"] > 0)]
    return kept if any_size else kept[kept["n_train"] == kept["n_train"].max()]


def of_pair(table: pd.DataFrame, pair: Pair, **equal: float) -> pd.DataFrame:
    """Rows of one network and data set, at the given width, learning rate or kind."""
    return select(table, model=pair[0], dataset=pair[1], **equal)


def richest(table: pd.DataFrame, fixed: str, x: str, published: float) -> Any:
    """The value of `fixed` with the most values of `x`; among equals the nearest (in ratio) to the published one."""
    counts = table.groupby(fixed)[x].nunique()
    if counts.empty:
        return published
    return min(counts.index[counts == counts.max()], key=lambda value: abs(math.log(value / published)))


def curve(ax: Axes, table: pd.DataFrame, x: str, y: str, style: Mapping[str, Any]) -> None:
    """Mean over seeds of `y` over `x`, with one standard deviation where there are several seeds."""
    if table.empty:
        return
    by_x = table.groupby(x)[y]
    mean, spread = by_x.mean(), by_x.std().fillna(0.0)
    look = {"markersize": 3.5, "linewidth": 1.0, "capsize": 2, "elinewidth": 0.8, **style}
    ax.errorbar(mean.index, mean, yerr=spread if spread.any() else None, **look)


def published_curve(ax: Axes, pair: Pair, x: str, fixed: Mapping[str, float], markersize: float = 14) -> None:
    """Published mean bounds over `x` ("width" or "learning_rate") at the fixed value of the other, inside the axis."""
    at = [
        (setting, value)
        for (width, rate), value in PUBLISHED_BOUNDS[pair].items()
        for setting in [{"width": width, "learning_rate": rate}]
        if all(math.isclose(setting[name], wanted) for name, wanted in fixed.items())
    ]
    inside = [(setting[x], value) for setting, value in at if _within(setting[x], ax.get_xlim())]
    if inside:
        ax.plot(*zip(*sorted(inside), strict=True), **{**PUBLISHED, "markersize": markersize}, zorder=3)


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def log_axis(ax: Axes, values: Iterable[float], label: str = "") -> None:
    """Logarithmic x axis whose ticks are the values themselves."""
    values = sorted(set(values))
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(values))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    if values:
        ax.set_xlim(values[0] / 1.3, values[-1] * 1.3)
    ax.set_xlabel(label)


def same_axis(style: Mapping[str, Any]) -> dict[str, Any]:
    """The style of an error in a figure that has one axis only."""
    return {**style, "label": style["label"].removesuffix(" (right)")}
