"""Scales of bounds, and the order in which verdicts are told."""

import pytest

from scripts.publish import wording
from scripts.publish.pages import scales, verdicts
from tests.gallery.conftest import row


def scale(**told):
    return scales.scale(row("p", "C1", "x", "reproduced", **told))


def test_a_scale_shows_the_band_the_value_its_error_and_what_was_published():
    both = scale(lower=0.0, upper=2.0, measured=1.0, std_error=0.5, published=2.0)
    assert both == {"band": (30.0, 60.0), "value": 60.0, "error": (45.0, 75.0), "published": 90.0, "outside": 0}
    above = scale(upper=2.0, measured=1.0)
    assert above["band"] == (0.0, 75.0)
    assert 0 < above["value"] < 75
    below = scale(lower=2.0, measured=1.0)
    assert below["band"] == (45.0, 75.0)
    assert below["value"] < 45
    assert scale(lower=0.0, upper=2.0, measured=9.0)["outside"] == 1
    assert scale(lower=4.0, upper=4.0, measured=4.0)["value"] == 60.0
    ratio = scale(compare="ratio", lower=0.9, upper=1.1, measured=2.0, predicted=2.0, std_error=0.1)
    assert ratio["value"] == 60.0
    assert ratio["error"] == (45.0, 75.0)


@pytest.mark.parametrize("told", [{"measured": None}, {"measured": float("nan")}])
def test_a_scale_without_a_value_has_its_band_and_no_dot(told):
    found = scale(lower=0.0, upper=1.0, **told)
    assert (found["band"], found["value"], found["error"]) == ((30.0, 60.0), None, None)
    assert scale(measured=1.0) is None


def test_infinite_values_and_zero_bounds_stay_in_the_picture():
    assert scale(upper=1.0, measured=float("inf"))["outside"] == 1
    found = scale(lower=0.0, measured=0.02, std_error=0.01)
    assert found["band"][0] == 45.0
    assert 45 < found["value"] <= scales.WIDTH


@pytest.mark.parametrize(
    ("told", "room", "words"),
    [
        ({"lower": 0.0, "upper": 2.0, "measured": 1.5}, 0.5, "50 % of the tolerance"),
        ({"lower": 0.0, "upper": 2.0, "measured": 2.5}, -0.5, "50 % of the tolerance beyond"),
        ({"upper": 2.0, "measured": 1.0}, 0.5, "50 % of the bound"),
        ({"lower": -2.0, "measured": -1.99}, 0.005, "0.5 % of the bound"),
        ({"lower": 0.0, "measured": 1.0}, None, "–"),
        ({"lower": 4.0, "upper": 4.0, "measured": 4.0}, None, "–"),
        ({"lower": 4.0, "upper": 4.0, "measured": 5.0}, -0.25, "25 % of the bound beyond"),
        ({"upper": 4.0, "measured": None}, None, "–"),
    ],
)
def test_room_is_the_way_to_the_nearest_bound(told, room, words):
    one = row("p", "C1", "x", "reproduced", **told)
    assert wording.room(one) == (room if room is None else pytest.approx(room))
    assert wording.room_in_words(one) == words


def test_evidence_that_failed_comes_before_controls_and_guards():
    told = {"verdict": "not_reproduced", "upper": 1.0, "measured": 2.0}
    rows = [
        row("p", "R1", "x", **told | {"basis": "regression", "measured": 9.0}),
        row("p", "N1", "x", **told, role="negative_control"),
        row("p", "C2", "x", **told, basis="derived"),
        row("p", "C1", "x", **told | {"measured": 3.0}),
    ]
    assert [one["claim"] for one in verdicts.failed({"rows": rows})] == ["C1", "C2", "N1", "R1"]


def test_what_was_not_judged_comes_last():
    rows = [row("p", "C1", "x", "not_judged"), row("p", "C2", "x", "reproduced", upper=1.0, measured=0.5)]
    assert [one["claim"] for one in verdicts.closest_first(rows)] == ["C2", "C1"]
