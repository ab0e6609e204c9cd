"""Companion: the Gaussian prediction on real images [wu_last_iterate, E4]."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import COLORS, GUIDE, About, band, bounds, empty, legend_below, new_figure, panel_label, save, simulated, theory
from repro.job import job
from repro.panels import explain, log_decimals
from scripts.wu_last_iterate.figures.drawing import curves, sample_sizes

DATASETS = {"mnist": "MNIST, even or odd", "fashion_mnist": "Fashion-MNIST, even or odd class", "cifar10": "CIFAR-10, vehicle or animal"}


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    """One column a dataset: risks, their ratio, what of it is beyond noise, and the noise."""
    table = tables["image_risk"]
    fig, axes = new_figure(4, 3, height=7.4, sharex=True, sharey="row", height_ratios=[1.6, 1.1, 1.1, 0.9])
    for column, (dataset, name) in enumerate(DATASETS.items()):
        rows = table[table["dataset"] == dataset]
        panel_label(axes[0, column], "abc"[column], about, name)
        if rows.empty:
            empty(axes[0, column])
        else:
            draw_column(axes[:, column], rows, about)
        axes[-1, column].set_xlabel("images drawn $N$")
    labels = [r"excess risk $\frac{1}{2}\|w_N - w^*\|_H^2$", "images / theory", "|ratio − 1| − 3 s.e.", "s.e. / risk"]
    for ax, label in zip(axes[:, 0], labels, strict=True):
        ax.set_ylabel(label)
    explain(axes[0, 0], "SGD on images, mean ± 2 s.e.")
    legend_below(fig, axes[0, 0], axes[2, 0], n_columns=3)
    return fig


def draw_column(axes: Any, rows: pd.DataFrame, about: About) -> None:
    """The four panels of one dataset; schedules are set apart sideways to be seen."""
    for line, curve in curves(rows, "n_train"):
        theory(axes[0], curve["n_train"], curve["risk"], **line)
    axes[1].axhline(1.0, **GUIDE)
    for color, curve, error in markers(rows):
        simulated(axes[0], curve["n_train"], curve["simulated_risk"], curve["std_error"], color=color)
        simulated(axes[1], curve["aside"], curve["risk_ratio"], error, color=color)
        simulated(axes[2], curve["aside"], (curve["risk_ratio"] - 1).abs() - 3 * error, color=color)
        simulated(axes[3], curve["aside"], error, color=color)
    log_decimals(axes[0])
    for ax in axes:
        sample_sizes(ax, rows["n_train"])
        ax.set_xlabel("")
    axes[1].set_ylim(0.8, 1.2)
    axes[2].set_ylim(-0.2, 0.2)
    axes[3].set_ylim(0, 0.08)
    band(axes[2], *bounds(about, "C14", "decaying"))
    axes[2].axhline(bounds(about, "C14", "constant")[1], **GUIDE | {"color": COLORS["black"]}, label="bound for constant")
    band(axes[3], *bounds(about, "C14", "precision"), label=None)


def markers(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame, pd.Series]]:
    """For each schedule its colour, its rows with a place beside their sample size, and the relative standard errors."""
    for shift, (line, curve) in enumerate(curves(rows, "n_train")):
        yield line["color"], curve.assign(aside=curve["n_train"] * 1.08 ** (shift - 1.5)), curve["std_error"] / curve["risk"]


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
