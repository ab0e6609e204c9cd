"""What the figures of biggs_bounds have in common: which rows they show, how each quantity looks, what was published."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from repro.figures import COLORS, About, bounds, guide, published, simulated
from repro.frames import select
from repro.panels import categories

Pair = tuple[str, str]

PAIRS: dict[Pair, str] = {
    ("gelu", "mnist"): "GELU, MNIST",
    ("gelu", "fashion_mnist"): "GELU, Fashion-MNIST",
    ("shel", "mnist"): "SHEL, MNIST",
    ("shel", "fashion_mnist"): "SHEL, Fashion-MNIST",
}
NETWORK = ["dataset", "model", "width", "learning_rate", "momentum", "batch_size", "n_train", "labels", "seed"]
SYMBOLS = {"learning_rate": "learning rate", "width": "$K$ ="}
AXES = {"learning_rate": "learning rate", "width": "width $K$ (hidden units)", "n_train": "training images $n$"}

COUPLED: dict[str, Any] = {"color": COLORS["red"], "marker": "s", "label": "coupled bound, best prior"}
LAST: dict[str, Any] = {"color": COLORS["purple"], "marker": "D", "label": "coupled bound, last prior"}
FULL: dict[str, Any] = {"color": COLORS["orange"], "marker": "^", "label": "full bound"}
STOCHASTIC: dict[str, Any] = {"color": COLORS["blue"], "marker": "v", "label": "stochastic error"}
TEST: dict[str, Any] = {"color": COLORS["green"], "marker": "o", "label": "test error"}
PRINTED = "published mean (last prior)"


def main_grid(table: pd.DataFrame, *, any_size: bool = False) -> pd.DataFrame:
    """Rows of momentum SGD on the original labels, at the largest training set unless at any size."""
    kept = table[(table["labels"] == "original") & (table["momentum"] > 0)]
    return kept if any_size else kept[kept["n_train"] == kept["n_train"].max()]


def of_pair(table: pd.DataFrame, pair: Pair, **equal: Any) -> pd.DataFrame:
    """Rows of one network and data set, at the given width, learning rate or kind."""
    return select(table, model=pair[0], dataset=pair[1], **equal)


def richest(table: pd.DataFrame, fixed: str, x: str, wanted: float) -> Any:
    """The value of `fixed` with the most values of `x`; among equals the nearest (in ratio) to the published one."""
    counts = table.groupby(fixed)[x].nunique()
    if counts.empty:
        return wanted
    return min(counts.index[counts == counts.max()], key=lambda value: abs(math.log(value / wanted)))


def curve(ax: Axes, table: pd.DataFrame, x: str, y: str, style: Mapping[str, Any]) -> None:
    """Mean over seeds of `y` over `x`, with two standard errors where there are several seeds."""
    by_x = table.groupby(x)[y]
    points(ax, pd.DataFrame({"mean": by_x.mean(), "sem": by_x.sem()}), style)


def points(ax: Axes, summary: pd.DataFrame, style: Mapping[str, Any]) -> None:
    """Means and their standard errors, columns mean and sem, over the index."""
    if len(summary):
        error = summary["sem"].fillna(0.0)
        simulated(ax, summary.index, summary["mean"], error if error.any() else None, **style)


def mean_minus(table: pd.DataFrame, x: str, y: str, start: float) -> pd.DataFrame:
    """Mean of `y` at every `x` minus that at `start`, which is left out; columns mean and sem, independent networks."""
    by_x = table.groupby(x)[y].agg(["mean", "sem"])
    if start not in by_x.index:
        return by_x.iloc[:0]
    base = by_x.loc[start]
    rest = by_x.drop(start)
    return pd.DataFrame({"mean": rest["mean"] - base["mean"], "sem": np.hypot(rest["sem"], base["sem"])})


def both(table: pd.DataFrame, index: list[str], columns: str, wanted: tuple[str, str]) -> pd.DataFrame:
    """Mean bounds of two kinds side by side, one row a value of `index`; rows that lack one are left out."""
    wide = table[table[columns].isin(wanted)].pivot_table(index=index, columns=columns, values="bound")
    return wide.reindex(columns=wanted).dropna().reset_index()


def printed_bound(about: About, pair: Pair, width: float, rate: float, n_train: float = 60000) -> Mapping[str, Any] | None:
    """The published mean of a coupled bound with the last prior, if there is one."""
    digits = f"{rate:g}".removeprefix("0.")
    size = "" if n_train == 60000 else f"_n{n_train:g}"
    return about["published"].get(f"bound_{pair[0]}_{pair[1]}_{width:g}_lr{digits}{size}")


def published_curve(ax: Axes, about: About, pair: Pair, at: Mapping[str, Iterable[float]], fixed: Mapping[str, float]) -> None:
    """Published means over the one column of `at` (width, learning_rate or n_train), at those of its values that were published."""
    names = {"width": "width", "learning_rate": "rate", "n_train": "n_train"}
    ((x, values),) = at.items()
    for value in sorted(set(values)):
        setting = {names[name]: wanted for name, wanted in {**fixed, x: value}.items()}
        found = printed_bound(about, pair, **setting)
        if found:
            published(ax, [value], [found["value"]], found.get("std"), label=PRINTED, zorder=3)


def pair_axis(ax: Axes) -> dict[Pair, int]:
    """Make the four networks and data sets the ticks of the x axis; their places."""
    categories(ax, [name.replace(", ", "\n").replace("Fashion-MNIST", "Fash.") for name in PAIRS.values()])
    return {pair: at for at, pair in enumerate(PAIRS)}


def side_by_side(ax: Axes, table: pd.DataFrame) -> "pd.Series[float]":
    """Places of networks on `pair_axis`, side by side in the order of the rows."""
    pair = pd.Series(list(zip(table["model"], table["dataset"], strict=True)), index=table.index, dtype=object)
    rank, size = pair.groupby(pair).cumcount(), pair.groupby(pair).transform("size")
    return pair.map(pair_axis(ax)).astype(float) + 0.7 * ((rank + 0.5) / size.astype(float) - 0.5)


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


def vacuous(ax: Axes) -> None:
    """The line above which a bound says nothing, across the axis as it is."""
    guide(ax, ax.get_xlim(), [1, 1], label="vacuous above")


def headroom(ax: Axes, *, low: float, high: float) -> None:
    """Vertical limits that hold [low, high] and all that is drawn."""
    data = ax.dataLim
    drawn = [value for value in (data.y0, data.y1) if math.isfinite(value)]
    bottom, top = min([low, *drawn]), max([high, *drawn])
    ax.set_ylim(bottom - 0.05 * (top - bottom), top + 0.05 * (top - bottom))


def guard(ax: Axes, about: About, claim: str, part: str, name: str = "regression\nguard") -> None:
    """The lower bound of a regression guard that is judged in this run, a line across the axis as it is, named at its end."""
    lower, _ = bounds(about, claim, part)
    if lower is None:
        return
    guide(ax, ax.get_xlim(), [lower, lower], name)
