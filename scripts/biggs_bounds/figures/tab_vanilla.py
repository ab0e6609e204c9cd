"""The run with the smallest coupled bound of plain SGD, per network and data set [biggs_bounds]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import save
from repro.job import job
from scripts.biggs_bounds.figures.best_table import best_runs, draw_best

# test error, full and coupled bound of the authors' released tables: 3 learning rates, 6 widths, 5 seeds
PUBLISHED = {
    ("gelu", "mnist"): (0.036, 0.742, 0.317),
    ("gelu", "fashion_mnist"): (0.135, 1.100, 0.709),
    ("shel", "mnist"): (0.038, 0.821, 0.522),
    ("shel", "fashion_mnist"): (0.136, 1.109, 0.844),
}


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    published = {
        pair: {"who": "published, best of 90", "test_error": test, "full": full, "coupled_last_prior": coupled}
        for pair, (test, full, coupled) in PUBLISHED.items()
    }
    return draw_best(best_runs(tables, momentum=False), published)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
