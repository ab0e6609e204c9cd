"""Forgetting against task similarity: errors over time, and forgetting by the equations and by SGD [lee_maslow, E2–E6, E9]."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, band, bounds, guide, legend_below, new_figure, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import band_at, explain, measured, padded_log, strip
from scripts.lee_maslow import claims
from scripts.lee_maslow.figures.drawing import FORGETTING_LABEL, SHARE, SIMILARITY_LABEL, over_seeds, theory_points

Tables = Mapping[str, pd.DataFrame]
CASE_COLORS = [COLORS["blue"], COLORS["red"], COLORS["green"], COLORS["orange"], COLORS["purple"]]
# Every so many recorded times a marker: enough to follow a curve, few enough to see the line.
_STRIDE = 5


def draw(tables: Tables, about: Mapping[str, Any]) -> Figure:
    fig, axes = new_figure(3, 3, height=6.6, height_ratios=[1, 1, 0.5])
    panel_errors(axes[0, 0], "a", 1, tables["error_paths"], about)
    panel_errors(axes[0, 1], "b", 2, tables["error_paths"], about)
    panel_forgetting(axes[0, 2], tables, about)
    panel_seeds(axes[1, 0], tables["node_reuse"], about)
    panel_deviation(axes[1, 1], tables["sgd_forgetting"], about)
    panel_learned(axes[1, 2], tables["node_reuse"], about)
    values = measured(claims, tables, "L2", "L2b", "L3")
    panel_label(axes[2, 0], "g", about, "worst between minus end")
    excess = [("L2", "excess_over_dissimilar", "unrelated"), ("L2", "excess_over_identical", "identical")]
    strip(axes[2, 0], about, values, excess, "difference in forgetting")
    panel_label(axes[2, 1], "h", about, "end over worst")
    share = [("L3", "dissimilar_share", "unrelated"), ("L3", "identical_share", "identical")]
    strip(axes[2, 1], about, values, share, "ratio of forgetting")
    panel_label(axes[2, 2], "i", about, "where it is worst")
    strip(axes[2, 2], about, values, [("L2b", "worst_similarity", "worst")], SIMILARITY_LABEL)
    legend_below(fig, *axes.flat, n_columns=4)
    return fig


def panel_errors(ax: Axes, letter: str, task: int, paths: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Error of one task over time, first seed, a colour a similarity."""
    panel_label(ax, letter, about, f"error of task {task}")
    first = select(paths, seed=int(paths["seed"].min()), task=task)
    for color, (similarity, curves) in zip(CASE_COLORS, first.groupby("similarity"), strict=False):
        of_method = {method: select(curves, method=method).sort_values("time") for method in ("theory", "simulation")}
        theory(ax, of_method["theory"]["time"], of_method["theory"]["error"], color=color, label=f"$V = {similarity:g}$")
        dots = of_method["simulation"].iloc[::_STRIDE]
        simulated(ax, dots["time"], dots["error"], color=color, markersize=2.5)
    explain(ax, "SGD (± 2 s.e.)")
    ax.set(yscale="log", xlabel="training time $t$ (steps / $N$)", ylabel=rf"error $\epsilon_{task}$")
    if len(paths):
        guide(ax, [paths["time"].max() / 2] * 2, ax.get_ylim())


def panel_forgetting(ax: Axes, tables: Tables, about: Mapping[str, Any]) -> None:
    """Forgetting against similarity: equations, SGD and pure re-use."""
    panel_label(ax, "c", about, "forgetting")
    theory_points(
        ax, over_seeds(tables["node_reuse"], "forgetting", start="random")["mean"], color=COLORS["black"], label="equations, mean"
    )
    sgd = over_seeds(tables["sgd_forgetting"], "forgetting", intervention="none", method="simulation")
    simulated(ax, sgd.index, sgd["mean"], sgd["sem"], color=COLORS["black"])
    formula = tables["reuse_formula"]
    guide(ax, formula["similarity"], formula["forgetting"], label="pure re-use")
    ax.set(xlabel=SIMILARITY_LABEL, ylabel=FORGETTING_LABEL)


def panel_seeds(ax: Axes, reuse: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Forgetting of every seed, and the windows of the mean."""
    panel_label(ax, "d", about, "seeds")
    random = select(reuse, start="random")
    for index, (_, of_seed) in enumerate(random.groupby("seed")):
        label = "equations, single seeds" if index == 0 else None
        theory(ax, of_seed["similarity"], of_seed["forgetting"], color=COLORS["grey"], linewidth=0.5, label=label)
    theory_points(ax, over_seeds(random, "forgetting")["mean"], color=COLORS["black"])
    for tenths in (2, 4, 6, 8):
        band_at(ax, tenths / 10, bounds(about, "L4", f"at_0_{tenths}"), half=SHARE)
    ax.set(xlabel=SIMILARITY_LABEL, ylabel=FORGETTING_LABEL)


def panel_deviation(ax: Axes, sgd: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Forgetting by SGD minus that by the equations of the same seed."""
    panel_label(ax, "e", about, "SGD minus equations")
    pairs = select(sgd, intervention="none").pivot_table(index=["similarity", "seed"], columns="method", values="forgetting")
    _, upper = bounds(about, "L1", "largest_deviation")
    if {"simulation", "theory"} <= set(pairs):
        gap = (pairs["simulation"] - pairs["theory"]).groupby("similarity").agg(["mean", "sem"])
        simulated(ax, gap.index, gap["mean"], gap["sem"], color=COLORS["black"])
    reach = max(1.5 * upper, 1.1 * np.abs(ax.get_ylim()).max() if len(pairs) else 0)
    ax.set(xlabel=SIMILARITY_LABEL, ylabel="difference in\nforgetting", xlim=(-0.05, 1.05), ylim=(-reach, reach))
    band(ax, -upper, upper)


def panel_learned(ax: Axes, reuse: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Errors that tell whether both tasks were learned."""
    panel_label(ax, "f", about, "tasks learned")
    random = select(reuse, start="random")
    task1 = random.groupby("similarity")["error_task1_switch"].max()
    theory_points(ax, task1, color=COLORS["purple"], label="task 1 at the switch, largest")
    theory_points(ax, over_seeds(random, "error_task2_end")["mean"], color=COLORS["orange"], label="task 2 at the end, mean")
    _, upper = bounds(about, "L5", "task1_at_switch")
    ax.set(yscale="log", xlabel=SIMILARITY_LABEL, ylabel="error")
    ax.set_ylim(*padded_log([*(value for line in ax.get_lines() for value in line.get_ydata()), upper]))
    band(ax, None, upper)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
