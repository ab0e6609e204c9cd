"""What claims judge and figures draw: errors over seeds, exponents, ratios [sonoda_ridgelet, E5, E12]."""

import numpy as np
import pandas as pd

from repro.frames import select
from repro.stats import log_slope

CASES = [("tanh", 3), ("tanh", 5), ("gaussian", 4), ("relu", 4)]  # judged on the hyperbolic plane
SPD_CASES = [("gaussian", 4), ("tanh", 5)]
WRONG_PARITY = [("tanh", 4), ("gaussian", 3)]
WRONG_PARITY_RELU = ("relu", 3)
WIDTHS = (1000, 10000)  # judged
FIRST_WIDTH, LAST_WIDTH = 100, 10000  # of the judged exponents; runs may go on

Case = tuple[str, int]


def of_case(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Rows of one pair of activation and order."""
    return select(table, activation=case[0], derivative_order=case[1])


def by_width(errors: pd.DataFrame) -> pd.DataFrame:
    """Mean, standard error, root mean square and number of the errors over seeds; one row a width, not a number where a seed is not."""
    rows = []
    for width, group in errors.groupby("width"):
        values = group["error"].to_numpy(dtype=float)
        std = values.std(ddof=1) if len(values) > 1 else np.nan
        rows.append((int(width), values.mean(), std / np.sqrt(len(values)), np.sqrt(np.mean(values**2)), len(values)))
    return pd.DataFrame(rows, columns=["width", "mean", "std_error", "root_mean_square", "n_seeds"])


def networks(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Simulated errors of one pair by width, of a table with or without theory rows."""
    rows = select(table, method="simulation") if "method" in table else table
    return by_width(of_case(rows, case))


def exponent(table: pd.DataFrame, case: Case) -> tuple[float, int]:
    """Least-squares slope of log mean error against log width over the judged widths, and their number; not a number below two."""
    found = networks(table, case)
    found = found[(found["width"] >= FIRST_WIDTH) & (found["width"] <= LAST_WIDTH)]
    return log_slope(found["width"], found["mean"])[0], len(found)


def at_width(table: pd.DataFrame, case: Case, width: int) -> "pd.Series[float]":
    """Row of `networks` at one width; all of it not a number where there is none."""
    found = networks(table, case).set_index("width")
    return found.reindex([width]).iloc[0]


def predicted(table: pd.DataFrame, case: Case, width: int) -> float:
    """Error that the variance of a single neuron predicts; not a number where there is no such row."""
    found = of_case(select(table, method="theory", width=width), case)["error"]
    return float(found.iloc[0]) if len(found) == 1 else float("nan")


def over_prediction(table: pd.DataFrame, case: Case, width: int) -> float:
    """Root mean square of the errors over seeds in units of the predicted error."""
    return float(at_width(table, case, width)["root_mean_square"] / predicted(table, case, width))


def decrease(table: pd.DataFrame, case: Case) -> float:
    """Mean error at the last judged width in units of that at the first."""
    return float(at_width(table, case, LAST_WIDTH)["mean"] / at_width(table, case, FIRST_WIDTH)["mean"])
