"""Companion: the best initial stepsize of geometric decay against the sample size [wu_last_iterate, E16, E17]."""

from collections.abc import Mapping
from itertools import pairwise

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, empty, guide, legend_below, new_figure, panel_label, save, theory
from repro.frames import select
from repro.job import job
from repro.panels import band_at, band_between, categories, log_decimals
from scripts.wu_last_iterate.figures.drawing import INSTANCE_COLORS, TARGET_LABELS, by_instance, sample_sizes
from scripts.wu_last_iterate.ratios import GEOMETRIC, GEOMETRIC_TAIL, growth, side_by_side

FIRST, LAST = 64, 2048
TITLES = {GEOMETRIC: "geometric, $s = 0$", GEOMETRIC_TAIL: "geometric, $s = N/2$"}
TARGETS = list(TARGET_LABELS)


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    """Best stepsize of the two geometric decays, its change, and the change of one target over that of another."""
    table = tables["tuned_risk"]
    stepsize = side_by_side(table, "relative_stepsize")
    fig, axes = new_figure(1, 4, height=3.5, width_ratios=[1.4, 1.4, 1, 1])
    axes[0, 1].sharey(axes[0, 0])
    for ax, letter, method in zip(axes[0], "ab", TITLES, strict=False):
        panel_label(ax, letter, about, TITLES[method])
        panel_stepsize(ax, stepsize[method], table)
    axes[0, 0].set_ylabel(r"best stepsize $g = \gamma_0\,\mathrm{tr}(H)$")
    change = growth(stepsize[GEOMETRIC], FIRST, LAST)
    panel_label(axes[0, 2], "c", about, "change of a")
    panel_change(axes[0, 2], change, about)
    panel_label(axes[0, 3], "d", about, "order of c")
    panel_order(axes[0, 3], change, about)
    legend_below(fig, *axes[0, :3], n_columns=3)
    return fig


def panel_stepsize(ax: Axes, stepsize: pd.Series, table: pd.DataFrame) -> None:
    """Best stepsizes, hollow marks where they are the last of the grid, and the largest of the theorem as a guide."""
    stepsize = stepsize.dropna()
    if stepsize.empty:
        return empty(ax)
    for line, values in by_instance(stepsize):
        dashed = line["color"] == INSTANCE_COLORS["power_log", "flat"]  # it may lie on the other flat target's line
        theory(ax, values.index, values, **line, linestyle="--" if dashed else "-", zorder=3 if dashed else 2)
    edge = select(table, schedule="geometric", at_grid_edge=True)
    held = edge["constant_steps"] > 0
    edge = edge[held == (stepsize.name[2] > 0)]
    if len(edge):
        style = {"color": COLORS["black"], "markerfacecolor": "white", "markersize": 5}
        ax.plot(edge["n_train"], edge["relative_stepsize"], "s", label="end of the grid", **style)
    condition = table.groupby("n_train")["theorem_stepsize"].first()
    guide(ax, condition.index, condition, label="largest stepsize of the theorem")
    sample_sizes(ax, stepsize.index.get_level_values("n_train"), at_most=3)
    log_decimals(ax)
    return None


def panel_change(ax: Axes, change: pd.Series, about: About) -> None:
    """Best stepsize at the largest judged size over that at the smallest, by target."""
    ax.set(ylim=(0, 1.2), ylabel=f"best $g$, $N = {LAST}$ over ${FIRST}$")
    categories(ax, ["$1$", "$i^{-1}$", "$i^{-2}$"])
    ax.set_xlabel("target $w^*_i$")
    band_at(ax, 0, bounds(about, "C15b", "flat"))
    band_between(ax, 0.65, 2.35, bounds(about, "C15b", "decaying"), label=None)
    for (spectrum, target), value in change.items():
        side = -0.12 if spectrum == "power" else 0.12
        ax.plot(TARGETS.index(target) + side, value, "D", color=INSTANCE_COLORS[spectrum, target], markersize=4.5)


def panel_order(ax: Axes, change: pd.Series, about: About) -> None:
    """Change of one target over that of the one before it, eigenvalues i^-2."""
    ax.set(ylim=(0, 1.2), ylabel="ratio of changes")
    categories(ax, ["$i^{-1}$\nover $1$", "$i^{-2}$\nover $i^{-1}$"])
    for k, part in enumerate(about["claims"]["C15"]):
        band_at(ax, k, bounds(about, "C15", part), label=None)
    for k, (first, second) in enumerate(pairwise(TARGETS)):
        if ("power", first) in change.index and ("power", second) in change.index:
            ax.plot(k, change["power", second] / change["power", first], "D", color=COLORS["black"], markersize=4.5)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
