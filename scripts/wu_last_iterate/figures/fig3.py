"""Figure 3: the exact recursion against simulated SGD [wu_last_iterate, eq. (1)]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import SIMULATION, THEORY, empty, legend_below, new_figure, save
from repro.job import job
from scripts.wu_last_iterate.figures.drawing import curves

LAWS = {"rademacher": 1.0, "gaussian": 3.0, "laplace": 6.0}


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Risk over the steps of SGD, and the test of the kurtosis."""
    fig, axes = new_figure(1, 2, height=4.2, width_ratios=[1.7, 1])
    panel_trajectories(axes[0, 0], tables["risk_trajectories"])
    panel_kurtosis(axes[0, 1], tables["kurtosis_test"])
    legend_below(fig, axes[0, 0], n_columns=3)
    return fig


def panel_trajectories(ax: Axes, table: pd.DataFrame) -> None:
    """Exact risk as a line, mean over the runs as markers with two standard errors."""
    if table.empty:
        return empty(ax)
    for line, rows in curves(table, "step"):
        ax.plot(rows["step"], rows["risk"], **THEORY | line)
        ax.errorbar(rows["step"], rows["simulated_risk"], 2 * rows["std_error"], color=line["color"], **SIMULATION, elinewidth=0.8)
    ax.set(xscale="log", yscale="log", xlabel="SGD step $t$", ylabel=r"excess risk $L(w_t) - L(w^*)$")
    ax.set_title(f"lines: exact, markers: mean of {table['n_runs'].max()} runs ± 2 s.e.")
    return None


def panel_kurtosis(ax: Axes, table: pd.DataFrame) -> None:
    """Heat map of |z| with z written in; rows: law of the features, columns: kurtosis of the recursion."""
    if table.empty:
        return empty(ax)
    z = table.pivot_table(index="features", columns="model_kurtosis", values="z_score").reindex(index=list(LAWS), columns=LAWS.values())
    image = ax.imshow(z.abs(), cmap="cividis", vmin=0, vmax=10, aspect="auto")
    for (row, column), value in np.ndenumerate(z.to_numpy()):
        ax.text(column, row, f"{value:.1f}", ha="center", va="center", color="black" if abs(value) > 5 else "white")
    ax.set_xticks(range(len(LAWS)), [f"{kurtosis:g}" for kurtosis in LAWS.values()])
    ax.set_yticks(range(len(LAWS)), [f"{law}\n$\\kappa = {kurtosis:g}$" for law, kurtosis in LAWS.items()])
    ax.set(xlabel=r"kurtosis $\kappa$ in the recursion", ylabel="features")
    ax.set_title("z = (simulated − exact) / s.e.")
    ax.grid(visible=False)
    ax.figure.colorbar(image, ax=ax, label="$|z|$", extend="max", shrink=0.8)
    return None


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
