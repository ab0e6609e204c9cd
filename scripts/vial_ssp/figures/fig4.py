"""Companion D: regret against the size of the bonus [vial_ssp, E2, E10, E11]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, guide, legend_below, new_figure, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import band_between, explain_bounds, merge
from scripts.vial_ssp import summaries
from scripts.vial_ssp.figures.drawing import PLAYERS, Tables, cover, draw_points

GAP_REGRET, REALISED = PLAYERS["optimistic"], COLORS["green"]
SMALLEST = 0.02  # scale below which the axis is linear
TICKS = (0, 0.02, 0.05, 0.1, 0.2, 0.5, 1)


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(1, 4, height=2.9)
    wide = merge(fig, axes, 0, slice(0, 2))
    table = tables["bonus_regret"]
    panel_regret(wide, table, about)
    panel_ratio(axes[0, 2], table, about)
    panel_violation(axes[0, 3], table, about)
    explain_bounds(wide)
    legend_below(fig, wide, n_columns=4)
    return fig


def panel_regret(ax: Axes, table: pd.DataFrame, about: About) -> None:
    """Gap regret and realised regret, means and single seeds."""
    panel_label(ax, "a", about, "after the last episode")
    _scale_axis(ax, TICKS)
    draw_points(ax, table["bonus_scale"], table["regret"], color=GAP_REGRET, label="gap regret, single seeds")
    kinds = (
        ("regret", GAP_REGRET, "o", 1.0, "gap regret, mean over the seeds"),
        ("realised_regret", REALISED, "s", 1.1, "realised regret, mean over the seeds"),
    )
    for column, color, marker, shift, label in kinds:  # shifted so that markers of equal means can be told apart
        means = summaries.over_seeds(table, ["bonus_scale"], column)
        simulated(
            ax,
            means["bonus_scale"] * shift + (shift - 1) * SMALLEST,
            means["mean"],
            means["std_error"],
            color=color,
            marker=marker,
            label=label,
        )
    anchor = summaries.over_seeds(select(table, bonus_scale=summaries.SCALE), ["bonus_scale"])["mean"]
    for level in anchor:
        scale = np.geomspace(summaries.SCALE / 2, 1.2)
        guide(ax, scale, level * (scale / summaries.SCALE) ** 2, "$c^2$")
    ax.set(yscale="log", ylabel="regret $G_K$, $R_K$")


def panel_ratio(ax: Axes, table: pd.DataFrame, about: About) -> None:
    """Mean regret in units of that at the scale of all other runs; two of them are judged."""
    panel_label(ax, "b", about, f"over $c$ = {summaries.SCALE}")
    _scale_axis(ax, (0, 0.05, 0.2, 1))
    scales = sorted(table["bonus_scale"].unique())
    reference = select(table, bonus_scale=summaries.SCALE)
    ratios = [summaries.ratio_of_means(select(table, bonus_scale=float(scale)), reference) for scale in scales if scale != summaries.SCALE]
    found = np.array(ratios).reshape(-1, 2)
    ax.set(yscale="log", ylabel="ratio of mean regrets")
    cover(ax, [found[:, 0], found[:, 0] + 2 * found[:, 1]], 0.2, 30)
    band_between(ax, -0.3 * SMALLEST, 0.3 * SMALLEST, bounds(about, "V10", "no_bonus"))
    band_between(ax, 0.75 * summaries.LARGE_SCALE, 1.33 * summaries.LARGE_SCALE, bounds(about, "V10", "large_bonus"))
    simulated(ax, [scale for scale in scales if scale != summaries.SCALE], found[:, 0], found[:, 1], color=GAP_REGRET)


def panel_violation(ax: Axes, table: pd.DataFrame, about: About) -> None:
    """Largest excess of the value of every lane."""
    panel_label(ax, "c", about, "largest excess")
    _scale_axis(ax, (0, 0.05, 0.2, 1))
    draw_points(ax, table["bonus_scale"], table["optimism_violation"], color=GAP_REGRET)
    guide(ax, [-0.3 * SMALLEST, 1.3], [0, 0])
    ax.set_ylabel("excess $J_t - J^*$")


def _scale_axis(ax: Axes, ticks: tuple[float, ...]) -> None:
    """Axis of the scales: logarithmic, linear next to 0."""
    ax.set_xscale("symlog", linthresh=SMALLEST, linscale=0.5)
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.set_xticks([], minor=True)
    ax.set(xlim=(-0.5 * SMALLEST, 1.5), xlabel="bonus scale $c$")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
