"""Quantities that claims judge and figures show, from the tables alone [saxe_race]."""

from typing import Any

import numpy as np
import pandas as pd

from repro.claims import Measured, MissingRows, rows
from scripts.saxe_race import theory


def mean_of(table: pd.DataFrame, column: str, **equal: Any) -> Measured:
    """Mean of a column over the rows that equal the given values, with its standard error."""
    found = rows(table, **equal)[column].to_numpy(dtype=float)
    std_error = float(np.std(found, ddof=1) / np.sqrt(len(found))) if len(found) > 1 else None
    return Measured(float(np.mean(found)), std_error=std_error, n=len(found))


def means(table: pd.DataFrame, column: str, by: str, wanted: list[Any] | None = None, **equal: Any) -> pd.DataFrame:
    """Mean and standard error of a column for every value of another: `by`, mean, std_error, n; MissingRows if one wanted is missing."""
    found = rows(table, **equal)
    places = sorted(found[by].unique()) if wanted is None else wanted
    told = [mean_of(found, column, **{by: place}) for place in places]
    return pd.DataFrame(
        {
            by: places,
            "mean": [one.value for one in told],
            "std_error": [np.nan if one.std_error is None else one.std_error for one in told],
            "n": [one.n for one in told],
        }
    )


def deviation(table: pd.DataFrame, **equal: Any) -> pd.Series:
    """|simulation − theory| of the loss on XOR, by seed and epoch."""
    wide = rows(table, **equal).pivot_table(index=["seed", "epoch"], columns="method", values="loss", dropna=False)
    if not {"simulation", "theory"} <= set(wide):
        raise MissingRows("no row with method = simulation or none with method = theory")
    return (wide["simulation"] - wide["theory"]).abs()


def alignment(units: pd.DataFrame) -> pd.Series:
    """Mean of corner_cosine by seed, units weighted by what they contribute: ‖w‖ |v|."""
    weight = np.hypot(units["weight_1"], units["weight_2"]) * units["output_weight"].abs()
    return (weight * units["corner_cosine"]).groupby(units["seed"]).sum() / weight.groupby(units["seed"]).sum()


def timing_residual(table: pd.DataFrame) -> pd.DataFrame:
    """Simulated half-learning time minus theory minus delay, in epochs; one row for every mode and number of domains that was simulated."""
    keys = [key for key in ("n_domains", "n_trained_outputs", "mode") if key in table]
    parts = {method: rows(table, method=method).set_index(keys) for method in ("simulation", "theory")}
    exact = parts["theory"]["half_time"] + parts["theory"]["discretization_delay"]
    return (parts["simulation"]["half_time"] - exact.reindex(parts["simulation"].index)).rename("residual").reset_index()


def final_excess(values: pd.DataFrame, predictions: pd.DataFrame, layer: str) -> pd.DataFrame:
    """Mean over seeds of the last singular values of a layer, in excess of E6 and in units of σ0²/b²: columns mode, mean, std_error, n."""
    found = rows(values, method="simulation", initialization="random", layer=layer)
    last = rows(found, epoch=int(found["epoch"].max())).merge(predictions[["mode", "initial_scale", f"final_{layer}"]], on="mode")
    end = last[f"final_{layer}"]
    excess = (last["singular_value"] / end - 1) * end**2 / last["initial_scale"] ** 2
    return means(last.assign(excess=excess), "excess", "mode", [1, 2, 3])


def drift(values: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    """Relative change since the start of M·encoder² − hidden² of mode 2 in the decoupled simulation: columns epoch, drift, predicted."""
    mode = rows(predictions, mode=2).iloc[0]
    found = rows(values, method="simulation", initialization="decoupled", mode=2)
    wide = found.pivot_table(index="epoch", columns="layer", values="singular_value", dropna=False)
    constant = theory.conserved(wide["encoder"].to_numpy(), wide["hidden"].to_numpy(), int(mode["n_domains"]))
    return pd.DataFrame({"epoch": wide.index, "drift": constant / constant[0] - 1, "predicted": mode["predicted_drift"]})


def last_step(table: pd.DataFrame, **equal: Any) -> pd.DataFrame:
    """Rows of the last evaluated step."""
    return rows(table, step=int(table["step"].max()), **equal)


def transfer_gap(table: pd.DataFrame, **equal: Any) -> pd.DataFrame:
    """Accuracy on trained minus on untrained pairs at the last step, by gain, K, width and seed: column gap."""
    keys = ["gain", "n_trained_outputs", "width", "seed"]
    wide = last_step(table, **equal).pivot_table(index=keys, columns="split", values="accuracy", dropna=False)
    if not {"trained", "untrained"} <= set(wide):
        raise MissingRows("no row with split = trained or none with split = untrained")
    return (wide["trained"] - wide["untrained"]).rename("gap").reset_index()
