"""Texts take their numbers from the run, and every paper tells no more than was seen."""

import ast
import re

import pytest

from repro import texts
from repro.settings import PRESETS, ROOT, load_paper, paper_keys, settings_text

PAPERS = paper_keys()

BACK_REFERENCE = re.compile(
    r"(The same|They|Them|Their|That|Those|These|This|It|Its|And|But|So|Also|Here|Size of|Constant of|Nearly all of those|Most of them)\b"
)
NUMERAL = re.compile(
    r"\d|\b(all|any|both|each|every|no|none|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|half|third|single|twice)\b",
    re.IGNORECASE,
)
NUMBERED_BY_HAND = re.compile(r"\b(eqs?\.|equations?|eqn\.?)\s*\(?\d", re.IGNORECASE)
CITED = re.compile(r"\bE\d+[a-z]?\b")
TYPEWRITTEN = re.compile(r"\d[eE][-−]?\d|\w\^|[^\W\d]_\w|\w\*")


def test_fields_are_filled_and_the_braces_of_mathematics_are_left_alone() -> None:
    values = {"ratio": 0.94432, "upper": 1.0}
    text = r"$\lambda_i = i^{-2}$: {C5.ratio}, {C5.ratio:.1f}, at most {C5.ratio.upper}; $n_{\text{train}}$"
    filled = texts.fill(text, lambda field: values[field.attribute or field.name])
    assert filled == r"$\lambda_i = i^{-2}$: 0.944, 0.9, at most 1; $n_{\text{train}}$"
    assert [field[:3] for field in texts.fields(text)] == [("C5", "ratio", None), ("C5", "ratio", None), ("C5", "ratio", "upper")]


def test_an_unknown_field_is_an_error() -> None:
    with pytest.raises(KeyError):
        texts.fill("{C5.ratio}", lambda field: {}[field.name])


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "–"),
        ("erf", "erf"),
        ([64, 128, 256], "64, 128, 256"),
        ([1, 2, 3, 4, 5], "1, 2, …, 5"),
        (-0.12345, "−0.123"),
        (10_000, "10000"),
    ],
)
def test_values_are_told_in_words(value: object, told: str) -> None:
    assert texts.words(value) == told


def test_mathematics_is_told_in_plain_text() -> None:
    assert texts.plain(r"risk $\le \lambda_i^{-2}$ of $\tfrac12$") == "risk ≤λ_i^(-2) of 1/2"
    assert texts.plain(r"at $\alpha = 1$, $\log N$") == "at α = 1, log N"
    assert texts.plain("50 % of it") == "50 % of it"


def test_a_companion_has_no_other_facts_and_an_uncertain_number_is_called_so() -> None:
    figure = {"label": "Figure 2", "numbering": "memory", "layout": "ours", "settings": {"quick": "ours", "paper": "published"}}
    assert texts.label(figure) == "Figure 2 (number from memory)"
    assert texts.facts(figure, "quick") == ["number from memory", "layout ours", "our settings"]
    assert texts.facts(figure, "paper") == ["number from memory", "layout ours", "published settings"]
    assert texts.facts({**figure, "label": "Figure on XOR"}, "quick")[0] == "number in the paper not known"
    assert texts.facts({**figure, "label": "Companion A", "numbering": "none"}, "quick") == ["not in the paper"]


@pytest.mark.parametrize("key", PAPERS)
def test_findings_take_their_numbers_from_their_claims(key: str) -> None:
    paper = load_paper(key)
    parts = {claim["claim"]: {part["part"] for part in claim["parts"]} for claim in paper["claims"]}
    for name, figure in paper["figures"].items():
        for finding in figure["finding"]:
            where = f"{key} {name}: {finding['text']}"
            assert not re.search(r"\d", texts.without_fields(finding["text"])), f"{where}: a digit that is no field"
            assert set(finding["claims"]) <= set(parts), where
            for field in texts.fields(finding["text"]):
                assert field.owner in finding["claims"], f"{where}: {field.owner} is not among its claims"
                assert field.name in parts[field.owner], f"{where}: {field.owner} has no part {field.name}"
                assert field.attribute in (None, "lower", "upper", "published", "predicted", "std_error", "n"), where


@pytest.mark.parametrize("key", PAPERS)
def test_a_figure_whose_finding_is_judged_elsewhere_says_so(key: str) -> None:
    paper = load_paper(key)
    drawn = {claim["claim"]: claim["figures"] for claim in paper["claims"]}
    for name, figure in paper["figures"].items():
        elsewhere = [claim for finding in figure["finding"] for claim in finding["claims"] if name not in drawn[claim]]
        assert not elsewhere or re.search(r"\bjudged (in|here)\b", figure["shows"] + str(figure["finding"])), f"{name}: {elsewhere}"


@pytest.mark.parametrize("key", PAPERS)
def test_settings_of_figures_are_filled_at_every_preset(key: str) -> None:
    for figure in load_paper(key)["figures"].values():
        for preset in PRESETS:
            assert settings_text(key, figure["settings"]["says"], preset)


@pytest.mark.parametrize("key", PAPERS)
def test_a_figure_that_is_not_the_published_one_says_how_it_differs(key: str) -> None:
    for name, figure in load_paper(key)["figures"].items():
        facts = {figure["numbering"], figure["layout"], figure["settings"]["quick"], figure["settings"]["paper"]}
        assert facts <= {"read", "published"} or figure.get("differs"), name
        assert (figure["numbering"] == "none") == figure["label"].startswith("Companion"), name
        assert not (figure["numbering"] == "none" and figure.get("ours")), f"{name}: all of it is ours"


@pytest.mark.parametrize("key", PAPERS)
def test_titles_and_alternative_texts_are_plain_words(key: str) -> None:
    for name, figure in load_paper(key)["figures"].items():
        assert not re.search(r"[\d$]", figure["title"]), name
        assert "$" not in figure["alt"], name
        assert len(figure["alt"]) >= 40, name


@pytest.mark.parametrize("key", PAPERS)
def test_statements_stand_alone_and_name_what_is_judged(key: str) -> None:
    for claim in load_paper(key)["claims"]:
        statement = claim["statement"]
        assert not BACK_REFERENCE.match(statement), f"{claim['claim']}: {statement}"
        assert NUMERAL.search(statement), f"{claim['claim']} names no range: {statement}"
        for part in claim["parts"]:
            assert "_" not in texts.without_fields(part["label"]), f"{claim['claim']}: {part['label']} is no label in words"
            assert not BACK_REFERENCE.match(part["measures"]), f"{claim['claim']}: {part['measures']}"
            assert not re.match("the same", part["measures"], re.IGNORECASE), f"{claim['claim']}: {part['measures']}"


@pytest.mark.parametrize("key", PAPERS)
def test_readers_see_no_names_of_columns_and_no_typewritten_mathematics(key: str) -> None:
    paper = load_paper(key)
    ids = re.compile("|".join(sorted((claim["claim"] for claim in paper["claims"]), key=len, reverse=True)))
    told = {
        f"{name}: {word}": figure[word]
        for name, figure in paper["figures"].items()
        for word in ("title", "shows", "differs", "alt")
        if word in figure
    }
    told |= {f"{name}: finding": finding["text"] for name, figure in paper["figures"].items() for finding in figure["finding"]}
    for claim in paper["claims"]:
        told |= {f"{claim['claim']}: {word}": claim[word] for word in ("statement", "source", "remark") if word in claim}
        told |= {f"{claim['claim']} {part['part']}: {word}": part[word] for part in claim["parts"] for word in ("label", "measures")}
    found = {where: text for where, text in told.items() if TYPEWRITTEN.search(ids.sub("", texts.without_fields(text)))}
    assert not found, found


@pytest.mark.parametrize("key", PAPERS)
def test_published_numbers_have_one_place(key: str) -> None:
    paper = load_paper(key)
    named = {part["published"] for claim in paper["claims"] for part in claim["parts"]} - {None}
    assert named <= {name for name, entry in paper["published"].items() if "value" in entry}


@pytest.mark.parametrize("key", PAPERS)
def test_a_remark_quotes_only_what_its_claim_measures(key: str) -> None:
    for claim in load_paper(key)["claims"]:
        remark = claim.get("remark", "")
        assert not re.search(r"\d", texts.without_fields(remark)), f"{claim['claim']}: {remark}"
        assert {field.owner for field in texts.fields(remark)} <= {claim["claim"]}, claim["claim"]


@pytest.mark.parametrize("key", PAPERS)
def test_cited_equations_exist_and_none_is_numbered_by_hand(key: str) -> None:
    paper = load_paper(key)
    known = set(paper["equations"])
    assert {cited for run in paper["runs"].values() for cited in run["equations"]} <= known
    for where, text in [*_told(paper), *_docstrings(key)]:
        assert not NUMBERED_BY_HAND.search(text), f"{where}: {text}"
        assert set(CITED.findall(text)) <= known, f"{where}: {text}"


def _told(paper: dict) -> list[tuple[str, str]]:
    """What readers see of a paper: (where, text)."""
    found = [(name, text) for name, figure in paper["figures"].items() for text in _strings(figure)]
    return found + [(claim["claim"], text) for claim in paper["claims"] for text in _strings(claim)]


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for item in items for text in _strings(item)]


def _docstrings(key: str) -> list[tuple[str, str]]:
    """Docstrings of a paper's scripts: (file, text)."""
    return [
        (path.name, ast.get_docstring(node) or "")
        for path in sorted((ROOT / "scripts" / key).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
    ]


def test_short_names_tell_papers_apart() -> None:
    short = [load_paper(key)["short"] for key in paper_keys()]
    assert not [(one, other) for one in short for other in short if one is not other and other.startswith(one)]
