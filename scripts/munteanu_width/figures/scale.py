"""Companion E: what the initial scale does to both starts [munteanu_width, E2]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, bounds, empty, guide, legend_below, new_figure, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import band_between
from scripts.munteanu_width import comparison
from scripts.munteanu_width.figures.drawing import SCALE, STARTS, STEPS, Tables

JUDGED_SCALE = 30.0


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(1, 4, height=2.9)
    runs = select(tables["circle_training_run"], **comparison.SWEEP)
    if runs.empty:  # preset smoke trains fewer points
        runs = select(tables["circle_training_run"], stops_at_hit=False)
    steps, flips = (comparison.medians(runs, name, ["initialization", "init_scale"]) for name in ("hit_step", "flip_share"))
    panel_against_scale(axes[0, 0], "a", about, steps, STEPS, title="steps to zero error")
    panel_against_scale(axes[0, 1], "b", about, flips, "flipped (median share)", title="activations")
    for ax, letter, start in zip(axes[0, 2:], "cd", STARTS, strict=True):
        panel_slowdown(ax, letter, about, steps, start)
    legend_below(fig, *axes[0], n_columns=3)
    return fig


def _scale_axis(ax: Axes) -> None:
    ax.set_xscale("log")
    ax.set_xticks([0.3, 1, 3, 10, 30], ["0.3", "1", "3", "10", "30"])
    ax.set_xticks([], minor=True)
    ax.set(xlabel=SCALE, xlim=(0.2, 45))


def panel_against_scale(ax: Axes, letter: str, about: About, medians: "pd.Series[float]", label: str, *, title: str) -> None:
    """Medians over the seeds of both starts; infinite ones are not drawn."""
    panel_label(ax, letter, about, title)
    _scale_axis(ax)
    ax.set_ylabel(label)
    if medians.empty:
        empty(ax)
    for start, color in STARTS.items():
        found = medians[medians.index.get_level_values("initialization") == start].replace(np.inf, np.nan)
        simulated(ax, found.index.get_level_values("init_scale"), found, color=color, label=start)
    ax.set_ylim(bottom=0)


def panel_slowdown(ax: Axes, letter: str, about: About, steps: "pd.Series[float]", start: str) -> None:
    """Median steps in units of those at scale 1, judged at the largest scale."""
    panel_label(ax, letter, about, start)
    _scale_axis(ax)
    ax.set_yscale("log")
    ax.set(ylim=(0.2, 30), ylabel=r"steps / those at $\kappa$ = 1")
    ax.set_yticks([0.3, 1, 3, 10], ["0.3", "1", "3", "10"])
    band_between(ax, JUDGED_SCALE / 1.25, JUDGED_SCALE * 1.25, bounds(about, "C7", start))
    guide(ax, [0.2, 45], [1, 1])
    found = steps[steps.index.get_level_values("initialization") == start].droplevel("initialization")
    if 1.0 in found.index:
        with np.errstate(invalid="ignore"):
            simulated(ax, found.index, (found / found[1.0]).replace(np.inf, np.nan), color=STARTS[start])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
