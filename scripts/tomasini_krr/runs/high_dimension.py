"""Learning curves in two and more dimensions, and the error at fixed ridge per example [tomasini_krr, E1, E8, E9]."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from repro.job import Progress, job
from repro.seeds import generator
from repro.stats import log_slope
from scripts.tomasini_krr.model import Array, coefficients, draw, importance, laplace_kernel, target
from scripts.tomasini_krr.summaries import over_seeds

BLOCK = 4096
"""Test points whose kernel is held at a time."""


class Setting(NamedTuple):
    """Dimension d and depletion exponent χ."""

    dim: int
    chi: float


class Draw(NamedTuple):
    """Training points in the order of their subsets, and test points drawn without depletion."""

    train: Array
    test: Array


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Errors and exponents, one pair of dimension and depletion exponent after the other."""
    progress = Progress(sum(max(pair["n_seeds"]) for pair in p["pairs"]), "draws")
    errors, exponents, with_ridge = [], [], [pd.DataFrame(columns=RIDGE_COLUMNS)]
    for pair in p["pairs"]:
        setting = Setting(pair["dim"], float(pair["depletion_exponent"]))
        ridgeless, ridged = of_setting(p, setting, sizes_of_draws(p, pair["n_seeds"]), progress)
        errors.append(ridgeless)
        exponents.append(fits(ridgeless, p["fit_ranges"]).assign(dim=setting.dim, depletion_exponent=setting.chi))
        with_ridge += [ridged] if len(ridged) else []
    return {
        "high_dimension_errors": pd.concat(errors, ignore_index=True),
        "learning_exponents": pd.concat(exponents, ignore_index=True),
        "ridge_errors": pd.concat(with_ridge[1:] or with_ridge, ignore_index=True),
    }


RIDGE_COLUMNS = ["dim", "depletion_exponent", "n_train", "ridge_per_example", "ridge", "seed", "error"]


def sizes_of_draws(p: Mapping, n_seeds: list[int]) -> list[list[int]]:
    """For each draw the sizes it serves: draw k all those of which more than k are wanted."""
    if len(n_seeds) != len(p["n_train"]) or (np.diff(n_seeds) > 0).any():
        raise ValueError(f"n_seeds must be one number a value of n_train, none above the one before, not {n_seeds}")
    return [[n_train for n_train, wanted in zip(p["n_train"], n_seeds, strict=True) if wanted > k] for k in range(max(n_seeds))]


def of_setting(p: Mapping, setting: Setting, sizes: list[list[int]], progress: Progress) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Errors without ridge of all draws, and with ridge of the first ones where the pair is among the ridge pairs."""
    ridgeless, ridged = [], []
    has_ridge = [setting.dim, setting.chi] in [list(pair) for pair in p["ridge_pairs"]]
    per_example = p["ridges_per_example"]
    for k, own in enumerate(sizes):
        seed = k + p["seed_offset"]
        points = draw_points(p, setting, max(own), seed)
        kernel, labels = laplace_kernel(points.train, points.train, p["bandwidth"]), target(points.train)
        weights = coefficients(kernel, labels, 0.0, own)
        if has_ridge and k < p["n_ridge_seeds"]:
            n_train = p["ridge_n_train"]
            weights += [coefficients(kernel, labels, n_train * ratio, [n_train])[0] for ratio in per_example]
        found = errors_on_test(p, setting, points, weights)
        names = {"dim": setting.dim, "depletion_exponent": setting.chi, "seed": seed}
        ridgeless += [{**names, "n_train": n, "error": e, "misclassified": m} for n, (e, m) in zip(own, found, strict=False)]
        for ratio, (error, _) in zip(per_example, found[len(own) :], strict=False):
            ridged.append({**names, "n_train": n_train, "ridge_per_example": ratio, "ridge": n_train * ratio, "error": error})
        progress.update()
    return pd.DataFrame(ridgeless), pd.DataFrame(ridged, columns=RIDGE_COLUMNS)


def draw_points(p: Mapping, setting: Setting, n_train: int, seed: int) -> Draw:
    """Points of a draw; training and test points have streams of their own, so that the sizes of either do not move the other."""
    train, test = (generator("tomasini_krr", "high_dimension", split, setting.chi, setting.dim, seed=seed) for split in ("train", "test"))
    largest = max(p["n_train"])
    return Draw(draw(train, largest, setting.dim, setting.chi)[:n_train], draw(test, p["n_test"], setting.dim, 0.0))


def errors_on_test(p: Mapping, setting: Setting, points: Draw, weights: list[Array]) -> list[tuple[float, float]]:
    """Test error and share on the wrong side for coefficients of leading subsets."""
    totals = np.zeros((len(weights), 2))
    longest = max(map(len, weights))
    for start in range(0, len(points.test), BLOCK):
        block = points.test[start : start + BLOCK]
        kernel = laplace_kernel(block, points.train[:longest], p["bandwidth"])
        label, importances = target(block), importance(block, setting.chi)
        for row, weight in enumerate(weights):
            predicted = kernel[:, : len(weight)] @ weight
            totals[row] += importances @ (label - predicted) ** 2, importances @ (label * predicted < 0)
    return [(float(error), float(wrong)) for error, wrong in totals / len(points.test)]


def fits(errors: pd.DataFrame, ranges: list[list[int]]) -> pd.DataFrame:
    """Exponents of the mean error over each range, both ends included."""
    means = over_seeds(errors, ["n_train"])
    rows = []
    for start, stop in ranges:
        used = means[means["n_train"].between(start, stop)]
        slope, std_error = log_slope(used["n_train"], used["mean"], used["std_error"])
        rows.append({"fit_from": start, "fit_to": stop, "exponent": -slope, "std_error": std_error})
    return pd.DataFrame(rows)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
