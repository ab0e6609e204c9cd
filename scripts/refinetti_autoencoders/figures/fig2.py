"""Figure 2: principal components are learnt one after another [refinetti_autoencoders, E3, E4, E7, E9, E12]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, empty, guide, legend_below, new_figure, panel_label, plain_ticks, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import explain_bounds
from scripts.refinetti_autoencoders.curves import wide
from scripts.refinetti_autoencoders.figures.drawing import (
    ACTIVATION_COLORS,
    ERROR_LABEL,
    TIME_LABEL,
    Column,
    draw_columns,
    draw_curves,
    draw_levels,
    explain_roles,
    first_seed,
    log_axes,
)

LABELS = {"erf": "erf", "linear": "linear", "relu": "ReLU, trained bias"}
COMPONENT_COLORS = [COLORS[name] for name in ("black", "red", "purple", "brown", "sky", "pink")]


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 2, height=5.4, height_ratios=[1.25, 1])
    panel_errors(axes[0, 0], tables["learning_curves"], tables["learning_times"], about)
    panel_components(axes[0, 1], tables["captured_variance"], about)
    panel_order(axes[1, 0], select(tables["learning_times"], activation="erf"), about)
    panel_excess(axes[1, 1], tables["late_excess"], about)
    explain_bounds(axes[1, 1])
    legend_below(fig, axes[0, 0], axes[0, 1], axes[1, 1], n_columns=5)
    return fig


def panel_errors(ax: Axes, curves: pd.DataFrame, learning_times: pd.DataFrame, about: About) -> None:
    """Learning curves of the first seed, three activations."""
    panel_label(ax, "a", about, "reconstruction error")
    first = first_seed(curves)
    for activation, color in ACTIVATION_COLORS.items():
        draw_curves(ax, select(first, activation=activation), color, LABELS[activation])
    explain_roles(ax)
    spikes = learning_times.drop_duplicates("component").sort_values("component")["eigenvalue"].to_numpy()
    above = np.append(np.cumsum(spikes[::-1])[::-1], 0.0)
    draw_levels(ax, dict(enumerate(curves["pca_error"].iloc[0] + above)))
    log_axes(ax, TIME_LABEL, ERROR_LABEL)


def panel_components(ax: Axes, captured: pd.DataFrame, about: About) -> None:
    """Captured variance of each component, erf: theory of all seeds, SGD of the first."""
    panel_label(ax, "b", about, "captured components, erf")
    later = select(captured[captured["time"] > 0], activation="erf")
    for color, (component, found) in zip(COMPONENT_COLORS, later.groupby("component"), strict=False):
        for index, (_, line) in enumerate(select(found, method="theory").groupby("seed")):
            label = f"component {component}" if index == 0 else None
            theory(ax, line["time"], line["captured_variance"], color=color, linewidth=0.8, label=label)
        markers = first_seed(select(found, method="simulation"))
        simulated(ax, markers["time"], markers["captured_variance"], color=color, markersize=3.2)
    if len(later):
        guide(ax, [later["time"].min(), later["time"].max()], [0.5, 0.5], "half")
    ax.set(xscale="log", xlabel=TIME_LABEL, ylabel=r"captured variance $f_\tau$", ylim=(-0.05, 1.05))


def panel_order(ax: Axes, times: pd.DataFrame, about: About) -> None:
    """Learning times of successive components in units of each other; in order where all are above 1."""
    panel_label(ax, "c", about, "learning times, erf")
    grid = wide(times, ["seed"], "component", "learning_time")
    ax.set(yscale="log", ylim=(0.5, 20), xlabel="component and the one before", ylabel=r"ratio of learning times")
    # Every seed counts as ordered, as RA3 asks of all, where its ratios are above 1: order has no other bound.
    columns = [
        Column(f"{after} / {before}", grid[after] / grid[before], (1.0, None), COMPONENT_COLORS[index + 1])
        for index, (before, after) in enumerate(zip(grid.columns[:-1], grid.columns[1:], strict=True))
    ]
    draw_columns(ax, columns)
    plain_ticks(ax, "y", [0.5, 1, 2, 5, 10, 20])
    guide(ax, ax.get_xlim(), [1, 1])


def panel_excess(ax: Axes, late: pd.DataFrame, about: About) -> None:
    """Late excess error against theory, one line a seed."""
    panel_label(ax, "d", about, "late excess over PCA$_4$")
    if late.empty:
        empty(ax)
        return
    ax.set(ylim=(0.6, 1.4), xlabel=rf"closed form, at $\alpha = {late['time'].max():g}$", ylabel="excess / closed form")
    columns = []
    for activation, law in (("erf", "erf: long-time law"), ("linear", "linear: frozen bulk")):
        found = select(late, activation=activation).sort_values("seed")
        limits = (bounds(about, "RA4", f"{activation}_smallest")[0], bounds(about, "RA4", f"{activation}_largest")[1])
        columns.append(Column(law, found["excess_error"] / found["predicted_excess"], limits, ACTIVATION_COLORS[activation]))
    draw_columns(ax, columns)
    guide(ax, ax.get_xlim(), [1, 1])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
