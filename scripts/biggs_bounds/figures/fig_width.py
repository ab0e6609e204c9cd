"""Error and bound by width at one learning rate, SHEL against GELU, and what width costs SHEL [biggs_bounds]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, empty, legend_below, new_figure, panel_label, published, save, simulated
from repro.job import job
from scripts.biggs_bounds.figures import drawing
from scripts.biggs_bounds.figures.two_axes import draw_over

PUBLISHED_RATE = 0.01
JUDGED_RATE = 0.03
NARROW, WIDE = 50, 400
GAPS = {
    "fashion_mnist": {"color": COLORS["brown"], "marker": "P", "label": "SHEL minus GELU, Fashion-MNIST"},
    "mnist": {"color": COLORS["sky"], "marker": "X", "label": "SHEL minus GELU, MNIST"},
}


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    network, bound = (drawing.main_grid(tables[name]) for name in ("network", "bound"))
    rate = drawing.richest(network, "learning_rate", "width", PUBLISHED_RATE)
    fig, axes = new_figure(3, 2, height=7.2)
    twins = draw_over(axes[:2], tables, about, "width", {"learning_rate": rate})
    gaps(axes[2, 0], bound[bound["kind"] == "coupled"], about)
    panel_label(axes[2, 0], "e", about, "from width 100, learning rates to 0.03")
    rise(axes[2, 1], drawing.of_pair(bound, ("shel", "mnist"), kind="coupled", learning_rate=JUDGED_RATE), about)
    panel_label(axes[2, 1], "f", about, f"SHEL, MNIST, learning rate {JUDGED_RATE:g}")
    legend_below(fig, *axes.flat, *twins, n_columns=3)
    return fig


def gaps(ax: Axes, coupled: pd.DataFrame, about: About) -> None:
    """Panel e: mean bound of SHEL minus that of GELU, at every setting that both have."""
    wide = coupled[(coupled["width"] >= 100) & (coupled["learning_rate"] <= 0.03 * (1 + 1e-9))]
    both = drawing.both(wide, ["dataset", "width", "learning_rate"], "model", ("shel", "gelu"))
    drawing.log_axis(ax, wide["width"], drawing.AXES["width"])
    for dataset, style in GAPS.items():
        own = both[both["dataset"] == dataset]
        if len(own):
            simulated(ax, own["width"], own["shel"] - own["gelu"], **style)
    if both.empty:
        empty(ax)
    ax.set_ylabel("coupled bound,\nSHEL minus GELU")
    drawing.headroom(ax, low=-0.05, high=0.25)
    band(ax, *bounds(about, "C5", "smallest_gap"))  # those of C5_mnist are the same
    drawing.guard(ax, about, "C5_size", "smallest_gap")


def rise(ax: Axes, coupled: pd.DataFrame, about: About) -> None:
    """Panel f: bound and stochastic error minus their values at the smallest judged width."""
    drawing.log_axis(ax, [*coupled["width"], WIDE], drawing.AXES["width"])
    found = [drawing.mean_minus(coupled, "width", column, NARROW) for column in ("bound", "stochastic_error")]
    for rises, style in zip(found, (drawing.COUPLED, drawing.STOCHASTIC), strict=True):
        drawing.points(ax, rises, style)
    if found[0].empty:
        empty(ax)
    else:
        published(ax, [WIDE], [about["published"]["width_price_shel_mnist"]["value"]], label="published difference")
    ax.set_ylabel("rise from width 50")
    drawing.headroom(ax, low=-0.03, high=0.15)
    band(ax, *bounds(about, "C6", "bound_gap"))
    drawing.guard(ax, about, "C6_size", "bound_gap", "guard, bound")
    drawing.guard(ax, about, "C6_size", "error_gap", "guard, error")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
