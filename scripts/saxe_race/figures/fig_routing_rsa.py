"""Similarity of items within and across input domains [saxe_race, E1]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, legend_below, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import band_at, padded, rows_of_panels
from scripts.saxe_race.measures import means

COLOR = COLORS["blue"]
SCALE_LABEL = r"initial scale $\sigma_0$"


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, (above, below) = rows_of_panels([3, 3], height=5.2)
    panels, similarity = tables["similarity_panels"], tables["encoder_similarity"]
    largest = panels["similarity"].abs().max()
    shown = sorted(panels["initial_scale"].unique())
    for ax, letter, scale in zip(above[:2], "ab", (shown[0], shown[-1]), strict=True):
        panel_label(ax, letter, about, rf"$\sigma_0 = {scale:g}$")
        image = panel_similarity(ax, select(panels, initial_scale=float(scale)), largest)
    fig.colorbar(image, ax=above[1], shrink=0.8, label="similarity $x^T A_i^T A_j x'$")
    panel_cosine(above[2], similarity, about)
    above[2].set_box_aspect(1)  # as high as the images beside it
    panel_norm(below[0], similarity, about)
    panel_rich(below[1], similarity, about)
    panel_falls(below[2], similarity, about)
    legend_below(fig, *above, *below, n_columns=2)
    return fig


def panel_similarity(ax: Axes, found: pd.DataFrame, largest: float) -> object:
    """Blocks of item by item, domain by domain."""
    grid = found.pivot_table(index=["input_domain", "item"], columns=["other_domain", "other_item"], values="similarity").to_numpy()
    image = ax.imshow(grid, vmin=-largest, vmax=largest, cmap="RdBu_r")
    n_items = int(found["item"].max()) + 1
    ticks = np.arange(0, len(grid), n_items) + (n_items - 1) / 2
    ax.set_xticks(ticks, [str(domain + 1) for domain in range(len(ticks))])
    ax.set_yticks(ticks, [str(domain + 1) for domain in range(len(ticks))])
    ax.set(xlabel="input domain $j$ and item", ylabel="input domain $i$ and item")
    ax.grid(visible=False)
    return image


def _by_scale(similarity: pd.DataFrame, column: str) -> pd.DataFrame:
    """Mean over pairs of domains of every seed, then over seeds."""
    by_seed = similarity.groupby(["initial_scale", "seed"], as_index=False)[column].mean()
    return means(by_seed, column, "initial_scale")


def panel_cosine(ax: Axes, similarity: pd.DataFrame, about: About) -> None:
    panel_label(ax, "c", about, "one code?")
    found = _by_scale(similarity, "cosine")
    ax.set(xlabel=SCALE_LABEL, ylabel="cosine with own block", ylim=(0, 1.08))
    band_at(ax, found["initial_scale"].max(), bounds(about, "R13b", "lazy"), half=0.12)
    simulated(
        ax, found["initial_scale"], found["mean"], found["std_error"], color=COLOR, label="mean over pairs of domains, then over seeds"
    )


def panel_norm(ax: Axes, similarity: pd.DataFrame, about: About) -> None:
    panel_label(ax, "d", about, "size")
    found = _by_scale(similarity, "norm_ratio")
    simulated(ax, found["initial_scale"], found["mean"], found["std_error"], color=COLOR)
    ax.set(xlabel=SCALE_LABEL, ylabel="norm ratio", ylim=(0, 1.08))


def panel_rich(ax: Axes, similarity: pd.DataFrame, about: About) -> None:
    """Every seed at the smallest scale."""
    smallest = float(similarity["initial_scale"].min())
    panel_label(ax, "e", about, rf"$\sigma_0 = {smallest:g}$")
    by_seed = select(similarity, initial_scale=smallest).groupby("seed")["cosine"].mean()
    limits = bounds(about, "R13b", "rich")
    ax.set_ylim(*padded([by_seed.min(), limits[0], 1.0]))
    band(ax, *limits, label=None)
    simulated(ax, range(len(by_seed)), by_seed, color=COLOR)
    ax.set(xlabel="network (one a seed)", ylabel="cosine with own block", xticks=[])


def panel_falls(ax: Axes, similarity: pd.DataFrame, about: About) -> None:
    """Falls of the mean cosine between neighbouring scales."""
    panel_label(ax, "f", about, "fall by scale")
    found = _by_scale(similarity, "cosine")
    falls = -np.diff(found["mean"])
    ax.set_ylim(*padded([0, falls.max(), falls.min()]))
    band(ax, *bounds(about, "R13", "smallest_fall"), label=None)
    simulated(ax, found["initial_scale"][1:], falls, color=COLOR)
    ax.set(xlabel=rf"{SCALE_LABEL}, the larger", ylabel="fall of the mean cosine")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
