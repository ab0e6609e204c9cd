"""Kernel of the CNN at the start between random images, its exact mean and its limit [lee_deepnarrow, E8, E8b, E8c]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import generator, seeds
from scripts.lee_deepnarrow.model import PAPER, Array, draw
from scripts.lee_deepnarrow.simulation import cnn_kernels
from scripts.lee_deepnarrow.theory import N_TAPS, Stds, cnn_expected_kernel, cnn_limit_kernel

RUN = "cnn_kernel"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Networks of equal depth and seed have the same random numbers at every scale."""
    size, own = p["image_size"], seeds(p)
    images = generator(PAPER, RUN, "images", size, seed=p["seed_offset"]).random((p["n_images"], size, size))
    stds = Stds(p["weight_std"], p["bias_std"])
    limit = cnn_limit_kernel(images, p["n_outputs"], stds)
    drawn, means = [], []
    for depth in dict.fromkeys(setting["depth"] for setting in p["settings"]):
        scales = [float(setting["scale"]) for setting in p["settings"] if setting["depth"] == depth]
        kernels = np.stack([_kernels(p, depth, seed, images, scales) for seed in own], axis=1)
        drawn.append(_rows({"scale": scales, "seed": own}, kernel=kernels).assign(depth=depth))
        expected = [cnn_expected_kernel(images, depth=depth, scale=scale, n_outputs=p["n_outputs"], stds=stds) for scale in scales]
        both = {"expected": np.array(expected), "limit": np.broadcast_to(limit, (len(scales), *limit.shape))}
        means.append(_rows({"scale": scales}, **both).assign(depth=depth))
    return {"cnn_kernel_draws": pd.concat(drawn, ignore_index=True), "cnn_kernel_mean": pd.concat(means, ignore_index=True)}


def _kernels(p: Mapping, depth: int, seed: int, images: Array, scales: list[float]) -> Array:
    """Kernels of one seed, one a scale."""
    stds = {name: p[name] for name in ("weight_std", "bias_std")}
    draws = draw(generator(PAPER, RUN, "network", depth, seed=seed), depth, N_TAPS, **stds)
    return cnn_kernels(draws, images, scales, p["n_outputs"])


def _rows(axes: Mapping, **kernels: Array) -> pd.DataFrame:
    """Rows of unordered pairs of images from kernels whose last two dimensions are images."""
    n = next(iter(kernels.values())).shape[-1]
    table = tidy({**axes, "image": range(n), "other_image": range(n)}, **kernels)
    return table[table["image"] <= table["other_image"]].reset_index(drop=True)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
