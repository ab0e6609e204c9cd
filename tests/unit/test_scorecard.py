"""Scorecard: one verdict a claim, counts that leave out what is no evidence."""

import math
import re

import pandas as pd
import pytest

from repro import claims as judging
from repro import tables
from scripts.publish import wording
from scripts.publish.scorecard import COLUMNS, compute, markdown, records

PAPERS = {
    "wu": {"short": "Wu et al.", "figures": {"fig1": "Figure 1"}},
    "biggs": {"short": "Biggs and Guedj", "figures": {"fig1": "Table *A*"}},
}


def part(paper="wu", claim="C1", name="only", verdict="reproduced", **other):
    """One row of claims.parquet."""
    told = {
        "paper": paper,
        "claim": claim,
        "part": name,
        "label": f"part {name}",
        "measures": "largest ratio",
        "measured_in": "numerics",
        "source": "E1",
        "figures": "fig1",
        "role": "claim",
        "basis": "theorem",
        "statement": f"{claim} holds",
        "compare": "value",
        "published": None,
        "predicted": None,
        "measured": 0.5,
        "std_error": None,
        "n": 10,
        "lower": 0.0,
        "upper": 1.0,
        "strict": False,
        "margin": 0.5,
        "verdict": verdict,
        "note": "no row with n_train = 7" if verdict == "not_judged" else "",
    }
    return told | other


def frame(*parts):
    return pd.DataFrame(parts, columns=list(judging.COLUMNS))


@pytest.fixture
def mixed():
    """Two papers: evidence 2 of 3 judged and 1 not judged, controls 1 of 1, guards 1 of 1."""
    return frame(
        part(claim="C2"),
        part(claim="C1", name="a", margin=0.4),
        part(claim="C1", name="b", margin=0.1, measured=0.9),
        part(claim="N1", role="negative_control", basis="derived"),
        part(claim="G1", basis="regression"),
        part("biggs", "C1", verdict="not_reproduced", margin=-1.0, measured=2.0, std_error=0.25),
        part("biggs", "C2", verdict="not_judged", margin=None, measured=None),
    )


def test_words_exist_for_every_verdict():
    assert list(wording.VERDICT) == [judging.REPRODUCED, judging.NOT_REPRODUCED, judging.NOT_JUDGED]


def test_one_row_a_claim_in_the_order_of_the_claims(mixed):
    found = compute(mixed)
    assert list(found) == list(COLUMNS)
    assert list(zip(found["paper"], found["claim"], found["n_parts"], strict=True)) == [
        ("wu", "C2", 1),
        ("wu", "C1", 2),
        ("wu", "N1", 1),
        ("wu", "G1", 1),
        ("biggs", "C1", 1),
        ("biggs", "C2", 1),
    ]


def test_decisive_part_of_a_reproduced_claim_has_the_smallest_margin(mixed):
    row = compute(mixed).iloc[1]
    assert (row["part"], row["measured"], row["margin"]) == ("b", 0.9, 0.1)


def test_decisive_part_of_a_failing_claim_is_the_one_that_fails_most():
    row = compute(
        frame(
            part(name="fine", margin=0.0),
            part(name="off", verdict="not_reproduced", margin=-0.1),
            part(name="diverged", verdict="not_reproduced", margin=-math.inf),
            part(name="absent", verdict="not_judged", margin=None),
        )
    ).iloc[0]
    assert (row["verdict"], row["part"]) == ("not_reproduced", "diverged")


def test_claim_with_a_part_not_judged_and_none_failing_is_not_judged_and_says_why():
    row = compute(frame(part(name="a", margin=-5.0), part(name="b", verdict="not_judged", margin=None))).iloc[0]
    assert (row["verdict"], row["part"], row["note"]) == ("not_judged", "b", "no row with n_train = 7")


def test_same_claim_name_in_two_papers_is_two_claims(mixed):
    found = compute(mixed).set_index(["paper", "claim"])["verdict"]
    assert found["wu", "C1"] == "reproduced"
    assert found["biggs", "C1"] == "not_reproduced"


def test_scorecard_fits_its_own_contract_even_when_nothing_is_judged(tmp_path):
    empty = part(verdict="not_judged", margin=None, measured=math.nan, predicted=math.inf)
    for claims in (frame(empty), frame()):
        tables.write(compute(claims), tmp_path / "scorecard.parquet", COLUMNS, {"sources": {}})
        assert len(tables.read(tmp_path / "scorecard.parquet")) == len(claims)


def test_headline_counts_evidence_by_basis_and_controls_and_guards_apart(mixed):
    assert wording.headline(records(compute(mixed))) == (
        "Evidence: 2 of 3 judged claims reproduced (theorem 2 of 3; 1 not judged). "
        "Negative controls: 1 of 1 fail, as they must. Regression guards: 1 of 1 hold."
    )


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([], "Evidence: none of 0 claims judged."),
        ([part(verdict="not_judged")], "Evidence: none of 1 claims judged."),
        (
            [part(), part(basis="regression", verdict="not_judged")],
            "Evidence: 1 of 1 judged claims reproduced (theorem 1 of 1). Regression guards: none of 1 judged.",
        ),
        (
            [part(basis="published"), part(basis="released"), part(role="negative_control", verdict="not_reproduced")],
            "Evidence: 2 of 2 judged claims reproduced (published 1 of 1, released 1 of 1). Negative controls: 0 of 1 fail, as they must.",
        ),
    ],
)
def test_headline_says_when_nothing_was_judged(rows, text):
    assert wording.headline(rows) == text


def test_a_control_has_words_of_its_own_and_a_guard_is_one_whatever_its_role():
    control = part(role="negative_control", basis="derived")
    assert [wording.verdict(control | {"verdict": name}) for name in wording.VERDICT] == [
        "fails, as it must",
        "does not fail as stated",
        "not judged",
    ]
    assert wording.kind(control) == "control"
    assert wording.kind(part(role="negative_control", basis="regression")) == "regression"
    assert list(wording.KINDS) == list(wording.TITLE)
    assert {*wording.EVIDENCE, "regression"} == set(judging.COLUMNS["basis"][0])
    assert list(wording.MEASURED_IN) == judging.COLUMNS["measured_in"][0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "∞"),
        (0.0, "0"),
        (2048.0, "2048"),
        (10.0, "10"),
        (-0.12345, "−0.1235"),
        (1e-5, "1e−5"),
        (1.23449e-12, "1.234e−12"),
        (3e20, "3e20"),
    ],
)
def test_numbers_are_short_and_exact_where_whole(value, text):
    assert wording.number(value) == text


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ({"lower": None, "upper": 0.93}, "≤ 0.93"),
        ({"lower": 1, "upper": None}, "≥ 1"),
        ({"lower": 0.123456, "upper": 2}, "0.123456 to 2"),
        ({"lower": 1, "upper": 1}, "= 1"),
        ({"lower": None, "upper": None}, "finite"),
        ({"lower": 0.9, "upper": 1.1, "compare": "ratio"}, "ratio 0.9 to 1.1"),
        ({"lower": 0, "upper": None, "strict": True}, "> 0"),
        ({"lower": None, "upper": 1, "strict": True}, "< 1"),
    ],
)
def test_bounds_are_told_in_full(told, text):
    assert wording.bounds(part(**told)) == text


def test_measured_value_shows_what_the_bounds_bound():
    assert wording.measured(part(measured=3.0, std_error=0.123)) == "3 ± 0.12"
    assert wording.measured(part(measured=3.0, predicted=2.0, compare="ratio")) == "3 (ratio 1.5)"
    assert wording.measured(part(measured=3.0, predicted=2.0, compare="difference")) == "3 (difference 1)"
    assert wording.measured(part(measured=3.0, predicted=0.0, compare="ratio")) == "3 (ratio –)"
    assert wording.expected(part(published=0.25, predicted=0.5)) == "0.25 published, 0.5 in theory"


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ({"measured": 1.00003}, "1.00003"),
        ({"measured": 0.93004, "upper": 0.93}, "0.93004"),
        ({"measured": 0.5}, "0.5"),
        ({"measured": 1.0}, "1"),
    ],
)
def test_the_digits_that_decide_are_shown(told, text):
    assert wording.telling(part(**told)) == text


def test_the_share_of_the_tolerance_that_was_used():
    assert wording.used(part(measured=0.5)) == "0 %"
    assert wording.used(part(measured=0.9)) == "80 %"
    assert wording.used(part(measured=2.0)) == "300 %"
    assert wording.used(part(upper=None)) == wording.used(part(measured=None)) == "–"


def table_rows(page, title):
    """Rows of the table beneath a heading."""
    section = page.split(f"## {title}\n")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ")][2:]


def test_markdown_tells_what_failed_first_and_each_kind_of_claim_apart(mixed):
    page = markdown(compute(mixed), mixed, PAPERS, preset="small scale", sources={"mnist": "real"})
    titles = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert titles == ["What did not come out", "Negative controls", "Theorem", "Regression guards", "Not judged"]
    assert "Preset small scale; data: MNIST as published." in page
    assert table_rows(page, "What did not come out") == [
        "| Biggs and Guedj C1 | C1 holds Measured: largest ratio. | – | 2 ± 0.25 | 0 to 1 | 300 % | 10 | Table \\*A\\* | not reproduced |"
    ]
    assert "fails, as it must" in table_rows(page, "Negative controls")[0]
    several = table_rows(page, "Theorem")[1:4]
    assert several[0] == r"| Wu et al. C1 | C1 holds |  | 2 parts |  |  |  | Figure 1 | reproduced |"
    assert several[2] == "|  | · part b: largest ratio. | – | 0.9 | 0 to 1 | 80 % | 10 |  | reproduced |"
    assert "- Biggs and Guedj C2: no row with n\\_train = 7" in page


def test_markdown_without_a_failure_says_so():
    claims = frame(part())
    page = markdown(compute(claims), claims, PAPERS, preset="quick", sources={})
    assert "Every claim that was judged is reproduced." in page


def test_markdown_keeps_a_bar_in_a_statement_out_of_the_table_and_shouts_about_the_sample():
    claims = frame(part(statement="|w| <b>\nis $|x| \\le 1$"))
    page = markdown(compute(claims), claims, {"wu": PAPERS["wu"]}, preset="quick", sources={"mnist": "sample"})
    assert r"\|w\| \<b\> is $\vert x\vert  \le 1$" in page
    assert "SAMPLE DATA" in page
