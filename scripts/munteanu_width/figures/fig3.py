"""Companion C: steps to zero error on the alternating circle from both starts [munteanu_width, E1, E2, E5, E6]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, control, guide, legend_below, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import band_between
from scripts.munteanu_width import comparison
from scripts.munteanu_width.claims import CONTROL_N
from scripts.munteanu_width.figures.drawing import (
    MARKERS,
    POINTS,
    Tables,
    log_axis,
    mosaic,
    on_circle,
    panel_steps,
    panel_success,
)

HIGHEST_RATIO = 1.5  # larger and infinite ones stand here
UNITS = "units a point $m/n$"


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = mosaic("abcd\nefgh", height=5.4)
    runs = tables["circle_training_run"]
    for letter, n in zip("ab", comparison.ONE_STEP_N, strict=True):
        panel_success(axes[letter], letter, about, on_circle(runs, n), f"{n} points")
    for letter, n in zip("cd", comparison.ONE_STEP_N, strict=True):
        panel_steps(axes[letter], letter, about, on_circle(runs, n), f"{n} points")
    for part in ("coupled", "independent"):
        band_between(axes["c"], 64 / 1.35, 256 * 1.35, bounds(about, "C13", part))
    ratios = comparison.hit_ratios(runs)
    for letter, scale in zip("ef", MARKERS, strict=True):
        panel_ratios(axes[letter], letter, about, select(ratios, init_scale=scale), scale)
    panel_gain(axes["g"], about, ratios)
    panel_counts(axes["h"], about, runs)
    legend_below(fig, *axes.values(), n_columns=5)
    return fig


def _units_axis(ax: Axes) -> None:
    log_axis(ax, "x", (0.25, 1, 4, 16))
    ax.set(xlabel=UNITS, xlim=(0.1, 48))


def _by_points(ax: Axes, table: pd.DataFrame, column: str, **style: object) -> None:
    """Values against the units a point, a colour for each number of points."""
    for n, color in POINTS.items():
        found = select(table, n_train=n)
        if len(found):
            simulated(ax, found["width"] / n, found[column], color=COLORS[color], label=f"$n$ = {n}", **style)


def panel_ratios(ax: Axes, letter: str, about: About, ratios: pd.DataFrame, scale: float) -> None:
    """Coupled over independent median steps; within the bounds that are judged from 8 or 16 units a point on."""
    panel_label(ax, letter, about, rf"steps, $\kappa$ = {scale:g}")
    _units_axis(ax)
    ax.set(ylim=(0, HIGHEST_RATIO * 1.06), ylabel="coupled / independent")
    band_between(ax, 7.2, 48, bounds(about, "C6", "largest_ratio"))
    band_between(ax, 14.4 if scale == 1 else 7.2, 48, bounds(about, "C6_half", f"scale_{scale:g}"))
    guide(ax, [0.1, 48], [1, 1])
    _by_points(ax, ratios[~ratios["neither"].astype(bool)].assign(ratio=lambda t: t["ratio"].clip(upper=HIGHEST_RATIO)), "ratio")


def panel_gain(ax: Axes, about: About, ratios: pd.DataFrame) -> None:
    """Share of seeds with zero error, coupled minus independent."""
    panel_label(ax, "g", about, "success")
    _units_axis(ax)
    ax.set(ylim=(-1, 1), ylabel="coupled − independent")
    guide(ax, [0.1, 48], [0, 0])
    for scale, marker in MARKERS.items():
        _by_points(ax, select(ratios, init_scale=scale), "success_gain", marker=marker)


def panel_counts(ax: Axes, about: About, runs: pd.DataFrame) -> None:
    """Runs with fewer than n/2 units and those on odd labels that come to zero error."""
    panel_label(ax, "h", about, "must fail")
    ax.set_yscale("symlog", linthresh=1)
    ax.set(ylim=(-0.6, 5000), xlim=(-0.5, 2.5), xlabel="$m < n/2$; control", ylabel="runs (number)")
    ax.set_xticks(range(3), ["hits", "tried", "\ncontrol"])
    ax.grid(visible=False, axis="x")
    entries = [("C3", "hits_below"), ("C3", "rows_below"), ("N1", "hits")]
    for place, entry in enumerate(entries):
        band_between(ax, place - 0.35, place + 0.35, bounds(about, *entry))
    narrow, odd = comparison.narrow(runs), select(runs, n_train=CONTROL_N)
    simulated(ax, [0, 1], [np.isfinite(narrow["hit_step"]).sum(), len(narrow)], color=COLORS["black"], marker="D", label="count")
    control(ax, [2], [np.isfinite(odd["hit_step"]).sum()], label="control")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
