"""Bounds and errors by training-set size [biggs_bounds]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, empty, legend_below, new_figure, save
from repro.job import job
from scripts.biggs_bounds.figures import drawing as panels

PUBLISHED_SETTING = (200, 0.01)
"""Width and learning rate of the authors' released tables."""

# mean coupled bounds over ten seeds, last prior, of the authors' released tables
PUBLISHED_SIZES = (7500, 15000, 30000, 60000)
PUBLISHED_BOUNDS = {
    ("gelu", "mnist"): (0.668, 0.690, 0.535, 0.331),
    ("gelu", "fashion_mnist"): (1.042, 1.341, 0.857, 0.608),
    ("shel", "mnist"): (0.848, 0.918, 0.810, 0.585),
    ("shel", "fashion_mnist"): (1.130, 1.348, 0.980, 0.805),
}


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    network, bound = (panels.main_grid(tables[name], any_size=True) for name in ("network", "bound"))
    settings = {pair: setting for pair in panels.PAIRS if (setting := sized(panels.of_pair(bound, pair)))}
    n_columns = min(2, max(1, len(settings)))
    n_rows = max(1, -(-len(settings) // n_columns))
    fig, axes = new_figure(n_rows, n_columns, width="full", height=0.9 + 2.3 * n_rows, sharey=True)
    for ax in axes.flat[len(settings) :]:
        empty(ax)
    for ax, (pair, (width, rate)) in zip(axes.flat, settings.items(), strict=False):
        kept = [panels.of_pair(table, pair, width=width, learning_rate=rate) for table in (network, bound)]
        panel(ax, *kept)
        ax.set_title(f"{panels.PAIRS[pair]}, $K$ = {width}, $\\eta$ = {rate:g}")
        if (width, rate) == PUBLISHED_SETTING:
            ax.plot(PUBLISHED_SIZES, PUBLISHED_BOUNDS[pair], **panels.PUBLISHED, zorder=3)
    for ax in axes[:, 0]:
        ax.set_ylim(bottom=0)
        ax.set_ylabel("bound and error")
    legend_below(fig, *axes.flat, n_columns=3)
    return fig


def sized(bound: pd.DataFrame) -> tuple[int, float] | None:
    """Width and learning rate with the most training-set sizes; none if every setting has a single one."""
    sizes = bound.groupby(["width", "learning_rate"])["n_train"].nunique()
    return sizes.idxmax() if len(sizes) and sizes.max() > 1 else None


def panel(ax: Axes, network: pd.DataFrame, bound: pd.DataFrame) -> None:
    kinds = {kind: bound[bound["kind"] == kind] for kind in ("full", "coupled", "coupled_last_prior")}
    panels.log_axis(ax, network["n_train"], "training examples $n$")
    panels.curve(ax, kinds["full"], "n_train", "bound", panels.FULL)
    panels.curve(ax, kinds["coupled"], "n_train", "bound", panels.COUPLED)
    panels.curve(ax, kinds["coupled_last_prior"], "n_train", "bound", panels.LAST)
    panels.curve(ax, kinds["coupled"], "n_train", "stochastic_error", panels.same_axis(panels.STOCHASTIC))
    panels.curve(ax, network, "n_train", "test_error", panels.same_axis(panels.TEST))
    ax.axhline(1, color=COLORS["black"], linewidth=0.6)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
