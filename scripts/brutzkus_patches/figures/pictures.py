"""Two grids of filters side by side [brutzkus_patches]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, empty, new_figure, panel_label
from repro.frames import select

SIDE = 8
"""Filters along a side of a grid."""
STRETCH = (0.01, 0.99)
"""Shares of the values that have the darkest and the brightest colour; without it a few large ones leave the others grey."""


def draw_pair(filters: pd.DataFrame, about: About, kinds: Mapping[str, str]) -> Figure:
    """Two kinds of filter, with their titles; each grid has one scale of colours, stretched over most of its values."""
    fig, axes = new_figure(1, 2, height=3.7)
    for ax, letter, (kind, title) in zip(axes[0], "ab", kinds.items(), strict=True):
        panel_label(ax, letter, about, title)
        grid(ax, select(filters, filter_kind=kind))
    return fig


def grid(ax: Axes, table: pd.DataFrame) -> None:
    """Filters row by row by falling bottleneck norm, white lines between them."""
    ax.set_axis_off()
    if table.empty:
        empty(ax)
        return
    table = table.sort_values(["filter_index", "channel", "pixel_row", "pixel_column"])
    size = int(table["pixel_row"].max()) + 1
    values = table["value"].to_numpy().reshape(-1, 3, size, size).transpose(0, 2, 3, 1)
    low, high = np.quantile(values, STRETCH)
    scaled = np.clip((values - low) / ((high - low) or 1.0), 0, 1)
    n_rows = -(-len(scaled) // SIDE)
    mosaic = np.ones((n_rows * (size + 1) - 1, SIDE * (size + 1) - 1, 3))
    for at, picture in enumerate(scaled):
        row, column = (size + 1) * (at // SIDE), (size + 1) * (at % SIDE)
        mosaic[row : row + size, column : column + size] = picture
    ax.imshow(mosaic, interpolation="nearest")
