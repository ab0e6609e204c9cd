"""Companion A: widths on the alternating circle against the inverse margin [munteanu_width, E5–E10]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, band, bounds, control, guide, legend_below, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import band_between
from scripts.munteanu_width import comparison
from scripts.munteanu_width import theory as law
from scripts.munteanu_width.claims import CONTROL_N
from scripts.munteanu_width.figures.drawing import N_POINTS, STARTS, Tables, log_axis, mosaic

FROZEN, COVER, TRANSFER = COLORS["green"], COLORS["purple"], COLORS["orange"]
HIGHEST = 1e8  # where the guides are clipped and infinite widths stand
SMALLEST = 1e-10  # drawn in place of a smaller margin


def draw(tables: Tables, about: About) -> Figure:
    fig, axes = mosaic("aab\naac\ndef", height=6.6)
    panel_widths(axes["a"], tables, about)
    panel_margins(axes["b"], tables["circle_margin"], about)
    panel_law(axes["c"], tables["frozen_width"], about)
    panel_equal(axes["d"], tables["frozen_width"], about)
    panel_counts(axes["e"], tables["frozen_width"], about)
    panel_sufficient(axes["f"], tables, about)
    legend_below(fig, *axes.values(), n_columns=4)
    return fig


def _inverse(n: object) -> np.ndarray:
    """1/γ of n points."""
    sizes = np.asarray(n, dtype=float)
    return sizes * np.cos(np.pi / sizes)


def panel_widths(ax: Axes, tables: Tables, about: About) -> None:
    """All widths against the inverse margin."""
    panel_label(ax, "a", about, "widths on the alternating circle")
    frozen = comparison.learnable(tables["frozen_width"])
    sizes = sorted({*frozen["n_train"], *comparison.learnable(tables["transfer_probability"])["n_train"]})
    largest = max(sizes, default=64)
    n = np.geomspace(8, largest, 300)
    theory(ax, _inverse(n), n / 2, color=COLORS["black"], label="existence bound $n/2$")
    theory(ax, _inverse(n), law.cover_median(n), color=FROZEN, label="law of the cover width")
    ends = n[[0, -1]]
    guide(ax, _inverse(ends), _inverse(ends), r"$\gamma^{-1}$")
    guide(ax, _inverse(n), law.sufficient_width(n, 1 / _inverse(n)), r"$\gamma^{-2} \ln n$")
    steep = _inverse(n) ** 8 * np.log(n)
    guide(ax, _inverse(n)[steep <= HIGHEST], steep[steep <= HIGHEST], r"$\gamma^{-8} \ln n$")
    _draw_frozen(ax, frozen)
    found = [(size, comparison.transfer_width(tables["transfer_probability"], size)) for size in sizes]
    found = [(size, width) for size, width in found if width < np.inf]
    if found:
        size, width = np.array(found).T
        simulated(ax, _inverse(size), width, color=TRANSFER, marker="D", label="transfer width")
    _draw_trained(ax, tables["circle_training_run"])
    ax.set(xscale="log", yscale="log", xlim=(6, 3.5 * largest), ylim=(1.5, 2 * HIGHEST))
    ax.set(xlabel=r"inverse margin $1/\gamma = n \cos(\pi/n)$", ylabel=r"width $m$, directions or units")


def _draw_frozen(ax: Axes, frozen: pd.DataFrame) -> None:
    """Medians of frozen and cover width, the former with its deciles."""
    if frozen.empty:
        return
    widths = frozen.groupby("n_train")["frozen_width"]
    tenth, middle, ninth = (widths.quantile(share, interpolation="nearest").clip(upper=HIGHEST) for share in (0.1, 0.5, 0.9))
    reach = np.stack([middle - tenth, ninth - middle]) / 2  # simulated() doubles it
    simulated(ax, _inverse(middle.index), middle, reach, color=FROZEN, label="frozen width")
    cover = comparison.medians(frozen, "cover_width", ["n_train"]).clip(upper=HIGHEST)
    simulated(ax, _inverse(cover.index), cover, color=COVER, marker="+", markersize=5.0, label="cover width")


def _draw_trained(ax: Axes, runs: pd.DataFrame) -> None:
    """Trained widths at scale 1 of the circles that have all widths."""
    for shift, (start, color) in zip((0.97, 1.03), STARTS.items(), strict=True):
        found = _trained(runs, start)
        if found:
            size, width = np.array(list(found.items())).T
            simulated(ax, shift * _inverse(size), np.minimum(width, HIGHEST), color=color, marker="^", label=f"trained width, {start}")


def _trained(runs: pd.DataFrame, start: str) -> dict[int, float]:
    """Trained width by n where all doubling widths were tried."""
    sizes = sorted(comparison.learnable(runs)["n_train"].unique())
    found = {size: comparison.trained_width(runs, n_train=int(size), initialization=start, init_scale=1.0) for size in sizes}
    return {size: width for size, width in found.items() if not np.isnan(width)}


def _size_axis(ax: Axes, sizes: object) -> None:
    found = np.asarray(sizes, dtype=float)
    low, high = (found.min(), found.max()) if found.size else (8, 64)
    log_axis(ax, "x", [n for n in (8, 16, 32, 64, 128, 256) if low <= n <= high])
    ax.set(xlabel=N_POINTS, xlim=(low / 1.25, high * 1.25))


def panel_margins(ax: Axes, margins: pd.DataFrame, about: About) -> None:
    """Margins by least squares on the closed form; those of the controls."""
    panel_label(ax, "b", about, "margin")
    found = comparison.learnable(margins)
    _size_axis(ax, margins["n_train"])
    ax.set(yscale="log", ylim=(SMALLEST / 3, 3), ylabel=r"margin $\gamma$")
    band(ax, *bounds(about, "N1", "margin"))
    n = np.geomspace(8, max(found["n_train"].max(), 9) if len(found) else 64, 300)
    theory(ax, n, 1 / _inverse(n), color=COLORS["black"], label="margin, closed form")
    simulated(ax, found["n_train"], found["margin_l2"], color=COLORS["black"], label="margin, least squares")
    odd = select(margins, n_train=CONTROL_N)
    control(ax, odd["n_train"], np.maximum(odd["margin_l2"], SMALLEST), label="control")


def panel_law(ax: Axes, frozen: pd.DataFrame, about: About) -> None:
    """Distance of the median from the law."""
    panel_label(ax, "c", about, "frozen width − law")
    found = comparison.cover_z(frozen[frozen["n_train"] >= 16]).abs()
    _size_axis(ax, found.index)
    ax.set(ylim=(0, 6), ylabel="distance (s.e.)")
    band(ax, *bounds(about, "C4_law", "median_z"))
    simulated(ax, found.index, found, color=FROZEN)


def panel_equal(ax: Axes, frozen: pd.DataFrame, about: About) -> None:
    """Share of seeds with equal widths."""
    panel_label(ax, "d", about, "frozen width = cover width")
    found = comparison.equal_share(frozen)
    _size_axis(ax, found.index)
    ax.set(ylim=(0, 1.1), ylabel="sequences (share)")
    band_between(ax, 16 / 1.1, max(found.index.max(), 16) * 1.1 if len(found) else 64, bounds(about, "C4_equal", "equal_share"))
    simulated(ax, found.index, found, color=FROZEN)


def panel_counts(ax: Axes, frozen: pd.DataFrame, about: About) -> None:
    """Sequences that separate before they cover; controls that are separable."""
    panel_label(ax, "e", about, "exceptions")
    _size_axis(ax, frozen["n_train"])
    ax.set(ylim=(-0.6, 3.6), yticks=range(4), ylabel="number of\nsequences")
    band(ax, *bounds(about, "C4", "below_cover"))
    found = comparison.below_cover(frozen)
    simulated(ax, found.index, found, color=COVER, label="frozen width below cover width")
    odd = select(frozen, n_train=CONTROL_N)
    finite = np.isfinite(odd["frozen_width"]).groupby(odd["n_train"]).sum()
    control(ax, finite.index, finite)


def panel_sufficient(ax: Axes, tables: Tables, about: About) -> None:
    """Trained widths in units of the sufficient one; the judged one as a control."""
    panel_label(ax, "f", about, r"trained width / ($\gamma^{-2} \ln n$)")
    found = {start: _trained(tables["circle_training_run"], start) for start in STARTS}
    _size_axis(ax, sorted({8, 16, *(size for of_start in found.values() for size in of_start)}))
    ax.set(ylim=(0, 1.05), ylabel="ratio")
    band_between(ax, 16 / 1.15, 16 * 1.15, bounds(about, "N2", "trained_over_theory"))
    for shift, (start, widths) in zip((0.96, 1.04), found.items(), strict=True):
        ratios = {size: width / float(law.sufficient_width(size, law.circle_margin(size))) for size, width in widths.items()}
        simulated(ax, [shift * size for size in ratios], np.minimum(list(ratios.values()), 1.0), color=STARTS[start], marker="^")
        if start == "coupled" and 16 in ratios:
            control(ax, [shift * 16], [min(ratios[16], 1.0)])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
