"""Accuracy while it trains of a free and of a constrained linear function on the full embedding [brutzkus_patches, E3, E4]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from repro.figures import COLORS, About, guide, legend_below, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from scripts.brutzkus_patches.figures import drawing

MAPS = {
    "unconstrained": {"color": COLORS["orange"], "marker": "D", "label": "unconstrained"},
    "constrained": {"color": COLORS["red"], "marker": "s", "label": "constrained"},
}
PANELS = {"test": "test images", "train": "training images, while it trains"}
CHANCE = 0.1


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    table = tables["linear_map_accuracy"]
    fig, axes = new_figure(1, 2, height=2.7)
    for ax, letter, (split, title) in zip(axes[0], "ab", PANELS.items(), strict=True):
        panel_label(ax, letter, about, title)
        shown = drawing.thin(table["epoch"].unique())
        for name, style in MAPS.items():
            own = select(table, linear_map=name, split=split, epoch=shown)
            if len(own):
                summary = drawing.over_seeds(own, "epoch")
                drawing.points(ax, summary.index, summary, style)
        guide(ax, [shown[0], shown[-1]], [CHANCE, CHANCE], label="chance")
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.set(xlabel="training time (epochs)", ylabel="accuracy")
    legend_below(fig, *axes.flat, n_columns=3)
    return fig


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
