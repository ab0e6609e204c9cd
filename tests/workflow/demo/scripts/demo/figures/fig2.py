"""The mean grey level and the bounds on it [demo, E2]."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import band, bounds, new_figure, save, simulated
from repro.job import job


def draw(tables: Mapping[str, pd.DataFrame], about: Mapping[str, Any]) -> Figure:
    fig, axes = new_figure(height=2.5, width="column")
    ax = axes[0, 0]
    band(ax, *bounds(about, "C2", "mean"))
    simulated(ax, tables["brightness"]["n_train"], tables["brightness"]["brightness"])
    ax.set(xlabel="training images $n$", ylabel="mean grey level $b$", ylim=(-0.1, 1.1))
    return fig


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
