"""What claims and figures of this paper measure alike, from the tables [huang_modality]."""

import math
from typing import Any

import numpy as np
import pandas as pd

from repro.claims import Measured, MissingRows, Tables, rows
from repro.frames import select


def plain_mean(values: pd.Series) -> float:
    """Mean; not a number where one of the values is none, or there is none."""
    return float(np.mean(values.to_numpy(dtype=float, na_value=math.nan))) if len(values) else math.nan


def mean(values: pd.Series, predicted: float | None = None) -> Measured:
    """Mean over seeds, with its standard error."""
    return Measured(plain_mean(values), predicted, float(values.sem()) if len(values) > 1 else None, len(values))


def share(events: pd.Series) -> Measured:
    """Share of the rows in which something is so, with its binomial standard error; not a number where it is unknown in one."""
    found, n = plain_mean(events), len(events)
    return Measured(found, std_error=math.sqrt(found * (1 - found) / n) if n else None, n=n)


def z_score(values: pd.Series) -> Measured:
    """Mean over seeds in its standard errors."""
    if len(values) < 2:
        raise MissingRows("fewer than two seeds")
    error = float(np.std(values.to_numpy(dtype=float, na_value=math.nan), ddof=1)) / math.sqrt(len(values))
    return Measured(plain_mean(values) / error if error else math.nan, n=len(values))


def winners(tables: Tables, setting: str, training: str) -> pd.DataFrame:
    """Classes of all seeds of a setting after a training."""
    return rows(tables["class_winners"], setting=setting, training=training)


def valid_errors(tables: Tables, setting: str, *predictors: str) -> pd.DataFrame:
    """Test errors of the valid seeds of a setting, one column a predictor, indexed by seed.

    Raises
    ------
    MissingRows   if a predictor has no valid seed.
    """
    valid = rows(tables["prediction_errors"], setting=setting, split="test", is_valid=True)
    return pd.DataFrame({name: rows(valid, predictor=name).set_index("seed")["error"] for name in predictors})


def better_alone(errors: pd.DataFrame) -> str:
    """Encoder trained alone with the smaller mean error.

    Raises
    ------
    ValueError   if one of the means is not a number.
    """
    means = {name: plain_mean(errors[name]) for name in ("uni1", "uni2")}
    if any(math.isnan(value) for value in means.values()):
        raise ValueError("mean error of an encoder trained alone is not a number")
    return min(means, key=lambda name: means[name])


def joint_minus_best(tables: Tables, setting: str) -> Measured:
    """Error of the joint network minus that of the better encoder trained alone, over valid seeds."""
    errors = valid_errors(tables, setting, "joint", "uni1", "uni2")
    return mean(errors["joint"] - errors[better_alone(errors)])


def share_deviations(shares: pd.DataFrame) -> pd.DataFrame:
    """Share of classes that modality 1 wins, by strength of modality 2, against the predicted probability.

    Returns
    -------
    DataFrame with setting, scale, share, predicted, std_error (binomial, of the prediction) and z, in the order of the strengths.
    """
    varied = shares[(shares["setting"] == "base") | shares["setting"].str.startswith("scale_")]
    found: list[dict[str, Any]] = []
    for (scale, setting), of_setting in varied.groupby(["scale", "setting"]):
        simulated, predicted = (select(of_setting, method=method) for method in ("simulation", "theory"))
        if simulated.empty or predicted.empty:
            continue
        probability, measured = plain_mean(predicted["share"]), plain_mean(simulated["share"])
        error = math.sqrt(probability * (1 - probability) / int(simulated["n_classes"].sum()))
        row = {"setting": setting, "scale": scale, "share": measured, "predicted": probability, "std_error": error}
        found.append({**row, "z": (measured - probability) / error if error else math.nan})
    return pd.DataFrame(found, columns=["setting", "scale", "share", "predicted", "std_error", "z"])


def image_gaps(errors: pd.DataFrame) -> pd.DataFrame:
    """Test error after joint training minus that after training alone, seed by seed; column gap."""
    tested = select(errors, split="test")
    keys = ["n_train", "predictor", "dataset", "seed"]
    joint, alone = (select(tested, training=training).set_index(keys)["error"] for training in ("joint", "uni"))
    return (joint - alone).rename("gap").reset_index()
