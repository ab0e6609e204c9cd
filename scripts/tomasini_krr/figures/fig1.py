"""Predictors below and above the cross-over on a line [tomasini_krr, E2, E4, E5]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, empty, guide, legend_below, new_figure, panel_label, plain_ticks, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import explain, thinned
from scripts.tomasini_krr.figures.drawing import (
    BLACK,
    SCALED_RIDGE,
    Column,
    Tables,
    by_chi,
    chi_color,
    chi_label,
    explain_cases,
    judged,
    power_of_ten,
    vertical,
)
from scripts.tomasini_krr.summaries import ABOVE, BELOW, spreads

N_MARKERS = 60  # of the sampled predictor: as many as can be told apart
N_QUANTILES = 20


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(2, 4, height=4.6)
    curves, marks = tables["predictor_curves"], tables["boundary_marks"]
    exponents = sorted(curves["depletion_exponent"].unique())
    shown = [(exponents[at], u) for at in dict.fromkeys((0, len(exponents) - 1)) for u in (BELOW, ABOVE)]
    for place, letter in enumerate("abcd"):
        ax = axes[0, place]
        if place < len(shown):
            chi, u = shown[place]
            panel_label(ax, letter, about, rf"{chi_label(chi)}, $u = {power_of_ten(u)}$")
            panel_predictor(ax, *(select(table, depletion_exponent=chi, scaled_ridge=u) for table in (curves, marks)))
        else:
            panel_label(ax, letter, about)
            empty(ax)
    axes[0, 0].set_ylabel("predictor")
    panel_draws(axes[1, 0], tables["predictor_spread"], about)
    panels_of_claims(axes[1, 1:], tables["predictor_spread"], about)
    explain_cases(axes[1, 1], tables["predictor_spread"]["depletion_exponent"])
    legend_below(fig, axes[0, 0], *axes[1, :2], n_columns=4)
    return fig


def panel_predictor(ax: Axes, curves: pd.DataFrame, marks: pd.DataFrame) -> None:
    """Target, sampled and mean predictor, as far as four times the widest mark."""
    ax.set(xlabel="$x_1$", ylim=(-1.5, 1.5))
    if curves.empty:
        empty(ax)
        return
    color = chi_color(curves["depletion_exponent"].iloc[0])
    half = min(1.0, 4 * marks["x"].abs().max()) if len(marks) else 1.0
    inside = curves[curves["x"].abs() <= half]
    target, sample, mean = (select(inside, curve=name) for name in ("target", "sample", "replica"))
    guide(ax, target["x"], target["value"], label="target $f^*$")
    theory(ax, mean["x"], mean["value"], color=color, label="replica, $f_B$")
    shown = thinned(sample, N_MARKERS, "x")
    simulated(ax, shown["x"], shown["value"], color=color, markersize=2.5, label="one training set, $f_P$")
    vertical(ax, [sign * width for width in select(marks, mark="layer_width")["x"] for sign in (-1, 1)], r"layer, $\pm l$")
    for name, label in (("left_extremal", -1), ("right_extremal", 1)):
        simulated(
            ax, select(marks, mark=name)["x"], [label] * len(select(marks, mark=name)), color=BLACK, marker="D", label="nearest points"
        )
    ax.set_xlim(-half, half)
    ax.locator_params(axis="x", nbins=3)
    plain_ticks(ax, "x", [tick for tick in ax.get_xticks() if abs(tick) <= half])


def panel_draws(ax: Axes, spread: pd.DataFrame, about: About) -> None:
    """Errors of the draws in units of their mean: the share of draws below."""
    panel_label(ax, "e", about, "draws")
    shares = (np.arange(N_QUANTILES) + 0.5) / N_QUANTILES
    for (chi, u), found in spread.groupby(["depletion_exponent", "scaled_ridge"]):
        relative = found["error"] / found["error"].mean()
        simulated(ax, relative.quantile(shares), shares, color=chi_color(chi), markersize=2.5, marker="o" if u == BELOW else "s")
    for u, marker in ((BELOW, "o"), (ABOVE, "s")):
        explain(ax, f"draws, $u = {power_of_ten(u)}$", marker=marker)
    ax.set(xscale="log", xlabel="error / mean error", ylabel="share of\ndraws below", xlim=(0.03, 10), ylim=(0, 1))
    plain_ticks(ax, "x", [0.1, 1, 10])


def panels_of_claims(axes: list[Axes], spread: pd.DataFrame, about: About) -> None:
    """Spread over training sets, its ratio, and the distance to the mean predictor."""
    found = spreads(spread)
    below, above = (select(found, scaled_ridge=u) for u in (BELOW, ABOVE))
    ratio = below.merge(above, on="depletion_exponent", suffixes=("", "_above"))
    ratio = ratio.assign(ratio=ratio["spread"] / ratio["spread_above"])
    ends = [f"${power_of_ten(u)}$" for u in (BELOW, ABOVE)]
    for ax, letter, column, title, ylabel in (
        (axes[0], "f", "spread", "spread", "std / mean\nof the error"),
        (axes[2], "h", "distance", "distance", "median of\n$\\max |f_P - f_B|$"),
    ):
        panel_label(ax, letter, about, title)
        ax.set(yscale="log", ylim=(1e-3, 3), xlabel=SCALED_RIDGE, ylabel=ylabel)
        sides = zip(ends, (below, above), ("below", "above"), strict=True)
        judged(ax, about, [Column(label, "T8b", f"{column}_{side}", by_chi(part, column)) for label, part, side in sides])
    panel_label(axes[1], "g", about, "ratio")
    axes[1].set(yscale="log", ylim=(1, 1000), ylabel="spread,\nbelow / above")
    judged(axes[1], about, [Column("below / above", "T8", "spread_ratio", by_chi(ratio, "ratio"))])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
