"""Error and bound by learning rate, at one width [biggs_bounds]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import save
from repro.job import job
from scripts.biggs_bounds.figures import drawing as panels
from scripts.biggs_bounds.figures.two_axes import draw_over, note


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    fig, axes = draw_over(tables, "learning_rate", "width", published=200)
    random = tables["bound"].query("labels == 'random' and kind == 'coupled'")
    for pair, ax in axes.items():
        control = panels.of_pair(random, pair)["bound"]
        if len(control):
            note(ax, f"random labels: smallest bound {control.min():.2f}")
    return fig


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
