"""Where the race ends: exclusive classes and errors against the size of the initialisation [huang_modality, E7]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.claims import Measured, MissingRows
from repro.figures import About, bounds, legend_below, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from repro.panels import band_at, categories, log_decimals
from scripts.huang_modality import measures
from scripts.huang_modality.figures.drawing import ALONE, ENSEMBLE, JOINT, TEST_ERROR, Tables, dots

LARGEST = "init_0.1"


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(1, 3, height=2.7)
    sizes = starts(tables["class_winners"])
    panel_label(axes[0, 0], "a", about, "exclusive classes")
    panel_exclusive(axes[0, 0], tables, sizes, about)
    panel_label(axes[0, 1], "b", about, TEST_ERROR)
    panel_errors(axes[0, 1], tables, sizes)
    panel_label(axes[0, 2], "c", about, "joint minus better alone")
    panel_gap(axes[0, 2], tables, sizes, about)
    for ax in axes.flat:
        categories(ax, [f"{size:g}" for size in sizes.values()])
        ax.set_xlabel(r"initial standard deviation $\sigma_0$")
    legend_below(fig, *axes.flat, n_columns=5)
    return fig


def starts(winners: pd.DataFrame) -> dict[str, float]:
    """Setting base and those that differ from it in the initialisation → its size, in ascending order."""
    varied = winners[(winners["setting"] == "base") | winners["setting"].str.startswith("init_")]
    return dict(sorted(varied.groupby("setting")["init_std"].first().items(), key=lambda item: item[1]))


def panel_exclusive(ax: Axes, tables: Tables, sizes: dict[str, float], about: About) -> None:
    """Share of exclusive classes after both trainings."""
    ax.set(ylim=(-0.05, 1.05), ylabel="share of classes")
    if LARGEST in sizes:
        band_at(ax, list(sizes).index(LARGEST), bounds(about, "N1", "exclusive_share"))
    for shift, training, color, label in ((-0.1, "joint", JOINT, "jointly"), (0.1, "uni", ALONE, "alone")):
        found = [measures.share(select(tables["class_winners"], setting=setting, training=training)["is_exclusive"]) for setting in sizes]
        dots(ax, np.arange(len(sizes)) + shift, found, color, label=label)


def panel_errors(ax: Axes, tables: Tables, sizes: dict[str, float]) -> None:
    """Mean test errors over valid seeds."""
    cases = ((-0.1, "joint", JOINT, None), (0.0, "alone", ALONE, None), (0.1, "ensemble", ENSEMBLE, "ensemble"))
    for shift, predictor, color, label in cases:
        dots(ax, np.arange(len(sizes)) + shift, [_error(tables, setting, predictor) for setting in sizes], color, label=label)
    ax.set_ylabel(TEST_ERROR)
    log_decimals(ax)


def _error(tables: Tables, setting: str, predictor: str) -> Measured:
    try:
        errors = measures.valid_errors(tables, setting, "joint", "uni1", "uni2", "ensemble")
        return measures.mean(errors[measures.better_alone(errors) if predictor == "alone" else predictor])
    except MissingRows:
        return Measured(np.nan)


def panel_gap(ax: Axes, tables: Tables, sizes: dict[str, float], about: About) -> None:
    """Error of the joint network minus that of the better encoder alone."""
    found = []
    for setting in sizes:
        try:
            found.append(measures.joint_minus_best(tables, setting))
        except MissingRows:
            found.append(Measured(np.nan))
    ends = np.array([value.value + sign * 2 * (value.std_error or 0) for value in found for sign in (-1, 1)])
    reach = 1.2 * np.max(np.abs(ends[np.isfinite(ends)]), initial=0.01)
    ax.set(ylim=(-reach, reach), ylabel="difference of\ntest errors")
    if LARGEST in sizes:
        band_at(ax, list(sizes).index(LARGEST), bounds(about, "N1", "joint_minus_best"))
    dots(ax, range(len(sizes)), found, JOINT)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
