"""Pieces that the figures of this paper share [sonoda_ridgelet]."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.image import AxesImage
from matplotlib.patches import Circle

from repro.figures import COLORS, theory
from repro.panels import Limits, band_at, categories

ACTIVATION_COLORS = {"tanh": COLORS["blue"], "gaussian": COLORS["green"], "relu": COLORS["purple"]}
NAMES = {"tanh": "tanh", "gaussian": "Gaussian", "relu": "ReLU"}
DIVERGING = "RdBu_r"

_SHORT = {"tanh": "tanh", "gaussian": "Gauss", "relu": "ReLU"}

Tables = Mapping[str, pd.DataFrame]


def case_name(activation: str, order: int) -> str:
    """A pair in words."""
    return f"{NAMES[activation]}, order {order}"


def case_tick(activation: str, order: int) -> str:
    """A pair as a tick label."""
    return f"{_SHORT[activation]}\n{order}"


def disc_image(ax: Axes, points: pd.DataFrame, norm: Normalize, radius: float) -> AxesImage:
    """Values at the points (x, y) of a square grid, and the circle of some radius around them."""
    grid = points.pivot_table(index="y", columns="x", values="value", dropna=False, sort=True)
    ends = [value for side in (grid.columns, grid.index) for value in _with_margin(side.to_numpy(dtype=float))]
    image = ax.imshow(grid.to_numpy(dtype=float), origin="lower", extent=ends, cmap=DIVERGING, norm=norm)
    image.set_clip_path(Circle((0, 0), radius, transform=ax.transData))
    circle(ax, 0, 0, radius, color=COLORS["black"], linewidth=0.8)
    ax.set(xlim=(-1.05 * radius, 1.05 * radius), ylim=(-1.05 * radius, 1.05 * radius), xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.grid(visible=False)
    return image


def _with_margin(places: np.ndarray) -> tuple[float, float]:
    half = (places[1] - places[0]) / 2 if len(places) > 1 else 0.5
    return places[0] - half, places[-1] + half


def circle(ax: Axes, x: float, y: float, radius: float, **style: object) -> None:
    """A circle as a line."""
    around = np.linspace(0, 2 * np.pi, 361)
    theory(ax, x + radius * np.cos(around), y + radius * np.sin(around), **style)


def columns(ax: Axes, limits: Sequence[Limits], ticks: Sequence[str]) -> None:
    """One column a tick, each with its own bounds; set scale and limits of the y axis first."""
    categories(ax, ticks)
    for place, pair in enumerate(limits):
        band_at(ax, place, pair, label=None)
