"""Companion B: ribbons from the planar annulus, and how their boundaries are linked [puthawala_flows, E6, E7, E8, E12]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, band, bounds, legend_below, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import Limits, categories, rows_of_panels
from scripts.puthawala_flows import comparison
from scripts.puthawala_flows.figures.drawing import SUP, color_of, panel_seeds, panel_space, space

NAMES = {"twist1": "twisted", "wave": "wavy"}
RANGE = (0.05, 5.0)  # at least, of sup errors in units of the bound
ERRORS = (
    ("twist1", 3, "C4", "least_over_bound"),
    ("twist1", 4, "C5", "best_over_bound"),
    ("twist1", 7, "", ""),
    ("wave", 3, "N2", "best_over_bound"),
)


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    errors, curves = tables["ribbon_errors"], tables["ribbon_curves"]
    fig, (top, middle, spaces) = rows_of_panels([len(ERRORS), 3, len(ERRORS)], height=6.3, ratios=[1, 0.9, 1.1])
    for ax, letter, (target, dim, claim, part) in zip(top, "abcd", ERRORS, strict=True):
        panel_label(ax, letter, about, f"{NAMES[target]}, {space(dim)}")
        panel_errors(ax, errors, target, dim, bounds(about, claim, part) if claim else None)
    panels_linking(middle, errors, about)
    for ax, letter, (target, dim, *_) in zip(spaces, "hijk", ERRORS, strict=True):
        panel_label(ax, letter, about, f"{NAMES[target]}, {space(dim)}")
        own = select(curves, target=target, ambient_dim=dim)
        panel_space(ax, own, color=None if target == "wave" else color_of(dim), every=2, elevation=65)
    legend_below(fig, *top, spaces[0], n_columns=4)
    return fig


def panel_errors(ax: Axes, errors: pd.DataFrame, target: str, dim: int, limits: Limits | None) -> None:
    """Final sup error of every seed in units of the bound for the twisted ribbon in R^3."""
    known = errors["lower_bound"].dropna()
    bound = float(known.iloc[0]) if len(known) else np.nan
    ax.set_ylabel(f"{SUP} / $h$")
    values = select(errors, target=target, ambient_dim=dim)["sup_error"] / bound
    color, label = (None if target == "wave" else color_of(dim)), f"{NAMES[target]} ribbon in {space(dim)}"
    panel_seeds(ax, values, limits, color=color, label=label, log_range=RANGE)


def panels_linking(axes: list[Axes], errors: pd.DataFrame, about: About) -> None:
    """Distances of linking numbers by seed, and the share of seeds whose linking number is known."""
    gaps = {target: comparison.linking_gaps(errors, target) for target in NAMES}
    lower, upper = bounds(about, "C4", "least_linking_gap")[0], bounds(about, "C4", "largest_linking_gap")[1]
    limits = {"twist1": (lower, upper), "wave": bounds(about, "N2", "largest_linking_gap")}
    for ax, letter, target in zip(axes, "ef", NAMES, strict=False):
        panel_label(ax, letter, about, f"{NAMES[target]}, {space(3)}: linking")
        ax.set(ylim=(-0.3, 2.3), ylabel="linking gap")
        panel_seeds(ax, gaps[target].dropna(), limits[target], color=None if target == "wave" else color_of(3))
    ax, known = axes[2], gaps["twist1"].notna()
    panel_label(ax, "g", about, f"twisted, {space(3)}: known")
    ax.set(ylim=(0, 1.15), ylabel="share of seeds")
    band(ax, *bounds(about, "C4", "linking_known"))
    simulated(ax, [0], [known.mean() if len(known) else np.nan], color=color_of(3))
    categories(ax, ["linking number known"])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
