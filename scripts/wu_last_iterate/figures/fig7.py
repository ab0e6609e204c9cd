"""Companion: the ratios, growths and slopes of tuned risks that claims judge [wu_last_iterate]."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, empty, legend_below, new_figure, panel_label, save, theory
from repro.job import job
from repro.panels import Limits, band_at, band_between, categories
from scripts.wu_last_iterate.figures.drawing import by_instance, sample_sizes
from scripts.wu_last_iterate.ratios import (
    CONSTANT,
    GEOMETRIC,
    GEOMETRIC_TAIL,
    POLYNOMIAL_HALF,
    POLYNOMIAL_ONE,
    TAIL_AVERAGE,
    best_geometric,
    geometric_over_polynomial,
    growth,
    side_by_side,
)

FIRST, LAST = 512, 2048
"""Sample sizes from and to which the claims judge."""
POINT = {"linestyle": "", "marker": "D", "markersize": 4.5, "color": COLORS["black"]}
SLOPES = {GEOMETRIC: "geo", GEOMETRIC_TAIL: "tail\ngeo", POLYNOMIAL_HALF: "a=\n½", POLYNOMIAL_ONE: "a=\n1"}


class Panel(NamedTuple):
    """A ratio of tuned risks against the sample size."""

    title: str
    ratio: pd.Series
    span: tuple[float, float]
    limits: Limits
    judged: tuple[float, float] = (FIRST, LAST)


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    """Ratios of tuned risks first, then their growth with the sample size, and slopes."""
    risk = side_by_side(tables["tuned_risk"])
    fig, axes = new_figure(3, 4, height=6.6)
    ratios = panels(risk, about)
    for ax, letter, panel in zip(axes.flat, "abcdefgh", ratios, strict=False):
        panel_label(ax, letter, about, panel.title)
        panel_ratio(ax, panel)
    last = bounds(about, "C5b", "ratio_at_2048")
    band_between(axes[0, 0], 0.9 * LAST, 1.1 * LAST, last, label=None)
    mark_ends(axes[0, 3], tables["tuned_risk"], ratios[3].ratio)
    i, j, k, m = axes[2]
    panel_label(i, "i", about, "growth of b's largest")
    panel_growth_of_largest(i, geometric_over_polynomial(risk), bounds(about, "C6", "growth"))
    panel_label(j, "j", about, "growth of d, by size")
    panel_growth(j, risk[POLYNOMIAL_ONE] / best_geometric(risk), bounds(about, "C8", "smallest_growth"))
    panel_label(k, "k", about, "slopes of log risk")
    panel_label(m, "l", about, "their differences")
    panel_slopes(k, m, risk, about)
    for ax in axes[:2, 0]:
        ax.set_ylabel("ratio of tuned risks")
    axes[2, 0].set_ylabel("growth, slope")
    legend_below(fig, axes[0, 1], axes[0, 3], k, n_columns=3)
    return fig


def panels(risk: pd.DataFrame, about: About) -> list[Panel]:
    """The ratios that are judged, with the range of their axis and their bounds."""
    geo = best_geometric(risk)
    over_polynomial, over_half = geometric_over_polynomial(risk), risk[GEOMETRIC] / risk[POLYNOMIAL_HALF]
    average = (bounds(about, "C10", "smallest_ratio")[0], bounds(about, "C10", "largest_ratio")[1])
    return [
        Panel("geo / poly, $w^*_i = 1$", _with_target(over_polynomial, "flat"), (0.9, 1.1), bounds(about, "C5", "largest_ratio")),
        Panel("geo / polynomial", over_polynomial, (0.8, 1.6), bounds(about, "C6b", "largest_ratio")),
        Panel("geo / constant", geo / risk[CONSTANT], (0.4, 1.2), bounds(about, "C7", "largest_ratio")),
        Panel("$a = 1$ / geo", risk[POLYNOMIAL_ONE] / geo, (0, 9), bounds(about, "C8b", "ratio_at_512"), (0.9 * FIRST, 1.1 * FIRST)),
        Panel("tail geo / geo", risk[GEOMETRIC_TAIL] / risk[GEOMETRIC], (0.7, 1.1), bounds(about, "C9", "hard_bias")),
        Panel("geo / tail average", geo / risk[TAIL_AVERAGE], (0.9, 1.7), average),
        Panel("geo / ½, $w^*_i = 1$", _with_target(over_half, "flat"), (0.6, 1.4), bounds(about, "C20", "hard_bias")),
        Panel("geo / ½, $w^*_i = i^{-2}$", _with_target(over_half, "inverse_square"), (0.6, 1.4), bounds(about, "C20", "easy_bias")),
    ]


def _with_target(ratio: pd.Series, target: str) -> pd.Series:
    """The part of a ratio with one target."""
    return ratio[ratio.index.get_level_values("target") == target]


def panel_ratio(ax: Axes, panel: Panel) -> None:
    """A ratio against the sample size, one line an instance, with the bounds where it is judged."""
    ratio = panel.ratio.dropna()
    if ratio.empty:
        return empty(ax)
    for line, values in by_instance(ratio):
        theory(ax, values.index, values, **line)
    sample_sizes(ax, ratio.index.get_level_values("n_train"), at_most=3)
    ax.set_ylim(around(panel.span, ratio))
    band_between(ax, *panel.judged, panel.limits)
    return None


def around(span: tuple[float, float], values: pd.Series) -> tuple[float, float]:
    """Ends of an axis: as given, and farther where a value would be cut off, as other scales may have them."""
    low, high = span
    return min(low, 1.02 * values.min() - 0.02 * high), max(high, 1.02 * values.max() - 0.02 * low)


def mark_ends(ax: Axes, tuned_risk: pd.DataFrame, ratio: pd.Series) -> None:
    """Squares where the best stepsize of polynomial decay with a = 1 is the first or last of the grid."""
    at_end = side_by_side(tuned_risk, "at_grid_edge")[POLYNOMIAL_ONE].fillna(0).astype(bool)
    ends = ratio[at_end].dropna()
    style = {"linestyle": "", "marker": "s", "markersize": 4, "markerfacecolor": "white", "color": COLORS["grey"], "zorder": 3}
    ax.plot(ends.index.get_level_values("n_train"), ends, label="best stepsize at the end of the grid", **style)


def panel_growth_of_largest(ax: Axes, ratio: pd.Series, limits: Limits) -> None:
    """Largest ratio of all instances over its value at the first judged size."""
    largest = ratio.groupby("n_train").max()
    if not {FIRST, LAST} <= set(largest.dropna().index):
        return empty(ax)
    largest = largest.loc[FIRST:LAST] / largest[FIRST]
    theory(ax, largest.index, largest, color=COLORS["black"])
    sample_sizes(ax, largest.index, at_most=3)
    ax.set_ylim(around((0.9, 1.3), largest))
    band_between(ax, 0.9 * LAST, 1.1 * LAST, limits, label=None)
    return None


def panel_growth(ax: Axes, ratio: pd.Series, limits: Limits) -> None:
    """A ratio over itself at half the sample size, one line an instance."""
    sizes = np.unique(ratio.index.get_level_values("n_train"))
    steps = {n: growth(ratio, n // 2, n) for n in sizes if n // 2 in sizes}
    if not steps:
        return empty(ax)
    found = pd.concat(steps, names=["n_train"]).reorder_levels([1, 2, 0])
    for line, values in by_instance(found):
        theory(ax, values.index, values, **line)
    sample_sizes(ax, steps, at_most=3)
    ax.set_ylim(around((0.9, 1.6), found))
    band_between(ax, 2 * FIRST, LAST, limits, label=None)
    return None


def panel_slopes(ax: Axes, beside: Axes, risk: pd.DataFrame, about: About) -> None:
    """Slopes of log risk against log N, and the differences that tell their order; one instance."""
    instance = risk[[key[:2] == ("power", "flat") for key in risk.index]].droplevel([0, 1])
    if not {FIRST, LAST} <= set(instance.index):
        empty(ax)
        return empty(beside)
    slope = np.log(instance.loc[LAST] / instance.loc[FIRST]) / np.log(LAST / FIRST)
    values = [slope[method] for method in SLOPES]
    ax.set_ylim(around((-0.6, 0.05), pd.Series(values)))
    for k, part in enumerate(about["claims"]["C11b"]):
        band_at(ax, k, bounds(about, "C11b", part), label=None)
    ax.plot(range(len(values)), values, **POINT, label=r"slope of $\lambda_i = i^{-2}$, $w^*_i = 1$")
    categories(ax, list(SLOPES.values()))
    differences = [max(values[:2]) - values[2], values[2] - values[3]]
    beside.set_ylim(around((-0.3, 0.1), pd.Series(differences)))
    for k, part in enumerate(about["claims"]["C11"]):
        band_at(beside, k, bounds(about, "C11", part), label=None)
    beside.plot([0, 1], differences, **POINT)
    categories(beside, ["geo −\na=½", "a=½ −\na=1"])
    return None


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
