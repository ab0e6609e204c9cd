"""Pieces of panels that papers share: bounds at places of an axis, named places, judged values, panels in uneven rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from repro.claims import Measured, MissingRows, Tables, compared
from repro.figures import BAND, COLORS, CONTROL, TEXT_GREY, About, Values, bounds, new_figure, plain_ticks, simulated, theory

Limits = tuple[float | None, float | None]
"""Lower and upper bound, None where there is none."""
Judged = Mapping[tuple[str, str], Measured]
"""Claim and part → what was measured."""
Entry = tuple[str, str, str]
"""Claim, part, and its name in a strip."""

BOUNDS = "bounds of the claim"


def band_between(ax: Axes, first: float, last: float, limits: Limits, *, along: str = "y", label: str | None = BOUNDS) -> None:
    """The bounds of a claim from one value of an axis to another; they lie `along` the other one.

    Set the limits of the axis `along` first: they stay as they are, and open sides end there. Nothing where neither bound is known; a
    thick line where both are the same number.
    """
    if limits == (None, None):
        return
    ends = ax.get_ylim() if along == "y" else ax.get_xlim()
    low, high = min(ends), max(ends)
    lower, upper = low if limits[0] is None else max(low, limits[0]), high if limits[1] is None else min(high, limits[1])
    (left, right), (bottom, top) = ((first, last), (lower, upper)) if along == "y" else ((lower, upper), (first, last))
    style = BAND | {"linewidth": 4.0} if lower == upper else BAND
    ax.add_patch(Rectangle((left, bottom), right - left, top - bottom, label=label, **style))
    (ax.set_ylim if along == "y" else ax.set_xlim)(ends)
    ax.autoscale_view()


def band_at(ax: Axes, places: Values, limits: Limits, *, half: float = 0.35, along: str = "y", label: str | None = BOUNDS) -> None:
    """The bounds of a claim at one or several places of an axis, so much to either side; else as `band_between`."""
    for place in np.ravel(places):
        band_between(ax, float(place) - half, float(place) + half, limits, along=along, label=label)


def explain_bounds(ax: Axes) -> None:
    """Entry of the legend for the bounds of a claim."""
    ax.fill_between([], [], label=BOUNDS, **BAND)


def explain(ax: Axes, label: str, role: Callable[..., None] = simulated, **style: Any) -> None:
    """Entry of the legend for a role, or a marker that tells cases apart, in the grey of no case."""
    role(ax, [], [], color=TEXT_GREY, label=label, **style)


def categories(ax: Axes, labels: Sequence[str], axis: Literal["x", "y"] = "x") -> None:
    """Places 0, 1, … of an axis with names and no lines through them; on the y axis the first is the uppermost."""
    low, high = -0.6, max(len(labels), 1) - 0.4
    if axis == "x":
        ax.set_xticks(range(len(labels)), labels)
        ax.set_xlim(low, high)
    else:
        ax.set_yticks(range(len(labels)), labels)
        ax.set_ylim(high, low)
    ax.grid(visible=False, axis=axis)


def abreast(place: float, n: int, width: float = 0.7) -> npt.NDArray[np.float64]:
    """Places of n markers side by side around one place."""
    return place + width * ((np.arange(n) + 0.5) / max(n, 1) - 0.5)


def dashes(ax: Axes, x: Values, y: Values, half: float, **style: Any) -> None:
    """Single numbers of the theory: short lines, so much to either side of their places."""
    places, heights = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    gap = np.full(len(places), np.nan)
    ends = np.stack([places - half, places + half, gap], axis=1).ravel()
    theory(ax, ends, np.stack([heights, heights, gap], axis=1).ravel(), **{"linewidth": 1.6} | style)


def measured(claims: ModuleType, tables: Tables, *names: str) -> dict[tuple[str, str], Measured]:
    """What the functions of a paper's claims measure, of the claims with these names; those that cannot be measured are left out."""
    found: dict[tuple[str, str], Measured] = {}
    for name in names:
        try:
            parts = getattr(claims, name.lower())(tables)
        except (MissingRows, ValueError):  # no rows, or one of them is not a number: the scorecard says which
            continue
        found |= {(name, part): value for part, value in parts.items()}
    return found


def strip(ax: Axes, about: About, values: Judged, entries: Iterable[Entry], label: str, *, log: bool = False) -> None:
    """One row a judged part, the first uppermost: what its bounds bound, with two standard errors, before the bounds.

    Negative controls are grey crosses.

    Parameters
    ----------
    values : as `measured` gives them. A part that is missing leaves its row empty; an infinite value stands at the end of the axis.
    entries : claim, part and name of every row.
    label : of the horizontal axis.
    """
    entries = list(entries)
    limits = [bounds(about, claim, part) for claim, part, _ in entries]
    found, errors = np.array([_compared(about, values, claim, part) for claim, part, _ in entries]).T
    reach = np.nan_to_num(errors)
    ends = (padded_log if log else padded)([*(found - reach), *(found + reach), *(edge for pair in limits for edge in pair)])
    ax.set(xscale="log" if log else "linear", xlim=ends, xlabel=label)
    categories(ax, [name for *_, name in entries], axis="y")
    for row, pair in enumerate(limits):
        band_at(ax, row, pair, along="x")
    is_control = np.array([about["claims"][claim][part]["role"] == "negative_control" for claim, part, _ in entries])
    roles = ((~is_control, {"color": COLORS["black"], "label": "measured"}), (is_control, CONTROL | {"label": "measured (control)"}))
    for chosen, style in roles:
        if chosen.any():
            xerr = None if np.isnan(errors[chosen]).all() else errors[chosen]
            simulated(ax, np.clip(found, *ends)[chosen], np.flatnonzero(chosen), xerr=xerr, clip_on=False, **style)


def _compared(about: About, values: Judged, claim: str, part: str) -> tuple[float, float]:
    """What the bounds of a part bound, and two of its standard errors; not a number where they are not known."""
    found, compare = values.get((claim, part), Measured(np.nan)), about["claims"][claim][part]["compare"]
    error = np.nan if found.std_error is None else 2 * found.std_error
    return compared(found, compare), error / abs(found.predicted) if compare == "ratio" and found.predicted else error


def rows_of_panels(counts: Sequence[int], *, height: float, ratios: Sequence[float] | None = None) -> tuple[Figure, list[list[Axes]]]:
    """Figure of full width with so many panels in every row, and the rows' relative heights; labels of one row do not push another."""
    fig, axes = new_figure(height=height)
    axes[0, 0].remove()
    outer = fig.add_gridspec(len(counts), 1, height_ratios=ratios)
    inner = [outer[row].subgridspec(1, n) for row, n in enumerate(counts)]
    return fig, [[fig.add_subplot(row[at]) for at in range(n)] for row, n in zip(inner, counts, strict=True)]


def merge(fig: Figure, axes: npt.NDArray[Any], row: int, columns: slice) -> Axes:
    """One panel in place of several of a row."""
    grid = axes[row, 0].get_gridspec()
    for ax in axes[row, columns]:
        ax.remove()
    return fig.add_subplot(grid[row, columns])


def padded(values: Iterable[float | None], margin: float = 0.15) -> tuple[float, float]:
    """Limits of an axis around values, with a share of their range as margin; None and what is not finite are left out."""
    known = _known(values)
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    pad = margin * (high - low) or 0.5 * abs(high) or 1.0
    return low - pad, high + pad


def padded_log(values: Iterable[float | None], factor: float = 2.5) -> tuple[float, float]:
    """Limits of a logarithmic axis around values, a factor beyond them; None and what is not finite and positive are left out."""
    known = _known(values)
    known = known[known > 0]
    return (float(known.min()) / factor, float(known.max()) * factor) if known.size else (0.1, 10.0)


def _known(values: Iterable[float | None]) -> npt.NDArray[np.float64]:
    found = np.array([value for value in values if value is not None], dtype=float)
    return found[np.isfinite(found)]


def log_decimals(ax: Axes, axis: str = "y") -> None:
    """Logarithmic axis with plain decimals at its ticks, as many as stand apart; powers of ten where it spans two decades or more.

    Draw or set the limits first.
    """
    (ax.set_xscale if axis == "x" else ax.set_yscale)("log")
    low, high = sorted(ax.get_xlim() if axis == "x" else ax.get_ylim())
    if not 0 < low < high < 100 * low:  # also where nothing is drawn and the axis keeps its linear limits
        return
    if high < 5 * low:
        ticks = np.asarray(MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high))
    else:
        steps = (1, 3) if high > 30 * low else (1, 2, 5) if high > 10 * low else (1, 2, 3, 5)
        ticks = np.outer(10.0 ** np.arange(np.floor(np.log10(low)), np.log10(high) + 1), steps).ravel()
    plain_ticks(ax, axis, ticks[(ticks >= low) & (ticks <= high)])


def thinned(table: pd.DataFrame, most: int, by: str = "step") -> pd.DataFrame:
    """Rows at no more than so many values of a column, spread evenly, the first and the last among them."""
    steps = np.unique(table[by])
    chosen = np.linspace(0, len(steps) - 1, min(most, len(steps))).round().astype(int)
    return table[table[by].isin(steps[chosen])]
