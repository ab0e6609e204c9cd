"""What the theory asks of every trained network, and two controls [biggs_bounds, E5 to E9]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, band, bounds, control, empty, guide, legend_below, new_figure, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import band_at, categories
from scripts.biggs_bounds.figures import drawing

SMALL = {"markersize": 3.0}
ZERO_PRIOR_RATE = 0.03


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    network, bound = (table[table["labels"] == "original"] for table in (tables["network"], tables["bound"]))
    fig, axes = new_figure(2, 3, height=5.2)
    slack(axes[0, 0], bound, about)
    ratio(axes[0, 1], bound, about)
    wrong_draws(axes[0, 2], network, about)
    wrong_shares(axes[1, 0], network, about)
    zero_prior(axes[1, 1], select(drawing.main_grid(bound), learning_rate=ZERO_PRIOR_RATE), about)
    random_labels(axes[1, 2], tables["bound"][tables["bound"]["labels"] == "random"], about)
    legend_below(fig, *axes.flat, n_columns=3)
    return fig


def slack(ax: Axes, bound: pd.DataFrame, about: About) -> None:
    """Panel a: room between the random network's bound and its error on the test set."""
    for kind, style in (("full", drawing.FULL), ("coupled", drawing.COUPLED)):
        own = bound[bound["kind"] == kind]
        simulated(ax, drawing.side_by_side(ax, own), own["bound"] / 2 - own["stochastic_error_test"], **style | SMALL)
    panel_label(ax, "a", about, "the bound holds")
    ax.set_ylabel("half the bound minus\nstochastic test error")
    _shade(ax, bound, about, ("C2", "coupled_slack"), low=-0.05, high=0.3)


def ratio(ax: Axes, bound: pd.DataFrame, about: About) -> None:
    """Panel b: what the data-dependent prior does to the bound."""
    pairs = drawing.both(bound, drawing.NETWORK, "kind", ("coupled", "full"))
    simulated(ax, drawing.side_by_side(ax, pairs), pairs["coupled"] / pairs["full"], **drawing.COUPLED | SMALL)
    panel_label(ax, "b", about, "a data-dependent prior")
    ax.set_ylabel("coupled bound\n/ full bound")
    _shade(ax, pairs, about, ("C3", "largest_ratio"), low=0.3, high=1.1)


def wrong_draws(ax: Axes, network: pd.DataFrame, about: About) -> None:
    """Panel c: the test image that comes nearest to contradicting the factor 2."""
    simulated(ax, drawing.side_by_side(ax, network), network["wrong_frequency_min"], **drawing.STOCHASTIC | SMALL)
    panel_label(ax, "c", about, "the factor two")
    ax.set_ylabel("smallest share\nof wrong draws")
    guide(ax, ax.get_xlim(), [0.5, 0.5], "½")
    _shade(ax, network, about, ("C9", "smallest_frequency"), low=0.2, high=0.6)


def wrong_shares(ax: Axes, network: pd.DataFrame, about: About) -> None:
    """Panel d: how many of these images show one half within noise."""
    simulated(ax, drawing.side_by_side(ax, network), network["wrong_share"], **drawing.STOCHASTIC | SMALL)
    panel_label(ax, "d", about, "the factor two")
    ax.set_ylabel("images with a share\nof at least 0.45")
    _shade(ax, network, about, ("C9_share", "smallest_share"), low=0.97, high=1.002)


def zero_prior(ax: Axes, bound: pd.DataFrame, about: About) -> None:
    """Panel e: what prior mean 0 costs, a control."""
    own = drawing.of_pair(bound, ("shel", "mnist"))
    both = drawing.both(own, ["width", "seed"], "kind", ("full_zero_prior", "full"))
    widths = sorted({*both["width"], 50, 200})
    categories(ax, [f"{width:g}" for width in widths])
    ax.set(xlabel="width $K$", ylabel="full bound, prior mean 0\nminus initial weights")
    if len(both):
        at = [widths.index(width) for width in both["width"]]
        control(ax, at, both["full_zero_prior"] - both["full"], label="control")
    else:
        empty(ax)
    panel_label(ax, "e", about, "control: prior mean 0")
    drawing.headroom(ax, low=0, high=0.8)
    for width in (50, 200):
        band_at(ax, widths.index(width), bounds(about, "N3", f"width_{width}"))


def random_labels(ax: Axes, bound: pd.DataFrame, about: About) -> None:
    """Panel f: bounds of networks trained on random labels, a control."""
    kinds = ["coupled", "full"]
    for at, kind in enumerate(kinds):
        values = bound["bound"][bound["kind"] == kind]
        control(ax, [at] * len(values), values, label="control")
    categories(ax, kinds)
    ax.set_ylabel("bound on the error")
    if bound.empty:
        empty(ax)
    panel_label(ax, "f", about, "control: random labels")
    drawing.headroom(ax, low=1.7, high=2.0)
    for at, kind in enumerate(kinds):
        band_at(ax, at, bounds(about, "N1", kind))


def _shade(ax: Axes, rows: pd.DataFrame, about: About, part: tuple[str, str], *, low: float, high: float) -> None:
    """Limits that hold the data, and the bounds of the claim."""
    if rows.empty:
        empty(ax)
    drawing.headroom(ax, low=low, high=high)
    band(ax, *bounds(about, *part))


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
