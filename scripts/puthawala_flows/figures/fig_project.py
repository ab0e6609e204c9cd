"""Companion E: projection onto the range of an injective ReLU layer [puthawala_flows, E11]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, guide, legend_below, new_figure, panel_label, save, simulated
from repro.job import job
from scripts.puthawala_flows import comparison
from scripts.puthawala_flows.figures.drawing import ticks_with_zero

ZERO = 1e-18  # place of an exact zero


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    found = comparison.projection_gaps(tables["projection_distances"])
    fig, axes = new_figure(1, 2, height=2.9)
    scatter, gap = axes[0]
    panel_label(scatter, "a", about, "rule against search")
    end = np.nanmax([1, *found["brute_force"]])
    guide(scatter, [0, end], [0, end], "equal")
    simulated(scatter, found["brute_force"], found["closed_form"], color=COLORS["blue"], markersize=3, label="one random point and layer")
    scatter.set(xlabel="distance by search (length)", ylabel="distance by rule (length)")
    panel_label(gap, "b", about, "difference")
    gap.set(yscale="log", xlabel="distance by search (length)", ylabel="size of difference (length)")
    ticks_with_zero(gap, ZERO, range(-16, -5, 2))
    gap.set_ylim(ZERO / 10, 1e-6)
    band(gap, *bounds(about, "C9", "largest_gap"))
    simulated(gap, found["brute_force"], np.maximum(found["gap"].abs(), ZERO), color=COLORS["blue"], markersize=3)
    legend_below(fig, scatter, gap, n_columns=2)
    return fig


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
