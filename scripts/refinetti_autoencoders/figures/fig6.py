"""Figure 6: images and Gaussian universality [refinetti_autoencoders]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from repro.figures import COLORS, SIMULATION, THEORY, empty, legend_below, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from scripts.refinetti_autoencoders.figures.drawing import (
    ERROR_LABEL,
    RULE_COLORS,
    TIME_LABEL,
    draw_levels,
    log_axes,
    panel_alignment,
)

DATASETS = {"cifar10": "CIFAR-10, grey", "fashion_mnist": "Fashion-MNIST"}
INPUTS = {
    "gaussian": ("SGD on Gaussian inputs", COLORS["orange"], "s"),
    "images": ("SGD on the images", COLORS["blue"], "o"),
}


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    fig, axes = new_figure(2, 3, height=5.2, width_ratios=[1, 1, 0.85])
    curves = select(tables["image_curves"], width=4)
    curves = select(curves, seed=curves["seed"].min())
    curves = curves[curves["time"] > 0]
    for column, (name, title) in enumerate(DATASETS.items()):
        found = select(curves, dataset=name)
        panel_errors(axes[0, column], "ab"[column], title, found)
        panel_excess(axes[1, column], "de"[column], found)
    for row, (letter, rule) in enumerate(zip("cf", RULE_COLORS, strict=True)):
        panel_alignment(axes[row, 2], letter, rule, select(tables["image_alignment"], dataset="cifar10", width=4))
        axes[row, 2].set_ylabel("unit $k$ (CIFAR-10, ODE)")
    legend_below(fig, axes[0, 0], axes[1, 0], n_columns=3)
    return fig


def panel_errors(ax: Axes, letter: str, title: str, curves: pd.DataFrame) -> None:
    """Learning curves of the vanilla rule: population error, and error on the test images."""
    panel_label(ax, letter)
    ax.set_title(title)
    if curves.empty:
        empty(ax)
        return
    own = select(curves, rule="vanilla")
    draw_methods(ax, own, subtract=0.0)
    test = select(own, inputs="images").dropna(subset="test_error")
    ax.plot(test["time"], test["test_error"], "x", color=COLORS["black"], markersize=3, markeredgewidth=0.7, label="test images")
    draw_levels(ax, {4: curves["pca_error"].iloc[0]})
    log_axes(ax, TIME_LABEL, ERROR_LABEL)
    low, high = ax.get_ylim()
    ax.set_yticks([tick for tick in (0.08, 0.1, 0.15, 0.2, 0.25) if low < tick < high])
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_locator(NullLocator())


def panel_excess(ax: Axes, letter: str, curves: pd.DataFrame) -> None:
    """Excess over PCA, theory also for the truncated rule."""
    panel_label(ax, letter)
    if curves.empty:
        empty(ax)
        return
    draw_methods(ax, select(curves, rule="vanilla"), subtract=curves["pca_error"].iloc[0])
    truncated = select(curves, rule="truncated", method="theory")
    excess = truncated["error"] - truncated["pca_error"]
    ax.plot(truncated["time"], excess, **THEORY, color=RULE_COLORS["truncated"], label="ODE, truncated")
    log_axes(ax, TIME_LABEL, "error in excess of PCA$_4$")


def draw_methods(ax: Axes, curves: pd.DataFrame, subtract: float) -> None:
    """The ODE as a line, both simulations as markers."""
    theory = select(curves, method="theory")
    ax.plot(theory["time"], theory["error"] - subtract, **THEORY, color=COLORS["black"], label="ODE (covariance only)")
    for inputs, (label, color, marker) in INPUTS.items():
        found = select(curves, inputs=inputs)
        style = SIMULATION | {"marker": marker, "markerfacecolor": "none", "markeredgewidth": 0.7}
        ax.plot(found["time"], found["error"] - subtract, **style, color=color, label=label)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
