"""Test accuracy of the algorithm and of its baselines, and the judged differences [brutzkus_patches, E3 to E8]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.claims import MissingRows
from repro.figures import About, control, legend_below, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from scripts.brutzkus_patches import claims, measures
from scripts.brutzkus_patches.figures import drawing

ROWS = {
    "vanilla\nCNN": ("vanilla", "none"),
    "masks,\nGaussian": ("hard", "gaussian"),
    "filters,\nGaussian": ("full", "gaussian"),
    "masks,\nclustered": ("hard", "clustered"),
    "filters,\nclustered": ("full", "clustered"),
}
"""Rows of the table: model and dictionary."""
PARTS = [
    ("B3", "gain", "masks:\nclustered −\nGaussian"),
    ("B4", "gain", "filters:\nclustered −\nGaussian"),
    ("B5", "gain", "masks −\nvanilla\nCNN"),
    ("B7", "gain", "clustered −\nas drawn"),
    ("B6", "loss_without_whitening", "whitened −\nnot"),
]


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(1, 2, height=3.2)
    panel_accuracy(axes[0, 0], tables, about)
    panel_label(axes[0, 1], "b", about, "differences that are judged")
    names = ("B3", "B4", "B5", "B6", "B7")
    values = {name: drawing.measured(getattr(claims, name.lower()), tables) for name in names}
    drawing.judged(axes[0, 1], about, values, PARTS, controls=["B6"])
    axes[0, 1].set_ylabel("difference of test accuracies")
    legend_below(fig, *axes.flat, n_columns=6)
    return fig


def panel_accuracy(ax: Axes, tables: Mapping[str, pd.DataFrame], about: About) -> None:
    panel_label(ax, "a", about, "largest test accuracy over epochs")
    found = drawing.both_models(tables)
    sizes = {name: _base(tables[f"{table}_accuracy"]) for name, table in (("hard", "hard"), ("full", "filter"))}
    sizes["vanilla"] = {name: value for name, value in sizes["full"].items() if name != "n_nearest"}
    for place, (model, dictionary) in enumerate(ROWS.values()):
        own = select(found, model=model, dictionary=dictionary, whitened=True, **sizes[model])
        if len(own):
            drawing.points(ax, [place], drawing.over_seeds(own, "dictionary"), drawing.MODELS[model])
    drawn = select(found, model="hard", dictionary="sampled", **sizes["hard"])
    plain = select(found, model="hard", whitened=False)
    names = [*ROWS, *(["masks,\nas drawn"] if len(drawn) else []), *(["masks, not\nwhitened"] if len(plain) else [])]
    if len(drawn):
        drawing.points(ax, [len(ROWS)], drawing.over_seeds(drawn, "dictionary"), drawing.MODELS["hard"])
    if len(plain):
        control(ax, [len(names) - 1], [plain["accuracy"].mean()], label="negative control")
    drawing.places(ax, names)
    ax.tick_params(axis="x", rotation=55)
    ax.set_ylabel("test accuracy")


def _base(table: pd.DataFrame) -> dict:
    """The setting at which dictionaries are compared, or any where the run holds no Gaussian dictionary."""
    try:
        return measures.base(table)
    except MissingRows:
        return {}


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
