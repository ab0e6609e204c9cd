"""Distance of random points from the range of an injective ReLU layer, by rule and by search [puthawala_flows, E11]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import generator
from scripts.puthawala_flows.model import PAPER, relu_layer, relu_projection, searched_distance

RUN = "range_projection"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Both distances of every trial."""
    rng = generator(PAPER, RUN, seed=p["seed"] + p["seed_offset"])
    n_trials, dim = p["n_trials"], p["dim"]
    matrix = rng.standard_normal((n_trials, dim, dim))
    scale = rng.uniform(p["scale_low"], p["scale_high"], (n_trials, dim))
    points = rng.standard_normal((n_trials, 2 * dim))
    closest = relu_layer(relu_projection(points, matrix, scale), matrix, scale)
    distances = np.stack([np.linalg.norm(points - closest, axis=1), searched_distance(points)])
    return {"projection_distances": tidy({"method": ["closed_form", "brute_force"], "trial": range(n_trials)}, range_distance=distances)}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
