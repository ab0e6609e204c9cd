"""IsSameClass: test accuracy against the distance between two images, with and without the locality regulariser [razin_htf, E8]."""

from collections.abc import Iterable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, control, empty, guide, legend_below, panel_label, published, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import rows_of_panels
from scripts.razin_htf.figures.drawing import Judged, Tables, strip
from scripts.razin_htf.measures import final_accuracy

WEIGHT_COLORS = [COLORS["blue"], COLORS["red"], COLORS["orange"], COLORS["green"], COLORS["purple"]]
PUBLISHED = {"same_class_0": 0.0, "same_class_01": 0.1, "same_class_1": 1.0}
ACCURACIES = [Judged("C10_chance", "test_accuracy", "far, test"), Judged("C10_chance", "train_accuracy", "far, train")]
DIFFERENCES = [
    Judged("C9_locality", "drop", "drop, near to far"),
    Judged("C9_locality_size", "drop", "drop (guard)"),
    Judged("C11_reg_far", "gain", "gain, far"),
    Judged("C12_reg_near", "difference", "gain, near"),
    Judged("C14_reversed", "train_gap", "loss, negative $\\lambda$"),
]
REGULARISERS = [Judged("C13_reg_active", "ratio", "last / first"), Judged("C14_reversed", "regulariser", "negative $\\lambda$")]


def draw(tables: Tables, about: About) -> Figure:
    fig, (main, curves, strips) = rows_of_panels([2, 2, 3], height=6.6, ratios=[1.2, 1, 0.9])
    colors = weight_colors(tables["locality_curves"])
    panel_label(main[0], "a", about, "this run")
    panel_distance(main[0], tables["locality_curves"], colors)
    panel_label(main[1], "b", about, "published")
    panel_published(main[1], about, colors)
    shared = [min(ax.get_ylim()[0] for ax in main), max(ax.get_ylim()[1] for ax in main)]
    for ax in main:
        ax.set(ylim=shared, xlim=(-0.05, 1.05), ylabel="test accuracy")
    panel_label(curves[0], "c", about, "largest distance")
    panel_epochs(curves[0], tables["locality_curves"], colors)
    panel_label(curves[1], "d", about, "regulariser $R$")
    panel_regulariser(curves[1], tables["regulariser_curves"], colors)
    for ax, letter, title, entries, label in (
        (strips[0], "e", "no regulariser", ACCURACIES, "accuracy"),
        (strips[1], "f", "differences", DIFFERENCES, "difference of accuracies"),
        (strips[2], "g", "regulariser", REGULARISERS, "$R$, or ratio of $R$"),
    ):
        panel_label(ax, letter, about, title)
        strip(ax, about, tables, entries)
        ax.set_xlabel(label)
    legend_below(fig, *fig.axes, n_columns=4)
    return fig


def weight_colors(curves: pd.DataFrame) -> dict[float, str]:
    """Colour of every λ that is not negative: blue for 0, red for the largest; negative ones are controls and grey."""
    own = sorted({float(weight) for weight in curves["regulariser_weight"] if weight >= 0} | {0.0}, key=lambda each: (each > 0, -each))
    return dict(zip(own, WEIGHT_COLORS, strict=False))


def named(weight: float) -> str:
    """Label of a weight."""
    return f"$\\lambda = {weight:g}$" if weight >= 0 else "negative $\\lambda$"


def panel_distance(ax: Axes, curves: pd.DataFrame, colors: dict[float, str]) -> None:
    """Test accuracy over the last epochs, mean over seeds."""
    test = final_accuracy(select(curves, split="test"))
    summary = test.groupby(["regulariser_weight", "distance"])["accuracy"].agg(["mean", "sem"])
    largest = _largest(test["distance"])
    for weight, of_weight in summary.groupby("regulariser_weight"):
        found = of_weight.droplevel("regulariser_weight")
        if weight < 0:
            control(ax, found.index / largest, found["mean"], label=named(weight))
        else:
            simulated(
                ax, found.index / largest, found["mean"], found["sem"].fillna(0), color=colors[weight], label=f"{named(weight)} (± 2 s.e.)"
            )
    if len(summary):
        guide(ax, [0, 1], [0.5, 0.5], label="chance")
    ax.set_xlabel(_share_of(largest))


def panel_published(ax: Axes, about: About, colors: dict[float, str]) -> None:
    """Accuracies read off the authors' plot."""
    spare = [color for color in WEIGHT_COLORS if color not in colors.values()]
    largest = _largest([x for name in PUBLISHED for x, _ in about["published"][name]["points"]])
    for name, weight in PUBLISHED.items():
        points = about["published"][name]["points"]
        color = colors.get(weight) or spare.pop(0)
        published(ax, [x / largest for x, _ in points], [y for _, y in points], color=color, label=f"published, {named(weight)}")
    guide(ax, [0, 1], [0.5, 0.5])
    ax.set_xlabel(_share_of(largest))


def _largest(distances: Iterable[float]) -> float:
    """Largest distance, or 1 where there is none."""
    return max([1, *distances])


def _share_of(largest: float) -> str:
    """Label of an axis that two canvases of different size share."""
    return f"distance of the images / largest ({largest:g} pixels)"


def panel_epochs(ax: Axes, curves: pd.DataFrame, colors: dict[float, str]) -> None:
    """Train and test accuracy at the largest distance, epoch by epoch, mean over seeds."""
    found = curves[curves["distance"] == curves["distance"].max()]
    if found.empty:
        empty(ax)
        return
    for weight in (0.0, float(found["regulariser_weight"].max())):
        for split, marker in (("test", "o"), ("train", "^")):
            mean = select(found, regulariser_weight=weight, split=split).groupby("epoch")["accuracy"].mean()
            simulated(ax, mean.index, mean, color=colors.get(weight, COLORS["blue"]), marker=marker, markersize=3)
    for split, marker in (("test", "o"), ("train", "^")):
        simulated(ax, [], [], color=COLORS["black"], marker=marker, label=f"{split} accuracy")
    guide(ax, [1, max(2, found["epoch"].max())], [0.5, 0.5])
    ax.set(xlabel="epoch", ylabel="accuracy")


def panel_regulariser(ax: Axes, found: pd.DataFrame, colors: dict[float, str]) -> None:
    """R epoch by epoch: the largest weight at the largest distance, and the negative weight; every seed."""
    if found.empty:
        empty(ax)
        return
    for _, of_seed in select(
        found, distance=int(found["distance"].max()), regulariser_weight=float(found["regulariser_weight"].max())
    ).groupby("seed"):
        simulated(ax, of_seed["epoch"], of_seed["regulariser"], color=colors.get(of_seed["regulariser_weight"].iloc[0]), markersize=3)
    for _, of_seed in found[found["regulariser_weight"] < 0].groupby("seed"):
        control(ax, of_seed["epoch"], of_seed["regulariser"], markersize=3)
    ax.set(xlabel="epoch", ylabel="$R$", ylim=(0, 1.05))


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
