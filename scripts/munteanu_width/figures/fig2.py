"""Companion B: chance that random directions keep the margin, against the relative width [munteanu_width, E9]."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, TEXT_GREY, About, band, bounds, legend_below, new_figure, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from scripts.munteanu_width.figures.drawing import N_POINTS, POINTS, Tables, log_axis

DRAWN_N = (8, 16, 32, 64, 128, 256)
TICKS = (0.25, 0.5, 1, 2, 4, 8)
JUDGED = {  # relative width: label, marker, parts with the lower and the upper bound
    0.25: ("$c$ = 1/4", "v", None, "highest_at_quarter"),
    1.0: ("$c$ = 1", "s", "lowest_at_1", "highest_at_1"),
    4.0: ("$c$ = 4", "^", "lowest_at_4", None),
}


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(1, 3, height=3.1)
    chances = tables["transfer_probability"]
    panel_collapse(axes[0, 0], "a", about, select(chances, event="half_margin"), "half the margin is kept")
    panel_collapse(axes[0, 1], "b", about, select(chances, event="positive"), "some margin is kept")
    panel_judged(axes[0, 2], about, select(chances, event="half_margin"))
    legend_below(fig, *axes.ravel(), n_columns=7)
    return fig


def panel_collapse(ax: Axes, letter: str, about: About, chances: pd.DataFrame, title: str) -> None:
    """Chance of one event against the relative width, a colour for each number of points."""
    panel_label(ax, letter, about, title)
    ax.set(ylim=(-0.04, 1.04), ylabel="probability", xlabel=r"relative width $c = m \gamma^2 / \ln n$")
    log_axis(ax, "x", TICKS)
    ax.set_xlim(0.22, 9)
    for n in DRAWN_N:
        found = select(chances, n_train=n)
        asked = found[found["relative_width"] >= 0.24]  # widths of the one-step law may be far narrower
        if len(asked):
            style = {"color": COLORS[POINTS[n]], "markersize": 3.0, "label": f"$n$ = {n}"}
            simulated(ax, asked["relative_width"], asked["probability"], asked["std_error"], **style)


def panel_judged(ax: Axes, about: About, chances: pd.DataFrame) -> None:
    """Chances at the judged relative widths against the number of points."""
    panel_label(ax, "c", about, "half the margin, by $n$")
    ax.set(ylim=(-0.04, 1.04), ylabel="probability", xlabel=N_POINTS)
    log_axis(ax, "x", DRAWN_N)
    ax.set_xlim(6.5, 320)
    for relative, (label, marker, lower, upper) in JUDGED.items():
        limits = [bounds(about, "C5", part)[side] if part else None for side, part in enumerate((lower, upper))]
        band(ax, *limits)
        found = select(chances, relative_width=relative)
        simulated(ax, found["n_train"], found["probability"], found["std_error"], color=TEXT_GREY, marker=marker, label=label)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
