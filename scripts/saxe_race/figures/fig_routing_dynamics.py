"""Dynamics of abstraction: loss and singular values of the routing network [saxe_race, E3–E6]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, empty, guide, legend_below, new_figure, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import band_at, categories, padded
from scripts.saxe_race.figures.drawing import MODE_COLORS, at_every, symmetric
from scripts.saxe_race.measures import drift, final_excess, means, timing_residual

START_COLORS = {"random": COLORS["orange"], "decoupled": COLORS["black"]}
LAYERS = {"encoder": "$b_1$", "hidden": "$b_2$", "decoder": "$b_3$"}
TIME_LABEL = "training time $t$ (epochs)"
PLATEAUS = {"first_plateau": (100, 1), "second_plateau": (200, 2), "end": (499, 4)}
"""Part of R6b: epoch, modes learned by then."""


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(3, 3, height=6.9)
    values, predictions = tables["singular_values"], tables["mode_predictions"]
    panel_loss(axes[0, 0], tables["routing_loss"], about)
    places = ((axes[0, 1], "b"), (axes[0, 2], "c"), (axes[1, 0], "d"))
    for (ax, letter), layer in zip(places, LAYERS, strict=True):
        panel_values(ax, letter, layer, values, about)
    panel_times(axes[1, 1], tables["routing_half_times"], about)
    panel_start(axes[1, 2], tables["routing_loss"], predictions, about)
    panel_plateaus(axes[2, 0], tables["routing_loss"], predictions, about)
    panel_ends(axes[2, 1], values, predictions, about)
    panel_drift(axes[2, 2], values, predictions, about)
    legend_below(fig, *axes.flat, n_columns=3)
    return fig


def panel_loss(ax: Axes, losses: pd.DataFrame, about: About) -> None:
    panel_label(ax, "a", about, "loss")
    exact = select(losses, method="theory")
    theory(ax, exact["epoch"], exact["loss"], color=START_COLORS["decoupled"], label="theory, decoupled start")
    for start, color in START_COLORS.items():
        found = means(at_every(select(losses, method="simulation", initialization=start), 8), "loss", "epoch")
        found = found[(found["epoch"] % 16 == 0) == (start == "random")]  # side by side: the curves nearly coincide
        name = f"gradient descent, {start} start"
        simulated(ax, found["epoch"], found["mean"], found["std_error"], color=color, markersize=3, label=name)
    ax.set(xlabel=TIME_LABEL, ylabel="loss $L$", ylim=(-8, 260))


def panel_values(ax: Axes, letter: str, layer: str, values: pd.DataFrame, about: About) -> None:
    """One layer: random starts and the reduction."""
    panel_label(ax, letter, about, layer)
    for mode, color in list(MODE_COLORS.items())[:3]:
        exact = select(values, method="theory", layer=layer, mode=mode)
        theory(ax, exact["epoch"], exact["singular_value"], color=color)
        found = means(
            at_every(select(values, initialization="random", layer=layer, mode=mode, method="simulation"), 20), "singular_value", "epoch"
        )
        simulated(ax, found["epoch"], found["mean"], found["std_error"], color=color, markersize=3, label=f"mode {mode}")
    ax.set(xlabel=TIME_LABEL, ylabel=f"singular value {LAYERS[layer]}")


def panel_times(ax: Axes, times: pd.DataFrame, about: About) -> None:
    panel_label(ax, "e", about, "half-learning time")
    limits = symmetric(about, "R5", "timing")
    ax.set_ylim(*padded(limits))
    band(ax, *limits)
    for row in timing_residual(times).itertuples():
        simulated(ax, [row.mode], [row.residual], color=START_COLORS["decoupled"])
    ax.set(xlabel="mode", ylabel="residual (epochs)", xticks=[1, 2, 3], xlim=(0.5, 3.5))


def panel_start(ax: Axes, losses: pd.DataFrame, predictions: pd.DataFrame, about: About) -> None:
    """Loss at epoch 0 against that of silence."""
    panel_label(ax, "f", about, "loss before training")
    silent = float(np.sum(predictions["loss_weight"] * predictions["mode_strength"] ** 2))
    found = means(select(losses, method="simulation", initialization="random", epoch=0), "loss", "epoch").iloc[0]
    limits = bounds(about, "R6", "start")
    ax.set_ylim(*padded([*limits, found["mean"] - silent]))
    band(ax, *limits, label=None)
    simulated(ax, [0], [found["mean"] - silent], [found["std_error"]], color=START_COLORS["random"])
    categories(ax, ["mean of seeds"])
    ax.set_ylabel("loss − silence")


def panel_plateaus(ax: Axes, losses: pd.DataFrame, predictions: pd.DataFrame, about: About) -> None:
    """Loss at given epochs against the modes not yet learned."""
    panel_label(ax, "g", about, "plateaus")
    energies = (predictions["loss_weight"] * predictions["mode_strength"] ** 2).to_numpy()
    at_epochs = select(losses, method="simulation", initialization="random", epoch=[epoch for epoch, _ in PLATEAUS.values()])
    categories(ax, [str(epoch) for epoch, _ in PLATEAUS.values()])
    ax.set(xlabel=TIME_LABEL, ylabel="loss − plateau", ylim=(-1.0, 0.35))
    for place, (part, (epoch, n_learned)) in enumerate(PLATEAUS.items()):
        left = energies[n_learned:].sum()
        shifted = [None if end is None else end - left for end in bounds(about, "R6b", part)]
        band_at(ax, place, (shifted[0], shifted[1]), label=None)
        found = select(at_epochs, epoch=epoch)
        if len(found):
            mean = means(found, "loss", "epoch").iloc[0]
            simulated(ax, [place], [mean["mean"] - left], [mean["std_error"]], color=START_COLORS["random"])
    if at_epochs.empty:
        empty(ax)


def panel_ends(ax: Axes, values: pd.DataFrame, predictions: pd.DataFrame, about: About) -> None:
    """Final strengths against E6: hidden layer left, encoder right."""
    panel_label(ax, "h", about, "final strengths")
    categories(ax, [f"{LAYERS[layer][:-1]}^{{({mode})}}$" for layer in ("hidden", "encoder") for mode in (1, 2, 3)])
    parts = {
        "hidden": bounds(about, "R7", "hidden"),
        "encoder": (bounds(about, "R7b", "smallest_excess")[0], bounds(about, "R7b", "largest_excess")[1]),
    }
    excesses = {layer: final_excess(values, predictions, layer) for layer in parts}
    ax.set_ylim(-1.25, 1.25)
    for shift, (layer, limits) in enumerate(parts.items()):
        for mode, row in excesses[layer].iterrows():
            place = 3 * shift + mode
            band_at(ax, place, limits, label=None)
            simulated(ax, [place], [row["mean"]], [row["std_error"]], color=START_COLORS["random"])
    ax.set_ylabel(r"excess ($\sigma_0^2/b^2$)")


def panel_drift(ax: Axes, values: pd.DataFrame, predictions: pd.DataFrame, about: About) -> None:
    """Drift of the conserved quantity of mode 2, in units of that predicted for the end."""
    panel_label(ax, "i", about, "drift of $Mb_1^2 - b_2^2$")
    found = drift(values, predictions)
    limits = bounds(about, "R8", "drift")
    share = found["drift"] / found["predicted"]
    ax.set_ylim(-0.1, 1.3)
    band(ax, *limits, label=None)
    shown = found["epoch"] % 12 == 0
    simulated(ax, found["epoch"][shown], share[shown], color=START_COLORS["decoupled"], markersize=3)
    guide(ax, [0, found["epoch"].max()], [0, 0])
    ax.set(xlabel=TIME_LABEL, ylabel="drift / predicted")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
