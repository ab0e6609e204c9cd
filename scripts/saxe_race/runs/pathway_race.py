"""Race of a shared and a private pathway: who learns how much, and where the race is even [saxe_race, E7, E10]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.job import job
from scripts.saxe_race import theory

RUN = "pathway_race"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    accuracy = {"tolerance": p["relative_tolerance"], "residual": p["residual_stop"]}
    n_outputs, mode = p["n_trained_outputs"], p["mode_strength"]
    points = [(n_domains, init, None) for init in p["equal_inits"] for n_domains in p["domains"]]
    ratios = np.linspace(p["ratio_min"], p["ratio_max"], p["n_ratios"])
    points += [(n_domains, p["ratio_init"], ratio) for n_domains in p["ratio_domains"] for ratio in ratios]
    rows = []
    for n_domains, shared_init, ratio in points:
        private_init = shared_init * (1.0 if ratio is None else ratio * theory.even_ratio(n_domains, n_outputs))
        end = theory.race(mode, shared_init, private_init, n_domains, n_outputs, **accuracy)
        sweep = "domains" if ratio is None else "ratio"
        rows.append((sweep, n_domains, n_outputs, shared_init, private_init, ratio, end.fraction, end.end_time))
    columns = ["sweep", "n_domains", "n_trained_outputs", "shared_init", "private_init", "relative_ratio", "fraction", "end_time"]
    crossings = [
        {
            "n_domains": n_domains,
            "n_trained_outputs": n_outputs,
            "shared_init": init,
            "crossing_ratio": theory.simulated_crossing(mode, init, n_domains, n_outputs, within=p["crossing_tolerance"], **accuracy),
            "predicted_ratio": theory.crossing_ratio(mode, init, n_domains, n_outputs),
        }
        for init in p["crossover_inits"]
        for n_domains in p["ratio_domains"]
    ]
    return {"shared_fraction": pd.DataFrame(rows, columns=columns), "crossover": pd.DataFrame(crossings)}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
