"""Companion G: pairs of MNIST digits, margins and steps to zero error [munteanu_width, E2, E3, E4]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, guide, legend_below, panel_label, save, simulated
from repro.frames import select
from repro.job import job
from repro.panels import band_between, dashes
from scripts.munteanu_width import comparison
from scripts.munteanu_width.figures.drawing import Tables, mosaic, never_tick, panel_steps, panel_success

TRUE, PERMUTED = COLORS["green"], COLORS["purple"]
DIGITS = {"zero_one": "0/1", "four_nine": "4/9"}
JUDGED_WIDTH = 128

Setting = tuple[str, int]


def draw(tables: Tables, about: About) -> Figure:
    margins, runs = tables["image_margin"], tables["image_training_run"]
    judged = tuple(comparison.JUDGED_PAIR.values())
    others = [setting for setting in _settings(runs) if setting != judged]
    fig, axes = mosaic("aaabbcc\ndddeeee" if not others else "aaabbcc\ndddeeee\nfffgggg\nhhhiiii", height=4.8 if not others else 8.6)
    panel_margins(axes["a"], about, margins)
    panel_ratios(axes["b"], about, margins)
    panel_best(axes["c"], about, runs)
    panel_success(axes["d"], "d", about, select(runs, **comparison.JUDGED_PAIR), _title(judged))
    panel_steps(axes["e"], "e", about, select(runs, **comparison.JUDGED_PAIR), _title(judged))
    for letter, setting in zip("fghi", others, strict=False):
        panel_steps(axes[letter], letter, about, select(runs, pair=setting[0], n_train=setting[1]), _title(setting))
    for letter in "fghi"[len(others) :]:
        if letter in axes:
            axes[letter].remove()
    legend_below(fig, axes["a"], axes["d"], axes["c"], n_columns=4)
    return fig


def _settings(table: pd.DataFrame) -> list[Setting]:
    """Pairs and numbers of images in a table, 0 and 1 first."""
    found = table[["pair", "n_train"]].drop_duplicates().itertuples(index=False)
    return sorted(((pair, int(n)) for pair, n in found), key=lambda setting: (list(DIGITS).index(setting[0]), setting[1]))


def _title(setting: Setting) -> str:
    return f"digits {DIGITS[setting[0]]}, {setting[1]} images"


def _setting_axis(ax: Axes, settings: list[Setting]) -> None:
    ax.set_xticks(range(len(settings)), [f"{DIGITS[pair]}\n{n}" for pair, n in settings])
    ax.set(xlim=(-0.6, max(len(settings), 1) - 0.4), xlabel="digits, images")
    ax.grid(visible=False, axis="x")


def panel_margins(ax: Axes, about: About, margins: pd.DataFrame) -> None:
    """Margin of the true labels, of permuted ones with their range, and the one that any labels have."""
    panel_label(ax, "a", about, "margin of the tangent kernel")
    settings = _settings(margins)
    _setting_axis(ax, settings)
    ax.set_ylabel(r"margin $\gamma_2$")
    for place, (pair, n) in enumerate(settings):
        found = select(margins, pair=pair, n_train=n)
        true, permuted = (select(found, labels=labels)["margin_l2"] for labels in ("original", "permuted"))
        simulated(ax, [place - 0.1] * len(true), true, color=TRUE, label="true labels")
        if len(permuted):
            ends = np.array([[permuted.mean() - permuted.min()], [permuted.max() - permuted.mean()]])
            reach = np.maximum(ends, 0) / 2  # simulated() doubles it
            simulated(ax, [place + 0.1], [permuted.mean()], reach, color=PERMUTED, label="permuted labels")
        dashes(ax, [place], [found["eigenvalue_margin"].iloc[0]], 0.25, color=COLORS["black"], label=r"any labels, $\sqrt{\lambda/n}$")
    ax.set_ylim(bottom=0)


def panel_ratios(ax: Axes, about: About, margins: pd.DataFrame) -> None:
    """True over largest permuted margin; digits 0 and 1 are judged."""
    panel_label(ax, "b", about, "true / best permuted")
    settings = _settings(margins)
    _setting_axis(ax, settings)
    ratios = comparison.margin_ratios(margins).reindex(pd.MultiIndex.from_tuples(settings, names=["pair", "n_train"]))
    ax.set(ylim=(0, 1.25 * np.nanmax([4.0, *ratios])), ylabel="ratio of margins")
    judged = [place for place, (pair, _) in enumerate(settings) if pair == "zero_one"]
    if judged:
        band_between(ax, judged[0] - 0.4, judged[-1] + 0.4, bounds(about, "C11", "margin_ratio"))
    simulated(ax, range(len(settings)), ratios, color=COLORS["black"])


def panel_best(ax: Axes, about: About, runs: pd.DataFrame) -> None:
    """Steps of the judged setting by start; a run that never comes to zero error stands above all steps."""
    panel_label(ax, "c", about, rf"$m$ = {JUDGED_WIDTH}, $\kappa$ = 10")
    found = select(runs, **comparison.JUDGED_PAIR, width=JUDGED_WIDTH, init_scale=10.0)
    never = 2.0 * (runs["n_steps"].max() if len(runs) else 500)
    ax.set(yscale="log", ylim=(0.5, 2 * never), xlim=(-0.6, 1.6), ylabel="median steps")
    ax.set_xticks([0, 1], ["coupled", "\nindependent"])
    ax.grid(visible=False, axis="x")
    guide(ax, [-0.6, 1.6], [never, never])
    never_tick(ax, never)
    for place, (start, color) in enumerate((("coupled", COLORS["blue"]), ("independent", COLORS["red"]))):
        band_between(ax, place - 0.35, place + 0.35, bounds(about, "C12", start))
        steps = select(found, initialization=start)["hit_step"].to_numpy(dtype=float)
        if len(steps):
            simulated(ax, [place], [min(np.median(steps), never)], color=color, marker="s")


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
