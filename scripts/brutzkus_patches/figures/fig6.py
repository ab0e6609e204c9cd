"""Kernels of the vanilla CNN beside whitened dictionary patches [brutzkus_patches, E2a, E6]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from repro.figures import About, save
from repro.job import job
from scripts.brutzkus_patches.figures.pictures import draw_pair

KINDS = {"vanilla_kernel": "kernels of the vanilla CNN", "centroid_zca": "whitened dictionary patches"}


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    return draw_pair(tables["filters"], about, KINDS)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
