"""Simulated errors beside predicted ones: what claims judge and figures draw [venkataramanan_rigamp, E12]."""

import numpy as np
import pandas as pd

from repro.frames import select

JUDGED = ["m1", "m2", "m4", "m5", "m6"]  # RI-GAMP is unstable on some instances of m3 at this size
MODELS = ["m1", "m2", "m3", "m4", "m5", "m6"]
ITERATIONS = 10  # judged; runs may go on
NOTICEABLE = 0.05  # relative gap from which a point of the sweep counts as off VAMP's limit
REACHED = 1.01  # error in units of the limit, from which on an algorithm counts as arrived

Keys = str | list[str]


def wide(table: pd.DataFrame, rows: Keys, columns: str, values: str) -> pd.DataFrame:
    """One column a value of `columns`; a row that is missing, or no number, is not a number."""
    keys = [rows] if isinstance(rows, str) else rows
    return table.set_index([*keys, columns])[values].unstack(columns)  # noqa: PD010 - pivot_table would skip what is no number


def over_seeds(simulated: pd.DataFrame, column: str) -> pd.DataFrame:
    """Mean, standard error and number of seeds by model and iteration; not a number where a seed is not."""
    grid = wide(simulated, ["model", "iteration"], "seed", column)
    values = grid.to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        std = values.std(axis=1, ddof=1) if values.shape[1] > 1 else np.full(len(values), np.nan)
        found = {"mean": values.mean(axis=1), "std_error": std / np.sqrt(values.shape[1])}
    return pd.DataFrame({**found, "n_seeds": values.shape[1]}, index=grid.index)


def deviations(simulated: pd.DataFrame, predicted: pd.DataFrame, algorithm: str, column: str = "mse") -> pd.DataFrame:
    """Distance of the mean over seeds from state evolution in units of the tolerance [venkataramanan_rigamp, E12].

    Returns
    -------
    DataFrame with model, iteration, mean, std_error, predicted, deviation (signed, in tolerances), one row a model and iteration
    that both tables have.
    """
    runs, theory = (select(table, algorithm=algorithm) for table in (simulated, predicted))
    if runs.empty or theory.empty:
        return pd.DataFrame(columns=["model", "iteration", "mean", "std_error", "predicted", "deviation"])
    found = over_seeds(runs, column).join(theory.set_index(["model", "iteration"])[column].rename("predicted"), how="inner")
    tolerance = np.maximum(4 * found["std_error"], 12 / runs["dim"].iloc[0])
    return found.assign(deviation=(found["mean"] - found["predicted"]) / tolerance).reset_index()


def relative_gaps(simulated: pd.DataFrame) -> pd.DataFrame:
    """Mean over seeds of mse of RI-GAMP − mse of VAMP on one instance, in units of the mean of VAMP's, at the last judged iteration.

    Returns
    -------
    DataFrame with gap and std_error (of the numerator, VAMP's mean taken as known), indexed by model.
    """
    last = select(simulated, iteration=ITERATIONS)
    rigamp, vamp = (wide(select(last, algorithm=algorithm), "model", "seed", "mse") for algorithm in ("rigamp", "vamp"))
    if rigamp.empty or vamp.empty:
        return pd.DataFrame(columns=["gap", "std_error"], dtype=float)
    difference = (rigamp - vamp).to_numpy(dtype=float)
    level = vamp.reindex(rigamp.index).to_numpy(dtype=float).mean(axis=1)
    n_seeds = difference.shape[1]
    std = difference.std(axis=1, ddof=1) if n_seeds > 1 else np.full(len(difference), np.nan)
    found = {"gap": difference.mean(axis=1) / level, "std_error": std / np.sqrt(n_seeds) / level}
    return pd.DataFrame(found, index=rigamp.index)


def limits(predicted: pd.DataFrame) -> pd.DataFrame:
    """Last predicted mse of RI-GAMP and of VAMP, indexed by model."""
    found = select(predicted, algorithm=["rigamp", "vamp"])
    last = found[found["iteration"] == found.groupby("algorithm")["iteration"].transform("max")]
    return wide(last, "model", "algorithm", "mse").reindex(columns=["rigamp", "vamp"])


def sweep_limits(predicted: pd.DataFrame) -> pd.DataFrame:
    """Last predicted mse of RI-GAMP and of VAMP, indexed by spectrum, output channel and sampling ratio."""
    last = predicted[predicted["iteration"] == predicted.groupby("algorithm")["iteration"].transform("max")]
    return wide(last, ["spectrum", "output_channel", "sampling_ratio"], "algorithm", "mse").reindex(columns=["rigamp", "vamp"])


def extra_iterations(predicted: pd.DataFrame) -> pd.Series:
    """Iterations that RI-GAMP needs beyond VAMP's to come within a per cent of VAMP's limit, by model; not a number if it never does."""
    goal = REACHED * limits(predicted)["vamp"]
    arrived = predicted[predicted["mse"] <= predicted["model"].map(goal)].sort_values("iteration")
    first = wide(arrived.drop_duplicates(["model", "algorithm"]), "model", "algorithm", "iteration").reindex(columns=["rigamp", "vamp"])
    return (first["rigamp"] - first["vamp"]).reindex(goal.index).astype(float)


def lead(predicted: pd.DataFrame) -> pd.DataFrame:
    """Predicted mse of VAMP − that of RI-GAMP, one row a model, one column a judged iteration."""
    early = predicted[predicted["iteration"] <= ITERATIONS]
    rigamp, vamp = (wide(select(early, algorithm=algorithm), "model", "iteration", "mse") for algorithm in ("rigamp", "vamp"))
    return vamp - rigamp


def median_over_seeds(simulated: pd.DataFrame, algorithm: str) -> pd.Series:
    """Median mse by model and iteration; an mse that is no number counts as infinite."""
    found = select(simulated, algorithm=algorithm)
    return found["mse"].fillna(np.inf).groupby([found["model"], found["iteration"]]).median()


def old_coefficients(coefficients: pd.DataFrame) -> pd.DataFrame:
    """Coefficients of iterates that ordinary GAMP does not correct for: all but the newest one of each kind."""
    newest = coefficients["iteration"] - (coefficients["coefficient"] == "beta").astype(int)
    return coefficients[coefficients["past_iteration"] < newest]


def fastest(seconds: pd.DataFrame) -> pd.DataFrame:
    """Smallest seconds over the repeats, one row a dim, one column a computation."""
    least = seconds.groupby(["dim", "computation"], as_index=False)["seconds"].min()
    return wide(least, "dim", "computation", "seconds")


def diverged_seeds(simulated: pd.DataFrame, algorithm: str, models: list[str]) -> "pd.Series[int]":
    """Number of seeds whose error is beyond bounds at some iteration, by model."""
    found = select(simulated, algorithm=algorithm, model=models)
    return found.groupby(["model", "seed"])["is_diverged"].any().groupby("model").sum().astype(int)
