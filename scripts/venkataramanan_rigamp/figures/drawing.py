"""Pieces that the figures of this paper share [venkataramanan_rigamp]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from repro.figures import COLORS, About, band, bounds, panel_label, simulated, theory
from repro.frames import select
from repro.panels import Limits, abreast, categories, dashes, log_decimals
from scripts.venkataramanan_rigamp import comparison

RIGAMP, VAMP, GAMP = COLORS["blue"], COLORS["red"], COLORS["grey"]
ALGORITHMS = {"rigamp": ("RI-GAMP", RIGAMP), "vamp": ("VAMP", VAMP)}

ITERATION = "iteration $t$"
MSE = r"error $\|\hat{x}-x\|^2/n$"
CORRELATION = "squared correlation"
COLUMNS = {"mse": MSE, "squared_correlation": CORRELATION}

_PRIORS = {"gaussian": "Gaussian", "rademacher": "Rademacher", "bernoulli_gaussian": "sparse"}

Tables = Mapping[str, pd.DataFrame]


def panel_curves(ax: Axes, letter: str, about: About, tables: Tables, *, model: str, column: str) -> None:
    """Simulated and predicted errors of RI-GAMP and VAMP on one model; of RI-GAMP the seeds that never diverge."""
    runs, predicted = (select(tables[name], model=model) for name in ("simulated_errors", "predicted_errors"))
    last = runs["iteration"].max() if len(runs) else comparison.ITERATIONS
    stable = _stable(runs)
    for algorithm, (label, color) in ALGORITHMS.items():
        line = select(predicted[predicted["iteration"] <= last], algorithm=algorithm)
        theory(ax, line["iteration"], line[column], color=color, label=f"{label}, state evolution")
        markers = select(stable, algorithm=algorithm)
        if len(markers):
            found = comparison.over_seeds(markers, column).reset_index()
            simulated(ax, found["iteration"], found["mean"], found["std_error"], color=color, label=f"{label}, runs")
    panel_label(ax, letter, about, _title(model, predicted, runs, stable))
    ax.set(xlabel=ITERATION, ylabel=COLUMNS[column])
    ax.xaxis.get_major_locator().set_params(integer=True)
    if column == "mse":
        log_decimals(ax)


def _stable(runs: pd.DataFrame) -> pd.DataFrame:
    """Rows of the seeds that stay within bounds at all iterations, for each algorithm."""
    return runs[~runs.groupby(["algorithm", "seed"])["is_diverged"].transform("any")]


def _title(model: str, predicted: pd.DataFrame, runs: pd.DataFrame, stable: pd.DataFrame) -> str:
    """The model, and how many seeds of RI-GAMP are drawn where they are not all."""
    kept, made = (select(table, algorithm="rigamp")["seed"].nunique() for table in (stable, runs))
    note = f" ({kept} of {made} runs)" if kept < made else ""
    return f"{named(model, predicted)}{note}"


def named(model: str, predicted: pd.DataFrame) -> str:
    """A model and the law of its signal, as far as its predictions tell it."""
    return model if predicted.empty else f"{model}: {_PRIORS[predicted['prior'].iloc[0]]}"


def panels_of_claims(axes: np.ndarray, letters: str, about: About, tables: Tables, models: list[str]) -> None:
    """What the claims on state evolution judge, by model: deviations of RI-GAMP and VAMP, and diverged runs."""
    judged = [model for model in models if model in comparison.JUDGED]
    kinds = (("rigamp", "mse", "C1", judged), ("rigamp", "squared_correlation", "C1", judged), ("vamp", "mse", "C11", models))
    quantities = {"mse": "error", "squared_correlation": "correlation"}
    both = (tables["simulated_errors"], tables["predicted_errors"])
    for ax, letter, (algorithm, column, claim, shown) in zip(axes, letters, kinds, strict=False):
        panel_label(ax, letter, about, ALGORITHMS[algorithm][0])
        found = comparison.deviations(*both, algorithm, column)
        found = found[found["iteration"] <= comparison.ITERATIONS]
        values = {model: select(found, model=model)["deviation"].abs() for model in shown}
        ax.set(ylim=(0, 1.5), ylabel=f"{quantities[column]} gap / tol.")
        draw_by_model(ax, values, bounds(about, claim, column), color=ALGORITHMS[algorithm][1], simulation=True)
    _panel_diverged(axes[3], letters[3], about, tables["simulated_errors"], models)


def _panel_diverged(ax: Axes, letter: str, about: About, runs: pd.DataFrame, models: list[str]) -> None:
    """Number of diverged runs of both algorithms, by model; of RI-GAMP on the judged models."""
    panel_label(ax, letter, about, "diverged")
    ax.set(ylim=(-0.5, 3.5), ylabel="diverged runs")
    lower, upper = bounds(about, "C1", "diverged_seeds")
    for shift, (algorithm, (_, color)) in zip((-0.15, 0.15), ALGORITHMS.items(), strict=True):
        counts = comparison.diverged_seeds(runs, algorithm, models)
        shown = [model for model in models if model in counts.index and (algorithm == "vamp" or model in comparison.JUDGED)]
        simulated(ax, [models.index(model) + shift for model in shown], [counts[model] for model in shown], color=color)
    band(ax, lower, upper)
    categories(ax, models)


def draw_by_model(ax: Axes, values: Mapping[str, object], limits: Limits, *, color: str, simulation: bool) -> None:
    """Judged numbers in one column a model, side by side, within the bounds; set scale and limits of the y axis first."""
    band(ax, *limits)
    for place, numbers in enumerate(values.values()):
        heights = np.atleast_1d(np.asarray(numbers, dtype=float))
        x = abreast(place, len(heights))
        if simulation:
            simulated(ax, x, heights, color=color, markersize=3.0)
        else:
            dashes(ax, x, heights, 0.3 / max(len(heights), 1), color=color)
    categories(ax, list(values))
