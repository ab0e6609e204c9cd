"""Pieces that the figures of this paper share [lee_deepnarrow]."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from repro.figures import COLORS, legend_below
from repro.frames import select

Tables = Mapping[str, pd.DataFrame]

DEPTH_LABEL = "depth $L$ (hidden layers)"
SCALE_LABEL = "scale $C_L$"
ANGLE_LABEL = r"angle $\gamma$ (rad)"

_DEPTHS = {30: "green", 100: "blue", 400: "red", 1000: "orange", 4000: "red", 10000: "red", 12000: "red"}
CONTROL_COLOR = COLORS["brown"]


def finish(fig: Figure) -> Figure:
    """The figure with its legend, and with no labels at the minor ticks of logarithmic axes, which would overlap on short ones."""
    for ax in fig.axes:
        for axis in (ax.xaxis, ax.yaxis):
            if axis.get_scale() == "log":
                axis.set_minor_formatter(NullFormatter())
    legend_below(fig, *fig.axes, n_columns=3)
    return fig


def depth_color(depth: int) -> str:
    """Colour of the networks of one depth, the same in all figures."""
    return COLORS[_DEPTHS.get(depth, "purple")]


def shown_settings(drift: pd.DataFrame) -> list[tuple[int, float]]:
    """Depth and scale of the shallowest and the deepest network, each at the scale that most depths share, else at its largest."""
    depths_of = drift.groupby("scale")["depth"].nunique()
    found = []
    for depth in sorted({drift["depth"].min(), drift["depth"].max()}):
        scales = select(drift, depth=int(depth))["scale"].unique()
        found.append((int(depth), float(max(scales, key=lambda scale: (depths_of[scale], scale)))))
    return found


def unscaled(drift: pd.DataFrame) -> tuple[int, float] | None:
    """Depth and scale of the control without a large scale, if there is one."""
    found = select(drift, scale=1.0)
    return (int(found["depth"].iloc[0]), 1.0) if len(found) else None


def trials(ax: Axes, table: pd.DataFrame, x: str, y: str, **style: Any) -> None:
    """One thin line a seed, as the paper draws its trials; the label stands once."""
    label = style.pop("label", None)
    for at, (_, one) in enumerate(table.groupby("seed")):
        ax.plot(one[x], one[y], label=label if at == 0 else None, **{"linewidth": 0.7, "alpha": 0.75} | style)
