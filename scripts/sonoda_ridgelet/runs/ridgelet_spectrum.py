"""Ridgelet transform of the target by scale and offset, and the slopes of its ridges [sonoda_ridgelet, E6, E7]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from scripts.sonoda_ridgelet.inputs import bumps_of, grid_of
from scripts.sonoda_ridgelet.model import composite_distance
from scripts.sonoda_ridgelet.ridgelets import ridgelet_table, tabulate


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """One image a normal."""
    bumps = bumps_of(p)
    scales = np.linspace(-p["scale_limit"], p["scale_limit"], p["n_scale"])
    offsets = np.linspace(-p["offset_limit"], p["offset_limit"], p["n_offset"])
    ridges = tabulate(p["derivative_order"], scales, bumps.heat_time, grid_of(p))
    values = np.stack([ridgelet_table(bumps, ridges, angle, offsets) for angle in p["angles"]])
    slopes = composite_distance(bumps.points, np.array(p["angles"])).T
    centres = range(len(bumps.weights))
    return {
        "ridgelet_values": tidy({"angle": p["angles"], "scale": scales, "offset": offsets}, value=values),
        "ridge_slopes": tidy({"angle": p["angles"], "centre": centres}, slope=slopes, weight=np.array(bumps.weights)),
    }


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
