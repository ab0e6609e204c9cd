"""Companion C: the clean trick in closed form [puthawala_flows, E9, E14]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, legend_below, new_figure, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from scripts.puthawala_flows import comparison
from scripts.puthawala_flows.figures.drawing import ticks_with_zero

FORWARD, BACK = COLORS["blue"], COLORS["orange"]
ZERO = 1e-32  # place of what is smaller still
NODES = "number of nodes $N$"


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    errors = tables["construction_errors"]
    fig, axes = new_figure(1, 4, height=2.7, gridspec_kw={"width_ratios": (2, 1.5, 0.8, 0.8)})
    panel_errors(axes[0, 0], errors, about)
    panel_ratios(axes[0, 1], errors, about)
    for ax, letter, n_nodes in ((axes[0, 2], "c", 48), (axes[0, 3], "d", 96)):
        panel_label(ax, letter, about, f"$N = {n_nodes}$")
        ax.set(yscale="log", ylim=(1e-11, 1e-2), ylabel="sup error (length)")
        band(ax, *bounds(about, "C6b", f"error_{n_nodes}"))
        found = select(errors, n_nodes=n_nodes)
        simulated(ax, found["n_nodes"], found["sup_error"], color=FORWARD)
        ax.set(xlim=(n_nodes - 1, n_nodes + 1), xticks=[n_nodes])
    legend_below(fig, axes[0, 0], axes[0, 1], n_columns=3)
    return fig


def panel_errors(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Both errors against the number of nodes."""
    panel_label(ax, "a", about, "there, and back")
    simulated(ax, errors["n_nodes"], errors["sup_error"], color=FORWARD, label="image off the trefoil (sup error)")
    back = np.maximum(errors["inverse_error"], ZERO)
    simulated(ax, errors["n_nodes"], back, color=BACK, label="inverse off the start (largest entry)")
    ax.set(yscale="log", xlabel=NODES, ylabel="error (length)")
    ticks_with_zero(ax, ZERO, range(-24, 1, 8))
    ax.set_ylim(ZERO / 100, 100)


def panel_ratios(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Error in units of that with the next smaller number of nodes."""
    panel_label(ax, "b", about, "error over the one before")
    ax.set(yscale="log", ylim=(1e-4, 10), xlabel=NODES, ylabel="ratio of sup errors")
    band(ax, *bounds(about, "C6", "largest_successive_ratio"))
    found = comparison.refinements(errors)
    simulated(ax, found.index, found, color=FORWARD)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
