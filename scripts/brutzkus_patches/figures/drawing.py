"""Pieces that the figures of this paper share [brutzkus_patches]."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from repro.claims import Tables
from repro.figures import COLORS, About, simulated
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


def powers(ax: Axes, values: Sequence[float], label: str) -> None:
    """Logarithmic horizontal axis, to base 2, whose ticks are plain numbers: all values, or every second or third power."""
    values = sorted(set(values))
    ax.set_xscale("log", base=2)
    ticks = values if len(values) <= 8 else [2.0**power for power in range(1, 15, 2) if values[0] <= 2**power <= values[-1]]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set_xlim(values[0] / 1.4, values[-1] * 1.4)
    ax.set_xlabel(label)
