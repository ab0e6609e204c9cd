"""Figure 1: the published panel of tuned excess risk, its order on other instances, and what the base of the logarithm does."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, control, empty, legend_below, new_figure, panel_label, published, save, theory
from repro.job import job
from repro.panels import Limits, band_between, merge
from scripts.wu_last_iterate.figures.drawing import INSTANCE_COLORS, by_instance, sample_sizes
from scripts.wu_last_iterate.ratios import panel

INSTANCE = ("power", "inverse")
"""The instance that is compatible with the published curves."""
COMPARED_FROM = 1000
"""Smallest sample size of the published order."""
CURVES = {  # in colours that no instance has
    "tail_average": ("tail average", COLORS["brown"]),
    "exp": ("exp", COLORS["sky"]),
    "tail_exp": ("tail exp", COLORS["pink"]),
    "tail_poly": ("tail poly", COLORS["grey"]),
}
PAIRS = [("tail_average", "tail_exp"), ("tail_exp", "exp"), ("exp", "tail_poly")]
PARTS = ["average_first", "tail_before_exp", "exp_before_poly"]


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    """Risk of the published panel above; ratios of neighbours in its order, and of the logarithms, below."""
    fig, axes = new_figure(2, 4, height=5.6, height_ratios=[1.25, 1])
    table = tables["panel_risk"]
    risk = panel(table)
    upper = merge(fig, axes, 0, slice(0, 4))
    panel_risk(upper, risk, about)
    for k, (ax, pair, part) in enumerate(zip(axes[1], PAIRS, PARTS, strict=False)):
        panel_order(ax, risk, pair, bounds(about, "C17", part), about)
        panel_label(ax, "bcd"[k], about)
        ax.set_ylabel(" / ".join(CURVES[name][0] for name in pair))
    panel_natural(axes[1, 3], panel(table, natural=True), bounds(about, "N3", "smallest_ratio"))
    panel_label(axes[1, 3], "e", about)
    axes[1, 3].set_ylabel("tail exp / exp,\nnatural log")
    legend_below(fig, upper, axes[1, 1], axes[1, 3], n_columns=3)
    return fig


def panel_risk(ax: Axes, risk: pd.DataFrame, about: About) -> None:
    """Our tuned risks as lines, the published ones, halved to our convention, as dashes in the colours of the lines."""
    panel_label(ax, "a", about, "tuned excess risk, eigenvalues $i^{-2}$, $w^*_i = i^{-1}$")
    ax.set(xlabel="samples $N$", ylabel=r"excess risk $\frac{1}{2}\|w_N - w^*\|_H^2$")
    instance = risk[[key[:2] == INSTANCE for key in risk.index]].droplevel([0, 1]).sort_index()
    if instance.empty:
        return empty(ax)
    for name, (label, color) in CURVES.items():
        theory(ax, instance.index, instance[name], color=color, label=label)
        x, y = np.transpose(about["published"][name]["points"])
        published(ax, x, y / 2, color=color, label=None)
    published(ax, [], [], label="read off the poster, halved")
    ax.set(xlim=(0, 1.03 * max(x)), ylim=(0, 0.026))
    return None


def panel_order(ax: Axes, risk: pd.DataFrame, pair: tuple[str, str], limits: Limits, about: About) -> None:
    """Ratio of two neighbours in the published order, six instances, and of the read points."""
    ratio = (risk[pair[0]] / risk[pair[1]]).dropna()
    if ratio.empty:
        return empty(ax)
    for line, values in by_instance(ratio):
        theory(ax, values.index, values, **line)
    first, second = (dict(about["published"][name]["points"]) for name in pair)
    shared = [n for n in first if n in second and n >= COMPARED_FROM]
    published(ax, shared, [first[n] / second[n] for n in shared])
    sample_sizes(ax, ratio.index.get_level_values("n_train"), at_most=3)
    ax.set_ylim(0.35, 1.25)
    band_between(ax, COMPARED_FROM, ratio.index.get_level_values("n_train").max(), limits)
    return None


def panel_natural(ax: Axes, risk: pd.DataFrame, limits: Limits) -> None:
    """Ratio of the two geometric decays with the natural logarithm, six instances."""
    ratio = (risk["tail_exp"] / risk["exp"]).dropna()
    if ratio.empty:
        return empty(ax)
    for instance, color in INSTANCE_COLORS.items():
        values = ratio[[key[:2] == instance for key in ratio.index]].droplevel([0, 1])
        control(ax, values.index, values, color=color, label=None)
    control(ax, [], [], label="natural logarithm (control)")
    sample_sizes(ax, ratio.index.get_level_values("n_train"), at_most=3)
    ax.set_ylim(0.75, 1.15)
    band_between(ax, COMPARED_FROM, ratio.index.get_level_values("n_train").max(), limits, label=None)
    return None


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
