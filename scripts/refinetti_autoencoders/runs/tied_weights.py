"""Tied autoencoders of several decoder scales beside the untied one [refinetti_autoencoders, E3, E4, E6].

The ODE to long times, online SGD for one decoder scale.
"""

from collections.abc import Mapping

import pandas as pd

from repro.job import job
from repro.seeds import seeds
from scripts.refinetti_autoencoders.curves import error_curves
from scripts.refinetti_autoencoders.inputs import Spectrum, spiked_spectrum
from scripts.refinetti_autoencoders.model import Rule, Weights
from scripts.refinetti_autoencoders.simulation import (
    gaussian_streams,
    initial_weights,
    recorded_steps,
    sgd,
    theory_times,
)
from scripts.refinetti_autoencoders.theory import solve_spiked

RUN = "tied_weights"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Theory and SGD of every seed for the simulated scale, theory of the first seed for the others and for untied."""
    spectrum = spiked_spectrum(p["dim"], p["n_spikes"], p["noise"])
    own, simulated = seeds(p), p["simulated_scale"]
    frames = []
    for activation in ("erf", "linear"):
        rule = Rule(activation, p["learning_rate"], decoder_scale=simulated)
        frames += [_theory(p, rule, own, spectrum), _simulation(p, rule, own, spectrum)]
    for scale in (*p["decoder_scales"], None):
        if scale != simulated:
            frames.append(_theory(p, Rule("erf", p["learning_rate"], decoder_scale=scale), own[:1], spectrum))
    return {"tied_weights": pd.concat(frames, ignore_index=True)}


def _theory(p: Mapping, rule: Rule, own: list[int], spectrum: Spectrum) -> pd.DataFrame:
    times = theory_times(p, p["dim"], p["theory_time"])
    path, modes = solve_spiked(_start(p, rule, own), spectrum, times, rule, stiff=True)
    curves = error_curves({"time": times, "seed": own}, path, modes, spectrum, rule.activation)
    return _labelled(curves, rule, "theory")


def _simulation(p: Mapping, rule: Rule, own: list[int], spectrum: Spectrum) -> pd.DataFrame:
    steps = recorded_steps(p["dim"], p["simulation_time"], p["n_times"], p["marked_times"])
    streams = gaussian_streams(RUN, own, spectrum.eigenvalues, rule.activation)
    path = sgd(_start(p, rule, own), streams, steps, rule)
    axes = {"time": steps / p["dim"], "seed": own}
    return _labelled(error_curves(axes, path, spectrum.eigenvalues, spectrum, rule.activation), rule, "simulation")


def _start(p: Mapping, rule: Rule, own: list[int]) -> Weights:
    """Initial weights; tied encoders are smaller by √D, so that κ = 1 has the decoder of the untied autoencoder."""
    tied = rule.decoder_scale is not None
    size = p["init_scale"] / p["dim"] ** 0.5 if tied else p["init_scale"]
    start = initial_weights(RUN, own, (p["width"], p["dim"]), size)
    return start._replace(decoder=rule.decoder_scale * start.encoder) if tied else start


def _labelled(curves: pd.DataFrame, rule: Rule, method: str) -> pd.DataFrame:
    tied = rule.decoder_scale is not None
    return curves.assign(
        tying="tied" if tied else "untied",
        activation=rule.activation,
        decoder_scale=float(rule.decoder_scale) if tied else float("nan"),
        method=method,
    )


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
