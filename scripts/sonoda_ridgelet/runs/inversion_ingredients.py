"""Inversion of the Helgason–Fourier transform with all its ingredients, and with one removed [sonoda_ridgelet, E1, E6]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.job import job
from scripts.sonoda_ridgelet.inputs import points_of
from scripts.sonoda_ridgelet.model import Bumps, relative_error
from scripts.sonoda_ridgelet.theory import VARIANTS, invert


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """One row a heat time and variant."""
    points, times = points_of(p), p["heat_times"]
    targets = [Bumps(time, p["centres"], p["weights"]) for time in times]
    quadrature = {name: p[name] for name in ("n_lambda", "lambda_limit", "n_angles")}
    rows = []
    for target, by_variant in zip(targets, invert(targets[0], times, points, **quadrature), strict=True):
        values = target.values(points)
        for variant, found in zip(VARIANTS, by_variant, strict=True):
            best = found * (found @ values / (found @ found))
            errors = {"error": relative_error(found, values), "error_rescaled": relative_error(best, values)}
            rows.append({"heat_time": float(target.heat_time), "variant": variant, **errors})
    return {"inversion_error": pd.DataFrame(rows).astype({"error": np.float64})}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
