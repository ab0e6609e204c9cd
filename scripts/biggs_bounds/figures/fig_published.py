"""What was measured beside what was published, setting by setting, with the tolerance of each [biggs_bounds]."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.claims import Measured
from repro.figures import About, empty, legend_below, new_figure, panel_label, published, save, simulated
from repro.job import job
from repro.panels import band_at, categories, measured, padded
from scripts.biggs_bounds import claims
from scripts.biggs_bounds.figures import drawing

DATA = {"mnist": "MNIST", "fashion": "Fashion"}
Panel = tuple[str, str, Mapping]
"""Title, claim and how it looks."""

QUICK: tuple[Panel, ...] = (
    ("coupled bound, last prior", "C4", drawing.LAST),
    ("test error", "C8", drawing.TEST),
)
PAPER: tuple[Panel, ...] = (
    ("coupled bound, last prior", "C4_paper", drawing.LAST),
    ("test error", "C8_paper", drawing.TEST),
    ("best coupled bound, momentum", "C11", drawing.LAST),
    ("best coupled bound, plain SGD", "C12", drawing.LAST),
)


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    wanted = PAPER if about["preset"]["base"] == "paper" else QUICK
    fig, axes = new_figure(1, 2, height=2.9) if len(wanted) == 2 else new_figure(2, 2, height=5.6, height_ratios=[3, 1])
    for letter, ax, (title, claim, look) in zip("abcd", axes.flat, wanted, strict=False):
        found = {part: value for (_, part), value in measured(claims, tables, claim).items()}
        panel(ax, about, claim, found, look)
        panel_label(ax, letter, about, title)
        ax.set_xlabel("error" if claim.startswith("C8") else "bound on the error")
    legend_below(fig, *axes.flat, n_columns=4)
    return fig


def panel(ax: Axes, about: About, claim: str, found: Mapping[str, Measured], look: Mapping) -> None:
    """One row a part: the bounds of the claim, the published number and the measured one."""
    parts = {part: limits for part, limits in about["claims"][claim].items() if part in found}
    if not parts:
        empty(ax)
        return
    ends = [value for limits in parts.values() for value in (limits["lower"], limits["upper"])]
    ends += [found[part].value for part in parts]
    ax.set_xlim(*padded(ends, 0.05))
    for row, (part, limits) in enumerate(parts.items()):
        band_at(ax, row, (limits["lower"], limits["upper"]), along="x")
        printed, mine = about["published"][limits["published"]], found[part]
        published(ax, [printed["value"]], [row], xerr=printed.get("std"), marker="|", label="published", zorder=3)
        error = None if mine.std_error is None else 2 * mine.std_error
        simulated(
            ax,
            [mine.value],
            [row],
            xerr=error,
            **{**look, "label": f"{'test error' if claim.startswith('C8') else 'bound'} here"},
            zorder=4,
        )
    categories(ax, [_words(part) for part in parts], axis="y")


def _words(part: str) -> str:
    """The setting of a part: network, data, and width and learning rate where the part has them."""
    model, data, *setting = part.split("_")
    width, rate = setting or ("", "")
    told = [model.upper(), DATA[data], width and f"$K$ {width}", rate and f"rate 0.{rate[2:]}"]
    return ", ".join(word for word in told if word)


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
