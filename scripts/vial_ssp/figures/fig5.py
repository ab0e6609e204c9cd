"""Companion E: regret against the dimension [vial_ssp, E2, E3, E11]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, guide, legend_below, new_figure, panel_label, plain_ticks, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import explain_bounds, merge
from scripts.vial_ssp import summaries
from scripts.vial_ssp.figures.drawing import PLAYERS, Tables, bounds_of, columns, cover, draw_points

COLOR = PLAYERS["optimistic"]
BAD_ACTIONS = "bad actions $d - 1$"


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(1, 4, height=2.9)
    wide = merge(fig, axes, 0, slice(0, 2))
    regret = tables["dimension_regret"]
    panel_regret(wide, regret, about)
    panel_ratio(axes[0, 2], regret, about)
    panel_slope(axes[0, 3], regret, about)
    explain_bounds(wide)
    legend_below(fig, wide, n_columns=4)
    return fig


def panel_regret(ax: Axes, regret: pd.DataFrame, about: About) -> None:
    """Mean regret, single seeds, law, and the power of the theorem."""
    panel_label(ax, "a", about, "after the last episode")
    runs, law = select(regret, method="simulation"), select(regret, method="theory")
    means = summaries.over_seeds(runs, ["dim"])
    _dimension_axis(ax, regret)
    draw_points(ax, runs["dim"] - 1, runs["regret"], color=COLOR, label="single seeds")
    simulated(ax, means["dim"] - 1, means["mean"], means["std_error"], color=COLOR, label="mean over the seeds")
    theory(ax, law["dim"] - 1, law["regret"], color=COLORS["black"], label="law of optimism")
    power = about["published"]["dimension_exponent"]["value"]
    if len(means):
        dims = np.linspace(means["dim"].min(), means["dim"].max(), 200)
        guide(ax, dims - 1, means["mean"].iloc[0] * (dims / dims[0]) ** power, f"$d^{{{power:g}}}$")
    ax.set(yscale="log", ylabel="regret $G_K$")


def panel_ratio(ax: Axes, regret: pd.DataFrame, about: About) -> None:
    """Mean regret over the law."""
    panel_label(ax, "b", about, "over the law")
    means = summaries.over_seeds(select(regret, method="simulation"), ["dim"])
    law = means["dim"].map(select(regret, method="theory").set_index("dim")["regret"]).astype(float)
    _dimension_axis(ax, regret)
    cover(ax, means["mean"] / law, 0, 2.5)
    simulated(ax, means["dim"] - 1, means["mean"] / law, means["std_error"] / law, color=COLOR)
    ax.set_ylabel("mean regret / law")


def panel_slope(ax: Axes, regret: pd.DataFrame, about: About) -> None:
    """Judged power of the number of bad actions."""
    panel_label(ax, "c", about, "power of $d - 1$")
    found = summaries.dimension_slope(regret)[0]
    cover(ax, found, 0.5, 1.6)
    columns(ax, ["optimistic"], bounds_of(about, ("V11", "slope")))
    simulated(ax, [0], [found], color=COLOR)
    ax.set_ylabel("slope of log regret")


def _dimension_axis(ax: Axes, regret: pd.DataFrame) -> None:
    """Logarithmic axis of the numbers of bad actions."""
    ax.set_xscale("log")
    plain_ticks(ax, "x", sorted(regret["dim"].unique() - 1))
    ax.set_xlabel(BAD_ACTIONS)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
