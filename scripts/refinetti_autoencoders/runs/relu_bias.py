"""ReLU autoencoders without bias, with trained and with fixed bias [refinetti_autoencoders, E2–E4, E8].

Learning curves of online SGD and the ODE, and plateaus of the ODE against the number of hidden units.
"""

from collections.abc import Mapping
from operator import itemgetter

import numpy as np
import pandas as pd

from repro.frames import Axes
from repro.job import job
from repro.seeds import seeds
from scripts.refinetti_autoencoders.curves import error_curves
from scripts.refinetti_autoencoders.inputs import Spectrum, pca_errors, spiked_spectrum
from scripts.refinetti_autoencoders.model import Rule, Weights
from scripts.refinetti_autoencoders.simulation import (
    gaussian_streams,
    initial_weights,
    recorded_steps,
    sgd,
    theory_times,
)
from scripts.refinetti_autoencoders.theory import relu_plateau, solve_spiked

RUN = "relu_bias"

_MODES = ("none", "trained", "fixed")


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Learning curves and plateaus."""
    spectrum = spiked_spectrum(p["curve_dim"], p["n_spikes"], p["noise"])
    times = theory_times(p, p["curve_dim"], p["theory_time"])
    curves = _simulation(p, spectrum)
    for mode in _MODES:
        frame = _theory(p, mode, times, own=seeds(p), spectrum=spectrum, width=p["width"])
        curves.append(frame.assign(method="theory"))
    plateaus = [_plateau(p, mode, width) for mode in ("none", "trained") for width in p["plateau_widths"]]
    return {
        "relu_curves": pd.concat(curves, ignore_index=True),
        "relu_plateaus": pd.concat(plateaus, ignore_index=True),
        "last_plateaus": _last_plateaus(p),
    }


def _initial_bias(p: Mapping, mode: str) -> float:
    return {"none": 0.0, "trained": p["initial_bias"], "fixed": p["fixed_bias"]}[mode]


def _start(p: Mapping, mode: str, own: list[int], spectrum: Spectrum, width: int) -> Weights:
    """Initial weights; the treatments differ in the bias only."""
    shape = (width, len(spectrum.eigenvalues))
    return initial_weights(RUN, own, shape, p["init_scale"], initial_bias=_initial_bias(p, mode))


def _simulation(p: Mapping, spectrum: Spectrum) -> list[pd.DataFrame]:
    """SGD of all treatments of the bias as one batch, on the same inputs."""
    own, dim = seeds(p), p["curve_dim"]
    steps = recorded_steps(dim, p["simulation_time"], p["n_times"], p["marked_times"])
    starts = [_start(p, mode, own, spectrum, p["width"]) for mode in _MODES]
    trained = np.array([mode == "trained" for mode in _MODES], dtype=np.float32)
    rule = Rule("relu", p["learning_rate"], bias_rate=trained[:, None, None])
    streams = gaussian_streams(RUN, own, spectrum.eigenvalues)
    path = sgd(Weights(*map(np.stack, zip(*starts, strict=True))), streams, steps, rule)
    frames = []
    for index, mode in enumerate(_MODES):
        axes, of_mode = {"time": steps / dim, "seed": own}, path.map(itemgetter(np.s_[:, index]))
        frames.append(_curves(p, mode, axes, of_mode, eigenvalues=spectrum.eigenvalues, spectrum=spectrum))
    return [frame.assign(method="simulation") for frame in frames]


def _theory(p: Mapping, mode: str, times: np.ndarray, *, own: list[int], spectrum: Spectrum, width: int) -> pd.DataFrame:
    """The ODE of one treatment of the bias."""
    start = _start(p, mode, own, spectrum, width)
    if mode == "none":  # closed forms instead of a bias that stays 0
        path, modes = solve_spiked(start._replace(bias=None), spectrum, times, Rule("relu", p["learning_rate"]), stiff=True)
    else:
        rule = Rule("relu", p["learning_rate"], bias_rate=float(mode == "trained"))
        path, modes = solve_spiked(start, spectrum, times, rule, stiff=True)
    return _curves(p, mode, {"time": times, "seed": own}, path, eigenvalues=modes, spectrum=spectrum)


def _curves(p: Mapping, mode: str, axes: Axes, path: Weights, *, eigenvalues: np.ndarray, spectrum: Spectrum) -> pd.DataFrame:
    """Error, initial and mean bias along a path."""
    curves = error_curves(axes, path, eigenvalues, spectrum, "relu")
    mean_bias = 0.0 if path.bias is None else path.bias.mean(axis=-1).ravel()
    return curves.assign(bias_mode=mode, initial_bias=_initial_bias(p, mode), mean_bias=mean_bias)


def _plateau(p: Mapping, mode: str, width: int) -> pd.DataFrame:
    """Where the ODE of one treatment and width has come to at plateau_time."""
    spectrum = spiked_spectrum(p["plateau_dim"], p["n_spikes"], p["noise"])
    times = np.array([p["plateau_time"]], dtype=float)
    rows = _theory(p, mode, times, own=seeds(p, "n_plateau_seeds"), spectrum=spectrum, width=width)
    levels = pca_errors(spectrum.eigenvalues)[: p["n_spikes"] + 1]
    distance = np.abs(np.log(rows["error"].to_numpy()[:, None] / levels))
    predicted = relu_plateau(spectrum, width, bias=mode == "trained")
    return rows.drop(columns="pca_error").assign(
        leading_eigenvalue=spectrum.eigenvalues[0],
        predicted_error=np.nan if predicted is None else predicted,
        n_components=distance.argmin(axis=1),
    )


def _last_plateaus(p: Mapping) -> pd.DataFrame:
    """The ODE without bias from more initial weights and for longer, for the width whose last plateau some starts leave late."""
    spectrum, width = spiked_spectrum(p["plateau_dim"], p["n_spikes"], p["noise"]), p["late_width"]
    times = np.array(p["late_times"], dtype=float)
    rows = _theory(p, "none", times, own=seeds(p, "n_late_seeds"), spectrum=spectrum, width=width)
    return rows[["dim", "width", "seed", "time", "error"]].assign(predicted_error=relu_plateau(spectrum, width, bias=False))


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
