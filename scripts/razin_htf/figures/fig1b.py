"""Hierarchical factorisation in detail: local component norms and matricisation ranks [razin_htf, E1, E5]."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.figures import About, control, empty, guide, legend_below, panel_label, save, simulated
from repro.job import job
from repro.panels import rows_of_panels
from scripts.razin_htf.figures.drawing import LARGE, SMALL, Judged, Tables, of_start, panel_path, rank_legend, strip
from scripts.razin_htf.measures import NEGLIGIBLE, last_step

QUANTITIES = {  # title, name of a value
    "local_norm_pair_12": ("node {1, 2}", "component norm"),
    "local_norm_root": ("root", "component norm"),
    "matricisation_12": ("rows: modes 1, 2", "singular value"),
    "matricisation_13": ("rows: modes 1, 3", "singular value"),
}
COUNTS = [
    Judged("C4_htf_few", "count", "root, small"),
    Judged("C4n_large_init", "root_count", "root, large"),
    Judged("C5_mode_tree", "count", "modes 1, 2, small"),
    Judged("C5n_large_init", "matricisation_count", "modes 1, 2, large"),
]


def draw(tables: Tables, about: About) -> Figure:
    fig, (paths, ends) = rows_of_panels([4, 3], height=4.6, ratios=[1.1, 1])
    curves = tables["training_curves"]
    for ax, letter, (quantity, (title, value)) in zip(paths, "abcd", QUANTITIES.items(), strict=True):
        panel_label(ax, letter, about, title)
        panel_path(ax, curves, "htf", quantity)
        ax.set(xlabel="iteration", ylabel=value)
    rank_legend(paths[0])
    for ax, letter, quantity in zip(ends, "ef", NEGLIGIBLE, strict=False):
        panel_label(ax, letter, about, f"{QUANTITIES[quantity][0]}, end")
        panel_relative(ax, tables, quantity)
    panel_label(ends[2], "g", about, "not negligible")
    strip(ends[2], about, tables, COUNTS)
    ends[2].set_xlabel("number (10: or more)")
    legend_below(fig, *fig.axes, n_columns=5)
    return fig


def panel_relative(ax: Axes, tables: Tables, quantity: str) -> None:
    """Values at the last step over the largest one, all seeds, from the small and from the large start."""
    least = 1e-6
    for choose, shift, color, label in ((min, -0.12, SMALL, "small start"), (max, 0.12, LARGE, "large start")):
        found = of_start(tables["training_curves"], "htf", quantity, choose)
        if found.empty:
            empty(ax)
            return
        last = last_step(found)
        share = last["value"] / last.groupby("seed")["value"].transform("max")
        least = min(least, share[share > 0].min() / 3)
        (simulated if choose is min else control)(ax, last["rank_index"] + shift, share, color=color, label=label)
    guide(ax, [0.5, 10.5], [NEGLIGIBLE[quantity]] * 2, label="counted above")
    ax.set(yscale="log", xlabel="rank", ylabel="share of\nthe largest", xlim=(0.4, 10.6), ylim=(least, 2))
    ax.set_xticks(range(1, 11))


if "snakemake" in globals():
    with job(snakemake) as j:
        save(draw(j.tables, j.params.about), j)
