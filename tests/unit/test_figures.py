"""Header, footer and files of a figure."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from matplotlib import pyplot as plt

from repro.figures import empty, footer, header, legend_below, new_figure, panel_label, save

ABOUT = {"figure": "fig2", "short": "Wu et al.", "title": "A title", "status": "reconstructed", "published_as": "Figure 2", "caption": ""}


def job(folder: Path, sources: dict[str, str]) -> SimpleNamespace:
    output = SimpleNamespace(pdf=folder / "fig2.pdf", png=folder / "fig2.png")
    return SimpleNamespace(
        params=SimpleNamespace(about=ABOUT, code="abc"), preset="quick", sources=sources, snakemake=SimpleNamespace(output=output)
    )


def drawn() -> plt.Figure:
    fig, axes = new_figure(1, 2, height=2.0)
    axes[0, 0].plot([1, 2], [3, 4], label="theory")
    axes[0, 1].plot([1, 2], [3, 4], label="theory")
    panel_label(axes[0, 0], "a")
    legend_below(fig, *axes.flat, n_columns=2)
    return fig


def test_equal_figures_give_equal_files(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        save(drawn(), job(tmp_path / folder, {}))
    for kind in ("pdf", "png"):
        assert (tmp_path / f"one/fig2.{kind}").read_bytes() == (tmp_path / f"two/fig2.{kind}").read_bytes()
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["fig2.pdf", "fig2.png"]


def test_files_carry_preset_and_fingerprint_and_no_date(tmp_path: Path) -> None:
    save(drawn(), job(tmp_path, {}))
    pdf = (tmp_path / "fig2.pdf").read_bytes()
    assert b"preset quick, code abc" in pdf
    assert b"CreationDate" not in pdf


def test_the_header_says_paper_number_and_status() -> None:
    assert header(ABOUT) == "Wu et al. · Figure 2 · reconstructed layout"
    assert header({**ABOUT, "published_as": None}) == "Wu et al. · fig2 · reconstructed layout"


@pytest.mark.parametrize(
    ("sources", "text"),
    [
        ({}, "preset quick · no dataset"),
        ({"mnist": "real", "cifar10": "real"}, "preset quick · data: cifar10, mnist"),
        ({"mnist": "sample"}, "preset quick · SAMPLE DATA, not the published datasets: mnist"),
    ],
)
def test_the_footer_says_what_the_numbers_rest_on(sources: dict[str, str], text: str) -> None:
    assert footer("quick", sources) == text


def test_a_legend_for_several_panels_names_each_curve_once() -> None:
    fig = drawn()
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["theory"]
    plt.close(fig)


def test_an_empty_panel_says_so() -> None:
    fig, axes = new_figure(height=2.0)
    empty(axes[0, 0])
    assert axes[0, 0].texts[0].get_text() == "no rows at this preset"
    plt.close(fig)


def test_a_long_header_is_wrapped_within_a_column(tmp_path: Path) -> None:
    fig, _ = new_figure(width="column", height=2.0)
    long = {"status": "own_settings", "short": "Venkataramanan et al.", "title": "A title that is longer than a line of one column"}
    about = {**ABOUT, **long}
    save(fig, SimpleNamespace(**{**vars(job(tmp_path, {})), "params": SimpleNamespace(about=about, code="")}))
    fig.draw_without_rendering()
    assert fig._suptitle.get_window_extent(dpi=fig.dpi).x1 <= fig.bbox.x1
