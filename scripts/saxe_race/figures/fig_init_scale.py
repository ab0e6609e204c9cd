"""Loss and transfer from small to large initial scale [saxe_race, E1]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, guide, legend_below, new_figure, panel_label, published, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import band_at, merge, padded, padded_log
from scripts.saxe_race.figures.drawing import GAIN_COLORS, SPLIT_COLORS, at_every
from scripts.saxe_race.measures import means

SCALE_LABEL = r"initial scale $\sigma_0$"
LEARNED_SCALE = 0.66


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 3, height=5.0)
    wide = merge(fig, axes, 0, slice(0, 2))
    errors = tables["scale_error"]
    panel_loss(wide, tables["scale_loss"], about)
    panel_errors(axes[0, 2], errors, about)
    panel_rises(axes[1, 0], errors, about)
    panel_factor(axes[1, 1], errors, about)
    panel_trained(axes[1, 2], errors, about)
    legend_below(fig, wide, axes[0, 2], axes[1, 0], axes[1, 1], axes[1, 2], n_columns=4)
    return fig


def panel_loss(ax: Axes, losses: pd.DataFrame, about: About) -> None:
    panel_label(ax, "a", about, "loss, mean over seeds")
    for color, scale in zip(GAIN_COLORS, sorted(losses["initial_scale"].unique()), strict=False):
        found = means(at_every(select(losses, initial_scale=float(scale)), 10), "loss", "epoch")
        simulated(ax, found["epoch"], found["mean"], color=color, markersize=2.5, label=rf"$\sigma_0 = {scale:g}$")
    ax.set(xlabel="training time $t$ (epochs)", ylabel="loss $L$", yscale="log")


def _published(about: About, split: str) -> tuple[list[float], list[float]]:
    points = about["published"][f"scale_{split}"]["points"]
    return [point[0] for point in points], [point[1] for point in points]


def panel_errors(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Both kinds of pairs, beside the published readings."""
    panel_label(ax, "b", about, "transfer")
    ax.set_ylim(-8, 125)
    band_at(ax, 2.5, bounds(about, "R12", "lazy_end"), half=0.12)
    for split, color in SPLIT_COLORS.items():
        found = means(select(errors, split=split), "error", "initial_scale")
        simulated(ax, found["initial_scale"], found["mean"], found["std_error"], color=color, label=f"{split} pairs, mean ± 2 s.e.")
        published(ax, *_published(about, split), label="published (one run)" if split == "trained" else None, zorder=1.5)
    ax.set(xlabel=SCALE_LABEL, ylabel=r"error $\frac{1}{2}\|Y-\hat{Y}\|^2$")


def panel_rises(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Rises between neighbouring scales at which all modes are learned."""
    panel_label(ax, "c", about, "rise from scale to scale")
    found = means(select(errors, split="untrained"), "error", "initial_scale")
    found = found[found["initial_scale"] >= LEARNED_SCALE]
    rises = np.diff(found["mean"])
    x, told = _published(about, "untrained")
    ax.set_ylim(*padded([0.0, *rises, *np.diff(told)[1:]]))
    band(ax, *bounds(about, "R12", "smallest_rise"), label=None)
    published(ax, x[2:], np.diff(told)[1:])
    simulated(ax, found["initial_scale"][1:], rises, color=SPLIT_COLORS["untrained"])
    ax.set(xlabel=f"{SCALE_LABEL}, the larger", ylabel="rise of the error", xlim=(0.9, 2.7))


def panel_factor(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Untrained error over the published reading."""
    panel_label(ax, "d", about, "untrained, to published")
    found = means(select(errors, split="untrained"), "error", "initial_scale")
    found = found[found["initial_scale"] >= LEARNED_SCALE]
    readings = dict(zip(*_published(about, "untrained"), strict=True))
    told = found["initial_scale"].map(readings)
    factor = bounds(about, "R12b", "factor")[1]
    ax.set(yscale="log", ylim=padded_log([factor, None if factor is None else 1 / factor, *(found["mean"] / told)], 1.3))
    band(ax, None if factor is None else 1 / factor, factor, label=None)
    simulated(ax, found["initial_scale"], found["mean"] / told, found["std_error"] / told, color=SPLIT_COLORS["untrained"])
    guide(ax, [0.5, 2.6], [1, 1])
    ax.set(xlabel=SCALE_LABEL, ylabel="measured / published")
    ax.set_yticks([0.4, 1, 2.5], ["0.4", "1", "2.5"])
    ax.set_yticks([], minor=True)


def panel_trained(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    panel_label(ax, "e", about, "trained pairs")
    found = means(select(errors, split="trained"), "error", "initial_scale")
    x, told = _published(about, "trained")
    upper = bounds(about, "R12b", "trained")[1]
    ax.set(yscale="log", xlim=(0.05, 2.65), ylim=padded_log([upper, *found["mean"], *told]))
    for scale in found["initial_scale"][found["initial_scale"] >= LEARNED_SCALE]:
        band_at(ax, scale, (None, upper), half=0.12, label=None)
    published(ax, x, told)
    simulated(ax, found["initial_scale"], found["mean"], color=COLORS["blue"])
    ax.set(xlabel=SCALE_LABEL, ylabel="error, trained pairs")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
