"""Companion C: run time [venkataramanan_rigamp, E3, E4, E10]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, legend_below, new_figure, panel_label, plain_ticks, save, simulated
from repro.job import job
from repro.panels import explain_bounds
from scripts.venkataramanan_rigamp import comparison
from scripts.venkataramanan_rigamp.figures.drawing import RIGAMP, VAMP

DIM = "signal dimension $n$"
COMPUTATIONS = {
    "svd": ("SVD", COLORS["black"]),
    "vamp": ("VAMP after the SVD", VAMP),
    "state_evolution": ("coefficients of RI-GAMP", COLORS["green"]),
    "rigamp": ("RI-GAMP", RIGAMP),
}


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(1, 2, height=3.0)
    seconds = comparison.fastest(tables["task_seconds"])
    panel_seconds(axes[0, 0], seconds, about)
    panel_ratio(axes[0, 1], seconds, about)
    explain_bounds(axes[0, 1])
    legend_below(fig, *axes[0], n_columns=5)
    return fig


def panel_seconds(ax: Axes, seconds: pd.DataFrame, about: About) -> None:
    """Seconds of each computation, the fastest repeat."""
    panel_label(ax, "a", about, "seconds, fastest of the repeats")
    ax.set(xscale="log", yscale="log", xlabel=DIM, ylabel="time (s)")
    for computation, (label, color) in COMPUTATIONS.items():
        if computation in seconds:
            simulated(ax, seconds.index, seconds[computation], color=color, label=label)
    plain_ticks(ax, "x", seconds.index)
    ax.margins(x=0.1)


def panel_ratio(ax: Axes, seconds: pd.DataFrame, about: About) -> None:
    """SVD in units of RI-GAMP; judged from the size on that the claim names."""
    panel_label(ax, "b", about, "SVD / RI-GAMP")
    ax.set(xscale="log", yscale="log", xlabel=DIM, ylabel="ratio of times", ylim=(1, 3000))
    band(ax, *bounds(about, "C7", "svd_to_rigamp"), label=None)
    if {"svd", "rigamp"} <= set(seconds):
        simulated(ax, seconds.index, seconds["svd"] / seconds["rigamp"], color=COLORS["black"])
    plain_ticks(ax, "x", seconds.index)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
