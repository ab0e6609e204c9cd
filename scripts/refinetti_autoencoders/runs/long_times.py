"""The untied erf autoencoder to very long times, beside its asymptotic law [refinetti_autoencoders, E3, E4, E7]."""

from collections.abc import Mapping
from operator import itemgetter

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from scripts.refinetti_autoencoders.inputs import spiked_spectrum
from scripts.refinetti_autoencoders.model import Rule, Weights, order_parameters, reconstruction_error
from scripts.refinetti_autoencoders.simulation import initial_weights, recorded_steps
from scripts.refinetti_autoencoders.theory import long_time_excess, reduce_bulk, solve

RUN = "long_times"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """One mode from w = ṽ = 1, four modes from aligned weights without a bulk part, four modes from random weights."""
    width, seed = p["width"], p["seed"] + p["seed_offset"]
    spectrum = spiked_spectrum(p["dim"], p["n_spikes"], p["noise"])
    trace = float(spectrum.eigenvalues.sum())
    aligned = np.eye(width, p["n_spikes"])
    drawn = initial_weights(RUN, [seed], (width, p["dim"]), p["init_scale"]).map(itemgetter(0))
    random, modes = reduce_bulk(drawn, spectrum)
    one = np.ones((1, 1))
    frames = [
        _path(p, Weights(one, one), np.ones(1), trace=1.0).assign(problem="one_mode", seed=None),
        _path(p, Weights(aligned, aligned), modes[: p["n_spikes"]], trace=trace).assign(problem="aligned", seed=None),
        _path(p, random, modes, trace=trace).assign(problem="random", seed=seed),
    ]
    return {"long_times": pd.concat(frames, ignore_index=True)}


def _path(p: Mapping, start: Weights, eigenvalues: np.ndarray, *, trace: float) -> pd.DataFrame:
    """Error and norms of one problem; `trace` may include modes beyond those of the weights."""
    width = len(start.encoder)
    end = p["one_mode_time"] if width == 1 else p["four_mode_time"]
    times = recorded_steps(p["dim"], end, p["n_times"], p["marked_times"]) / p["dim"]
    path = solve(start, eigenvalues, times, Rule("erf", p["learning_rate"]), tolerance=p["relative_tolerance"])
    order = order_parameters(path, eigenvalues)
    error = reconstruction_error(path, eigenvalues, trace, "erf")
    left = trace - float(eigenvalues[:width].sum())
    law = np.full(len(times), np.nan)
    law[1:] = long_time_excess(eigenvalues[:width], p["learning_rate"], times[1:])
    return tidy(
        {"time": times},
        width=width,
        error=error,
        pca_error=left,
        excess_error=error - left,
        encoder_norm=np.sqrt(np.trace(order.encoder_overlap, axis1=-2, axis2=-1)),
        decoder_norm=np.sqrt(np.trace(order.decoder_overlap, axis1=-2, axis2=-1)),
        predicted_excess=law,
    )


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
