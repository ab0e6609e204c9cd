"""Companion A: hyperbolic neurons and their horocycles [sonoda_ridgelet, E2]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from repro import texts
from repro.figures import COLORS, About, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from scripts.sonoda_ridgelet.figures.drawing import Tables, circle, disc_image


def draw(tables: Tables, about: About) -> Figure:
    values, circles = tables["neuron_values"], tables["horocycles"]
    panels = sorted(values["panel"].unique())
    fig, axes = new_figure(1, max(len(panels), 1), height=2.6)
    largest = max(np.abs(values["value"]).max(), 1.1)
    norm = SymLogNorm(linthresh=1, vmin=-largest, vmax=largest)
    for ax, letter, panel in zip(axes[0], "abcdefgh", panels, strict=False):
        image = panel_neuron(ax, select(values, panel=int(panel)), select(circles, panel=int(panel)), norm)
        scale, offset = select(values, panel=int(panel))[["scale", "offset"]].iloc[0]
        panel_label(ax, letter, about, f"$a$ = {texts.number(scale)}, $b$ = {texts.number(offset)}")
    bar = fig.colorbar(image, ax=list(axes[0]), location="bottom", shrink=0.5, aspect=40, label="value of the neuron")
    ticks = [tick for tick in (-5, -2, -1, 0, 1, 2, 5) if abs(tick) <= largest]
    bar.set_ticks(ticks, labels=[texts.number(tick) for tick in ticks])
    bar.ax.minorticks_off()
    return fig


def panel_neuron(ax: Axes, values: pd.DataFrame, circles: pd.DataFrame, norm: SymLogNorm) -> AxesImage:
    """One neuron, the horocycles of its normal, and the normal."""
    image = disc_image(ax, values, norm, 1.0)
    for row in circles.itertuples():
        circle(ax, row.centre_x, row.centre_y, row.radius, color=COLORS["black"], linewidth=0.7)
    angle = values["angle"].iloc[0]
    ax.plot(np.cos(angle), np.sin(angle), "o", color=COLORS["black"], markersize=4, clip_on=False)
    return image


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
