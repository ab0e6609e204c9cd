"""Every figure of every paper, drawn from the tables of preset smoke: it shows what its text says, and a reader can read it."""

import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import colors
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text

from repro.settings import ROOT, load_paper, load_params, load_yaml, paper_keys
from scripts.datasets.sample import unpack
from tests.unit.drawn import draw, first_seed

SMALLEST_TEXT = 7.5  # points
CONTRAST_OF_LINES, CONTRAST_OF_TEXTS = 3.0, 4.5
HYPHEN_FOR_MINUS = re.compile(r"(?<![\w)\]])-\s?[\d.]")


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of the embedded samples."""
    registry = load_yaml(ROOT / "workflow" / "datasets.yaml")
    folders = {name: tmp_path_factory.mktemp(name) for name in registry}
    for name, folder in folders.items():
        unpack(name, ROOT / "workflow" / "samples" / f"{name}.npz", folder, registry[name]["classes"])
    return folders


def smoke_tables(key: str, sample: dict[str, Path]) -> dict[str, pd.DataFrame]:
    """Tables of a paper at preset smoke."""
    tables: dict[str, pd.DataFrame] = {}
    for run, entry in load_paper(key)["runs"].items():
        compute = importlib.import_module(f"scripts.{key}.runs.{run}").compute
        arguments: dict[str, Any] = {"datasets": {name: sample[name] for name in entry["datasets"]}, "device": "cpu"}
        asked = inspect.signature(compute).parameters
        given = {name: value for name, value in arguments.items() if name in asked}
        tables |= compute(load_params(key, run, "smoke"), **given)
    return tables


@pytest.mark.parametrize("key", paper_keys())
def test_figures_show_what_their_texts_say_and_can_be_read(key: str, sample: dict[str, Path]) -> None:
    """One test a paper: its tables are computed once. A single seed is drawn, too, and no script changes a table."""
    tables = smoke_tables(key, sample)
    faults = []
    for name, entry in load_paper(key)["figures"].items():
        fig = draw(key, name, tables, "smoke")
        fig.draw_without_rendering()  # lays it out
        faults += [
            f"{name}: {fault}"
            for fault in (*_unnamed(fig, entry["shows"]), *_missing_panels(fig, entry), *_hard_to_read(fig), *_cut_off(fig))
        ]
        plt.close(fig)
        plt.close(draw(key, name, {table: first_seed(tables[table]) for table in entry["tables"]}, "smoke"))
    assert not faults, "\n".join(faults)


def _unnamed(fig: Figure, shows: str) -> list[str]:
    """Legend labels that `shows` does not use; numbers may be others."""
    told = _without_numbers(shows)
    labels = {text.get_text() for legend in _legends(fig) for text in legend.get_texts()}
    return [f"legend label {label!r} does not occur in shows" for label in sorted(labels) if _without_numbers(label) not in told]


def _legends(fig: Figure) -> list[Any]:
    return [*fig.legends, *(ax.get_legend() for ax in fig.axes if ax.get_legend())]


def _without_numbers(text: str) -> str:
    return re.sub(r"[\d.,]*\d|\{[^{}]*\.[^{}]*\}", "#", re.sub(r"\s+", " ", text))


def _missing_panels(fig: Figure, entry: dict[str, Any]) -> list[str]:
    titles = " ".join(ax.get_title(loc="left") for ax in fig.axes)
    return [f"panel {letter}, called ours, is not there" for letter in entry.get("ours", []) if f"\\bf{{{letter}}}" not in titles]


def _hard_to_read(fig: Figure) -> list[str]:
    faults = [f"{len(legends)} legends in place of one"] if len(legends := _legends(fig)) > 1 else []
    for text in fig.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            if text.get_fontsize() < SMALLEST_TEXT:
                faults.append(f"text of {text.get_fontsize()} pt: {text.get_text()!r}")
            if _contrast(text.get_color()) < CONTRAST_OF_TEXTS and not _on_an_image(text):
                faults.append(f"text of contrast {_contrast(text.get_color()):.1f}: {text.get_text()!r}")
            if HYPHEN_FOR_MINUS.search(re.sub(r"\$[^$]*\$", "", text.get_text())):
                faults.append(f"a hyphen for a minus: {text.get_text()!r}")
    for ax in fig.axes:
        for line in ax.get_lines():
            drawn = line.get_linestyle() not in ("None", "") and len(line.get_xdata()) > 1
            if drawn and line.get_alpha() in (None, 1) and _contrast(line.get_color()) < CONTRAST_OF_LINES:
                faults.append(f"line of contrast {_contrast(line.get_color()):.1f}: {line.get_label()!r}")
    return faults


def _cut_off(fig: Figure) -> list[str]:
    """Legends, titles and axis labels that reach over the figure's edge, or titles that reach into the next panel."""
    found = [(legend.get_window_extent(), "legend") for legend in _legends(fig)]
    for ax in fig.axes:
        words = [ax._left_title, ax.title, ax.xaxis.label, ax.yaxis.label]
        found += [(text.get_window_extent(), repr(text.get_text())) for text in words if text.get_text().strip()]
    slack = 0.02 * fig.dpi
    faults = [
        f"{what} is cut off at the edge"
        for box, what in found
        if min(box.x0, box.y0) < -slack or box.x1 > fig.bbox.x1 + slack or box.y1 > fig.bbox.y1 + slack
    ]
    titles = [ax._left_title for ax in fig.axes if ax._left_title.get_text().strip()]
    boxes = [(title.get_window_extent(), title.get_text()) for title in titles]
    return faults + [
        f"title {text!r} reaches into the next" for box, text in boxes for other, _ in boxes if box is not other and box.overlaps(other)
    ]


def _on_an_image(text: Text) -> bool:
    return text.axes is not None and bool(text.axes.images or text.axes.collections)


def _contrast(color: Any) -> float:
    """WCAG contrast with white."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colors.to_rgb(color)]
    return 1.05 / (sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True)) + 0.05)


def test_colours_and_style_of_the_user_do_not_reach_a_figure() -> None:
    from repro import figures

    assert all(_contrast(color) >= CONTRAST_OF_LINES for color in figures.COLORS.values())
    assert all(_contrast(color) >= CONTRAST_OF_TEXTS for color in (figures.TEXT_GREY, figures.WARNING_RED))
    assert mpl.rcParams["lines.linestyle"] == mpl.rcParamsDefault["lines.linestyle"]
