"""Figure 5: the Gaussian prediction on real images [wu_last_iterate, eq. (1)]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from repro.figures import COLORS, PUBLISHED, SIMULATION, THEORY, empty, legend_below, new_figure, save
from repro.job import job
from scripts.wu_last_iterate.figures.drawing import curves

DATASETS = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST", "cifar10": "CIFAR-10, grey"}


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """One column a dataset: risks above, their ratio below."""
    table = tables["image_risk"]
    fig, axes = new_figure(2, 3, height=5.0, sharex=True, sharey="row", height_ratios=[1.6, 1])
    for column, (dataset, name) in enumerate(DATASETS.items()):
        rows = table[table["dataset"] == dataset]
        axes[0, column].set_title(name)
        panel_risk(axes[0, column], rows)
        panel_ratio(axes[1, column], rows)
        axes[1, column].set_xlabel("SGD steps $N$ (images drawn)")
    axes[0, 0].set_ylabel(r"excess risk $L(w_N) - L(w^*)$")
    axes[1, 0].set_ylabel("images / theory")
    axes[0, 0].plot([], [], color=COLORS["grey"], **SIMULATION, label="SGD on images, mean ± 2 s.e.")
    legend_below(fig, axes[0, 0], n_columns=3)
    return fig


def panel_risk(ax: Axes, table: pd.DataFrame) -> None:
    """Gaussian theory as a line, SGD on images as markers with two standard errors."""
    if table.empty:
        return empty(ax)
    for line, rows in curves(table, "n_train"):
        ax.plot(rows["n_train"], rows["risk"], **THEORY | line)
        ax.errorbar(rows["n_train"], rows["simulated_risk"], 2 * rows["std_error"], color=line["color"], **SIMULATION, elinewidth=0.8)
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    return None


def panel_ratio(ax: Axes, table: pd.DataFrame) -> None:
    """Simulated over predicted risk with two standard errors; schedules are set apart sideways to be seen."""
    if table.empty:
        return empty(ax)
    ax.axhline(1.0, **PUBLISHED)
    for shift, (line, rows) in enumerate(curves(table, "n_train")):
        error = 2 * rows["std_error"] / rows["risk"]
        ax.errorbar(rows["n_train"] * 1.08 ** (shift - 1.5), rows["risk_ratio"], error, color=line["color"], **SIMULATION, elinewidth=0.8)
    ticks = sorted(table["n_train"].unique())
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.xaxis.set_minor_formatter(NullFormatter())
    return None


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
