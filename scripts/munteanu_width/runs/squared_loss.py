"""Squared loss of random unit vectors against the proved rate, and how far the kernel moves [munteanu_width, E1, E2, E3, E11]."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd

from repro.datasets import unit_norm
from repro.frames import tidy
from repro.job import job
from repro.seeds import generator, seeds
from scripts.munteanu_width.model import INITIALIZATIONS, PAPER, eigenvalue_min, finite_kernel, initialize_all, tangent_kernel
from scripts.munteanu_width.training import train_squared

RUN = "squared_loss"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    cases = [_train(p, problem, width) for problem, width in product(p["problems"], p["width"])]
    curves, ends = zip(*cases, strict=True)
    return {"loss_curve": pd.concat(curves, ignore_index=True), "kernel_stability": pd.concat(ends, ignore_index=True)}


def problem_data(n_train: int, dim: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Random unit vectors and random labels."""
    rng = np.random.default_rng(seed)  # the plain generator: these very data were specified, and their eigenvalues are known
    return unit_norm(rng.standard_normal((n_train, dim))), rng.choice([-1.0, 1.0], n_train)


def schedule(kernel: np.ndarray, relative_learning_rate: float, relative_time: float) -> tuple[float, int]:
    """Learning rate and number of steps, in units of the largest and the smallest eigenvalue of the kernel."""
    values = np.linalg.eigvalsh(kernel)
    rate = relative_learning_rate / values[-1]
    return float(rate), int(np.ceil(relative_time / (rate * values[0])))


def _train(p: Mapping, problem: Mapping, width: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All scales, initializations and seeds of one problem and width, trained as one batch."""
    x, y = problem_data(**problem, seed=p["data_seed"] + p["seed_offset"])
    kernel = tangent_kernel(x)
    least = float(eigenvalue_min(kernel))
    rate, n_steps = schedule(kernel, p["relative_learning_rate"], p["relative_time"])
    axes = {"init_scale": p["init_scale"], "initialization": INITIALIZATIONS, "seed": seeds(p)}
    weights, signs = initialize_all((_draw(problem, p["n_directions"], seed) for seed in axes["seed"]), width, axes["init_scale"])
    loss, before, after = train_squared(x, y, weights, signs, learning_rate=rate, n_steps=n_steps)
    shape, step = tuple(map(len, axes.values())), np.arange(n_steps + 1)
    bound = (1 - rate * least / 2) ** step[:, None] * loss[0]
    of_steps = {name: values.T.reshape(*shape, -1) for name, values in (("loss", loss), ("bound", bound))}
    ratios = [(eigenvalue_min(finite_kernel(x, fields)) / least).reshape(shape) for fields in (before, after)]
    ends = {
        "learning_rate": rate,
        "n_steps": n_steps,
        "kernel_eigenvalue_min": least,
        "initial_eigenvalue_ratio": ratios[0],
        "final_eigenvalue_ratio": ratios[1],
        "flip_share": ((before > 0) != (after > 0)).mean(axis=(0, 2)).reshape(shape),
    }
    return tidy({**axes, "step": step}, **of_steps, **problem, width=width), tidy(axes, **ends, **problem, width=width)


def _draw(problem: Mapping, n_directions: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """One matrix of directions for all widths, whose kernels can then be compared, and signs from a stream of their own."""
    key = (PAPER, RUN, problem["n_train"], problem["dim"])
    directions, signs = (generator(*key, what, seed=seed) for what in ("directions", "signs"))
    return directions.standard_normal((n_directions, problem["dim"])), signs.choice([-1.0, 1.0], n_directions)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
