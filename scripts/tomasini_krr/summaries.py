"""What claims judge and figures draw: means over draws, ratios to the prediction, exponents [tomasini_krr, E5b, E6].

A mean over values of which one is not a number is not a number.
"""

import numpy as np
import pandas as pd

from repro.frames import select
from repro.stats import log_slope

BELOW, AT, ABOVE = 1e-4, 1.0, 100.0  # scaled ridges far below, at and far above the cross-over on a line
FAR_BELOW_POOLS, ABOVE_POOLS = 1e-4, [1.0, 10.0]
DEPLETED = [1.0, 3.0]
SIZES = [256, 2048, 16384]
POOL_SIZES = [32, 128, 512]
PAIRS = [(2, 1.0), (2, 3.0), (3, 3.0)]  # dimension, depletion exponent
TOY = (2, 3.0)
LEARNING = (64, 16384)  # range of a slope on a line
ASYMPTOTIC = 1024  # size from which the prefactor on a line is judged
RANKS = (10, 150)
WITHOUT_DEPLETION = (4 / 3) / np.sqrt(2)  # C_0 / R_0: limit of the ratio without ridge and depletion


def over_seeds(table: pd.DataFrame, keys: list[str], column: str = "error") -> pd.DataFrame:
    """Mean, standard deviation, standard error (not a number from one row) and number of rows, one row a combination of the keys."""
    grouped = table.groupby(keys, dropna=False)[column]
    count = grouped.size()
    mean = grouped.sum(min_count=1) / count.where(grouped.count() == count)
    std = grouped.std(ddof=1).where(mean.notna())
    found = pd.DataFrame({"mean": mean, "std": std, "std_error": std / np.sqrt(count), "n": count})
    return found.reset_index()


def spreads(spread: pd.DataFrame) -> pd.DataFrame:
    """Relative standard deviation of the error over draws, and median distance to f_B, by depletion exponent and scaled ridge."""
    keys = ["depletion_exponent", "scaled_ridge"]
    found = over_seeds(spread, keys)
    median = spread.groupby(keys)["sup_distance"].agg(lambda values: np.median(values.to_numpy())).to_numpy()
    return found.assign(spread=found["std"] / found["mean"], distance=median)


def ridgeless_ratios(errors: pd.DataFrame) -> pd.DataFrame:
    """Mean error over that of the two extremal points, by depletion exponent and n_train."""
    return _ratios(errors, ["depletion_exponent", "n_train"], "extremal_points")


def prefactors(errors: pd.DataFrame) -> pd.DataFrame:
    """Mean over all large training sets of the error over that of the extremal points, by depletion exponent."""
    large = errors[errors["n_train"] >= ASYMPTOTIC]
    keys = ["depletion_exponent", "n_train"]
    law = select(large, method="extremal_points").set_index(keys)["error"].rename("law")
    draws = select(large, method="simulation").join(law, on=keys)
    return over_seeds(draws.assign(ratio=draws["error"] / draws["law"]), ["depletion_exponent"], "ratio")


def line_exponents(errors: pd.DataFrame) -> pd.DataFrame:
    """Exponent of the ridgeless error on a line and its standard error, by depletion exponent, over the judged sizes."""
    judged = select(errors, method="simulation")
    judged = judged[judged["n_train"].between(*LEARNING)]
    return _exponents(over_seeds(judged, ["depletion_exponent", "n_train"]), ["depletion_exponent"], "n_train", sign=-1)


def crossover_ratios(errors: pd.DataFrame) -> pd.DataFrame:
    """Mean error over the replica prediction, by depletion exponent, n_train and scaled ridge."""
    return _ratios(errors, ["depletion_exponent", "n_train", "scaled_ridge"], "replica")


def pool_ratios(errors: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Mean over pools of the mean error over subsets divided by the pool's own prediction.

    By the keys (dim and depletion_exponent, or dataset), n_train, ridge and, where there is one, scaled_ridge.
    """
    own = [*keys, "n_train", *(["scaled_ridge"] if "scaled_ridge" in errors else []), "ridge"]
    found = over_seeds(_ratios(errors, ["pool", *own], "replica"), own, "ratio")
    return found.rename(columns={"mean": "ratio"})


def ridge_slopes(errors: pd.DataFrame) -> pd.DataFrame:
    """Slope of log mean error on log ridge per example and its standard error, by dimension and depletion exponent."""
    keys = ["dim", "depletion_exponent"]
    return _exponents(over_seeds(errors, [*keys, "ridge_per_example"]), keys, "ridge_per_example", sign=1)


def spectral_slopes(modes: pd.DataFrame) -> pd.DataFrame:
    """Slopes of log eigenvalue and of log tail on log rank, by depletion exponent, over the judged ranks."""
    used = modes[modes["rank"].between(*RANKS)]
    grouped = used.groupby("depletion_exponent")
    found = [(chi, *(log_slope(part["rank"], part[name])[0] for name in ("eigenvalue", "tail"))) for chi, part in grouped]
    return pd.DataFrame(found, columns=["depletion_exponent", "eigenvalue", "tail"])


def _ratios(errors: pd.DataFrame, keys: list[str], method: str) -> pd.DataFrame:
    """Mean simulated error over the error of a theory: ratio, std_error and the keys."""
    mean = over_seeds(select(errors, method="simulation"), keys)
    theory = select(errors, method=method)[[*keys, "error"]].rename(columns={"error": "theory"})
    found = mean.merge(theory, on=keys, how="inner")
    return found.assign(ratio=found["mean"] / found["theory"], std_error=found["std_error"] / found["theory"])


def _exponents(means: pd.DataFrame, keys: list[str], x: str, *, sign: int) -> pd.DataFrame:
    """Slope of every group of means, times a sign; not a number from a single point."""
    found = []
    for group, part in means.groupby(keys):
        slope, std_error = log_slope(part[x], part["mean"], part["std_error"])
        found.append((*group, sign * slope, std_error, len(part)))
    return pd.DataFrame(found, columns=[*keys, "exponent", "std_error", "n"])
