"""Companion B: worst regret over the gap, the law of optimism, and optimism [vial_ssp, E2–E4, E11]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, guide, legend_below, new_figure, panel_label, plain_ticks, save, theory
from repro.frames import select
from repro.job import job
from repro.panels import explain_bounds
from scripts.vial_ssp import summaries
from scripts.vial_ssp.figures.drawing import EPISODE, PLAYERS, REGRET, Tables, bounds_of, columns, cover, draw_player, gap_axis

RATIO = "mean regret / law"


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(2, 3, height=4.8)
    regret, worst = tables["hard_regret"], tables["worst_case_regret"]
    at = summaries.law_episode(regret)
    panel_worst(axes[0, 0], worst, regret, about)
    panel_gaps(axes[0, 1], select(regret, episode=at), about)
    panel_slopes(axes[0, 2], worst, about)
    panel_ratios(axes[1, 0], regret, about, at)
    panel_window(axes[1, 1], regret, about, at)
    panel_shares(axes[1, 2], tables["hard_lanes"], about)
    explain_bounds(axes[0, 1])
    legend_below(fig, axes[0, 0], axes[0, 1], n_columns=5)
    return fig


def panel_worst(ax: Axes, worst: pd.DataFrame, regret: pd.DataFrame, about: About) -> None:
    """Worst regret of the players, single gaps of optimistic play, and powers."""
    panel_label(ax, "a", about, "worst gap")
    means = summaries.over_seeds(select(regret, method="simulation"), ["algorithm", "gap", "episode"])
    for _, line in select(means, algorithm="optimistic").groupby("gap"):
        ax.plot(line["episode"], line["mean"], color=PLAYERS["optimistic"], linewidth=0.5, alpha=0.5, zorder=1.5)
    known = worst.merge(means[["algorithm", "gap", "episode", "std_error"]], how="left", on=["algorithm", "gap", "episode"])
    for algorithm in PLAYERS:
        found = select(known, algorithm=algorithm)
        draw_player(ax, found["episode"], found["regret"], found["std_error"], algorithm=algorithm, label=algorithm, markersize=3.0)
    start = select(worst[worst["episode"] >= summaries.FIRST], algorithm="optimistic")
    if len(start):
        k = np.geomspace(start["episode"].iloc[0], 3 * worst["episode"].max())
        powers = (about["published"]["oracle_exponent"]["value"], bounds(about, "V1", "slope")[1], 1)
        for power, name in zip(powers, ("$k^{1/2}$", "$k^{5/6}$", "$k$"), strict=True):
            guide(ax, k, start["regret"].iloc[0] * (k / k[0]) ** power, name)
    ax.set(xscale="log", yscale="log", xlabel=EPISODE, ylabel="largest mean " + REGRET)


def panel_gaps(ax: Axes, regret: pd.DataFrame, about: About) -> None:
    """Mean regret at one episode against the gap, and the law."""
    panel_label(ax, "b", about, "by gap")
    gap_axis(ax)
    means = summaries.over_seeds(select(regret, method="simulation"), ["algorithm", "gap"])
    for algorithm in PLAYERS:
        found = select(means, algorithm=algorithm)
        draw_player(ax, found["gap"], found["mean"], found["std_error"], algorithm=algorithm)
    law = select(regret, method="theory", algorithm="optimistic").sort_values("gap")
    theory(ax, law["gap"], law["regret"], color=COLORS["black"], label="law of optimism")
    ax.set(yscale="log", ylabel=REGRET)


def panel_slopes(ax: Axes, worst: pd.DataFrame, about: About) -> None:
    """Judged powers of the episodes."""
    panel_label(ax, "c", about, "power of the episodes")
    kinds = (("optimistic", summaries.FIRST), ("optimistic", summaries.FIRST), ("greedy", summaries.DECADE))
    found = [summaries.worst_case_slope(worst, *kind)[0] for kind in kinds]
    cover(ax, found, 0, 1.2)
    columns(
        ax,
        ["opt.", "opt.,\nwindow", "greedy"],
        bounds_of(about, ("V1", "slope"), ("V1b", "slope"), ("V2", "slope_last_decade")),
    )
    for place, ((algorithm, _), value) in enumerate(zip(kinds, found, strict=True)):
        draw_player(ax, [place], [value], algorithm=algorithm)
    ax.set_ylabel("slope of log regret")


def panel_ratios(ax: Axes, regret: pd.DataFrame, about: About, at: int) -> None:
    """Mean regret of the players over the law, by gap."""
    panel_label(ax, "d", about, "over the law")
    gap_axis(ax)
    ax.set(yscale="log", ylabel=RATIO)
    found = {algorithm: summaries.over_theory(regret, algorithm, "optimistic", at) for algorithm in PLAYERS}
    cover(ax, np.concatenate([rows["ratio"] for rows in found.values()]), 0.1, 500)
    band(ax, *bounds(about, "V5", "largest_ratio"), label=None)
    for algorithm, rows in found.items():
        draw_player(ax, rows["gap"], rows["ratio"], rows["std_error"], algorithm=algorithm)


def panel_window(ax: Axes, regret: pd.DataFrame, about: About, at: int) -> None:
    """Optimistic regret over the law on its own scale."""
    panel_label(ax, "e", about, "optimistic over the law")
    gap_axis(ax)
    found = summaries.over_theory(regret, "optimistic", "optimistic", at)
    cover(ax, found["ratio"], 0, 2.5)
    band(ax, bounds(about, "V5b", "smallest_ratio")[0], bounds(about, "V5b", "largest_ratio")[1], label=None)
    draw_player(ax, found["gap"], found["ratio"], found["std_error"], algorithm="optimistic")
    ax.set_ylabel(RATIO)


def panel_shares(ax: Axes, lanes: pd.DataFrame, about: About) -> None:
    """Share of lanes that lose optimism."""
    panel_label(ax, "f", about, "optimism lost")
    ax.set(ylim=(-0.05, 1.05), ylabel="share of lanes")
    learners = ["optimistic", "greedy"]
    columns(ax, ["optimistic", "greedy"], bounds_of(about, ("V6", "hard_share"), ("V7", "hard_share")))
    judged = select(lanes, gap=summaries.GAPS)
    for place, algorithm in enumerate(learners):
        share, std_error = summaries.share_lost(select(judged, algorithm=algorithm)["optimism_violation"])
        draw_player(ax, [place], [share], [std_error], algorithm=algorithm)
    plain_ticks(ax, "y", [0, 0.25, 0.5, 0.75, 1])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
