"""Encoders of paired images after joint training and after training alone [huang_modality]."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, legend_below, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from repro.panels import Limits, band_at, categories, padded
from scripts.huang_modality import measures
from scripts.huang_modality.figures.drawing import ALONE, JOINT, MODALITY_COLORS, TEST_ERROR, Tables, dots

JUDGED = 2000  # training pairs
PREDICTORS = {"own": "own logits", "probe": "linear probe", "sum": "summed logits"}
DATASETS = {
    "mnist": ("MNIST", MODALITY_COLORS[1]),
    "fashion_mnist": ("Fashion-MNIST", MODALITY_COLORS[2]),
    "both": ("sum", COLORS["brown"]),
}


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(2, 3, height=4.6)
    errors = select(tables["encoder_errors"], split="test")
    sizes = sorted(errors["n_train"].unique())
    shown = JUDGED if JUDGED in sizes or not sizes else sizes[-1]
    gaps = measures.image_gaps(errors)
    for column, (predictor, title) in enumerate(PREDICTORS.items()):
        panel_label(axes[0, column], "abc"[column], about, title)
        panel_errors(axes[0, column], select(errors, predictor=predictor, n_train=shown))
        panel_label(axes[1, column], "def"[column], about, f"{title}, gap")
        panel_gaps(axes[1, column], select(gaps, predictor=predictor), sizes, bounds(about, "C9", f"{predictor}_gap"))
    legend_below(fig, *axes.flat, n_columns=6)
    return fig


def panel_errors(ax: Axes, errors: pd.DataFrame) -> None:
    """Mean test error after both trainings, by dataset."""
    names = [name for name in DATASETS if name in set(errors["dataset"])]
    for shift, training, color, label in ((-0.12, "joint", JOINT, "jointly"), (0.12, "uni", ALONE, "alone")):
        found = [measures.mean(select(errors, training=training, dataset=name)["error"]) for name in names]
        dots(ax, [place + shift for place in range(len(names))], found, color, label=label)
    ax.set_ylim(0, 1.15 * max(ax.get_ylim()[1], 0.01))
    ax.set_ylabel(TEST_ERROR)
    categories(ax, [DATASETS[name][0] for name in names])


def panel_gaps(ax: Axes, gaps: pd.DataFrame, sizes: list[int], limits: Limits) -> None:
    """Error after joint training minus that after training alone, by the number of pairs."""
    of_case = gaps.groupby(["n_train", "dataset"])["gap"].agg(["mean", "sem"])
    ends = [*(of_case["mean"] - 2 * of_case["sem"].fillna(0)), *(of_case["mean"] + 2 * of_case["sem"].fillna(0)), 0.0]
    ax.set(ylim=padded([*ends, *limits]), ylabel="jointly minus alone")
    if JUDGED in sizes:
        band_at(ax, sizes.index(JUDGED), limits)
    present = [name for name in DATASETS if name in set(gaps["dataset"])]
    for at, name in enumerate(present):
        label, color = DATASETS[name]
        found = [measures.mean(select(gaps, n_train=size, dataset=name)["gap"]) for size in sizes]
        places = [place + 0.2 * (at - (len(present) - 1) / 2) for place in range(len(sizes))]
        dots(ax, places, found, color, label=label)
    categories(ax, [str(size) for size in sizes])
    ax.set_xlabel("training pairs")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
