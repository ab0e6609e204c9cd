"""Companion F: Helgason–Fourier inversion with one ingredient removed [sonoda_ridgelet, E1]."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, control, legend_below, new_figure, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import Limits, explain_bounds
from scripts.sonoda_ridgelet.figures.drawing import Tables, columns

TIME_COLORS = [COLORS[name] for name in ("blue", "red", "green", "purple")]
CHANGED = {"no_tanh": "no\ntanh", "no_horocycle_weight": "no\nweight", "no_c_function": "no\nc-function"}
NOT_JUDGED: Limits = (None, None)


def draw(tables: Tables, about: About) -> Figure:
    table = tables["inversion_error"]
    fig, axes = new_figure(1, 3, height=2.7, width_ratios=[1, 2, 2])
    panel_label(axes[0, 0], "a", about, "exact")
    axes[0, 0].set(yscale="log", ylim=(1e-17, 1), ylabel="relative error")
    columns(axes[0, 0], [bounds(about, "R1", "error")], ["exact"])
    draw_times(axes[0, 0], table, ["exact"], "error")
    panel_label(axes[0, 1], "b", about, "one ingredient removed")
    axes[0, 1].set(yscale="log", ylim=(0.01, 3), ylabel="relative error")
    judged = {"no_tanh": bounds(about, "R9", "smallest_error"), "no_horocycle_weight": bounds(about, "R10", "smallest_error")}
    panel_changed(axes[0, 1], table, "error", judged)
    panel_label(axes[0, 2], "c", about, "after the best rescaling")
    axes[0, 2].set(yscale="log", ylim=(0.01, 3), ylabel="relative error,\nrescaled")
    panel_changed(axes[0, 2], table, "error_rescaled", {"no_c_function": bounds(about, "R8", "smallest_error_rescaled")})
    explain_bounds(axes[0, 0])
    control(axes[0, 0], [], [], label="one ingredient removed")
    legend_below(fig, axes[0, 0], n_columns=4)
    return fig


def panel_changed(ax: Axes, table: pd.DataFrame, column: str, judged: dict[str, Limits]) -> None:
    """Errors of the changed inversions, with the bounds of those that are judged here."""
    columns(ax, [judged.get(variant, NOT_JUDGED) for variant in CHANGED], list(CHANGED.values()))
    draw_times(ax, table, list(CHANGED), column)


def draw_times(ax: Axes, table: pd.DataFrame, variants: list[str], column: str) -> None:
    """One marker a heat time, side by side."""
    times = [float(time) for time in sorted(table["heat_time"].unique())]
    for at, (time, color) in enumerate(zip(times, TIME_COLORS, strict=False)):
        shift = 0.3 * (at - (len(times) - 1) / 2)
        for place, variant in enumerate(variants):
            found = select(table, heat_time=time, variant=variant)[column]
            if variant == "exact":
                simulated(ax, [place + shift] * len(found), found, color=color, label=f"heat time {time:g}")
            else:
                control(ax, [place + shift] * len(found), found, color=color)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
