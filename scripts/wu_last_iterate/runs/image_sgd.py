"""One-pass SGD on real images beside the prediction for Gaussian features of the same covariance.

Table `image_risk` [wu_last_iterate, E1, E4]. The population is the finite training set, sampled with replacement:
H, w* and σ² are its exact moments.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from repro.datasets import eigenbasis, grey_mean, images, second_moment, sign_labels
from repro.job import Progress, job
from repro.seeds import generator
from scripts.wu_last_iterate.model import Array, Schedule, risk_trajectory, stepsize_factors
from scripts.wu_last_iterate.simulation import simulate

BLOCK = 5000
"""Images converted to float64 at a time."""


class Population(NamedTuple):
    """Least-squares problem of a finite population of P examples, in the eigenbasis of H."""

    features: Array
    """x, shape (P, d)."""
    noise: Array
    """Residuals ξ = y − ⟨w*, x⟩, shape (P,)."""
    eigenvalues: Array
    """λ, shape (d,), with sum 1."""
    optimum: Array
    """w*, shape (d,)."""


def compute(p: Mapping, datasets: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Tables of the run from its parameters and the folders of the decoded datasets."""
    frames = [risk_on_dataset(dataset, datasets[dataset], p) for dataset in p["image_sets"]]
    return {"image_risk": pd.concat(frames, ignore_index=True)}


def risk_on_dataset(dataset: str, folder: Path, p: Mapping) -> pd.DataFrame:
    """Predicted and simulated risk on one dataset: one row a sample size and schedule."""
    population = load_population(folder, dataset, p["dim"])
    progress = Progress(sum(p["n_train"]), f"{dataset}: SGD steps")
    frames = []
    for n_train in p["n_train"]:
        frames.append(risk_after(n_train, population, dataset, p))
        progress.update(n_train)
    return pd.concat(frames, ignore_index=True).assign(dataset=dataset)


def load_population(folder: Path, dataset: str, dim: int) -> Population:
    """Training images as a population of `dim` principal components; the label is ±1, positive for some classes."""
    pixels = grey_mean(images(folder, "train"))
    return least_squares_population(pixels.reshape(len(pixels), -1), sign_labels(folder, "train", dataset), dim)


def least_squares_population(pixels: Array, label: Array, dim: int) -> Population:
    """Centre pixels and label, project on the first `dim` principal components, scale to tr H = 1, solve for w*.

    `pixels` has shape (P, D) and may be float32: sums are taken in float64, a block of images at a time. `label` has
    shape (P,).
    """
    mean = pixels.mean(axis=0, dtype=np.float64)
    values, vectors = eigenbasis(second_moment(pixels) - np.outer(mean, mean))
    total = values[:dim].sum()
    projection = vectors[:, :dim] / np.sqrt(total)
    features = np.concatenate([(rows - mean) @ projection for rows in np.split(pixels, range(BLOCK, len(pixels), BLOCK))])
    eigenvalues = values[:dim] / total
    label = label - label.mean()
    optimum = features.T @ label / len(label) / eigenvalues
    return Population(features, label - features @ optimum, eigenvalues, optimum)


def risk_after(n_train: int, population: Population, dataset: str, p: Mapping) -> pd.DataFrame:
    """Predicted and simulated risk after `n_train` steps: one row a schedule; all schedules see the same images."""
    schedules = [
        Schedule("geometric"),
        Schedule("geometric", constant_steps=n_train // 2),
        Schedule("polynomial", decay_exponent=0.5),
        Schedule("constant"),
    ]
    eigenvalues, error = population.eigenvalues, -population.optimum
    noise_variance = np.mean(population.noise**2)
    factors = np.array([stepsize_factors(schedule, n_train, p["log_base"]) for schedule in schedules])
    stepsizes = p["relative_stepsize"] * factors  # tr H = 1
    predicted = risk_trajectory(stepsizes, eigenvalues, error**2, noise_variance, p["kurtosis"])[:, -1]

    rng = generator("wu_last_iterate", "image_sgd", dataset, n_train, seed=p["seed"] + p["seed_offset"])
    draw = partial(sample, population, rng)
    (simulated,) = simulate(draw, p["n_runs"], stepsizes, eigenvalues, error, recorded=[n_train])  # schedule × run
    mean = simulated.mean(axis=1)
    return pd.DataFrame(schedules).assign(
        dim=len(eigenvalues),
        n_train=n_train,
        relative_stepsize=p["relative_stepsize"],
        noise_variance=noise_variance,
        n_runs=p["n_runs"],
        risk=predicted,
        simulated_risk=mean,
        std_error=simulated.std(axis=1) / np.sqrt(p["n_runs"]),
        risk_ratio=mean / predicted,
    )


def sample(population: Population, rng: np.random.Generator, n_runs: int) -> tuple[Array, Array]:
    """Features (n_runs, d) and residuals (n_runs,) of one image a run, drawn with replacement."""
    drawn = rng.integers(len(population.noise), size=n_runs)
    return population.features[drawn], population.noise[drawn]


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets))
