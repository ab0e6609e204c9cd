"""Verdicts, counts and numbers in words: the same on the page, in scorecard.md and on the terminal.

Rows are mappings with the columns of the scorecard or of the claims, None for null. Snakemake's
main process imports this module, so it needs nothing but the standard library.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from repro import texts
from repro.texts import NOTHING, number

VERDICT = {"reproduced": "reproduced", "not_reproduced": "not reproduced", "not_judged": "not judged"}
OF_CONTROL = {"reproduced": "fails, as it must", "not_reproduced": "does not fail as stated", "not_judged": "not judged"}
OF_CONTROLS = {**OF_CONTROL, "reproduced": "fail, as they must", "not_reproduced": "not failing as stated"}

_WORST_FIRST = ("not_reproduced", "not_judged", "reproduced")

# Kinds of claim, counted apart, each with what is true for every claim of its kind.
EVIDENCE = {
    "published": "a number or relation in the part of the paper that could be read",
    "released": "a number in the authors' released code or result files, not seen in print",
    "theorem": "an exact statement of the paper",
    "derived": "follows from the theory by an argument of ours, given with the claim",
}
KINDS = {
    **EVIDENCE,
    "control": "a negative control: must fail in the stated way, and shows that the test can fail",
    "regression": "a cut-off that was set after a first result had been seen: guards against change, is no evidence",
}
TITLE = {
    "published": "Published",
    "released": "Released",
    "theorem": "Theorem",
    "derived": "Derived",
    "control": "Negative controls",
    "regression": "Regression guards",
}
SINGLE = {**{name: name for name in EVIDENCE}, "control": "negative control", "regression": "regression guard"}
FIXED = "All bounds were fixed before this pipeline's first run."

MEASURED_IN = {
    "simulation": "simulation: random instances",
    "images": "images: the datasets",
    "numerics": "numerics: the theory's own equations, solved or evaluated; no training is compared",
}

Row = Mapping[str, Any]


def kind(row: Row) -> str:
    """What a claim counts as: its basis, or a control; a regression guard is one whatever its role."""
    return "control" if row["role"] == "negative_control" and row["basis"] != "regression" else row["basis"]


def verdict(row: Row) -> str:
    """The verdict in words; those of a negative control say what it did."""
    return (OF_CONTROL if row["role"] == "negative_control" else VERDICT)[row["verdict"]]


def bounds(row: Row) -> str:
    """What the measured value, its ratio to or its difference from the predicted one must satisfy."""
    lower, upper = row["lower"], row["upper"]
    what = "" if row["compare"] == "value" else f"{row['compare']} "
    least, most = (">", "<") if row["strict"] else ("≥", "≤")
    if lower is None and upper is None:
        return f"{what}finite"
    if lower is None:
        return f"{what}{most} {number(upper, 10)}"
    if upper is None:
        return f"{what}{least} {number(lower, 10)}"
    return f"{what}= {number(lower, 10)}" if lower == upper else f"{what}{number(lower, 10)} to {number(upper, 10)}"


def measured(row: Row) -> str:
    """The measured value with its standard error, and the ratio or difference that the bounds bound."""
    value, error, predicted = row["measured"], row["std_error"], row["predicted"]
    text = number(value) + (f" ± {number(error, 2)}" if error is not None else "")
    if row["compare"] == "value" or value is None or predicted is None:
        return text
    return f"{text} ({row['compare']} {telling(row)})"


def compared(row: Row) -> float | None:
    """The quantity that the bounds bound; null where it is not known."""
    value, predicted = row["measured"], row["predicted"]
    if value is None or row["compare"] == "value":
        return value
    if predicted is None:
        return None
    return value - predicted if row["compare"] == "difference" else value / predicted if predicted else None


def telling(row: Row) -> str:
    """The compared quantity with as many digits as tell it from its bounds."""
    value = compared(row)
    limits = [bound for bound in (row["lower"], row["upper"]) if bound is not None]
    for digits in (4, 5, 6, 7):
        if value is None or all(number(value, digits) != number(bound, digits) or value == bound for bound in limits):
            break
    text = number(value, digits)
    return number(value, 5) if text == "1" and value != 1 else text


def expected(row: Row) -> str:
    """The published number and the one computed from theory, where there are such."""
    known = [
        f"{number(row[name])} {word}" for name, word in (("published", "published"), ("predicted", "in theory")) if row[name] is not None
    ]
    return ", ".join(known) or NOTHING


def used(row: Row) -> str:
    """How much of the tolerance between two bounds was used: 0 % at their middle, 100 % at a bound; a dash for one bound."""
    value, lower, upper = compared(row), row["lower"], row["upper"]
    if value is None or lower is None or upper is None or lower == upper or not math.isfinite(value):
        return NOTHING
    return f"{100 * abs(2 * value - lower - upper) / (upper - lower):.0f} %"


def room(row: Row) -> float | None:
    """How much of the way to the nearest bound is left: negative outside, null where nothing measures it.

    Between two bounds 1 is their middle and 0 a bound; with one bound the distance from it is in units of the bound, so that a
    mere direction such as > 0 and an exact number have none.
    """
    value, lower, upper = compared(row), row["lower"], row["upper"]
    if value is None or not math.isfinite(value) or (lower is None and upper is None):
        return None
    if lower is not None and upper is not None and lower < upper:
        return float(2 * min(value - lower, upper - value) / (upper - lower))
    bound = upper if lower is None else lower
    if lower == upper:
        return -abs(value / bound - 1) if bound and value != bound else None
    distance = upper - value if lower is None else value - lower
    return float(distance / abs(bound)) if bound else None


def room_in_words(row: Row) -> str:
    """The room to the nearest bound, in words; a dash where nothing measures it."""
    left = room(row)
    if left is None or row["verdict"] == "not_judged":
        return NOTHING
    two_sided = row["lower"] is not None and row["upper"] is not None and row["lower"] != row["upper"]
    share = f"{100 * abs(left):.0f} %" if abs(left) >= 0.095 or not left else f"{number(100 * abs(left), 2)} %"
    return f"{share} of the {'tolerance' if two_sided else 'bound'}{' beyond' if left < 0 else ''}"


def by_claim(parts: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    """Rows of the parts of each (paper, claim), in their order."""
    grouped: dict[tuple[str, str], list[Row]] = {}
    for part in parts:
        grouped.setdefault((part["paper"], part["claim"]), []).append(part)
    return grouped


def decisive(parts: Iterable[Row]) -> Row:
    """The part that gives a claim its verdict: the worst one, and of equals the one with the smallest margin.

    Not judged is worse than reproduced, and not reproduced is worse than both.
    """

    def rank(part: Row) -> tuple[int, float]:
        margin = part["margin"]
        return _WORST_FIRST.index(part["verdict"]), math.inf if margin is None or math.isnan(margin) else margin

    return min(parts, key=rank)


def tally(rows: Iterable[Row]) -> dict[str, Counter[str]]:
    """Number of claims of each verdict, by kind (`KINDS`), and for `evidence`, the four kinds that count as such."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("evidence", *KINDS)}
    for row in rows:
        counts[kind(row)][row["verdict"]] += 1
    for name in EVIDENCE:
        counts["evidence"] += counts[name]
    return counts


def share(count: Mapping[str, int]) -> str:
    """How many of the judged claims are reproduced: "3 of 4", or why that cannot be said."""
    judged = count["reproduced"] + count["not_reproduced"]
    if judged:
        return f"{count['reproduced']} of {judged}"
    return f"none of {count['not_judged']} judged" if count["not_judged"] else "none"


def headline(rows: Iterable[Row]) -> str:
    """The scorecard in three sentences: evidence by basis, the negative controls, and the guards against change."""
    counts = tally(rows)
    evidence, controls, guards = counts["evidence"], counts["control"], counts["regression"]
    if evidence["reproduced"] + evidence["not_reproduced"]:
        of_basis = ", ".join(f"{name} {share(counts[name])}" for name in EVIDENCE if counts[name].total())
        text = f"Evidence: {share(evidence)} judged claims reproduced ({of_basis}{_unjudged(evidence)})."
    else:
        text = f"Evidence: none of {evidence['not_judged']} claims judged."
    if controls.total():
        text += f" Negative controls: {share(controls)}" + (" fail, as they must" if _judged(controls) else "") + f"{_unjudged(controls)}."
    if guards.total():
        text += f" Regression guards: {share(guards)}" + (" hold" if _judged(guards) else "") + f"{_unjudged(guards)}."
    return text


def _judged(count: Mapping[str, int]) -> int:
    return count["reproduced"] + count["not_reproduced"]


def _unjudged(count: Mapping[str, int]) -> str:
    return f"; {count['not_judged']} not judged" if count["not_judged"] and _judged(count) else ""


def sentence(text: str) -> str:
    """The text with a capital at its beginning and a full stop at its end."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".") if text else ""


def data(sources: Mapping[str, str]) -> str:
    """Origin of the datasets beneath a result; `sources` is dataset → real or sample."""
    if not sources:
        return "no dataset"
    names = texts.datasets(sources)
    return f"SAMPLE DATA, not the published {names}" if "sample" in sources.values() else f"{names} as published"
