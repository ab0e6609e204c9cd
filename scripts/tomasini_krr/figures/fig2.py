"""Learning curves on a line without ridge [tomasini_krr, E5, E5b, E6]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, band, bounds, legend_below, new_figure, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import explain
from scripts.tomasini_krr.figures.drawing import (
    ERROR,
    REPLICA,
    SIZE,
    Column,
    Tables,
    by_chi,
    chi_color,
    chi_label,
    explain_laws,
    judged,
    through,
)
from scripts.tomasini_krr.laws import exponent
from scripts.tomasini_krr.summaries import ASYMPTOTIC, line_exponents, over_seeds, prefactors, ridgeless_ratios


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(2, 2, height=4.8)
    errors = tables["ridgeless_errors"]
    panel_curves(axes[0, 0], errors, about)
    panel_prefactor(axes[0, 1], errors, about)
    panels_of_exponents(axes[1], line_exponents(errors), about)
    explain_laws(axes[0, 0])
    legend_below(fig, *axes[0], axes[1, 0], n_columns=4)
    return fig


def panel_curves(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Mean error with both laws, whose constants are known."""
    panel_label(ax, "a", about, "learning curves")
    for chi, found in errors.groupby("depletion_exponent"):
        for method, style in (("extremal_points", {}), ("replica", REPLICA)):
            law = select(found, method=method)
            if len(law):
                slope = exponent(method, 1, chi)
                theory(ax, *through(law["n_train"], law["error"], -slope), color=chi_color(chi), **style)
        means = over_seeds(select(found, method="simulation"), ["n_train"])
        simulated(ax, means["n_train"], means["mean"], means["std_error"], color=chi_color(chi), label=chi_label(chi))
    ax.set(xscale="log", yscale="log", xlabel=SIZE, ylabel=ERROR)


def panel_prefactor(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Error over the law of the extremal points: each size, and all large sizes together."""
    panel_label(ax, "b", about, "over the law of extremal points")
    ax.set(xscale="log", xlabel=SIZE, ylabel=r"ratio $\epsilon_t P / C_\chi$", ylim=(0.6, 1.4))
    upper = bounds(about, "T1", "prefactor")[1]
    band(ax, 1 - upper, 1 + upper, label=None)
    beyond = 3 * errors["n_train"].max()
    pooled = prefactors(errors)
    for chi, found in ridgeless_ratios(errors).groupby("depletion_exponent"):
        simulated(ax, found["n_train"], found["ratio"], found["std_error"], color=chi_color(chi))
    for shift, chi in zip((0.8, 1.0, 1.25, 1.56), sorted(pooled["depletion_exponent"]), strict=False):
        found = select(pooled, depletion_exponent=chi)
        simulated(ax, [beyond * shift], found["mean"], found["std_error"], color=chi_color(chi), marker="D")
    explain(ax, rf"all draws, $P \geq {ASYMPTOTIC}$", marker="D")


def panels_of_exponents(axes: list[Axes], found: pd.DataFrame, about: About) -> None:
    """Distances of the measured exponents from one and from the replica law."""
    law = [exponent("replica", 1, chi) for chi in found["depletion_exponent"]]
    found = found.assign(off=(found["exponent"] - 1).abs(), excess=np.array(law) - found["exponent"])
    panel_label(axes[0], "c", about, "measured exponent against one")
    axes[0].set(ylim=(0, 0.12), ylabel=r"$|$exponent $- 1|$")
    columns = []
    for chi in sorted(found["depletion_exponent"].unique()):
        values = by_chi(select(found, depletion_exponent=chi), "off", "std_error")
        columns.append(Column(chi_label(chi), "T2" if chi > 0 else "T4", "exponent", values))
    judged(axes[0], about, columns)
    panel_label(axes[1], "d", about, "replica against measured exponent")
    axes[1].set(ylim=(0, 0.8), ylabel="exponent, replica\n− measured")
    shown = [chi for chi in (1.0, 3.0) if len(select(found, depletion_exponent=chi))]
    judged(
        axes[1],
        about,
        [
            Column(chi_label(chi), "T3", "replica_minus_measured", by_chi(select(found, depletion_exponent=chi), "excess", "std_error"))
            for chi in shown
        ],
    )


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
