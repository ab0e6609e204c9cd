"""Figure 4: ReLU autoencoders with and without biases [refinetti_autoencoders, E3, E4, E8]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, TEXT_GREY, About, bounds, legend_below, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from repro.panels import dashes, explain_bounds, merge
from scripts.refinetti_autoencoders.figures.drawing import (
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

MODES = {
    "none": ("no bias", COLORS["black"]),
    "trained": ("trained bias", COLORS["orange"]),
    "fixed": ("fixed bias 1", COLORS["sky"]),
}
LATER = COLORS["purple"]


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 4, height=5.4, width_ratios=[1.2, 1.2, 1, 1])
    curves, plateaus = tables["relu_curves"], tables["relu_plateaus"]
    left, right = merge(fig, axes, 0, slice(0, 2)), merge(fig, axes, 0, slice(2, 4))
    panel_curves(left, curves, plateaus, about)
    panel_plateaus(right, plateaus, about)
    wide = merge(fig, axes, 1, slice(0, 2))
    panel_ratios(wide, plateaus, tables["last_plateaus"], about)
    panel_learnt(axes[1, 2], select(plateaus, bias_mode="trained"), about)
    panel_gain(axes[1, 3], select(plateaus, width=4), about)
    explain_bounds(wide)
    legend_below(fig, left, right, wide, n_columns=4)
    return fig


def panel_curves(ax: Axes, curves: pd.DataFrame, plateaus: pd.DataFrame, about: About) -> None:
    """Learning curves of the first seed."""
    panel_label(ax, "a", about, "four units")
    first = first_seed(curves)
    for mode, (label, color) in MODES.items():
        draw_curves(ax, select(first, bias_mode=mode), color, label)
    explain_roles(ax)
    width = int(curves["width"].iloc[0])
    levels = {}
    for mode, k in (("none", width // 2), ("trained", width - 1)):
        for level in select(plateaus, bias_mode=mode, width=width)["predicted_error"].head(1):
            levels[k] = level
    draw_levels(ax, levels)
    log_axes(ax, TIME_LABEL, ERROR_LABEL)


def panel_plateaus(ax: Axes, plateaus: pd.DataFrame, about: About) -> None:
    """Error at the end against the number of units, beside the levels that theory names."""
    panel_label(ax, "b", about, "error of the equations at the end")
    for mode, shift in (("none", -0.2), ("trained", 0.2)):
        found = select(plateaus, bias_mode=mode)
        dashes(ax, found["width"] + shift, found["error"], 0.16, color=MODES[mode][1])
        known = found.dropna(subset="predicted_error").drop_duplicates("width")
        label = "level named by theory" if mode == "none" else None
        ax.plot(known["width"] + shift, known["predicted_error"], "D", markersize=3, color=COLORS["red"], linestyle="", label=label)
    ax.set(yscale="log", xlabel="hidden units $K$", ylabel=ERROR_LABEL, xticks=sorted(plateaus["width"].unique()))


def panel_ratios(ax: Axes, plateaus: pd.DataFrame, late: pd.DataFrame, about: About) -> None:
    """Error in units of the level, without bias; for the last width also of more starts and later."""
    panel_label(ax, "c", about, "error / level, no bias")
    ax.set(ylim=(0.98, 1.06), xlabel="hidden units $K$; right: more starts, at times $\\alpha$", ylabel="error / level of theory")
    columns = []
    for width in (1, 2, 4, 6):
        found = select(plateaus, bias_mode="none", width=width)
        limits = bounds(about, "RA9", f"width_{width}")
        columns.append(Column(f"{width}", found["error"] / found["predicted_error"], limits, MODES["none"][1]))
    for index, (time, found) in enumerate(late.sort_values("seed").groupby("time")):
        label = f"{int(found['width'].iloc[0])}\n{len(found)} starts,\n{time:g}"
        color = (TEXT_GREY, LATER)[index]
        columns.append(Column(label, found["error"] / found["predicted_error"], bounds(about, "RA9", "width_6"), color))
    draw_columns(ax, columns)
    _say_what_is_higher(ax, columns)


def _say_what_is_higher(ax: Axes, columns: list[Column]) -> None:
    """An arrow with its number for what lies above the panel: else a start on a higher plateau would not be seen."""
    top = ax.get_ylim()[1]
    for place, column in enumerate(columns):
        beyond = [value for value in np.asarray(column.values, dtype=float) if value > top]
        if beyond:
            text = "↑ " + ", ".join(f"{value:.2f}" for value in beyond)
            ax.annotate(
                text, (place, top), xytext=(0, -2), textcoords="offset points", ha="center", va="top", fontsize=7.5, color=column.color
            )


def panel_learnt(ax: Axes, plateaus: pd.DataFrame, about: About) -> None:
    """Widths that come nearest to the error of PCA with one component fewer than units, and how near four units come."""
    panel_label(ax, "d", about, "learnt, bias")
    judged = select(plateaus, width=[2, 3, 4, 5])
    share = [np.mean(judged["n_components"] == judged["width"] - 1)] if len(judged) else []
    four = select(plateaus, width=4)
    color = MODES["trained"][1]
    ax.set(ylim=(0.9, 1.1), ylabel="share or ratio")
    columns = [
        Column("share at\n$K-1$", share, bounds(about, "RA10", "share"), color),
        Column("error /\nlevel", four["error"] / four["predicted_error"], bounds(about, "RA10b", "to_plateau"), color),
    ]
    draw_columns(ax, columns)


def panel_gain(ax: Axes, plateaus: pd.DataFrame, about: About) -> None:
    """What the trained bias gains with four units, and how large it is."""
    panel_label(ax, "e", about, "gain")
    trained, none = (select(plateaus, bias_mode=mode).set_index("seed") for mode in ("trained", "none"))
    color = MODES["trained"][1]
    ax.set(ylim=(0, 1.4), ylabel="ratio or bias")
    columns = [
        Column("error /\nno bias", trained["error"] / none["error"], bounds(about, "RA10b", "to_no_bias"), color),
        Column("mean\nbias", trained["mean_bias"], bounds(about, "RA10b", "mean_bias"), color),
    ]
    draw_columns(ax, columns)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
