"""Incremental learning in matrix, CP and hierarchical tensor factorisation [razin_htf, E1, E2, E4]."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, empty, legend_below, panel_label, save, simulated
from repro.job import job
from repro.panels import rows_of_panels
from scripts.razin_htf.figures.drawing import (
    RANK_COLORS,
    Judged,
    Tables,
    of_start,
    panel_path,
    printed_points,
    rank_legend,
    strip,
)
from scripts.razin_htf.measures import LEARNED, RISE_SHARE, RISEN, TARGET_RANK, by_step, last_step, rises

MODELS = {  # title, name of a value
    "mf": ("matrix factorisation", "singular value"),
    "tf": ("tensor factorisation", "component norm"),
    "htf": ("hierarchical, root", "component norm"),
}
GAPS = [
    Judged("C1_mf_incremental", "smallest_gap", "matrix, smallest"),
    Judged("C2_tf_incremental", "smallest_gap", "CP, smallest"),
    Judged("C4_htf_order", "first_gap", "root, 1 to 2"),
    Judged("C4_htf_order", "second_gap", "root, 2 to 3"),
]
TAILS = [Judged("C1_mf_incremental", "tail", "matrix"), Judged("C2_tf_incremental", "tail", "CP")]
COUNTS = [Judged("C4_htf_few", "count", "above 1 %"), Judged("C4_htf_order", "seeds_with_two", "seeds with 2")]


def draw(tables: Tables, about: About) -> Figure:
    fig, (paths, ends, rises, strips) = rows_of_panels([3, 3, 3, 3], height=8.2, ratios=[1.25, 1, 1, 0.75])
    curves = tables["training_curves"]
    for at, (model, (title, value)) in enumerate(MODELS.items()):
        panel_label(paths[at], "abc"[at], about, title)
        panel_path(paths[at], curves, model, LEARNED[model])
        paths[at].set(xlabel="iteration", ylabel=value)
        found = of_start(curves, model, LEARNED[model])
        panel_label(ends[at], "def"[at], about, "at the end, all seeds")
        panel_ends(ends[at], found, about, model)
        ends[at].set(xlabel="rank", ylabel=value)
        panel_label(rises[at], "ghi"[at], about, f"rise to {'half' if RISE_SHARE[model] == 0.5 else 'a quarter'}")
        panel_rises(rises[at], found, about, model)
        rises[at].set(xlabel="rank", ylabel="iteration")
    rank_legend(paths[0])
    panel_label(strips[0], "j", about, "gap between rises")
    strip(strips[0], about, tables, GAPS, scale="symlog", linthresh=25)
    strips[0].set_xlabel("iterations")
    panel_label(strips[1], "k", about, "sixth over fifth")
    strip(strips[1], about, tables, TAILS, scale="log")
    strips[1].set_xlabel("ratio at the end")
    panel_label(strips[2], "l", about, "root components")
    strip(strips[2], about, tables, COUNTS)
    strips[2].set_xlabel("number")
    legend_below(fig, *fig.axes, n_columns=5)
    return fig


def panel_ends(ax: Axes, found: pd.DataFrame, about: About, model: str) -> None:
    """Values at the last step by rank, every seed, and the largest over the run of the first two; published ones beside them."""
    if found.empty:
        empty(ax)
        return
    for rank, of_rank in last_step(found).groupby("rank_index"):
        simulated(ax, of_rank["rank_index"], of_rank["value"], color=RANK_COLORS[rank - 1])
    peaks = found[found["rank_index"] <= 2].groupby(["seed", "rank_index"])["value"].max().reset_index()
    simulated(ax, peaks["rank_index"] + 0.35, peaks["value"], color=COLORS["black"], marker="^", markersize=3, label="largest over the run")
    printed_points(ax, about, f"{model}_ends")
    if f"{model}_peaks" in about["published"]:
        printed_points(ax, about, f"{model}_peaks", shift=0.35)
    ax.set(xlim=(0.4, 10.6), ylim=(-0.03 * ax.get_ylim()[1], None))
    ax.set_xticks(range(1, 11))


def panel_rises(ax: Axes, found: pd.DataFrame, about: About, model: str) -> None:
    """First recorded step at a share of a value's largest, by rank and seed; published ones at half of the end value."""
    printed_points(ax, about, f"{model}_rises")
    for seed, of_seed in found.groupby("seed"):
        values = by_step(of_seed)
        n = min(TARGET_RANK, len(values.columns))
        for rank, at in enumerate(rises(values, n, RISE_SHARE[model]), start=1):
            if values[rank].iloc[-1] > RISEN:
                simulated(ax, [rank + 0.12 * (seed - found["seed"].mean())], [at], color=RANK_COLORS[rank - 1])
    ax.set(xlim=(0.4, TARGET_RANK + 0.6), ylim=(0, None))
    ax.set_xticks(range(1, TARGET_RANK + 1))


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
