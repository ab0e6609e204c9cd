"""Error and bound by width, at one learning rate [biggs_bounds]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import save
from repro.job import job
from scripts.biggs_bounds.figures import drawing as panels
from scripts.biggs_bounds.figures.two_axes import draw_over, note


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    fig, axes = draw_over(tables, "width", "learning_rate", published=0.01)
    zero_prior = panels.main_grid(tables["bound"]).query("kind == 'full_zero_prior'")
    for pair, ax in axes.items():
        control = panels.of_pair(zero_prior, pair)
        rate = panels.richest(control, "learning_rate", "width", published=0.01)
        means = control[control["learning_rate"] == rate].groupby("width")["bound"].mean()
        if len(means):
            ends = {width: means[width] for width in (means.index.min(), means.index.max())}
            told = ", ".join(f"{bound:.2f} at $K$ = {width}" for width, bound in ends.items())
            note(ax, f"prior mean 0 ($\\eta$ = {rate:g}): {told}")
    return fig


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
