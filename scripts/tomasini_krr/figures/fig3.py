"""Cross-over of error over replica prediction on a line [tomasini_krr, E5, E6b]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, legend_below, new_figure, panel_label, plain_ticks, save
from repro.frames import select
from repro.job import job
from scripts.tomasini_krr.figures.drawing import (
    SCALED_RIDGE,
    Column,
    Tables,
    Value,
    by_chi,
    chi_label,
    explain_cases,
    guide_at_one,
    judged,
    panel_ratios,
    power_of_ten,
)
from scripts.tomasini_krr.summaries import ABOVE, AT, BELOW, DEPLETED, SIZES, WITHOUT_DEPLETION, crossover_ratios

EXPONENTS = [0.0, 1.0, 3.0]


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(2, 4, height=4.8)
    ratios = crossover_ratios(tables["crossover_errors"])
    for ax, letter, chi in zip(axes[0], "abc", EXPONENTS, strict=False):
        panel_label(ax, letter, about, chi_label(chi))
        panel_ratios(ax, select(ratios, depletion_exponent=chi), "scaled_ridge")
        ax.set(ylim=(0.6, 60), xlabel=SCALED_RIDGE)
        plain_ticks(ax, "y", [1, 2, 5, 10, 20, 50])
        guide_at_one(ax)
    for ax in axes[0, 1:3]:
        ax.set_ylabel("")
    panel_direction(axes[0, 3], ratios, about)
    panels_of_claims(axes[1], ratios, about)
    explain_cases(axes[1, 0], ratios["depletion_exponent"])
    legend_below(fig, axes[0, 1], axes[1, 0], n_columns=4)
    return fig


def panel_direction(ax: Axes, ratios: pd.DataFrame, about: About) -> None:
    """Distance from the prediction above the cross-over in units of that below, both exponents together."""
    panel_label(ax, "d", about, "direction")
    ax.set(yscale="log", ylim=(1e-4, 10), ylabel="$|\\ln$ ratio$|$,\nabove / below")
    judged_rows = select(ratios, depletion_exponent=DEPLETED, n_train=SIZES)
    above, below = (np.abs(np.log(select(judged_rows, scaled_ridge=u)["ratio"])) for u in (ABOVE, BELOW))
    values = [Value(above.max() / below.min())] if len(above) and len(below) else []
    judged(ax, about, [Column(r"$\chi = 1$ and $3$", "T5", "above_to_below", values)])


def panels_of_claims(axes: list[Axes], ratios: pd.DataFrame, about: About) -> None:
    """Agreement at and above the cross-over, failure below it with depletion, and none without."""
    off = ratios.assign(off=(ratios["ratio"] - 1).abs())
    panel_label(axes[0], "e", about, "at and above")
    axes[0].set(ylim=(0, 0.14), ylabel=r"$|\epsilon_t / \epsilon_B - 1|$")
    ends = (("at_crossover", AT), ("above_crossover", ABOVE))
    columns = [Column(f"$u = {power_of_ten(u)}$", "T5b", part, by_chi(select(off, scaled_ridge=u), "off")) for part, u in ends]
    judged(axes[0], about, columns)
    below = select(ratios, scaled_ridge=BELOW, n_train=SIZES).sort_values(["depletion_exponent", "n_train"])
    first, last = (select(below, n_train=n_train) for n_train in (SIZES[0], SIZES[-1]))
    growth = first.merge(last, on="depletion_exponent", suffixes=("_first", ""))
    growth = growth.assign(growth=growth["ratio"] / growth["ratio_first"])
    steps = below.assign(step=below.groupby("depletion_exponent")["ratio"].pct_change() + 1).dropna(subset="step")
    panel_label(axes[1], "f", about, "depleted")
    axes[1].set(yscale="log", ylim=(0.5, 50), ylabel="ratio, or its growth")
    depleted = [select(table, depletion_exponent=DEPLETED) for table in (first, growth, steps)]
    parts = (("ratio_at_256", "ratio", "ratio"), ("growth", "growth", "\ngrowth"), ("every_step", "step", "steps"))
    columns = [Column(label, "T6", part, by_chi(table, name)) for table, (part, name, label) in zip(depleted, parts, strict=True)]
    judged(axes[1], about, columns)
    plain = select(below, depletion_exponent=0.0)
    plain = plain.assign(off=(plain["ratio"] - WITHOUT_DEPLETION).abs())
    panel_label(axes[2], "g", about, "limit")
    axes[2].set(ylim=(0, 0.4), ylabel=r"$|\epsilon_t / \epsilon_B -$ limit$|$")
    judged(axes[2], about, [Column(r"$\chi = 0$", "T7", "off_limit", by_chi(plain, "off", "std_error"))])
    panel_label(axes[3], "h", about, "growth")
    axes[3].set(ylim=(0, 2), ylabel="growth of the ratio")
    judged(axes[3], about, [Column(r"$\chi = 0$", "T7", "growth", by_chi(select(growth, depletion_exponent=0.0), "growth"))])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
