"""Spectrum of the kernel on a line, and the exponents that follow from it [tomasini_krr, E3, E6, E8]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from scripts.tomasini_krr.laws import LAWS, exponent
from scripts.tomasini_krr.theory import line_spectrum

POINTS = ("uniform_points", "log_points", "n_ranks")


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Modes of every depletion exponent, and the exponents of all laws."""
    exponents = [float(chi) for chi in p["depletion_exponents"]]
    ranks = np.arange(1, p["n_ranks"] + 1)
    frames = []
    for chi in exponents:
        values, squared = line_spectrum(chi, p["bandwidth"], **{name: p[name] for name in POINTS})
        frames.append(
            tidy({"rank": ranks}, eigenvalue=values, squared_coefficient=squared, tail=1 - np.cumsum(squared), depletion_exponent=chi)
        )
    laws = [[[exponent(law, dim, chi) for dim in p["dims"]] for chi in exponents] for law in LAWS]
    return {
        "eigenmodes": pd.concat(frames, ignore_index=True),
        "scaling_exponents": tidy({"law": list(LAWS), "depletion_exponent": exponents, "dim": p["dims"]}, exponent=np.array(laws)),
    }


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
