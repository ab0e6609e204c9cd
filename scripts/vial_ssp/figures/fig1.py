"""Companion A: cumulative regret on the hard instance [vial_ssp, E2, E3, E11, E12]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, guide, legend_below, new_figure, panel_label, save, theory
from repro.frames import select
from repro.job import job
from repro.panels import Limits, categories, explain_bounds, merge
from scripts.vial_ssp import summaries
from scripts.vial_ssp.figures.drawing import (
    EPISODE,
    PLAYERS,
    REGRET,
    Tables,
    cover,
    draw_dash,
    draw_lanes,
    draw_player,
    draw_points,
    gap_axis,
)

EXACT = COLORS["black"]


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(2, 3, height=4.8)
    wide = merge(fig, axes, 0, slice(0, 2))
    regret = tables["hard_regret"]
    at_gap = select(regret, gap=summaries.GAP)
    at = summaries.law_episode(regret)
    panel_regret(wide, at_gap, about, at)
    panel_lanes(axes[0, 2], select(at_gap, episode=at), about)
    panel_ratio(axes[1, 0], at_gap, about)
    panel_slopes(axes[1, 1], regret, about)
    panel_sizes(axes[1, 2], regret, about, at)
    explain_bounds(wide)
    legend_below(fig, wide, n_columns=3)
    return fig


def panel_regret(ax: Axes, regret: pd.DataFrame, about: About, at: int) -> None:
    """Mean regret of the three players, single lanes, and theory."""
    panel_label(ax, "a", about, f"gap {summaries.GAP}")
    for algorithm in PLAYERS:
        lanes = select(regret, method="simulation", algorithm=algorithm)
        means = summaries.over_seeds(lanes, ["episode"])
        draw_player(ax, means["episode"], means["mean"], means["std_error"], algorithm=algorithm, label=algorithm)
        if algorithm != "uniform":
            draw_lanes(ax, lanes, algorithm)
    exact = select(regret, method="theory", algorithm="uniform").sort_values("episode")
    theory(ax, exact["episode"], exact["regret"], color=EXACT, label="exact mean of uniform play", zorder=1.2)
    for level in select(regret, method="theory", algorithm="optimistic")["regret"]:
        draw_dash(ax, (at / 1.3, at * 1.3), level, color=EXACT, label="law of optimism")
    means = summaries.over_seeds(select(regret, method="simulation", algorithm="optimistic"), ["episode"])
    start = means[means["episode"] >= summaries.FIRST]
    if len(start):
        k = np.geomspace(start["episode"].iloc[0], 2 * start["episode"].iloc[-1])
        power = about["published"]["oracle_exponent"]["value"]
        guide(ax, k, start["mean"].iloc[0] * (k / k[0]) ** power, "$k^{1/2}$")
    ax.set(xscale="log", yscale="log", xlabel=EPISODE, ylabel=REGRET)


def panel_lanes(ax: Axes, regret: pd.DataFrame, about: About) -> None:
    """Single lanes at the episode at which the law is read."""
    panel_label(ax, "b", about, "single seeds")
    ax.set(yscale="log", ylabel=REGRET)
    for place, (algorithm, color) in enumerate(PLAYERS.items()):
        values = select(regret, method="simulation", algorithm=algorithm)["regret"].to_numpy(dtype=float)
        draw_points(ax, place + np.linspace(-0.25, 0.25, len(values)), values, color=color)
        for level in select(regret, method="theory", algorithm=algorithm)["regret"]:
            draw_dash(ax, (place - 0.35, place + 0.35), level, color=EXACT)
    categories(ax, list(PLAYERS))


def panel_ratio(ax: Axes, regret: pd.DataFrame, about: About) -> None:
    """Greedy over optimistic regret at every episode of the grid."""
    panel_label(ax, "c", about, "greedy / optimistic")
    runs = select(regret, method="simulation")
    episodes = sorted(runs["episode"].unique())
    lanes = {name: select(runs, algorithm=name) for name in ("greedy", "optimistic")}
    found = np.array([summaries.ratio_of_means(*(select(lane, episode=int(k)) for lane in lanes.values())) for k in episodes]).reshape(
        -1, 2
    )
    ax.set(xscale="log", yscale="log", xlabel=EPISODE, ylabel="ratio of mean regrets")
    cover(ax, [found[:, 0], found[:, 0] + 2 * found[:, 1]], 0.1, 20)
    band(ax, *bounds(about, "V3", "ratio"), label=None)
    draw_player(ax, episodes, found[:, 0], found[:, 1], algorithm="greedy")


def panel_slopes(ax: Axes, regret: pd.DataFrame, about: About) -> None:
    """Distance of the power of uniform play from one, by gap."""
    panel_label(ax, "d", about, "uniform: power")
    _draw_judged(ax, (summaries.uniform_slopes(regret, summaries.GAPS) - 1).abs(), bounds(about, "V4", "slope_deviation"))
    ax.set_ylabel("|power − 1|")


def panel_sizes(ax: Axes, regret: pd.DataFrame, about: About, at: int) -> None:
    """Distance of uniform regret over the exact one from one, by gap."""
    panel_label(ax, "e", about, "uniform: size")
    ratio = summaries.over_theory(regret, "uniform", "uniform", at).set_index("gap")["ratio"]
    _draw_judged(ax, (ratio[ratio.index.isin(summaries.GAPS)] - 1).abs(), bounds(about, "V4", "size_deviation"))
    ax.set_ylabel("|ratio to exact − 1|")


def _draw_judged(ax: Axes, values: "pd.Series[float]", limits: Limits) -> None:
    """Judged numbers of uniform play by gap; the axis begins at 0 and goes beyond the upper bound."""
    gap_axis(ax)
    cover(ax, values, 0, 1.5 * (limits[1] or 0))
    ax.set_ylim(bottom=0)
    band(ax, *limits, label=None)
    draw_player(ax, values.index, values, algorithm="uniform")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
