"""Figure 3: align and rescale; tied weights fail [refinetti_autoencoders]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, PUBLISHED, THEORY, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from scripts.refinetti_autoencoders.figures.drawing import (
    ACTIVATION_COLORS,
    ERROR_LABEL,
    TIME_LABEL,
    draw_curves,
    draw_levels,
    explain_methods,
    legend_under,
    log_axes,
)

PROBLEMS = {
    "one_mode": ("one unit, one mode", COLORS["black"]),
    "aligned": ("four units, aligned", COLORS["purple"]),
    "random": ("four units, random", COLORS["blue"]),
}
TIED = {
    ("erf", 0.3): (r"tied erf, $\kappa = 0.3$", COLORS["sky"]),
    ("erf", 1.0): (r"tied erf, $\kappa = 1$", COLORS["red"]),
    ("erf", 3.0): (r"tied erf, $\kappa = 3$", COLORS["purple"]),
    ("linear", 1.0): (r"tied linear, $\kappa = 1$", ACTIVATION_COLORS["linear"]),
}


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    fig, axes = new_figure(1, 3, height=4.0)
    panel_excess(axes[0, 0], tables["long_times"])
    panel_norms(axes[0, 1], tables["long_times"])
    panel_tied(axes[0, 2], tables["tied_weights"])
    return fig


def panel_excess(ax: Axes, paths: pd.DataFrame) -> None:
    """Excess over PCA at long times, with the asymptotic law."""
    panel_label(ax, "a")
    for problem, (label, color) in PROBLEMS.items():
        found = select(paths[paths["time"] > 0], problem=problem)
        ax.plot(found["time"], found["excess_error"], **THEORY, color=color, label=label)
    for index, problem in enumerate(("one_mode", "aligned")):
        late = select(paths[paths["time"] >= 10], problem=problem)
        ax.plot(late["time"], late["predicted_excess"], **PUBLISHED, label=r"law $\propto\alpha^{-2/3}$" if index == 0 else None)
    log_axes(ax, TIME_LABEL, r"error in excess of PCA$_K$")
    legend_under(ax)


def panel_norms(ax: Axes, paths: pd.DataFrame) -> None:
    """Shrinking encoder and growing decoder, one mode and random weights."""
    panel_label(ax, "b")
    for problem in ("one_mode", "random"):
        label, color = PROBLEMS[problem]
        found = select(paths[paths["time"] > 0], problem=problem)
        ax.plot(found["time"], found["encoder_norm"], **THEORY | {"linestyle": "--"}, color=color)
        ax.plot(found["time"], found["decoder_norm"], **THEORY, color=color, label=label)
    one = select(paths[paths["time"] >= 100], problem="one_mode")
    for column, power, name, aside in (("decoder_norm", 1 / 6, "1/6", 1.3), ("encoder_norm", -1 / 6, "-1/6", 0.75)):
        if len(one):
            guide = aside * one[column].iloc[-1] * (one["time"] / one["time"].iloc[-1]) ** power
            ax.plot(one["time"], guide, **PUBLISHED)
            middle = (one["time"].iloc[len(one) // 2], guide.iloc[len(one) // 2] * aside**1.7)
            ax.annotate(rf"$\alpha^{{{name}}}$", middle, fontsize=7, color=COLORS["grey"], ha="center", va="center")
    ax.plot([], [], **THEORY, color=COLORS["black"], label=r"decoder $\sqrt{\mathrm{tr}\,V}$")
    ax.plot([], [], **THEORY | {"linestyle": "--"}, color=COLORS["black"], label=r"encoder $\sqrt{\mathrm{tr}\,Q}$")
    log_axes(ax, TIME_LABEL, "norm")
    legend_under(ax)


def panel_tied(ax: Axes, curves: pd.DataFrame) -> None:
    """Tied against untied, first seed."""
    panel_label(ax, "c")
    first = select(curves, seed=curves["seed"].min())
    draw_curves(ax, select(first, tying="untied"), ACTIVATION_COLORS["erf"], "untied erf")
    for (activation, scale), (label, color) in TIED.items():
        draw_curves(ax, select(first, tying="tied", activation=activation, decoder_scale=scale), color, label)
    explain_methods(ax)
    draw_levels(ax, {int(curves["width"].iloc[0]): curves["pca_error"].iloc[0]})
    log_axes(ax, TIME_LABEL, ERROR_LABEL)
    legend_under(ax, n_columns=2)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
