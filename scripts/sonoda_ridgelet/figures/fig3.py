"""Companion C: target, finite networks and their differences on the disc [sonoda_ridgelet, E9]."""

import numpy as np
import pandas as pd
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from repro.figures import About, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from scripts.sonoda_ridgelet.figures.drawing import Tables, disc_image

RADIUS = np.tanh(1)  # of the geodesic ball of radius 2, in the disc


def draw(tables: Tables, about: About) -> Figure:
    table = tables["reconstruction"]
    target = select(table, method="theory")
    widths = [int(width) for width in sorted(table["width"].dropna().unique())]
    fig, axes = new_figure(2, len(widths) + 1, height=3.9 if len(widths) < 4 else 3.5)
    largest = np.abs(target["value"]).max() if len(target) else 1.0
    norm = Normalize(-largest, largest)
    letters = iter("abcdefghijkl")
    image = disc_image(axes[0, 0], target, norm, RADIUS) if len(target) else None
    panel_label(axes[0, 0], next(letters), about, "target $f$")
    networks = {width: select(table, method="simulation", width=width) for width in widths}
    for ax, width in zip(axes[0, 1:], widths, strict=True):
        image = disc_image(ax, networks[width], norm, RADIUS)
        panel_label(ax, next(letters), about, rf"$f_n$, $n$ = {width}")
    for ax, width in zip(axes[1, 1:], widths, strict=True):
        disc_image(ax, _difference(networks[width], target), norm, RADIUS)
        panel_label(ax, next(letters), about, rf"$f_n - f$, $n$ = {width}")
    axes[1, 0].set_axis_off()
    if image is not None:
        fig.colorbar(image, cax=axes[1, 0].inset_axes((0.08, 0.5, 0.84, 0.09)), orientation="horizontal", label="value", extend="both")
    return fig


def _difference(network: pd.DataFrame, target: pd.DataFrame) -> pd.DataFrame:
    """Network minus target at the points of both."""
    both = network.merge(target[["x", "y", "value"]], on=["x", "y"], how="left", suffixes=("", "_target"))
    return both.assign(value=both["value"] - both["value_target"])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
