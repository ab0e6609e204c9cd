"""Test accuracy of the algorithm and of its baselines, and the judged differences [brutzkus_patches, E3 to E8]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.claims import MissingRows
from repro.figures import About, control, empty, legend_below, new_figure, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import categories, measured, strip
from scripts.brutzkus_patches import claims, measures
from scripts.brutzkus_patches.figures import drawing

ROWS = {
    "vanilla CNN": ("vanilla", "none"),
    "masks, Gaussian": ("hard", "gaussian"),
    "filters, Gaussian": ("full", "gaussian"),
    "masks, clustered": ("hard", "clustered"),
    "filters, clustered": ("full", "clustered"),
}
"""Rows of the table: model and dictionary."""
PARTS = [
    ("B3", "gain", "masks: clustered\n− Gaussian"),
    ("B4", "gain", "filters: clustered\n− Gaussian"),
    ("B5", "gain", "masks −\nvanilla CNN"),
    ("B7", "gain", "masks: clustered\n− as drawn"),
    ("B6", "loss_without_whitening", "masks: whitened\n− not whitened"),
]


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(1, 2, height=3.3)
    panel_accuracy(axes[0, 0], tables, about)
    panel_label(axes[0, 1], "b", about, "differences")
    values = measured(claims, tables, *(claim for claim, *_ in PARTS))
    held = [entry for entry in PARTS if entry[:2] in values]
    if held:
        strip(axes[0, 1], about, values, held, "difference of test accuracies")
    else:
        empty(axes[0, 1])
    legend_below(fig, *axes.flat, n_columns=3)
    return fig


def panel_accuracy(ax: Axes, tables: Mapping[str, pd.DataFrame], about: About) -> None:
    panel_label(ax, "a", about, "accuracies")
    found = drawing.both_models(tables)
    sizes = {name: _base(tables[f"{table}_accuracy"]) for name, table in (("hard", "hard"), ("full", "filter"))}
    sizes["vanilla"] = {name: value for name, value in sizes["full"].items() if name != "n_nearest"}
    drawn = {
        name: select(found, model=model, dictionary=dictionary, whitened=True, **sizes[model]) for name, (model, dictionary) in ROWS.items()
    }
    drawn["masks, as drawn"] = select(found, model="hard", dictionary="sampled", **sizes["hard"])
    drawn = {name: own for name, own in drawn.items() if len(own)}
    for place, own in enumerate(drawn.values()):
        summary = drawing.over_seeds(own, "dictionary").iloc[0]
        error = [2 * summary["sem"]] if summary["size"] > 1 else None
        simulated(ax, [summary["mean"]], [place], xerr=error, **drawing.MODELS[own["model"].iloc[0]])
    plain = select(found, model="hard", whitened=False)
    if len(plain):
        control(ax, [plain["accuracy"].mean()], [len(drawn)], label="negative control")
    categories(ax, [*drawn, *(["masks, not whitened"] if len(plain) else [])], axis="y")
    ax.set_xlabel("largest test accuracy over epochs")


def _base(table: pd.DataFrame) -> dict:
    """The setting at which dictionaries are compared, or any where the run holds no Gaussian dictionary."""
    try:
        return measures.base(table)
    except MissingRows:
        return {}


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
