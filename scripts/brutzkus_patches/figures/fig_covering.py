"""Cover radius and errors of the untrained predictors on spheres of known dimension [brutzkus_patches, E9, E10]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.claims import MissingRows
from repro.figures import COLORS, About, band, bounds, empty, guide, legend_below, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from repro.panels import band_at, categories, padded
from scripts.brutzkus_patches import measures
from scripts.brutzkus_patches.figures import drawing

DIMENSIONS = {2: COLORS["blue"], 4: COLORS["red"], 8: COLORS["green"], 16: COLORS["purple"]}
MARKERS = {"hard": "o", "full": "s"}
WORDS = {"hard": "locally constant", "full": "locally linear"}
SIZE = "centres $N$"


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    radius, error = tables["cover_radius"], tables["predictor_error"]
    fig, axes = new_figure(2, 3, height=5.2)
    panel_radius(axes[0, 0], radius, about)
    panel_dimension(axes[0, 1], radius, about)
    panel_law(axes[0, 2], radius, about)
    panel_errors(axes[1, 0], error, about)
    panel_ratio(axes[1, 1], error, about)
    panel_exponents(axes[1, 2], error, about)
    legend_below(fig, *axes.flat, n_columns=4)
    return fig


def panel_radius(ax: Axes, radius: pd.DataFrame, about: About) -> None:
    panel_label(ax, "a", about, "cover radius")
    for dim, own in radius.groupby("intrinsic_dim"):
        summary = drawing.over_seeds(own, "n_centroids", "cover_radius")
        drawing.points(ax, summary.index, summary, {"color": DIMENSIONS[dim], "label": f"$d_0$ = {dim}"})
        sizes = np.array([summary.index[0], summary.index[-1]], dtype=float)
        start = float(summary["mean"].iloc[0])
        guide(ax, sizes, start * (sizes / sizes[0]) ** (-1 / (dim - 1)), label="law, through the first point")
    drawing.powers(ax, list(radius["n_centroids"].unique()), SIZE)
    ax.set_yscale("log")
    ax.set_ylabel("cover radius $r_N$")


def _slopes(ax: Axes, table: pd.DataFrame, column: str, by: list[str]) -> pd.Series | None:
    """Slope of every seed; a word in the panel where there are too few sizes."""
    try:
        return measures.slopes(table, column, by)
    except MissingRows:
        empty(ax)
        return None


def _by_dimension(ax: Axes, values: "pd.Series[float]") -> None:
    """Means over seeds at every dimension, one place each."""
    summary = values.groupby(level=0).agg(["mean", "sem"])
    for place, (dim, row) in enumerate(summary.iterrows()):
        drawing.points(ax, [place], row.to_frame().T.astype(float), {"color": DIMENSIONS[dim], "label": f"$d_0$ = {dim}"})
    categories(ax, [f"{dim}" for dim in summary.index])
    ax.set_xlabel("dimension $d_0$")


def panel_dimension(ax: Axes, radius: pd.DataFrame, about: About) -> None:
    """What the mean slope implies, minus the dimension."""
    panel_label(ax, "b", about, "dimension from the slope")
    slopes = _slopes(ax, radius, "cover_radius", ["intrinsic_dim", "seed"])
    if slopes is None:
        return
    mean = slopes.groupby(level=0).mean()
    off = 1 - 1 / mean - mean.index
    _, upper = bounds(about, "B11", "implied_dimension")
    ax.set_ylim(*padded([*off, -upper, upper]))
    for dim in (2, 4):
        if dim in off.index:
            band_at(ax, list(off.index).index(dim), (-upper, upper))
    _by_dimension(ax, off)
    ax.set_ylabel("implied minus\ntrue dimension")


def panel_law(ax: Axes, radius: pd.DataFrame, about: About) -> None:
    panel_label(ax, "c", about, "slope over that of the law")
    slopes = _slopes(ax, radius, "cover_radius", ["intrinsic_dim", "seed"])
    if slopes is None:
        return
    ratio = slopes * (1 - slopes.index.get_level_values(0))
    limits = bounds(about, "B11_eight", "slope_ratio")
    ax.set_ylim(*padded([*ratio, *limits]))
    dims = sorted(set(ratio.index.get_level_values(0)))
    if 8 in dims:
        band_at(ax, dims.index(8), limits)
    _by_dimension(ax, ratio)
    ax.set_ylabel("slope times\n$-(d_0 - 1)$")


def panel_errors(ax: Axes, error: pd.DataFrame, about: About) -> None:
    panel_label(ax, "d", about, "error of the predictors")
    for (dim, model), own in error.groupby(["intrinsic_dim", "model"]):
        summary = drawing.over_seeds(own, "n_centroids", "relative_error")
        style = {"color": DIMENSIONS[dim], "marker": MARKERS[model]}
        drawing.points(ax, summary.index, summary, style)
    for model, marker in MARKERS.items():
        ax.plot([], [], linestyle="", marker=marker, markersize=4, markerfacecolor="white", color=COLORS["black"], label=WORDS[model])
    drawing.powers(ax, list(error["n_centroids"].unique()), SIZE)
    ax.set_yscale("log")
    ax.set_ylabel("rms error over\nstandard deviation")


def panel_ratio(ax: Axes, error: pd.DataFrame, about: About) -> None:
    """Largest over seeds, which is what is judged."""
    panel_label(ax, "e", about, "linear over constant")
    keys = ["intrinsic_dim", "n_centroids", "seed"]
    hard, full = (select(error, model=model).set_index(keys)["relative_error"] for model in ("hard", "full"))
    worst = (full / hard).groupby(level=[0, 1]).max().reset_index(name="ratio")
    limits = bounds(about, "B12", "error_ratio")
    ax.set_ylim(0, 1.15)
    drawing.powers(ax, list(error["n_centroids"].unique()), SIZE)
    band(ax, *limits)
    for dim, own in worst.groupby("intrinsic_dim"):
        summary = pd.DataFrame({"mean": own["ratio"], "sem": np.nan})
        drawing.points(ax, own["n_centroids"], summary, {"color": DIMENSIONS[dim]})
    ax.set_ylabel("largest ratio\nof the errors")


def panel_exponents(ax: Axes, error: pd.DataFrame, about: About) -> None:
    panel_label(ax, "f", about, "ratio of the exponents")
    slopes = _slopes(ax, error, "relative_error", ["model", "intrinsic_dim", "seed"])
    if slopes is None:
        return
    mean = slopes.groupby(level=[0, 1]).mean()
    ratio = (mean["full"] / mean["hard"]).rename_axis("intrinsic_dim")
    judged = {2: "exponent_ratio_two", 4: "exponent_ratio_four"}
    limits = {dim: bounds(about, "B12", part) for dim, part in judged.items()}
    ax.set_ylim(*padded([*ratio, *(edge for pair in limits.values() for edge in pair)]))
    for dim, pair in limits.items():
        if dim in ratio.index:
            band_at(ax, list(ratio.index).index(dim), pair)
    _by_dimension(ax, ratio)
    ax.set_ylabel("slope ratio, linear\nover constant")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
