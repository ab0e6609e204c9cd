"""Coupled bound and errors over the whole grid of widths and learning rates [biggs_bounds]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, empty, legend_below, new_figure, save
from repro.job import job
from scripts.biggs_bounds.figures import drawing as panels

COLUMNS = (
    *(("width", {"learning_rate": rate}, f"$\\eta$ = {rate:g}") for rate in (0.1, 0.01, 0.001)),
    *(("learning_rate", {"width": width}, f"$K$ = {width}") for width in (50, 200, 800)),
)
LABELS = {"width": "width $K$", "learning_rate": "rate $\\eta$"}


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    network, bound = (panels.main_grid(tables[name]) for name in ("network", "bound"))
    fig, axes = new_figure(len(panels.PAIRS), len(COLUMNS), height=6.6, sharex="col", sharey=True)
    for ax, (x, _, name) in zip(axes[0], COLUMNS, strict=True):
        ax.set_title(name)
        panels.log_axis(ax, network[x])
    for row, (pair, title) in zip(axes, panels.PAIRS.items(), strict=True):
        row[0].set_ylabel(f"{title.replace(', ', ',' + chr(10))}\nbound and error")
        for ax, (x, fixed, _) in zip(row, COLUMNS, strict=True):
            panel(ax, panels.of_pair(network, pair, **fixed), panels.of_pair(bound, pair, **fixed), x)
            panels.published_curve(ax, pair, x, fixed, markersize=7)
    for ax, (x, _, _) in zip(axes[-1], COLUMNS, strict=True):
        ax.set_xlabel(LABELS[x])
        ax.tick_params(axis="x", rotation=90)
    axes[0, 0].set_ylim(bottom=0)
    legend_below(fig, *axes.flat, n_columns=4)
    return fig


def panel(ax: Axes, network: pd.DataFrame, bound: pd.DataFrame, x: str) -> None:
    if bound.empty:
        empty(ax, "no rows")
    coupled = bound[bound["kind"] == "coupled_last_prior"]
    panels.curve(ax, coupled, x, "bound", {**panels.COUPLED, "label": panels.LAST["label"]})
    panels.curve(ax, coupled, x, "stochastic_error", panels.same_axis(panels.STOCHASTIC))
    panels.curve(ax, network, x, "test_error", panels.same_axis(panels.TEST))
    ax.axhline(1, color=COLORS["black"], linewidth=0.6)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
