"""The run with the smallest coupled bound of plain SGD, per network and data set [biggs_bounds]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import About, save
from repro.job import job
from scripts.biggs_bounds.figures.best_table import best_runs, draw_best


def table(tables: Mapping[str, pd.DataFrame], about: About) -> pd.DataFrame:
    """The table's rows, in readers' words."""
    return best_runs(tables, about, momentum=False)


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    return draw_best(table(tables, about))


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j, table=table(j.tables, j.params.about))
