"""Figure 4: risk against the initial stepsize, and the floor of constant stepsize [wu_last_iterate, eqs. (5), (9)]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, THEORY, empty, legend_below, new_figure, save
from repro.job import job
from scripts.wu_last_iterate.figures.drawing import curves

RISK = r"excess risk $L(w_N) - L(w^*)$"


def draw(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Risk against the stepsize at one sample size, and against the sample size at one stepsize."""
    fig, axes = new_figure(1, 2, height=4.0)
    panel_stepsizes(axes[0, 0], tables["stepsize_scan"])
    panel_horizons(axes[0, 1], tables["horizon_scan"])
    legend_below(fig, *axes[0], n_columns=3)
    return fig


def panel_stepsizes(ax: Axes, table: pd.DataFrame) -> None:
    """Risk against the stepsize with its bias and variance (thin), and the limit of stability."""
    if table.empty:
        return empty(ax)
    for line, rows in curves(table, "relative_stepsize"):
        ax.plot(rows["relative_stepsize"], rows["risk"], **THEORY | line)
        for part, style in {"bias": "--", "variance": ":"}.items():
            ax.plot(rows["relative_stepsize"], rows[part], color=line["color"], linestyle=style, linewidth=0.8)
    critical = table["critical_stepsize"].iloc[0]
    ax.axvline(critical, color=COLORS["grey"], linewidth=1.0, linestyle="-.", label="limit of stability")
    ax.set(xscale="log", yscale="log", xlabel=r"initial stepsize $g = \gamma_0\,\mathrm{tr}\,H$", ylabel=RISK)
    ax.set_ylim(bottom=table["risk"].min() / 100)
    ax.set_title(f"$N = {table['n_train'].iloc[0]}$; dashed: bias, dotted: variance")
    return None


def panel_horizons(ax: Axes, table: pd.DataFrame) -> None:
    """Risk against the sample size, and the stationary floor."""
    if table.empty:
        return empty(ax)
    for line, rows in curves(table.assign(decay_exponent=0.0), "n_train"):
        ax.plot(rows["n_train"], rows["risk"], **THEORY | line)
    ax.axhline(table["floor"].iloc[0], color=COLORS["grey"], linewidth=1.0, label="floor of constant stepsize")
    ax.set_xscale("log", base=2)
    ax.set(yscale="log", xlabel="samples $N$", ylabel=RISK)
    ax.set_title(f"$g = {table['relative_stepsize'].iloc[0]:g}$")
    return None


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables), j)
