"""Online SGD and the ODE from the same weights, for three activations [refinetti_autoencoders, E2–E4, E7, E9].

Curves of the error, variance captured of each component, the time at which each is learnt, and the late excess over PCA.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import Axes, tidy
from repro.job import job
from repro.seeds import seeds
from scripts.refinetti_autoencoders.curves import error_curves
from scripts.refinetti_autoencoders.inputs import Spectrum, spiked_spectrum
from scripts.refinetti_autoencoders.model import Rule, Weights, captured_variance
from scripts.refinetti_autoencoders.simulation import (
    gaussian_streams,
    initial_weights,
    recorded_steps,
    sgd,
    theory_times,
)
from scripts.refinetti_autoencoders.theory import frozen_bulk_excess, long_time_excess, solve_spiked

RUN = "learning_curves"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Tables of all activations, one below the other."""
    spectrum = spiked_spectrum(p["dim"], p["n_spikes"], p["noise"])
    tables: dict[str, list[pd.DataFrame]] = {}
    for activation in p["activations"]:
        for part in (_simulation(p, activation, spectrum), _theory(p, activation, spectrum)):
            for name, frame in part.items():
                tables.setdefault(name, []).append(frame.assign(activation=activation, dim=p["dim"]))
    return {name: pd.concat(frames, ignore_index=True) for name, frames in tables.items()}


def _simulation(p: Mapping, activation: str, spectrum: Spectrum) -> dict[str, pd.DataFrame]:
    """SGD of the simulated seeds."""
    own = seeds(p, "n_seeds_relu" if activation == "relu" else "n_seeds")
    start, rule = _start(p, activation, own)
    steps = recorded_steps(p["dim"], p["simulation_time"], p["n_times"], p["marked_times"])
    streams = gaussian_streams(RUN, own, spectrum.eigenvalues, activation)
    axes = {"time": steps / p["dim"], "seed": own}
    tables = _curves(axes, sgd(start, streams, steps, rule), spectrum.eigenvalues, spectrum, rule)
    return {name: frame.assign(method="simulation") for name, frame in tables.items()}


def _theory(p: Mapping, activation: str, spectrum: Spectrum) -> dict[str, pd.DataFrame]:
    """The ODE from the weights of the simulated seeds and, without biases, of more."""
    relu = activation == "relu"
    own = seeds(p, "n_seeds_relu") if relu else sorted({*seeds(p), *seeds(p, "n_theory_seeds")})
    start, rule = _start(p, activation, own)
    end = p["theory_time_relu"] if relu else p["theory_time"]
    times = theory_times(p, p["dim"], end)
    fine = np.geomspace(0.3, end, p["n_learning_times"])
    both = np.union1d(times, fine)
    path, modes = solve_spiked(start, spectrum, both, rule, stiff=relu)

    def at(chosen: np.ndarray) -> tuple[Axes, Weights]:
        return {"time": chosen, "seed": own}, path.map(lambda part: part[np.isin(both, chosen)])

    tables = _curves(*at(times), modes, spectrum, rule)
    tables = {name: frame.assign(method="theory") for name, frame in tables.items()}
    if not relu:
        tables["learning_times"] = _learning_times(*at(fine), modes, activation, p["n_spikes"])
        tables["late_excess"] = _late_excess(p, tables["learning_curves"], spectrum, activation)
    return tables


def _start(p: Mapping, activation: str, own: list[int]) -> tuple[Weights, Rule]:
    """Initial weights and rule: ReLU has trained biases, the others have none."""
    relu = activation == "relu"
    bias = p["initial_bias"] if relu else None
    start = initial_weights(RUN, own, (p["width"], p["dim"]), p["init_scale"], initial_bias=bias)
    return start, Rule(activation, p["learning_rate"], bias_rate=1.0 if relu else None)


def _curves(axes: Axes, path: Weights, eigenvalues: np.ndarray, spectrum: Spectrum, rule: Rule) -> dict[str, pd.DataFrame]:
    """Error and, without biases, captured variance along a path."""
    curves = error_curves(axes, path, eigenvalues, spectrum, rule.activation)
    tables = {"learning_curves": curves.assign(learning_rate=rule.learning_rate)}
    if path.bias is None:
        captured = captured_variance(path, eigenvalues, rule.activation, spectrum.n_outliers)
        components = {**axes, "component": np.arange(1, spectrum.n_outliers + 1)}
        tables["captured_variance"] = tidy(components, captured_variance=captured)
    return tables


def _learning_times(axes: Axes, path: Weights, eigenvalues: np.ndarray, activation: str, n_components: int) -> pd.DataFrame:
    """First time at which more than half of a component's variance is captured, +inf if never."""
    learnt = captured_variance(path, eigenvalues, activation, n_components) > 0.5
    return tidy(
        {"seed": axes["seed"], "component": np.arange(1, n_components + 1)},
        eigenvalue=eigenvalues[:n_components],
        learning_time=np.where(learnt.any(axis=0), np.asarray(axes["time"])[learnt.argmax(axis=0)], np.inf),
    )


def _late_excess(p: Mapping, curves: pd.DataFrame, spectrum: Spectrum, activation: str) -> pd.DataFrame:
    """Error in excess of PCA at the last time of the curves, beside what theory leaves over."""
    late = curves[curves["time"] == curves["time"].max()]
    if activation == "erf":
        left = long_time_excess(spectrum.eigenvalues[: p["width"]], p["learning_rate"], late["time"].to_numpy())
    else:
        left = frozen_bulk_excess(spectrum, p["width"], p["init_scale"])
    return late[["time", "seed"]].assign(excess_error=late["error"] - late["pca_error"], predicted_excess=left)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
