"""XOR: a ReLU network learns as a gated deep linear network does [saxe_race, E9]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, control, legend_below, new_figure, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import padded
from scripts.saxe_race import xor
from scripts.saxe_race.figures.drawing import at_every
from scripts.saxe_race.measures import alignment, deviation

MODEL_COLORS = {"relu": COLORS["blue"], "gdln": COLORS["red"]}
NAMES = {"relu": "ReLU network", "gdln": "gated linear network"}
REFINED_COLOR = COLORS["purple"]


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 3, height=5.1)
    losses = tables["xor_loss"]
    rate = float(select(losses, model="relu")["learning_rate"].iloc[0])
    panel_weights(axes[0, 0], tables["xor_units"], about)
    panel_loss(axes[0, 1], select(losses, learning_rate=rate), about)
    panel_relu(axes[0, 2], losses, about)
    panel_gated(axes[1, 0], losses, tables["xor_pathways"], about)
    panel_alignment(axes[1, 1], tables["xor_units"], about)
    panel_linear(axes[1, 2], losses, about)
    legend_below(fig, *axes.flat, n_columns=3)
    return fig


def panel_weights(ax: Axes, units: pd.DataFrame, about: About) -> None:
    """Input weights of the first seed, and the directions of the data points."""
    panel_label(ax, "a", about, "first-layer weights")
    first = select(units, seed=units["seed"].min())
    edge = 1.15 * first[["weight_1", "weight_2"]].abs().to_numpy().max()
    simulated(ax, first["weight_1"], first["weight_2"], color=MODEL_COLORS["relu"], markersize=3, label=NAMES["relu"])
    ax.plot(*(edge * xor.CORNERS).T, "P", color=COLORS["black"], markersize=5, label="data points, scaled")
    ax.set(xlabel="weight from $x_1$", ylabel="weight from $x_2$", aspect="equal")


def panel_loss(ax: Axes, losses: pd.DataFrame, about: About) -> None:
    """Losses of the first seed."""
    panel_label(ax, "b", about, "loss")
    first = select(losses, seed=losses["seed"].min())
    for model, color in MODEL_COLORS.items():
        exact = select(first, model=model, method="theory")
        theory(ax, exact["epoch"], exact["loss"], color=color, label=f"theory of the {NAMES[model]}")
        found = at_every(select(first, model=model, method="simulation"), 2)
        found = found[(found["epoch"] % 4 == 0) == (model == "relu")]  # side by side: the curves nearly coincide
        simulated(ax, found["epoch"], found["loss"], color=color, label=NAMES[model])
    flat = at_every(select(first, model="linear"), 4)
    control(ax, flat["epoch"], flat["loss"], label="linear network (control)")
    ax.set(xlabel="training time $t$ (epochs)", ylabel="loss $L$", ylim=(0, 0.6))


def panel_relu(ax: Axes, losses: pd.DataFrame, about: About) -> None:
    panel_label(ax, "c", about, "ReLU − theory")
    largest = deviation(losses, model="relu").groupby("epoch").max()
    upper = bounds(about, "R1", "deviation")[1]
    ax.set(xlabel="training time $t$ (epochs)", ylabel=r"distance $|L - L_{\mathrm{theory}}|$")
    ax.set_ylim(0, 1.25 * max(largest.max(), upper or 0.0))
    band(ax, None, upper)
    simulated(ax, largest.index, largest, color=MODEL_COLORS["relu"], markersize=3)


def panel_gated(ax: Axes, losses: pd.DataFrame, pathways: pd.DataFrame, about: About) -> None:
    """Distance in units of the first-order error, against training time."""
    panel_label(ax, "d", about, "gated − theory")
    ax.set(xlabel=r"training time $\eta t$", ylabel="distance / predicted")
    ax.set_ylim(0, 1.15)
    band(ax, *bounds(about, "R2", "at_learning_rate"), label=None)
    colors = (REFINED_COLOR, MODEL_COLORS["gdln"])
    rates = sorted(select(losses, model="gdln")["learning_rate"].unique())
    names = ("gated, refined learning rate", None)
    for rate, color, name in zip(rates, colors, names, strict=True):
        largest = deviation(losses, model="gdln", learning_rate=float(rate)).groupby("epoch").max()
        predicted = xor.descent_bound(float(pathways["initial_strength"].min()), float(rate))
        shown = largest.iloc[:: max(1, len(largest) // 100)]
        simulated(ax, rate * shown.index, shown / predicted, color=color, markersize=3, label=name)


def panel_alignment(ax: Axes, units: pd.DataFrame, about: About) -> None:
    panel_label(ax, "e", about, "ReLU units")
    found = alignment(units)
    limits = bounds(about, "R3", "alignment")
    ax.set(xlabel="network (one a seed)", ylabel="cosine with data point", xticks=[])
    ax.set_ylim(*padded([found.min(), limits[0], 1.0]))
    band(ax, *limits, label=None)
    simulated(ax, range(len(found)), found, color=MODEL_COLORS["relu"])


def panel_linear(ax: Axes, losses: pd.DataFrame, about: About) -> None:
    """Lowest and highest loss of the linear networks."""
    panel_label(ax, "f", about, "linear network")
    by_epoch = select(losses, model="linear").groupby("epoch")["loss"].agg(["min", "max"])
    limits = (bounds(about, "R4", "lowest")[0], bounds(about, "R4", "final")[1])
    ax.set_ylim(*padded([*limits, by_epoch["min"].min(), by_epoch["max"].max()], 0.5))
    band(ax, *limits, label=None)
    for end in ("min", "max"):
        control(ax, by_epoch.index[::4], by_epoch[end].iloc[::4])
    ax.set(xlabel="training time $t$ (epochs)", ylabel="loss $L$")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
