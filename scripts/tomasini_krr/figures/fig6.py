"""Replica prediction on images and on depleted toy data [tomasini_krr, E3, E7]."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro import texts
from repro.figures import COLORS, About, legend_below, new_figure, panel_label, plain_ticks, save, simulated
from repro.frames import select
from repro.job import job
from scripts.tomasini_krr.figures.drawing import RATIO, SIZE, Column, Tables, Value, chi_color, guide_at_one, judged, of_pair, spaced
from scripts.tomasini_krr.summaries import POOL_SIZES, TOY, pool_ratios

CASES = {
    "mnist": (texts.DATASETS["mnist"], COLORS["purple"], "o"),
    "fashion_mnist": (texts.DATASETS["fashion_mnist"], COLORS["orange"], "s"),
    "cifar10": (texts.DATASETS["cifar10"], COLORS["sky"], "^"),
    "toy": ("depleted toy", chi_color(TOY[1]), "D"),
}
SHIFTS = {"mnist": 0.8, "fashion_mnist": 0.93, "cifar10": 1.08, "toy": 1.25}  # of P, so that markers do not hide each other


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(2, 3, height=4.6)
    ratios = all_ratios(tables)
    ridges = sorted(ratios["ridge"].unique())
    for ax, letter, ridge in zip(axes[0], "abc", ridges, strict=False):
        panel_label(ax, letter, about, rf"$\lambda = {ridge:g}$")
        panel_cases(ax, select(ratios, ridge=float(ridge)))
    for ax in axes[0, 1:]:
        ax.set_ylabel("")
    panels_of_claims(axes[1], select(ratios, ridge=0.0, n_train=POOL_SIZES), about)
    legend_below(fig, axes[0, 0], axes[1, 0], n_columns=5)
    return fig


def all_ratios(tables: Tables) -> pd.DataFrame:
    """Ratios of the datasets, and of the toy as another one, at the ridges that were given themselves."""
    images = pool_ratios(tables["image_pool_errors"], ["dataset"])
    toy = of_pair(tables["toy_pool_errors"], *TOY)
    toy = pool_ratios(toy[toy["scaled_ridge"].isna()].drop(columns="scaled_ridge"), ["dim", "depletion_exponent"])
    return pd.concat([images, toy.assign(dataset="toy")], ignore_index=True)


def panel_cases(ax: Axes, ratios: pd.DataFrame) -> None:
    """Ratio against the size, one colour a case."""
    for name, (label, color, marker) in CASES.items():
        found = select(ratios, dataset=name)
        simulated(ax, found["n_train"] * SHIFTS[name], found["ratio"], found["std_error"], color=color, marker=marker, label=label)
    ax.set(xscale="log", yscale="log", ylim=(0.7, 5), xlabel=SIZE, ylabel=RATIO)
    plain_ticks(ax, "y", [1, 2, 4])
    plain_ticks(ax, "x", spaced(ratios["n_train"]))
    guide_at_one(ax)


def panels_of_claims(axes: list[Axes], ratios: pd.DataFrame, about: About) -> None:
    """Images against the toy at the largest size, the images' deviations, the toy's failure."""
    last, first = (select(ratios, n_train=n_train) for n_train in (POOL_SIZES[-1], POOL_SIZES[0]))
    toy, toy_first = select(last, dataset="toy"), select(first, dataset="toy")
    panel_label(axes[0], "d", about, f"images / toy, $P = {POOL_SIZES[-1]}$")
    axes[0].set(yscale="log", ylim=(1e-4, 10), ylabel=r"$|\ln$ ratio$|$ over the toy's")
    scale = np.abs(np.log(toy["ratio"].iloc[0])) if len(toy) else np.nan
    judged(axes[0], about, [Column("images", "T14", "images_to_toy", _values(last, lambda ratio: np.abs(np.log(ratio)) / scale))])
    panel_label(axes[1], "e", about, "images, $\\lambda = 0$")
    axes[1].set(ylim=(0, 0.2), ylabel=r"$|\epsilon_t / \epsilon_B - 1|$")
    judged(axes[1], about, [Column("images, all $P$", "T14b", "images", _values(ratios, lambda ratio: np.abs(ratio - 1)))])
    panel_label(axes[2], "f", about, "toy, $\\lambda = 0$")
    axes[2].set(ylim=(0, 5), ylabel="ratio, or its growth")
    look = {"color": CASES["toy"][1], "marker": CASES["toy"][2]}
    ratio = [Value(value, error, **look) for value, error in zip(toy["ratio"], toy["std_error"], strict=True)]
    growth = [Value(value / start, **look) for value, start in zip(toy["ratio"], toy_first["ratio"], strict=False)]
    judged(axes[2], about, [Column(f"$P = {POOL_SIZES[-1]}$", "T14c", "ratio_at_512", ratio), Column("growth", "T14c", "growth", growth)])


def _values(ratios: pd.DataFrame, measure: Callable[[float], float]) -> list[Value]:
    """A measure of the ratios on every dataset, one value a row."""
    found = ratios[ratios["dataset"] != "toy"]
    return [
        Value(float(measure(ratio)), color=CASES[name][1], marker=CASES[name][2])
        for name, ratio in zip(found["dataset"], found["ratio"], strict=True)
    ]


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
