"""Pathfinder: test accuracy against path length, with and without the locality regulariser [razin_htf, E8]."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, guide, legend_below, new_figure, panel_label, published, save, simulated
from repro.frames import select
from repro.job import job
from scripts.razin_htf.figures.drawing import Tables
from scripts.razin_htf.measures import final_accuracy

PUBLISHED = {0.0: "pathfinder_0", 3.0: "pathfinder_3", 9.0: "pathfinder_9"}
COLOR = {0.0: COLORS["blue"], 3.0: COLORS["orange"], 9.0: COLORS["red"]}


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(height=3.4)
    ax = axes[0, 0]
    panel_label(ax, "a", about)
    panel_length(ax, tables["pathfinder_curves"], about)
    legend_below(fig, ax, n_columns=4)
    return fig


def panel_length(ax: Axes, curves: pd.DataFrame, about: About) -> None:
    """Test accuracy over the last epochs, mean over seeds, beside the published one."""
    test = final_accuracy(select(curves, split="test"))
    summary = test.groupby(["regulariser_weight", "path_length"])["accuracy"].agg(["mean", "sem"])
    for at, (weight, name) in enumerate(PUBLISHED.items()):
        label, shift = f"$\\lambda = {weight:g}$", 0.15 * (at - 1)
        points = about["published"][name]["points"]
        std = [point[2] if len(point) > 2 else 0 for point in points]
        published(ax, [p[0] + shift for p in points], [p[1] for p in points], std, color=COLOR[weight], label=f"published, {label}")
        if weight in summary.index.get_level_values(0):
            found = summary.loc[weight]
            simulated(ax, found.index + shift, found["mean"], found["sem"].fillna(0), color=COLOR[weight], label=f"{label} (± 2 s.e.)")
    guide(ax, [2.5, 9.5], [0.5, 0.5], label="chance")
    ax.set(xlabel="path length (dashes)", ylabel="test accuracy", xlim=(2.5, 9.5))
    ax.set_xticks([3, 5, 7, 9])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
