"""Forgetting with mixed Fashion-MNIST tasks, and what hangs on the preprocessing [lee_maslow, E12–E14]."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, CONTROL, guide, legend_below, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import explain, measured, rows_of_panels, strip
from scripts.lee_maslow import claims
from scripts.lee_maslow.figures.drawing import over_seeds

Tables = Mapping[str, pd.DataFrame]
VARIANTS = {
    "pca_own": ("own components", "own components, signs aligned", COLORS["blue"]),
    "none_relu": ("ReLU", "not whitened, ReLU", COLORS["orange"]),
    "zca": ("ZCA", "ZCA whitening", COLORS["green"]),
    "pca_own_rawsign": ("raw signs", "own components, raw signs", COLORS["grey"]),
}
MIXING_LABEL = r"mixing $\alpha$ of task 2"
MIXINGS = {"smallest": COLORS["purple"], "middle": COLORS["red"], "largest": COLORS["black"]}
TASKS = {1: "o", 2: "s"}
GAPS = [
    ("L14", "z_over_different", r"aligned, over $\alpha = 0$"),
    ("L14", "z_over_identical", r"aligned, over $\alpha = 1$"),
    ("L16", "z_none_relu", r"ReLU, over $\alpha = 0$"),
    ("L16", "z_zca", r"ZCA, over $\alpha = 0$"),
]
LEARNED = [("L15", "task1_at_switch", "task 1 at its end"), ("L15", "task2_at_end", "task 2 at its end")]


def draw(tables: Tables, about: Mapping[str, Any]) -> Figure:
    fig, (losses, accuracies, (curves, fisher), (gaps, learned)) = rows_of_panels([4, 4, 2, 2], height=8.4, ratios=[1, 1, 1.1, 0.8])
    for panels, letters, column in ((losses, "abcd", "forgetting"), (accuracies, "efgh", "accuracy_change")):
        for ax, letter, variant in zip(panels, letters, VARIANTS, strict=True):
            panel_label(ax, letter, about, VARIANTS[variant][0])
            panel_change(ax, variant, tables["mixing_forgetting"], column)
        panels[0].set_ylabel(f"{'loss' if column == 'forgetting' else 'accuracy'} change,\ntask 1")
    panel_curves(curves, tables["mixing_curves"], about)
    panel_fisher(fisher, tables["node_fisher"], about)
    panel_label(gaps, "k", about, "between minus end, over seeds")
    strip(gaps, about, measured(claims, tables, "L14", "L16"), GAPS, "difference in standard errors")
    panel_label(learned, "l", about, "tasks learned")
    strip(learned, about, measured(claims, tables, "L15"), LEARNED, "test accuracy")
    learned.locator_params(axis="x", nbins=4)
    legend_below(fig, *fig.axes, n_columns=3)
    return fig


def panel_change(ax: Axes, variant: str, change: pd.DataFrame, column: str) -> None:
    """What task 2 does to the test loss or accuracy of task 1, one preprocessing."""
    _, label, color = VARIANTS[variant]
    found = over_seeds(change, column, x="mixing", variant=variant)
    simulated(ax, found.index, found["mean"], found["sem"], color=color, label=label, **marker(variant))
    ax.set(xlabel=MIXING_LABEL, xlim=(-0.08, 1.08))


def marker(variant: str) -> dict[str, Any]:
    """Crosses for raw signs, which are a warning; hollow circles for the others."""
    return {"marker": CONTROL["marker"]} if variant == "pca_own_rawsign" else {}


def panel_curves(ax: Axes, curves: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Test losses of both tasks through training at the smallest, a middle and the largest mixing."""
    panel_label(ax, "i", about, "losses, signs aligned")
    found = select(curves, variant="pca_own")
    for mixing, label, color in three(found):
        for task, symbol in TASKS.items():
            of_epoch = over_seeds(found, "loss", x="epoch", mixing=mixing, task=task)
            simulated(ax, of_epoch.index, of_epoch["mean"], of_epoch["sem"], color=color, marker=symbol)
        simulated(ax, [], [], color=color, label=label)
    for task, symbol in TASKS.items():
        explain(ax, f"task {task}", marker=symbol)
    ax.set(xlabel="epoch, through both tasks", ylabel="test loss", yscale="log")
    if len(found):
        guide(ax, [found["epoch"].max() / 2] * 2, ax.get_ylim(), label="switch")


def panel_fisher(ax: Axes, fisher: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """How much each hidden unit matters to both tasks after task 2, first seed."""
    panel_label(ax, "j", about, "units, signs aligned")
    found = select(fisher, variant="pca_own")
    for mixing, _, color in three(found):
        first = select(found, mixing=mixing, seed=int(found["seed"].min()))
        of_unit = first.pivot_table(index="node", columns="task", values="fisher").reindex(columns=[1, 2])
        simulated(ax, of_unit[1], of_unit[2], color=color, marker="D")
    explain(ax, "one unit", marker="D")
    ax.set(xscale="log", yscale="log", xlabel="Fisher information, task 1", ylabel="Fisher information,\ntask 2")


def three(table: pd.DataFrame) -> list[tuple[float, str, str]]:
    """The smallest, a middle and the largest mixing of a table, with label and colour; fewer if it has fewer."""
    mixings = sorted(table["mixing"].unique())
    chosen = [mixings[0], mixings[len(mixings) // 2], mixings[-1]] if len(mixings) > 2 else mixings
    return [(float(mixing), rf"{name} $\alpha$", color) for mixing, (name, color) in zip(chosen, MIXINGS.items(), strict=False)]


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
