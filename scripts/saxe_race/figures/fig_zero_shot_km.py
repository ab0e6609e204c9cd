"""Error on trained and untrained pairs against the share of outputs trained [saxe_race, E8]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from repro.figures import (
    COLORS,
    About,
    band,
    bounds,
    control,
    guide,
    legend_below,
    new_figure,
    panel_label,
    published,
    save,
    simulated,
)
from repro.frames import select
from repro.job import job
from repro.panels import band_at, categories, padded
from scripts.saxe_race.figures.drawing import SPLIT_COLORS, summary
from scripts.saxe_race.measures import means

SILENCE = 122.0
"""½ Σ s² of the toy data: the error of an output of zero."""
OUTPUTS_LABEL = "trained outputs $K$"


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, axes = new_figure(2, 3, height=5.2)
    errors = tables["zero_shot_error"]
    panel_gate(axes[0, 0], tables["gate_matrix"], about)
    panel_errors(axes[0, 1], errors, about)
    panel_levels(axes[0, 2], errors, about)
    panel_drops(axes[1, 0], errors, about)
    panel_private(axes[1, 1], errors, about)
    panel_stability(axes[1, 2], tables["stability"], about)
    legend_below(fig, *axes.flat, n_columns=3)
    return fig


def panel_gate(ax: Axes, gate: pd.DataFrame, about: About) -> None:
    n_domains, n_outputs = gate[["n_domains", "n_trained_outputs"]].iloc[0]
    panel_label(ax, "a", about, f"gates, $M = {n_domains}$, $K = {n_outputs}$")
    grid = gate.pivot_table(index="output_domain", columns="input_domain", values="is_trained").to_numpy()
    ax.imshow(grid, cmap=ListedColormap(["#FFFFFF", COLORS["sky"]]), vmin=0, vmax=1)
    ax.set(xlabel="input domain $i$", ylabel="output domain $j$")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks(np.arange(n_domains), [str(domain + 1) for domain in range(n_domains)])
    ax.grid(visible=False)


def panel_errors(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """The published plot: errors against K/M."""
    panel_label(ax, "b", about, "transfer")
    shared = select(errors, model="shared")
    n_domains = int(shared["n_domains"].iloc[0])
    for split, color in SPLIT_COLORS.items():
        found = means(select(shared, split=split), "error", "n_trained_outputs")
        share = found["n_trained_outputs"] / n_domains
        simulated(ax, share, found["mean"], found["std_error"], color=color, label=f"{split} pairs, mean ± 2 s.e.")
        points = about["published"][f"{split}_error"]["points"]
        std = [point[2] if len(point) > 2 else 0.0 for point in points]
        label = "published (read off a slide)" if split == "untrained" else None
        published(ax, [point[0] for point in points], [point[1] for point in points], std, label=label, zorder=1.5)
    guide(ax, [0, 1.05], [SILENCE, SILENCE], "silence")
    ax.set(xlabel="share of outputs trained $K/M$", ylabel=r"error $\frac{1}{2}\|Y-\hat{Y}\|^2$", xlim=(0, 1.05))


def panel_levels(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Errors on a logarithmic axis with the bounds at each K."""
    panel_label(ax, "c", about, "transfer, logarithmic")
    ax.set(yscale="log", xlabel=OUTPUTS_LABEL, ylabel="error", ylim=(3e-6, 2e3))
    shared = select(errors, model="shared")
    n_domains = int(shared["n_domains"].iloc[0])
    band_at(ax, 1, bounds(about, "R9", "one_output"))
    band_at(ax, 3, bounds(about, "R9b", "three_outputs"), label=None)
    for k in range(4, n_domains):
        band_at(ax, k, bounds(about, "R9b", "four_and_more"), label=None)
    for claim, part, text in (("R9", "four_and_more", "silence/100"), ("R9b", "trained", "trained")):
        _, end = bounds(about, claim, part)
        guide(ax, [0.4, n_domains + 0.6], [end, end], text)
    ax.set_xticks(range(1, n_domains + 1, 3))
    for split, color in SPLIT_COLORS.items():
        found = means(select(shared, split=split), "error", "n_trained_outputs")
        simulated(ax, found["n_trained_outputs"], found["mean"], color=color)


def panel_drops(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """What each further trained output takes off the error."""
    panel_label(ax, "d", about, "drop from $K$ to $K+1$")
    found = means(select(errors, model="shared", split="untrained"), "error", "n_trained_outputs")
    drops = -np.diff(found["mean"])[:3]
    points = about["published"]["untrained_error"]["points"]
    told = -np.diff([point[1] for point in points])[:3]
    ax.set_ylim(-20, 1.15 * max(told.max(), drops.max()))
    band(ax, *bounds(about, "R10", "smallest_drop"), label=None)
    published(ax, [1, 2, 3], told)
    simulated(ax, found["n_trained_outputs"][:-1][: len(drops)], drops, color=SPLIT_COLORS["untrained"])
    ax.set(xlabel=OUTPUTS_LABEL, ylabel="drop of the error", xticks=[1, 2, 3], xlim=(0.5, 3.5))


def panel_private(ax: Axes, errors: pd.DataFrame, about: About) -> None:
    """Negative control: a hidden layer for every pair."""
    panel_label(ax, "e", about, "private hidden layers")
    parts = {3: "three_outputs", 6: "six_outputs"}
    categories(ax, [f"$K = {k}$" for k in parts])
    limits = {k: bounds(about, "R11", part) for k, part in parts.items()}
    found = summary(ax, errors, "error", "n_trained_outputs", model="private", split="untrained")
    known = [] if found is None else [*(found["mean"] - 2 * found["std_error"]), *(found["mean"] + 2 * found["std_error"])]
    ax.set_ylim(*padded([*known, *(end for pair in limits.values() for end in pair)]))
    for place, k in enumerate(parts):
        band_at(ax, place, limits[k], label=None)
        for _, row in () if found is None else found[found["n_trained_outputs"] == k].iterrows():
            ax.errorbar([place], [row["mean"]], 2 * row["std_error"], fmt="none", ecolor=COLORS["grey"], elinewidth=0.9)
            control(ax, [place], [row["mean"]], label="untrained pairs, private (control)" if place == 0 else None)
    guide(ax, [-0.6, 1.6], [SILENCE, SILENCE], "silence")
    ax.set_ylabel("error, untrained pairs")


def panel_stability(ax: Axes, stability: pd.DataFrame, about: About) -> None:
    """Every run around the largest stable learning rate; a diverged one at the upper edge."""
    panel_label(ax, "f", about, "edge of stability")
    found = select(stability, split="trained")
    ax.set(yscale="log", ylim=(1e-6, 1e3), xlim=(0.7, 1.1))
    places = sorted(found["relative_learning_rate"].unique())
    for place in places:
        part = "below" if place < 1 else "above"
        band_at(ax, place, bounds(about, "R19", part), half=0.02, label=None)
    finite = found["error"].replace(np.inf, 5e2)
    simulated(ax, found["relative_learning_rate"], finite, color=SPLIT_COLORS["trained"])
    ax.axvline(1, color=COLORS["grey"], linestyle=":", linewidth=0.9)
    ax.set(xlabel=r"learning rate $\eta/\eta_{\mathrm{max}}$", ylabel="error, trained pairs", xticks=places)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
