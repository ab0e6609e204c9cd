"""Cross-over in two and three dimensions, and the error at fixed ridge per example [tomasini_krr, E6, E6b, E7]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, legend_below, new_figure, panel_label, plain_ticks, save, simulated, theory
from repro.frames import select
from repro.job import job
from scripts.tomasini_krr.figures.drawing import (
    DIM_MARKERS,
    ERROR,
    SCALED_RIDGE,
    Column,
    Tables,
    by_chi,
    chi_color,
    explain_cases,
    explain_dims,
    guide_at_one,
    judged,
    of_pair,
    pair_label,
    panel_ratios,
    power_of_ten,
    through,
)
from scripts.tomasini_krr.laws import exponent
from scripts.tomasini_krr.summaries import ABOVE_POOLS, FAR_BELOW_POOLS, PAIRS, POOL_SIZES, TOY, over_seeds, pool_ratios, ridge_slopes

OFF = r"$|\epsilon_t / \epsilon_B - 1|$"


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(2, 4, height=4.8)
    ratios = pool_ratios(tables["toy_pool_errors"], ["dim", "depletion_exponent"])
    ratios = ratios[ratios["scaled_ridge"].notna()]
    for ax, letter, pair in zip(axes[0], "abc", PAIRS, strict=False):
        panel_label(ax, letter, about, pair_label(*pair))
        panel_ratios(ax, of_pair(ratios, *pair), "scaled_ridge")
        ax.set(ylim=(0.7, 8), xlabel=SCALED_RIDGE)
        plain_ticks(ax, "y", [1, 2, 4])
        guide_at_one(ax)
    for ax in axes[0, 1:3]:
        ax.set_ylabel("")
    panel_ridge(axes[0, 3], tables["ridge_errors"], about)
    panels_of_pools(axes[1], ratios, about)
    panel_slopes(axes[1, 3], ridge_slopes(tables["ridge_errors"]), about)
    explain_cases(axes[1, 0], [chi for _, chi in PAIRS])
    explain_dims(axes[1, 0], [dim for dim, _ in PAIRS])
    legend_below(fig, axes[0, 1], axes[0, 3], axes[1, 0], n_columns=5)
    return fig


def panel_ridge(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Mean error against the ridge per example, with lines of the predicted slope through the middle of the points."""
    panel_label(ax, "d", about, "fixed $\\lambda / P$")
    for (dim, chi), found in errors.groupby(["dim", "depletion_exponent"]):
        means = over_seeds(found, ["ridge_per_example"])
        slope = exponent("ridge", int(dim), float(chi))
        theory(ax, *through(means["ridge_per_example"], means["mean"], slope), color=chi_color(chi), label="predicted slope")
        simulated(
            ax, means["ridge_per_example"], means["mean"], means["std_error"], color=chi_color(chi), marker=DIM_MARKERS.get(int(dim), "o")
        )
    ax.set(xscale="log", yscale="log", xlabel=r"ridge $\lambda / P$", ylabel=ERROR)
    if len(errors):
        plain_ticks(ax, "y", [0.01, 0.02, 0.05, 0.1, 0.2, 0.5])


def panels_of_pools(axes: list[Axes], ratios: pd.DataFrame, about: About) -> None:
    """Growth below the cross-over, agreement above it, sizes of both."""
    below = select(ratios, scaled_ridge=FAR_BELOW_POOLS)
    keys = ["dim", "depletion_exponent"]
    first, last = (select(below, n_train=n_train) for n_train in (POOL_SIZES[0], POOL_SIZES[-1]))
    grown = first.merge(last, on=keys, suffixes=("_first", ""))
    pairs = list(zip(grown["dim"], grown["depletion_exponent"], strict=True))
    law = np.array([exponent("replica", dim, chi) - exponent("extremal_points", dim, chi) for dim, chi in pairs])
    rate = np.log(grown["ratio"] / grown["ratio_first"]) / (law * np.log(POOL_SIZES[-1] / POOL_SIZES[0]))
    grown = grown.assign(rate=rate, growth=grown["ratio"] - grown["ratio_first"])
    panel_label(axes[0], "e", about, "growth / law")
    axes[0].set(ylim=(0, 4), ylabel="growth of\nlog ratio / law")
    judged(axes[0], about, [Column(rf"$u = {power_of_ten(FAR_BELOW_POOLS)}$", "T11", "growth_rate", by_chi(grown, "rate"))])
    above = select(ratios, scaled_ridge=ABOVE_POOLS, n_train=POOL_SIZES)
    panel_label(axes[1], "f", about, "at and above")
    axes[1].set(ylim=(0, 0.12), ylabel=OFF)
    off = above.assign(off=(above["ratio"] - 1).abs())
    judged(axes[1], about, [Column("$u = 1$ and $10$", "T11b", "above_crossover", by_chi(off, "off"))])
    is_toy = (grown["dim"] == TOY[0]) & (grown["depletion_exponent"] == TOY[1])
    panel_label(axes[2], "g", about, f"$u = {power_of_ten(FAR_BELOW_POOLS)}$")
    axes[2].set(ylim=(0, 5), ylabel="ratio, or its growth")
    columns = [
        Column("growth", "T11b", "growth", by_chi(grown, "growth")),
        Column("\n(2, 3)", "T11b", "strongest_pair", by_chi(grown[is_toy], "ratio", "std_error")),
        Column("others", "T11b", "other_pairs", by_chi(grown[~is_toy], "ratio", "std_error")),
    ]
    judged(axes[2], about, columns)


def panel_slopes(ax: Axes, slopes: pd.DataFrame, about: About) -> None:
    """Distance of the slopes at fixed ridge per example from the law."""
    panel_label(ax, "h", about, "slopes of d")
    law = [exponent("ridge", int(dim), float(chi)) for dim, chi in zip(slopes["dim"], slopes["depletion_exponent"], strict=True)]
    off = slopes.assign(off=(slopes["exponent"] - np.array(law)).abs())
    ax.set(ylim=(0, 0.12), ylabel=r"$|$slope − law$|$")
    judged(ax, about, [Column(r"$10^{-4}$ to $3 \cdot 10^{-3}$", "T12", "slope", by_chi(off, "off", "std_error"))])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
