"""Scaled tangent kernel of the CNN at the start against its mean and its limit [lee_deepnarrow, E8, E8b, E8c]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, empty, new_figure, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import categories, explain, padded
from scripts.lee_deepnarrow import measures
from scripts.lee_deepnarrow.figures.drawing import Tables, finish

COLOURS = ("blue", "sky", "purple", "orange")


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(2, 3, height=5.0)
    both = tables["cnn_kernel_draws"], tables["cnn_kernel_mean"]
    kinds = {"entries": measures.entries(*both), "contrasts": measures.contrasts(*both)}
    for column, (part, found) in enumerate(kinds.items()):
        panel_mean(axes[0, column], "ab"[column], part, found, about)
        panel_z(axes[1, column], "de"[column], part, found, about)
    panel_distance(axes[0, 2], kinds["entries"], about)
    panel_excess(axes[1, 2], kinds["entries"], about)
    return finish(fig)


def groups(found: pd.DataFrame) -> list[tuple[str, str, pd.DataFrame]]:
    """Label, colour and rows of every depth and scale."""
    grouped = found.groupby(["depth", "scale"])
    return [(f"depth {depth}, scale {scale:g}", COLORS[COLOURS[at % 4]], own) for at, ((depth, scale), own) in enumerate(grouped)]


def panel_mean(ax: Axes, letter: str, part: str, found: pd.DataFrame, about: About) -> None:
    """Mean over initialisations against the limit."""
    panel_label(ax, letter, about, part)
    symbol = r"\tilde\Theta(x, x')" if part == "entries" else r"\|\cdot\|^2_{\tilde\Theta}"
    for label, color, own in groups(found):
        simulated(ax, own["limit"], own["mean"], own["std_error"], color=color, label=f"{label} (± 2 s.e.)")
    if len(found):
        ends = np.linspace(*padded(found["limit"]), 200)
        theory(ax, ends, ends, color=COLORS["black"], label="equal to the limit")
    ax.set(xlabel=f"limit ${symbol}$", ylabel=f"mean of ${symbol}$")


def panel_z(ax: Axes, letter: str, part: str, found: pd.DataFrame, about: About) -> None:
    """Distance from the exact mean in standard errors, one marker a pair of images."""
    panel_label(ax, letter, about, f"{part}: exact mean")
    _, upper = bounds(about, "C12", part)
    reach = max(1.4 * upper, 1.1 * found["z"].abs().max() if len(found) else 0)
    ax.set(xlabel="pair of images", ylabel="distance in\nstandard errors", ylim=(-reach, reach))
    band(ax, -upper, upper)
    n_groups = max(len(groups(found)), 1)
    for at, (_, color, own) in enumerate(groups(found)):
        simulated(ax, np.arange(len(own)) + 0.6 * (at / n_groups - 0.4), own["z"], color=color)
    _pairs(ax, found)


def panel_distance(ax: Axes, found: pd.DataFrame, about: About) -> None:
    """Distance of the exact mean from the limit, by the theory alone."""
    panel_label(ax, "c", about, "exact mean minus limit")
    for _, color, own in groups(found):
        places = np.arange(len(own))
        ax.hlines((own["expected"] - own["limit"]).abs(), places - 0.35, places + 0.35, color=color, linewidth=1.4)
    explain(ax, "theory, finite depth and scale", theory)
    ax.set(xlabel="pair of images", ylabel=r"distance in $\tilde\Theta$", yscale="log")
    _pairs(ax, found)


def panel_excess(ax: Axes, found: pd.DataFrame, about: About) -> None:
    """Distance of the mean from the limit beyond three standard errors, at the largest depth and scale."""
    panel_label(ax, "f", about, "entries: limit")
    own = select(found, depth=1000, scale=30.0)
    excess = (own["mean"] - own["limit"]).abs() - 3 * own["std_error"]
    limits = bounds(about, "C12b", "excess")
    low, high = padded([*excess, *limits, 0.0])
    ax.set(xlabel="pair of images", ylabel="distance\nminus 3 s.e.", ylim=(low, high + 0.2 * (high - low)))
    band(ax, *limits)
    if own.empty:
        empty(ax)
    simulated(
        ax,
        range(len(own)),
        excess,
        color=next((color for label, color, _ in groups(found) if label == "depth 1000, scale 30"), COLORS["black"]),
    )
    _pairs(ax, own)


def _pairs(ax: Axes, found: pd.DataFrame) -> None:
    """Pairs of images along the horizontal axis, numbered from one."""
    pairs = found[["image", "other_image"]].drop_duplicates()
    categories(ax, [f"{image + 1}\n{other + 1}" for image, other in pairs.itertuples(index=False)])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
