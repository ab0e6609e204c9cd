"""Companion D: manifold first, density second [puthawala_flows, E10]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, control, legend_below, new_figure, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import Limits, categories, log_decimals, padded_log
from scripts.puthawala_flows import comparison
from scripts.puthawala_flows.figures.drawing import SUP, by_checkpoint, space

QUANTITIES = {
    "w2_floor": ("sampling floor", COLORS["orange"]),
    "sup_error": ("sup error", COLORS["black"]),
    "hausdorff": ("farthest target sample", COLORS["purple"]),
    "projection_rms": ("least $W_2$ on the range", COLORS["green"]),
    "w2_density": ("$W_2$ after the density step", COLORS["blue"]),
    "w2_uniform": ("$W_2$ with uniform latents", COLORS["grey"]),
}
GAINS = (("C7", "gain_from_second_checkpoint", "from second checkpoint"), ("C7b", "gain_from_fourth_checkpoint", "from fourth checkpoint"))


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    distances = tables["transport_distances"]
    judged = select(distances, ambient_dim=comparison.JUDGED_DIM)
    fig, axes = new_figure(2, 3, height=5.0)
    panel_course(axes[0, 0], judged, about)
    for ax, letter, (claim, part, title) in zip(axes[0, 1:], "bc", GAINS, strict=True):
        panel_label(ax, letter, about, title)
        panel_gain(ax, judged, bounds(about, claim, part), comparison.GAIN_FROM[claim])
    panel_floor(axes[1, 0], judged, about)
    panel_uniform(axes[1, 1], judged, about)
    panel_dimensions(axes[1, 2], distances, about)
    legend_below(fig, *axes.flat, n_columns=4)
    return fig


def panel_course(ax: Axes, distances: pd.DataFrame, about: About) -> None:
    """All distances at the checkpoints, mean over seeds."""
    panel_label(ax, "a", about, f"{space(comparison.JUDGED_DIM)}, by checkpoint")
    place = by_checkpoint(ax, distances)
    for column in QUANTITIES:
        found = comparison.over_seeds(distances, column)
        _marks(ax, column, place[found.index], found["mean"], found["std_error"], label=True)
    ax.set(ylabel="distance (length)")
    ax.set_ylim(*padded_log(distances[list(QUANTITIES)].to_numpy().ravel(), 1.3))
    log_decimals(ax)


def panel_gain(ax: Axes, distances: pd.DataFrame, limits: Limits, first: int) -> None:
    """Mean gain less three standard errors, at the judged checkpoints."""
    found = comparison.gains(distances)["low"].iloc[first:]
    ax.set(ylim=(np.nanmin([-0.1, *(1.2 * found)]), np.nanmax([0.3, *(1.2 * found)])), ylabel="gain, mean − 3 s.e.\n(length)")
    place = by_checkpoint(ax, distances)
    band(ax, *limits)
    simulated(ax, place[found.index], found, color=QUANTITIES["w2_density"][1])


def panel_floor(ax: Axes, distances: pd.DataFrame, about: About) -> None:
    """Distance after the density step over the own floor, against the sup error of the seed; the best fit is judged."""
    panel_label(ax, "d", about, "end; leftmost is judged")
    last = comparison.last_step(distances)
    ratio = last["w2_density"] / last["w2_floor"]
    ax.set_xlim(*padded_log(last["sup_error"], 1.3))
    log_decimals(ax, "x")
    ax.set(ylim=(0, np.nanmax([2, *(1.1 * ratio)])), xlabel=f"{SUP} of the seed (length)", ylabel="$W_2$ after step / floor")
    band(ax, *bounds(about, "C8", "density_over_floor"))
    simulated(ax, last["sup_error"], ratio, color=QUANTITIES["w2_density"][1])


def panel_uniform(ax: Axes, distances: pd.DataFrame, about: About) -> None:
    """Distance without the density step over the floor; the last checkpoint is judged."""
    panel_label(ax, "e", about, "uniform; last is judged")
    found = comparison.uniform_over_floor(distances)
    place = by_checkpoint(ax, distances)
    ax.set(ylim=(0, np.nanmax([4, *(1.1 * found)])), ylabel="uniform $W_2$ / floor")
    band(ax, *bounds(about, "N3", "uniform_over_floor"))
    control(ax, place[found.index], found)


def panel_dimensions(ax: Axes, distances: pd.DataFrame, about: About) -> None:
    """All distances at the last checkpoint, mean over seeds, by dimension."""
    panel_label(ax, "f", about, "end, by dimension")
    dims = sorted(distances["ambient_dim"].unique())
    for place, dim in enumerate(dims):
        last = comparison.last_step(select(distances, ambient_dim=int(dim)))
        for shift, column in zip(np.linspace(-0.25, 0.25, len(QUANTITIES)), QUANTITIES, strict=True):
            found = comparison.over_seeds(last, column)
            _marks(ax, column, [place + shift], found["mean"], found["std_error"])
    ax.set_ylim(*padded_log(distances[list(QUANTITIES)].to_numpy().ravel(), 1.3))
    log_decimals(ax)
    ax.set_ylabel("distance (length)")
    categories(ax, [space(int(dim)) for dim in dims])


def _marks(ax: Axes, column: str, x: object, mean: object, std_error: object, *, label: bool = False) -> None:
    """Markers of one quantity; crosses for what must stay large."""
    name, color = QUANTITIES[column]
    told = name if label else None
    if column == "w2_uniform":
        control(ax, x, mean, label=told)
    else:
        size = 7.0 if column == "w2_floor" else 4.0  # the floor is drawn first and around what comes down to it
        simulated(ax, x, mean, std_error, color=color, markersize=size, label=told)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
