"""Companion A: RI-GAMP against VAMP, on instances and in state evolution [venkataramanan_rigamp, E5, E11]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, legend_below, new_figure, panel_label, save, simulated, theory
from repro.job import job
from repro.panels import categories, explain, explain_bounds
from scripts.venkataramanan_rigamp import comparison
from scripts.venkataramanan_rigamp.figures.drawing import draw_by_model

COLOR = COLORS["black"]


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 2, height=4.6)
    panel_instances(axes[0, 0], tables["simulated_errors"], about)
    panel_limits(axes[0, 1], tables["predicted_errors"], about)
    panel_extra(axes[1, 0], tables["predicted_errors"], about)
    panel_lead(axes[1, 1], tables["predicted_errors"], about)
    explain(axes[0, 0], "runs, mean over seeds")
    explain(axes[0, 0], "state evolution", theory)
    explain_bounds(axes[0, 0])
    legend_below(fig, axes[0, 0], n_columns=3)
    return fig


def panel_instances(ax: Axes, runs: pd.DataFrame, about: About) -> None:
    """Relative gap on the same instances."""
    panel_label(ax, "a", about, "same instances, iteration 10")
    ax.set(ylim=(-0.05, 0.1), ylabel="relative gap to VAMP")
    band(ax, *bounds(about, "C2", "relative_gap"), label=None)
    found = comparison.relative_gaps(runs).reindex(comparison.JUDGED)
    simulated(ax, range(len(found)), found["gap"].astype(float), found["std_error"].astype(float), color=COLOR)
    categories(ax, comparison.JUDGED)


def panel_limits(ax: Axes, predicted: pd.DataFrame, about: About) -> None:
    """Distance of the last predicted error of RI-GAMP from VAMP's."""
    panel_label(ax, "b", about, "last iterations")
    ax.set_yscale("symlog", linthresh=1e-6)
    ax.set(ylim=(-1e-4, 2e-2), ylabel="error, RI-GAMP − VAMP")
    found = comparison.limits(predicted).reindex(comparison.MODELS)
    both = (bounds(about, "C2b", "smallest_gap")[0], bounds(about, "C2c", "largest_model_gap")[1])
    draw_by_model(ax, (found["rigamp"] - found["vamp"]).to_dict(), both, color=COLOR, simulation=False)


def panel_extra(ax: Axes, predicted: pd.DataFrame, about: About) -> None:
    """Iterations that RI-GAMP needs beyond VAMP's."""
    panel_label(ax, "c", about, "iterations to the limit")
    found = comparison.extra_iterations(predicted).reindex(comparison.MODELS)
    ax.set(ylim=(-2, 12), yticks=range(0, 13, 3), ylabel="extra iterations")
    draw_by_model(ax, found.to_dict(), bounds(about, "C3", "extra_iterations"), color=COLOR, simulation=False)


def panel_lead(ax: Axes, predicted: pd.DataFrame, about: About) -> None:
    """Difference of the predicted errors at the judged iterations, side by side."""
    panel_label(ax, "d", about, "iterations 1 to 10")
    ax.set_yscale("symlog", linthresh=1e-4)
    ax.set(ylim=(-1, 1e-2), ylabel="error, VAMP − RI-GAMP")
    found = comparison.lead(predicted).reindex(comparison.MODELS)
    values = {model: found.loc[model].to_numpy(dtype=float) for model in found.index}
    draw_by_model(ax, values, bounds(about, "C3b", "dominance"), color=COLOR, simulation=False)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
