"""The network of the whole ridgelet transform against the closed form of its constant [sonoda_ridgelet, E5, E8, E10]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.job import job
from scripts.sonoda_ridgelet.inputs import bumps_of, grid_of, points_of
from scripts.sonoda_ridgelet.model import relative_error
from scripts.sonoda_ridgelet.ridgelets import log_grid, reconstruct, tabulate
from scripts.sonoda_ridgelet.theory import is_admissible, pairing


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """One row a pair of activation and order."""
    bumps, points, grid = bumps_of(p), points_of(p), grid_of(p)
    if not np.isclose(p["profile_step"], grid.step):
        raise ValueError(f"profile_step must be that of the table of ridges, {grid.step:g}, not {p['profile_step']:g}")
    target = bumps.values(points)
    scales, weights = log_grid(p["scale_min"], p["scale_max"], p["n_scale"])
    ridges = {order: tabulate(order, scales, bumps.heat_time, grid) for order in {order for _, order in p["cases"]}}
    rows = []
    for activation, order in p["cases"]:
        found = reconstruct(bumps, ridges[order], weights, activation, points, n_angles=p["n_angles"], limit=p["profile_limit"])
        constant = pairing(activation, order)
        rows.append(
            {
                "activation": activation,
                "derivative_order": order,
                "admissible": is_admissible(activation, order),
                "pairing": constant,
                "ratio": found @ target / (target @ target),
                "largest_value": np.abs(found).max(),
                "error": relative_error(found / constant, target) if constant else np.nan,
            }
        )
    return {"quadrature_constant": pd.DataFrame(rows)}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
