"""Colours and names of cases, the same in every figure [wu_last_iterate]."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullFormatter

from repro.figures import COLORS, GUIDE, TEXT_GREY

SPECTRUM_LABELS = {"power": r"$\lambda_i = i^{-2}$", "power_log": r"$\lambda_i = i^{-1}\ln^{-2}(i+1)$"}
TARGET_LABELS = {"flat": r"$w^*_i = 1$", "inverse": r"$w^*_i = i^{-1}$", "inverse_square": r"$w^*_i = i^{-2}$"}
INSTANCE_COLORS = {
    ("power", "flat"): COLORS["blue"],
    ("power", "inverse"): COLORS["red"],
    ("power", "inverse_square"): COLORS["green"],
    ("power_log", "flat"): COLORS["black"],
    ("power_log", "inverse"): COLORS["orange"],
    ("power_log", "inverse_square"): COLORS["purple"],
}

POLYNOMIAL_COLORS = {0.25: COLORS["pink"], 0.5: COLORS["orange"], 0.75: COLORS["brown"], 1.0: COLORS["red"]}
LINES = {
    ("geometric", False): {"label": "geometric, $s = 0$", "color": COLORS["blue"]},
    ("geometric", True): {"label": "geometric, $s = N/2$", "color": COLORS["purple"]},
    ("constant", False): {"label": "constant", "color": COLORS["black"]},
    ("iterate_average", False): {"label": "average of all", "color": COLORS["brown"]},
    ("tail_average", False): {"label": "tail average", "color": COLORS["green"]},
}


def curves(table: pd.DataFrame, x: str) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Split a table into its schedules: for each the keywords of a line (label, colour, style), and its rows in order of x.

    A tail variant holds the initial stepsize for half of the steps; that of polynomial decay is dashed.
    """
    keys = [table["schedule"], table["decay_exponent"].fillna(0.0), table["constant_steps"] > 0]
    for (schedule, exponent, tail), rows in table.groupby(keys, sort=False):
        yield _polynomial_line(exponent, tail) if schedule == "polynomial" else LINES[schedule, tail], rows.sort_values(x)


def _polynomial_line(exponent: float, tail: bool) -> dict[str, Any]:
    """Colour by exponent, dashed with s = N/2."""
    label = f"polynomial $a = {exponent:g}$, $s = {'N/2' if tail else '0'}$"
    return {"label": label, "color": POLYNOMIAL_COLORS.get(exponent, COLORS["grey"]), "linestyle": "--" if tail else "-"}


def instance_label(spectrum: str, target: str) -> str:
    """An instance in symbols."""
    return f"{SPECTRUM_LABELS[spectrum]}, {TARGET_LABELS[target]}"


def by_instance(values: pd.Series) -> Iterator[tuple[dict[str, Any], pd.Series]]:
    """Split values indexed by spectrum, target and n_train: for each instance colour and label, and the values by n_train."""
    for instance, color in INSTANCE_COLORS.items():
        found = values[[key[:2] == instance for key in values.index]]
        if len(found):
            yield {"color": color, "label": instance_label(*instance)}, found.droplevel([0, 1]).sort_index()


def sample_sizes(ax: Axes, sizes: Iterable[int], *, at_most: int = 6) -> None:
    """Logarithmic axis of sample sizes with a mark at each that was computed, and as many of them named as fit."""
    marks = np.unique(list(sizes))
    apart = (marks[-1] / marks[0]) ** (1 / at_most)
    named = [marks[-1]]
    for mark in marks[-2::-1]:
        if mark * apart <= named[-1] * 1.001:
            named.append(mark)
    ax.set_xscale("log")
    ax.set_xticks(named, [f"{n:d}" for n in named])
    ax.xaxis.set_minor_locator(FixedLocator(marks))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("samples $N$")


def upright(ax: Axes, at: float, text: str = "", height: float = 0.0) -> None:
    """Upright guide at a stepsize, named from a share of the axis upwards where no curve passes."""
    ax.axvline(at, **GUIDE)
    if text:
        place = {"xycoords": ax.get_xaxis_transform(), "textcoords": "offset points"}
        ax.annotate(text, (at, height), xytext=(2, 3), rotation=90, va="bottom", fontsize=7.5, color=TEXT_GREY, **place)
