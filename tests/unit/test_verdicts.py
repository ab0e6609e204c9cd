"""A verdict cannot get worse in silence."""

from scripts.publish.verdicts import complaints

EXPECTED = {"p": {"C1": "reproduced", "C2": {"verdict": "not_judged", "why": "published scale only"}}}


def test_expected_or_better_verdicts_pass() -> None:
    assert complaints({("p", "C1"): "reproduced", ("p", "C2"): "reproduced"}, EXPECTED) == []


def test_a_worse_verdict_is_named() -> None:
    assert complaints({("p", "C1"): "not_judged", ("p", "C2"): "not_reproduced"}, EXPECTED) == [
        "p/C1: not_judged, expected reproduced",
        "p/C2: not_reproduced, expected not_judged",
    ]


def test_missing_and_unknown_claims_are_named() -> None:
    lines = complaints({("p", "C1"): "reproduced", ("p", "C3"): "reproduced"}, EXPECTED)
    assert [line.split(":")[0] for line in lines] == ["p/C2", "p/C3"]


def test_a_verdict_below_reproduced_needs_a_reason() -> None:
    assert complaints({("p", "C1"): "not_judged"}, {"p": {"C1": {"verdict": "not_judged"}}}) == [
        "p/C1: not_judged is expected without a word on why"
    ]
