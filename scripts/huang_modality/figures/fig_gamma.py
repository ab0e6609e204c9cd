"""The race of the two modalities: correlations through training, winners, and what told them [huang_modality, E3, E4]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, guide, legend_below, new_figure, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import measured, strip, thinned
from scripts.huang_modality import claims
from scripts.huang_modality.figures.drawing import ALONE, JOINT, MODALITY_COLORS, Tables

CORRELATION = r"correlation $\Gamma$"
_MARKERS = 60  # of a curve, at most
EXCLUSIVE = [("C1b", "joint_share", "jointly"), ("C1b", "uni_share", "alone")]
LEARNED = [("C2", "learned_share", "learned"), ("C2", "valid_share", "valid seeds"), ("C7b", "predicted_share", "winners told")]
BEYOND = [("C1", "z_score", "exclusive"), ("C7", "z_score", "winners told")]


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(3, 3, height=6.4, height_ratios=[1, 1, 0.42])
    correlations, winners = tables["feature_correlations"], select(tables["class_winners"], setting="base")
    for ax, letter, training, title in zip(axes[0], "ab", ("joint", "uni"), ("jointly", "alone"), strict=False):
        panel_label(ax, letter, about, f"race, {title}")
        panel_race(ax, select(correlations, training=training))
    panel_label(axes[0, 2], "c", about, "larger and smaller")
    panel_means(axes[0, 2], correlations, winners)
    panel_label(axes[1, 0], "d", about, "training loss")
    panel_loss(axes[1, 0], tables["training_curves"])
    panel_label(axes[1, 1], "e", about, "end against start")
    panel_rule(axes[1, 1], select(winners, training="joint"))
    panel_label(axes[1, 2], "f", about, "how exclusive")
    panel_exclusive(axes[1, 2], winners)
    values = measured(claims, tables, "C1", "C1b", "C2", "C7", "C7b")
    strips = (("g", "exclusive classes", EXCLUSIVE, "share"), ("h", "learned and told", LEARNED, "share"))
    for ax, (letter, title, entries, label) in zip(axes[2], (*strips, ("i", "in standard errors", BEYOND, "standard errors")), strict=True):
        panel_label(ax, letter, about, title)
        strip(ax, about, values, entries, label)
    legend_below(fig, *axes.flat, n_columns=5)
    return fig


def panel_race(ax: Axes, correlations: pd.DataFrame) -> None:
    """All classes and both modalities, first seed."""
    first = thinned(correlations[correlations["seed"] == correlations["seed"].min()], _MARKERS)
    for modality, color in MODALITY_COLORS.items():
        found = select(first, modality=modality)
        simulated(ax, found["step"], found["correlation"], color=color, markersize=1.8, markeredgewidth=0.6)
        simulated(ax, [], [], color=color, label=f"modality {modality}")
    ax.set(xlabel="step", ylabel=CORRELATION, yscale="log")


def panel_means(ax: Axes, correlations: pd.DataFrame, winners: pd.DataFrame) -> None:
    """Mean over seeds and classes of the larger and of the smaller correlation."""
    for training, color in (("joint", JOINT), ("uni", ALONE)):
        of_class = thinned(select(correlations, training=training), _MARKERS).groupby(["step", "seed", "label"])["correlation"]
        for marker, of_both in (("^", of_class.max()), ("v", of_class.min())):
            mean = of_both.groupby("step").mean()
            simulated(ax, mean.index, mean, color=color, marker=marker, markersize=2.5)
    for marker, word in (("^", "larger"), ("v", "smaller")):
        simulated(ax, [], [], color=JOINT, marker=marker, markersize=2.5, label=f"{word} correlation")
    ax.set(xlabel="step", ylabel=CORRELATION, yscale="log")
    if len(winners):
        guide(ax, [winners["blow_up_step"].median()] * 2, ax.get_ylim()[::-1], "blow-up")


def panel_loss(ax: Axes, curves: pd.DataFrame) -> None:
    """Training loss, mean over seeds."""
    cases = {"joint": (JOINT, "jointly"), "uni1": (MODALITY_COLORS[1], None), "uni2": (MODALITY_COLORS[2], None)}
    for predictor, (color, label) in cases.items():
        mean = thinned(select(curves, predictor=predictor), _MARKERS).groupby("step")["loss"].mean()
        simulated(ax, mean.index, mean, color=color, markersize=2.5, label=label)
    ax.set(xlabel="step", ylabel="cross-entropy", yscale="log")


def panel_rule(ax: Axes, winners: pd.DataFrame) -> None:
    """Ratio of the correlations at the end against the advantage at the start."""
    for modality, color in MODALITY_COLORS.items():
        found = select(winners, winner=modality)
        ratio = found["correlation_ratio"].clip(lower=1e-6)
        simulated(ax, found["log_advantage"], ratio if modality == 2 else 1 / ratio, color=color, markersize=2.5)
    ax.set(yscale="log", xlabel="advantage of modality 1\nat the start", ylabel=r"$\Gamma_{j,1}/\Gamma_{j,2}$ at the end")
    guide(ax, ax.get_xlim(), [1, 1])
    guide(ax, [0, 0], ax.get_ylim())


def panel_exclusive(ax: Axes, winners: pd.DataFrame) -> None:
    """Share of classes up to a ratio of the smaller to the larger correlation."""
    for training, color, label in (("joint", JOINT, "jointly"), ("uni", ALONE, "alone")):
        ratio = np.sort(select(winners, training=training)["correlation_ratio"].to_numpy(dtype=float))
        simulated(ax, ratio, np.arange(1, len(ratio) + 1) / max(len(ratio), 1), color=color, markersize=2.5, label=label)
    ax.set(xlabel=r"smaller over larger $\Gamma$", ylabel="share of classes up to it", xscale="log", ylim=(-0.05, 1.05))


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
