"""Coupled bound and errors over the whole grid of widths and learning rates [biggs_bounds]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, empty, legend_below, new_figure, save
from repro.job import job
from scripts.biggs_bounds.figures import drawing

COLUMNS = (
    *(("width", {"learning_rate": rate}, f"rate {rate:g}") for rate in (0.1, 0.01, 0.001)),
    *(("learning_rate", {"width": width}, f"$K$ = {width}") for width in (50, 200, 800)),
)
LABELS = {"width": "width $K$", "learning_rate": "learning rate"}


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    network, bound = (drawing.main_grid(tables[name]) for name in ("network", "bound"))
    fig, axes = new_figure(len(drawing.PAIRS), len(COLUMNS), height=7.0, sharex="col", sharey=True)
    for ax, (x, _, name) in zip(axes[0], COLUMNS, strict=True):
        ax.set_title(name)
        drawing.log_axis(ax, network[x])
    for row, (pair, title) in zip(axes, drawing.PAIRS.items(), strict=True):
        row[0].set_ylabel(f"{title.replace(', ', ',' + chr(10))}\nbound and error")
        for ax, (x, fixed, _) in zip(row, COLUMNS, strict=True):
            panel(ax, drawing.of_pair(network, pair, **fixed), drawing.of_pair(bound, pair, **fixed), x)
            drawing.published_curve(ax, about, pair, {x: network[x]}, fixed)
    for ax, (x, _, _) in zip(axes[-1], COLUMNS, strict=True):
        ax.set_xlabel(LABELS[x])
        ax.tick_params(axis="x", rotation=90)
    axes[0, 0].set_ylim(bottom=0)
    legend_below(fig, *axes.flat, n_columns=3)
    return fig


def panel(ax: Axes, network: pd.DataFrame, bound: pd.DataFrame, x: str) -> None:
    if bound.empty:
        empty(ax, "no rows")
    coupled = bound[bound["kind"] == "coupled_last_prior"]
    drawing.curve(ax, coupled, x, "bound", drawing.LAST)
    drawing.curve(ax, coupled, x, "stochastic_error", drawing.STOCHASTIC)
    drawing.curve(ax, network, x, "test_error", drawing.TEST)
    drawing.vacuous(ax)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
