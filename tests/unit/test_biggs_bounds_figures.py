"""Figures of biggs_bounds: what they show of full, small and missing tables."""

import importlib

import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text

from scripts.biggs_bounds.figures import fig_grid, fig_lr, fig_size, fig_width, tab_best, tab_vanilla
from tests.unit.biggs_tables import published_tables

Tables = dict[str, pd.DataFrame]
FIGURES = ["fig_lr", "fig_width", "tab_best", "tab_vanilla", "fig_grid", "fig_size"]


@pytest.fixture(scope="module")
def full() -> Tables:
    return published_tables()


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(fig: Figure) -> list[str]:
    return [text.get_text() for text in fig.findobj(Text) if text.get_text()]


def points(ax, label: str) -> dict[float, float]:
    """x → y of the line or error bar with this label."""
    handles, labels = ax.get_legend_handles_labels()
    handle = handles[labels.index(label)]
    line = handle if hasattr(handle, "get_xdata") else handle.lines[0]
    return dict(zip(map(float, line.get_xdata()), map(float, line.get_ydata()), strict=True))


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_is_below_seven_points_and_inputs_stay_as_they_are(name: str, full: Tables) -> None:
    before = {key: frame.copy() for key, frame in full.items()}
    fig = importlib.import_module(f"scripts.biggs_bounds.figures.{name}").draw(full)
    fig.canvas.draw()
    assert min(text.get_fontsize() for text in fig.findobj(Text) if text.get_text()) >= 7
    for key, frame in before.items():
        pd.testing.assert_frame_equal(frame, full[key])


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("where", ["seed < 0", "seed == 1 and width == 50 and learning_rate == 0.03 and momentum > 0 and model == 'shel'"])
def test_tables_with_few_rows_or_none_are_drawn_with_a_word(name: str, where: str, full: Tables) -> None:
    few = {key: full[key].query(where) for key in ("network", "bound")}
    fig = importlib.import_module(f"scripts.biggs_bounds.figures.{name}").draw(few)
    fig.canvas.draw()
    assert any("no rows" in text for text in texts(fig))


def test_learning_rates_are_shown_at_the_published_width(full: Tables) -> None:
    fig = fig_lr.draw(full)
    axes = fig.axes[:4]
    assert axes[0].get_title() == "GELU, MNIST, $K$ = 200"
    assert all(ax.get_xscale() == "log" for ax in axes)
    assert axes[-1].get_xlabel() == "learning rate $\\eta$"
    last = points(axes[0], "coupled bound, last prior")
    assert last == pytest.approx({0.001: 0.322, 0.003: 0.323, 0.01: 0.331, 0.03: 0.362, 0.1: 0.504})
    assert points(axes[0], "last prior, published mean") == pytest.approx(last)
    assert points(fig.axes[4], "test error (right)") == pytest.approx(dict.fromkeys(last, 0.045))
    assert "random labels: smallest bound 1.86" in texts(fig)


def test_right_axes_run_at_half_the_scale_of_the_left_ones(full: Tables) -> None:
    fig = fig_lr.draw(full)
    for ax, twin in zip(fig.axes[:4], fig.axes[4:8], strict=True):
        assert twin.get_ylim()[1] == pytest.approx(ax.get_ylim()[1] / 2)
        assert ax.get_ylim()[0] == twin.get_ylim()[0] == 0


def test_widths_are_shown_at_the_published_learning_rate(full: Tables) -> None:
    fig = fig_width.draw(full)
    assert fig.axes[3].get_title() == "SHEL (erf), Fashion-MNIST, $\\eta$ = 0.01"
    assert sorted(points(fig.axes[3], "coupled bound, last prior")) == [50, 100, 200, 400, 800, 1600]
    assert "prior mean 0 ($\\eta$ = 0.03): 1.53 at $K$ = 50, 1.67 at $K$ = 1600" in texts(fig)


def test_below_paper_the_setting_with_the_most_points_is_shown(full: Tables) -> None:
    kept = "momentum > 0 and ((width == 50 and learning_rate >= 0.01) or (width == 400 and learning_rate == 0.03))"
    fig = fig_lr.draw({key: full[key].query(kept) for key in ("network", "bound")})
    assert fig.axes[0].get_title() == "GELU, MNIST, $K$ = 50"
    fig = fig_width.draw({key: full[key].query(kept) for key in ("network", "bound")})
    assert fig.axes[0].get_title() == "GELU, MNIST, $\\eta$ = 0.03"


def test_spread_over_seeds_is_one_standard_deviation(full: Tables) -> None:
    bound = full["bound"].copy()
    bound["bound"] += 0.01 * bound["seed"]
    fig = fig_width.draw({**full, "bound": bound})
    handles, labels = fig.axes[0].get_legend_handles_labels()
    bars = handles[labels.index("coupled bound, last prior")].lines[2][0].get_segments()
    assert [float(bar[1, 1] - bar[0, 1]) for bar in bars] == pytest.approx([2 * 0.01 * (82.5 / 9) ** 0.5] * 6)


def test_the_best_table_shows_the_smallest_last_prior_bound_beside_the_published_one(full: Tables) -> None:
    shown = texts(tab_best.draw(full))
    assert shown.count("0.293") == 2
    assert shown.count("0.727") == 2
    assert shown.count("here, best of 300") == 4
    assert "–" in shown


def test_a_network_that_was_trained_twice_counts_once(full: Tables) -> None:
    twice = {key: pd.concat([full[key], full[key]]) for key in ("network", "bound")}
    assert texts(tab_best.draw(twice)).count("here, best of 300") == 4


def test_the_vanilla_table_has_plain_sgd_only(full: Tables) -> None:
    shown = texts(tab_vanilla.draw(full))
    assert shown.count("here, best of 90") == 4
    assert shown.count("0.844") == 2
    assert "0.293" not in shown


def test_the_grid_has_six_panels_a_network_and_data_set(full: Tables) -> None:
    fig = fig_grid.draw(full)
    assert len(fig.axes) == 24
    assert [ax.get_title() for ax in fig.axes[:6]] == [
        *("$\\eta$ = 0.1", "$\\eta$ = 0.01", "$\\eta$ = 0.001"),
        *("$K$ = 50", "$K$ = 200", "$K$ = 800"),
    ]
    by_width = points(fig.axes[13], "coupled bound, last prior")
    assert by_width == pytest.approx({50: 0.537, 100: 0.528, 200: 0.585, 400: 0.665, 800: 0.797, 1600: 0.986})
    assert sorted(points(fig.axes[23], "coupled bound, last prior")) == [0.001, 0.003, 0.01, 0.03, 0.1]


def test_sizes_are_shown_where_a_setting_has_several(full: Tables) -> None:
    fig = fig_size.draw(full)
    assert len(fig.axes) == 4
    assert sorted(points(fig.axes[0], "full bound")) == [7500, 15000, 30000, 60000]
    assert points(fig.axes[0], "last prior, published mean")[15000] == 0.690
    one = full["bound"].query("model == 'shel' and dataset == 'mnist'")
    assert len(fig_size.draw({**full, "bound": one}).axes) == 1
