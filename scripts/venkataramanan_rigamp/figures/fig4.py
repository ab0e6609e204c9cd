"""Companion B: ordinary GAMP on designs that are not Gaussian [venkataramanan_rigamp, E2, E3, E5]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, band, bounds, control, legend_below, new_figure, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import categories, explain_bounds, log_decimals, merge
from scripts.venkataramanan_rigamp import comparison
from scripts.venkataramanan_rigamp.figures.drawing import GAMP, ITERATION, MSE, RIGAMP, named


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 6, height=4.6)
    top = [merge(fig, axes, 0, slice(2 * place, 2 * place + 2)) for place in range(3)]
    bottom = [merge(fig, axes, 1, slice(3 * place, 3 * place + 3)) for place in range(2)]
    simulated_errors, predicted = tables["simulated_errors"], tables["predicted_errors"]
    models = sorted(select(predicted, algorithm="gaussian_amp")["model"].unique())
    for ax, letter, model in zip(top, "abc", models, strict=False):
        own = select(predicted, model=model)
        panel_label(ax, letter, about, named(model, own))
        panel_medians(ax, select(simulated_errors, model=model), own)
    for ax in top[1:]:
        ax.set_ylabel("")
    panels_judged(bottom, simulated_errors, predicted, about)
    explain_bounds(bottom[0])
    legend_below(fig, *top, bottom[0], n_columns=3)
    return fig


def panel_medians(ax: Axes, runs: pd.DataFrame, predicted: pd.DataFrame) -> None:
    """Median errors of ordinary GAMP and RI-GAMP on one model, each beside its own prediction."""
    ax.set(xlabel=ITERATION, ylabel=MSE)
    last = runs["iteration"].max() if len(runs) else comparison.ITERATIONS
    for algorithm, label, color in (("gaussian_amp", "ordinary GAMP", GAMP), ("rigamp", "RI-GAMP", RIGAMP)):
        line = select(predicted[predicted["iteration"] <= last], algorithm=algorithm)
        theory(ax, line["iteration"], line["mse"], color=color, label=f"{label}, its prediction")
        median = comparison.median_over_seeds(runs, algorithm)
        iterations = median.index.get_level_values("iteration")
        finite = median.where(np.isfinite(median))
        if algorithm == "rigamp":
            simulated(ax, iterations, finite, color=color, label=f"{label}, median run")
        else:
            control(ax, iterations, finite, label=f"{label}, median run")
    log_decimals(ax)


def panels_judged(axes: list[Axes], runs: pd.DataFrame, predicted: pd.DataFrame, about: About) -> None:
    """Median error of ordinary GAMP at the last judged iteration, over its prediction and over RI-GAMP's."""
    last = {algorithm: _at_end(comparison.median_over_seeds(runs, algorithm)) for algorithm in ("gaussian_amp", "rigamp")}
    own = _at_end(select(predicted, algorithm="gaussian_amp").set_index(["model", "iteration"])["mse"])
    kinds = (("d", "over its prediction", own, "off_own_prediction"), ("e", "over RI-GAMP", last["rigamp"], "worse_than_rigamp"))
    for ax, (letter, title, below, part) in zip(axes, kinds, strict=True):
        panel_label(ax, letter, about, f"ordinary GAMP {title}")
        ratio = (last["gaussian_amp"] / below).dropna()
        ax.set(yscale="log", ylim=(0.5, 1e8), ylabel="ratio of errors")
        band(ax, *bounds(about, "C6", part), label=None)
        control(ax, range(len(ratio)), ratio)
        categories(ax, list(ratio.index))


def _at_end(values: "pd.Series[float]") -> "pd.Series[float]":
    """Values at the last judged iteration, by model."""
    return values[values.index.get_level_values("iteration") == comparison.ITERATIONS].droplevel("iteration")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
