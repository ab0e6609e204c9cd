"""Vanilla against truncated SGD on spiked and sinusoidal inputs [refinetti_autoencoders, E3–E5, E9].

Learning curves, alignment of every unit's decoder with every component, at the end and on the way, and decoder rows in the pixel basis.
"""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import seeds
from scripts.refinetti_autoencoders.curves import error_curves
from scripts.refinetti_autoencoders.inputs import Spectrum, sinusoidal_spectrum, spiked_spectrum
from scripts.refinetti_autoencoders.model import Rule, Weights, alignment, truncation_mask
from scripts.refinetti_autoencoders.simulation import gaussian_streams, initial_weights, recorded_steps, sgd, theory_times
from scripts.refinetti_autoencoders.theory import solve_spiked

RUN = "truncated_rule"


class Path(NamedTuple):
    """Weights of one rule on one kind of inputs over time, leading dimensions (time, seed)."""

    rule: str
    inputs: str
    method: str
    times: np.ndarray
    seeds: list[int]
    spectrum: Spectrum
    eigenvalues: np.ndarray  # r_τ of the modes of the weights
    weights: Weights


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Simulation and theory of both rules on both kinds of inputs."""
    sinusoidal, eigenvectors = sinusoidal_spectrum(p["dim"], p["n_spikes"], p["noise"])
    spectra = {"spiked": spiked_spectrum(p["dim"], p["n_spikes"], p["noise"]), "sinusoidal": sinusoidal}
    steps = recorded_steps(p["dim"], p["simulation_time"], p["n_times"], p["marked_times"])
    times = theory_times(p, p["dim"], p["simulation_time"])
    simulated = list(_simulate(p, spectra, steps))
    paths = [*simulated, *_solve(p, spectra, times)]
    rows = [_decoder_rows(path, eigenvectors) for path in simulated if path.inputs == "sinusoidal"]
    on_the_way = [_on_the_way(path, steps / p["dim"]) for path in paths if (path.inputs, path.method) == ("spiked", "theory")]
    return {
        "truncated_curves": pd.concat([_curves(path) for path in paths], ignore_index=True),
        "decoder_alignment": pd.concat([_alignment(path) for path in paths], ignore_index=True),
        "alignment_path": pd.concat(on_the_way, ignore_index=True),
        "decoder_rows": pd.concat(rows, ignore_index=True),
    }


def _simulated_seeds(p: Mapping) -> dict[str, list[int]]:
    return {"spiked": seeds(p), "sinusoidal": seeds(p, "n_sinusoidal_seeds")}


def _masks(p: Mapping) -> dict[str, np.ndarray]:
    """The vanilla rule is the truncated one with a mask of ones."""
    return {"vanilla": np.ones((p["width"], p["width"])), "truncated": truncation_mask(p["width"])}


def _start(p: Mapping, own: list[int]) -> Weights:
    return initial_weights(RUN, own, (p["width"], p["dim"]), p["init_scale"])


def _simulate(p: Mapping, spectra: Mapping[str, Spectrum], steps: np.ndarray) -> Iterator[Path]:
    """SGD of all rules, inputs and seeds as one batch; the rules share weights and inputs."""
    own, masks = _simulated_seeds(p), _masks(p)
    streams = [stream for name in own for stream in gaussian_streams(RUN, own[name], spectra[name].eigenvalues, name)]
    start = _start(p, [seed for name in own for seed in own[name]])
    batch = start.map(lambda part: np.broadcast_to(part, (len(masks), *part.shape)))
    rule = Rule("erf", p["learning_rate"], mask=np.stack(list(masks.values()))[:, None])
    path = sgd(batch, streams, steps, rule)
    begin = 0
    for name, spectrum in spectra.items():
        place = slice(begin, begin + len(own[name]))
        begin = place.stop
        for index, label in enumerate(masks):
            part = path.map(itemgetter(np.s_[:, index, place]))
            yield Path(label, name, "simulation", steps / p["dim"], own[name], spectrum, spectrum.eigenvalues, part)


def _solve(p: Mapping, spectra: Mapping[str, Spectrum], times: np.ndarray) -> Iterator[Path]:
    """The ODE from the weights of the simulated seeds and, on spiked inputs, of more."""
    own = _simulated_seeds(p)
    own["spiked"] = sorted({*own["spiked"], *seeds(p, "n_theory_seeds")})
    masks = _masks(p)
    rule = Rule("erf", p["learning_rate"], mask=np.stack(list(masks.values()))[:, None])
    for name, spectrum in spectra.items():
        start = _start(p, own[name]).map(lambda part: np.broadcast_to(part, (len(masks), *part.shape)))
        path, modes = solve_spiked(start, spectrum, times, rule)
        for index, label in enumerate(masks):
            yield Path(label, name, "theory", times, own[name], spectrum, modes, path.map(itemgetter(np.s_[:, index])))


def _curves(path: Path) -> pd.DataFrame:
    """Learning curves of one path."""
    axes = {"time": path.times, "seed": path.seeds}
    curves = error_curves(axes, path.weights, path.eigenvalues, path.spectrum, "erf")
    return curves.assign(rule=path.rule, inputs=path.inputs, method=path.method)


def _alignment(path: Path) -> pd.DataFrame:
    """Alignment A_kτ with the outliers and subspace overlap S_k at the end of one path."""
    width, n_components = path.weights.decoder.shape[-2], path.spectrum.n_outliers
    aligned = alignment(path.weights.decoder[-1], max(width, n_components))
    axes = {"seed": path.seeds, "unit": np.arange(1, width + 1), "component": np.arange(1, n_components + 1)}
    return tidy(
        axes,
        rule=path.rule,
        inputs=path.inputs,
        method=path.method,
        time=path.times[-1],
        alignment=aligned[..., :n_components],
        subspace_overlap=np.linalg.norm(aligned[..., :width], axis=-1, keepdims=True),
    )


def _on_the_way(path: Path, times: np.ndarray) -> pd.DataFrame:
    """Alignment of the first seed's decoder with the outliers at those of the path's times that were recorded."""
    recorded = np.isin(path.times, times)
    aligned = alignment(path.weights.decoder[recorded, 0], path.spectrum.n_outliers)
    axes = {"time": path.times[recorded], "unit": np.arange(1, aligned.shape[-2] + 1), "component": np.arange(1, aligned.shape[-1] + 1)}
    return tidy(axes, rule=path.rule, seed=path.seeds[0], alignment=aligned)


def _decoder_rows(path: Path, eigenvectors: np.ndarray) -> pd.DataFrame:
    """Decoder rows v^k of the first seed at the end, beside the eigenvectors √D u_k with the sign of v^k·u_k."""
    width, dim = path.weights.decoder.shape[-2:]
    decoder = path.weights.decoder[-1, 0].astype(np.float64)
    sign = np.sign(np.diagonal(decoder))
    return tidy(
        {"unit": np.arange(1, width + 1), "coordinate": np.arange(dim)},
        rule=path.rule,
        decoder=np.sqrt(dim) * decoder @ eigenvectors.T,
        eigenvector=np.sqrt(dim) * sign[:, None] * eigenvectors[:, :width].T,
    )


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
