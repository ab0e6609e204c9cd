"""Learned function and training loss beside kernel gradient descent [lee_deepnarrow, E6]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, control, empty, guide, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import band_at, categories, explain, measured, padded, padded_log, rows_of_panels, strip
from scripts.lee_deepnarrow import claims, measures
from scripts.lee_deepnarrow.figures.drawing import ANGLE_LABEL, CONTROL_COLOR, Tables, depth_color, finish, shown_settings, trials, unscaled

JUDGED = [("C5", "smallest_ratio", "depth /\nnext depth"), ("C11", "deviation_ratio", "scale 1 /\nscale 20")]
SETTING_LABEL = "depth $L$, scale $C_L$"


Cases = list[tuple[tuple[int, float], str, str]]


def draw(tables: Tables, about: About) -> Figure:
    fig, (paths, (ratio, deviation, ratios)) = rows_of_panels([3, 3], height=5.0)
    drift, learned = tables["kernel_drift"], tables["learned_function"]
    networks = cases(shown_settings(drift))
    without = [((depth, scale), CONTROL_COLOR, label) for (depth, scale), _, label in cases([unscaled(drift)])]
    panel_function(paths[0], learned, without + networks, about)
    panel_difference(paths[1], learned, networks, about)
    panel_loss(paths[2], tables["circle_loss"], without + networks, about)
    panel_loss_ratio(ratio, drift, about)
    panel_deviation(deviation, drift, about)
    panel_label(ratios, "f", about, "ratios of deviations")
    strip(ratios, about, measured(claims, tables, "C5", "C11"), JUDGED, "ratio", log=True)
    return finish(fig)


def cases(settings: list[tuple[int, float] | None]) -> Cases:
    """Colour and label of settings, those that there are."""
    known = [setting for setting in settings if setting]
    return [(setting, depth_color(setting[0]), f"networks of depth {setting[0]}, scale {setting[1]:g}") for setting in known]


def panel_function(ax: Axes, learned: pd.DataFrame, shown: Cases, about: About) -> None:
    """Outputs after training on the target."""
    panel_label(ax, "a", about, "learned function")
    wanted, exact = (select(learned, method=method) for method in ("target", "theory"))
    ax.plot(wanted["angle"], wanted["output"], color=COLORS["black"], linewidth=1.0, linestyle=":", label="target")
    for (depth, scale), color, label in shown:
        own = select(learned, method="simulation", depth=depth, scale=scale)
        trials(ax, own, "angle", "output", color=color, label=label)
    theory(ax, exact["angle"], exact["output"], color=COLORS["black"], label="kernel gradient descent")
    ax.set(xlabel=ANGLE_LABEL, ylabel=r"output $f(x(\gamma))$")


def panel_difference(ax: Axes, learned: pd.DataFrame, shown: Cases, about: About) -> None:
    """Outputs after training minus those of kernel gradient descent."""
    panel_label(ax, "b", about, "minus kernel's")
    exact = select(learned, method="theory")[["angle", "output"]]
    for (depth, scale), color, _ in shown:
        own = select(learned, method="simulation", depth=depth, scale=scale)
        joined = own.merge(exact, on="angle", suffixes=("", "_exact"))
        trials(ax, joined.assign(gap=joined["output"] - joined["output_exact"]), "angle", "gap", color=color)
    ax.axhline(0, color=COLORS["black"], linewidth=1.2)
    ax.set(xlabel=ANGLE_LABEL, ylabel="difference\nin output")


def panel_loss(ax: Axes, losses: pd.DataFrame, shown: Cases, about: About) -> None:
    """Training loss of every seed."""
    panel_label(ax, "c", about, "training loss")
    for (depth, scale), color, _ in shown:
        trials(ax, select(losses, method="simulation", depth=depth, scale=scale), "step", "loss", color=color)
    exact = select(losses, method="theory")
    theory(ax, exact["step"], exact["loss"], color=COLORS["black"])
    ax.set(xlabel="iteration $t$ (steps)", ylabel="mean squared\nerror", yscale="log")


def panel_loss_ratio(ax: Axes, drift: pd.DataFrame, about: About) -> None:
    """Final loss over that of kernel gradient descent, mean over seeds of deep and wide settings."""
    panel_label(ax, "d", about, "final loss")
    found = measures.deep_and_wide(drift)
    (lower, _), (_, upper) = (bounds(about, "C5b", part) for part in ("smallest_loss_ratio", "largest_loss_ratio"))
    ax.set_ylim(*padded([*found["loss_ratio"], lower, upper]))
    band_at(ax, range(len(found)), (lower, upper))
    if found.empty:
        empty(ax)
    _means(ax, found, "loss_ratio")
    guide(ax, [-0.6, max(len(found), 1) - 0.4], [1, 1], label="equal")
    ax.set(xlabel=SETTING_LABEL, ylabel="loss / kernel's")


def panel_deviation(ax: Axes, drift: pd.DataFrame, about: About) -> None:
    """Rms distance from kernel gradient descent, mean over seeds, all settings."""
    panel_label(ax, "e", about, "deviation")
    found = measures.by_setting(drift)
    depths, scales = (found.index.get_level_values(name).to_numpy() for name in ("depth", "scale"))
    limits = bounds(about, "C5b", "deviation")
    ax.set_yscale("log")
    ax.set_ylim(*padded_log([*found["deviation"], *limits]))
    band_at(ax, np.flatnonzero((depths >= measures.LADDER_DEPTH) & (scales >= measures.SHARED_SCALE)), limits)
    _means(ax, found, "deviation")
    named = {depth for depth, _ in shown_settings(drift)}  # by the lines of panel a
    for depth in sorted(set(depths[scales != 1]) - named):
        simulated(ax, [], [], color=depth_color(depth), label=f"depth {depth}")
    ax.set(xlabel=SETTING_LABEL, ylabel="rms distance")


def _means(ax: Axes, found: pd.DataFrame, column: str) -> None:
    """Mean over seeds by setting; the control without a large scale as a cross."""
    for at, (depth, scale) in enumerate(found.index):
        if scale == 1:
            control(ax, [at], found[column].iloc[[at]], label="mean over seeds, control")
        else:
            simulated(ax, [at], found[column].iloc[[at]], found[f"{column}_error"].iloc[[at]], color=depth_color(depth))
    explain(ax, "mean over seeds (± 2 s.e.)")
    categories(ax, [f"{depth}\n{scale:g}" for depth, scale in found.index])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
