"""Figure 5: truncated SGD finds the components themselves [refinetti_autoencoders]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, empty, legend_below, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from scripts.refinetti_autoencoders.figures.drawing import (
    ERROR_LABEL,
    RULE_COLORS,
    TIME_LABEL,
    draw_curves,
    draw_levels,
    explain_methods,
    log_axes,
    merge,
    panel_alignment,
)


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    fig, axes = new_figure(2, 4, height=5.0)
    panel_curves(merge(fig, axes, 0, slice(0, 2)), select(tables["truncated_curves"], inputs="spiked"))
    aligned = select(tables["decoder_alignment"], inputs="spiked", method="simulation")
    aligned = select(aligned, seed=aligned["seed"].min())
    for ax, letter, rule in zip(axes[0, 2:], "bc", RULE_COLORS, strict=True):
        panel_alignment(ax, letter, rule, aligned)
    for unit, (ax, letter) in enumerate(zip(axes[1], "defg", strict=True), start=1):
        panel_decoder(ax, letter, unit, select(tables["decoder_rows"], unit=unit))
    axes[1, 0].set_ylabel("decoder row $v^k(i)$")
    legend_below(fig, *axes[1], n_columns=3)
    return fig


def panel_curves(ax: Axes, curves: pd.DataFrame) -> None:
    """Learning curves of the first seed under both rules."""
    panel_label(ax, "a")
    first = select(curves, seed=curves["seed"].min())
    for rule, color in RULE_COLORS.items():
        draw_curves(ax, select(first, rule=rule), color, f"{rule} SGD")
    explain_methods(ax)
    draw_levels(ax, {int(curves["width"].iloc[0]): curves["pca_error"].iloc[0]})
    log_axes(ax, TIME_LABEL, ERROR_LABEL)
    ax.legend(loc="lower left")


def panel_decoder(ax: Axes, letter: str, unit: int, decoder: pd.DataFrame) -> None:
    """Decoder row of one unit under both rules, beside the eigenvector."""
    panel_label(ax, letter)
    ax.set_title(f"unit {unit}")
    ax.set_xlabel("coordinate $i$")
    vector = select(decoder, rule="truncated")
    if vector.empty:
        empty(ax)
        return
    # The eigenvector has norm √D; it is drawn at the size of the truncated rule's decoder row.
    scale = (vector["decoder"] @ vector["eigenvector"]) / (vector["eigenvector"] @ vector["eigenvector"])
    ax.plot(vector["coordinate"], scale * vector["eigenvector"], color=COLORS["grey"], linewidth=3.5, alpha=0.5, label="eigenvector")
    for rule, color in RULE_COLORS.items():
        found = select(decoder, rule=rule)
        ax.plot(found["coordinate"], found["decoder"], color=color, linewidth=1, label=f"{rule} SGD")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
