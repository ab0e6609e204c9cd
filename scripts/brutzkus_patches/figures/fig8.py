"""Test accuracy by the number of nearest dictionary patches, and what the best loses at the ends [brutzkus_patches, E2]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, bounds, empty, legend_below, new_figure, panel_label, save
from repro.job import job
from repro.panels import band_at, categories, measured, padded
from scripts.brutzkus_patches import claims
from scripts.brutzkus_patches.figures import drawing

MIDDLE = 8
JUDGED = {1: "above_one", 120: "above_most"}
LABEL = "nearest dictionary patches $k$"


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    model, found = drawing.swept(tables, about, pooled=True, bottleneck=True)
    widest = found.groupby("n_centroids")["n_nearest"].nunique()
    found = found[found["n_centroids"] == widest.idxmax()]
    fig, axes = new_figure(1, 2, height=2.7)
    summary = drawing.over_seeds(found, "n_nearest")
    panel_label(axes[0, 0], "a", about, f"{widest.idxmax()} dictionary patches")
    drawing.points(axes[0, 0], summary.index, summary, drawing.MODELS[model])
    drawing.powers(axes[0, 0], list(summary.index), LABEL)
    axes[0, 0].set_ylabel(drawing.ACCURACY)
    judged = measured(claims, tables, "B8")
    panel_loss(axes[0, 1], found, about, drawing.MODELS[model], marked=list(JUDGED) if judged else [])
    legend_below(fig, *axes.flat, n_columns=3)
    return fig


def panel_loss(ax: Axes, found: pd.DataFrame, about: About, style: Mapping, marked: list[int]) -> None:
    """Accuracy at k = 8 minus that at every other k, of the seeds that have both."""
    panel_label(ax, "b", about, f"against $k$ = {MIDDLE}")
    wide = found.pivot_table(index="seed", columns="n_nearest", values="accuracy")
    if MIDDLE not in wide:
        empty(ax)
        return
    losses = (-wide.sub(wide[MIDDLE], axis=0)).drop(columns=MIDDLE).mean().dropna()
    edges = [bounds(about, "B8", JUDGED[k])[0] for k in marked]
    ax.set_ylim(*padded([0.0, *losses, *edges]))
    for k in marked:
        band_at(ax, list(losses.index).index(k), bounds(about, "B8", JUDGED[k]))
    drawing.points(ax, range(len(losses)), pd.DataFrame({"mean": losses, "sem": float("nan")}), style)
    categories(ax, [f"{k}" for k in losses.index])
    ax.set(xlabel=LABEL, ylabel=f"accuracy at $k$ = {MIDDLE}\nminus that at $k$")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
