"""Bounds on CIFAR-10, which say nothing [biggs_bounds]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import About, band, bounds, control, empty, legend_below, new_figure, panel_label, published, save
from repro.job import job
from repro.panels import categories

KINDS = {"full": "full", "coupled": "coupled,\nbest prior", "coupled_last_prior": "coupled,\nlast prior"}


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    table = tables["cifar_bound"]
    fig, axes = new_figure(width="column", height=2.8)
    ax = axes[0, 0]
    for at, kind in enumerate(KINDS):
        values = table["bound"][table["kind"] == kind]
        control(ax, [at] * len(values), values, label="control")
    if table.empty:
        empty(ax)
    printed = about["published"]["bound_cifar10"]
    published(ax, range(2), [printed["value"]] * 2, printed["std"], label="published")
    categories(ax, list(KINDS.values()))
    ax.set_ylabel("bound on the error")
    ax.set_ylim(min([1.99, *(table["bound"] - 0.005)]), 2.005)
    band(ax, *bounds(about, "N2", "smallest_bound"))
    panel_label(ax, "a", about, "GELU, CIFAR-10")
    legend_below(fig, ax, n_columns=2)
    return fig


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
