"""Figure 1: walks [demo]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import SIMULATION, new_figure, save
from repro.job import job


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    fig, axes = new_figure(height=2.5, width="column")
    for _, walk in tables["walk"].groupby("seed"):
        axes[0, 0].plot(walk["step"], walk["position"], **SIMULATION)
    axes[0, 0].set(xlabel="step $t$", ylabel="position $x$")
    return fig


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
