"""Summaries of the tables: what claims judge and figures draw [puthawala_flows]."""

import numpy as np
import pandas as pd

from repro.frames import select

JUDGED_DIM = 4  # dimension whose fits the claims on the density step judge
GAIN_FROM = {"C7": 1, "C7b": 3}  # place of the first judged checkpoint: the second, the fourth
REFINED = 16  # nodes from which on the construction must improve


def last_step(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the last step."""
    return table[table["step"] == table["step"].max()]


def least_over_steps(errors: pd.DataFrame) -> pd.Series:
    """Smallest sup error over the recorded steps by seed; not a number where one of them is not."""
    steps = errors.set_index(["seed", "step"])["sup_error"].unstack("step")  # noqa: PD010 - pivot_table would skip what is no number
    return pd.Series(steps.to_numpy(dtype=float).min(axis=1, initial=np.inf), index=steps.index)


def over_seeds(distances: pd.DataFrame, column: str) -> pd.DataFrame:
    """Mean and standard error over seeds of a column of one dimension, indexed by step; not a number where a seed is not."""
    steps = distances.set_index(["step", "seed"])[column].unstack("seed").sort_index()  # noqa: PD010 - as above
    values = steps.to_numpy(dtype=float)
    n_seeds = values.shape[1]
    spread = values.std(axis=1, ddof=1) if n_seeds > 1 else np.full(len(values), np.nan)
    return pd.DataFrame({"mean": values.mean(axis=1), "std_error": spread / np.sqrt(n_seeds)}, index=steps.index)


def gains(distances: pd.DataFrame) -> pd.DataFrame:
    """What the density step takes off the Wasserstein distance, by step: mean and standard error over seeds, and mean − 3 of them."""
    found = over_seeds(distances.assign(gain=distances["w2_uniform"] - distances["w2_density"]), "gain")
    return found.assign(low=found["mean"] - 3 * found["std_error"])


def uniform_over_floor(distances: pd.DataFrame) -> pd.Series:
    """Mean over seeds of the distance without the density step in units of the mean sampling floor, by step."""
    return over_seeds(distances, "w2_uniform")["mean"] / over_seeds(distances, "w2_floor")["mean"]


def refinements(construction: pd.DataFrame) -> pd.Series:
    """Sup error in units of that with the next smaller number of nodes, by number of nodes, from the first judged pair on."""
    error = construction.set_index("n_nodes")["sup_error"].sort_index()
    judged = error[error.index >= REFINED]
    return (judged / judged.shift()).iloc[1:]


def linking_gaps(ribbons: pd.DataFrame, target: str) -> pd.Series:
    """Distance of the sizes of the linking numbers of target and fit in R^3, by seed; not a number where that of the fit is unknown."""
    found = select(ribbons, target=target, ambient_dim=3).set_index("seed")
    return (found["target_linking"].abs() - found["model_linking"].abs()).abs()


def projection_gaps(distances: pd.DataFrame) -> pd.DataFrame:
    """Both distances of every trial, and closed form minus search."""
    wide = distances.set_index(["trial", "method"])["range_distance"].unstack("method")  # noqa: PD010 - as above
    wide = wide.reindex(columns=["closed_form", "brute_force"])
    return wide.assign(gap=wide["closed_form"] - wide["brute_force"])
