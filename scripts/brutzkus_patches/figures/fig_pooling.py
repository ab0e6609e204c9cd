"""Accuracy with and without pooling and bottleneck [brutzkus_patches, E5]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import About, empty, legend_below, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from repro.panels import categories
from scripts.brutzkus_patches import measures
from scripts.brutzkus_patches.figures import drawing

ROWS = {"none": (False, False), "pooling": (True, False), "bottleneck": (False, True), "both": (True, True)}
"""Pooled, bottleneck."""


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    model = "full" if about["preset"]["base"] == "paper" else "hard"
    table = tables["filter_accuracy" if model == "full" else "hard_accuracy"]
    table = select(table, dictionary="clustered", **({"model": "full"} if model == "full" else {"whitened": True}))
    fig, axes = new_figure(1, 2, height=2.6)
    sizes = select(table, pooled=False)[["n_centroids", "n_nearest"]].drop_duplicates()
    for ax, letter, split in zip(axes[0], "ab", ("test", "train"), strict=True):
        panel_label(ax, letter, about, "test images" if split == "test" else "training images, while it trains")
        found = measures.reported(table, split).merge(sizes, on=["n_centroids", "n_nearest"])
        if found.empty:
            empty(ax)
        for place, (pooled, bottleneck) in enumerate(ROWS.values()):
            own = select(found, pooled=pooled, bottleneck=bottleneck)
            if len(own):
                drawing.points(ax, [place], drawing.over_seeds(own, "pooled"), drawing.MODELS[model])
        categories(ax, list(ROWS))
        ax.set_ylabel("largest accuracy")
    legend_below(fig, *axes.flat, n_columns=2)
    return fig


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
