"""Random walks, one stream a seed [demo, E1]."""

import time
from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.job import job
from repro.seeds import generator, seeds
from scripts.demo import model


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    rows = []
    for seed in seeds(p):
        time.sleep(p["pause"])
        position = model.walk(generator("demo", "walk", seed=seed), p["n_steps"])
        rows.append(pd.DataFrame({"seed": seed, "step": np.arange(1, p["n_steps"] + 1), "position": position}))
    return {"walk": pd.concat(rows)}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
