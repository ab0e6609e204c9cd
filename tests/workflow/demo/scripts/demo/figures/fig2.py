"""Figure 2: pictures [demo]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import new_figure, save
from repro.job import job


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    fig, axes = new_figure(height=2.5, width="column")
    axes[0, 0].bar([0], tables["brightness"]["brightness"])
    return fig


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
