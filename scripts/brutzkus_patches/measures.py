"""Summaries that claims and figures share: reported accuracies, paired gains, slopes of logarithms."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from repro.claims import Measured, MissingRows, rows
from repro.frames import select
from repro.stats import log_slope

SCORES = ("n_train", "learning_rate", "n_weights", "epoch", "split", "accuracy", "loss")
SLOPE_FROM = 16
"""Smallest dictionary of a slope."""


def reported(table: pd.DataFrame, split: str = "test") -> pd.DataFrame:
    """Largest accuracy over the evaluated epochs, one row a setting and seed; not a number where one of them is none."""
    keys = [name for name in table if name not in SCORES]
    found = select(table, split=split)
    return found.groupby(keys, dropna=False)["accuracy"].agg(lambda values: np.max(values.to_numpy(dtype=float))).reset_index()


def base(table: pd.DataFrame) -> dict[str, int]:
    """N and k at which dictionaries are compared: those of the dictionary of Gaussian vectors, with pooling and bottleneck."""
    sizes = rows(table, dictionary="gaussian")[["n_centroids", "n_nearest"]].drop_duplicates()
    if len(sizes) != 1:
        raise MissingRows(f"{len(sizes)} sizes of the Gaussian dictionary in place of one")
    return {name: int(value) for name, value in sizes.iloc[0].items()} | {"pooled": True, "bottleneck": True}


def gain(better: pd.DataFrame, worse: pd.DataFrame) -> Measured:
    """Mean over the seeds that two settings share of the difference of their reported accuracies; MissingRows if they share none."""
    both = better.set_index("seed")["accuracy"].to_frame("a").join(worse.set_index("seed")["accuracy"].rename("b"), how="inner")
    if both.empty or both.index.has_duplicates:
        raise MissingRows("no seed that both settings share" if both.empty else "a seed twice in one setting")
    differences = (both["a"] - both["b"]).to_numpy(dtype=float)
    n = len(differences)
    return Measured(float(differences.mean()), std_error=float(differences.std(ddof=1)) / n**0.5 if n > 1 else None, n=n)


def sweep(table: pd.DataFrame) -> pd.DataFrame:
    """Reported accuracies with the number of neighbours at an eighth of the dictionary (2 at least), of the seeds that all sizes share."""
    found = reported(select(table, dictionary="clustered", whitened=True, pooled=True, bottleneck=True))
    found = found[found["n_nearest"] == np.maximum(2, found["n_centroids"] // 8)]
    per_seed = found.groupby("seed")["n_centroids"].nunique()
    return found[found["seed"].isin(per_seed.index[per_seed == found["n_centroids"].nunique()])]


def slope(x: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Slope of log y in log x; MissingRows for fewer than two points, not a number where a y is none."""
    if np.size(x) < 2:
        raise MissingRows("fewer than two points for a slope")
    return log_slope(x, y)[0]


def slopes(table: pd.DataFrame, column: str, by: list[str], upto: float = np.inf) -> pd.Series:
    """Slope of log column on log N from SLOPE_FROM on, one for each group."""
    kept = table[table["n_centroids"].between(SLOPE_FROM, upto)]
    if kept.empty:
        raise MissingRows(f"no row with n_centroids from {SLOPE_FROM} on")
    return pd.Series({key: slope(group["n_centroids"], group[column]) for key, group in kept.groupby(by)}).rename_axis(by)
