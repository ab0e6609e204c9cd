"""Error and bound by learning rate at one width, what a large rate costs, and the four bounds below one [biggs_bounds]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, band, bounds, empty, legend_below, new_figure, panel_label, published, save, simulated
from repro.job import job
from scripts.biggs_bounds.figures import drawing
from scripts.biggs_bounds.figures.two_axes import draw_over

PUBLISHED_WIDTH = 200
JUDGED = {"width": 50, "learning_rate": 0.03}
SLOW = 0.01
"""The learning rate against which the others are compared."""


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    network, bound = (drawing.main_grid(tables[name]) for name in ("network", "bound"))
    width = drawing.richest(network, "width", "learning_rate", PUBLISHED_WIDTH)
    fig, axes = new_figure(3, 2, height=7.2)
    twins = draw_over(axes[:2], tables, about, "learning_rate", {"width": width})
    price(axes[2, 0], drawing.of_pair(bound, ("gelu", "mnist"), width=width, kind="coupled"), about)
    panel_label(axes[2, 0], "e", about, f"GELU, MNIST, $K$ = {width:g}")
    below_one(axes[2, 1], drawing.select(bound, kind="coupled_last_prior", **JUDGED), about)
    panel_label(axes[2, 1], "f", about, "$K$ = 50, learning rate 0.03")
    legend_below(fig, *axes.flat, *twins, n_columns=3)
    return fig


def price(ax: Axes, bound: pd.DataFrame, about: About) -> None:
    """Panel e: what other learning rates cost against the slow one."""
    gap = drawing.mean_minus(bound, "learning_rate", "bound", SLOW)
    drawing.log_axis(ax, [SLOW, *gap.index], drawing.AXES["learning_rate"])
    drawing.points(ax, gap, drawing.COUPLED)
    fast = about["published"]["rate_price_gelu_mnist"]["value"]
    if len(gap):
        published(ax, [gap.index.max()], [fast], label="published difference")
    else:
        empty(ax)
    ax.set_ylabel("bound minus that\nat learning rate 0.01")
    drawing.headroom(ax, low=-0.05, high=0.2)
    band(ax, *bounds(about, "C7", "gap"))
    drawing.guard(ax, about, "C7_size", "gap")


def below_one(ax: Axes, bound: pd.DataFrame, about: About) -> None:
    """Panel f: the four bounds that the abstract speaks of."""
    places = drawing.pair_axis(ax)
    for pair, at in places.items():
        values = drawing.of_pair(bound, pair)["bound"]
        error = values.sem() if len(values) > 1 else None
        if len(values):
            simulated(ax, [at], [values.mean()], None if error is None else [error], **drawing.LAST)
        printed = drawing.printed_bound(about, pair, JUDGED["width"], JUDGED["learning_rate"])
        if printed and len(values):
            published(ax, [at + 0.2], [printed["value"]], printed["std"], label=drawing.PRINTED)
    if bound.empty:
        empty(ax)
    ax.set_ylabel("bound on the error")
    ax.set_ylim(0, max([1.1, *(1.05 * bound["bound"])]))
    band(ax, *bounds(about, "C1", "largest_bound"))


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
