"""Companion A: distance of single SGD runs from the learning equations [refinetti_autoencoders, E4, E10, E13]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, guide, legend_below, new_figure, panel_label, plain_ticks, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import Limits, explain, explain_bounds, merge
from scripts.refinetti_autoencoders.curves import distances, paired, scaling_slope
from scripts.refinetti_autoencoders.figures.drawing import ACTIVATION_COLORS, RULE_COLORS, Column, draw_columns


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 3, height=4.8, width_ratios=[1.7, 1.1, 0.8])
    top = merge(fig, axes, 0, slice(0, 3))
    panel_runs(top, tables, about)
    panel_dimension(axes[1, 0], tables["finite_size_deviation"], about)
    slope, std_error = scaling_slope(tables["finite_size_deviation"])
    panel_slope(axes[1, 1], slope, std_error, about)
    panel_z(axes[1, 2], slope, std_error, about)
    explain(top, "SGD")
    explain_bounds(top)
    legend_below(fig, top, axes[1, 0], n_columns=4)
    return fig


def panel_runs(ax: Axes, tables: Mapping[str, pd.DataFrame], about: About) -> None:
    """Distance of every run from its equation, and for ReLU the median of the runs, at all times and at the last."""
    panel_label(ax, "a", about, "single runs")
    ax.set(yscale="log", ylim=(1e-4, 1), ylabel="distance\nfrom equations")
    curves = tables["learning_curves"]
    tied = select(tables["tied_weights"], tying="tied", decoder_scale=1.0)
    truncated = select(tables["truncated_curves"], inputs="spiked", rule="truncated")
    relu = select(curves, activation="relu")
    columns = [
        _column("erf", select(curves, activation="erf"), bounds(about, "RA1", "erf"), ACTIVATION_COLORS["erf"]),
        _column("linear", select(curves, activation="linear"), bounds(about, "RA1", "linear"), ACTIVATION_COLORS["linear"]),
        _column("ReLU,\nbias", relu, bounds(about, "RA11", "median_rms"), ACTIVATION_COLORS["relu"]),
        Column("ReLU,\nlast time", _at_end(relu), bounds(about, "RA11", "median_end"), ACTIVATION_COLORS["relu"], simulated=True),
        _column("tied\nerf", select(tied, activation="erf"), bounds(about, "RA18", "erf"), ACTIVATION_COLORS["erf"]),
        _column("tied\nlinear", select(tied, activation="linear"), bounds(about, "RA18", "linear"), ACTIVATION_COLORS["linear"]),
        _column("truncated\nerf", truncated, bounds(about, "RA14", "rms"), RULE_COLORS["truncated"]),
    ]
    draw_columns(ax, columns)
    for place in (2, 3):
        values = np.asarray(columns[place].values)
        if len(values):
            guide(ax, [place - 0.35, place + 0.35], [np.median(values)] * 2, label="median")


def _column(label: str, curves: pd.DataFrame, limits: Limits, color: str) -> Column:
    return Column(label, distances(paired(curves)), limits, color, simulated=True)


def _at_end(curves: pd.DataFrame) -> pd.Series:
    """Relative distance of the errors at the last time that both have, by seed."""
    pairs = paired(curves)
    last = pairs[pairs.index.get_level_values("time") == pairs.index.get_level_values("time").max()]
    return (last["simulation"] / last["theory"] - 1).abs()


def panel_dimension(ax: Axes, deviation: pd.DataFrame, about: About) -> None:
    """Mean distance times the root of the dimension: flat where the distance falls as D^(-1/2)."""
    panel_label(ax, "b", about, "against dimension, erf")
    of_dim = deviation.groupby("dim")["rms_log"].agg(["mean", "sem"])
    dims = of_dim.index.to_numpy(dtype=float)
    ax.set(xscale="log", ylim=(0, 1), xlabel="input dimension $D$", ylabel="mean distance $m$\ntimes $\\sqrt{D}$")
    lower, upper = bounds(about, "RA2b", "smallest_scaled")[0], bounds(about, "RA2b", "largest_scaled")[1]
    band(ax, lower, upper)
    root = np.sqrt(dims)
    simulated(ax, dims, of_dim["mean"] * root, of_dim["sem"] * root, color=ACTIVATION_COLORS["erf"])
    plain_ticks(ax, "x", dims)


def panel_slope(ax: Axes, slope: float, std_error: float, about: About) -> None:
    """The slope, and the end of its two standard errors that a claim judges."""
    panel_label(ax, "c", about, "slope")
    ax.set(ylim=(-1, 0.2), ylabel=r"slope $b$ of $\ln m$ in $\ln D$")
    color = ACTIVATION_COLORS["erf"]
    columns = [
        Column("$b$", [], bounds(about, "RA2b", "slope"), color),
        Column("$b$ plus\n2 s.e.", [slope + 2 * std_error], bounds(about, "RA2", "decrease"), color, simulated=True),
    ]
    draw_columns(ax, columns)
    simulated(ax, [0], [slope], [std_error], color=color)
    guide(ax, ax.get_xlim(), [-0.5, -0.5], "−½")


def panel_z(ax: Axes, slope: float, std_error: float, about: About) -> None:
    """Distance of the slope from −1/2 in standard errors."""
    panel_label(ax, "d", about, "in s.e.")
    ax.set(ylim=(-5, 5), ylabel=r"$(b + 1/2)$ / s.e.")
    z = [(slope + 0.5) / std_error] if std_error else []
    draw_columns(ax, [Column("$z$", z, bounds(about, "RA2", "slope_z"), COLORS["blue"], simulated=True)])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
