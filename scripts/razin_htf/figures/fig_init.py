"""What the scale of the start does to recovery and rank [razin_htf, E3, E4, E9, E10]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from repro.figures import BAND, COLORS, About, bounds, empty, legend_below, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import rows_of_panels
from scripts.razin_htf.figures.drawing import Judged, Tables, strip

MODELS = {"mf": ("matrix factorisation", COLORS["blue"]), "tf": ("tensor factorisation", COLORS["red"])}
START_LABEL = "scale of the start $s$"
RATIOS = [Judged("C8_init", "mf_ratio", "matrix"), Judged("C8_init", "tf_ratio", "CP")]
COUNTS = [Judged("C4n_large_init", "root_count", "root norms"), Judged("C5n_large_init", "matricisation_count", "modes 1, 2")]
FITTED = [Judged("C8_init", "fitted", "$s$ largest")]


def draw(tables: Tables, about: About) -> Figure:
    fig, (scales, strips) = rows_of_panels([4, 3], height=4.4, ratios=[1.25, 0.7])
    fits = tables["fits"]
    for ax, letter, model in zip(scales, "ab", MODELS, strict=False):
        panel_label(ax, letter, about, MODELS[model][0].split()[0] + ", at the first fit")
        panel_scale(ax, fits, model, "fit_reconstruction_error")
        ax.set(yscale="log", ylabel="reconstruction error")
        _window(ax, select(fits, model=model), bounds(about, "C3_recover", f"{model}_error"))
    panel_label(scales[2], "c", about, "matrix, at the end")
    panel_scale(scales[2], fits, "mf", "effective_rank")
    scales[2].set(ylabel="effective rank", ylim=(0, None))
    panel_label(scales[3], "d", about, "at the end")
    for model in MODELS:
        panel_scale(scales[3], fits, model, "tail_ratio")
    scales[3].set(yscale="log", ylabel="sixth over fifth")
    panel_label(strips[0], "e", about, "error, large over small")
    strip(strips[0], about, tables, RATIOS, scale="log")
    strips[0].set_xlabel("ratio")
    panel_label(strips[1], "f", about, "fit the observed")
    strip(strips[1], about, tables, FITTED)
    strips[1].set(xlabel="share of trainings", xlim=(-0.1, 1.1))
    panel_label(strips[2], "g", about, "hierarchical, large start")
    strip(strips[2], about, tables, COUNTS)
    strips[2].set_xlabel("number (10: or more)")
    legend_below(fig, *fig.axes, n_columns=4)
    return fig


def panel_scale(ax: Axes, fits: pd.DataFrame, model: str, column: str) -> None:
    """One marker a training over the scale of its start."""
    found = select(fits, model=model)
    if found[column].dropna().empty:
        empty(ax)
        ax.set(xlabel=START_LABEL)
        return
    label, color = MODELS[model]
    simulated(ax, found["init_std"], found[column].to_numpy(dtype=float, na_value=np.nan), color=color, label=label)
    ax.set(xscale="log", xlabel=START_LABEL, xlim=(found["init_std"].min() / 2.5, found["init_std"].max() * 2.5))


def _window(ax: Axes, fits: pd.DataFrame, limits: tuple[float | None, float | None]) -> None:
    """The bound on the smallest start."""
    if fits["fit_reconstruction_error"].dropna().empty:
        return
    low, high = ax.get_ylim()
    upper = high if limits[1] is None else limits[1]
    ax.set_ylim(low / 2, max(high, 2 * upper))
    at = fits["init_std"].min()
    ax.add_patch(Rectangle((at / 1.6, low / 2), at * (1.6 - 1 / 1.6), upper - low / 2, label="bounds of the claim", **BAND))


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
