"""Main theorem: predicted against measured speed of local component norms [razin_htf, E3, E6, E7]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterMathtext

from repro.figures import COLORS, About, band, bounds, control, empty, guide, legend_below, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import rows_of_panels
from scripts.razin_htf.figures.drawing import Judged, Tables, first_seed, strip

NODES = {"pair_12": ("node {1, 2}", COLORS["orange"]), "pair_34": ("node {3, 4}", COLORS["green"]), "root": ("root", COLORS["blue"])}
DEVIATIONS = [
    Judged("C6_theorem", "largest_deviation", "exponent of $L = 3$"),
    Judged("C6n_wrong_exponent", "largest_deviation", "exponent of $L = 4$"),
]
SLOPE = [Judged("C6_theorem", "slope", "all rows")]


def draw(tables: Tables, about: About) -> Figure:
    fig, (scatters, rest) = rows_of_panels([3, 3], height=4.8, ratios=[1.3, 1])
    rates = tables["component_rates"]
    panel_label(scatters[0], "a", about, "main theorem")
    panel_scatter(scatters[0], rates, "rate_predicted")
    panel_label(scatters[1], "b", about, "exponent of $L = 4$")
    panel_scatter(scatters[1], rates, "rate_wrong_exponent")
    panel_residual(scatters[2], rates, about)
    panel_norms(rest[0], rates, about)
    panel_label(rest[1], "e", about, "largest deviation")
    strip(rest[1], about, tables, DEVIATIONS, scale="log")
    rest[1].set_xlabel("share of the largest speed")
    panel_label(rest[2], "f", about, "slope of a")
    strip(rest[2], about, tables, SLOPE)
    rest[2].set_xlabel("slope − 1")
    rest[2].set_xticks([edge for edge in bounds(about, "C6_theorem", "slope") if edge is not None])
    rest[2].xaxis.set_major_formatter(LogFormatterMathtext())
    legend_below(fig, *fig.axes, n_columns=5)
    return fig


def panel_scatter(ax: Axes, rates: pd.DataFrame, column: str) -> None:
    """Measured speed over the right side of the theorem, all nodes, components, times and seeds."""
    for node, (label, color) in NODES.items():
        found = select(rates, mode_set=node)
        if column == "rate_predicted":
            simulated(ax, found[column], found["rate_measured"], color=color, label=label, markersize=3)
        else:
            control(ax, found[column], found["rate_measured"], color=color, label="wrong exponent", markersize=3)
    ends = [float(rates["rate_measured"].min()), float(rates["rate_measured"].max())]
    guide(ax, ends, ends, label="measured = predicted")
    ax.set(xlabel=r"predicted speed $\dot\sigma$", ylabel=r"measured speed $\dot\sigma$")


def panel_residual(ax: Axes, rates: pd.DataFrame, about: About) -> None:
    """Largest deviation of every node over time, as a share of the largest speed of all."""
    panel_label(ax, "c", about, "measured − predicted")
    _, upper = bounds(about, "C6_theorem", "largest_deviation")
    largest = rates["rate_measured"].abs().max()
    gap = (rates["rate_measured"] - rates["rate_predicted"]).abs() / largest
    of_node = gap.groupby([rates["mode_set"], rates["time"]]).max()
    known = of_node[of_node > 0]
    ax.set(yscale="log", ylim=((known.min() if len(known) else upper) / 4, 20 * max(upper, of_node.max())))
    band(ax, None, upper)
    for node, (_, color) in NODES.items():
        if node in of_node.index:
            simulated(ax, of_node[node].index, of_node[node], color=color, markersize=3)
    ax.set(xlabel="time of gradient flow", ylabel="share of largest speed")


def panel_norms(ax: Axes, rates: pd.DataFrame, about: About) -> None:
    """Root norms over time, first seed."""
    panel_label(ax, "d", about, "root norms")
    found = select(rates, mode_set="root")
    if found.empty:
        empty(ax)
        return
    wide = first_seed(found).pivot_table(index="time", columns="component", values="component_norm")
    for component in wide:
        simulated(ax, wide.index, wide[component], color=NODES["root"][1], markersize=2.5)
    ax.set(yscale="log", xlabel="time of gradient flow", ylabel=r"root norm $\sigma$")
    ax.set_ylim(np.nanmin(wide.to_numpy()) / 1.5, np.nanmax(wide.to_numpy()) * 1.5)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
