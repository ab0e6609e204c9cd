"""Zero-shot transfer on MNIST and CIFAR-10 [saxe_race, E1]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, band, bounds, empty, guide, legend_below, new_figure, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import abreast, band_at, categories
from scripts.saxe_race.figures.drawing import GAIN_COLORS
from scripts.saxe_race.measures import last_step, means, transfer_gap

CHANCE = 0.1
DATASETS = {"mnist": "MNIST", "cifar10": "CIFAR-10"}
ACCURACY = {"mnist": [(1, "R18", "chance"), (4, "R16", "accuracy"), (6, "R16", "accuracy")], "cifar10": [(1, "R20c", "chance")]}
"""Bounds of accuracies: K, claim, part."""
GAPS = {
    "mnist": [(4, 0.1, "R16", "gap"), (6, 0.1, "R16", "gap"), (4, 1.0, "R17b", "gain_1"), (4, 3.0, "R17b", "gain_3")],
    "cifar10": [(6, 0.1, "R20b", "rich_gap"), (4, 1.0, "R20b", "lazy_gap")],
}
"""Bounds of gaps: K, gain, claim, part."""
RISES = {"mnist": ("R17", "smallest_rise"), "cifar10": ("R20", "rise")}
SPLITS = {"trained": "s", "untrained": "o"}


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 3, height=5.4)
    for row, letters, dataset in zip(axes, ("abc", "def"), DATASETS, strict=True):
        table = tables[f"{dataset}_accuracy"]
        table = select(table, width=int(table["width"].min()))
        panel_accuracy(row[0], letters[0], dataset, table, about)
        panel_gap(row[1], letters[1], dataset, table, about)
        panel_rise(row[2], letters[2], dataset, table, about)
    legend_below(fig, *axes.flat, n_columns=3)
    return fig


def gain_colors(table: pd.DataFrame) -> dict[float, str]:
    """A colour for every gain, the same for both datasets where they share the gains."""
    return dict(zip(sorted(table["gain"].unique()), GAIN_COLORS, strict=False))


def panel_accuracy(ax: Axes, letter: str, dataset: str, table: pd.DataFrame, about: About) -> None:
    """Trained pairs as squares, untrained as circles."""
    panel_label(ax, letter, about, DATASETS[dataset])
    ax.set_ylim(0, 1.02)
    step = _step(table)
    for n_outputs, claim, part in ACCURACY[dataset]:
        band_at(ax, n_outputs, bounds(about, claim, part), half=0.3 * step)
    if dataset == "cifar10":
        for n_outputs in sorted(table["n_trained_outputs"].unique()):
            band_at(ax, n_outputs, bounds(about, "R20b", "trained"), half=0.3 * step, label=None)
    for gain, color in gain_colors(table).items():
        for split, marker in SPLITS.items():
            found = means(last_step(table, gain=float(gain), split=split), "accuracy", "n_trained_outputs")
            name = f"gain {gain:g}, {split} pairs"
            simulated(ax, found["n_trained_outputs"], found["mean"], found["std_error"], color=color, marker=marker, label=name)
    guide(ax, [0.5, table["n_trained_outputs"].max() + 0.5], [CHANCE, CHANCE])
    ax.set(xlabel="trained outputs $K$", ylabel="test accuracy")


def _step(table: pd.DataFrame) -> float:
    """Smallest distance between neighbouring K."""
    distances = np.diff(np.sort(table["n_trained_outputs"].unique()))
    return float(distances.min()) if distances.size else 1.0


def panel_gap(ax: Axes, letter: str, dataset: str, table: pd.DataFrame, about: About) -> None:
    """Accuracy that is lost from trained to untrained pairs; gains are set apart sideways."""
    panel_label(ax, letter, about, "lost in transfer")
    ax.set_ylim(-0.12, 1.0 if dataset == "mnist" else 0.4)
    outputs = sorted(table["n_trained_outputs"].unique())
    categories(ax, [str(n_outputs) for n_outputs in outputs])
    place = {n_outputs: float(at) for at, n_outputs in enumerate(outputs)}
    gains = gain_colors(table)
    shift = dict(zip(gains, abreast(0, len(gains)), strict=True))
    for n_outputs, gain, claim, part in GAPS[dataset]:
        if gain in shift and n_outputs in place:
            band_at(ax, place[n_outputs] + shift[gain], bounds(about, claim, part), half=0.3 / len(gains), label=None)
    for gain, color in gains.items():
        found = means(transfer_gap(table, gain=float(gain)), "gap", "n_trained_outputs")
        simulated(ax, found["n_trained_outputs"].map(place) + shift[gain], found["mean"], found["std_error"], color=color)
    ax.set(xlabel="trained outputs $K$", ylabel="trained − untrained")


def panel_rise(ax: Axes, letter: str, dataset: str, table: pd.DataFrame, about: About) -> None:
    """Rise of that loss from each gain to the next, where four outputs are trained."""
    panel_label(ax, letter, about, "rise, $K = 4$")
    at_four = select(transfer_gap(table), n_trained_outputs=4)
    if at_four["gain"].nunique() < 2:
        empty(ax)
        return
    found = means(at_four, "gap", "gain")
    rises = np.diff(found["mean"])
    ax.set_ylim(-0.05, 1.2 * max(rises.max(), 0.1))
    band(ax, *bounds(about, *RISES[dataset]), label=None)
    colors = [gain_colors(table)[gain] for gain in found["gain"][1:]]
    for place, (rise, color) in enumerate(zip(rises, colors, strict=True)):
        simulated(ax, [place], [rise], color=color)
    categories(ax, [f"{low:g} to {high:g}" for low, high in zip(found["gain"], found["gain"][1:], strict=False)])
    ax.set(xlabel=r"gain $\gamma$", ylabel="rise of the difference")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
