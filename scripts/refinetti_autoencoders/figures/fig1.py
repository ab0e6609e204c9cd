"""Figure 1: spectra of the inputs, and example images [refinetti_autoencoders]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, PUBLISHED, empty, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from scripts.refinetti_autoencoders.figures.drawing import merge

DATASETS = {"cifar10": ("CIFAR-10, grey", COLORS["blue"]), "fashion_mnist": ("Fashion-MNIST", COLORS["orange"])}


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    fig, axes = new_figure(2, 2, height=4.2, height_ratios=[2.4, 1])
    panel_sample(axes[0, 0], tables["sample_spectrum"])
    panel_images(axes[0, 1], tables["image_spectra"])
    panel_examples(merge(fig, axes, 1, slice(0, 2)), select(tables["example_images"], dataset="cifar10"))
    return fig


def panel_sample(ax: Axes, spectrum: pd.DataFrame) -> None:
    """Histogram of a sample covariance's eigenvalues, bulk and outliers."""
    panel_label(ax, "a")
    values = spectrum["eigenvalue"].to_numpy()
    bins = np.geomspace(values.min() / 1.2, values.max() * 1.2, 70)
    ax.hist(values, bins, color=COLORS["blue"], label="spiked model, one sample")
    ax.axvline(spectrum["bulk_edge"].iloc[0], **PUBLISHED, label="Marchenko–Pastur edge")
    ax.set(xscale="log", yscale="log", ylim=(0.7, None), xlabel=r"eigenvalue $\rho/D$", ylabel="number of eigenvalues")
    ax.legend(loc="upper right")


def panel_images(ax: Axes, spectra: pd.DataFrame) -> None:
    """Eigenvalues of real images against their rank."""
    panel_label(ax, "b")
    for name, (label, color) in DATASETS.items():
        # Rounding leaves eigenvalues of 0 where there are fewer images than pixels.
        found = select(spectra, dataset=name)
        positive = found[found["eigenvalue"] > 1e-12]
        ax.plot(positive["rank"], positive["eigenvalue"], color=color, label=label, linewidth=1.2)
    ax.set(xscale="log", yscale="log", xlabel=r"rank $\tau$", ylabel=r"eigenvalue $\rho_\tau/D$")
    ax.legend(loc="lower left")


def panel_examples(ax: Axes, examples: pd.DataFrame) -> None:
    """First training images side by side."""
    panel_label(ax, "c")
    ax.axis("off")
    if examples.empty:
        empty(ax)
        return
    pixels = examples.pivot_table(index="pixel_row", columns=["image", "pixel_column"], values="value").to_numpy()
    n_images = examples["image"].nunique()
    strip = [np.pad(image, ((0, 0), (0, 4)), constant_values=1) for image in np.split(pixels, n_images, axis=1)]
    ax.imshow(np.concatenate(strip, axis=1)[:, :-4], cmap="gray", vmin=0, vmax=1, interpolation="nearest")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
