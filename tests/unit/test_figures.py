"""Roles, header, footer and files of a figure."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.ft2font import FT2Font
from PIL import Image

from repro import figures
from repro.figures import band, bounds, empty, footer, guide, header, legend_below, new_figure, panel_label, save, simulated
from repro.settings import ROOT

LINK = "{http://www.w3.org/1999/xlink}href"
ABOUT = {
    "short": "Wu et al.",
    "label": "Figure 2",
    "title": "A title",
    "numbering": "memory",
    "ours": ["b"],
    "datasets": None,
    "settings": "$N = 64$, 8 seeds",
    "claims": {"C5": {"ratio": {"lower": None, "upper": 1.0, "strict": None, "published": None}}},
    "published": {},
    "preset": {"name": "quick", "base": "quick"},
}


def job(folder: Path, sources: dict[str, str], about: dict = ABOUT, kinds: tuple[str, ...] = ("pdf", "svg", "png")) -> SimpleNamespace:
    return SimpleNamespace(
        params=SimpleNamespace(about=about, code="abc"),
        preset="quick",
        sources=sources,
        snakemake=SimpleNamespace(output={kind: folder / f"fig2.{kind}" for kind in kinds}),
    )


def drawn() -> plt.Figure:
    fig, axes = new_figure(1, 2, height=2.0)
    axes[0, 0].plot([1, 2], [3, 4], label="theory")
    axes[0, 1].plot([1, 2], [3, 4], label="theory")
    panel_label(axes[0, 0], "a", ABOUT, "risk")
    panel_label(axes[0, 1], "b", ABOUT)
    legend_below(fig, *axes.flat, n_columns=2)
    return fig


def test_pale_cells_of_a_map_keep_their_colours_in_a_png(tmp_path: Path) -> None:
    fig, axes = new_figure(height=3.0)
    cells = 0.3 * np.random.default_rng(1).standard_normal((20, 20))
    axes[0, 0].imshow(cells, cmap="RdBu", vmin=-3, vmax=3, extent=(0, 20, 20, 0))
    save(fig, job(tmp_path, {}))
    with Image.open(tmp_path / "fig2.png") as image:
        seen = np.asarray(image.convert("RGB")).astype(int)
    meant = mpl.colormaps["RdBu"]((cells + 3) / 6)[..., :3] * 255
    fig.set_dpi(170)
    places = np.round(axes[0, 0].transData.transform([(j + 0.5, i + 0.5) for i in range(20) for j in range(20)])).astype(int)
    found = seen[len(seen) - 1 - places[:, 1], places[:, 0]]
    np.testing.assert_allclose(found, meant.reshape(-1, 3), atol=8)


def test_equal_figures_give_equal_files(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        save(drawn(), job(tmp_path / folder, {}))
    for kind in ("pdf", "svg", "png"):
        assert (tmp_path / f"one/fig2.{kind}").read_bytes() == (tmp_path / f"two/fig2.{kind}").read_bytes()
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["fig2.pdf", "fig2.png", "fig2.svg"]


def test_files_carry_preset_and_fingerprint_and_no_date(tmp_path: Path) -> None:
    save(drawn(), job(tmp_path, {}))
    pdf, svg = (tmp_path / "fig2.pdf").read_bytes(), (tmp_path / "fig2.svg").read_text()
    assert b"preset quick, code abc" in pdf
    assert b"CreationDate" not in pdf
    assert "preset quick, code abc" in svg
    assert "dc:date" not in svg
    with Image.open(tmp_path / "fig2.png") as image:
        assert image.mode == "P"
        assert image.text["Keywords"] == "preset quick, code abc"


def test_an_svg_is_shortened_and_draws_the_same() -> None:
    content = io.BytesIO()
    FigureCanvasSVG(drawn()).print_svg(content)
    svg = content.getvalue().decode()
    short = figures.shortened(svg)
    assert len(short) < 0.82 * len(svg)
    before, after = (list(ET.fromstring(text).iter()) for text in (svg, short))
    assert [one.tag for one in before] == [one.tag for one in after]
    names = {one.get("id") for one in after}
    assert {one.get(LINK, "#").removeprefix("#") for one in after} <= names | {""}
    for one, other in zip(before, after, strict=True):
        for place in ("d", "x", "y", "transform"):
            words = [re.split(r"[\s()]+", element.get(place, "").strip()) for element in (one, other)]
            for long, rounded in zip(*words, strict=True):
                assert long == rounded or abs(float(long) - float(rounded)) < 0.01


def test_a_table_is_kept_as_csv_beside_its_pdf(tmp_path: Path) -> None:
    save(drawn(), job(tmp_path, {}, kinds=("pdf", "csv")), table=pd.DataFrame({"bound": ["0.7"]}))
    assert (tmp_path / "fig2.csv").read_text() == "bound\n0.7\n"
    with pytest.raises(ValueError, match="its script must give save"):
        save(drawn(), job(tmp_path, {}, kinds=("csv",)))


def test_the_header_says_paper_label_and_title() -> None:
    assert header(ABOUT) == "Wu et al. · Figure 2 (number from memory) · A title"
    assert header({**ABOUT, "label": "Companion A", "numbering": "none"}) == "Wu et al. · Companion A · A title"


@pytest.mark.parametrize(
    ("sources", "text"),
    [
        ({}, "small scale (preset quick) · $N = 64$, 8 seeds"),
        ({"mnist": "real", "cifar10": "real"}, "small scale (preset quick) · CIFAR-10, MNIST · $N = 64$, 8 seeds"),
        ({"mnist": "sample"}, "small scale (preset quick) · SAMPLE DATA, not the published MNIST · $N = 64$, 8 seeds"),
    ],
)
def test_the_footer_says_what_the_numbers_rest_on(sources: dict[str, str], text: str) -> None:
    assert footer(ABOUT, sources) == text


def test_only_the_datasets_that_are_drawn_stand_in_the_footer(tmp_path: Path) -> None:
    fig = drawn()
    save(fig, job(tmp_path, {"mnist": "real", "cifar10": "real"}, {**ABOUT, "datasets": ["mnist"]}))
    assert fig.texts[-1].get_text() == "small scale (preset quick) · MNIST · $N = 64$, 8 seeds"


def test_panels_that_the_published_figure_lacks_are_called_ours() -> None:
    titles = [ax.get_title(loc="left") for ax in drawn().axes]
    assert titles == [r"$\bf{a}$  risk", r"$\bf{b}$ (ours)"]


def test_a_legend_for_several_panels_names_each_curve_once() -> None:
    assert [text.get_text() for text in drawn().legends[0].get_texts()] == ["theory"]


def test_a_legend_that_is_too_wide_takes_fewer_columns() -> None:
    fig, axes = new_figure(height=2.0)
    for number in range(6):
        axes[0, 0].plot([0, 1], [0, number], label=f"a label of some length, number {number}")
    legend_below(fig, axes[0, 0], n_columns=6)
    fig.draw_without_rendering()
    (legend,) = fig.legends
    extent = legend.get_window_extent()
    assert extent.x0 >= 0
    assert extent.x1 <= fig.bbox.x1


def test_without_bounds_there_is_no_band() -> None:
    ax = new_figure(height=2.0)[1][0, 0]
    band(ax, None, None)
    assert not ax.patches


def test_the_band_of_a_claim_spans_its_bounds_and_keeps_the_axis() -> None:
    fig, axes = new_figure(height=2.0)
    ax = axes[0, 0]
    ax.set_ylim(0.8, 1.2)
    band(ax, *bounds(ABOUT, "C5", "ratio"))
    (patch,) = ax.patches
    assert (patch.get_y(), patch.get_y() + patch.get_height()) == pytest.approx((0.8, 1.0))
    assert ax.get_ylim() == (0.8, 1.2)
    with pytest.raises(KeyError):
        bounds(ABOUT, "C6", "ratio")
    plt.close(fig)


def test_simulations_have_hollow_markers_no_line_and_two_standard_errors() -> None:
    _, axes = new_figure(height=2.0)
    simulated(axes[0, 0], [1, 2], [3.0, 4.0], [0.1, 0.2], color="C0")
    (line,) = axes[0, 0].get_lines()
    assert (line.get_linestyle(), line.get_markerfacecolor()) == ("None", "white")
    (bars,) = axes[0, 0].collections
    np.testing.assert_allclose([segment[:, 1] for segment in bars.get_segments()], [[2.8, 3.2], [3.6, 4.4]])


def test_a_guide_is_named_at_its_end() -> None:
    _, axes = new_figure(height=2.0)
    guide(axes[0, 0], [1, 2], [3, 4], "power")
    assert axes[0, 0].texts[0].xy == (2, 4)


def test_an_empty_panel_says_so() -> None:
    _, axes = new_figure(height=2.0)
    empty(axes[0, 0])
    assert axes[0, 0].texts[0].get_text() == "no rows at this preset"


def test_a_long_header_is_wrapped_within_a_column(tmp_path: Path) -> None:
    fig, _ = new_figure(width="column", height=2.0)
    long = {"short": "Venkataramanan et al.", "title": "A title that is longer than a line of one column"}
    save(fig, job(tmp_path, {}, {**ABOUT, **long}))
    fig.draw_without_rendering()
    assert fig._suptitle.get_window_extent(dpi=fig.dpi).x1 <= fig.bbox.x1


def test_a_matplotlibrc_of_the_user_does_not_reach_a_figure(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 9\ntext.usetex: True\nfigure.facecolor: black\n")
    code = "from repro import figures; print(figures.mpl.rcParams['lines.linewidth'], figures.mpl.rcParams['text.usetex'])"
    environment = {**os.environ, "MATPLOTLIBRC": str(tmp_path / "matplotlibrc")}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1.5", "False"]
    assert figures.STYLE["font.size"] == 8.0


def test_figures_use_fonts_that_matplotlib_brings() -> None:
    brought = {FT2Font(path).family_name for path in Path(mpl.get_data_path(), "fonts/ttf").glob("*.ttf")}
    assert figures.STYLE["font.family"] in brought
    assert figures.STYLE["mathtext.fontset"] == "dejavusans"
