"""Companion B: ridgelet transform of three bumps [sonoda_ridgelet, E3, E7]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from repro.figures import COLORS, About, legend_below, new_figure, panel_label, save, theory
from repro.frames import select
from repro.job import job
from scripts.sonoda_ridgelet.figures.drawing import DIVERGING, Tables

RIDGE_COLORS = [COLORS[name] for name in ("black", "green", "purple", "brown")]


def draw(tables: Tables, about: About) -> Figure:
    values, slopes = tables["ridgelet_values"], tables["ridge_slopes"]
    angles = [float(angle) for angle in sorted(values["angle"].unique())]
    fig, axes = new_figure(1, len(angles), height=2.9, sharey=True)
    largest = np.abs(values["value"]).max()
    norm = Normalize(-largest, largest)
    for ax, letter, angle in zip(axes[0], "abcdefgh", angles, strict=False):
        image = panel_transform(ax, select(values, angle=angle), select(slopes, angle=angle), norm)
        panel_label(ax, letter, about, rf"arg $u$ = {angle:g} rad")
    axes[0, 0].set_ylabel("offset $b$")
    fig.colorbar(image, ax=list(axes[0]), label="$R(a, u, b)$", aspect=25)
    legend_below(fig, *axes[0], n_columns=3)
    return fig


def panel_transform(ax: Axes, values: pd.DataFrame, slopes: pd.DataFrame, norm: Normalize) -> AxesImage:
    """Image over scale and offset with the ridge of each bump."""
    grid = values.pivot_table(index="offset", columns="scale", values="value", dropna=False)
    scales, offsets = grid.columns.to_numpy(dtype=float), grid.index.to_numpy(dtype=float)
    edges = [*_edges(scales), *_edges(offsets)]
    image = ax.imshow(grid.to_numpy(dtype=float), origin="lower", extent=edges, aspect="auto", cmap=DIVERGING, norm=norm)
    line = np.linspace(*edges[:2], 201)
    for row in slopes.itertuples():
        theory(
            ax,
            line,
            row.slope * line,
            color=RIDGE_COLORS[row.centre % len(RIDGE_COLORS)],
            linewidth=0.9,
            label=f"ridge of bump {row.centre + 1}",
        )
    ax.set(xlim=edges[:2], ylim=edges[2:], xlabel="scale $a$")
    ax.grid(visible=False)
    return image


def _edges(places: np.ndarray) -> tuple[float, float]:
    half = (places[1] - places[0]) / 2 if len(places) > 1 else 0.5
    return float(places[0] - half), float(places[-1] + half)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
