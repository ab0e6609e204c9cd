"""Node activation against node re-use [lee_maslow, E5, E6, E9, E11]."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, band, bounds, empty, guide, legend_below, new_figure, panel_label, save, theory
from repro.frames import select
from repro.job import job
from repro.panels import band_at, categories, measured, padded, strip
from scripts.lee_maslow import claims
from scripts.lee_maslow.figures.drawing import FORGETTING_LABEL, SHARE, SIMILARITY_LABEL, over_seeds, theory_points

Tables = Mapping[str, pd.DataFrame]
STARTS = {"random": ("random start", COLORS["blue"]), "specialised": ("specialised start", COLORS["purple"])}
MOMENTS = {"switch": ("before task 2", COLORS["orange"]), "end": ("after task 2", COLORS["green"])}


def draw(tables: Tables, about: Mapping[str, Any]) -> Figure:
    fig, axes = new_figure(3, 3, height=6.8)
    panel_activation(axes[0, 0], tables["node_reuse"], about)
    panel_share(axes[0, 1], tables["node_reuse"], about)
    panel_forgetting(axes[0, 2], tables, about)
    panel_deviation(axes[1, 0], tables, about)
    panel_steps(axes[1, 1], tables["node_reuse"], about)
    panel_label(axes[1, 2], "f", about, "unrelated minus identical")
    falls = [("L8", "share_falls", "share"), ("L8", "activation_falls", "growth")]
    strip(axes[1, 2], about, measured(claims, tables, "L8"), falls, "difference, idle unit")
    similarities = np.sort(tables["node_overlaps"]["similarity"].unique())
    for at, letter in enumerate("ghi"):
        panel_overlaps(axes[2, at], letter, tables["node_overlaps"], similarities[at : at + 1], about)
    legend_below(fig, *axes.flat, n_columns=3)
    return fig


def panel_activation(ax: Axes, reuse: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Growth of the idle unit's squared norm."""
    panel_label(ax, "a", about, "activation")
    for start, (label, color) in STARTS.items():
        theory_points(ax, over_seeds(reuse, "idle_activation", start=start)["mean"], color=color, label=label)
    ax.set(xlabel=SIMILARITY_LABEL, ylabel="growth $\\Delta Q$\nof the idle unit")


def panel_share(ax: Axes, reuse: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Share of task 2 that the idle unit carries."""
    panel_label(ax, "b", about, "share of the idle unit")
    for start, (_, color) in STARTS.items():
        theory_points(ax, over_seeds(reuse, "idle_share", start=start)["mean"], color=color)
    ax.set(xlabel=SIMILARITY_LABEL, ylabel="share of task 2", xlim=(-0.05, 1.05), ylim=(-0.05, 1.05))
    band_at(ax, 0.0, bounds(about, "L8b", "share_at_0"), half=SHARE)
    band_at(ax, 1.0, bounds(about, "L8b", "share_at_1"), half=SHARE)


def panel_forgetting(ax: Axes, tables: Tables, about: Mapping[str, Any]) -> None:
    """Forgetting from both starts, and pure re-use."""
    panel_label(ax, "c", about, "forgetting")
    for start, (_, color) in STARTS.items():
        theory_points(ax, over_seeds(tables["node_reuse"], "forgetting", start=start)["mean"], color=color)
    formula = tables["reuse_formula"]
    guide(ax, formula["similarity"], formula["forgetting"], label="pure re-use")
    ax.set(xlabel=SIMILARITY_LABEL, ylabel=FORGETTING_LABEL, xlim=(-0.05, 1.05), ylim=(-0.02, 0.36))
    band_at(ax, 0.0, bounds(about, "L7", "at_0"), half=SHARE)
    band_at(ax, 0.2, bounds(about, "L7", "at_0_2"), half=SHARE)


def panel_deviation(ax: Axes, tables: Tables, about: Mapping[str, Any]) -> None:
    """Forgetting from specialised starts minus pure re-use."""
    panel_label(ax, "d", about, "specialised minus re-use")
    mean = over_seeds(tables["node_reuse"], "forgetting", start="specialised")["mean"]
    gap = (mean - tables["reuse_formula"].set_index("similarity")["forgetting"]).dropna()
    theory_points(ax, gap[gap.index > 0.25], color=STARTS["specialised"][1])
    _, upper = bounds(about, "L6", "largest_deviation")
    reach = max(2 * upper, 1.1 * np.abs(ax.get_ylim()).max() if len(gap) > 1 else 0)
    ax.set(xlabel=SIMILARITY_LABEL, ylabel="difference in\nforgetting", xlim=(-0.05, 1.05), ylim=(-reach, reach))
    band(ax, -upper, upper)


def panel_steps(ax: Axes, reuse: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Change of share and growth of the idle unit from one similarity of the grid to the next."""
    panel_label(ax, "e", about, "change to the next $V$")
    for column, label, color in (("idle_share", "share", COLORS["red"]), ("idle_activation", "growth", COLORS["black"])):
        mean = over_seeds(reuse, column, start="random")["mean"]
        between = pd.Series(np.diff(mean), index=(mean.index[1:] + mean.index[:-1]) / 2)
        theory_points(ax, between, color=color, label=f"change of {label}, random start")
    _, rises = bounds(about, "L8b", "share_increases")
    drawn = [value for line in ax.get_lines() for value in line.get_ydata()]
    ax.set(xlabel=SIMILARITY_LABEL, ylabel="difference of means", xlim=(-0.05, 1.05), ylim=padded([*drawn, -0.05, 0.05]))
    band(ax, None, rises)


def panel_overlaps(ax: Axes, letter: str, overlaps: pd.DataFrame, similarity: np.ndarray, about: Mapping[str, Any]) -> None:
    """Overlaps of main and idle unit with both teachers, before and after task 2, random starts, mean over seeds."""
    panel_label(ax, letter, about, f"overlaps at $V = {similarity[0]:g}$" if len(similarity) else "")
    random = select(overlaps, start="random")
    if not len(similarity) or random.empty:
        empty(ax)
        return
    at = select(random, similarity=float(similarity[0]))
    for shift, (moment, (label, color)) in zip((-0.12, 0.12), MOMENTS.items(), strict=True):
        found = select(at, moment=moment)
        sizes = [found.loc[found["is_main"] == main, f"overlap_task{task}"].abs() for main in (True, False) for task in (1, 2)]
        theory(
            ax, np.arange(4) + shift, [size.mean() for size in sizes], color=color, linestyle="", marker="s", markersize=4.5, label=label
        )
    categories(ax, ["main\n$|R|$", "main\n$|U|$", "idle\n$|R|$", "idle\n$|U|$"])
    ax.set(ylabel="overlap with\nteacher", xlabel="unit; teacher 1 ($R$), 2 ($U$)", ylim=(-0.05, 1.25))


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
