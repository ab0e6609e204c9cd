"""Rows of the tables of pools, whatever the pool is made of [tomasini_krr, E3, E7]."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from scripts.tomasini_krr.model import Array
from scripts.tomasini_krr.simulation import pool_errors, pool_replicas

Stream = Callable[[int, int], np.random.Generator]
"""Random stream of a subset, by n_train and seed."""


class Case(NamedTuple):
    """One training-set size and ridge; scaled_ridge is not a number where the ridge was given itself."""

    n_train: int
    ridge: float
    scaled_ridge: float = np.nan


def rows_of_pool(kernel: Array, labels: Array, cases: Sequence[Case], own_seeds: list[int], stream: Stream) -> pd.DataFrame:
    """Simulated errors of all subsets, then the replica predictions, in the order of the cases."""
    frames = []
    for n_train in dict.fromkeys(case.n_train for case in cases):
        of_size = [case for case in cases if case.n_train == n_train]
        for seed in own_seeds:
            chosen = stream(n_train, seed).choice(len(labels), n_train, replace=False)
            errors = pool_errors(kernel, labels, chosen, [case.ridge for case in of_size])
            frames.append(pd.DataFrame(of_size).assign(error=errors.pool, error_outside=errors.outside, seed=seed))
    unknown = {"effective_ridge": np.nan, "gamma": np.nan}
    simulated = pd.concat(frames, ignore_index=True).assign(method="simulation", **unknown)
    found = pd.DataFrame(pool_replicas(kernel, labels, [(case.n_train, case.ridge) for case in cases]))
    predicted = pd.concat([pd.DataFrame(cases), found], axis=1).assign(method="replica", seed=pd.NA, error_outside=np.nan)
    return pd.concat([simulated, predicted], ignore_index=True).astype({"seed": "Int64"})
