"""Companion: tuned excess risk of all schedules relative to geometric decay, on six instances [wu_last_iterate]."""

from collections.abc import Mapping
from itertools import product

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, empty, legend_below, new_figure, panel_label, save, theory
from repro.job import job
from repro.panels import band_between
from scripts.wu_last_iterate.figures.drawing import SPECTRUM_LABELS, TARGET_LABELS, sample_sizes
from scripts.wu_last_iterate.ratios import (
    AVERAGE,
    CONSTANT,
    GEOMETRIC,
    GEOMETRIC_TAIL,
    POLYNOMIAL,
    TAIL_AVERAGE,
    best_geometric,
    side_by_side,
)

LINES = {
    GEOMETRIC: ("geometric, $s = 0$", COLORS["blue"]),
    GEOMETRIC_TAIL: ("geometric, $s = N/2$", COLORS["purple"]),
    CONSTANT: ("constant", COLORS["black"]),
    AVERAGE: ("average of all", COLORS["brown"]),
    TAIL_AVERAGE: ("tail average", COLORS["green"]),
}
JUDGED = ("C5", "largest_ratio")
JUDGED_AT = (512, 2048)


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    """One row a spectrum, one column a target: tuned risk over that of the better geometric decay."""
    risk = side_by_side(tables["tuned_risk"])
    fig, axes = new_figure(2, 3, height=5.4, sharey=True)
    for k, ((row, spectrum), (column, target)) in enumerate(product(enumerate(SPECTRUM_LABELS), enumerate(TARGET_LABELS))):
        ax = axes[row, column]
        panel_label(ax, "abcdef"[k], about, f"{SPECTRUM_LABELS[spectrum]}, {TARGET_LABELS[target]}")
        instance = risk[[key[:2] == (spectrum, target) for key in risk.index]].droplevel([0, 1]).sort_index()
        panel(ax, instance, about if target == "flat" else None)
    for ax in axes[:, 0]:
        ax.set_ylabel("risk / best geometric")
    legend_below(fig, axes[0, 0], n_columns=4)
    return fig


def panel(ax: Axes, risk: pd.DataFrame, about: About | None) -> None:
    """Ratios to best geometric decay; what lies above the axis is marked by an arrow at its upper end.

    With `about` the bound on geometric over polynomial is drawn, turned over into this panel's ratio.
    """
    ax.set_xlabel("samples $N$")
    if risk.empty:
        return empty(ax)
    ratio = risk.div(best_geometric(risk), axis="index")
    top = 1.75
    ax.set_ylim(0.6, top)
    for k, method in enumerate(POLYNOMIAL):
        theory(ax, ratio.index, ratio[method], color=COLORS["grey"], linewidth=0.8, label="polynomial" if k == 0 else None)
    theory(ax, ratio.index, ratio[POLYNOMIAL].min(axis=1, skipna=False), color=COLORS["red"], label="best polynomial")
    for method, (label, color) in LINES.items():
        theory(ax, ratio.index, ratio[method], color=color, label=label)
    above = ratio.index[(ratio > top).any(axis=1)]
    ax.plot(above, [0.985 * top] * len(above), marker="^", markersize=3, linestyle="", color=COLORS["grey"], label="beyond the axis")
    sample_sizes(ax, ratio.index)
    if about:
        limits = (1 / bounds(about, *JUDGED)[1], None)
        band_between(ax, *JUDGED_AT, limits, label="bounds of the claim on polynomial")
    return None


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
