"""Farthest-first covers of patches on spheres of known dimension, and errors of two untrained predictors [brutzkus_patches, E9, E10]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import generator
from scripts.brutzkus_patches import theory
from scripts.brutzkus_patches.inputs import PAPER


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Cover and predict at every intrinsic dimension and seed; dictionaries of all sizes are nested."""
    radii, errors = [], []
    for dim in p["intrinsic_dims"]:
        for seed in (seed + p["seed_offset"] for seed in p["seeds"]):
            radius, error = _one(p, dim, generator(PAPER, "covering", dim, seed=seed))
            keys = {"intrinsic_dim": dim, "seed": seed}
            radii.append(tidy({"n_centroids": p["n_centroids"]}, cover_radius=radius).assign(**keys))
            errors.append(tidy({"n_centroids": p["n_centroids"], "model": theory.MODELS}, relative_error=error).assign(**keys))
    return {"cover_radius": pd.concat(radii, ignore_index=True), "predictor_error": pd.concat(errors, ignore_index=True)}


def _one(p: Mapping, dim: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Cover radius (sizes,) and relative errors (sizes, models)."""
    subspace = theory.frame(rng, p["ambient_dim"], dim)
    unlabelled = theory.sphere(rng, p["n_unlabelled"], subspace)
    target = theory.random_target(rng, p["n_hidden"], p["patches_per_image"], subspace)
    patches = theory.sphere(rng, p["n_test"] * p["patches_per_image"], subspace)
    images = patches.reshape(p["n_test"], p["patches_per_image"], -1)
    truth = theory.target_value(target, images)
    centres, radii = theory.farthest_first(unlabelled, max(p["n_centroids"]))
    errors = []
    for n in p["n_centroids"]:
        dictionary = unlabelled[centres[:n]]
        near = dictionary[theory.nearest(patches, dictionary)].reshape(images.shape)
        errors.append([theory.relative_error(theory.predicted(model, target, images, near), truth) for model in theory.MODELS])
    return radii[np.array(p["n_centroids"]) - 1], np.array(errors)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
