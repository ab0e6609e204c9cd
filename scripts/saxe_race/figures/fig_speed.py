"""Half-learning time against the number of domains [saxe_race, E5, E7]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, band, guide, legend_below, new_figure, panel_label, plain_ticks, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import categories, padded
from scripts.saxe_race.figures.drawing import MODE_COLORS, symmetric
from scripts.saxe_race.measures import timing_residual

RULES = {"all": "theory, all pairs", "one": "theory, one output"}


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(1, 2, height=3.4)
    panel_times(axes[0, 0], tables["half_learning_times"], about)
    panel_residual(axes[0, 1], tables["half_learning_times"], about)
    legend_below(fig, *axes.flat, n_columns=3)
    return fig


def panel_times(ax: Axes, times: pd.DataFrame, about: About) -> None:
    """Exact times at every M, simulated ones where there are any."""
    panel_label(ax, "a", about, "half-learning time")
    exact = select(times, method="theory")
    for mode, color in list(MODE_COLORS.items())[:3]:
        for rule, line in (("all", "-"), ("one", "--")):
            own = exact["n_trained_outputs"] == (exact["n_domains"] if rule == "all" else 1)
            found = select(exact[own], mode=mode).sort_values("n_domains")
            ax.plot(found["n_domains"], found["half_time"], line, color=color, linewidth=1.2, label=f"mode {mode}, {RULES[rule]}")
        found = select(times, method="simulation", mode=mode)
        simulated(ax, found["n_domains"], found["half_time"], color=color, label=f"mode {mode}, descent")
    domains = np.sort(exact["n_domains"].unique()).astype(float)
    top = exact["half_time"].max()
    guide(ax, domains, 0.8 * top * (domains / domains[0]) ** -1.5, "$M^{-3/2}$")
    ax.set(xscale="log", yscale="log", xlabel="number of domains $M$", ylabel="half-learning time (epochs)")
    plain_ticks(ax, "x", [m for m in (2, 4, 8, 12, 20) if domains[0] <= m <= domains[-1]])


def panel_residual(ax: Axes, times: pd.DataFrame, about: About) -> None:
    panel_label(ax, "b", about, "gradient descent − theory")
    residual = timing_residual(times)
    limits = symmetric(about, "R21", "timing")
    ax.set_ylim(*padded([*limits, *residual["residual"]]))
    band(ax, *limits)
    places = sorted(residual["n_domains"].unique())
    for mode, color in list(MODE_COLORS.items())[:3]:
        found = select(residual, mode=mode)
        simulated(ax, [places.index(m) + 0.12 * (mode - 2) for m in found["n_domains"]], found["residual"], color=color)
    categories(ax, [str(m) for m in places])
    ax.set(xlabel="number of domains $M$", ylabel="residual (epochs)")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
