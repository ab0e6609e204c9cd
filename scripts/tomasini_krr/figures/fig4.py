"""Learning curves and their exponents in two and more dimensions without ridge [tomasini_krr, E6, E9]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, legend_below, new_figure, panel_label, plain_ticks, save, simulated, theory
from repro.frames import select
from repro.job import job
from scripts.tomasini_krr.figures.drawing import (
    DIM_MARKERS,
    ERROR,
    REPLICA,
    SIZE,
    Column,
    Tables,
    by_chi,
    chi_color,
    explain_cases,
    explain_dims,
    explain_laws,
    judged,
    of_pair,
    pair_label,
    spaced,
    through,
)
from scripts.tomasini_krr.summaries import PAIRS, TOY, over_seeds

LAWS = (("extremal_points", {}), ("replica", REPLICA))


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = new_figure(2, 3, height=4.8)
    errors, fits, laws = (tables[name] for name in ("high_dimension_errors", "learning_exponents", "scaling_exponents"))
    for ax, letter, dim in zip(axes[0], "ab", (2, 3), strict=False):
        panel_label(ax, letter, about, f"learning curves, $d = {dim}$")
        panel_curves(ax, select(errors, dim=dim), select(laws, dim=dim))
    axes[0, 1].set_ylabel("")
    panel_exponents(axes[0, 2], fits, laws, about)
    panels_of_claims(axes[1], fits, laws, about)
    explain_cases(axes[0, 0], errors["depletion_exponent"])
    explain_dims(axes[0, 0], errors["dim"])
    explain_laws(axes[0, 0])
    legend_below(fig, axes[0, 0], axes[1, 0], n_columns=5)
    return fig


def panel_curves(ax: Axes, errors: pd.DataFrame, laws: pd.DataFrame) -> None:
    """Mean error in one dimension, with lines of both slopes through the middle of the points."""
    for chi, found in errors.groupby("depletion_exponent"):
        means = over_seeds(found, ["n_train"])
        marker = DIM_MARKERS.get(found["dim"].iloc[0], "o")
        for law, style in LAWS:
            for slope in select(laws, law=law, depletion_exponent=chi)["exponent"]:
                theory(ax, *through(means["n_train"], means["mean"], -slope), color=chi_color(chi), **style)
        simulated(ax, means["n_train"], means["mean"], means["std_error"], color=chi_color(chi), marker=marker)
    ax.set(xscale="log", yscale="log", xlabel=SIZE, ylabel=ERROR)
    plain_ticks(ax, "x", spaced(errors["n_train"]))


def panel_exponents(ax: Axes, fits: pd.DataFrame, laws: pd.DataFrame, about: About) -> None:
    """Exponents of the last range of the fit against the dimension, with both laws at whole dimensions."""
    panel_label(ax, "c", about, "exponents")
    shown = sorted(set(fits["depletion_exponent"]))
    for chi in shown:
        for law, style in LAWS:
            line = select(laws, law=law, depletion_exponent=chi)
            theory(ax, line["dim"], line["exponent"], color=chi_color(chi), marker=".", markersize=3, **style)
    last = fits[fits["fit_from"] == fits["fit_from"].max()]
    for (dim, chi), found in last.groupby(["dim", "depletion_exponent"]):
        simulated(ax, found["dim"], found["exponent"], found["std_error"], color=chi_color(chi), marker=DIM_MARKERS.get(dim, "o"))
    ax.set(xlabel="dimension $d$", ylabel="exponent", ylim=(0, 1.7))


def panels_of_claims(axes: list[Axes], fits: pd.DataFrame, laws: pd.DataFrame, about: About) -> None:
    """Measured exponents minus those of both theories, in the ranges that are judged."""
    wide = laws.pivot_table(index=["dim", "depletion_exponent"], columns="law", values="exponent")
    wide = wide.reindex(columns=["extremal_points", "replica"])
    found = fits.join(wide, on=["dim", "depletion_exponent"])
    found = found.assign(to_replica=found["exponent"] - found["replica"], to_true=found["exponent"] - found["extremal_points"])
    early, late = (select(found, fit_from=start, fit_to=2048) for start in (64, 256))
    strongest = of_pair(early, *TOY)
    panel_label(axes[0], "d", about, pair_label(*TOY))
    axes[0].set(ylim=(-0.3, 0.2), ylabel="exponent, measured\n− predicted")
    columns = [
        Column("replica", "T9", "measured_minus_replica", by_chi(strongest, "to_replica", "std_error")),
        Column("extremal points", "T9b", "strongest_pair", by_chi(strongest, "to_true", "std_error")),
    ]
    judged(axes[0], about, columns)
    others = pd.concat([of_pair(late, *pair) for pair in PAIRS if pair != TOY])
    bare = select(late, depletion_exponent=0.0, dim=[2, 3])
    panels = ((axes[1], "e", "depleted", "T9b", "two_pairs", others), (axes[2], "f", "not depleted", "T10", "exponent", bare))
    for ax, letter, title, claim, part, chosen in panels:
        panel_label(ax, letter, about, title)
        ax.set(ylim=(0, 0.15), ylabel="exponent,\n$|$measured − law$|$")
        off = chosen.assign(off=np.abs(chosen["to_true"]))
        label = ", ".join(f"$({dim}, {chi:g})$" for dim, chi in zip(off["dim"], off["depletion_exponent"], strict=True))
        judged(ax, about, [Column(f"$(d, \\chi)$ = {label}" if label else "", claim, part, by_chi(off, "off", "std_error"))])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
