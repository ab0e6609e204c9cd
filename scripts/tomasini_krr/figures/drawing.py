"""Pieces that the figures of this paper share [tomasini_krr]."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from repro.figures import COLORS, GUIDE, TEXT_GREY, About, bounds, guide, simulated, theory
from repro.frames import select
from repro.panels import abreast, band_at, categories, explain

Tables = Mapping[str, pd.DataFrame]

CHI_COLORS = {0.0: COLORS["blue"], 1.0: COLORS["red"], 2.0: COLORS["purple"], 3.0: COLORS["green"]}
DIM_MARKERS = {2: "o", 3: "s", 5: "^", 10: "D"}
SIZE_COLORS = [COLORS["orange"], COLORS["sky"], COLORS["brown"], COLORS["black"]]  # training-set sizes, smallest first
BLACK = COLORS["black"]

ERROR = r"test error $\epsilon_t$"
RATIO = r"ratio $\epsilon_t / \epsilon_B$"
SIZE = "training points $P$"
SCALED_RIDGE = "scaled ridge $u$"
REPLICA: dict[str, Any] = {"linestyle": "--"}
"""Replica theory where it is drawn beside another law: dashed."""


class Value(NamedTuple):
    """One judged number with its standard error and look."""

    value: float
    std_error: float = np.nan
    color: str = BLACK
    marker: str = "o"


class Column(NamedTuple):
    """All numbers that one part of a claim judges, under one label."""

    label: str
    claim: str
    part: str
    numbers: Sequence[Value]


def chi_label(chi: float) -> str:
    return rf"$\chi = {chi:g}$"


def pair_label(dim: int, chi: float) -> str:
    return rf"$d = {dim}$, $\chi = {chi:g}$"


def power_of_ten(value: float) -> str:
    """A number as TeX: a power of ten where it is a small or large one."""
    exponent = np.log10(value) if value > 0 else np.nan
    return f"10^{{{exponent:.0f}}}" if abs(exponent - round(exponent)) < 1e-6 and abs(exponent) > 2 else f"{value:g}"


def chi_color(chi: float) -> str:
    """Colour of a depletion exponent; grey for one that the presets do not have."""
    return CHI_COLORS.get(float(chi), TEXT_GREY)


def judged(ax: Axes, about: About, columns: Sequence[Column]) -> None:
    """Judged numbers, one column a part, each within the bounds of its part; set scale and limits of the y axis first."""
    for place, column in enumerate(columns):
        band_at(ax, place, bounds(about, column.claim, column.part))
        x = abreast(place, len(column.numbers))
        for color, marker in dict.fromkeys((value.color, value.marker) for value in column.numbers):
            alike = [at for at, value in enumerate(column.numbers) if (value.color, value.marker) == (color, marker)]
            heights, errors = np.array([column.numbers[at][:2] for at in alike]).T
            simulated(ax, x[alike], heights, errors, color=color, marker=marker)
    categories(ax, [column.label for column in columns])


def by_chi(found: pd.DataFrame, column: str, std_error: str | None = None) -> list[Value]:
    """One value a row, in the colour of its depletion exponent and, where there is one, with the marker of its dimension."""
    errors = found[std_error] if std_error else [np.nan] * len(found)
    dims = found["dim"] if "dim" in found else [0] * len(found)
    together = zip(found[column], errors, found["depletion_exponent"], dims, strict=True)
    return [Value(float(value), float(error), chi_color(chi), DIM_MARKERS.get(dim, "o")) for value, error, chi, dim in together]


def panel_ratios(ax: Axes, ratios: pd.DataFrame, x: str) -> None:
    """Ratio of error to replica prediction against `x`, one colour a training-set size; a guide where they are equal."""
    for color, (n_train, found) in zip(SIZE_COLORS, ratios.groupby("n_train"), strict=False):
        simulated(ax, found[x], found["ratio"], found["std_error"], color=color, label=f"$P = {n_train}$")
    ax.set(xscale="log", yscale="log", ylabel=RATIO)


def guide_at_one(ax: Axes) -> None:
    """Where error and prediction are equal; set the limits of the x axis first."""
    low, high = ax.get_xlim()
    guide(ax, [low, high], [1, 1])
    ax.set_xlim(low, high)


def spaced(sizes: Iterable[int]) -> list[int]:
    """Sizes that are far enough apart on a logarithmic axis for their ticks."""
    chosen: list[int] = []
    for size in sorted(set(sizes)):
        if not chosen or size >= 3 * chosen[-1]:
            chosen.append(size)
    return chosen


def through(x: Iterable[float], y: Iterable[float], slope: float, n_points: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Points of a power law of this slope through the middle of others, over their range."""
    known, heights = np.asarray(list(x), dtype=float), np.asarray(list(y), dtype=float)
    grid = np.geomspace(known.min(), known.max(), n_points)
    return grid, np.exp(np.log(heights).mean() + slope * (np.log(grid) - np.log(known).mean()))


def explain_cases(ax: Axes, exponents: Iterable[float]) -> None:
    """Entries of the legend for the depletion exponents."""
    for chi in sorted({float(chi) for chi in exponents}):
        simulated(ax, [], [], color=chi_color(chi), label=chi_label(chi))


def explain_laws(ax: Axes) -> None:
    """Entries of the legend for the two laws, in the grey of no case."""
    explain(ax, "extremal points", theory)
    explain(ax, "replica", theory, **REPLICA)


def explain_dims(ax: Axes, dims: Iterable[int]) -> None:
    """Entries of the legend for the dimensions."""
    for dim in sorted(set(dims)):
        explain(ax, f"$d = {dim}$", marker=DIM_MARKERS.get(dim, "o"))


def of_pair(table: pd.DataFrame, dim: int, chi: float) -> pd.DataFrame:
    """Rows of one dimension and depletion exponent."""
    return select(table, dim=dim, depletion_exponent=chi)


def vertical(ax: Axes, places: Iterable[float], label: str) -> None:
    """Thin lines of dots and dashes at places of the x axis."""
    for place in places:
        ax.axvline(place, **GUIDE | {"linestyle": "-."}, label=label)
