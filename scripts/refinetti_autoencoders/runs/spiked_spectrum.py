"""Eigenvalues of a sample covariance of the spiked model, beside the Marchenko–Pastur edge [refinetti_autoencoders, E11, E14, E15]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.datasets import eigenbasis, second_moment
from repro.frames import tidy
from repro.job import job
from repro.seeds import generator
from scripts.refinetti_autoencoders import inputs
from scripts.refinetti_autoencoders.model import PAPER


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Spectrum of one sample, largest eigenvalue first."""
    dim, n_samples, n_spikes = p["dim"], p["n_samples"], p["n_spikes"]
    rng = generator(PAPER, "spiked_spectrum", seed=p["seed"] + p["seed_offset"])
    samples = inputs.spiked_samples(n_samples, dim, n_spikes, p["noise"], rng)
    eigenvalues = eigenbasis(second_moment(samples))[0] / dim
    bulk = inputs.bulk_variance(n_spikes, p["noise"])
    spectrum = tidy(
        {"rank": np.arange(1, dim + 1)},
        dim=dim,
        n_samples=n_samples,
        n_spikes=n_spikes,
        eigenvalue=eigenvalues,
        bulk_edge=inputs.marchenko_pastur_edge(dim, n_samples, bulk),
        pca_error=inputs.pca_errors(eigenvalues)[1:],
    )
    return {"sample_spectrum": spectrum}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
