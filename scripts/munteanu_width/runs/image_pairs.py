"""Margins of pairs of MNIST digits, and training to zero error on them [munteanu_width, E1–E4]."""

from collections.abc import Mapping
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from repro import datasets as images
from repro.frames import tidy
from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.munteanu_width.model import INITIALIZATIONS, PAPER, eigenvalue_min, initialize_all, tangent_kernel
from scripts.munteanu_width.theory import margin_l2
from scripts.munteanu_width.training import train_logistic

RUN = "image_pairs"
DIGITS = {"zero_one": (0, 1), "four_nine": (4, 9)}


def compute(p: Mapping, datasets: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    folder = datasets["mnist"]
    margins = [_margins(p, pair, *load_pair(folder, pair, n)) for pair, n in product(p["margin_pairs"], p["margin_n_train"])]
    trained = list(product(p["training_pairs"], p["training_n_train"], p["width"]))
    progress, runs = Progress(len(trained), "widths"), []
    for pair, n, width in trained:
        runs.append(_runs(p, pair, width, *load_pair(folder, pair, n)))
        progress.update()
    tables = {"image_margin": pd.concat(margins, ignore_index=True), "image_training_run": pd.concat(runs, ignore_index=True)}
    return {name: table.assign(dataset="mnist") for name, table in tables.items()}


def load_pair(folder: Path, pair: str, n_train: int) -> tuple[np.ndarray, np.ndarray]:
    """First n images of two digits in file order, of norm 1 and turned into their span, and labels, +1 for the smaller digit.

    Turned so, the images have n coordinates at most, and Gaussian weights act on them as on the pixels.
    """
    digits = images.labels(folder, "train")
    places = np.flatnonzero(np.isin(digits, DIGITS[pair]))[:n_train]
    if len(places) < n_train:
        raise ValueError(f"n_train {n_train} is more than the {len(places)} images of digits {DIGITS[pair]}")
    pixels = images.images(folder, "train", int(places[-1]) + 1, dtype=np.uint8)[places]
    left, singular, _ = np.linalg.svd(images.unit_norm(pixels.reshape(n_train, -1).astype(float)), full_matrices=False)
    return left * singular, np.where(digits[places] == DIGITS[pair][0], 1.0, -1.0)


def _margins(p: Mapping, pair: str, x: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    """Margin of the true labels and of their permutations."""
    own = seeds(p, "n_permutations")
    permuted = [margin_l2(x, np.random.default_rng(seed).permutation(y)) for seed in own]
    least = float(eigenvalue_min(tangent_kernel(x)))
    table = pd.DataFrame({"seed": pd.array([None, *own], dtype="Int64"), "margin_l2": [margin_l2(x, y), *permuted]})
    labels = ["original"] + ["permuted"] * len(own)
    about = {"kernel_eigenvalue_min": least, "eigenvalue_margin": np.sqrt(max(least, 0) / len(y))}
    return table.assign(pair=pair, n_train=len(y), labels=labels, **about)


def _runs(p: Mapping, pair: str, width: int, x: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    """All scales, initializations and seeds of one width, trained as one batch."""
    axes = {"init_scale": p["init_scale"], "initialization": INITIALIZATIONS, "seed": seeds(p)}
    weights, signs = initialize_all((_draw(pair, x.shape, width, seed) for seed in axes["seed"]), width, axes["init_scale"])
    same = {"learning_rate": p["learning_rate"], "n_steps": p["n_steps"]}
    ending = train_logistic(x, y, weights, signs, **same, stops_at_hit=True)
    return tidy(axes, hit_step=ending.hit_step.reshape(tuple(map(len, axes.values()))), **same, pair=pair, n_train=len(y), width=width)


def _draw(pair: str, shape: tuple[int, ...], width: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = generator(PAPER, RUN, pair, shape[0], width, seed=seed)
    return rng.standard_normal((width, shape[1])), rng.choice([-1.0, 1.0], width)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets))
