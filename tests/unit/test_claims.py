"""Verdicts."""

import math

import pandas as pd
import pytest

from repro.claims import COLUMNS, Measured, MissingRows, judge, largest, one, rows, smallest

TABLE = pd.DataFrame({"width": [1, 2, 2], "rate": [0.1, 0.1, 0.3], "decay": [None, 0.5, 1.0], "risk": [3.0, 4.0, 5.0]})


PART = {"part": "a", "label": "", "measures": "", "tables": ["t"], "compare": "value", "lower": 0.0, "upper": 1.0, "published": None}
CLAIM = {
    "claim": "C1",
    "statement": "s",
    "figures": ["fig1"],
    "role": "claim",
    "basis": "theorem",
    "measured_in": "numerics",
    "source": "E1",
}


def claim(*parts: dict, presets: tuple[str, ...] = ("quick",), **other: object) -> dict:
    return {**CLAIM, "presets": presets, "parts": [PART | part for part in parts], **other}


def verdict(
    measured: Measured | None, *, base: str = "quick", sampled: tuple[str, ...] = (), presets: tuple[str, ...] = ("quick",), **part: object
) -> pd.Series:
    judged = [claim(part, presets=presets)]
    return judge("p", {"c1": lambda _: {"a": measured} if measured else {}}, judged, {}, base_preset=base, on_sample=sampled).iloc[0]


@pytest.mark.parametrize(
    ("value", "expected", "margin"),
    [
        (0.0, "reproduced", 0.0),
        (1.0, "reproduced", 0.0),
        (0.4, "reproduced", 0.4),
        (1.5, "not_reproduced", -0.5),
        (-1.0, "not_reproduced", -1.0),
    ],
)
def test_bounds_are_inclusive_and_the_margin_is_signed(value: float, expected: str, margin: float) -> None:
    row = verdict(Measured(value))
    assert (row["verdict"], row["margin"]) == (expected, pytest.approx(margin))


def test_infinity_is_no_number_unless_the_part_says_so() -> None:
    assert verdict(Measured(math.inf), upper=None)["verdict"] == "not_reproduced"
    assert verdict(Measured(math.inf), upper=None, diverged_ok=True)["verdict"] == "reproduced"
    assert verdict(Measured(-math.inf), lower=None, diverged_ok=True)["verdict"] == "not_reproduced"


def test_differences_and_ratios_use_what_was_predicted() -> None:
    assert verdict(Measured(5.5, predicted=5.0), compare="difference")["margin"] == pytest.approx(0.5)
    assert verdict(Measured(5.5, predicted=5.0), compare="ratio")["verdict"] == "not_reproduced"
    assert verdict(Measured(5.5), compare="ratio")["verdict"] == "not_judged"


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        (verdict(Measured(0.5), base="smoke"), "smoke"),
        (verdict(Measured(0.5), sampled=("t",)), "t: computed from the embedded sample"),
        (verdict(Measured(0.5), presets=("paper",)), "judged at preset paper only"),
        (verdict(Measured(math.nan)), "not a number"),
        (verdict(None), "not measured"),
    ],
)
def test_without_evidence_nothing_is_judged_and_the_cause_is_told(row: pd.Series, cause: str) -> None:
    assert row["verdict"] == "not_judged"
    assert cause in row["note"]


def test_a_row_holds_the_words_and_bounds_of_its_own_part_and_all_that_was_measured() -> None:
    other = {"part": "b", "label": "second", "measures": "m", "compare": "difference", "lower": -2.0, "upper": 9.0}
    values = {"a": Measured(0.5), "b": Measured(3.0, predicted=2.5, std_error=0.25, n=7)}
    first, second = judge("p", {"c1": lambda _: values}, [claim({"label": "first"}, other)], {}, base_preset="quick").to_dict("records")
    assert (first["label"], first["lower"], first["upper"]) == ("first", 0.0, 1.0)
    expected = other | {"measured": 3.0, "predicted": 2.5, "std_error": 0.25, "n": 7, "margin": 2.5}
    assert {name: second[name] for name in expected} == expected


def test_a_sample_beneath_another_table_does_not_matter() -> None:
    assert verdict(Measured(0.5), sampled=("other",))["verdict"] == "reproduced"


@pytest.mark.parametrize(("error", "note"), [(MissingRows("no row with n = 3"), "no row with n = 3"), (KeyError("x"), "KeyError")])
def test_a_claim_that_cannot_be_measured_stops_nothing(error: Exception, note: str) -> None:
    def fails(_: object) -> dict[str, Measured]:
        raise error

    found = judge("p", {"c1": fails}, [claim({})], {}, base_preset="quick")
    assert list(found) == list(COLUMNS)
    assert (found["verdict"][0], note in found["note"][0]) == ("not_judged", True)


def test_rows_are_selected_by_value_null_membership_and_close_floats() -> None:
    assert rows(TABLE, width=2, rate=0.1 + 1e-12)["risk"].tolist() == [4.0]
    assert rows(TABLE, decay=None)["risk"].tolist() == [3.0]
    assert rows(TABLE, width=[1, 2], rate=(0.3,))["risk"].tolist() == [5.0]
    with pytest.raises(MissingRows, match="width = 3"):
        rows(TABLE, width=3)


def test_one_wants_exactly_one_row() -> None:
    assert one(TABLE, "risk", decay=1.0) == 5.0
    with pytest.raises(MissingRows, match="2 rows in place of one"):
        one(TABLE, "risk", width=2)


def test_a_remark_is_shown_with_a_failure_only_and_quotes_what_the_function_measured() -> None:
    judged = [claim({}, remark="later it is {C1.later:.1f}")]
    for value, note in ((0.5, ""), (2.0, "later it is 0.7")):
        functions = {"c1": lambda _, v=value: {"a": Measured(v), "later": Measured(0.7)}}
        assert judge("p", functions, judged, {}, base_preset="quick")["note"].tolist() == [note]


def test_a_direction_is_strict() -> None:
    assert verdict(Measured(0.0), lower=0.0, upper=None, strict=True)["verdict"] == "not_reproduced"
    assert verdict(Measured(1e-9), lower=0.0, upper=None, strict=True)["verdict"] == "reproduced"


def test_the_published_number_is_looked_up_by_its_name() -> None:
    found = judge(
        "p",
        {"c1": lambda _: {"a": Measured(0.5)}},
        [claim({"published": "bound"})],
        {},
        base_preset="quick",
        published={"bound": {"value": 0.745}},
    )
    assert found["published"].tolist() == [0.745]


@pytest.mark.parametrize("extreme", [largest, smallest])
def test_an_extreme_of_values_that_are_no_numbers_is_none_either(extreme) -> None:
    assert math.isnan(extreme(pd.Series([1.0, math.nan, 2.0])).value)
    assert extreme([3.0]) == Measured(3.0, n=1)
    with pytest.raises(MissingRows):
        extreme([])


def test_the_extremes_of_some_values() -> None:
    assert (largest([1.0, 2.0]), smallest([1.0, 2.0])) == (Measured(2.0, n=2), Measured(1.0, n=2))
