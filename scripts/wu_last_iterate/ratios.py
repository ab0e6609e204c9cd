"""Tables of tuned risks side by side, and the ratios that claims judge and figures draw; nan where a row is missing."""

import numpy as np
import pandas as pd

from repro.frames import select

SPECTRA = ["power", "power_log"]
TARGETS = ["flat", "inverse", "inverse_square"]
INSTANCE = ["spectrum", "target", "n_train"]

# Columns of `side_by_side`: schedule, decay exponent (0 where there is none), share of constant steps.
GEOMETRIC, GEOMETRIC_TAIL = ("geometric", 0.0, 0.0), ("geometric", 0.0, 0.5)
POLYNOMIAL_HALF, POLYNOMIAL_ONE = ("polynomial", 0.5, 0.0), ("polynomial", 1.0, 0.0)
POLYNOMIAL = [("polynomial", a, s) for a in (0.25, 0.5, 0.75, 1.0) for s in (0.0, 0.5)]
CONSTANT, TAIL_AVERAGE = ("constant", 0.0, 0.0), ("tail_average", 0.0, 0.0)
AVERAGE = ("iterate_average", 0.0, 0.0)
METHODS = [GEOMETRIC, GEOMETRIC_TAIL, *POLYNOMIAL, CONSTANT, AVERAGE, TAIL_AVERAGE]

# Curves of the published panel, in its words: schedule, whether the stepsize is held for half of the steps first.
PANEL = {
    "tail_average": ("tail_average", False),
    "tail_exp": ("geometric", True),
    "exp": ("geometric", False),
    "tail_poly": ("polynomial", True),
}


def side_by_side(tuned_risk: pd.DataFrame, column: str = "risk") -> pd.DataFrame:
    """A column of the best rows by spectrum, target and n_train (rows) and METHODS (columns)."""
    best = select(tuned_risk, is_best=True)
    best = best.assign(decay_exponent=best["decay_exponent"].fillna(0.0), share=best["constant_steps"] / best["n_train"])
    table = best.pivot_table(index=INSTANCE, columns=["schedule", "decay_exponent", "share"], values=column)
    return table.reindex(columns=pd.MultiIndex.from_tuples(METHODS))


def best_geometric(risk: pd.DataFrame) -> pd.Series:
    """Smaller of the two tuned risks of geometric decay."""
    return risk[[GEOMETRIC, GEOMETRIC_TAIL]].min(axis=1, skipna=False)


def geometric_over_polynomial(risk: pd.DataFrame) -> pd.Series:
    """Best geometric over the best of eight tuned polynomial decays."""
    return best_geometric(risk) / risk[POLYNOMIAL].min(axis=1, skipna=False)


def growth(values: pd.Series, first: int, last: int) -> pd.Series:
    """Values at one sample size over those at another, by the other levels of the index; empty if a size is missing."""
    sizes = values.index.get_level_values("n_train")
    at = {n: values[sizes == n].droplevel("n_train") for n in (first, last)}
    return (at[last] / at[first]).dropna()


def panel(panel_risk: pd.DataFrame, *, natural: bool = False) -> pd.DataFrame:
    """Tuned risks by spectrum, target and n_train (rows) and curves of the published panel (columns).

    With the natural logarithm the two curves of geometric decay are the only ones.
    """
    best = select(panel_risk, is_best=True)
    best = best[np.isclose(best["log_base"], np.e) == natural]
    table = best.assign(held=best["constant_steps"] > 0).pivot_table(index=INSTANCE, columns=["schedule", "held"], values="risk")
    return table.reindex(columns=pd.MultiIndex.from_tuples(PANEL.values())).set_axis(list(PANEL), axis="columns")


def comparison(risk_bounds: pd.DataFrame) -> pd.DataFrame:
    """Rows of polynomial decay with s > 0, with the share that geometric risk takes of the bound in E15 [wu_last_iterate].

    Equal stepsizes; constant 1 and natural logarithm in the bound. Column `share` is added.
    """
    tail = risk_bounds[risk_bounds["constant_steps"] > 0]
    excess = tail.assign(excess=tail["scaled_bias"] + tail["noise_variance"] * tail["scaled_variance"])
    geometric, polynomial = (excess[excess["schedule"] == schedule] for schedule in ("geometric", "polynomial"))
    same = ["spectrum", "target", "dim", "n_train", "relative_stepsize"]
    joined = polynomial.merge(geometric[[*same, "excess"]], on=same, suffixes=("", "_geometric"))
    factor = 1 + joined["signal_to_noise"] * np.log(joined["n_train"])
    return joined.assign(share=joined["excess_geometric"] / (factor * joined["excess"]))
