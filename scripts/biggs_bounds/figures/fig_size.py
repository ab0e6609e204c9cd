"""Bounds and errors by training-set size, and what more images gain [biggs_bounds]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, band, bounds, empty, legend_below, new_figure, panel_label, published, save
from repro.job import job
from scripts.biggs_bounds.figures import drawing


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    network, bound = (drawing.main_grid(tables[name], any_size=True) for name in ("network", "bound"))
    settings = {pair: setting for pair in drawing.PAIRS if (setting := sized(drawing.of_pair(bound, pair)))}
    n_panels = 1 + max(1, len(settings))
    n_columns = 2 if n_panels == 2 else 3
    n_rows = -(-n_panels // n_columns)
    fig, axes = new_figure(n_rows, n_columns, height=0.9 + 2.1 * n_rows)
    *panels, last = axes.flat[:n_panels]
    for letter, ax, (pair, (width, rate)) in zip("abcd", panels, settings.items(), strict=False):
        panel(ax, *(drawing.of_pair(table, pair, width=width, learning_rate=rate) for table in (network, bound)))
        sizes = drawing.of_pair(bound, pair, width=width, learning_rate=rate)["n_train"]
        drawing.published_curve(ax, about, pair, {"n_train": sizes}, {"width": width, "learning_rate": rate})
        panel_label(ax, letter, about, f"{drawing.PAIRS[pair]}, $K$ = {width:g}")
    if not settings:
        empty(panels[0])
    gain(last, drawing.of_pair(bound, ("shel", "mnist"), kind="coupled"), about)
    panel_label(last, "abcde"[n_panels - 1], about, "SHEL, MNIST")
    for ax in axes.flat[n_panels:]:
        ax.set_axis_off()
    legend_below(fig, *axes.flat, n_columns=3)
    return fig


def sized(bound: pd.DataFrame) -> tuple[int, float] | None:
    """Width and learning rate with the most training-set sizes; none if every setting has a single one."""
    sizes = bound.groupby(["width", "learning_rate"])["n_train"].nunique()
    return sizes.idxmax() if len(sizes) and sizes.max() > 1 else None


def panel(ax: Axes, network: pd.DataFrame, bound: pd.DataFrame) -> None:
    kinds = {kind: bound[bound["kind"] == kind] for kind in ("full", "coupled", "coupled_last_prior")}
    drawing.log_axis(ax, network["n_train"], drawing.AXES["n_train"])
    drawing.curve(ax, kinds["full"], "n_train", "bound", drawing.FULL)
    drawing.curve(ax, kinds["coupled"], "n_train", "bound", drawing.COUPLED)
    drawing.curve(ax, kinds["coupled_last_prior"], "n_train", "bound", drawing.LAST)
    drawing.curve(ax, kinds["coupled"], "n_train", "stochastic_error", drawing.STOCHASTIC)
    drawing.curve(ax, network, "n_train", "test_error", drawing.TEST)
    ax.set_ylim(bottom=0)
    drawing.vacuous(ax)
    ax.set_ylabel("bound and error")


def gain(ax: Axes, coupled: pd.DataFrame, about: About) -> None:
    """Mean bound on fewer images minus that on the most, at every setting that has both."""
    drawing.log_axis(ax, coupled["n_train"], drawing.AXES["n_train"])
    found = [
        drawing.mean_minus(own, "n_train", "bound", coupled["n_train"].max()) for _, own in coupled.groupby(["width", "learning_rate"])
    ]
    for gains in found:
        drawing.points(ax, gains, drawing.COUPLED)
    if not any(map(len, found)):
        empty(ax)
    if 15000 in set(coupled["n_train"]):
        published(ax, [15000], [about["published"]["size_gain_shel_mnist"]["value"]], label="published difference")
    ax.set_ylabel("bound minus that\non the most images")
    drawing.headroom(ax, low=-0.05, high=0.4)
    band(ax, *bounds(about, "C10", "gap"))
    drawing.guard(ax, about, "C10_size", "gap")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
