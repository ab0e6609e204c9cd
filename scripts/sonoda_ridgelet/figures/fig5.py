"""Companion E: constant of the reconstruction, measured and in closed form [sonoda_ridgelet, E5, E8]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, bounds, control, empty, new_figure, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import dashes, explain, explain_bounds
from scripts.sonoda_ridgelet import measures
from scripts.sonoda_ridgelet.figures.drawing import ACTIVATION_COLORS, NAMES, Tables, case_tick, columns
from scripts.sonoda_ridgelet.measures import CASES, WRONG_PARITY, WRONG_PARITY_RELU


def draw(tables: Tables, about: About) -> Figure:
    table = tables["quadrature_constant"]
    fig, axes = new_figure(2, 3, height=4.4)
    for ax, letter, activation in zip(axes[0], "abc", ("gaussian", "tanh", "relu"), strict=True):
        panel_label(ax, letter, about, NAMES[activation])
        panel_constant(ax, select(table, activation=activation), ACTIVATION_COLORS[activation])
    axes[0, 0].set_ylabel("projection on $f$")
    panel_ratio(axes[1, 0], table, about)
    panel_parity(axes[1, 1], table, about)
    axes[1, 2].set_axis_off()
    explain(axes[1, 2], "quadrature", simulated)
    explain(axes[1, 2], "closed form", theory)
    control(axes[1, 2], [], [], label="inadmissible, or wrong parity")
    explain_bounds(axes[1, 2])
    axes[1, 2].legend(loc="center left")
    return fig


def panel_constant(ax: Axes, table: pd.DataFrame, color: str) -> None:
    """Projection by order; a pair whose constant diverges is a control."""
    if table.empty:
        empty(ax)
    orders, ratios = table["derivative_order"].to_numpy(dtype=float), table["ratio"].to_numpy(dtype=float)
    admissible = table["admissible"].to_numpy(dtype=bool)
    dashes(ax, orders, table["pairing"].to_numpy(dtype=float, na_value=np.nan), 0.3, color=color)
    simulated(ax, orders[admissible], ratios[admissible], color=color)
    control(ax, orders[~admissible], ratios[~admissible])
    ax.set(xlabel="order $k$ of $\\rho$", xlim=(1.5, 7.5), xticks=range(2, 8), ylim=(-2.5, 3.6))


def panel_ratio(ax: Axes, table: pd.DataFrame, about: About) -> None:
    """Projection in units of the closed form, judged pairs."""
    panel_label(ax, "d", about, "quadrature / closed form")
    ax.set(ylim=(0.985, 1.015), ylabel="ratio")
    ax.ticklabel_format(useOffset=False, axis="y")
    columns(ax, [bounds(about, "R2", f"{a}_{order}") for a, order in CASES], [case_tick(*case) for case in CASES])
    for place, case in enumerate(CASES):
        row = measures.of_case(table, case)
        ratio = row["ratio"].to_numpy(dtype=float) / row["pairing"].to_numpy(dtype=float, na_value=np.nan)
        simulated(ax, [place] * len(row), ratio, color=ACTIVATION_COLORS[case[0]])


def panel_parity(ax: Axes, table: pd.DataFrame, about: About) -> None:
    """Size of what pairs of the wrong parity reconstruct."""
    panel_label(ax, "e", about, "wrong parity")
    ax.set(yscale="log", ylim=(1e-18, 1), ylabel="largest $|S|$")
    cases = [*WRONG_PARITY, WRONG_PARITY_RELU]
    claims = ["R7"] * len(WRONG_PARITY) + ["R7b"]
    columns(ax, [bounds(about, claim, "largest_value") for claim in claims], [case_tick(*case) for case in cases])
    for place, case in enumerate(cases):
        sizes = measures.of_case(table, case)["largest_value"]
        control(ax, [place] * len(sizes), sizes)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
