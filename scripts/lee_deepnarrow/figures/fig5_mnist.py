"""Very deep narrow networks on MNIST, and networks with standard initialisations [lee_deepnarrow, E1, E6, E7]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.claims import MissingRows
from repro.figures import (
    COLORS,
    CONTROL,
    About,
    band,
    bounds,
    control,
    empty,
    guide,
    panel_label,
    save,
    simulated,
    theory,
)
from repro.frames import select
from repro.job import job
from repro.panels import band_at, categories, log_decimals, measured, padded_log, rows_of_panels, strip, thinned
from scripts.lee_deepnarrow import claims, measures
from scripts.lee_deepnarrow.figures.drawing import Tables, depth_color, finish

STEP_LABEL = "step"
LOSS_LABEL = "mini-batch loss"
RATE_LABEL = "learning rate"
RATIOS = [
    ("C7", "loss", "MLP, loss"),
    ("C10", "loss", "CNN, loss"),
    ("C7", "accuracy", "MLP, accuracy"),
    ("C10", "accuracy", "CNN, accuracy"),
]
SIZES = [
    ("C7b", "loss", "MLP, loss"),
    ("C10b", "loss", "CNN, loss"),
    ("C7b", "accuracy", "MLP, accuracy"),
    ("C10b", "accuracy", "CNN, accuracy"),
]


def draw(tables: Tables, about: About) -> Figure:
    fig, (first, second, third) = rows_of_panels([3, 3, 3], height=6.9)
    curves, final, evaluation = (tables[name] for name in ("mlp_curves", "mlp_final", "cnn_evaluation"))
    constant = select(final, model="constant", split="train")["loss"]
    panel_mlp(first[0], curves, constant, about)
    panel_standard(first[1], curves, constant, about)
    panel_cnn(first[2], tables["cnn_curves"], evaluation, about)
    panel_standard_loss(second[0], final, about)
    panel_standard_accuracy(second[1], final, about)
    panel_cnn_accuracy(second[2], evaluation, about)
    panel_deviation(third[0], final, about)
    values = measured(claims, tables, "C7", "C7b", "C10", "C10b")
    for ax, letter, title, entries, label in (
        (third[1], "h", "over constant", RATIOS, "ratio"),
        (third[2], "i", "sizes", SIZES, "loss or accuracy"),
    ):
        panel_label(ax, letter, about, title)
        strip(ax, about, values, entries, label, log=True)
    return finish(fig)


def panel_mlp(ax: Axes, curves: pd.DataFrame, constant: pd.Series, about: About) -> None:
    """Loss of deep narrow MLPs, first seed, and of kernel gradient descent on the same mini-batches."""
    panel_label(ax, "a", about, "deep narrow MLP")
    narrow = select(curves, model="deep_narrow")
    narrow = thinned(narrow, 25)
    for depth in sorted(narrow["depth"].unique()):
        own = select(narrow, depth=int(depth))
        one = own[own["seed"] == own["seed"].min()]
        simulated(ax, one["step"], one["loss"], color=depth_color(depth), label=f"deep narrow, depth {depth}")
    exact = select(curves, model="limit_kernel")
    exact = exact[exact["seed"] == exact["seed"].min()]
    theory(ax, exact["step"], exact["loss"], color=COLORS["black"], label="kernel gradient descent")
    _constant(ax, narrow["step"], constant)
    ax.set(xlabel=STEP_LABEL, ylabel=LOSS_LABEL)


def panel_standard(ax: Axes, curves: pd.DataFrame, constant: pd.Series, about: About) -> None:
    """Loss with standard initialisations, one line of markers a learning rate, and the deepest deep narrow MLP."""
    panel_label(ax, "b", about, "standard initialisation")
    for model, marker, label in (("he_uniform", "x", "He-uniform"), ("framework_default", "+", "framework default")):
        own = select(curves, model=model)
        shown = thinned(own, 12)
        shown = shown[np.isfinite(shown["loss"]) & (shown["loss"] < 10)]
        ax.plot(shown["step"], shown["loss"], **CONTROL | {"marker": marker}, label=f"{label} (control)")
    narrow = select(curves, model="deep_narrow")
    if len(narrow):
        deepest = thinned(narrow[narrow["depth"] == narrow["depth"].max()], 25)
        deepest = deepest[deepest["step"] <= select(curves, model="he_uniform")["step"].max()]
        simulated(ax, deepest["step"], deepest["loss"], color=depth_color(int(narrow["depth"].max())))
    _constant(ax, curves["step"][curves["model"] == "he_uniform"], constant)
    ax.set(xlabel=STEP_LABEL, ylabel=LOSS_LABEL, yscale="log")
    ax.set_ylim(*padded_log(curves["loss"][curves["loss"] < 10]))
    log_decimals(ax)


def _constant(ax: Axes, steps: pd.Series, constant: pd.Series) -> None:
    if len(steps) and len(constant):
        guide(ax, [0, steps.max()], [constant.iloc[0]] * 2, label="best constant")


def panel_cnn(ax: Axes, curves: pd.DataFrame, evaluation: pd.DataFrame, about: About) -> None:
    """Loss of the CNN on two digits: mini-batches, and all training images where they are evaluated."""
    panel_label(ax, "c", about, "CNN, two digits")
    own = select(curves, n_classes=2)
    one = thinned(own[own["seed"] == own["seed"].min()], 40)
    simulated(ax, one["step"], one["loss"], color=COLORS["sky"], marker=".", label="CNN, mini-batch")
    try:
        path = measures.cnn_path(evaluation, "train", "loss")
    except MissingRows:
        path = pd.Series(dtype=float)
    simulated(ax, path.index, path, color=COLORS["purple"], label="CNN, all images of a split")
    _constant(ax, own["step"], select(evaluation, model="constant", n_classes=2, split="train")["loss"])
    ax.set(xlabel=STEP_LABEL, ylabel="loss")


def panel_standard_loss(ax: Axes, final: pd.DataFrame, about: About) -> None:
    """Training loss of He-uniform networks over that of the best constant."""
    panel_label(ax, "d", about, "He-uniform, loss")
    found = _standard(final)
    limits = bounds(about, "C9", "smallest_loss")
    finite = found[np.isfinite(found["ratio"])] if len(found) else found
    low, high = padded_log([*(finite["ratio"] if len(finite) else ()), *limits, 3.0])
    ax.set(xscale="log", yscale="log", ylim=(low, high), xlabel=RATE_LABEL, ylabel="loss / constant's")
    if len(found):
        control(ax, finite["learning_rate"], finite["ratio"])
        diverged = found[~np.isfinite(found["ratio"])]
        if len(diverged):
            top = [high] * len(diverged)
            ax.plot(diverged["learning_rate"], top, **CONTROL | {"marker": "^"}, clip_on=False, label="diverged (control)")
        _rates(ax, found)
    band(ax, *limits)
    log_decimals(ax)


def panel_standard_accuracy(ax: Axes, final: pd.DataFrame, about: About) -> None:
    """Test accuracy of He-uniform networks."""
    panel_label(ax, "e", about, "He-uniform, accuracy")
    ax.set(xscale="log", ylim=(0, 0.5), xlabel=RATE_LABEL, ylabel="test accuracy")
    found = _standard(final)
    if len(found):
        control(ax, found["learning_rate"], found["accuracy_test"])
        _rates(ax, found)
    band(ax, *bounds(about, "C9b", "largest_accuracy"))


def _standard(final: pd.DataFrame) -> pd.DataFrame:
    """He-uniform networks, none where the constant is missing."""
    try:
        return measures.standard_ratios(final)
    except MissingRows:
        return final.iloc[:0]


def _rates(ax: Axes, found: pd.DataFrame) -> None:
    rates = found["learning_rate"]
    ax.set_xlim(rates.min() / 4, rates.max() * 4)


def panel_cnn_accuracy(ax: Axes, evaluation: pd.DataFrame, about: About) -> None:
    """Test accuracy of the CNN on two digits, and of the most frequent digit."""
    panel_label(ax, "f", about, "CNN, accuracy")
    constant = select(evaluation, model="constant", n_classes=2, split="test")["accuracy"]
    try:
        path = measures.cnn_path(evaluation, "test", "accuracy")
    except MissingRows:
        empty(ax)
        path = pd.Series(dtype=float)
    simulated(ax, path.index, path, color=COLORS["purple"])
    if len(path) and len(constant):
        guide(ax, [0, path.index.max()], [constant.iloc[0]] * 2, label="most frequent digit")
    ax.set(xlabel=STEP_LABEL, ylabel="test accuracy", ylim=(0, 1.05))


def panel_deviation(ax: Axes, final: pd.DataFrame, about: About) -> None:
    """Rms distance of the networks' outputs from kernel gradient descent on the training images."""
    panel_label(ax, "g", about, "minus kernel's")
    found = select(final, model="deep_narrow", split="train")
    depths = sorted(found["depth"].unique())
    limits = bounds(about, "C8", "deviation")
    ax.set_yscale("log")
    ax.set_ylim(*padded_log([*found["deviation"].dropna(), *limits]))
    band_at(ax, range(len(depths)), limits)
    log_decimals(ax)
    for at, depth in enumerate(depths):
        values = select(found, depth=int(depth))["deviation"]
        simulated(ax, [at] * len(values), values, color=depth_color(depth))
    categories(ax, [str(depth) for depth in depths])
    ax.set(xlabel="depth $L$ (hidden layers)", ylabel="rms difference")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
