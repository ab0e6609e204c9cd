"""Companion C: optimism and convergence of the value on the chain and on simplex instances [vial_ssp, E2, E7, E8]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, empty, guide, legend_below, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from repro.panels import explain, explain_bounds
from scripts.vial_ssp import summaries
from scripts.vial_ssp.figures.drawing import EPISODE, PLAYERS, REGRET, Tables, bounds_of, columns, cover, draw_player

SHOWN = {"chain": ("chain", "o"), "simplex0": ("simplex 0", "s"), "simplex1": ("simplex 1", "^")}
LEARNERS = ("optimistic", "greedy")
Judged = Mapping[str, tuple[str, str]]
"""Instance → claim and part that judge it."""


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(2, 4, height=4.6)
    updates, regret = tables["value_updates"], tables["fixed_instance_regret"]
    for ax, letter, instance in zip(axes[0], "abc", SHOWN, strict=False):
        panel_value(ax, letter, about, updates, instance)
    for ax in axes[0, 1:3]:
        ax.set_ylabel("")
    panel_regret(axes[0, 3], regret, about)
    panel_share(axes[1, 0], updates, about)
    panel_violation(axes[1, 1], updates, about)
    panel_slopes(axes[1, 2], regret, about)
    panel_iterations(axes[1, 3], updates, about)
    for algorithm in LEARNERS:
        draw_player(axes[0, 0], [], [], algorithm=algorithm, label=algorithm)
    for label, marker in SHOWN.values():
        explain(axes[0, 0], label, marker=marker)
    explain_bounds(axes[0, 0])
    legend_below(fig, axes[0, 0], n_columns=6)
    return fig


def panel_value(ax: Axes, letter: str, about: About, updates: pd.DataFrame, instance: str) -> None:
    """Value of the start over the optimal one, mean and range of the seeds."""
    label, marker = SHOWN[instance]
    panel_label(ax, letter, about, label)
    ax.set(xscale="log", xlabel="step $t$", ylabel="$J_t / J^*$ at the start")
    last = max(updates["step"].max(), 2)
    if select(updates, instance=instance).empty:
        empty(ax, "no rows here")
    for algorithm in LEARNERS:
        found = summaries.values_in_force(select(updates, instance=instance, algorithm=algorithm), last)
        ax.fill_between(found["step"], found["low"], found["high"], color=PLAYERS[algorithm], alpha=0.15, linewidth=0)
        draw_player(ax, found["step"], found["mean"], algorithm=algorithm, marker=marker, markersize=3.0)
    guide(ax, [1, last], [1, 1])
    cover(ax, [], 0, 1.6)


def panel_regret(ax: Axes, regret: pd.DataFrame, about: About) -> None:
    """Mean regret of both players on the instances that are shown."""
    panel_label(ax, "d", about, "regret")
    ax.set(xscale="log", yscale="log", xlabel=EPISODE, ylabel=REGRET)
    for instance, (_, marker) in SHOWN.items():
        for algorithm in LEARNERS:
            means = summaries.over_seeds(select(regret, instance=instance, algorithm=algorithm), ["episode"])
            draw_player(ax, means["episode"], means["mean"], algorithm=algorithm, marker=marker, markersize=3.0)


def panel_share(ax: Axes, updates: pd.DataFrame, about: About) -> None:
    """Share of the lanes of all instances that lose optimism."""
    panel_label(ax, "e", about, "optimism lost")
    ax.set(ylim=(-0.05, 1.05), ylabel="share of lanes")
    columns(ax, ["opt.", "greedy"], bounds_of(about, ("V6", "chain_simplex_share"), None))
    violations = summaries.largest_violations(updates)
    for place, algorithm in enumerate(LEARNERS):
        share, std_error = summaries.share_lost(select(violations, algorithm=algorithm)["optimism_violation"])
        draw_player(ax, [place], [share], [std_error], algorithm=algorithm)


def panel_violation(ax: Axes, updates: pd.DataFrame, about: About) -> None:
    """Largest violation of optimism, by instance; the claim judges greedy play on three instances."""
    panel_label(ax, "f", about, "largest excess")
    judged = {"chain": ("V7", "chain_largest")} | dict.fromkeys(summaries.JUDGED_SIMPLEX, ("V7", "simplex_largest"))
    found = summaries.largest_violations(updates).groupby(["instance", "algorithm"], sort=False)["optimism_violation"]
    _by_instance(ax, about, found.agg(lambda values: values.max(skipna=False)), judged, (-0.3, 2), left=0)
    ax.set_ylabel("excess $J_t - J^*$")


def panel_slopes(ax: Axes, regret: pd.DataFrame, about: About) -> None:
    """Power of the episodes of optimistic play, by instance."""
    panel_label(ax, "g", about, "power")
    names = ["chain", *summaries.simplex_instances(regret)]
    slopes = {(name, "optimistic"): summaries.fixed_instance_slope(regret, name)[0] for name in names if len(select(regret, instance=name))}
    judged = {"chain": ("V8", "chain_slope")} | dict.fromkeys(names[1:], ("V8", "simplex_slope"))
    _by_instance(ax, about, _series(slopes), judged, (-0.1, 1))
    ax.set_ylabel("slope of log regret")


def panel_iterations(ax: Axes, updates: pd.DataFrame, about: About) -> None:
    """Largest number of iterations to the fixed point, by instance."""
    panel_label(ax, "h", about, "iterations")
    found = updates.groupby(["instance", "algorithm"], sort=False)["n_iterations"].max().astype(float)
    judged = dict.fromkeys(summaries.simplex_instances(updates), ("V9", "largest_n_iterations"))
    _by_instance(ax, about, found, judged, (0, 250))
    ax.set_ylabel("largest number")


def _series(values: dict[tuple[str, str], float]) -> pd.Series:
    index = pd.MultiIndex.from_tuples(list(values), names=["instance", "algorithm"]) if values else pd.MultiIndex.from_arrays([[], []])
    return pd.Series(list(values.values()), index=index, dtype=float)


def _by_instance(ax: Axes, about: About, values: pd.Series, judged: Judged, limits: tuple[float, float], *, left: float = -0.35) -> None:
    """One column an instance, both players beside each other, with the bounds of those that are judged."""
    names = list(dict.fromkeys(name for name, _ in values.index))
    cover(ax, values.to_numpy(), *limits)
    labels = ["c" if name == "chain" else name.removeprefix("simplex") for name in names]
    columns(ax, labels, bounds_of(about, *map(judged.get, names)), left=left)
    for algorithm, shift in zip(LEARNERS, (-0.15, 0.15), strict=True):
        shown = [(place + shift, values[name, algorithm]) for place, name in enumerate(names) if (name, algorithm) in values.index]
        draw_player(ax, *np.array(shown).reshape(-1, 2).T, algorithm=algorithm)
    ax.set_xlabel("chain (c), simplex")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
