"""Figure 3: align and rescale; where tied weights stop [refinetti_autoencoders, E1, E3, E6, E7]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, guide, legend_below, new_figure, panel_label, plain_ticks, save, theory
from repro.frames import select
from repro.job import job
from repro.panels import explain_bounds, merge
from scripts.refinetti_autoencoders.figures.drawing import (
    ACTIVATION_COLORS,
    ERROR_LABEL,
    TIME,
    TIME_LABEL,
    Column,
    draw_columns,
    draw_curves,
    draw_levels,
    explain_roles,
    first_seed,
    log_axes,
)

PROBLEMS = {
    "one_mode": ("one unit, one mode", COLORS["black"]),
    "aligned": ("four units, aligned", COLORS["purple"]),
    "random": ("four units, random", COLORS["orange"]),
}
TIED = {
    ("erf", 0.3): (r"tied erf, $\kappa = 0.3$", COLORS["pink"]),
    ("erf", 1.0): (r"tied erf, $\kappa = 1$", COLORS["red"]),
    ("erf", 3.0): (r"tied erf, $\kappa = 3$", COLORS["brown"]),
    ("linear", 1.0): (r"tied linear, $\kappa = 1$", ACTIVATION_COLORS["linear"]),
}


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 4, height=5.4, height_ratios=[1.2, 1], width_ratios=[1, 1, 0.8, 0.8])
    paths, curves = tables["long_times"], tables["tied_weights"]
    panel_excess(axes[0, 0], paths, about)
    panel_norms(axes[0, 1], paths, about)
    wide = merge(fig, axes, 0, slice(2, 4))
    panel_tied(wide, curves, about)
    panel_constant(axes[1, 0], select(paths, problem="one_mode"), about)
    panel_powers(axes[1, 1], select(paths, problem="one_mode"), about)
    at_scale = select(curves, tying="tied", decoder_scale=1.0, method="theory")
    panel_distance(axes[1, 2], at_scale, about)
    panel_stopped(axes[1, 3], at_scale, about)
    explain_bounds(axes[1, 3])
    legend_below(fig, axes[0, 0], wide, axes[1, 3], n_columns=4)
    return fig


def panel_excess(ax: Axes, paths: pd.DataFrame, about: About) -> None:
    """Excess over PCA at long times, with the asymptotic law."""
    panel_label(ax, "a", about, "untied erf: excess")
    for problem, (label, color) in PROBLEMS.items():
        found = select(paths[paths["time"] > 0], problem=problem)
        theory(ax, found["time"], found["excess_error"], color=color, label=label)
    late = select(paths[paths["time"] >= 10], problem="one_mode")
    if len(late):
        # The law, a little beside the curve that it meets.
        guide(ax, late["time"], 2 * late["predicted_excess"])
        power(ax, late["time"], 2 * late["predicted_excess"], r"$\alpha^{-2/3}$")
    log_axes(ax, TIME, r"excess over PCA$_K$")


def panel_norms(ax: Axes, paths: pd.DataFrame, about: About) -> None:
    """Shrinking encoder and growing decoder, one mode and random weights."""
    panel_label(ax, "b", about, "untied erf: norms")
    for problem in ("one_mode", "random"):
        color = PROBLEMS[problem][1]
        found = select(paths[paths["time"] > 0], problem=problem)
        theory(ax, found["time"], found["encoder_norm"], color=color, linestyle="--")
        theory(ax, found["time"], found["decoder_norm"], color=color)
    one = select(paths[paths["time"] >= 100], problem="one_mode")
    for column, exponent, text, aside in (("decoder_norm", 1 / 6, "1/6", 1.4), ("encoder_norm", -1 / 6, "-1/6", 0.7)):
        if len(one):
            line = aside * one[column].iloc[-1] * (one["time"] / one["time"].iloc[-1]) ** exponent
            guide(ax, one["time"], line)
            power(ax, one["time"], line, rf"$\alpha^{{{text}}}$", above=aside > 1)
    log_axes(ax, TIME, "norm (dashed: encoder)")


def power(ax: Axes, x: pd.Series, y: pd.Series, text: str, *, above: bool = True) -> None:
    """Name a guide in its middle."""
    place = (x.iloc[len(x) // 2], y.iloc[len(y) // 2])
    shift = {"xytext": (2, 4 if above else -4), "textcoords": "offset points", "va": "bottom" if above else "top"}
    ax.annotate(text, place, **shift, ha="left" if above else "right", fontsize=8)


def panel_tied(ax: Axes, curves: pd.DataFrame, about: About) -> None:
    """Tied against untied, first seed."""
    panel_label(ax, "c", about, "tied weights")
    first = first_seed(curves)
    draw_curves(ax, select(first, tying="untied"), ACTIVATION_COLORS["erf"], "untied erf")
    for (activation, scale), (label, color) in TIED.items():
        draw_curves(ax, select(first, tying="tied", activation=activation, decoder_scale=scale), color, label)
    explain_roles(ax)
    draw_levels(ax, {int(curves["width"].iloc[0]): curves["pca_error"].iloc[0]})
    log_axes(ax, TIME_LABEL, ERROR_LABEL)


def panel_constant(ax: Axes, path: pd.DataFrame, about: About) -> None:
    """Excess in units of the law: the bounds hold at the last time."""
    panel_label(ax, "d", about, "constant")
    late = path[path["time"] >= 10]
    theory(ax, late["time"], late["excess_error"] / late["predicted_excess"], color=PROBLEMS["one_mode"][1])
    ax.set(xscale="log", ylim=(0.9, 1.1), xlabel=TIME, ylabel="excess / law")
    band(ax, *bounds(about, "RA6", "ratio_at_end"))


def panel_powers(ax: Axes, path: pd.DataFrame, about: About) -> None:
    """Measured power minus that of the law, between the two marked times."""
    panel_label(ax, "e", about, "powers")
    ax.set(ylim=(-0.03, 0.03), ylabel="power − law")
    color = PROBLEMS["one_mode"][1]
    laws = {"excess": ("excess_error", -2 / 3), "encoder": ("encoder_norm", -1 / 6), "decoder": ("decoder_norm", 1 / 6)}
    columns = []
    for part, (column, exponent) in laws.items():
        ends = [select(path, time=time)[column].to_numpy() for time in (1e4, 1e6)]
        found = np.log(ends[1] / ends[0]) / np.log(100) - exponent if all(map(len, ends)) else []
        columns.append(Column(f"\n{part}" if part == "encoder" else part, found, bounds(about, "RA5", part), color))
    draw_columns(ax, columns)
    guide(ax, ax.get_xlim(), [0, 0])


def panel_distance(ax: Axes, curves: pd.DataFrame, about: About) -> None:
    """How far above PCA the tied erf autoencoder stops."""
    panel_label(ax, "f", about, "distance")
    ax.set(yscale="log", ylim=(0.7, 20), ylabel=r"error / PCA$_4$")
    found = select(curves[curves["time"] == curves["time"].max()], activation="erf")
    limits = bounds(about, "RA7", "distance")
    draw_columns(ax, [Column("tied erf", found["error"] / found["pca_error"], limits, TIED["erf", 1.0][1])])
    guide(ax, ax.get_xlim(), [1, 1])
    plain_ticks(ax, "y", [1, 2, 5, 10, 20])


def panel_stopped(ax: Axes, curves: pd.DataFrame, about: About) -> None:
    """That the tied erf autoencoder has stopped, and that the tied linear one reaches PCA."""
    panel_label(ax, "g", about, "change")
    ax.set(ylim=(0.985, 1.015), ylabel="ratio of errors")
    early, late = (select(curves, time=time).set_index(["activation", "seed"]) for time in (1e3, 1e4))
    drift = late["error"] / early["error"]
    drift = drift[drift.index.get_level_values("activation") == "erf"]
    linear = select(curves, activation="linear", time=1e3)
    upper = bounds(about, "RA7", "drift")[1]
    columns = [
        Column("erf:\nlate /\nearly", drift, (1 - upper, 1 + upper), TIED["erf", 1.0][1]),
        Column("linear:\nearly /\nPCA$_4$", linear["error"] / linear["pca_error"], bounds(about, "RA8", "ratio"), TIED["linear", 1.0][1]),
    ]
    draw_columns(ax, columns)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
