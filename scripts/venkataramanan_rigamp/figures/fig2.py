"""Figure 2: 1-bit model, error against iteration [venkataramanan_rigamp, E3, E5, E10, E11, E12]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import About, legend_below, new_figure, save
from repro.job import job
from scripts.venkataramanan_rigamp.figures.drawing import panel_curves, panels_of_claims

MODELS = ["m4", "m6"]


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 4, height=4.4)
    for ax, letter, model in zip(axes[0, :2], "ab", MODELS, strict=True):
        panel_curves(ax, letter, about, tables, model=model, column="mse")
    for ax, letter, model in zip(axes[0, 2:], "cd", MODELS, strict=True):
        panel_curves(ax, letter, about, tables, model=model, column="squared_correlation")
    panels_of_claims(axes[1], "efgh", about, tables, MODELS)
    for ax in axes[0, 1::2]:
        ax.set_ylabel("")
    legend_below(fig, axes[0, 0], axes[1, 0], n_columns=3)
    return fig


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
