"""Pieces that the figures of this paper share [venkataramanan_rigamp]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import BAND, COLORS, TEXT_GREY, About, band, bounds, panel_label, plain_ticks, simulated, theory
from repro.frames import select
from scripts.venkataramanan_rigamp import comparison

RIGAMP, VAMP, GAMP = COLORS["blue"], COLORS["red"], COLORS["grey"]
ALGORITHMS = {"rigamp": ("RI-GAMP", RIGAMP), "vamp": ("VAMP", VAMP)}

ITERATION = "iteration $t$"
MSE = r"error $\|\hat{x}-x\|^2/n$"
CORRELATION = "squared correlation"
COLUMNS = {"mse": MSE, "squared_correlation": CORRELATION}

_PRIORS = {"gaussian": "Gaussian", "rademacher": "Rademacher", "bernoulli_gaussian": "sparse"}
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.5, 2.0)

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
    if predicted.empty:
        return model
    row = predicted.iloc[0]
    kept, made = (select(table, algorithm="rigamp")["seed"].nunique() for table in (stable, runs))
    note = f" ({kept} of {made} runs)" if kept < made else ""
    return f"{model}: {_PRIORS[row['prior']]}{note}"


def log_decimals(ax: Axes) -> None:
    """Logarithmic y axis; with plain decimals that do not crowd it where its range is short."""
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    if not 0 < low < high <= 100 * low:  # also where nothing is drawn and the axis keeps its linear limits
        return
    chosen: list[float] = []
    for tick in _TICKS:
        if low <= tick <= high and (not chosen or tick / chosen[-1] >= (high / low) ** (1 / 8)):
            chosen.append(tick)
    plain_ticks(ax, "y", chosen)


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
        ax.set(ylim=(0, 1.5), ylabel=f"{quantities[column]}: distance / tol.")
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
    ax.set_xticks(range(len(models)), models)
    ax.set_xlim(-0.6, len(models) - 0.4)


def draw_by_model(
    ax: Axes, values: Mapping[str, object], limits: tuple[float | None, float | None], *, color: str, simulation: bool
) -> None:
    """Judged numbers in one column a model, side by side, within the bounds; set scale and limits of the y axis first."""
    band(ax, *limits)
    for place, numbers in enumerate(values.values()):
        heights = np.atleast_1d(np.asarray(numbers, dtype=float))
        x = place + 0.7 * (np.arange(len(heights)) + 0.5) / max(len(heights), 1) - 0.35
        if simulation:
            simulated(ax, x, heights, color=color, markersize=3.0)
        else:
            draw_dashes(ax, x, heights, 0.3 / max(len(heights), 1), color=color)
    ax.set_xticks(range(len(values)), list(values))
    ax.set_xlim(-0.6, max(len(values), 1) - 0.4)
    ax.grid(visible=False, axis="x")


def draw_dashes(ax: Axes, x: np.ndarray, y: np.ndarray, half_width: float, *, color: str, label: str | None = None) -> None:
    """Single numbers of the theory as short lines."""
    gap = np.full(len(x), np.nan)
    ends = np.stack([x - half_width, x + half_width, gap], axis=1).ravel()
    theory(ax, ends, np.stack([y, y, gap], axis=1).ravel(), color=color, linewidth=1.8, label=label)


def explain_bounds(ax: Axes) -> None:
    """Entry of the legend for the bounds of a claim."""
    ax.fill_between([], [], label="bounds of the claim", **BAND)


def explain(ax: Axes, label: str, *, simulation: bool) -> None:
    """Entry of the legend for a role, in the grey of no case."""
    (simulated if simulation else theory)(ax, [], [], color=TEXT_GREY, label=label)


def merge(fig: Figure, axes: np.ndarray, row: int, columns: slice) -> Axes:
    """One panel in place of several of a row."""
    grid = axes[row, 0].get_gridspec()
    for ax in axes[row, columns]:
        ax.remove()
    return fig.add_subplot(grid[row, columns])
