"""Companion A: the trefoil and an unknot from the planar circle [puthawala_flows, E3, E4, E5, E12, E14]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, bounds, control, guide, legend_below, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import log_decimals, padded_log, rows_of_panels, thinned
from scripts.puthawala_flows import comparison
from scripts.puthawala_flows.figures.drawing import STEP, SUP, cases, color_of, panel_seeds, panel_space, space

JUDGED = (("trefoil", 3), ("trefoil", 4), ("trefoil", 7), ("unknot", 3))
RANGE, LENGTHS = (0.03, 6.0), (0.006, 1.2)  # at least, of sup errors in units of the thickness, and as they are


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    errors, curves = tables["knot_errors"], tables["knot_curves"]
    fig, ((course,), judged, spaces) = rows_of_panels([1, 4, len(JUDGED)], height=6.5, ratios=[1.1, 1, 1])
    panel_course(course, errors, about)
    panels_judged(judged, errors, about)
    for ax, letter, (target, dim) in zip(spaces, "fghi", JUDGED, strict=True):
        panel_label(ax, letter, about, f"{target}, {space(dim)}")
        own = select(curves, target=target, ambient_dim=dim)
        panel_space(ax, own, color=None if target == "unknot" else color_of(dim), every=4)
    legend_below(fig, course, judged[0], spaces[0], n_columns=4)
    return fig


def panel_course(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Smallest sup error over the seeds at each recorded step, by case."""
    panel_label(ax, "a", about, "best seed at each step")
    shown = sorted(thinned(errors, 40)["step"].unique())
    course = {case: _least_over_seeds(select(errors, target=case[0], ambient_dim=case[1], step=shown)) for case in cases(errors)}
    for (target, dim), least in course.items():
        label = f"{target} in {space(dim)}"
        if target == "unknot":
            control(ax, least.index, least, label=label)
        else:
            simulated(ax, least.index, least, color=color_of(dim), markersize=3.2, label=label)
    thickness = _thickness(errors)
    guide(ax, [0, shown[-1]], [thickness, thickness], "thickness $\\tau$")
    ax.set(xlabel=STEP, ylabel=f"{SUP} (length)")
    ax.margins(x=0.02)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_ylim(*padded_log([thickness, *(value for least in course.values() for value in least)], 1.3))
    log_decimals(ax)


def panels_judged(axes: list[Axes], errors: pd.DataFrame, about: About) -> None:
    """Errors of every seed: of the trefoil in units of its thickness, of the unknot as they are."""
    thickness = _thickness(errors)
    last = comparison.last_step(errors)
    panel_label(axes[0], "b", about, f"trefoil, {space(3)}, least")
    least = comparison.least_over_steps(select(errors, target="trefoil", ambient_dim=3))
    axes[0].set_ylabel(f"{SUP} / $\\tau$")
    panel_seeds(axes[0], least / thickness, bounds(about, "C1", "least_over_thickness"), color=color_of(3), log_range=RANGE)
    for ax, letter, dim, claim in ((axes[1], "c", 4, "C2"), (axes[2], "d", 7, "C3")):
        panel_label(ax, letter, about, f"trefoil, {space(dim)}, end")
        ax.set_ylabel(f"{SUP} / $\\tau$")
        final = select(last, target="trefoil", ambient_dim=dim)["sup_error"]
        panel_seeds(ax, final / thickness, bounds(about, claim, "best_over_thickness"), color=color_of(dim), log_range=RANGE)
    panel_label(axes[3], "e", about, f"unknot, {space(3)}, end")
    axes[3].set_ylabel(f"{SUP} (length)")
    panel_seeds(
        axes[3], select(last, target="unknot", ambient_dim=3)["sup_error"], bounds(about, "N1", "best"), color=None, log_range=LENGTHS
    )


def _least_over_seeds(errors: pd.DataFrame) -> pd.Series:
    return errors.groupby("step")["sup_error"].min()


def _thickness(errors: pd.DataFrame) -> float:
    """Thickness of the trefoil, not a number where its rows are missing."""
    known = errors["lower_bound"].dropna()
    return float(known.iloc[0]) if len(known) else np.nan


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
