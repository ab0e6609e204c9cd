"""Mean distance of patches from the nearest of k centroids, natural, shuffled and Gaussian [brutzkus_patches, E2a, E8]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.claims import MissingRows
from repro.figures import COLORS, About, band, bounds, empty, legend_below, new_figure, panel_label, plain_ticks, save, simulated
from repro.job import job
from repro.panels import band_at, categories, padded
from scripts.brutzkus_patches import measures
from scripts.brutzkus_patches.figures import drawing

KINDS = {
    "original": {"color": COLORS["blue"], "marker": "o", "label": "original"},
    "whitened": {"color": COLORS["red"], "marker": "s", "label": "whitened"},
    "whitened_shuffled": {"color": COLORS["orange"], "marker": "D", "label": "whitened, shuffled"},
    "shuffled": {"color": COLORS["sky"], "marker": "v", "label": "shuffled"},
    "random": {"color": COLORS["black"], "marker": "^", "label": "Gaussian"},
}
PAIRS = {
    ("whitened_shuffled", "whitened"): {
        "color": COLORS["black"],
        "marker": "+",
        "markersize": 6.5,
        "label": "whitened, shuffled minus whitened",
    },
    ("random", "whitened"): {"color": COLORS["black"], "marker": "*", "markersize": 6.5, "label": "Gaussian minus whitened"},
    ("shuffled", "original"): {"color": COLORS["black"], "marker": "p", "markersize": 5.0, "label": "shuffled minus original"},
}
LEFT = ("random", "whitened_shuffled")
FROM = 8
SLOPE_TO = 512
SLOPES = {
    "original,\nshuffled": ("original", "shuffled"),
    "whitened,\nits shuffled": ("whitened", "whitened_shuffled"),
    "whitened,\nGaussian": ("whitened", "random"),
}


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    table = tables["centroid_distance"]
    wide = table.pivot_table(index="n_centroids", columns="patch_kind", values="mean_distance")
    fig, axes = new_figure(2, 2, height=5.4, height_ratios=[1.2, 1])
    shown = wide.loc[drawing.thin(list(wide.index))]
    panel_distance(axes[0, 0], shown, about)
    panel_gaps(axes[0, 1], shown, about)
    panel_tails(axes[1, 0], shown, about)
    panel_slopes(axes[1, 1], table, about)
    legend_below(fig, *axes.flat, n_columns=4)
    return fig


def panel_distance(ax: Axes, wide: pd.DataFrame, about: About) -> None:
    panel_label(ax, "a", about, "vectors of norm 1")
    for kind, style in KINDS.items():
        if kind in wide:
            simulated(ax, wide.index, wide[kind], **style)
    ax.set_yscale("log")
    low = float(wide.min(axis=None))
    plain_ticks(ax, "y", [tick for tick in (0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0) if tick > 0.9 * low])
    drawing.powers(ax, list(wide.index), "centroids $k$")
    ax.set_ylabel("mean distance from\nthe nearest centroid")


def panel_gaps(ax: Axes, wide: pd.DataFrame, about: About) -> None:
    panel_label(ax, "b", about, f"gaps, from $k$ = {FROM} on")
    wide = wide[wide.index >= FROM]
    gaps = {pair: wide[pair[0]] - wide[pair[1]] for pair in PAIRS if set(pair) <= set(wide)}
    ax.set_ylim(0, 1.1 * max((float(gap.max()) for gap in gaps.values()), default=0.1))
    drawing.powers(ax, [FROM, *wide.index], "centroids $k$")
    parts = ("whitened_shuffled_gap", "random_gap", "shuffled_gap")
    for part in parts:
        band(ax, *bounds(about, "B1", part), label="bounds of the claim" if part == parts[0] else None)
    for pair, gap in gaps.items():
        simulated(ax, gap.index, gap, **PAIRS[pair])
    ax.set_ylabel("difference of the\nmean distances")


def panel_tails(ax: Axes, wide: pd.DataFrame, about: About) -> None:
    panel_label(ax, "c", about, "what shuffling leaves")
    wide = wide[wide.index >= FROM]
    if not set(LEFT) <= set(wide):
        empty(ax)
        return
    gap = wide[LEFT[0]] - wide[LEFT[1]]
    ax.set_ylim(*padded([0.0, *gap]))
    drawing.powers(ax, [FROM, *wide.index], "centroids $k$")
    band(ax, *bounds(about, "B1_shuffled", "gap"))
    simulated(ax, gap.index, gap, color=COLORS["black"], marker="X", markersize=5.0, label="Gaussian minus whitened, shuffled")
    ax.set_ylabel("difference of the\nmean distances")


def panel_slopes(ax: Axes, table: pd.DataFrame, about: About) -> None:
    """Ratios of slopes; only the first is judged."""
    panel_label(ax, "d", about, "ratio of effective dimensions")
    mean = table.groupby(["patch_kind", "n_centroids"])["mean_distance"].mean().reset_index()
    try:
        slope = measures.slopes(mean, "mean_distance", ["patch_kind"], upto=SLOPE_TO)
        slope.index = [key[0] if isinstance(key, tuple) else key for key in slope.index]
        ratios = [slope[near] / slope[far] for near, far in SLOPES.values()]
    except (MissingRows, KeyError):
        empty(ax)
        return
    lower, upper = bounds(about, "B2", "slope_ratio")
    ax.set_ylim(*padded([0.0, lower, *ratios]))
    band_at(ax, 0, (lower, upper))
    simulated(ax, range(len(ratios)), ratios, color=COLORS["black"], marker="o", label="ratio of slopes")
    categories(ax, list(SLOPES))
    ax.set_ylabel("slope of the first\n/ of the second")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
