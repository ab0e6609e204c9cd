"""The look of every figure, and how it is saved.

Importing this module sets matplotlib's style and backend for the process, whatever the user's own matplotlibrc says: texts,
ticks and legends that a figure script makes later are then in it too.
"""

import io
import math
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import pandas as pd
from cycler import cycler
from PIL import Image

mpl.use("agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from repro import texts
from repro.files import atomic

_LINE_INCHES = 0.15
_HEADER_CHARACTERS_PER_INCH = 13
_FOOTER_CHARACTERS_PER_INCH = 15
_DPI = 170
_PALETTE = 64  # colours of a PNG: a fraction of the size. Spread over all that occur: pale cells of a map keep their own

WIDTHS = {"column": 3.4, "full": 7.0}  # inches

# Okabe and Ito's colours, which colour-blind readers can tell apart, darkened until a thin line has contrast 3 on white.
COLORS = {
    "blue": "#0072B2",
    "red": "#C85300",
    "green": "#008F68",
    "orange": "#B87800",
    "purple": "#A8487F",
    "sky": "#2E8BC0",
    "brown": "#8C613C",
    "pink": "#C9699A",
    "grey": "#7F7F7F",
    "black": "#000000",
}
TEXT_GREY = "#595959"
WARNING_RED = "#B00020"

# Roles: the same look in all papers. Colour tells cases apart, never roles.
THEORY: dict[str, Any] = {"linestyle": "-", "marker": "", "linewidth": 1.2}
SIMULATION: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 4.0, "markerfacecolor": "white", "markeredgewidth": 0.9}
PUBLISHED: dict[str, Any] = {"linestyle": "", "marker": "_", "markersize": 9.0, "markeredgewidth": 1.6, "color": COLORS["black"]}
GUIDE: dict[str, Any] = {"linestyle": ":", "marker": "", "linewidth": 0.9, "color": COLORS["grey"]}
BAND: dict[str, Any] = {"facecolor": "#CFE8DC", "edgecolor": "#5C9C80", "linewidth": 0.6, "zorder": 0.5}
CONTROL: dict[str, Any] = {"linestyle": "", "marker": "x", "markersize": 4.5, "markeredgewidth": 1.1, "color": COLORS["grey"]}

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
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.4,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "pdf.fonttype": 3,
    "svg.hashsalt": "icml2022-theory",
    "figure.dpi": 72.0,  # as PDF and SVG have it: texts are measured once for the layout and for both
    "image.cmap": "cividis",
}

# What takes most of an SVG: places of points and glyphs, styles, and what stands before an element.
_PLACES = re.compile(r' (?:[dxy]="|transform="translate\()[^")]*')
_DIGITS = re.compile(r"(\.\d\d)\d+| (?=\n)")
_STYLES = re.compile(r' style="[^"]*"')
_INDENTS = re.compile(r"\n\s*(?:<!--.*?-->\s*)?")

_CANVAS = {"pdf": FigureCanvasPdf, "svg": FigureCanvasSVG, "png": FigureCanvasAgg}

mpl.rcdefaults()
mpl.rcParams.update(STYLE)  # type: ignore[arg-type]

About = Mapping[str, Any]
Values = npt.ArrayLike


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


def panel_label(ax: Axes, letter: str, about: About, title: str = "") -> None:
    """Bold letter of a panel and its title, above its upper left corner; "ours" beside the letter if the published figure lacks it."""
    tag = " (ours)" if about["numbering"] != "none" and letter in (about["ours"] or ()) else ""
    ax.set_title(f"$\\bf{{{letter}}}${tag}  {title}".rstrip(), loc="left")


def theory(ax: Axes, x: Values, y: Values, **style: Any) -> None:
    """Theory: a line. Give it at 200 points or more, or at every step."""
    ax.plot(x, y, **THEORY | style)


def simulated(ax: Axes, x: Values, y: Values, std_error: Values | None = None, **style: Any) -> None:
    """Simulation: hollow markers, with two standard errors where they are known."""
    error = None if std_error is None else 2 * np.asarray(std_error, dtype=float)
    ax.errorbar(x, y, yerr=error, elinewidth=0.9, **SIMULATION | style)


def published(ax: Axes, x: Values, y: Values, std: Values | None = None, **style: Any) -> None:
    """Published numbers: short black dashes, with one standard deviation where it is known."""
    ax.errorbar(x, y, yerr=std, elinewidth=0.8, **PUBLISHED | style)


def control(ax: Axes, x: Values, y: Values, **style: Any) -> None:
    """A negative control: grey crosses."""
    ax.plot(x, y, **CONTROL | style)


def guide(ax: Axes, x: Values, y: Values, text: str = "", **style: Any) -> None:
    """A guide for the eye: thin, dotted, named at its right end."""
    ax.plot(x, y, **GUIDE | style)
    if text:
        end = (np.asarray(x)[-1], np.asarray(y)[-1])
        ax.annotate(text, end, xytext=(2, 0), textcoords="offset points", color=TEXT_GREY, fontsize=7.5, va="center", annotation_clip=False)


def bounds(about: About, claim: str, part: str) -> tuple[float | None, float | None]:
    """Lower and upper bound of one part of a claim, None where there is none; KeyError if the claim does not name the figure."""
    limits = about["claims"][claim][part]
    return limits["lower"], limits["upper"]


def band(ax: Axes, lower: float | None, upper: float | None, *, axis: str = "y", label: str | None = "bounds of the claim") -> None:
    """The bounds of a claim, shaded from one to the other, or to the end of the axis where there is only one.

    Set the limits of the axis first: they stay as they are. Nothing where neither bound is known.
    """
    if lower is None and upper is None:
        return
    low, high = sorted(ax.get_ylim() if axis == "y" else ax.get_xlim())
    span = ax.axhspan if axis == "y" else ax.axvspan
    span(max(low, -math.inf if lower is None else lower), min(high, math.inf if upper is None else upper), label=label, **BAND)
    (ax.set_ylim if axis == "y" else ax.set_xlim)(low, high)


def plain_ticks(ax: Axes, axis: str, ticks: Values) -> None:
    """Ticks of a logarithmic axis as plain numbers, no others: for ranges of less than a decade and a half."""
    side = ax.xaxis if axis == "x" else ax.yaxis
    values = np.asarray(ticks, dtype=float)
    side.set_ticks(values, [texts.number(float(value), 4) for value in values])
    side.set_ticks([], minor=True)


def empty(ax: Axes, text: str = "no rows at this preset") -> None:
    """Say in a panel why nothing is drawn in it."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=TEXT_GREY, fontsize=8)


def legend_below(fig: Figure, *axes: Axes, n_columns: int) -> None:
    """The figure's one legend, for several panels, below them; every label once, in fewer columns where they are too wide."""
    entries: dict[str, Any] = {}
    for ax in axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    while entries:
        legend = fig.legend(list(entries.values()), list(entries), loc="outside lower center", ncols=n_columns)
        if n_columns == 1 or legend.get_window_extent(fig.canvas.get_renderer()).width <= fig.bbox.width:  # type: ignore[attr-defined]
            return
        legend.remove()
        n_columns -= 1


def save(fig: Figure, job: Any, *, table: pd.DataFrame | None = None) -> None:
    """Add header (paper, label, title) and footer (preset, data, sizes), write the job's PDF, SVG and PNG, or PDF and CSV of a table."""
    about = job.params.about
    title = textwrap.wrap(header(about), int(_HEADER_CHARACTERS_PER_INCH * fig.get_figwidth()))
    fig.suptitle("\n".join(title), fontsize=8.5, x=0.01, ha="left")
    sources = {name: job.sources[name] for name in about["datasets"] or job.sources if name in job.sources}
    foot = textwrap.wrap(footer(about, sources), int(_FOOTER_CHARACTERS_PER_INCH * fig.get_figwidth()))
    share = _LINE_INCHES * (len(foot) + 0.3) / fig.get_figheight()
    # Laid out once for all files; and a legend that is moved afterwards keeps its margin.
    ConstrainedLayoutEngine(rect=(0, share, 1, 1 - share)).execute(fig)
    fig.set_layout_engine("none")
    for legend in fig.legends:
        legend.set_bbox_to_anchor((0, share, 1, 1 - share), transform=fig.transFigure)
    color = WARNING_RED if "sample" in sources.values() else TEXT_GREY
    fig.text(0.5, 0.1 * _LINE_INCHES / fig.get_figheight(), "\n".join(foot), fontsize=7.5, ha="center", va="bottom", color=color)
    metadata = {"Title": texts.plain(header(about)), "Keywords": f"preset {job.preset}, code {job.params.code}"}
    for kind, path in job.snakemake.output.items():
        if kind == "csv":
            _write_csv(table, Path(path))
        else:
            _write(fig, Path(path), kind, metadata)
    plt.close(fig)


def header(about: About) -> str:
    """Short name of the paper, label of the figure, and its title."""
    return f"{about['short']} · {texts.label(about)} · {about['title']}"


def footer(about: About, sources: Mapping[str, str]) -> str:
    """Preset in words, origin of the data that are drawn, and the sizes behind a figure."""
    data = texts.datasets(sources)
    if "sample" in sources.values():
        data = f"SAMPLE DATA, not the published {data}"
    return " · ".join(text for text in (texts.preset(**about["preset"]), data, about["settings"]) if text)


def _write(fig: Figure, path: Path, kind: str, metadata: Mapping[str, Any]) -> None:
    content = io.BytesIO()
    undated = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}.get(kind, {})
    fig.set_dpi(_DPI if kind == "png" else mpl.rcParams["figure.dpi"])
    getattr(_CANVAS[kind](fig), f"print_{kind}")(content, metadata={**metadata, **undated})  # savefig would draw everything twice
    with atomic(path) as temporary:
        if kind == "png":
            with Image.open(content) as image:
                image.convert("RGB").quantize(_PALETTE, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE).save(
                    temporary, format="png", optimize=True, pnginfo=_text(metadata)
                )
        elif kind == "svg":
            temporary.write_text(shortened(content.getvalue().decode()), encoding="utf-8")
        else:
            temporary.write_bytes(content.getvalue())


def shortened(svg: str) -> str:
    """matplotlib's SVG a fifth smaller: places to a hundredth of a point, short names of glyphs, no indents and no comments."""
    svg = _PLACES.sub(lambda found: _DIGITS.sub(r"\1", found.group()).replace("\n", " "), svg)
    svg = _STYLES.sub(lambda found: " " + found.group().replace(" ", ""), svg)
    return _INDENTS.sub("\n", svg.replace("DejaVuSans", "g"))


def _text(metadata: Mapping[str, str]) -> Any:
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415 - beside its only use

    info = PngInfo()
    for name, value in metadata.items():
        info.add_itxt(name, value)
    return info


def _write_csv(table: pd.DataFrame | None, path: Path) -> None:
    if table is None:
        raise ValueError(f"{path.stem}: figures.yaml calls it a table, so its script must give save() one")
    with atomic(path) as temporary:
        table.to_csv(temporary, index=False)
