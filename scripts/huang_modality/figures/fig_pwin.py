"""How often modality 1 wins as modality 2 gets stronger, and what that does to the joint error [huang_modality, E5, E6]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, band, bounds, legend_below, new_figure, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import band_at, categories
from scripts.huang_modality import measures
from scripts.huang_modality.figures.drawing import JOINT, MIXTURE, MODALITY_COLORS, TEST_ERROR, Tables

STRENGTH = "strength of modality 2"
STEPS = (("scale_0.8", "base"), ("base", "scale_1.25"))


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(2, 2, height=4.4, height_ratios=[1, 0.8])
    found = measures.share_deviations(tables["winning_shares"])
    panel_label(axes[0, 0], "a", about, "classes won by modality 1")
    panel_shares(axes[0, 0], tables, found)
    panel_label(axes[0, 1], "b", about, "joint test error")
    panel_errors(axes[0, 1], tables)
    panel_label(axes[1, 0], "c", about, "simulated minus predicted")
    _, upper = bounds(about, "C8", "largest_z")
    reach = max(1.4 * upper, 1.1 * np.nan_to_num(found["z"].abs().max()))
    simulated(axes[1, 0], found["scale"], found["z"], color=MODALITY_COLORS[1])
    axes[1, 0].set(xlabel=STRENGTH, ylabel="binomial\nstandard errors", ylim=(-reach, reach), xlim=axes[0, 0].get_xlim())
    band(axes[1, 0], -upper, upper)
    panel_label(axes[1, 1], "d", about, "drops of the share")
    panel_drops(axes[1, 1], found.set_index("setting")["share"], about)
    legend_below(fig, *axes.flat, n_columns=4)
    return fig


def panel_shares(ax: Axes, tables: Tables, found: pd.DataFrame) -> None:
    """Share of the classes, predicted and simulated."""
    curve = tables["winning_curve"]
    theory(ax, curve["scale"], curve["share"], color=MODALITY_COLORS[1], label="predicted")
    counts = select(tables["winning_shares"], method="simulation").groupby("setting")["n_classes"].sum()
    error = np.sqrt(found["share"] * (1 - found["share"]) / found["setting"].map(counts))
    simulated(ax, found["scale"], found["share"], error, color=MODALITY_COLORS[1], label="simulated")
    ax.set(xlabel=STRENGTH, ylabel="share of classes", ylim=(-0.05, 1.05))


def panel_errors(ax: Axes, tables: Tables) -> None:
    """Error of the joint network over all seeds, and mixtures of the fractions by observed winners and by prediction."""
    curve, shares = tables["winning_curve"], select(tables["winning_shares"], method="simulation")
    theory(ax, curve["scale"], curve["mixture_error"], color=MIXTURE, label="mixture, predicted probability")
    varied = shares[(shares["setting"] == "base") | shares["setting"].str.startswith("scale_")]
    mixture = varied.groupby("scale")["mixture_error"].agg(["mean", "sem"])
    simulated(ax, mixture.index, mixture["mean"], mixture["sem"], color=MIXTURE, label="mixture, observed winners")
    errors = select(tables["prediction_errors"], predictor="joint", split="test")
    joint = errors[errors["setting"].isin(varied["setting"])].groupby("scale")["error"].agg(["mean", "sem"])
    simulated(ax, joint.index, joint["mean"], joint["sem"], color=JOINT, label="joint network")
    ax.set(xlabel=STRENGTH, ylabel=TEST_ERROR)
    ax.set_ylim(bottom=0)


def panel_drops(ax: Axes, share: pd.Series, about: About) -> None:
    """Falls of the share from one strength to a larger one, both judged."""
    drops = [share.get(weaker, np.nan) - share.get(stronger, np.nan) for weaker, stronger in STEPS]
    lower, upper = bounds(about, "C8", "smallest_drop")
    known = [0.0, lower, *(drop for drop in drops if np.isfinite(drop))]
    ax.set(ylim=(min(known) - 0.1, max(known) + 0.2), ylabel="drop of\nthe share")
    for place in range(len(STEPS)):
        band_at(ax, place, (lower, upper))
    simulated(ax, range(len(STEPS)), drops, color=MODALITY_COLORS[1])
    categories(ax, ["0.8 to 1", "1 to 1.25"])
    ax.set_xlabel(STRENGTH)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
