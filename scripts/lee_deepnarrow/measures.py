"""Summaries of the tables that claims judge and figures draw [lee_deepnarrow]. A value that is no number makes its summary none."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from repro.claims import rows
from repro.frames import select

LADDER = (5.0, 20.0, 100.0, 400.0)
"""Scales of depth 100 that are compared one with the next."""
DEPTHS = (30, 100, 400)
"""Depths of scale 20 that are compared one with the next."""
LADDER_DEPTH, SHARED_SCALE = 100, 20.0
_PAIR = ["depth", "scale", "image", "other_image"]


def mean(values: Any) -> float:
    """Mean of all values."""
    return float(np.mean(np.asarray(values, dtype=float)))


def over_seeds(table: pd.DataFrame, column: str, **equal: Any) -> float:
    """Mean of a column over the rows that equal the given values; MissingRows if there is none."""
    return mean(rows(table, **equal)[column])


def neighbours(drift: pd.DataFrame, column: str, settings: list[dict[str, Any]]) -> list[float]:
    """Mean over seeds of a column at each setting divided by that at the next."""
    found = [over_seeds(drift, column, **setting) for setting in settings]
    return [before / after if after else math.nan for before, after in pairwise(found)]


def drift_ratios(drift: pd.DataFrame) -> list[float]:
    """Mean drift at each scale of the ladder over that at the next."""
    return neighbours(drift, "drift", [{"depth": LADDER_DEPTH, "scale": scale} for scale in LADDER])


def deviation_ratios(drift: pd.DataFrame) -> list[float]:
    """Mean deviation at each of the depths over that at the next."""
    return neighbours(drift, "deviation", [{"depth": depth, "scale": SHARED_SCALE} for depth in DEPTHS])


def by_setting(drift: pd.DataFrame) -> pd.DataFrame:
    """Means over seeds of drift, deviation and loss_ratio (to kernel gradient descent), and standard errors; index depth, scale."""
    table = drift.assign(loss_ratio=drift["final_loss"] / drift["kernel_gd_loss"])
    grouped = table.groupby(["depth", "scale"])[["drift", "deviation", "loss_ratio"]]
    means, errors = grouped.agg(mean), grouped.sem()
    return means.join(errors.add_suffix("_error"))


def deep_and_wide(drift: pd.DataFrame) -> pd.DataFrame:
    """Rows of `by_setting` of depth 100 and more and scale 20 and more."""
    return by_setting(drift[(drift["depth"] >= LADDER_DEPTH) & (drift["scale"] >= SHARED_SCALE)])


def entries(draws: pd.DataFrame, means: pd.DataFrame) -> pd.DataFrame:
    """A row a depth, scale and pair of images: mean over seeds, its standard error and z against the exact mean; and the limit."""
    grouped = draws.groupby(_PAIR)["kernel"]
    found = grouped.agg(mean=mean).assign(std_error=grouped.agg(_std_error)).reset_index().merge(means, on=_PAIR, how="left")
    return found.assign(z=(found["mean"] - found["expected"]) / found["std_error"])


def contrasts(draws: pd.DataFrame, means: pd.DataFrame) -> pd.DataFrame:
    """As `entries`, of K(i,i) + K(j,j) − 2K(i,j) of two images."""
    each = [_contrast(draws, ["kernel"], ["seed"]), _contrast(means, ["expected", "limit"], [])]
    return entries(*each)


def stability_gaps(stability: pd.DataFrame) -> pd.DataFrame:
    """Networks with `exact`, the final loss of kernel gradient descent at their step and seed."""
    keys = ["scaled_learning_rate", "seed"]
    exact = select(stability, model="limit_kernel")[[*keys, "final_loss"]].rename(columns={"final_loss": "exact"})
    return select(stability, model="deep_narrow").merge(exact, on=keys, how="left")


def standard_ratios(final: pd.DataFrame) -> pd.DataFrame:
    """He-uniform networks with their training loss over that of the best constant (`ratio`) and their test accuracy."""
    keys = ["learning_rate", "seed"]
    of_split = {split: select(final, model="he_uniform", split=split) for split in ("train", "test")}
    joined = of_split["train"].merge(of_split["test"][[*keys, "accuracy"]], on=keys, how="outer", suffixes=("_train", "_test"))
    return joined.assign(ratio=joined["loss"] / over_seeds(final, "loss", model="constant", split="train"))


def deepest(final: pd.DataFrame) -> int:
    """Depth of the deepest deep narrow network."""
    return int(rows(final, model="deep_narrow")["depth"].max())


def cnn_path(evaluation: pd.DataFrame, split: str, column: str) -> "pd.Series[float]":
    """Mean over seeds of a score of the CNN on two digits, by evaluated step; MissingRows if there is none."""
    found = rows(evaluation, model="deep_narrow", n_classes=2, split=split)
    return found.groupby("step")[column].agg(mean)


def _contrast(table: pd.DataFrame, columns: list[str], keys: list[str]) -> pd.DataFrame:
    keys = ["depth", "scale", *keys]
    own = select(table.assign(same=table["image"] == table["other_image"]), same=True)
    pairs = table[table["image"] < table["other_image"]]
    for at in ("image", "other_image"):
        diagonal = own[[*keys, "image", *columns]].rename(columns={"image": at} | {name: f"{name}_{at}" for name in columns})
        pairs = pairs.merge(diagonal, on=[*keys, at], how="left")
    return pairs.assign(**{name: pairs[f"{name}_image"] + pairs[f"{name}_other_image"] - 2 * pairs[name] for name in columns})


def _std_error(values: "pd.Series[float]") -> float:
    found = np.asarray(values, dtype=float)
    return float(np.std(found, ddof=1) / np.sqrt(len(found))) if len(found) > 1 else math.nan
