"""Figures of biggs_bounds: what they show of full, small and missing tables."""

import importlib

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.text import Text

from repro.settings import figure_about
from scripts.biggs_bounds.figures import (
    best_table,
    fig_checks,
    fig_cifar,
    fig_grid,
    fig_lr,
    fig_published,
    fig_size,
    fig_width,
    tab_best,
    tab_vanilla,
)
from tests.unit.biggs_tables import published_tables

Tables = dict[str, pd.DataFrame]
FIGURES = ["fig_lr", "fig_width", "tab_best", "tab_vanilla", "fig_grid", "fig_size", "fig_checks", "fig_published", "fig_cifar"]


def about(figure: str, preset: str = "paper") -> dict:
    return figure_about("biggs_bounds", figure, preset)


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
    """x → y of all error bars with this label."""
    found = {}
    for handle, name in zip(*ax.get_legend_handles_labels(), strict=True):
        if name == label:
            line = handle if hasattr(handle, "get_xdata") else handle.lines[0]
            found |= dict(zip(map(float, line.get_xdata()), map(float, line.get_ydata()), strict=True))
    return found


def shaded(ax) -> list[tuple[float, float]]:
    """Lower and upper end of the bands of an axis."""
    return [(float(patch.get_y()), float(patch.get_y() + patch.get_height())) for patch in bands(ax)]


def bands(ax) -> list[Patch]:
    """The patches that show bounds of claims."""
    return [patch for patch in ax.patches if patch.get_label() == "bounds of the claim"]


@pytest.mark.parametrize("name", FIGURES)
def test_inputs_stay_as_they_are(name: str, full: Tables) -> None:
    before = {key: frame.copy() for key, frame in full.items()}
    importlib.import_module(f"scripts.biggs_bounds.figures.{name}").draw(full, about(name)).canvas.draw()
    for key, frame in before.items():
        pd.testing.assert_frame_equal(frame, full[key])


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("where", ["seed < 0", "seed == 1 and width == 50 and learning_rate == 0.03 and momentum > 0 and model == 'shel'"])
def test_tables_with_few_rows_or_none_are_drawn_with_a_word(name: str, where: str, full: Tables) -> None:
    few = {**{key: full[key].query(where) for key in ("network", "bound")}, "cifar_bound": full["cifar_bound"].iloc[:0]}
    fig = importlib.import_module(f"scripts.biggs_bounds.figures.{name}").draw(few, about(name, "quick"))
    fig.canvas.draw()
    if name != "tab_best" or where == "seed < 0":  # one run is enough for a row of the table
        assert any("no rows" in text for text in texts(fig))


def test_learning_rates_are_shown_at_the_published_width(full: Tables) -> None:
    fig = fig_lr.draw(full, about("fig_lr"))
    assert fig.axes[0].get_title(loc="left").endswith("GELU, MNIST, $K$ = 200")
    assert all(ax.get_xscale() == "log" for ax in fig.axes[:4])
    last = points(fig.axes[0], "coupled bound, last prior")
    assert last == pytest.approx({0.001: 0.322, 0.003: 0.323, 0.01: 0.331, 0.03: 0.362, 0.1: 0.504})
    assert points(fig.axes[0], "published mean (last prior)") == pytest.approx(last)
    assert points(fig.axes[6], "test error") == pytest.approx(dict.fromkeys(last, 0.045))


def test_the_price_of_a_large_rate_and_the_four_bounds_have_their_bands(full: Tables) -> None:
    fig = fig_lr.draw(full, about("fig_lr"))
    price, four = fig.axes[4:6]
    assert points(price, "coupled bound, best prior")[0.1] == pytest.approx(0.504 - 0.331)
    assert points(price, "published difference") == {0.1: 0.173}
    assert shaded(price)[0][0] == 0
    assert list(points(four, "coupled bound, last prior").values()) == pytest.approx([0.505, 0.617, 0.536, 0.7420], abs=0.01)
    assert shaded(four) == [(0, 1)]


def test_the_ticks_of_both_axes_lie_on_the_same_lines(full: Tables) -> None:
    fig = fig_width.draw(full, about("fig_width"))
    for ax, twin in zip(fig.axes[:4], fig.axes[6:], strict=True):
        assert twin.get_ylim() == pytest.approx(np.array(ax.get_ylim()) / 2)
        assert twin.get_yticks() == pytest.approx(ax.get_yticks() / 2)


def test_widths_are_shown_at_the_published_learning_rate(full: Tables) -> None:
    fig = fig_width.draw(full, about("fig_width"))
    assert fig.axes[3].get_title(loc="left").endswith("SHEL, Fashion-MNIST, learning rate 0.01")
    assert sorted(points(fig.axes[3], "coupled bound, last prior")) == [50, 100, 200, 400, 800, 1600]


def test_gaps_and_rises_are_drawn_in_the_units_of_their_claims(full: Tables) -> None:
    gaps, rise = fig_width.draw(full, about("fig_width")).axes[4:6]
    assert set(points(gaps, "SHEL minus GELU, MNIST")) == {100, 200, 400, 800, 1600}
    bound = full["bound"].query("kind == 'coupled' and momentum > 0 and n_train == 60000 and labels == 'original'")
    mean = bound.query("model == 'shel' and dataset == 'mnist' and learning_rate == 0.03").groupby("width")["bound"].mean()
    assert points(rise, "coupled bound, best prior")[400] == pytest.approx(mean[400] - mean[50])
    assert points(rise, "published difference") == {400: 0.128}


def test_below_paper_the_setting_with_the_most_points_is_shown(full: Tables) -> None:
    kept = "momentum > 0 and ((width == 50 and learning_rate >= 0.01) or (width == 400 and learning_rate == 0.03))"
    few = {key: full[key].query(kept) for key in ("network", "bound")}
    assert "$K$ = 50" in fig_lr.draw(few, about("fig_lr")).axes[0].get_title(loc="left")
    assert "learning rate 0.03" in fig_width.draw(few, about("fig_width")).axes[0].get_title(loc="left")


def test_bars_are_two_standard_errors_over_seeds(full: Tables) -> None:
    bound = full["bound"].copy()
    bound["bound"] += 0.01 * bound["seed"]
    fig = fig_width.draw({**full, "bound": bound}, about("fig_width"))
    handles, labels = fig.axes[0].get_legend_handles_labels()
    bars = handles[labels.index("coupled bound, last prior")].lines[2][0].get_segments()
    error = 0.01 * (82.5 / 9 / 10) ** 0.5
    assert [float(bar[1, 1] - bar[0, 1]) for bar in bars] == pytest.approx([4 * error] * 6)


def test_the_best_table_shows_the_smallest_last_prior_bound_beside_the_published_one(full: Tables) -> None:
    shown = tab_best.table(full, about("tab_best"))
    assert shown["coupled bound, last prior"].tolist() == ["0.293", "0.293", "0.568", "0.568", "0.494", "0.494", "0.727", "0.727"]
    assert shown["run"].tolist() == ["here, best of 300", "published, best of 300"] * 4
    assert shown.loc[4, "σ_U"] == "–"
    assert set(shown.columns[2:]) <= {title for title, _ in best_table.COLUMNS.values()}


def test_a_network_that_was_trained_twice_counts_once(full: Tables) -> None:
    twice = {key: pd.concat([full[key], full[key]]) for key in ("network", "bound")}
    assert (tab_best.table(twice, about("tab_best"))["run"] == "here, best of 300").sum() == 4


def test_published_rows_stand_beside_the_full_training_set_only(full: Tables) -> None:
    small = {key: full[key].assign(n_train=full[key]["n_train"].clip(upper=2000)) for key in ("network", "bound")}
    assert not tab_best.table(small, about("tab_best"))["run"].str.startswith("published").any()


def test_a_bound_that_is_not_a_number_is_never_the_best_run(full: Tables) -> None:
    bound = full["bound"].assign(bound=full["bound"]["bound"].mask(full["bound"]["seed"] == 4))
    with pytest.raises(ValueError, match="not a number"):
        tab_best.table({**full, "bound": bound}, about("tab_best"))


def test_the_vanilla_table_has_plain_sgd_only(full: Tables) -> None:
    shown = tab_vanilla.table(full, about("tab_vanilla"))
    assert shown["run"].tolist() == ["here, best of 90", "published, best of 90"] * 4
    assert shown["coupled bound, last prior"].tolist()[-2:] == ["0.844", "0.844"]


def test_the_grid_has_six_panels_a_network_and_data_set(full: Tables) -> None:
    fig = fig_grid.draw(full, about("fig_grid"))
    assert len(fig.axes) == 24
    by_width = points(fig.axes[13], "coupled bound, last prior")
    assert by_width == pytest.approx({50: 0.537, 100: 0.528, 200: 0.585, 400: 0.665, 800: 0.797, 1600: 0.986})
    assert points(fig.axes[13], "published mean (last prior)") == pytest.approx(by_width)
    assert sorted(points(fig.axes[23], "coupled bound, last prior")) == [0.001, 0.003, 0.01, 0.03, 0.1]


def test_sizes_are_shown_where_a_setting_has_several(full: Tables) -> None:
    fig = fig_size.draw(full, about("fig_size"))
    assert sorted(points(fig.axes[0], "full bound")) == [7500, 15000, 30000, 60000]
    assert points(fig.axes[0], "published mean (last prior)")[15000] == 0.690
    gain = fig.axes[4]
    assert points(gain, "coupled bound, best prior")[15000] == pytest.approx(0.3)
    assert points(gain, "published difference") == {15000: 0.333}
    assert shaded(gain)[0][0] == 0


def test_checks_show_every_network_in_the_units_of_its_claim(full: Tables) -> None:
    axes = fig_checks.draw(full, about("fig_checks")).axes
    original = full["bound"].query("labels == 'original'")
    full_bounds = original.query("kind == 'full'")
    assert sorted(points(axes[0], "full bound").values()) == pytest.approx(
        sorted(full_bounds["bound"] / 2 - full_bounds["stochastic_error_test"])
    )
    assert len(points(axes[1], "coupled bound, best prior")) == len(full_bounds)
    assert max(points(axes[1], "coupled bound, best prior").values()) < shaded(axes[1])[0][1] == 1
    assert shaded(axes[2])[0][0] == 0.3
    assert shaded(axes[3])[0][0] == 0.98
    assert [low for low, _ in shaded(axes[4])] == [0.2, 0.4]
    assert list(points(axes[4], "control").values()) == pytest.approx([0.8] * 6)
    assert [low for low, _ in shaded(axes[5])] == [1.8, 1.8]


@pytest.mark.parametrize(("preset", "rows"), [("quick", [11, 3]), ("paper", [24, 4, 4, 4])])
def test_measured_stands_beside_published_in_every_judged_setting(preset: str, rows: list[int], full: Tables) -> None:
    fig = fig_published.draw(full, about("fig_published", preset))
    assert [len(ax.get_yticks()) for ax in fig.axes] == rows
    for ax, n in zip(fig.axes, rows, strict=True):
        assert len(bands(ax)) == n


def test_the_control_on_colour_images_has_its_band(full: Tables) -> None:
    ax = fig_cifar.draw(full, about("fig_cifar")).axes[0]
    assert points(ax, "published") == {0: 2.0, 1: 2.0}
    assert shaded(ax) == [(pytest.approx(1.999), pytest.approx(2.001))]
