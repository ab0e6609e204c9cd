"""What claims and figures both read off the tables of razin_htf: when a value has risen, what counts, how a training ends."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from repro.claims import rows

TARGET_RANK = 5  # of all targets
RISE_SHARE = {"mf": 0.5, "tf": 0.5, "htf": 0.25}  # share of its largest value at which a value has risen
LEARNED = {"mf": "singular_value", "tf": "component_norm", "htf": "local_norm_root"}  # what is learned step by step
NEGLIGIBLE = {"local_norm_root": 0.01, "matricisation_12": 0.001}  # share of the largest value up to which a value does not count
RISEN = 1.0  # a root norm above it has been learned
LAST_EPOCHS = 3


def at_start(table: pd.DataFrame, choose: Callable[..., Any]) -> pd.DataFrame:
    """Rows with the smallest (min) or the largest (max) scale of the start."""
    return rows(table, init_std=float(choose(table["init_std"])))


def by_step(of_seed: pd.DataFrame) -> pd.DataFrame:
    """Values of one quantity and seed: steps as rows, ranks as columns."""
    return of_seed.pivot_table(index="step", columns="rank_index", values="value", dropna=False)


def rises(values: pd.DataFrame, n: int, share: float) -> np.ndarray:
    """First steps at which the n leading values reach a share of their largest; not a number if one of the values is none."""
    leading = values[range(1, n + 1)].to_numpy(dtype=float)
    steps = values.index.to_numpy(dtype=float)[(leading >= share * leading.max(axis=0)).argmax(axis=0)]
    return np.where(np.isnan(leading).any(axis=0), np.nan, steps)


def last_step(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of every seed's last step."""
    return table[table["step"] == table.groupby("seed")["step"].transform("max")]


def final_accuracy(curves: pd.DataFrame, n_epochs: int = LAST_EPOCHS) -> pd.DataFrame:
    """Mean accuracy over the last epochs of every training and split; not a number if one of them is none."""
    keys = [name for name in curves if name not in ("epoch", "accuracy")]
    last = curves["epoch"] > curves.groupby(keys)["epoch"].transform("max") - n_epochs
    return curves[last].groupby(keys)["accuracy"].apply(lambda values: float(np.mean(values.to_numpy(dtype=float)))).reset_index()
