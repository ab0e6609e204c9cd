"""Figure 1: spectra of the inputs, and example images [refinetti_autoencoders, E11, E15, E16]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, empty, legend_below, new_figure, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import merge
from scripts.refinetti_autoencoders.figures.drawing import IMAGE_SETS

EIGENVALUE = r"eigenvalue $\rho/D$"


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 3, height=4.7, height_ratios=[2.3, 1.5])
    panel_sample(axes[0, 0], tables["sample_spectrum"], about)
    panel_count(axes[0, 1], tables["sample_spectrum"], about)
    panel_images(axes[0, 2], tables["image_spectra"], about)
    panel_examples(merge(fig, axes, 1, slice(0, 3)), select(tables["example_images"], dataset="cifar10"), about)
    legend_below(fig, *axes[0], n_columns=3)
    return fig


def panel_sample(ax: Axes, spectrum: pd.DataFrame, about: About) -> None:
    """Eigenvalues of a sample covariance: histogram of the bulk, one stem for each of the largest, as many as spikes."""
    panel_label(ax, "a", about, "sample covariance")
    outlying = spectrum["rank"] <= spectrum["n_spikes"]
    bulk, outliers = spectrum.loc[~outlying, "eigenvalue"], spectrum.loc[outlying, "eigenvalue"]
    width = 0.1  # of a bin, in decades
    if len(bulk):
        first, last = np.floor(np.log10(bulk.min()) / width), np.ceil(np.log10(bulk.max()) / width)
        ax.hist(bulk, 10 ** (width * np.arange(first, last + 1.5)), color=COLORS["sky"], label="bulk")
    ax.vlines(outliers, 0.5, 1, color=COLORS["blue"], linewidth=0.8)
    simulated(ax, outliers, np.ones(len(outliers)), color=COLORS["blue"], label="outliers")
    draw_edge(ax, spectrum)
    ax.set(xscale="log", yscale="log", ylim=(0.5, 600), xlabel=EIGENVALUE, ylabel="number of eigenvalues")


def panel_count(ax: Axes, spectrum: pd.DataFrame, about: About) -> None:
    """How many eigenvalues lie above a threshold: as many as there are outliers from the edge of the bulk on."""
    panel_label(ax, "b", about, "count above")
    values = np.sort(spectrum["eigenvalue"].to_numpy())
    # A point of data, so each step is drawn as one: the count falls by one at every eigenvalue.
    ax.step(values, np.arange(len(values), 0, -1), where="pre", color=COLORS["blue"], linewidth=1.2, label="count above the threshold")
    draw_edge(ax, spectrum)
    ax.set(xscale="log", yscale="log", ylim=(0.5, 600), xlabel=r"threshold of $\rho/D$", ylabel="eigenvalues above it")
    band(ax, *bounds(about, "RA0", "n_outliers"))


def draw_edge(ax: Axes, spectrum: pd.DataFrame) -> None:
    """The Marchenko–Pastur edge, a vertical line."""
    edge = spectrum["bulk_edge"].iloc[0]
    theory(ax, [edge, edge], [0.5, 600], color=COLORS["red"], label="Marchenko–Pastur edge")


def panel_images(ax: Axes, spectra: pd.DataFrame, about: About) -> None:
    """Eigenvalues of real images against their rank."""
    panel_label(ax, "c", about, "images")
    for dataset, (label, color) in IMAGE_SETS.items():
        # Rounding leaves eigenvalues of 0 where there are fewer images than pixels.
        found = select(spectra, dataset=dataset)
        positive = found[found["eigenvalue"] > 1e-12]
        ax.plot(positive["rank"], positive["eigenvalue"], color=color, label=label, linewidth=1.2)
    ax.set(xscale="log", yscale="log", xlabel="rank of the eigenvalue", ylabel=EIGENVALUE)


def panel_examples(ax: Axes, examples: pd.DataFrame, about: About) -> None:
    """First training images side by side."""
    panel_label(ax, "d", about, "training images of CIFAR-10, grey")
    ax.axis("off")
    if examples.empty:
        empty(ax)
        return
    pixels = examples.pivot_table(index="pixel_row", columns=["image", "pixel_column"], values="value")
    n_images = examples["image"].nunique()
    strip = [np.pad(image, ((0, 0), (0, 4)), constant_values=1) for image in np.split(pixels.to_numpy(), n_images, axis=1)]
    ax.imshow(np.concatenate(strip, axis=1)[:, :-4], cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_anchor("W")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
