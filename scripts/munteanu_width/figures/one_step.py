"""Companion D: zero error after one step against the transfer margin [munteanu_width, E12]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, control, empty, legend_below, new_figure, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import band_between
from scripts.munteanu_width import comparison
from scripts.munteanu_width.figures.drawing import COUPLED, Tables, share_error, start_label, width_axis

SCALE = comparison.ONE_STEP_SCALE
CONTROL = rf"independent, $\kappa$ = {SCALE:g}, control"


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(1, 3, height=3.3, gridspec_kw={"width_ratios": [1.2, 1.2, 0.8]})
    for ax, letter, n in zip(axes[0], "ab", comparison.ONE_STEP_N, strict=False):
        panel_shares(ax, letter, about, tables, n)
    panel_z(axes[0, 2], about, tables)
    legend_below(fig, *axes[0], n_columns=5)
    return fig


def panel_shares(ax: Axes, letter: str, about: About, tables: Tables, n: int) -> None:
    """Share of the seeds that need one step, and the chance of a positive transfer margin."""
    panel_label(ax, letter, about, f"{n} points")
    runs = select(tables["circle_training_run"], n_train=n, stops_at_hit=True, width=comparison.ONE_STEP_WIDTHS)
    width_axis(ax, runs["width"])
    ax.set(ylim=(-0.08, 1.08), ylabel="one step is enough (share)")
    law = select(tables["transfer_probability"], n_train=n, event="positive").sort_values("width")
    law = law[law["width"].isin([width / 2 for width in comparison.ONE_STEP_WIDTHS])]
    theory(ax, 2 * law["width"], law["probability"], color=COLORS["black"], marker=".", label="chance of a positive transfer margin")
    if runs.empty:
        empty(ax)
        return
    shares = comparison.one_step_share(runs)
    error = share_error(shares, runs.groupby(comparison.SETTING).size()).rename("error")
    found = shares.rename("share").to_frame().join(error).reset_index()
    for shift, (scale, marker) in zip((0.95, 1.05), ((1.0, "o"), (SCALE, "s")), strict=True):
        of_scale = select(found, initialization="coupled", init_scale=scale)
        style = {"color": COUPLED, "marker": marker, "label": start_label("coupled", scale)}
        simulated(ax, shift * of_scale["width"], of_scale["share"], of_scale["error"], **style)
    odd = select(found, initialization="independent", init_scale=SCALE)
    control(ax, odd["width"], odd["share"], label=CONTROL)


def panel_z(ax: Axes, about: About, tables: Tables) -> None:
    """Observed minus expected number of seeds that need one step, in standard errors; all settings of the judged scale pooled."""
    panel_label(ax, "c", about, "all settings")
    ax.set_yscale("symlog", linthresh=1)
    ax.set(ylim=(-60, 60), xlim=(-0.6, 1.6), ylabel="observed − expected (s.e.)")
    ax.set_yticks([-30, -10, -4, -1, 0, 1, 4, 10, 30], ["−30", "−10", "−4", "−1", "0", "1", "4", "10", "30"])
    ax.set_xticks([0, 1], ["coupled", "independent"])
    ax.grid(visible=False, axis="x")
    band_between(ax, -0.35, 0.35, bounds(about, "C14", "pooled_z"))
    band_between(ax, 0.65, 1.35, bounds(about, "N3", "pooled_z"))
    z = {start: _z(tables, start) for start in comparison.INITIALIZATIONS}
    simulated(ax, [0], [z["coupled"]], color=COUPLED, marker="s")
    control(ax, [1], [z["independent"]])


def _z(tables: Tables, start: str) -> float:
    settings: pd.DataFrame = comparison.one_step_settings(tables["circle_training_run"], tables["transfer_probability"], start)
    known = select(settings, init_scale=SCALE).dropna(subset="chance")
    return comparison.pooled_z(known) if len(known) else np.nan


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
