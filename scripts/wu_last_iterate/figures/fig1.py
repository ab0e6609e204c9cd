"""Figure 1: tuned excess risk against sample size, and the best stepsize [wu_last_iterate]."""

from collections.abc import Mapping
from itertools import product

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import empty, legend_below, new_figure, save
from repro.job import job
from scripts.wu_last_iterate.figures.drawing import SPECTRUM_LABELS, TARGET_LABELS, curves


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Two rows of panels a spectrum, risk above best stepsize; one column a target."""
    best = tables["tuned_risk"].query("is_best")
    fig, axes = new_figure(4, 3, height=8.4, sharex=True, sharey="row", height_ratios=[2, 1, 2, 1])
    for (row, spectrum), (column, target) in product(enumerate(SPECTRUM_LABELS), enumerate(TARGET_LABELS)):
        instance = best[(best["spectrum"] == spectrum) & (best["target"] == target)]
        upper, lower = axes[2 * row, column], axes[2 * row + 1, column]
        upper.set_title(f"{SPECTRUM_LABELS[spectrum]},  {TARGET_LABELS[target]}")
        panel(upper, instance, "risk")
        panel(lower, instance, "relative_stepsize")
    for row in (0, 2):
        axes[row, 0].set_ylabel(r"tuned excess risk $L(w_N) - L(w^*)$")
        axes[row + 1, 0].set_ylabel(r"best $g = \gamma_0\,\mathrm{tr}\,H$")
    for ax in axes[-1]:
        ax.set_xlabel("samples $N$")
    legend_below(fig, axes[0, 0], n_columns=3)
    return fig


def panel(ax: Axes, instance: pd.DataFrame, column: str) -> None:
    """A column of the best rows against the sample size, one line a schedule."""
    if instance.empty:
        return empty(ax)
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    for line, rows in curves(instance, "n_train"):
        bold = line["label"].startswith("geometric")
        ax.plot(rows["n_train"], rows[column], **line, linewidth=2.0 if bold else 0.9, zorder=3 if bold else 2)
    ax.xaxis.set_major_formatter("{x:.0f}")
    return None


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
