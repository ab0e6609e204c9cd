"""Scaled tangent kernel on the quarter circle before and after training [lee_deepnarrow, E1–E3]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, empty, guide, panel_label, plain_ticks, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import band_at, categories, explain, log_decimals, measured, padded, padded_log, rows_of_panels, strip
from scripts.lee_deepnarrow import claims
from scripts.lee_deepnarrow.figures.drawing import (
    ANGLE_LABEL,
    CONTROL_COLOR,
    DEPTH_LABEL,
    Tables,
    depth_color,
    finish,
    shown_settings,
    trials,
    unscaled,
)

JUDGED = [
    ("C4", "smallest_ratio", "drift, scale\n/ next scale"),
    ("C11", "drift", "drift, scale 1"),
    ("C11", "drift_ratio", "drift, scale 1\n/ scale 20"),
    ("C11", "deviation_ratio", "deviation, scale 1\n/ scale 20"),
]


def draw(tables: Tables, about: About) -> Figure:
    fig, (kernels, (error, decades, moved)) = rows_of_panels([3, 3], height=5.4)
    drift = tables["kernel_drift"]
    shown = shown_settings(drift)
    for ax, letter, setting in zip(kernels, "abc", [shown[0], shown[1] if len(shown) > 1 else None, unscaled(drift)], strict=True):
        panel_kernel(ax, letter, tables["scaled_ntk"], setting, about)
    pair = [ax for ax in kernels[:2] if ax.lines]
    ranges = np.array([ax.get_ylim() for ax in pair])
    for ax in pair:
        ax.set_ylim(ranges[:, 0].min(), ranges[:, 1].max())
    panel_error(error, tables["initial_kernel_error"], about)
    panel_decades(decades, tables["initial_kernel_error"], about)
    panel_label(moved, "f", about, "training")
    strip(moved, about, measured(claims, tables, "C4", "C11"), JUDGED, "drift, or ratio", log=True)
    return finish(fig)


def panel_kernel(ax: Axes, letter: str, kernel: pd.DataFrame, setting: tuple[int, float] | None, about: About) -> None:
    """Row of the point at π/4, every seed, before and after training."""
    title = "" if setting is None else f"$L$ = {setting[0]}, $C_L$ = {setting[1]:g}"
    panel_label(ax, letter, about, title)
    ax.set(xlabel=ANGLE_LABEL, ylabel=r"scaled kernel $\tilde\Theta^L$")
    if setting is None:
        empty(ax)
        return
    color = CONTROL_COLOR if setting[1] == 1 else depth_color(setting[0])
    own, limit = select(kernel, method="simulation", depth=setting[0], scale=setting[1]), select(kernel, method="theory")
    for step, label, style in ((own["step"].min(), "before training", "-"), (own["step"].max(), "after training", "--")):
        trials(ax, own[own["step"] == step], "angle", "kernel", color=color, linestyle=style)
        # the legend tells line styles, the panels' titles tell colours
        explain(ax, f"single networks, {label}", theory, linestyle=style, linewidth=0.9)
    theory(ax, limit["angle"], limit["kernel"], color=COLORS["black"], linewidth=1.6, label="limit kernel")


def panel_error(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Mean largest error before training against depth."""
    panel_label(ax, "d", about, "before training")
    found = errors.groupby("depth")["error"].agg(["mean", "sem"])
    simulated(ax, found.index, found["mean"], found["sem"], color=COLORS["black"], label="mean over initialisations (± 2 s.e.)")
    ax.set(xscale="log", yscale="log", xlabel=DEPTH_LABEL, ylabel="distance from limit")
    if len(found) > 1:
        ends = found.index.to_numpy()[[0, -1]]
        guide(ax, ends, 1.6 * found["mean"].iloc[0] * np.sqrt(ends[0] / ends), "$L^{-1/2}$")
        ax.set_xlim(ends[0] / 1.6, ends[1] * 5)
    if len(found):
        ax.set_ylim(*padded_log(found["mean"]))
        log_decimals(ax)


def panel_decades(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Fall of the mean error from one depth to ten times it."""
    panel_label(ax, "e", about, "fall over a decade")
    mean = errors.groupby("depth")["error"].agg(["mean", "sem"])
    parts = {100: "first_decade", 1000: "second_decade"}
    places = {depth: at for at, depth in enumerate(parts) if {depth, 10 * depth} <= set(mean.index)}
    ratio = [mean["mean"][depth] / mean["mean"][10 * depth] for depth in places]
    spread = [np.hypot(*(mean["sem"][each] / mean["mean"][each] for each in (depth, 10 * depth))) for depth in places]
    limits = {depth: bounds(about, "C1", part) for depth, part in parts.items()}
    ax.set_ylim(*padded([*ratio, *(edge for pair in limits.values() for edge in pair)]))
    for at, pair in enumerate(limits.values()):
        band_at(ax, at, pair)
    simulated(ax, list(places.values()), ratio, np.array(ratio) * spread, color=COLORS["black"])
    guide(ax, [-0.6, 1.6], [np.sqrt(10)] * 2, label=r"$\sqrt{10}$")
    categories(ax, [str(depth) for depth in parts])
    ax.set(xlabel="depth $L$, to ten times it", ylabel="ratio of distances")
    plain_ticks(ax, "y", [2.5, 3, 3.5, 4])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
