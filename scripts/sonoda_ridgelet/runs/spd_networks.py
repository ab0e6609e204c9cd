"""Networks of random neurons on the positive definite 2×2 matrices: their errors [sonoda_ridgelet, E9, E11]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.sonoda_ridgelet.model import random_points, relative_error
from scripts.sonoda_ridgelet.spd import Target, draw, network
from scripts.sonoda_ridgelet.theory import pairing

PAPER, RUN = "sonoda_ridgelet", "spd_networks"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """One network for each activation, width and seed."""
    rng = np.random.default_rng(p["test_seed"] + p["seed_offset"])
    points = random_points(rng, p["n_test"], p["test_radius"])
    log_scale = p["test_log_scale"] * (2 * rng.random(p["n_test"]) - 1)
    target = Target(p["heat_time"], p["spread"], p["centre"])
    values = target.values(points, log_scale)
    quadrature = {"n_omega": p["n_omega"], "omega_limit": p["omega_limit"]}
    progress = Progress(len(p["activations"]) * sum(p["widths"]) * p["n_seeds"], "neurons")
    rows = []
    for activation, order in zip(p["activations"], p["derivative_orders"], strict=True):
        constant = pairing(activation, order, rank=2)
        for width in p["widths"]:
            for seed in seeds(p):
                neurons = draw(generator(PAPER, RUN, activation, order, width, seed=seed), target, order, width, **quadrature)
                error = relative_error(network(points, log_scale, neurons, activation, constant), values)
                rows.append({"activation": activation, "derivative_order": order, "width": width, "seed": seed, "error": error})
                progress.update(width)
    return {"spd_network_error": pd.DataFrame(rows)}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
