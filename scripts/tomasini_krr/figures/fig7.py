"""Spectrum of the kernel and coefficients of the target on a line [tomasini_krr, E3, E6]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, guide, legend_below, new_figure, panel_label, save, theory
from repro.frames import select
from repro.job import job
from scripts.tomasini_krr.figures.drawing import Column, Tables, by_chi, chi_color, chi_label, judged, through
from scripts.tomasini_krr.laws import exponent
from scripts.tomasini_krr.summaries import RANKS, spectral_slopes

RANK = "rank $r$"


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(2, 2, height=4.6)
    modes = tables["eigenmodes"]
    panel_label(axes[0, 0], "a", about, "eigenvalues")
    panel_label(axes[0, 1], "b", about, "target beyond rank $r$")
    for chi, found in modes.groupby("depletion_exponent"):
        panel_modes(axes[0, 0], found, "eigenvalue", -2.0)
        panel_modes(axes[0, 1], found, "tail", -exponent("replica", 1, float(chi)))
    axes[0, 0].set(ylabel=r"eigenvalue $\lambda_r$")
    axes[0, 1].set(ylabel=r"$1 - \sum_{s \leq r} c_s^2$")
    panels_of_slopes(axes[1], spectral_slopes(modes), about)
    legend_below(fig, axes[0, 0], axes[1, 0], n_columns=5)
    return fig


def panel_modes(ax: Axes, modes: pd.DataFrame, column: str, slope: float) -> None:
    """One quantity against the rank, with a guide of the predicted slope over the judged ranks."""
    chi = float(modes["depletion_exponent"].iloc[0])
    theory(ax, modes["rank"], modes[column], color=chi_color(chi), label=chi_label(chi))
    judged_ranks = modes[modes["rank"].between(*RANKS)]
    if len(judged_ranks):
        x, y = through(judged_ranks["rank"], judged_ranks[column], slope)
        guide(ax, x, 2 * y, label="predicted slope")
    ax.set(xscale="log", yscale="log", xlabel=RANK)


def panels_of_slopes(axes: list[Axes], slopes: pd.DataFrame, about: About) -> None:
    """Distances of the measured slopes from the laws."""
    laws = np.array([exponent("replica", 1, float(chi)) for chi in slopes["depletion_exponent"]])
    off = slopes.assign(eigenvalue=(slopes["eigenvalue"] + 2).abs(), tail=(slopes["tail"] + laws).abs())
    panels = (("c", "eigenvalue", "eigenvalues", "slope of a"), ("d", "tail", "tail", "slope of b"))
    for ax, (letter, column, part, title) in zip(axes, panels, strict=True):
        panel_label(ax, letter, about, title)
        ax.set(ylim=(0, 0.05), ylabel=r"$|$slope − predicted$|$")
        shown = [chi for chi in (0.0, 1.0, 3.0) if len(select(off, depletion_exponent=chi))]
        judged(ax, about, [Column(chi_label(chi), "T15", part, by_chi(select(off, depletion_exponent=chi), column)) for chi in shown])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
