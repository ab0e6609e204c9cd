"""The two tables of best runs: a row of this run above the published one, for each network and data set [biggs_bounds]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, new_figure
from repro.texts import NOTHING
from scripts.biggs_bounds.figures import drawing

COLUMNS = {
    "learning_rate": ("learning rate", "{:g}"),
    "width": ("width", "{:g}"),
    "seed": ("seed", "{:g}"),
    "test_error": ("test error", "{:.3f}"),
    "full_bound": ("full bound", "{:.3f}"),
    "coupled_bound": ("coupled bound, last prior", "{:.3f}"),
    "stochastic_error": ("stochastic error", "{:.4f}"),
    "hidden_distance": ("d_U", "{:.1f}"),
    "output_distance": ("d_V", "{:.1f}"),
    "sigma_hidden": ("σ_U", "{:.2f}"),
    "sigma_output": ("σ_V", "{:.2f}"),
}
WIDTHS = (1.3, 1.35, 0.45, 0.38, 0.32, 0.36, 0.38, 0.5, 0.64, 0.4, 0.4, 0.34, 0.34)
"""Of the columns on paper, in inches or nearly so."""


def best_runs(tables: Mapping[str, pd.DataFrame], about: About, *, momentum: bool) -> pd.DataFrame:
    """The table as readers see it: per network and data set the run with the smallest bound, and the published one.

    Published rows stand beside networks of the real data only: there the training set has its published size.
    """
    bound = tables["bound"]
    kept = bound[(bound["labels"] == "original") & ((bound["momentum"] > 0) == momentum)]
    # on the sample two requested training sizes can be the same one
    kept = kept[kept["n_train"] == kept["n_train"].max()].drop_duplicates([*drawing.NETWORK, "kind"])
    comparable = bool((kept["n_train"] == 60000).any())
    rows = []
    for pair, name in drawing.PAIRS.items():
        mine = _of_kinds(drawing.of_pair(kept, pair), tables["network"])
        if len(mine):
            rows.append([name, f"here, best of {len(mine)}", *_cells(_best(mine))])
        if comparable:
            printed = _printed(about, "best" if momentum else "plain", pair)
            rows.append([name, f"published, best of {300 if momentum else 90}", *_cells(printed)])
    return pd.DataFrame(rows, columns=["network and data", "run", *(title for title, _ in COLUMNS.values())])


def _of_kinds(bound: pd.DataFrame, network: pd.DataFrame) -> pd.DataFrame:
    """One row a network, what the table says of it."""
    full = bound[bound["kind"] == "full"].rename(columns={"bound": "full_bound"})
    last = bound[bound["kind"] == "coupled_last_prior"].rename(columns={"bound": "coupled_bound"})
    full = full[[*drawing.NETWORK, "full_bound", "hidden_distance", "output_distance"]]
    last = last[[*drawing.NETWORK, "coupled_bound", "stochastic_error", "sigma_hidden", "sigma_output"]]
    tested = network[[*drawing.NETWORK, "test_error"]].drop_duplicates(drawing.NETWORK)
    return full.merge(last, on=drawing.NETWORK).merge(tested, on=drawing.NETWORK)


def _best(runs: pd.DataFrame) -> pd.Series:
    """The run of the smallest coupled bound; ValueError if one of them is not a number."""
    if runs["coupled_bound"].isna().any():
        raise ValueError("bound: a coupled bound is not a number, so none can be called the smallest")
    return runs.loc[runs["coupled_bound"].idxmin()]


def _printed(about: About, kind: str, pair: drawing.Pair) -> dict[str, float]:
    found = {column: about["published"].get(f"{kind}_{pair[0]}_{pair[1]}_{column}") for column in COLUMNS}
    return {column: entry["value"] for column, entry in found.items() if entry}


def _cells(row: Mapping[str, float] | pd.Series) -> list[str]:
    """Values as texts; a dash where there is none."""
    values = [(row.get(column), form) for column, (_, form) in COLUMNS.items()]
    return [NOTHING if pd.isna(value) else form.format(value) for value, form in values]


def draw_best(best: pd.DataFrame) -> Figure:
    """The table on paper."""
    fig, axes = new_figure(height=0.9 + 0.3 * (len(best) + 1))
    ax = axes[0, 0]
    ax.set_axis_off()
    ax.set(xlim=(0, sum(WIDTHS)), ylim=(len(best) + 0.5, -1.4))
    titles = [title.replace("coupled bound, ", "coupled,\n").replace(" ", "\n", 1) for title in best.columns[2:]]
    _line(ax, -0.7, ["", "", *titles])
    for at, row in enumerate(best.itertuples(index=False)):
        first = at == 0 or row[0] != best.iloc[at - 1, 0]
        if first:
            ax.axhline(at - 0.1, color="black", linewidth=0.5)
        _line(ax, at + 0.4, [row[0] if first else "", *row[1:]])
    if best.empty:
        ax.text(0, 0.2, "no rows at this preset", va="center")
    return fig


def _line(ax: Axes, y: float, cells: list[str]) -> None:
    """One line of cells, the first two to the left, the others right-aligned."""
    right = 0.0
    for at, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True)):
        left, right = right, right + width
        ax.text(left if at < 2 else right, y, cell, ha="left" if at < 2 else "right", va="center", fontsize=7.5)
