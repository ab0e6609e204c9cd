"""Companion: the exact recursion against simulated SGD [wu_last_iterate, E4]."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import (
    COLORS,
    About,
    band,
    bounds,
    control,
    empty,
    legend_below,
    new_figure,
    panel_label,
    plain_ticks,
    save,
    simulated,
    theory,
)
from repro.frames import select
from repro.job import job
from repro.panels import Limits, band_at, categories, explain
from scripts.wu_last_iterate.figures.drawing import curves

LAWS = {"rademacher": ("Rademacher", 1.0), "gaussian": ("Gaussian", 3.0), "laplace": ("Laplace", 6.0)}
CONTROLS = {"rademacher_as_gaussian": ("rademacher", 3.0), "gaussian_as_laplace": ("gaussian", 6.0)}
LAW_COLORS = {"rademacher": COLORS["brown"], "gaussian": COLORS["pink"], "laplace": COLORS["green"]}


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    """Risk over the steps of SGD, its distance from simulation and how well that is known, and the test of the kurtosis."""
    table = tables["risk_trajectories"]
    fig, axes = new_figure(2, 2, height=6.0, width_ratios=[1.5, 1], height_ratios=[1.3, 1])
    panel_label(axes[0, 0], "a", about, "risk over the steps, Gaussian features")
    panel_risk(axes[0, 0], table)
    panel_label(axes[1, 0], "b", about, "distance of simulation from recursion")
    panel_distance(axes[1, 0], table, bounds(about, "C1", "largest_z")[1])
    panel_label(axes[0, 1], "c", about, "other laws and kurtoses, last step")
    panel_kurtosis(axes[0, 1], tables["kurtosis_test"], about)
    panel_label(axes[1, 1], "d", about, "how well the mean is known")
    panel_precision(axes[1, 1], table, bounds(about, "C1", "precision"))
    legend_below(fig, axes[0, 0], axes[1, 0], axes[0, 1], n_columns=3)
    return fig


def panel_risk(ax: Axes, table: pd.DataFrame) -> None:
    """Exact risk at every step as a line, mean over the runs as markers."""
    if table.empty:
        return empty(ax)
    for line, rows in curves(table, "step"):
        theory(ax, rows["step"], rows["risk"], **line)
        found = rows.dropna(subset=["simulated_risk"])
        simulated(ax, found["step"], found["simulated_risk"], found["std_error"], **_marks(line))
    explain(ax, "simulated SGD, mean ± 2 s.e.")
    ax.set(xscale="log", yscale="log", xlabel="SGD step $t$", ylabel=r"excess risk $\frac{1}{2}\|w_t - w^*\|_H^2$")
    plain_ticks(ax, "y", [0.04, 0.1, 0.2, 0.4, 0.8])
    return None


def _marks(line: Mapping[str, Any]) -> dict[str, Any]:
    """Markers of a schedule, squares where its line is dashed: another schedule has the colour, too."""
    return {"color": line["color"], "marker": "s" if line.get("linestyle") == "--" else "o"}


def panel_distance(ax: Axes, table: pd.DataFrame, largest: float) -> None:
    """Distance in standard errors at the simulated steps; the claim judges the last."""
    found = table.dropna(subset=["z_score"])
    if found.empty:
        return empty(ax)
    for line, rows in curves(found, "step"):
        simulated(ax, rows["step"], rows["z_score"], **_marks(line))
    ax.set(xscale="log", ylim=(-1.5 * largest, 1.5 * largest), xlabel="SGD step $t$", ylabel="(simulated − exact) / s.e.")
    band(ax, -largest, largest)
    return None


def panel_kurtosis(ax: Axes, table: pd.DataFrame, about: About) -> None:
    """Distance in standard errors by law and kurtosis; bounds for the right ones, and for the wrong ones that are judged."""
    if table.empty:
        return empty(ax)
    kurtoses = sorted(kurtosis for _, kurtosis in LAWS.values())
    ax.set_ylim(min(-20.0, 1.1 * table["z_score"].min()), max(20.0, 1.1 * table["z_score"].max()))
    largest = bounds(about, "C16", "largest_z")[1]
    for k, (law, (name, own)) in enumerate(LAWS.items()):
        shift = 0.22 * (k - 1)
        band_at(ax, kurtoses.index(own) + shift, (-largest, largest), half=0.1, label=None)
        for part, wrong in CONTROLS.items():
            if wrong[0] == law:
                band_at(ax, kurtoses.index(wrong[1]) + shift, bounds(about, "N1", part), half=0.1, label=None)
        for row in select(table, features=law).itertuples():
            place = kurtoses.index(row.model_kurtosis) + shift
            if row.model_kurtosis == own:
                simulated(ax, [place], [row.z_score], color=LAW_COLORS[law])
            else:
                control(ax, [place], [row.z_score], color=LAW_COLORS[law])
        simulated(ax, [], [], color=LAW_COLORS[law], label=f"{name} features")
    control(ax, [], [], label="wrong kurtosis (control)")
    categories(ax, [f"{kurtosis:g}" for kurtosis in kurtoses])
    ax.set(xlabel=r"kurtosis $\kappa$ in the recursion", ylabel="(simulated − exact) / s.e.")
    return None


def panel_precision(ax: Axes, table: pd.DataFrame, limits: Limits) -> None:
    """Relative standard error at the last step, a mark a schedule."""
    last = table[table["step"] == table["step"].max()].dropna(subset=["std_error"])
    if last.empty:
        return empty(ax)
    for place, (line, rows) in enumerate(curves(last, "step")):
        simulated(ax, [place], rows["std_error"] / rows["risk"], **_marks(line))
    ax.set(
        ylim=(0, max(0.12, 1.1 * np.max(last["std_error"] / last["risk"]))),
        ylabel="s.e. / risk at the last step",
        xlabel="schedules, as in a",
    )
    ax.set_xticks([])
    band(ax, *limits, label=None)
    return None


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
