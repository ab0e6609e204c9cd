"""Companion D: error of finite networks against their width [sonoda_ridgelet, E9, E11, E12]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, bounds, empty, guide, legend_below, new_figure, panel_label, plain_ticks, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import explain, explain_bounds
from scripts.sonoda_ridgelet import measures
from scripts.sonoda_ridgelet.figures.drawing import (
    ACTIVATION_COLORS,
    NAMES,
    Tables,
    case_name,
    case_tick,
    columns,
)
from scripts.sonoda_ridgelet.measures import CASES, SPD_CASES, Case

WIDTH, ERROR = "neurons $n$", "relative error"


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(3, 3, height=6.8)
    for ax, letter, case in zip(axes.ravel(), "abcd", CASES, strict=False):
        panel_label(ax, letter, about, case_name(*case))
        panel_plane(ax, tables["network_error"], tables["quadrature_constant"], case)
    panel_label(axes[1, 1], "e", about, "positive definite matrices")
    panel_matrices(axes[1, 1], tables["spd_network_error"])
    panel_exponents(axes[1, 2], tables, about)
    panel_errors(axes[2, 0], tables["network_error"], about)
    panel_prediction(axes[2, 1], tables["network_error"], about)
    panel_decrease(axes[2, 2], tables["spd_network_error"], about)
    explain(axes[0, 0], "networks, mean over seeds", simulated)
    explain(axes[0, 0], "error predicted from a single neuron", theory)
    explain(axes[0, 0], "quadrature without random numbers", theory, linestyle="--")
    explain_bounds(axes[0, 0])
    for activation in ("tanh", "gaussian", "relu"):
        simulated(axes[0, 0], [], [], color=ACTIVATION_COLORS[activation], marker="s", markersize=3, label=NAMES[activation])
    legend_below(fig, axes[0, 0], n_columns=4)
    return fig


def panel_plane(ax: Axes, errors: pd.DataFrame, quadrature: pd.DataFrame, case: Case) -> None:
    """Errors on the hyperbolic plane, the predicted ones, and that of the quadrature."""
    _log_axes(ax)
    color = ACTIVATION_COLORS[case[0]]
    expected = measures.of_case(select(errors, method="theory"), case).sort_values("width")
    if len(expected):
        ends = expected["width"].iloc[[0, -1]].to_numpy(dtype=float)
        line = np.geomspace(*ends, 201)
        known = (np.log(expected[name].to_numpy(dtype=float)) for name in ("width", "error"))
        theory(ax, line, np.exp(np.interp(np.log(line), *known)), color=color)
        level = measures.of_case(quadrature, case)["error"]
        if len(level):
            theory(ax, line, np.full(201, float(level.iloc[0])), color=color, linestyle="--")
    _markers(ax, errors, case, color)


def panel_matrices(ax: Axes, errors: pd.DataFrame) -> None:
    """Errors on the positive definite matrices, with a guide of slope −1/2 from the first one."""
    _log_axes(ax)
    for case in SPD_CASES:
        _markers(ax, errors, case, ACTIVATION_COLORS[case[0]])
    first = measures.networks(errors, SPD_CASES[0])
    if len(first):
        ends = np.array([first["width"].iloc[0], first["width"].iloc[-1]], dtype=float)
        guide(ax, ends, 0.6 * first["mean"].iloc[0] * (ends / ends[0]) ** -0.5, "$n^{-1/2}$")
        low, high = ax.get_ylim()
        plain_ticks(ax, "y", [tick for tick in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5) if low <= tick <= high])


def _log_axes(ax: Axes) -> None:
    ax.set(xscale="log", yscale="log", xlabel=WIDTH, ylabel=ERROR)
    ax.minorticks_off()  # their labels collide where the range is short


def _markers(ax: Axes, errors: pd.DataFrame, case: Case, color: str) -> None:
    found = measures.networks(errors, case)
    if len(found):
        simulated(ax, found["width"], found["mean"], found["std_error"], color=color)
    elif not ax.lines:
        empty(ax)


def panel_exponents(ax: Axes, tables: Tables, about: About) -> None:
    """Fitted exponents of both spaces."""
    panel_label(ax, "f", about, "exponents")
    ax.set(ylim=(-0.8, -0.2), ylabel="slope of log error")
    places = [("network_error", case, "R3", "{}", "") for case in CASES]
    places += [("spd_network_error", case, "R6", "slope_{}", ", matr.") for case in SPD_CASES]
    limits = [bounds(about, claim, part.format(f"{case[0]}_{case[1]}")) for _, case, claim, part, _ in places]
    columns(ax, limits, [case_tick(*case).replace("\n", " ") + space for _, case, _, _, space in places])
    ax.tick_params(axis="x", rotation=90)  # six names side by side are too wide
    for place, (table, case, *_) in enumerate(places):
        simulated(ax, [place], [measures.exponent(tables[table], case)[0]], color=ACTIVATION_COLORS[case[0]])


def panel_errors(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Mean error at the last judged width."""
    panel_label(ax, "g", about, f"error, $n$ = {measures.LAST_WIDTH}")
    ax.set(yscale="log", ylim=(0.05, 1.2), ylabel=ERROR)
    columns(ax, [bounds(about, "R4", f"{a}_{order}") for a, order in CASES], [case_tick(*case) for case in CASES])
    for place, case in enumerate(CASES):
        row = measures.at_width(errors, case, measures.LAST_WIDTH)
        simulated(ax, [place], [row["mean"]], [row["std_error"]], color=ACTIVATION_COLORS[case[0]])
    plain_ticks(ax, "y", [0.05, 0.1, 0.2, 0.5, 1])


def panel_prediction(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Root mean square over seeds in units of the predicted error, at both judged widths."""
    panel_label(ax, "h", about, "error / predicted")
    ax.set(ylim=(0, 2), ylabel="ratio")
    limits = [
        (bounds(about, "R4b", f"smallest_at_{width}")[0], bounds(about, "R4b", f"largest_at_{width}")[1]) for width in measures.WIDTHS
    ]
    columns(ax, limits, [f"$n$ = {width}" for width in measures.WIDTHS])
    for place, width in enumerate(measures.WIDTHS):
        for shift, case in zip((-0.24, -0.08, 0.08, 0.24), CASES, strict=True):
            simulated(ax, [place + shift], [measures.over_prediction(errors, case, width)], color=ACTIVATION_COLORS[case[0]])


def panel_decrease(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Error on the matrices at the last judged width over that at the first."""
    panel_label(ax, "i", about, f"matrices, $n$ = {measures.LAST_WIDTH} / {measures.FIRST_WIDTH}")
    ax.set(ylim=(0, 0.5), ylabel="ratio of errors")
    limits = [bounds(about, "R6", f"decrease_{a}_{order}") for a, order in SPD_CASES]
    columns(ax, limits, [case_tick(*case) for case in SPD_CASES])
    for place, case in enumerate(SPD_CASES):
        simulated(ax, [place], [measures.decrease(errors, case)], color=ACTIVATION_COLORS[case[0]])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
