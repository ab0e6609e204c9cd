"""Companion D: Onsager coefficients of two spectra [venkataramanan_rigamp, E2, E4]."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, empty, legend_below, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from repro.panels import Limits, dashes, explain_bounds, merge
from scripts.venkataramanan_rigamp import comparison
from scripts.venkataramanan_rigamp.figures.drawing import ITERATION

SPECTRA = {"m2": "beta", "m5": "Gaussian"}
KINDS = {"alpha": (r"$|\alpha_{ti}|$", COLORS["blue"]), "beta": (r"$|\beta_{ti}|$", COLORS["red"])}
SIZES = LogNorm(1e-6, 10)
ZERO = 1e-22  # place of what is smaller still


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 4, height=4.4)
    coefficients = tables["onsager_coefficients"]
    cases = [(model, kind) for model in SPECTRA for kind in KINDS]
    for ax, letter, (model, kind) in zip(axes[0], "abcd", cases, strict=True):
        panel_label(ax, letter, about, f"{KINDS[kind][0]}, {SPECTRA[model]}")
        panel_map(ax, select(coefficients, model=model, coefficient=kind))
    bar = fig.colorbar(mpl.cm.ScalarMappable(SIZES, _colors()), ax=axes[0], label="size of the coefficient", pad=0.01)
    bar.ax.tick_params(labelsize=7.5)
    judged = [merge(fig, axes, 1, slice(2 * place, 2 * place + 2)) for place in range(2)]
    limits = {"m2": bounds(about, "C5b", "smallest_old_coefficient"), "m5": bounds(about, "C5", "largest_old_coefficient")}
    for ax, letter, model in zip(judged, "ef", SPECTRA, strict=True):
        panel_label(ax, letter, about, f"older iterates, {SPECTRA[model]}")
        panel_sizes(ax, select(comparison.old_coefficients(coefficients), model=model), limits[model])
    explain_bounds(judged[0])
    legend_below(fig, *judged, n_columns=3)
    return fig


def _colors() -> mpl.colors.Colormap:
    return mpl.colormaps["cividis"].with_extremes(under="white", bad="white")


def panel_map(ax: Axes, coefficients: pd.DataFrame) -> None:
    """Sizes of the coefficients by iteration and past iteration; white below the scale and where there is none."""
    ax.set(xlabel="past iteration $i$", ylabel=ITERATION)
    ax.grid(visible=False)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.yaxis.get_major_locator().set_params(integer=True)
    if coefficients.empty:
        empty(ax)
        return
    last = int(coefficients["iteration"].max())
    grid = np.full((last, last), np.nan)
    grid[coefficients["iteration"] - 1, coefficients["past_iteration"] - 1] = coefficients["value"].abs()
    ax.imshow(grid, norm=SIZES, cmap=_colors(), extent=(0.5, last + 0.5, last + 0.5, 0.5))


def panel_sizes(ax: Axes, old: pd.DataFrame, limits: Limits) -> None:
    """Sizes of the coefficients of older iterates against their age, one short line each."""
    powers = range(-16, 1, 4)
    ax.set(yscale="log", xlabel="age $t - i$ (iterations)", ylabel="size of the coefficient")
    ax.set_yticks([ZERO, *(10.0**power for power in powers)], ["0", *(f"$10^{{{power}}}$" for power in powers)])
    ax.set_yticks([], minor=True)
    ax.set_ylim(ZERO / 10, 100)
    band(ax, *limits, label=None)
    early = old[old["iteration"] <= comparison.ITERATIONS]
    for shift, (kind, (label, color)) in zip((-0.18, 0.18), KINDS.items(), strict=True):
        found = select(early, coefficient=kind)
        age = (found["iteration"] - found["past_iteration"]).to_numpy(dtype=float)
        dashes(ax, age + shift, np.maximum(found["value"].abs().to_numpy(), ZERO), 0.14, color=color, label=label)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
