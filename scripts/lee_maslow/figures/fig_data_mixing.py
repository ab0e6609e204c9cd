"""Forgetting with mixed Fashion-MNIST tasks, and what hangs on the preprocessing [lee_maslow, E12–E14]."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, CONTROL, guide, legend_below, new_figure, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from scripts.lee_maslow.figures.drawing import measured, over_seeds, strip

Tables = Mapping[str, pd.DataFrame]
VARIANTS = {
    "pca_own": ("own components", "own components, signs aligned", COLORS["blue"]),
    "none_relu": ("not whitened, ReLU", "not whitened, ReLU", COLORS["orange"]),
    "zca": ("ZCA", "ZCA whitening", COLORS["green"]),
    "pca_own_rawsign": ("raw signs", "own components, raw signs", COLORS["grey"]),
}
MIXING_LABEL = r"mixing $\alpha$ of task 2"
END_COLORS = (COLORS["purple"], COLORS["red"], COLORS["black"])
GAPS = [
    ("L14", "z_over_different", r"aligned, over $\alpha = 0$"),
    ("L14", "z_over_identical", r"aligned, over $\alpha = 1$"),
    ("L16", "z_none_relu", r"ReLU, over $\alpha = 0$"),
    ("L16", "z_zca", r"ZCA, over $\alpha = 0$"),
]
LEARNED = [("L15", "task1_at_switch", "task 1 at its end"), ("L15", "task2_at_end", "task 2 at its end")]


def draw(tables: Tables, about: Mapping[str, Any]) -> Figure:
    fig, axes = new_figure(4, 4, height=8.2, height_ratios=[1, 1, 1.1, 0.65])
    for row, column, label in ((0, "forgetting", "change of loss"), (1, "accuracy_change", "change of accuracy")):
        for at, variant in enumerate(VARIANTS):
            panel_label(axes[row, at], "abcdefgh"[4 * row + at], about, VARIANTS[variant][0])
            panel_change(axes[row, at], variant, tables["mixing_forgetting"], column)
        axes[row, 0].set_ylabel(f"task 1: {label}")
    wide = [
        merge(fig, axes, 2, slice(0, 2)),
        merge(fig, axes, 2, slice(2, 4)),
        *(merge(fig, axes, 3, part) for part in (slice(0, 2), slice(2, 4))),
    ]
    panel_curves(wide[0], tables["mixing_curves"], about)
    panel_fisher(wide[1], tables["node_fisher"], about)
    panel_label(wide[2], "k", about, "between minus end, over seeds")
    strip(wide[2], about, measured(tables, "L14", "L16"), GAPS, "difference in standard errors")
    panel_label(wide[3], "l", about, "tasks learned")
    strip(wide[3], about, measured(tables, "L15"), LEARNED, "test accuracy")
    legend_below(fig, *axes.flat, *wide, n_columns=3)
    return fig


def panel_change(ax: Axes, variant: str, change: pd.DataFrame, column: str) -> None:
    """What task 2 does to the test loss or accuracy of task 1, one preprocessing."""
    _, label, color = VARIANTS[variant]
    found = over_seeds(change, column, x="mixing", variant=variant)
    simulated(ax, found.index, found["mean"], found["sem"], color=color, label=rf"{label} ($\pm$ 2 s.e.)", **marker(variant))
    ax.set(xlabel=MIXING_LABEL, xlim=(-0.08, 1.08))


def marker(variant: str) -> dict[str, Any]:
    """Crosses for raw signs, which are a warning; hollow circles for the others."""
    return {"marker": CONTROL["marker"]} if variant == "pca_own_rawsign" else {}


def panel_curves(ax: Axes, curves: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Test losses of both tasks through training at the smallest, a middle and the largest mixing."""
    panel_label(ax, "i", about, "losses, signs aligned")
    found = select(curves, variant="pca_own")
    mixings = sorted(found["mixing"].unique())
    for color, mixing in zip(END_COLORS, dict.fromkeys(mixings[at] for at in (0, len(mixings) // 2, -1) if mixings), strict=False):
        for task, symbol in ((1, "o"), (2, "s")):
            of_epoch = over_seeds(found, "loss", x="epoch", mixing=float(mixing), task=task)
            style = {"color": color, "marker": symbol, "label": rf"$\alpha = {mixing:g}$, task {task}"}
            simulated(ax, of_epoch.index, of_epoch["mean"], of_epoch["sem"], **style)
    ax.set(xlabel="epoch, through both tasks", ylabel="test loss", yscale="log")
    if len(found):
        guide(ax, [found["epoch"].max() / 2] * 2, ax.get_ylim(), label="switch")


def panel_fisher(ax: Axes, fisher: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """How much each hidden unit matters to both tasks after task 2, first seed."""
    panel_label(ax, "j", about, "units, signs aligned")
    found = select(fisher, variant="pca_own")
    mixings = sorted(found["mixing"].unique())
    for color, mixing in zip(END_COLORS, dict.fromkeys(mixings[at] for at in (0, len(mixings) // 2, -1) if mixings), strict=False):
        first = select(found, mixing=float(mixing), seed=int(found["seed"].min()))
        of_unit = first.pivot_table(index="node", columns="task", values="fisher").reindex(columns=[1, 2])
        simulated(ax, of_unit[1], of_unit[2], color=color, label=rf"$\alpha = {mixing:g}$, one unit", marker="D")
    ax.set(xscale="log", yscale="log", xlabel="Fisher information, task 1", ylabel="Fisher information, task 2")


def merge(fig: Figure, axes: Any, row: int, columns: slice) -> Axes:
    """One panel in place of several of a row."""
    grid = axes[row, 0].get_gridspec()
    for ax in axes[row, columns]:
        ax.remove()
    return fig.add_subplot(grid[row, columns])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
