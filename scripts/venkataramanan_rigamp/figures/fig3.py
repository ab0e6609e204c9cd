"""Figure 3: final error against sampling ratio [venkataramanan_rigamp, E3, E5, E10, E11]."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, control, guide, legend_below, new_figure, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import abreast, dashes, explain_bounds, log_decimals, merge
from scripts.venkataramanan_rigamp import comparison
from scripts.venkataramanan_rigamp.figures.drawing import MSE, RIGAMP, VAMP

RATIO = r"sampling ratio $\delta$"
LATE = COLORS["green"]
CASES = list(product(("gaussian", "beta"), ("linear", "sign")))
NAMES = {"gaussian": "Gaussian", "beta": "beta", "linear": "linear", "sign": "1-bit"}
CASE_COLORS = dict(zip(CASES, (COLORS["orange"], COLORS["purple"], COLORS["sky"], COLORS["black"]), strict=True))
RATIO_TICKS = [0.5, 1, 1.5, 2]
HIGHEST = 0.9  # of a panel, where a diverged run is marked


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 4, height=4.8)
    for ax, letter, case in zip(axes[0], "abcd", CASES, strict=True):
        panel_errors(ax, letter, about, tables, case)
    for ax in axes[0, 1:]:
        ax.set_ylabel("")
    gaps = comparison.sweep_limits(tables["predicted_sweep"]).reset_index()
    wide = merge(fig, axes, 1, slice(0, 2))
    panel_relative(wide, gaps, about)
    panel_gap(axes[1, 2], gaps, about)
    panel_count(axes[1, 3], gaps, about)
    explain_bounds(wide)
    legend_below(fig, axes[0, 0], wide, n_columns=4)
    return fig


def panel_errors(ax: Axes, letter: str, about: About, tables: Mapping[str, pd.DataFrame], case: tuple[str, str]) -> None:
    """Predicted errors, the wider dashes behind the narrower, and runs; diverged runs are crosses at the top."""
    spectrum, channel = case
    predicted, runs = (select(tables[name], spectrum=spectrum, output_channel=channel) for name in ("predicted_sweep", "simulated_sweep"))
    panel_label(ax, letter, about, f"{NAMES[spectrum]}, {NAMES[channel]}")
    of_rigamp = select(predicted, algorithm="rigamp")
    first, last = of_rigamp["iteration"].min(), of_rigamp["iteration"].max()
    kinds = (
        (of_rigamp[of_rigamp["iteration"] == first], RIGAMP, "RI-GAMP, early", 0.1),
        (of_rigamp[of_rigamp["iteration"] == last], LATE, "RI-GAMP, late", 0.07),
        (select(predicted, algorithm="vamp"), VAMP, "VAMP, late", 0.04),
    )
    for found, color, label, half in kinds:
        dashes(ax, found["sampling_ratio"], found["mse"], half, color=color, label=label)
    for algorithm, color, label in (("rigamp", RIGAMP, "RI-GAMP, runs"), ("vamp", VAMP, "VAMP, runs")):
        markers = select(runs, algorithm=algorithm)
        found = markers[~markers["is_diverged"]].groupby("sampling_ratio")["mse"].agg(["mean", "sem"])
        simulated(ax, found.index, found["mean"], found["sem"], color=color, label=label)
    ax.set(xlabel=RATIO, ylabel=MSE, xticks=RATIO_TICKS)
    log_decimals(ax)
    lost = runs.loc[runs["is_diverged"], "sampling_ratio"]
    control(ax, lost, np.full(len(lost), HIGHEST), transform=ax.get_xaxis_transform(), label="diverged run")


def panel_relative(ax: Axes, gaps: pd.DataFrame, about: About) -> None:
    """Gap in units of VAMP's limit, with the size from which a point counts as off."""
    panel_label(ax, "e", about, "gap to VAMP's limit, relative")
    ax.set_yscale("symlog", linthresh=1e-4)
    _draw_cases(ax, gaps, (gaps["rigamp"] - gaps["vamp"]) / gaps["vamp"])
    guide(ax, [0.4, 2.12], [comparison.NOTICEABLE] * 2, "off")
    ax.set(xlabel=RATIO, ylabel="relative gap to VAMP", ylim=(-1e-4, 10))


def panel_gap(ax: Axes, gaps: pd.DataFrame, about: About) -> None:
    """Gap itself: never below VAMP's limit."""
    panel_label(ax, "f", about, "gap")
    ax.set_yscale("symlog", linthresh=1e-6)
    ax.set(xlabel=RATIO, ylabel="error,\nRI-GAMP − VAMP", ylim=(-1e-4, 1))
    ax.set(xticks=RATIO_TICKS, yticks=[1, 1e-2, 1e-4, 1e-6, 0, -1e-5])
    ax.set_yticks([], minor=True)
    band(ax, *bounds(about, "C2b", "smallest_gap"), label=None)
    _draw_cases(ax, gaps, gaps["rigamp"] - gaps["vamp"])


def panel_count(ax: Axes, gaps: pd.DataFrame, about: About) -> None:
    """How many points are off."""
    panel_label(ax, "g", about, "points off")
    ax.set(ylim=(-0.5, 6.5), xlim=(-0.5, 0.5), xticks=[], ylabel="number of points")
    band(ax, *bounds(about, "C2c", "sweep_points_off"), label=None)
    off = (gaps["rigamp"] - gaps["vamp"] > comparison.NOTICEABLE * gaps["vamp"]).sum()
    dashes(ax, [0], [off], 0.25, color=COLORS["black"])


def _draw_cases(ax: Axes, gaps: pd.DataFrame, values: "pd.Series[float]") -> None:
    """Markers of the spectra and channels, side by side at every ratio."""
    for shift, ((spectrum, channel), color) in zip(abreast(0, len(CASES), 0.14), CASE_COLORS.items(), strict=True):
        found = select(gaps, spectrum=spectrum, output_channel=channel)
        label = f"{NAMES[spectrum]}, {NAMES[channel]}"
        theory(ax, found["sampling_ratio"] + shift, values[found.index], color=color, label=label, linestyle="", marker=".")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
