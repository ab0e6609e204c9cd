"""Figure 5: vanilla and truncated SGD, and the components themselves [refinetti_autoencoders, E5, E9]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import COLORS, About, bounds, empty, guide, legend_below, new_figure, panel_label, save
from repro.frames import select
from repro.job import job
from repro.panels import explain_bounds
from scripts.refinetti_autoencoders.curves import wide
from scripts.refinetti_autoencoders.figures.drawing import (
    ERROR_LABEL,
    RULE_COLORS,
    TIME_LABEL,
    Column,
    draw_columns,
    draw_curves,
    draw_levels,
    explain_roles,
    first_seed,
    log_axes,
    panel_alignment,
)


def draw(tables: Mapping[str, pd.DataFrame], about: About) -> Figure:
    fig, ((wide, *heat_maps), rows, (judged, slower, end)) = _panels()
    spiked = select(tables["truncated_curves"], inputs="spiked")
    panel_curves(wide, spiked, about)
    simulated = select(tables["decoder_alignment"], inputs="spiked", method="simulation")
    for ax, letter, rule in zip(heat_maps, "bc", RULE_COLORS, strict=True):
        panel_alignment(ax, letter, about, rule, first_seed(simulated))
    for unit, (ax, letter) in enumerate(zip(rows, "defg", strict=True), start=1):
        panel_decoder(ax, letter, about, unit, select(tables["decoder_rows"], unit=unit))
    _share_scale(rows)
    rows[0].set_ylabel(r"row of norm $\sqrt{D}$")
    panel_judged(judged, simulated, about)
    panel_slower(slower, spiked, about)
    panel_end(end, select(spiked, method="theory", time=1000.0), about)
    explain_bounds(judged)
    legend_below(fig, wide, rows[0], judged, n_columns=4)
    return fig


def _panels() -> tuple[Figure, list[list[Axes]]]:
    """Figure with three rows of panels, each with widths of its own: the labels of one row leave no gap in another."""
    fig, axes = new_figure(height=7.0)
    axes[0, 0].remove()
    rows = fig.add_gridspec(3, 1, height_ratios=[1.1, 0.8, 1])
    widths = ([2, 1, 1], [1, 1, 1, 1], [2, 1, 1])
    grids = [row.subgridspec(1, len(shares), width_ratios=shares) for row, shares in zip(rows, widths, strict=True)]
    return fig, [[fig.add_subplot(place) for place in grid] for grid in grids]


def panel_curves(ax: Axes, curves: pd.DataFrame, about: About) -> None:
    """Learning curves of the first seed under both rules."""
    panel_label(ax, "a", about, "reconstruction error")
    first = first_seed(curves)
    for rule, color in RULE_COLORS.items():
        draw_curves(ax, select(first, rule=rule), color, f"{rule} SGD")
    explain_roles(ax)
    draw_levels(ax, {int(curves["width"].iloc[0]): curves["pca_error"].iloc[0]})
    log_axes(ax, TIME_LABEL, ERROR_LABEL)


def panel_decoder(ax: Axes, letter: str, about: About, unit: int, decoder: pd.DataFrame) -> None:
    """Decoder row of one unit under both rules beside the eigenvector, all of one norm: directions are compared."""
    panel_label(ax, letter, about, f"unit {unit}")
    ax.set_xlabel("coordinate $i$")
    vector = select(decoder, rule="truncated")
    if vector.empty:
        empty(ax)
        return
    ax.plot(vector["coordinate"], vector["eigenvector"], color=COLORS["grey"], linewidth=3.5, label="eigenvector")
    for rule, color in RULE_COLORS.items():
        found = select(decoder, rule=rule)
        size = np.sqrt(np.mean(found["decoder"] ** 2))
        # Rules may end at opposite signs, which mean nothing: each row has the sign of its own eigenvector.
        sign = np.sign(found["eigenvector"].to_numpy() @ vector["eigenvector"].to_numpy()) if len(found) == len(vector) else 1.0
        ax.plot(found["coordinate"], sign * found["decoder"] / size, color=color, linewidth=1, label=None)


def _share_scale(axes: list[Axes]) -> None:
    """One y scale for all decoder rows."""
    limit = max(max(abs(limit) for limit in ax.get_ylim()) for ax in axes)
    for ax in axes:
        ax.set_ylim(-limit, limit)


def panel_judged(ax: Axes, aligned: pd.DataFrame, about: About) -> None:
    """Alignments and shares of all simulated seeds."""
    panel_label(ax, "h", about, "all seeds")
    ax.set(ylim=(0.5, 1.05), ylabel="alignment or share")
    truncated, vanilla = (select(aligned, rule=rule) for rule in ("truncated", "vanilla"))
    own = truncated.loc[truncated["unit"] == truncated["component"], "alignment"]
    units = vanilla.groupby(["seed", "unit"])
    mixed = units["alignment"].max().groupby("seed").min()
    columns = [
        Column("share at\ntheir own", [_share(truncated)], bounds(about, "RA12", "share"), RULE_COLORS["truncated"], simulated=True),
        Column("with own\ncomponent", own, bounds(about, "RA12b", "smallest"), RULE_COLORS["truncated"], simulated=True),
        Column("most\nmixed", mixed, bounds(about, "RA13", "mixture"), RULE_COLORS["vanilla"], simulated=True),
        Column(
            "with the\nsubspace",
            units["subspace_overlap"].first(),
            bounds(about, "RA13", "subspace"),
            RULE_COLORS["vanilla"],
            simulated=True,
        ),
    ]
    draw_columns(ax, columns)


def _share(aligned: pd.DataFrame) -> float:
    """Share of units whose largest alignment is with their own component."""
    grid = wide(aligned, ["seed", "unit"], "component", "alignment")
    if grid.empty or grid.isna().any(axis=None):
        return np.nan
    return float(np.mean(grid.columns[grid.to_numpy().argmax(axis=1)] == grid.index.get_level_values("unit")))


def panel_slower(ax: Axes, curves: pd.DataFrame, about: About) -> None:
    """Mean logarithm of the ratio of errors on the way, by seed, and the end of its two standard errors that is judged."""
    panel_label(ax, "i", about, "slower")
    ax.set(ylim=(-0.3, 0.9), ylabel="mean ln of the ratio")
    lower, upper = bounds(about, "RA14", "slower")
    recorded = select(curves, method="simulation")["time"].unique()
    ratio = _ratio(curves[curves["time"].isin(recorded) & curves["time"].between(10, 400)])
    means = np.log(ratio).groupby("seed").mean().to_numpy()
    judged = [means.mean() - 2 * means.std(ddof=1) / np.sqrt(len(means))] if len(means) > 1 else []
    columns = [
        Column("seeds", means, (None, None), RULE_COLORS["truncated"]),
        Column("mean\n− 2 s.e.", judged, (lower, upper), COLORS["black"]),
    ]
    draw_columns(ax, columns)
    guide(ax, ax.get_xlim(), [0, 0])


def panel_end(ax: Axes, curves: pd.DataFrame, about: About) -> None:
    """Ratio of errors at time 1000, by seed."""
    panel_label(ax, "j", about, "at the end")
    ax.set(ylim=(0.9, 1.6), ylabel="ratio of errors")
    limits = (bounds(about, "RA14", "end_smallest")[0], bounds(about, "RA14", "end_largest")[1])
    draw_columns(ax, [Column("seeds", _ratio(curves), limits, RULE_COLORS["truncated"])])


def _ratio(curves: pd.DataFrame) -> pd.Series:
    """Error of the truncated rule in units of the vanilla one, in the equations, by seed and time."""
    theory = select(curves, method="theory").set_index(["rule", "seed", "time"])["error"]
    if not {"truncated", "vanilla"} <= set(theory.index.get_level_values("rule")):
        return theory.iloc[:0].droplevel("rule")
    return (theory["truncated"] / theory["vanilla"]).dropna()


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
