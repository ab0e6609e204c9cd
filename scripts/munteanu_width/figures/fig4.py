"""Companion F: squared loss, its proved rate, and the stability of the kernel [munteanu_width, E3, E11]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, control, empty, guide, legend_below, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import band_between
from scripts.munteanu_width import comparison
from scripts.munteanu_width.figures.drawing import MARKERS, STARTS, Tables, by_start, mosaic, start_label, width_axis

PROBLEM_COLORS = ("green", "purple", "orange", "brown")
JUDGED_WIDTH, JUDGED_N, JUDGED_FLIPS = 64, 32, 1024
N_MARKERS = 12

Problem = tuple[int, int]


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = mosaic("abcd\nefgh", height=5.4)
    curves, ends = tables["loss_curve"], tables["kernel_stability"]
    problems = _problems(ends)
    for place, letter in enumerate("ab"):
        panel_loss(axes[letter], letter, about, curves, problems[place] if place < len(problems) else None)
    runs = comparison.excess(curves)
    panel_excess(axes["c"], about, runs, problems)
    panel_broken(axes["d"], about, runs)
    first = select(ends, n_train=problems[0][0], dim=problems[0][1])
    panel_kernel(axes["e"], "e", about, first, "initial_eigenvalue_ratio")
    panel_kernel(axes["f"], "f", about, first, "final_eigenvalue_ratio")
    panel_flips(axes["g"], about, first)
    panel_flip_ratio(axes["h"], about, first)
    legend_below(fig, *axes.values(), n_columns=4)
    return fig


def _problems(ends: pd.DataFrame) -> list[Problem]:
    """Sizes of the data, the judged one first, then the others of as many vectors."""
    found = ends[["n_train", "dim"]].drop_duplicates().itertuples(index=False)
    return sorted(((int(n), int(dim)) for n, dim in found), key=lambda size: (size[0] != JUDGED_N, -size[1]))


def _named(problem: Problem) -> str:
    return f"{problem[0]} vectors, {problem[1]} dimensions"


def panel_loss(ax: Axes, letter: str, about: About, curves: pd.DataFrame, problem: Problem | None) -> None:
    """Median loss and median bound of every start, at the smallest width for which the rate is claimed."""
    ax.set(yscale="log", xlabel="step $t$", ylabel="loss a vector")
    if problem is None:
        panel_label(ax, letter, about, "loss")
        empty(ax)
        return
    found = select(curves, n_train=problem[0], dim=problem[1])
    width = min(found["width"].unique(), key=lambda m: (m < JUDGED_WIDTH, abs(m - JUDGED_WIDTH)))
    panel_label(ax, letter, about, f"{problem[1]} dim., $m$ = {width}")
    found = select(found, width=int(width))
    for start, color in STARTS.items():
        for scale, marker in MARKERS.items():
            lane = select(found, initialization=start, init_scale=scale).groupby("step")[["loss", "bound"]].median()
            theory(ax, lane.index, lane["bound"], color=color, label=f"bound, {start}")
            every = lane.iloc[:: max(1, len(lane) // N_MARKERS)]
            simulated(ax, every.index, every["loss"], color=color, marker=marker, label=start_label(start, scale))


def panel_excess(ax: Axes, about: About, runs: pd.DataFrame, problems: list[Problem]) -> None:
    """Largest loss over bound of coupled runs, a colour for each problem."""
    panel_label(ax, "c", about, "loss over bound")
    ax.set(yscale="log", ylim=(0.1, 50), ylabel="largest loss / bound")
    width_axis(ax, runs["width"])
    band_between(ax, JUDGED_WIDTH / 1.2, runs["width"].max() * 1.2, bounds(about, "C9", "largest_excess"))
    guide(ax, [JUDGED_N**2] * 2, [0.1, 30])
    ax.annotate("$n^2$", (JUDGED_N**2, 30), xytext=(0, 1), textcoords="offset points", ha="center", fontsize=7.5)
    for problem, color in zip(problems, PROBLEM_COLORS, strict=False):
        found = select(runs, n_train=problem[0], dim=problem[1], initialization="coupled").groupby("width")["excess"].max()
        simulated(ax, found.index, found, color=COLORS[color], label=_named(problem))


def panel_broken(ax: Axes, about: About, runs: pd.DataFrame) -> None:
    """Share of coupled runs that break the rate; judged at width 8."""
    panel_label(ax, "d", about, "above the rate")
    ax.set(ylim=(-0.08, 1.08), ylabel="runs (share)")
    width_axis(ax, runs["width"])
    band_between(ax, 8 / 1.2, 8 * 1.2, bounds(about, "N4", "broken_share"))
    found = select(runs, initialization="coupled", n_train=JUDGED_N)
    if len(found):
        shares = comparison.broken(found, ["width"])
        control(ax, shares.index, shares, label="control")


def panel_kernel(ax: Axes, letter: str, about: About, ends: pd.DataFrame, column: str) -> None:
    """Smallest eigenvalue of the finite kernel in units of the infinite one's."""
    panel_label(ax, letter, about, f"kernel, {'start' if column.startswith('initial') else 'end'}")
    ax.set(ylim=(-0.05, 1.2), ylabel=r"$\lambda_{\min}(H) / \lambda$")
    width_axis(ax, ends["width"])
    guide(ax, [ends["width"].min() / 1.5, ends["width"].max() * 1.5], [0.75, 0.75])
    by_start(ax, comparison.medians(ends, column))


def panel_flips(ax: Axes, about: About, ends: pd.DataFrame) -> None:
    """Share of flipped activations."""
    panel_label(ax, "g", about, "flipped activations")
    ax.set(yscale="log", ylabel="median share")
    width_axis(ax, ends["width"])
    flips = comparison.medians(ends, "flip_share")
    by_start(ax, flips.where(flips > 0))


def panel_flip_ratio(ax: Axes, about: About, ends: pd.DataFrame) -> None:
    """Flip share at scale 10 over that at scale 1, judged at the largest width."""
    panel_label(ax, "h", about, "flips, ratio")
    ax.set(ylim=(0, 1), ylabel=r"share at $\kappa$ = 10 / at 1")
    width_axis(ax, ends["width"])
    for start in STARTS:
        band_between(ax, JUDGED_FLIPS / 1.25, JUDGED_FLIPS * 1.25, bounds(about, "C8", start))
    ax.set_xlim(right=max(ends["width"].max() * 1.5, JUDGED_FLIPS * 1.4))
    ratios = comparison.flip_ratios(ends)
    for start, color in STARTS.items():
        found = select(ratios, initialization=start)
        simulated(ax, found["width"], np.minimum(found["ratio"], 1.0), color=color)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
