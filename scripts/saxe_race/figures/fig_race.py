"""Race of a shared against a private pathway [saxe_race, E7, E10]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, guide, legend_below, new_figure, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import categories, padded, padded_log
from scripts.saxe_race.figures.drawing import GAIN_COLORS, symmetric

DOMAIN_COLORS = (COLORS["brown"], COLORS["purple"], COLORS["sky"])
DOMAINS_LABEL = "number of domains $M$"


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 2, height=4.9)
    fractions = tables["shared_fraction"]
    panel_domains(axes[0, 0], select(fractions, sweep="domains"), about)
    panel_ratio(axes[0, 1], select(fractions, sweep="ratio"), about)
    panel_crossing(axes[1, 0], tables["crossover"], about)
    panel_rises(axes[1, 1], select(fractions, sweep="domains"), about)
    legend_below(fig, *axes.flat, n_columns=4)
    return fig


def panel_domains(ax: Axes, sweep: pd.DataFrame, about: About) -> None:
    panel_label(ax, "a", about, "equal starts")
    for color, start in zip(GAIN_COLORS, sorted(sweep["shared_init"].unique()), strict=False):
        found = select(sweep, shared_init=float(start)).sort_values("n_domains")
        simulated(ax, found["n_domains"], found["fraction"], color=color, label=f"equal starts $b_0 = p_0 = {start:g}$")
    ax.set(xlabel=DOMAINS_LABEL, ylabel=r"shared part $\varphi$", ylim=(0.45, 1.03))


def panel_ratio(ax: Axes, sweep: pd.DataFrame, about: About) -> None:
    panel_label(ax, "b", about, "switch at the even ratio")
    for color, n_domains in zip(DOMAIN_COLORS, sorted(sweep["n_domains"].unique()), strict=False):
        found = select(sweep, n_domains=int(n_domains)).sort_values("relative_ratio")
        simulated(ax, found["relative_ratio"], found["fraction"], color=color, markersize=3, label=f"$M = {n_domains}$")
    guide(ax, [1, 1], [0, 1])
    guide(ax, [0.7, 1.3], [0.5, 0.5])
    ax.set(xlabel=r"ratio of the starts $(p_0/b_0)/\rho^*$", ylabel=r"shared part $\varphi$", ylim=(-0.03, 1.03))


def panel_crossing(ax: Axes, crossover: pd.DataFrame, about: About) -> None:
    """Measured minus predicted ratio of an even race; one marker a number of domains and start."""
    panel_label(ax, "c", about, "even race against theory")
    limits = symmetric(about, "R14", "crossing")
    difference = crossover["crossing_ratio"] - crossover["predicted_ratio"]
    ax.set_ylim(*padded([*limits, *difference]))
    band(ax, *limits)
    places = sorted(crossover["n_domains"].unique())
    starts = sorted(crossover["shared_init"].unique())
    for color, n_domains in zip(DOMAIN_COLORS, places, strict=False):
        own = crossover["n_domains"] == n_domains
        simulated(ax, [starts.index(start) for start in crossover["shared_init"][own]], difference[own], color=color)
    categories(ax, [f"{start:g}" for start in starts])
    guide(ax, ax.get_xlim(), [0, 0])
    ax.set(xlabel="start of the shared pathway $b_0$", ylabel=r"residual ($\rho^*$)")


def panel_rises(ax: Axes, sweep: pd.DataFrame, about: About) -> None:
    """Rises of the part from M to the next M, at the two larger starts."""
    panel_label(ax, "d", about, "rise from $M$ to the next")
    lower = bounds(about, "R15", "smallest_rise")[0]
    starts = sorted(sweep["shared_init"].unique())
    rises = {}
    for color, start in zip(GAIN_COLORS, starts, strict=False):
        found = select(sweep, shared_init=float(start)).sort_values("n_domains")
        if start in (0.2, 0.5):
            rises[color] = (found["n_domains"][1:], np.diff(found["fraction"]))
    ax.set(yscale="log", ylim=padded_log([lower, *(value for _, rise in rises.values() for value in rise)]))
    band(ax, lower, None, label=None)
    for color, (n_domains, rise) in rises.items():
        simulated(ax, n_domains, rise, color=color)
    ax.set(xlabel=f"{DOMAINS_LABEL} (the larger)", ylabel=r"rise of $\varphi$")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
