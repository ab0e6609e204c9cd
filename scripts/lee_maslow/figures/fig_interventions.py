"""Replay, consolidation, EWC and frozen features against task similarity [lee_maslow, E5–E8, E10]."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import band, bounds, guide, legend_below, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import band_at, explain, measured, padded, rows_of_panels, strip
from scripts.lee_maslow import claims
from scripts.lee_maslow.figures.drawing import CASES, ERROR2_LABEL, FORGETTING_LABEL, SHARE, SIMILARITY_LABEL, over_seeds, theory_points

Tables = Mapping[str, pd.DataFrame]
CLAIMS = ("L9", "L10", "L12", "L13b", "L17", "L17b", "L18")
WHERE = [
    ("L12", "worst_similarity", "worst (spec.)"),
    ("L12", "shift", "shift (spec.)"),
    ("L17", "node_best_similarity", "best, node 0.1"),
    ("L17", "replay_best_similarity", "best, replay 9"),
    ("L17b", "smallest_best_similarity", "smaller best"),
    ("L17b", "largest_best_similarity", "larger best"),
    ("L18", "weak_worst_similarity", "worst (EWC)"),
]
RATIOS = [
    ("L10", "reduction_at_9", "none / replay 9, $V = 0.4$"),
    ("L12", "reduction", "none / node 0.1 (spec.)"),
    ("L18", "weak_ratio", "EWC 100 / none, $V = 0.4$"),
    ("L10", "reduction_at_999", "1 − replay 999 / none, $V = 0.4$"),
]
SMALL_ERRORS = [
    ("L9", "task2_dissimilar", "frozen, $V = 0$"),
    ("L9", "task2_identical", "frozen, $V = 1$"),
    ("L10", "task2_at_9", "replay 9, $V = 0.4$"),
]
STRONG = [
    ("L13b", "largest_forgetting", "forgetting, node 1"),
    ("L18", "strong_largest_forgetting", r"forgetting, EWC $10^4$"),
    ("L18", "strong_task2_dissimilar", r"$\epsilon_2$, EWC $10^4$, $V = 0$"),
    ("L18", "strong_order_low", r"$\epsilon_2$, 0 minus 0.6"),
    ("L18", "strong_order_high", r"$\epsilon_2$, 0.6 minus 1"),
]


def draw(tables: Tables, about: Mapping[str, Any]) -> Figure:
    fig, (first, second, third, *strips) = rows_of_panels([3, 3, 2, 2, 2], height=9.8, ratios=[1, 1, 0.9, 0.9, 0.9])
    ode, sgd = tables["intervention_forgetting"], tables["sgd_forgetting"]
    panel_equations(first[0], ode, about, "a", "forgetting")
    panel_equations(first[1], ode, about, "b", "error_task2_end")
    panel_specialised(first[2], ode, about)
    panel_sgd(second[0], sgd, about, "d", "forgetting")
    panel_sgd(second[1], sgd, about, "e", "error_task2_end")
    panel_deviation(second[2], sgd, about)
    panel_benefit(third[0], ode, about)
    panel_cost(third[1], ode, about)
    values = measured(claims, tables, *CLAIMS)
    (where, ratios), (errors, strong) = strips
    panel_label(where, "i", about, "where")
    strip(where, about, values, WHERE, SIMILARITY_LABEL)
    panel_label(ratios, "j", about, "ratios of forgetting")
    strip(ratios, about, values, RATIOS, "ratio", log=True)
    panel_label(errors, "k", about, "errors of task 2")
    strip(errors, about, values, SMALL_ERRORS, ERROR2_LABEL)
    panel_label(strong, "l", about, "strong penalties")
    strip(strong, about, values, STRONG, "forgetting or error")
    legend_below(fig, *fig.axes, n_columns=3)
    return fig


def panel_equations(ax: Axes, ode: pd.DataFrame, about: Mapping[str, Any], letter: str, column: str) -> None:
    """Forgetting or the error of task 2 by the equations, random starts."""
    panel_label(ax, letter, about, "equations, random start")
    lines(ax, select(ode, start="random"), column, [case for case in CASES if case[0] != "ewc"])
    label_axes(ax, column)


def panel_specialised(ax: Axes, ode: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Forgetting by the equations from specialised starts."""
    panel_label(ax, "c", about, "equations, specialised")
    lines(ax, select(ode, start="specialised"), "forgetting", [("none", None), ("node_consolidation", 0.1)])
    label_axes(ax, "forgetting")


def panel_sgd(ax: Axes, sgd: pd.DataFrame, about: Mapping[str, Any], letter: str, column: str) -> None:
    """Forgetting or the error of task 2 in online SGD, on the lines of the equations where there are any."""
    panel_label(ax, letter, about, "online SGD")
    cases = [("none", None), ("replay", 9.0), ("node_consolidation", 1.0), ("ewc", 100.0), ("ewc", 10000.0)]
    lines(ax, select(sgd, method="theory"), column, cases[:3])
    for name, strength in cases:
        label, color = CASES[name, strength]
        found = over_seeds(sgd, column, method="simulation", intervention=name, strength=strength)
        simulated(ax, found.index, found["mean"], found["sem"], color=color, label=label if name == "ewc" else None)
    explain(ax, "SGD (± 2 s.e.)")
    label_axes(ax, column)


def panel_deviation(ax: Axes, sgd: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Forgetting by SGD minus that by the equations of the same seed."""
    panel_label(ax, "f", about, "SGD minus equations")
    for shift, case in ((-0.015, ("replay", 9.0)), (0.015, ("node_consolidation", 1.0))):
        found = select(sgd, intervention=case[0], strength=case[1])
        pairs = found.pivot_table(index=["similarity", "seed"], columns="method", values="forgetting")
        if {"simulation", "theory"} <= set(pairs):
            gap = (pairs["simulation"] - pairs["theory"]).groupby("similarity").agg(["mean", "sem"])
            simulated(ax, gap.index + shift, gap["mean"], gap["sem"], color=CASES[case][1])
    _, upper = bounds(about, "L11", "replay_9")
    reach = max(1.5 * upper, 1.1 * np.abs(ax.get_ylim()).max() if ax.containers else 0)
    ax.set(xlabel=SIMILARITY_LABEL, ylabel="difference in\nforgetting", xlim=(-0.05, 1.05), ylim=(-reach, reach))
    band(ax, -upper, upper)


def panel_benefit(ax: Axes, ode: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """What two interventions take off forgetting."""
    panel_label(ax, "g", about, "benefit, random start")
    none = mean_of(ode, "random", ("none", None), "forgetting")
    for case in (("node_consolidation", 0.1), ("replay", 9.0)):
        theory_points(ax, (none - mean_of(ode, "random", case, "forgetting")).dropna(), color=CASES[case][1])
    low, high = ax.get_ylim()
    ax.set(xlabel=SIMILARITY_LABEL, ylabel="forgetting\ntaken off", xlim=(-0.05, 1.05), ylim=(min(low, -0.02), max(high, 0.06)))
    band_at(ax, 0.0, bounds(about, "L17b", "benefit_dissimilar"), half=SHARE)
    band_at(ax, 1.0, bounds(about, "L17b", "benefit_identical"), half=SHARE)


def panel_cost(ax: Axes, ode: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Change of the error of task 2 from one similarity to the next under node consolidation."""
    panel_label(ax, "h", about, "error of task 2, next $V$")
    case = ("node_consolidation", 1.0)
    mean = mean_of(ode, "random", case, "error_task2_end")
    theory_points(ax, pd.Series(np.diff(mean), index=(mean.index[1:] + mean.index[:-1]) / 2), color=CASES[case][1])
    _, rises = bounds(about, "L13", "error_increases")
    ax.set(xlabel=SIMILARITY_LABEL, ylabel=r"difference in $\epsilon_2$", xlim=(-0.05, 1.05), ylim=padded([0.0, -0.004, *np.diff(mean)]))
    band(ax, None, rises)


def lines(ax: Axes, table: pd.DataFrame, column: str, cases: Iterable[tuple[str, float | None]]) -> None:
    """Means over seeds of several interventions."""
    for name, strength in cases:
        label, color = CASES[name, strength]
        mean = over_seeds(table, column, intervention=name, strength=strength)["mean"]
        if len(mean):
            theory_points(ax, mean, color=color, label=label)


def mean_of(ode: pd.DataFrame, start: str, case: tuple[str, float | None], column: str) -> pd.Series:
    """Mean over seeds of one intervention by the equations."""
    return over_seeds(ode, column, start=start, intervention=case[0], strength=case[1])["mean"]


def label_axes(ax: Axes, column: str) -> None:
    """Axes of forgetting, or of the error of task 2 with its silent value."""
    ax.set(xlabel=SIMILARITY_LABEL, ylabel=FORGETTING_LABEL if column == "forgetting" else ERROR2_LABEL)
    if column == "error_task2_end":
        ax.set(yscale="log", ylim=(1e-5, 0.5))
        guide(ax, [0, 1], [1 / 6] * 2, label="silent student")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
