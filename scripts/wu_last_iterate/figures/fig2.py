"""Companion: exact variance and bias over the terms of their bounds, and the comparison theorem [wu_last_iterate, E7-E11, E15]."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, control, empty, legend_below, new_figure, panel_label, plain_ticks, save, theory
from repro.frames import select
from repro.job import job
from repro.panels import Limits, band_between
from scripts.wu_last_iterate.bounds import ALPHA
from scripts.wu_last_iterate.figures.drawing import SPECTRUM_LABELS, upright
from scripts.wu_last_iterate.ratios import comparison

COLOR = {("power", False): "blue", ("power", True): "green", ("power_log", False): "red", ("power_log", True): "purple"}

CONTROL_SIZE = 2048
"""Sample size at which the control is judged, in the smallest dimension."""


class Panel(NamedTuple):
    """A ratio against the stepsize."""

    title: str
    rows: pd.DataFrame
    """With the ratio in column `ratio`."""
    span: tuple[float, float]
    limits: Limits
    log: bool = False


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    """Variance in the first row and bias in the second, each over its bounds; the comparison of schedules last."""
    table = tables["risk_bounds"]
    fig, axes = new_figure(2, 4, height=5.0, sharex=True)
    for ax, letter, panel in zip(axes.flat, "abcdefgh", panels(table, about), strict=True):
        panel_label(ax, letter, about, panel.title)
        draw_panel(ax, panel)
    panel_control(axes[0, 0], table, bounds(about, "N2", "largest_ratio"))
    for ax in axes[1]:
        ax.set_xlabel(r"stepsize $g = \gamma_0\,\mathrm{tr}(H)$")
    axes[0, 0].set_ylabel("exact value over term")
    axes[1, 0].set_ylabel("exact value over term")
    if not table.empty:
        for ax in axes.flat:
            upright(ax, table["theorem_stepsize"].min(), "theorem, E16" if ax is axes[0, 2] else "", height=0.22)
    plain_ticks(axes[1, 2], "y", [0.1, 0.2, 0.5, 1, 2, 5])
    legend_below(fig, axes[0, 0], n_columns=3)
    return fig


def panels(table: pd.DataFrame, about: About) -> list[Panel]:
    """The ratios that are judged, with the range of their axis and their bounds."""
    geometric, polynomial = (select(table, schedule=schedule) for schedule in ("geometric", "polynomial"))
    variance = (bounds(about, "C2", "smallest_ratio")[0], bounds(about, "C2", "largest_ratio")[1])
    bias, lower, upper = geometric["scaled_bias"], geometric["bias_lower_decay"], geometric["bias_upper_decay"]
    bound = upper + ALPHA * np.log(geometric["n_train"]) * geometric["bias_upper_tail"]
    return [
        Panel(
            "variance / $D$",
            _with(geometric, geometric["scaled_variance"] / geometric["effective_dimension"]),
            (1e-4, 9),
            variance,
            log=True,
        ),
        Panel(
            "variance / $D_{\\mathrm{poly}}$",
            _with(polynomial, polynomial["scaled_variance"] / polynomial["effective_dimension"]),
            (0.05, 9),
            bounds(about, "C13", "smallest_ratio"),
            log=True,
        ),
        Panel("geo / poly bound", comparison(table).rename(columns={"share": "ratio"}), (0, 1.2), bounds(about, "C18", "all_stepsizes")),
        Panel("bias / upper bound", _with(geometric, bias / bound), (0, 1.2), bounds(about, "C19", "largest_ratio")),
        Panel("bias / lower term 1", _with(geometric, bias / lower), (0.5, 1e4), bounds(about, "C4", "smallest_ratio"), log=True),
        Panel("close-up of e", _with(geometric, bias / lower), (0.995, 1.03), bounds(about, "C4", "smallest_ratio")),
        Panel(
            "rest / lower term 2",
            _with(geometric, (bias - lower) / geometric["bias_lower_tail"]),
            (0.1, 5),
            bounds(about, "C4b", "lower_constant"),
            log=True,
        ),
        Panel(
            "rest / upper term 3",
            _with(geometric, (bias - upper) / geometric["bias_upper_tail"]),
            (-0.03, 0.02),
            bounds(about, "C4b", "upper_constant"),
        ),
    ]


def _with(rows: pd.DataFrame, ratio: pd.Series) -> pd.DataFrame:
    return rows.assign(ratio=ratio)


def extremes(rows: pd.DataFrame) -> Iterator[tuple[dict[str, Any], pd.Series]]:
    """Colour by spectrum and whether the stepsize is held first; smallest and largest over all else, which claims judge, by stepsize."""
    for (spectrum, tail), case in rows.groupby(["spectrum", rows["constant_steps"] > 0], sort=False):
        by_stepsize = case.groupby("relative_stepsize")["ratio"]
        for edge in (by_stepsize.min(), by_stepsize.max()):
            yield {"color": COLORS[COLOR[spectrum, tail]]}, edge


def draw_panel(ax: Axes, panel: Panel) -> None:
    """Smallest and largest values of a ratio, and the bounds of its claim."""
    ax.set(xscale="log", yscale="log" if panel.log else "linear")
    if panel.rows.empty:
        return empty(ax)
    for line, edge in extremes(panel.rows):
        theory(ax, edge.index, edge, **line)
    for (spectrum, tail), color in COLOR.items():
        theory(ax, [], [], color=COLORS[color], label=f"{SPECTRUM_LABELS[spectrum]}, $s = {'N/2' if tail else '0'}$")
    ax.set_ylim(*panel.span)
    band(ax, *panel.limits)
    return None


def panel_control(ax: Axes, table: pd.DataFrame, limits: Limits) -> None:
    """Variance over d/K in place of D, at the judged sample size; its bound holds at the largest stepsize."""
    rows = select(table, schedule="geometric", constant_steps=0)
    rows = rows[(rows["n_train"] == min(CONTROL_SIZE, rows["n_train"].max())) & (rows["dim"] == rows["dim"].min())]
    control(ax, rows["relative_stepsize"], rows["scaled_variance"] / rows["dimension_bound"], label="$d/K$ in place of $D$ (control)")
    if len(rows):
        largest = rows["relative_stepsize"].max()
        band_between(ax, largest / 1.2, largest * 1.2, limits, label=None)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
