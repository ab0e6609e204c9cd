"""The run with the smallest coupled bound of momentum SGD, per network and data set [biggs_bounds]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import save
from repro.job import job
from scripts.biggs_bounds.figures.best_table import best_runs, draw_best

NAMES = (
    "learning_rate",
    "width",
    "seed",
    "test_error",
    "full",
    "coupled_last_prior",
    "stochastic_error",
    "hidden_distance",
    "output_distance",
    "sigma_hidden",
    "sigma_output",
)

# from the authors' released tables: 5 learning rates, 6 widths, 10 seeds
PUBLISHED = {
    ("gelu", "mnist"): (0.003, 100, 6, 0.043, 0.693, 0.293, 0.0775, 91.6, 62.0, 0.07, 0.06),
    ("gelu", "fashion_mnist"): (0.001, 100, 9, 0.153, 0.976, 0.568, 0.2027, 69.7, 47.0, 0.07, 0.05),
    ("shel", "mnist"): (0.03, 50, 1, 0.046, 0.772, 0.494, 0.1767, 121.7, 93.4, None, 0.09),
    ("shel", "fashion_mnist"): (0.03, 50, 3, 0.150, 0.984, 0.727, 0.2970, 93.6, 69.3, None, 0.08),
}


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    published = {pair: {"who": "published, best of 300", **dict(zip(NAMES, values, strict=True))} for pair, values in PUBLISHED.items()}
    return draw_best(best_runs(tables, momentum=True), published)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
