"""Distance of online SGD from its ODE against the input dimension, erf [refinetti_autoencoders, E3, E4]."""

from collections.abc import Mapping

import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import seeds
from scripts.refinetti_autoencoders.inputs import spiked_spectrum
from scripts.refinetti_autoencoders.model import Rule, reconstruction_error, rms_log
from scripts.refinetti_autoencoders.simulation import gaussian_streams, initial_weights, recorded_steps, sgd
from scripts.refinetti_autoencoders.theory import solve_spiked

RUN = "dimension_scaling"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """One block of rows a dimension."""
    frames = [_deviation(p, dim) for dim in p["dims"]]
    return {"finite_size_deviation": pd.concat(frames, ignore_index=True)}


def _deviation(p: Mapping, dim: int) -> pd.DataFrame:
    own = seeds(p)
    spectrum = spiked_spectrum(dim, p["n_spikes"], p["noise"])
    eigenvalues, trace = spectrum.eigenvalues, spectrum.eigenvalues.sum()
    start = initial_weights(RUN, own, (p["width"], dim), p["init_scale"])
    rule = Rule("erf", p["learning_rate"])
    steps = recorded_steps(dim, p["simulation_time"], p["n_times"])[1:]
    simulated = sgd(start, gaussian_streams(RUN, own, eigenvalues), steps, rule)
    predicted, modes = solve_spiked(start, spectrum, steps / dim, rule)
    deviation = rms_log(reconstruction_error(simulated, eigenvalues, trace, "erf"), reconstruction_error(predicted, modes, trace, "erf"))
    return tidy({"seed": own}, dim=dim, rms_log=deviation)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
