"""Pieces of panels that papers share."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from repro import panels
from repro.claims import Measured, MissingRows
from repro.figures import new_figure, theory

ABOUT = {
    "claims": {
        "C1": {
            "value": {"lower": None, "upper": 2.0, "compare": "value", "role": "claim"},
            "difference": {"lower": -1.0, "upper": 1.0, "compare": "difference", "role": "claim"},
        },
        "N1": {"ratio": {"lower": 3.0, "upper": None, "compare": "ratio", "role": "negative_control"}},
    }
}
ENTRIES = [("C1", "value", "a value"), ("C1", "difference", "a difference"), ("N1", "ratio", "a control")]


@pytest.fixture
def ax() -> Axes:
    return new_figure(height=2.0)[1][0, 0]


def corners(ax: Axes) -> list[tuple[float, ...]]:
    """Left, right, lower and upper end of every band."""
    boxes = [band.get_bbox() for band in ax.patches]
    return [tuple(map(float, (box.x0, box.x1, box.y0, box.y1))) for box in boxes]


def test_bands_end_with_the_axis_and_leave_it_as_it_is(ax: Axes) -> None:
    ax.set_ylim(5, 0)
    panels.band_at(ax, [1, 3], (2.0, None), half=0.5)
    panels.band_between(ax, 10, 20, (-7.0, 1.0))
    panels.band_between(ax, 0, 1, (None, None))
    assert corners(ax) == [(0.5, 1.5, 2, 5), (2.5, 3.5, 2, 5), (10, 20, 0, 1)]
    assert ax.get_ylim() == (5, 0)


def test_bands_lie_along_the_other_axis(ax: Axes) -> None:
    ax.set_xlim(0, 4)
    panels.band_at(ax, 2, (1.0, 9.0), half=0.25, along="x")
    assert corners(ax) == [(1, 4, 1.75, 2.25)]
    assert ax.get_xlim() == (0, 4)


def test_a_bound_that_is_one_number_is_a_thick_line_and_no_bound_is_nothing(ax: Axes) -> None:
    panels.band_at(ax, 1, (1.0, 1.0))
    (line,) = ax.patches
    assert line.get_linewidth() > 3
    panels.band_at(ax, 2, (None, None))
    assert len(ax.patches) == 1


def test_named_places_have_no_lines_and_run_downwards_on_the_y_axis(ax: Axes) -> None:
    panels.categories(ax, ["a", "b"])
    panels.categories(ax, ["c", "d", "e"], axis="y")
    assert [text.get_text() for text in ax.get_xticklabels()] == ["a", "b"]
    assert ax.get_xlim() == (-0.6, 1.6)
    assert ax.get_ylim() == (2.6, -0.6)


def test_what_cannot_be_measured_is_left_out() -> None:
    def missing(_: object) -> dict:
        raise MissingRows("no rows")

    def not_a_number(_: object) -> dict:
        raise ValueError("a mean is not a number")

    claims = SimpleNamespace(c1=lambda tables: {"value": Measured(tables["x"])}, c2=missing, c3=not_a_number)
    assert panels.measured(claims, {"x": 3.0}, "C1", "C2", "C3") == {("C1", "value"): Measured(3.0)}  # type: ignore[arg-type, dict-item]


def test_a_strip_shows_what_the_bounds_bound(ax: Axes) -> None:
    values = {("C1", "value"): Measured(1.0), ("C1", "difference"): Measured(10.5, predicted=10.0, std_error=0.25)}
    values["N1", "ratio"] = Measured(8.0, predicted=2.0, std_error=0.5)
    panels.strip(ax, ABOUT, values, ENTRIES, "value")
    drawn = [bars.lines[0].get_xydata().tolist() for bars in ax.containers]
    assert drawn == [[[1.0, 0.0], [0.5, 1.0]], [[4.0, 2.0]]]
    assert [bars.get_label() for bars in ax.containers] == ["measured", "measured (control)"]
    low, high = ax.get_xlim()
    assert low < -1 < 4.5 < high
    assert corners(ax) == pytest.approx(np.array([(low, 2, -0.35, 0.35), (-1, 1, 0.65, 1.35), (3, high, 1.65, 2.35)]))
    assert (low, high) == pytest.approx((-1 - 0.15 * 5.5, 4.5 + 0.15 * 5.5)), "room for all bounds and error bars"


def test_a_strip_has_bars_of_two_standard_errors_of_what_is_shown(ax: Axes) -> None:
    values = {("C1", "value"): Measured(1.0), ("C1", "difference"): Measured(10.5, predicted=10.0, std_error=0.25)}
    values["N1", "ratio"] = Measured(-8.0, predicted=-2.0, std_error=0.5)
    panels.strip(ax, ABOUT, values, ENTRIES, "value")
    ends = [[bar[:, 0].tolist() for bar in bars.lines[2][0].get_segments() if np.size(bar)] for bars in ax.containers]
    assert ends == [[[0.0, 1.0]], [[3.5, 4.5]]]


def test_an_infinite_value_stands_at_the_end_and_a_missing_one_nowhere(ax: Axes) -> None:
    panels.strip(ax, ABOUT, {("N1", "ratio"): Measured(np.inf, predicted=1.0)}, ENTRIES, "value", log=True)
    missing, infinite = (bars.lines[0].get_xdata() for bars in ax.containers)
    assert np.isnan(missing).all()
    assert infinite == ax.get_xlim()[1]


@pytest.mark.parametrize(
    ("limits", "ticks"),
    [
        ((0.012, 0.9), [0.03, 0.1, 0.3]),
        ((0.9, 21), [1, 2, 5, 10, 20]),
        ((0.9, 6), [1, 2, 3, 5]),
        ((0.24, 0.52), [0.3, 0.4, 0.5]),
    ],
)
def test_decimals_of_a_logarithmic_axis(ax: Axes, limits: tuple[float, float], ticks: list[float]) -> None:
    ax.set_yscale("log")
    ax.set_ylim(*limits)
    panels.log_decimals(ax)
    assert ax.get_yticks() == pytest.approx(ticks)
    assert ax.get_ylim() == limits


def test_an_axis_of_many_decades_or_of_nothing_keeps_its_ticks(ax: Axes) -> None:
    panels.log_decimals(ax)
    ax.set_ylim(1e-3, 10)
    panels.log_decimals(ax)
    assert ax.get_yscale() == "log"


def test_limits_leave_a_margin_and_what_is_not_finite_out() -> None:
    assert panels.padded([1.0, None, 3.0, np.nan, np.inf], 0.5) == (0, 4)
    assert panels.padded([2.0]) == (1, 3)
    assert panels.padded_log([0.0, 1.0, 4.0, None], 2) == (0.5, 8)
    assert (panels.padded([]), panels.padded_log([])) == ((0, 1), (0.1, 10))


def test_thinned_rows_keep_the_first_and_the_last_step() -> None:
    table = pd.DataFrame({"step": [*range(0, 5001, 25)] * 2})
    found = panels.thinned(table, 40)
    assert (len(found), found["step"].min(), found["step"].max()) == (80, 0, 5000)
    assert len(panels.thinned(table.iloc[:0], 40)) == 0


def test_panels_in_uneven_rows_and_one_in_place_of_several() -> None:
    _, rows = panels.rows_of_panels([1, 3], height=3.0, ratios=[2, 1])
    assert [len(row) for row in rows] == [1, 3]
    fig, axes = new_figure(2, 3, height=3.0)
    wide = panels.merge(fig, axes, 1, slice(0, 2))
    assert len(fig.axes) == 5
    assert wide.get_subplotspec().colspan == range(2)


def test_entries_of_the_legend_and_single_numbers(ax: Axes) -> None:
    panels.explain(ax, "runs", marker="D")
    panels.explain(ax, "law", theory)
    panels.explain_bounds(ax)
    assert ax.get_legend_handles_labels()[1] == ["law", panels.BOUNDS, "runs"]
    panels.dashes(ax, panels.abreast(1, 2, 1.0), [5, 6], 0.1)
    assert ax.get_lines()[-1].get_xdata()[[0, 1, 3, 4]] == pytest.approx([0.65, 0.85, 1.15, 1.35])
