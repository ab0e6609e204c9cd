"""The two tables of best runs, drawn as figures: their own rows in black, the published ones in grey [biggs_bounds]."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, empty, new_figure
from scripts.biggs_bounds.figures import drawing as panels

NETWORK = ["dataset", "model", "width", "learning_rate", "momentum", "batch_size", "n_train", "labels", "seed"]


class Column(NamedTuple):
    """One column of the table."""

    key: str
    title: str
    width: float
    """Relative to the others."""
    form: str = "{:.3f}"


COLUMNS = (
    Column("who", "", 1.9, "{}"),
    Column("learning_rate", "$\\eta$", 0.8, "{:g}"),
    Column("width", "$K$", 0.7, "{:g}"),
    Column("seed", "seed", 0.7, "{:g}"),
    Column("test_error", "test\nerror", 0.9),
    Column("full", "full\nbound", 0.9),
    Column("coupled_last_prior", "coupled\nbound", 1.0),
    Column("stochastic_error", "stochastic\nerror", 1.1),
    Column("hidden_distance", "$d_U$", 0.9, "{:.1f}"),
    Column("output_distance", "$d_V$", 0.9, "{:.1f}"),
    Column("sigma_hidden", "$\\sigma_U$", 0.7, "{:.2f}"),
    Column("sigma_output", "$\\sigma_V$", 0.7, "{:.2f}"),
)


def best_runs(tables: Mapping[str, pd.DataFrame], *, momentum: bool) -> dict[panels.Pair, pd.Series]:
    """Per network and data set the run with the smallest last-prior bound, with momentum or without."""
    bound = tables["bound"]
    kept = bound[(bound["labels"] == "original") & ((bound["momentum"] > 0) == momentum)]
    # on the sample two requested training sizes can be the same one
    kept = kept[kept["n_train"] == kept["n_train"].max()].drop_duplicates([*NETWORK, "kind"])
    runs = kept.pivot_table(index=NETWORK, columns="kind", values="bound").reset_index()
    full = kept[kept["kind"] == "full"][[*NETWORK, "hidden_distance", "output_distance"]]
    last = kept[kept["kind"] == "coupled_last_prior"][[*NETWORK, "stochastic_error", "sigma_hidden", "sigma_output"]]
    runs = runs.merge(full, on=NETWORK).merge(last, on=NETWORK)
    runs = runs.merge(tables["network"][[*NETWORK, "test_error"]].drop_duplicates(NETWORK), on=NETWORK)
    best = {}
    for pair in panels.PAIRS:
        mine = panels.of_pair(runs, pair)
        if len(mine):
            best[pair] = mine.loc[mine["coupled_last_prior"].idxmin()].copy()
            best[pair]["who"] = f"here, best of {len(mine)}"
    return best


def draw_best(best: Mapping[panels.Pair, pd.Series], published: Mapping[panels.Pair, Mapping]) -> Figure:
    """Table of the best runs, each above the published one."""
    fig, axes = new_figure(height=3.4)
    ax = axes[0, 0]
    ax.set_axis_off()
    ax.set(xlim=(0, sum(column.width for column in COLUMNS)), ylim=(13.2, 0))
    _line(ax, 0.9, [column.title for column in COLUMNS], COLORS["black"])
    ax.axhline(1.5, color=COLORS["black"], linewidth=0.8)
    for block, (pair, title) in enumerate(panels.PAIRS.items()):
        top = 2.1 + 2.8 * block
        ax.text(0, top, title, va="center", fontweight="bold")
        if pair in best:
            _line(ax, top + 0.9, _cells(best[pair]), COLORS["black"], bold="coupled_last_prior")
        else:
            ax.text(0, top + 0.9, "no rows at this preset", va="center", fontsize=7, color=COLORS["grey"])
        _line(ax, top + 1.7, _cells(published[pair]), COLORS["grey"], bold="coupled_last_prior")
        ax.axhline(top + 2.25, color=COLORS["grey"], linewidth=0.3 if block < len(panels.PAIRS) - 1 else 0.8)
    if not best:
        empty(ax)
    return fig


def _cells(row: Mapping | pd.Series) -> list[str]:
    """Formatted values; a dash where there is none."""
    values = [row.get(column.key) for column in COLUMNS]
    return ["–" if pd.isna(value) else column.form.format(value) for column, value in zip(COLUMNS, values, strict=True)]


def _line(ax: Axes, y: float, cells: Sequence[str], color: str, bold: str = "") -> None:
    """One line of cells, the first to the left, the others right-aligned."""
    right = 0.0
    for column, cell in zip(COLUMNS, cells, strict=True):
        right += column.width
        first = column is COLUMNS[0]
        ax.text(
            0.1 if first else right,
            y,
            cell,
            color=color,
            ha="left" if first else "right",
            va="center",
            fontsize=7.5,
            fontweight="bold" if column.key == bold else "normal",
        )
