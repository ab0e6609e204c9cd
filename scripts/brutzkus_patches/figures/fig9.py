"""Test accuracy by the size of the dictionary, and its rises [brutzkus_patches, E8]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, empty, legend_below, new_figure, panel_label, save, simulated
from repro.job import job
from repro.panels import band_at, categories, measured, padded
from scripts.brutzkus_patches import claims, measures
from scripts.brutzkus_patches.figures import drawing

PUBLISHED_RATIO = 4
"""N / k of the published sweep."""


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    model, found = _sweep(tables, about)
    fig, axes = new_figure(1, 2, height=2.7)
    panel_label(axes[0, 0], "a", about, "by size")
    summary = drawing.over_seeds(found, "n_centroids")
    drawing.points(axes[0, 0], summary.index, summary, drawing.MODELS[model])
    drawing.powers(axes[0, 0], list(summary.index), "dictionary patches $N$")
    axes[0, 0].set_ylabel(drawing.ACCURACY)
    panel_rises(axes[0, 1], summary, about, judged=measured(claims, tables, "B10"))
    legend_below(fig, *axes.flat, n_columns=4)
    return fig


def _sweep(tables: Mapping[str, pd.DataFrame], about: About) -> tuple[str, pd.DataFrame]:
    """Masks with N/8 neighbours at the small scales, filters with N/4 at the published one."""
    if about["preset"]["base"] != "paper":
        return "hard", measures.sweep(tables["hard_accuracy"])
    model, found = drawing.swept(tables, about, pooled=True, bottleneck=True)
    return model, found[found["n_nearest"] == found["n_centroids"] // PUBLISHED_RATIO]


def panel_rises(ax: Axes, summary: pd.DataFrame, about: About, judged: Mapping) -> None:
    """Rise from each size to the next, and, where it is judged, from 32 to 256."""
    panel_label(ax, "b", about, "rises")
    if len(summary) < 2:
        empty(ax)
        return
    rises = np.diff(summary["mean"])
    names = [f"{low} to\n{high}" for low, high in zip(summary.index, summary.index[1:], strict=False)]
    ax.set_ylim(*padded([0.0, *rises, *(value.value for value in judged.values())]))
    if judged:
        for place in range(len(rises)):
            band_at(ax, place, bounds(about, "B10", "smallest_step"))
        band_at(ax, len(rises), bounds(about, "B10", "gain"))
        simulated(ax, [len(rises)], [judged["B10", "gain"].value], color=COLORS["black"], marker="D", label="rise over three sizes")
        names.append("32 to\n256")
    simulated(ax, range(len(rises)), rises, color=COLORS["black"], label="rise to the next size")
    categories(ax, names)
    ax.set(xlabel="dictionary patches $N$", ylabel="rise of test\naccuracy")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
