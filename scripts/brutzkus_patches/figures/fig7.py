"""Dictionary patches as pixels and whitened [brutzkus_patches, E2a]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import About, save
from repro.job import job
from scripts.brutzkus_patches.figures.pictures import draw_pair

KINDS = {"centroid_pixel": "before whitening", "centroid_zca": "after whitening"}


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    return draw_pair(tables["filters"], about, KINDS)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
