"""Figure 2: principal components are learnt one after another [refinetti_autoencoders]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, PUBLISHED, SIMULATION, THEORY, empty, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from scripts.refinetti_autoencoders.figures.drawing import (
    ACTIVATION_COLORS,
    ERROR_LABEL,
    TIME_LABEL,
    draw_curves,
    draw_levels,
    explain_methods,
    log_axes,
)

COMPONENT_COLORS = [COLORS[name] for name in ("blue", "orange", "green", "purple", "sky", "brown")]


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    fig, axes = new_figure(2, 2, height=5.6)
    panel_errors(axes[0, 0], tables["learning_curves"], tables["learning_times"])
    panel_components(axes[0, 1], tables["captured_variance"], tables["learning_times"])
    panel_excess(axes[1, 0], tables["late_excess"])
    panel_dimension(axes[1, 1], tables["finite_size_deviation"])
    return fig


def panel_errors(ax: Axes, curves: pd.DataFrame, learning_times: pd.DataFrame) -> None:
    """Learning curves of the first seed, three activations."""
    panel_label(ax, "a")
    first = select(curves, seed=curves["seed"].min())
    for activation, color in ACTIVATION_COLORS.items():
        label = {"relu": "ReLU, trained bias"}.get(activation, activation)
        draw_curves(ax, select(first, activation=activation), color, label)
    explain_methods(ax)
    spikes = learning_times.drop_duplicates("component").sort_values("component")["eigenvalue"].to_numpy()
    above = np.append(np.cumsum(spikes[::-1])[::-1], 0.0)
    draw_levels(ax, dict(enumerate(curves["pca_error"].iloc[0] + above)))
    log_axes(ax, TIME_LABEL, ERROR_LABEL)
    ax.legend(loc="lower left")


def panel_components(ax: Axes, captured: pd.DataFrame, learning_times: pd.DataFrame) -> None:
    """Captured variance of each component, erf, first seed; learning times of all seeds."""
    panel_label(ax, "b")
    own = select(captured, activation="erf")
    own = select(own, seed=own["seed"].min())
    for color, (component, curves) in zip(COMPONENT_COLORS, own.groupby("component"), strict=False):
        draw_curves(ax, curves, color, f"component {component}", column="captured_variance")
        times = select(learning_times, activation="erf", component=component)["learning_time"]
        finite = times[np.isfinite(times)]
        ax.plot(finite, np.full(len(finite), 0.5), "D", color=color, markersize=3, alpha=0.6, markeredgewidth=0)
    ax.plot([], [], "D", color=COLORS["grey"], markersize=3, label="half captured, all seeds")
    ax.set(xscale="log", xlabel=TIME_LABEL, ylabel=r"captured variance $f_\tau$", ylim=(-0.05, 1.5))
    ax.legend(loc="upper left", ncols=2)


def panel_excess(ax: Axes, late: pd.DataFrame) -> None:
    """Late excess error against theory, one marker a seed."""
    panel_label(ax, "c")
    if late.empty:
        empty(ax)
        return
    ax.axhline(1, **PUBLISHED)
    for place, (activation, law) in enumerate((("erf", "long-time law"), ("linear", "frozen bulk"))):
        found = select(late, activation=activation).sort_values("seed")
        shift = place + np.linspace(-0.15, 0.15, len(found)) if len(found) > 1 else np.full(len(found), float(place))
        ratio = found["excess_error"] / found["predicted_excess"]
        ax.plot(shift, ratio, **THEORY | {"linestyle": "", "marker": "s", "markersize": 3}, color=ACTIVATION_COLORS[activation])
        ax.annotate(f"{activation}: {law}", (place, 0.62), ha="center", fontsize=7)
    ax.set(xlim=(-0.5, 1.5), ylim=(0.5, 1.3), xticks=[], xlabel=rf"theory seeds, time $\alpha = {late['time'].max():g}$")
    ax.set_ylabel("excess over PCA$_4$ / prediction")


def panel_dimension(ax: Axes, deviation: pd.DataFrame) -> None:
    """Distance of SGD from the theory against the input dimension."""
    panel_label(ax, "d")
    of_dim = deviation.groupby("dim")["rms_log"].agg(["mean", "sem"])
    ax.errorbar(
        of_dim.index, of_dim["mean"], of_dim["sem"].fillna(0), **SIMULATION, color=COLORS["blue"], capsize=2, label="erf, mean over seeds"
    )
    dims = of_dim.index.to_numpy(dtype=float)
    scale = np.exp(np.mean(np.log(of_dim["mean"] * np.sqrt(dims))))
    ax.plot(dims, scale / np.sqrt(dims), **PUBLISHED, label="$D^{-1/2}$")
    log_axes(ax, "input dimension $D$", "rms of ln(error SGD / ODE)")
    ax.set_xticks(dims, [f"{dim:g}" for dim in dims], minor=False)
    ax.tick_params(axis="x", which="minor", labelbottom=False)
    ax.legend(loc="upper right")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
