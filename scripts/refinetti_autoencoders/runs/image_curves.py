"""Online SGD on images and on Gaussian inputs of their covariance, and the ODE [refinetti_autoencoders, E3–E5, E9].

The ODE knows the images by their covariance only. Also the spectra, the alignment of its decoder, and example images.
"""

from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import generator, seeds
from scripts.refinetti_autoencoders import images
from scripts.refinetti_autoencoders.curves import error_curves
from scripts.refinetti_autoencoders.inputs import pca_errors, shuffled_stream
from scripts.refinetti_autoencoders.model import PAPER, Rule, alignment, truncation_mask
from scripts.refinetti_autoencoders.simulation import (
    gaussian_streams,
    initial_weights,
    recorded_steps,
    sgd,
    theory_times,
)
from scripts.refinetti_autoencoders.theory import solve

RUN = "image_curves"


def compute(p: Mapping, datasets: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Tables of all image sets, one below the other."""
    tables: dict[str, list[pd.DataFrame]] = {}
    for name in p["image_sets"]:
        for table, frame in _image_set({**p, "simulation_time": p["simulation_time"][name]}, name, datasets[name]):
            tables.setdefault(table, []).append(frame.assign(dataset=name))
    return {table: pd.concat(frames, ignore_index=True) for table, frames in tables.items()}


def _image_set(p: Mapping, name: str, folder: Path) -> list[tuple[str, pd.DataFrame]]:
    """Tables of one image set, as pairs of name and part."""
    data = images.load(folder)
    found = [("image_spectra", _spectrum(data)), ("example_images", _examples(p, folder))]
    for width in p["widths"]:
        found.append(("image_curves", _simulation(p, name, data, width)))
        for rule in p["theory_rules"]:
            found += _theory(p, data, rule, width)
    return found


def _mask(rule: str, width: int) -> np.ndarray | None:
    return truncation_mask(width) if rule == "truncated" else None


def _simulation(p: Mapping, name: str, data: images.ImageInputs, width: int) -> pd.DataFrame:
    """SGD on Gaussian inputs and on the images, all seeds as one batch."""
    own, eigenvalues = seeds(p), data.spectrum.eigenvalues
    dim = len(eigenvalues)
    steps = recorded_steps(dim, p["simulation_time"], p["n_times"], p["marked_times"])
    start = initial_weights(RUN, own, (width, dim), p["init_scale"]).map(lambda part: np.concatenate([part, part]))
    frames = []
    for rule in p["simulated_rules"]:
        shuffled = [shuffled_stream(data.train, generator(PAPER, RUN, "images", name, seed=seed)) for seed in own]
        streams = [*gaussian_streams(RUN, own, eigenvalues, name), *shuffled]
        path = sgd(start, streams, steps, Rule("erf", p["learning_rate"], _mask(rule, width)))
        path = path.map(lambda part: part.reshape(len(steps), 2, len(own), width, dim))
        axes = {"time": steps / dim, "inputs": ["gaussian", "images"], "seed": own}
        curves = error_curves(axes, path, eigenvalues, data.spectrum, "erf").drop(columns="dim")
        test_error = images.sample_error(path, data.test).ravel()
        frames.append(curves.assign(rule=rule, method="simulation", test_error=test_error))
    return pd.concat(frames, ignore_index=True)


def _theory(p: Mapping, data: images.ImageInputs, rule: str, width: int) -> list[tuple[str, pd.DataFrame]]:
    """The ODE in all modes: learning curves of every seed, alignment of the first at the end."""
    own, eigenvalues = seeds(p), data.spectrum.eigenvalues
    dim = len(eigenvalues)
    times = theory_times(p, dim, p["theory_time"])
    learning = Rule("erf", p["learning_rate"], _mask(rule, width))
    start = initial_weights(RUN, own, (width, dim), p["init_scale"])
    found = []
    for index, seed in enumerate(own):
        path = solve(start.map(itemgetter(index)), eigenvalues, times, learning, method="RK45", tolerance=1e-5)
        curves = error_curves({"time": times}, path, eigenvalues, data.spectrum, "erf").drop(columns="dim")
        labels = {"seed": seed, "rule": rule, "inputs": "population", "method": "theory", "test_error": np.nan}
        found.append(("image_curves", curves.assign(**labels)))
        if index == 0:
            units = np.arange(1, width + 1)
            aligned = alignment(path.decoder[-1], width)
            rows = tidy({"unit": units, "component": units}, rule=rule, width=width, time=times[-1], alignment=aligned)
            found.append(("image_alignment", rows))
    return found


def _spectrum(data: images.ImageInputs) -> pd.DataFrame:
    """Eigenvalues of the second moment of the training images."""
    eigenvalues = data.spectrum.eigenvalues
    return tidy(
        {"rank": np.arange(1, len(eigenvalues) + 1)},
        dim=len(eigenvalues),
        n_samples=len(data.train),
        eigenvalue=eigenvalues,
        pca_error=pca_errors(eigenvalues)[1:],
    )


def _examples(p: Mapping, folder: Path) -> pd.DataFrame:
    """First training images, grey levels in [0, 1]."""
    pixels = images.grey(folder, "train", p["n_example_images"])
    names = ("image", "pixel_row", "pixel_column")
    return tidy({name: np.arange(length) for name, length in zip(names, pixels.shape, strict=True)}, value=pixels / 255)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets))
