"""Pieces that the figures of this paper share [brutzkus_patches]."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from repro.claims import Measured, MissingRows, Tables
from repro.figures import BAND, COLORS, About, bounds, control, empty, simulated
from repro.frames import select
from scripts.brutzkus_patches import measures

MODELS = {
    "hard": {"color": COLORS["blue"], "marker": "o", "label": "masks"},
    "full": {"color": COLORS["red"], "marker": "s", "label": "filters under masks"},
    "vanilla": {"color": COLORS["green"], "marker": "^", "label": "vanilla CNN"},
    "cnn": {"color": COLORS["green"], "marker": "^", "label": "CNN, end to end"},
    "cnn_layerwise": {"color": COLORS["purple"], "marker": "v", "label": "CNN, layer by layer"},
}
"""How a model looks in every figure."""

ACCURACY = "largest test\naccuracy"

N_SHOWN = 40
"""Points of a curve that are drawn at most."""


def over_seeds(table: pd.DataFrame, by: str | list[str], column: str = "accuracy") -> pd.DataFrame:
    """Mean over seeds and its standard error (null for one seed), and the number of seeds, by some columns."""
    return table.groupby(by, dropna=False)[column].agg(["mean", "sem", "size"])


def points(ax: Axes, x: Sequence[float] | pd.Index, summary: pd.DataFrame, style: Mapping[str, Any], **more: Any) -> None:
    """Means with two standard errors, where there are several seeds."""
    error = summary["sem"].fillna(0.0)
    simulated(ax, x, summary["mean"], error if error.any() else None, **{**style, **more})


def both_models(tables: Tables) -> pd.DataFrame:
    """Reported accuracies of masks and of trained filters in one table, with their model."""
    hard = measures.reported(tables["hard_accuracy"]).assign(model="hard")
    full = measures.reported(tables["filter_accuracy"]).assign(whitened=True)
    return pd.concat([hard, full], ignore_index=True)


def swept(tables: Tables, about: About, **setting: Any) -> tuple[str, pd.DataFrame]:
    """Model that a sweep is made with, masks at the small scales and filters at the published one, and its rows."""
    model = "full" if about["preset"]["base"] == "paper" else "hard"
    found = select(both_models(tables), model=model, dictionary="clustered", whitened=True, **setting)
    return model, found.assign(n_nearest=found["n_nearest"].astype(int))


def thin(values: Sequence[int]) -> list[int]:
    """At most N_SHOWN of ascending numbers, even on a logarithmic axis."""
    values = np.array(sorted(values))
    if len(values) <= N_SHOWN:
        return values.tolist()
    wanted = np.geomspace(values[0], values[-1], N_SHOWN)
    return sorted({int(values[np.abs(np.log(values / each)).argmin()]) for each in wanted})


def measured(function: Callable[[Tables], Mapping[str, Measured]], tables: Tables) -> Mapping[str, Measured]:
    """What a claim measures; nothing where its rows are missing."""
    try:
        return function(tables)
    except MissingRows:
        return {}


def band_at(ax: Axes, place: float, limits: tuple[float | None, float | None], *, along: str = "y", half: float = 0.3) -> None:
    """The bounds of a claim at one place of the other axis. Set the limits of the axis `along` which they lie first: they stay."""
    low, high = sorted(ax.get_ylim() if along == "y" else ax.get_xlim())
    lower, upper = (edge if edge is not None else end for edge, end in zip(limits, (low, high), strict=True))
    start, length = max(lower, low), max(min(upper, high) - max(lower, low), 0)
    if along == "y":
        ax.bar(place, length, 2 * half, start, label="bounds of the claim", **BAND)
        ax.set_ylim(low, high)
    else:
        ax.barh(place, length, 2 * half, start, label="bounds of the claim", **BAND)
        ax.set_xlim(low, high)


Part = tuple[str, str, str]
"""Claim, part, and its name on the axis."""


def judged(
    ax: Axes, about: About, values: Mapping[str, Mapping[str, Measured]], parts: Sequence[Part], *, controls: Sequence[str] = ()
) -> None:
    """Judged numbers one below the other, each over the bounds of its claim; parts that the run does not hold are left out.

    Parameters
    ----------
    values : claim → part → what was measured.
    controls : claims that are negative controls.
    """
    parts = [entry for entry in parts if values[entry[0]]]
    if not parts:
        empty(ax)
        return
    found = [values[claim][part] for claim, part, _ in parts]
    edges = [edge for claim, part, _ in parts for edge in bounds(about, claim, part) if edge is not None]
    ax.set_xlim(*padded([0.0, *edges, *(value.value for value in found)]))
    for place, ((claim, part, _), value) in enumerate(zip(parts, found, strict=True)):
        band_at(ax, place, bounds(about, claim, part), along="x")
        if claim in controls:
            control(ax, [value.value], [place], label="negative control")
        else:
            error = None if value.std_error is None else [2 * value.std_error]
            simulated(ax, [value.value], [place], xerr=error, color=COLORS["black"], label="gain")
    rows(ax, [name for *_, name in parts])
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.set_xlabel("difference of test accuracies")


def places(ax: Axes, names: Sequence[str]) -> None:
    """Places 0, 1, … of the horizontal axis with names, and no lines through them."""
    ax.set_xticks(range(len(names)), names)
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.grid(visible=False, axis="x")


def rows(ax: Axes, names: Sequence[str]) -> None:
    """Rows 0, 1, … from above with names, and no lines through them."""
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")


def padded(values: Sequence[float], margin: float = 0.12) -> tuple[float, float]:
    """Limits of an axis around the finite ones of some numbers."""
    known = [value for value in values if math.isfinite(value)]
    low, high = min(known), max(known)
    pad = margin * (high - low) or 0.1
    return low - pad, high + pad


def powers(ax: Axes, values: Sequence[float], label: str) -> None:
    """Logarithmic horizontal axis, to base 2, whose ticks are plain numbers: all values, or every second or third power."""
    values = sorted(set(values))
    ax.set_xscale("log", base=2)
    ticks = values if len(values) <= 8 else [2.0**power for power in range(1, 15, 2) if values[0] <= 2**power <= values[-1]]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set_xlim(values[0] / 1.4, values[-1] * 1.4)
    ax.set_xlabel(label)
