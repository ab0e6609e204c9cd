"""Companion: risk against the initial stepsize, and the floor of constant stepsize [wu_last_iterate, E13, E14, E16]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, bounds, empty, guide, legend_below, new_figure, panel_label, plain_ticks, save, theory
from repro.job import job
from repro.panels import band_between
from scripts.wu_last_iterate.figures.drawing import curves, sample_sizes, upright

TOP = 1.2
"""End of the axis of risks: what diverges leaves it."""
STEPSIZE = r"initial stepsize $g = \gamma_0\,\mathrm{tr}(H)$"


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    """Risk and its parts against the stepsize at one sample size; risk over its floor against the sample size at one stepsize."""
    scan, horizons = tables["stepsize_scan"], tables["horizon_scan"]
    fig, axes = new_figure(2, 2, height=5.4)
    panel_label(axes[0, 0], "a", about, "risk against stepsize")
    panel_stepsizes(axes[0, 0], scan, {"risk": "-"})
    panel_label(axes[0, 1], "b", about, "its parts: bias dashed, variance solid")
    panel_stepsizes(axes[0, 1], scan, {"bias": "--", "variance": "-"})
    panel_label(axes[1, 0], "c", about, "risk against samples, one stepsize")
    panel_horizons(axes[1, 0], horizons)
    panel_label(axes[1, 1], "d", about, "risk over the floor")
    panel_floor(axes[1, 1], horizons, about)
    legend_below(fig, axes[0, 0], axes[1, 0], axes[1, 1], n_columns=3)
    return fig


def panel_stepsizes(ax: Axes, table: pd.DataFrame, columns: Mapping[str, str]) -> None:
    """Columns against the stepsize, one line style a column, with the limit of stability and the range of the theorem."""
    if table.empty:
        return empty(ax)
    for line, rows in curves(table, "relative_stepsize"):
        for column, style in columns.items():
            values = rows[column].where(np.isfinite(rows[column]))
            theory(ax, rows["relative_stepsize"], values, **line | {"linestyle": style})
    smallest = table[list(columns)].min().min()
    ax.set(xscale="log", yscale="log", xlabel=STEPSIZE, ylabel=", ".join(columns), ylim=(max(0.25 * smallest, 1e-4), TOP))
    if "risk" in columns:
        plain_ticks(ax, "y", [0.05, 0.1, 0.2, 0.5, 1])
    ax.set_xlim(0.9 * table["relative_stepsize"].min(), 1.3 * table["critical_stepsize"].iloc[0])
    named = "risk" in columns  # beside the parts there is no room
    upright(ax, table["theorem_stepsize"].iloc[0], "theorem, E16" if named else "")
    upright(ax, table["critical_stepsize"].iloc[0], "stability, E14" if named else "")
    return None


def panel_horizons(ax: Axes, table: pd.DataFrame) -> None:
    """Risk against the sample size, and the stationary floor."""
    if table.empty:
        return empty(ax)
    for line, rows in curves(table.assign(decay_exponent=0.0), "n_train"):
        theory(ax, rows["n_train"], rows["risk"], **line)
    sizes = table["n_train"]
    guide(ax, [sizes.min(), sizes.max()], [table["floor"].iloc[0]] * 2, label="floor of constant stepsize")
    sample_sizes(ax, sizes)
    ax.set(yscale="log", ylabel="excess risk")
    plain_ticks(ax, "y", [0.005, 0.01, 0.02, 0.05, 0.1])
    return None


def panel_floor(ax: Axes, table: pd.DataFrame, about: About) -> None:
    """Risk over the floor, with the bounds at the longest horizon."""
    if table.empty:
        return empty(ax)
    for line, rows in curves(table.assign(decay_exponent=0.0), "n_train"):
        theory(ax, rows["n_train"], rows["risk"] / rows["floor"], color=line["color"])
    last = table["n_train"].max()
    sample_sizes(ax, table["n_train"])
    ax.set(ylabel="risk / floor", ylim=(0, 1.6))
    for part, label in {"constant_to_floor": "bounds of the claim", "geometric_to_floor": None}.items():
        band_between(ax, 0.85 * last, 1.18 * last, bounds(about, "C12", part), label=label)
    return None


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
