"""Figure 1: linear model, error against iteration [venkataramanan_rigamp, E3, E5, E10, E11, E12]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import About, legend_below, new_figure, save
from repro.job import job
from scripts.venkataramanan_rigamp.figures.drawing import panel_curves, panels_of_claims

MODELS = ["m1", "m2", "m3", "m5"]


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(3, 4, height=6.2)
    for row, column, letters in ((0, "mse", "abcd"), (1, "squared_correlation", "efgh")):
        for ax, letter, model in zip(axes[row], letters, MODELS, strict=True):
            panel_curves(ax, letter, about, tables, model=model, column=column)
    panels_of_claims(axes[2], "ijkl", about, tables, MODELS)
    for ax in axes[:2, 1:].ravel():
        ax.set_ylabel("")
    legend_below(fig, axes[0, 0], axes[2, 0], n_columns=3)
    return fig


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
