"""Figure 6: learning of real images, and Gaussian universality [refinetti_autoencoders, E3, E4, E5, E16]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from repro import texts
from repro.figures import COLORS, About, band, bounds, empty, legend_below, new_figure, panel_label, plain_ticks, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import band_between, explain_bounds
from scripts.refinetti_autoencoders.curves import paired
from scripts.refinetti_autoencoders.figures.drawing import (
    ERROR_LABEL,
    IMAGE_SETS,
    RULE_COLORS,
    TIME_LABEL,
    Column,
    draw_columns,
    draw_levels,
    first_seed,
    log_axes,
    panel_alignment,
)

INPUTS = {"gaussian": ("SGD on Gaussian inputs", COLORS["purple"]), "images": ("SGD on the images", COLORS["green"])}
PARTS = {"cifar10": "cifar10", "fashion_mnist": "fashion"}


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(3, 3, height=7.0, width_ratios=[1, 1, 0.85])
    curves = select(tables["image_curves"], width=4)
    first = first_seed(curves[curves["time"] > 0])
    for column, (dataset, (title, _)) in enumerate(IMAGE_SETS.items()):
        panel_errors(axes[0, column], "ab"[column], about, title, select(first, dataset=dataset))
        panel_excess(axes[1, column], "de"[column], about, select(first, dataset=dataset))
        panel_residual(axes[2, column], "gh"[column], about, dataset, select(curves, dataset=dataset, rule="vanilla"))
    draw_pca_bound(axes[1, 0], about)
    for row, (letter, rule) in enumerate(zip("cf", RULE_COLORS, strict=True)):
        panel_alignment(axes[row, 2], letter, about, rule, select(tables["image_alignment"], dataset="cifar10", width=4))
        axes[row, 2].set_ylabel("unit $k$ (CIFAR-10)")
    panel_mean(axes[2, 2], about, select(curves, rule="vanilla"))
    explain_bounds(axes[2, 2])
    legend_below(fig, axes[0, 0], axes[1, 0], axes[2, 2], n_columns=3)
    return fig


def panel_errors(ax: Axes, letter: str, about: About, title: str, curves: pd.DataFrame) -> None:
    """Learning curves of the vanilla rule: population error, and error on the test images."""
    panel_label(ax, letter, about, title)
    if curves.empty:
        empty(ax)
        return
    own = select(curves, rule="vanilla")
    line = select(own, method="theory")
    theory(ax, line["time"], line["error"], color=COLORS["black"], label="learning equations, vanilla")
    test = select(own, inputs="images").dropna(subset="test_error").assign(error=lambda found: found["test_error"])
    shown = [*((select(own, inputs=inputs), *INPUTS[inputs]) for inputs in INPUTS), (test, "SGD, test images", COLORS["red"])]
    # Each of the three shows every third time: they lie on one another.
    for turn, (found, label, color) in enumerate(shown):
        thinned = found.sort_values("time").iloc[turn::3]
        simulated(ax, thinned["time"], thinned["error"], color=color, label=label)
    draw_levels(ax, {4: curves["pca_error"].iloc[0]})
    log_axes(ax, TIME_LABEL, ERROR_LABEL)
    low, high = ax.get_ylim()
    plain_ticks(ax, "y", [tick for tick in (0.08, 0.1, 0.15, 0.2, 0.25) if low < tick < high])


def panel_excess(ax: Axes, letter: str, about: About, curves: pd.DataFrame) -> None:
    """Excess over PCA in units of PCA, where the components are seen one by one; theory also for the truncated rule."""
    panel_label(ax, letter, about, "excess over PCA$_4$")
    if curves.empty:
        empty(ax)
        return
    excess = curves.assign(excess=100 * (curves["error"] / curves["pca_error"] - 1))
    for rule, color, label in (
        ("vanilla", COLORS["black"], None),
        ("truncated", RULE_COLORS["truncated"], "learning equations, truncated"),
    ):
        line = select(excess, method="theory", rule=rule)
        theory(ax, line["time"], line["excess"], color=color, label=label)
    for turn, (inputs, (_, color)) in enumerate(INPUTS.items()):
        thinned = select(excess, inputs=inputs, rule="vanilla").sort_values("time").iloc[turn::2]
        simulated(ax, thinned["time"], thinned["excess"], color=color)
    log_axes(ax, TIME_LABEL, "excess in % of PCA$_4$")


def draw_pca_bound(ax: Axes, about: About) -> None:
    """The bounds on the error in units of PCA, at the time for which they hold."""
    lower, upper = (100 * (limit - 1) for limit in bounds(about, "RA16", "ratio"))
    band_between(ax, 120, 190, (lower, upper))


def panel_residual(ax: Axes, letter: str, about: About, dataset: str, curves: pd.DataFrame) -> None:
    """SGD against the equations in percent, all seeds and times."""
    panel_label(ax, letter, about, f"residual, {texts.datasets([dataset])}")
    ax.set(xscale="log", ylim=(-4, 4), xlabel=TIME_LABEL, ylabel="SGD / equations\n− 1 (%)")
    ax.xaxis.set_minor_formatter(NullFormatter())  # labels of less than a decade would overlap
    upper = 100 * bounds(about, "RA15", f"{PARTS[dataset]}_max")[1]
    band(ax, -upper, upper, label=None)
    for inputs, (_, color) in INPUTS.items():
        found = _residual(curves, inputs)
        simulated(ax, found.index.get_level_values("time"), 100 * found, color=color, markersize=3.2)


def _residual(curves: pd.DataFrame, inputs: str) -> pd.Series:
    """Error of SGD on one kind of inputs in units of that of the equations, minus 1, by seed and time."""
    pairs = paired(pd.concat([select(curves, inputs=inputs), select(curves, method="theory")]))
    return pairs["simulation"] / pairs["theory"] - 1


def panel_mean(ax: Axes, about: About, curves: pd.DataFrame) -> None:
    """Mean size of the residuals of each dataset and kind of inputs."""
    panel_label(ax, "i", about, "mean of g, h")
    ax.set(ylim=(0, 1.3), ylabel="mean size (%)")
    columns = []
    for dataset, short in (("cifar10", "CIFAR"), ("fashion_mnist", "Fashion")):
        for inputs, (_, color) in INPUTS.items():
            found = _residual(select(curves, dataset=dataset), inputs).abs().to_numpy()
            upper = 100 * bounds(about, "RA15", f"{PARTS[dataset]}_mean")[1]
            values = [100 * np.mean(found)] if len(found) else []
            columns.append(Column(short if inputs == "gaussian" else "", values, (0, upper), color, simulated=True))
    draw_columns(ax, columns)
    ax.set_xticks([0.5, 2.5], ["CIFAR-10", "Fashion-\nMNIST"])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
