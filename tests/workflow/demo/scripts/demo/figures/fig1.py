"""Walks and the bounds on them [demo, E1]."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import band, bounds, new_figure, save, simulated
from repro.job import job


def draw(tables: Mapping[str, pd.DataFrame], about: Mapping[str, Any]) -> Figure:
    fig, axes = new_figure(height=2.5, width="column")
    ax = axes[0, 0]
    band(ax, *bounds(about, "C1", "largest"))
    for _, walk in tables["walk"].groupby("seed"):
        simulated(ax, walk["step"], walk["position"])
    ax.set(xlabel="step $t$", ylabel="position $x$", ylim=(-10, 10))
    return fig


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
