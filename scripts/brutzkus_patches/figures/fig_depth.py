"""Test accuracy by depth, layer by layer, and the judged differences [brutzkus_patches, E2a to E6]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, control, empty, legend_below, new_figure, panel_label, save
from repro.job import job
from repro.panels import measured, strip
from scripts.brutzkus_patches import claims, measures
from scripts.brutzkus_patches.figures import drawing

PARTS = [
    ("B13", "gain", "filters:\ndepth 2 − 1"),
    ("B14", "gain", "depth 2:\nfilters − masks"),
    ("B15", "gap", "masks, depth 2:\nweak − full\nwhitening"),
]
WEAK = {"marker": "h", "label": "masks, weak whitening"}


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(1, 2, height=2.9)
    panel_depth(axes[0, 0], measures.reported(tables["depth_accuracy"]), about)
    panel_label(axes[0, 1], "b", about, "differences")
    values = measured(claims, tables, *(claim for claim, *_ in PARTS))
    held = [entry for entry in PARTS if entry[:2] in values]
    if held:
        strip(axes[0, 1], about, values, held, "difference of test accuracies")
        axes[0, 1].set_xlim(left=min(0.0, axes[0, 1].get_xlim()[0]))
    else:
        empty(axes[0, 1])
    legend_below(fig, *axes.flat, n_columns=4)
    return fig


def panel_depth(ax: Axes, found: pd.DataFrame, about: About) -> None:
    """Models side by side at each depth; full whitening of masks where weak whitening is run too is the control."""
    panel_label(ax, "a", about, "by depth")
    weak = found[(found["model"] == "hard") & (found["whitening_epsilon"] > 0.5)]
    strong = found.drop(index=weak.index)
    ruined = (strong["model"] == "hard") & strong["depth"].isin(weak["depth"])
    shift = {model: 0.08 * place for place, model in enumerate(("hard", "full", "cnn", "cnn_layerwise"))}
    for model, own in strong[~ruined].groupby("model", sort=False):
        summary = drawing.over_seeds(own, "depth")
        drawing.points(ax, summary.index + shift[model], summary, drawing.MODELS[model])
    if len(weak):
        summary = drawing.over_seeds(weak, "depth")
        drawing.points(ax, summary.index, summary, drawing.MODELS["hard"], **WEAK)
        harmed = drawing.over_seeds(strong[ruined], "depth")
        control(ax, harmed.index, harmed["mean"], label="negative control")
    depths = sorted(found["depth"].unique())
    ax.set_xticks(depths)
    ax.set(xlim=(depths[0] - 0.4, depths[-1] + 0.6), xlabel="depth (layers)", ylabel=drawing.ACCURACY)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
