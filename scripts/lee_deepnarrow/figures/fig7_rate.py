"""Fluctuation at the start, drift in training, and the largest stable step [lee_deepnarrow, E3, E5, E6]."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.claims import MissingRows
from repro.figures import COLORS, About, band, bounds, guide, panel_label, save, simulated, theory
from repro.frames import select
from repro.job import job
from repro.panels import band_at, band_between, categories, log_decimals, measured, padded, padded_log, rows_of_panels, strip
from scripts.lee_deepnarrow import claims, measures
from scripts.lee_deepnarrow.figures.drawing import DEPTH_LABEL, SCALE_LABEL, Tables, depth_color, finish

EXPONENTS = [("C4b", "scale_exponent", "scale"), ("C4b", "depth_exponent", "depth")]
SCALES = {4.0: COLORS["sky"], 40.0: COLORS["purple"]}
STEP_LABEL = r"step $\eta/\eta_{\max}$"


def draw(tables: Tables, about: About) -> Figure:
    fig, (first, second, third) = rows_of_panels([3, 3, 3], height=6.9)
    drift, stability = tables["kernel_drift"], tables["stability"]
    panel_spread(first[0], tables["kernel_fluctuation"], about)
    panel_spread_ratio(first[1], tables["kernel_fluctuation"], about)
    panel_drift(first[2], drift, about)
    panel_drift_depth(second[0], drift, about)
    panel_label(second[1], "e", about, "exponents of the drift")
    strip(second[1], about, measured(claims, tables, "C4b"), EXPONENTS, "exponent")
    panel_neighbours(second[2], drift, about)
    panel_steps(third[0], stability, about)
    gaps = measures.stability_gaps(stability)
    panel_above(third[1], gaps, about)
    panel_below(third[2], gaps, about)
    return finish(fig)


def panel_spread(ax: Axes, fluctuation: pd.DataFrame, about: About) -> None:
    """Spread of the diagonal entry times √depth."""
    panel_label(ax, "a", about, "spread before training")
    drawn, exact = (select(fluctuation, method=method) for method in ("simulation", "theory"))
    error = drawn["scaled_std"] / np.sqrt(2 * drawn["n_seeds"].astype(float))  # of Gaussian draws
    simulated(ax, drawn["depth"], drawn["scaled_std"], error, color=COLORS["black"], label="draws (± 2 s.e.)")
    theory(ax, exact["depth"], exact["scaled_std"], color=COLORS["black"], label="leading order")
    ax.set(xscale="log", xlabel=DEPTH_LABEL, ylabel=r"std of $\tilde\Theta\ \times\ \sqrt{L}$")


def panel_spread_ratio(ax: Axes, fluctuation: pd.DataFrame, about: About) -> None:
    """The same over leading order, with bounds from depth 100 on."""
    panel_label(ax, "b", about, "over leading order")
    drawn, exact = (select(fluctuation, method=method).set_index("depth")["scaled_std"] for method in ("simulation", "theory"))
    ratio = (drawn / exact).dropna()
    (lower, _), (_, upper) = (bounds(about, "C3", part) for part in ("smallest_ratio", "largest_ratio"))
    ax.set(xscale="log", ylim=padded([*ratio, lower, upper]), xlabel=DEPTH_LABEL, ylabel="ratio")
    low, high = 7, max(2 * ratio.index.max() if len(ratio) else 0, 1000)
    ax.set_xlim(low, high)
    band_between(ax, 70, high, (lower, upper))
    simulated(ax, ratio.index, ratio, color=COLORS["black"])


def panel_drift(ax: Axes, drift: pd.DataFrame, about: About) -> None:
    """Drift against scale, one colour a depth."""
    panel_label(ax, "c", about, "drift and scale")
    found = measures.by_setting(drift).reset_index()
    ax.set(xscale="log", yscale="log", xlabel=SCALE_LABEL, ylabel="drift, relative")
    ax.set_ylim(*padded_log([*found["drift"], bounds(about, "C4b", "largest_drift")[1]]))
    for depth, own in found.groupby("depth"):
        simulated(ax, own["scale"], own["drift"], own["drift_error"], color=depth_color(depth), label=f"depth {depth}")
    _wide(ax, found, about)
    ladder = select(found, depth=measures.LADDER_DEPTH, scale=list(measures.LADDER))
    if len(ladder) > 1:
        ends = ladder["scale"].to_numpy()[[0, -1]]
        guide(ax, ends, 2 * ladder["drift"].iloc[-1] * ends[1] / ends, "$1/C_L$")


def _wide(ax: Axes, found: pd.DataFrame, about: About) -> None:
    """Bounds of the drift from the smallest judged scale on."""
    first, last = measures.SHARED_SCALE / 1.4, max(found["scale"].max() if len(found) else 0, 400) * 1.6
    band_between(ax, first, last, bounds(about, "C4b", "largest_drift"))
    ax.set_xlim(min(found["scale"].min() if len(found) else 1, first) / 1.6, last * 1.6)


def panel_drift_depth(ax: Axes, drift: pd.DataFrame, about: About) -> None:
    """Drift against depth at the shared scale."""
    panel_label(ax, "d", about, "drift and depth")
    found = select(measures.by_setting(drift).reset_index(), scale=measures.SHARED_SCALE)
    for _, own in found.groupby("depth"):
        simulated(ax, own["depth"], own["drift"], own["drift_error"], color=depth_color(own["depth"].iloc[0]))
    _, upper = bounds(about, "C4b", "largest_drift")
    ax.set(xscale="log", ylim=(0, 1.4 * (upper or found["drift"].max())), xlabel=DEPTH_LABEL, ylabel="drift, relative", xlim=(15, 800))
    log_decimals(ax, "x")
    band(ax, None if upper is None else 0, upper)


def panel_neighbours(ax: Axes, drift: pd.DataFrame, about: About) -> None:
    """Drift at each scale of the ladder over that at the next."""
    panel_label(ax, "f", about, "drift, next scale")
    try:
        ratios = measures.drift_ratios(drift)
    except MissingRows:
        ratios = []
    names = [f"{before:g}/{after:g}" for before, after in zip(measures.LADDER, measures.LADDER[1:], strict=False)]
    limits = bounds(about, "C4", "smallest_ratio")
    ax.set_yscale("log")
    ax.set_ylim(*padded_log([*ratios, *limits]))
    band_at(ax, range(len(names)), limits)
    simulated(ax, range(len(ratios)), ratios, color=depth_color(measures.LADDER_DEPTH))
    categories(ax, names)
    ax.set(xlabel=f"{SCALE_LABEL}, pair", ylabel="ratio of mean drifts")


def panel_steps(ax: Axes, stability: pd.DataFrame, about: About) -> None:
    """Final loss against the step, networks and kernel gradient descent."""
    panel_label(ax, "g", about, "final loss")
    finite = stability[np.isfinite(stability["final_loss"])]
    exact = select(finite, model="limit_kernel")
    mean = exact.groupby("relative_learning_rate")["final_loss"].mean()
    theory(ax, mean.index, mean, color=COLORS["black"], marker=".", label="kernel gradient descent")
    for scale, own in select(finite, model="deep_narrow").groupby("scale"):
        simulated(ax, own["relative_learning_rate"], own["final_loss"], color=_scale_color(scale), label=f"networks of scale {scale:g}")
    ax.set(yscale="log", xlabel=STEP_LABEL, ylabel="training loss")
    guide(ax, [1, 1], ax.get_ylim(), label="largest stable step")


def panel_above(ax: Axes, gaps: pd.DataFrame, about: About) -> None:
    """Decades between kernel gradient descent and the networks above the largest stable step."""
    panel_label(ax, "h", about, "above stable step")
    found = gaps[gaps["relative_learning_rate"] > 1]
    decades = np.log10(found["exact"] / found["final_loss"])
    limits = bounds(about, "C13", "above")
    _, high = padded([*decades, *limits])
    ax.set(ylim=(0, high), xlabel=STEP_LABEL, ylabel="$\\log_{10}$(kernel\n/ network)")
    band(ax, *limits)
    _by_scale(ax, found, decades)


def panel_below(ax: Axes, gaps: pd.DataFrame, about: About) -> None:
    """Relative distance of the final losses below the largest stable step."""
    panel_label(ax, "i", about, "below stable step")
    found = gaps[gaps["relative_learning_rate"] < 1]
    limits = bounds(about, "C13", "below")
    distance = np.log(found["final_loss"] / found["exact"]).abs()
    ax.set_yscale("log")
    ax.set(ylim=padded_log([*distance, *limits]), xlabel=STEP_LABEL, ylabel="|ln(network / kernel)|")
    band(ax, *limits)
    _by_scale(ax, found, distance)


def _by_scale(ax: Axes, found: pd.DataFrame, values: pd.Series) -> None:
    for scale, own in found.groupby("scale"):
        simulated(ax, own["relative_learning_rate"], values[own.index], color=_scale_color(scale))


def _scale_color(scale: float) -> str:
    return SCALES.get(scale, COLORS["brown"])


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
