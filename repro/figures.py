"""The look of every figure, and how it is saved.

Importing this module sets matplotlib's style and backend for the process: texts, ticks and
legends that a figure script makes later are then in it too.
"""

import io
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler

mpl.use("agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from repro.files import atomic

_FOOTER_INCHES = 0.18
_HEADER_CHARACTERS_PER_INCH = 12

WIDTHS = {"column": 3.4, "full": 7.0}  # inches

# Okabe and Ito's colours, which colour-blind readers can tell apart; brown and pink for a seventh and eighth curve.
COLORS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "red": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "brown": "#8C613C",
    "pink": "#E7A6C4",
    "grey": "#7F7F7F",
    "black": "#000000",
}

THEORY: dict[str, Any] = {"linestyle": "-", "marker": "", "linewidth": 1.2}
SIMULATION: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 3.0}
PUBLISHED: dict[str, Any] = {"linestyle": "--", "marker": "", "linewidth": 0.8, "color": COLORS["grey"]}

STYLE: dict[str, Any] = {
    "axes.prop_cycle": cycler(color=[COLORS[name] for name in ("blue", "red", "green", "orange", "purple", "sky", "brown", "pink")]),
    "font.size": 8.0,
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "dejavusans",
    "axes.titlesize": 8.0,
    "axes.labelsize": 8.0,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.4,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "legend.fontsize": 7.0,
    "legend.frameon": False,
    "pdf.fonttype": 3,
    "savefig.dpi": 200,
    "image.cmap": "cividis",
}

mpl.rcParams.update(STYLE)  # type: ignore[arg-type]

STATUS = {
    "published": "as published",
    "reconstructed": "reconstructed layout",
    "own_settings": "own settings",
    "companion": "companion figure",
}


def new_figure(n_rows: int = 1, n_columns: int = 1, *, width: str = "full", height: float, **subplots: Any) -> tuple[Figure, np.ndarray]:
    """Empty figure in our style.

    Parameters
    ----------
    width : column (3.4 inches) or full (7 inches); `height` is in inches.
    subplots : further arguments of matplotlib's `subplots`.

    Returns
    -------
    figure, axes of shape (n_rows, n_columns)
    """
    return plt.subplots(n_rows, n_columns, figsize=(WIDTHS[width], height), layout="constrained", squeeze=False, **subplots)


def panel_label(ax: Axes, letter: str) -> None:
    """Bold letter of a panel, above its upper left corner."""
    ax.set_title(letter, loc="left", fontweight="bold")


def empty(ax: Axes, text: str = "no rows at this preset") -> None:
    """Say in a panel why nothing is drawn in it."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=COLORS["grey"], fontsize=7)


def legend_below(fig: Figure, *axes: Axes, n_columns: int) -> None:
    """One legend for several panels, below them; every label once."""
    entries: dict[str, Any] = {}
    for ax in axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    if entries:
        fig.legend(list(entries.values()), list(entries), loc="outside lower center", ncols=n_columns)


def save(fig: Figure, job: Any) -> None:
    """Add header (paper, figure, status, title) and footer (preset, data), write the job's PDF and PNG."""
    about = job.params.about
    line = int(_HEADER_CHARACTERS_PER_INCH * fig.get_figwidth())
    title = [*textwrap.wrap(header(about), line), *textwrap.wrap(about["title"], line)]
    fig.suptitle("\n".join(title), fontsize=9, x=0.01, ha="left")
    share = _FOOTER_INCHES / fig.get_figheight()
    fig.set_layout_engine("constrained", rect=(0, share, 1, 1 - share))
    fig.draw_without_rendering()
    fig.set_layout_engine("none")  # laid out once for both files; and a legend that is moved now keeps its margin
    for legend in fig.legends:
        legend.set_bbox_to_anchor((0, share, 1, 1 - share), transform=fig.transFigure)
    sampled = "sample" in job.sources.values()
    fig.text(0.5, 0.25 * share, footer(job.preset, job.sources), fontsize=7, ha="center", color=COLORS["red" if sampled else "grey"])
    metadata = {"Title": header(about), "Keywords": f"preset {job.preset}, code {job.params.code}"}
    _write(fig, Path(job.snakemake.output.pdf), "pdf", metadata | {"CreationDate": None})
    _write(fig, Path(job.snakemake.output.png), "png", metadata)
    plt.close(fig)


def header(about: Mapping[str, Any]) -> str:
    """Short name of the paper, number of the figure there, and how ours relates to it."""
    number = about.get("published_as") or about["figure"]
    return f"{about['short']} · {number} · {STATUS[about['status']]}"


def footer(preset: str, sources: Mapping[str, str]) -> str:
    """Preset and origin of the data beneath a figure."""
    if not sources:
        return f"preset {preset} · no dataset"
    if "sample" in sources.values():
        return f"preset {preset} · SAMPLE DATA, not the published datasets: {', '.join(sorted(sources))}"
    return f"preset {preset} · data: {', '.join(sorted(sources))}"


def _write(fig: Figure, path: Path, kind: str, metadata: Mapping[str, Any]) -> None:
    content = io.BytesIO()
    fig.savefig(content, format=kind, metadata=dict(metadata))
    with atomic(path) as temporary:
        temporary.write_bytes(content.getvalue())
