"""Figure 4: ReLU autoencoders need biases [refinetti_autoencoders]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from scripts.refinetti_autoencoders.figures.drawing import (
    ERROR_LABEL,
    TIME_LABEL,
    draw_curves,
    draw_levels,
    explain_methods,
    log_axes,
)

MODES = {
    "none": ("no bias", COLORS["black"]),
    "trained": ("trained bias", COLORS["orange"]),
    "fixed": ("fixed bias 1", COLORS["sky"]),
}


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    fig, axes = new_figure(1, 2, height=3.4)
    panel_curves(axes[0, 0], tables["relu_curves"], tables["relu_plateaus"])
    panel_plateaus(axes[0, 1], tables["relu_plateaus"])
    return fig


def panel_curves(ax: Axes, curves: pd.DataFrame, plateaus: pd.DataFrame) -> None:
    """Learning curves of the first seed."""
    panel_label(ax, "a")
    first = select(curves, seed=curves["seed"].min())
    for mode, (label, color) in MODES.items():
        draw_curves(ax, select(first, bias_mode=mode), color, label)
    explain_methods(ax)
    width = int(curves["width"].iloc[0])
    levels = {width: curves["pca_error"].iloc[0]}
    for mode, k in (("none", width // 2), ("trained", width - 1)):
        for level in select(plateaus, bias_mode=mode, width=width)["predicted_error"].head(1):
            levels[k] = level
    draw_levels(ax, levels)
    log_axes(ax, TIME_LABEL, ERROR_LABEL)
    ax.legend(loc="lower left")


def panel_plateaus(ax: Axes, plateaus: pd.DataFrame) -> None:
    """Error at the end against the number of units, beside the predicted levels."""
    panel_label(ax, "b")
    predictions = {"none": "predicted: $K/2$ components", "trained": "predicted: $K-1$ components"}
    for (mode, prediction), shift in zip(predictions.items(), (-0.08, 0.08), strict=True):
        label, color = MODES[mode]
        found = select(plateaus, bias_mode=mode)
        ax.plot(found["width"] + shift, found["error"], "o", color=color, markersize=4, label=f"{label} (ODE)")
        known = found.dropna(subset="predicted_error").drop_duplicates("width")
        style = {"markerfacecolor": "none", "markersize": 8, "markeredgewidth": 0.8}
        ax.plot(known["width"] + shift, known["predicted_error"], "s", color=color, label=prediction, **style)
    ax.set(yscale="log", xlabel="hidden units $K$", ylabel=ERROR_LABEL, xticks=sorted(plateaus["width"].unique()))
    ax.legend(loc="lower left")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
