"""Verdicts, counts and numbers in words: the same on the page, in scorecard.md and on the terminal.

Rows are mappings with the columns of the scorecard or of the claims, None for null. Snakemake's
main process imports this module, so it needs nothing but the standard library.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

VERDICT = {"reproduced": "reproduced", "not_reproduced": "not reproduced", "not_judged": "not judged"}

_WORST_FIRST = ("not_reproduced", "not_judged", "reproduced")

NOTHING = "–"

Row = Mapping[str, Any]


def number(value: float | None, digits: int = 4) -> str:
    """A number in `digits` significant digits, whole numbers below a million in full; a dash for null."""
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = str(int(value)) if float(value).is_integer() and abs(value) < 1e6 else f"{value:.{digits}g}"
    return re.sub(r"e\+?(-?)0*", r"e\1", text).replace("-", "−")


def bounds(row: Row) -> str:
    """What the measured value, its ratio to or its difference from the predicted one must satisfy."""
    lower, upper = row["lower"], row["upper"]
    what = "" if row["compare"] == "value" else f"{row['compare']} "
    if lower is None and upper is None:
        return f"{what}finite"
    if lower is None:
        return f"{what}≤ {number(upper, 10)}"
    if upper is None:
        return f"{what}≥ {number(lower, 10)}"
    return f"{what}= {number(lower, 10)}" if lower == upper else f"{what}{number(lower, 10)} to {number(upper, 10)}"


def measured(row: Row) -> str:
    """The measured value with its standard error, and the ratio or difference that the bounds bound."""
    value, error, predicted = row["measured"], row["std_error"], row["predicted"]
    text = number(value) + (f" ± {number(error, 2)}" if error is not None else "")
    if row["compare"] == "value" or value is None or predicted is None:
        return text
    compared = value - predicted if row["compare"] == "difference" else value / predicted if predicted else None
    return f"{text} ({row['compare']} {number(compared)})"


def expected(row: Row) -> str:
    """The number printed in the paper and the one computed from theory, where there are such."""
    known = [f"{number(row[name])} {name}" for name in ("published", "predicted") if row[name] is not None]
    return ", ".join(known) or NOTHING


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
    """Number of claims of each verdict, for `evidence` and for `regression` guards, which are none."""
    counts: dict[str, Counter[str]] = {"evidence": Counter(), "regression": Counter()}
    for row in rows:
        counts["regression" if row["basis"] == "regression" else "evidence"][row["verdict"]] += 1
    return counts


def share(count: Mapping[str, int]) -> str:
    """How many of the judged claims are reproduced: "3 of 4", or why that cannot be said."""
    judged = count["reproduced"] + count["not_reproduced"]
    if judged:
        return f"{count['reproduced']} of {judged}"
    return f"none of {count['not_judged']} judged" if count["not_judged"] else "none"


def headline(rows: Iterable[Row]) -> str:
    """The scorecard in two sentences: what counts as evidence, and the guards against change beside it."""
    counts = tally(rows)
    evidence, guards = counts["evidence"], counts["regression"]
    if evidence["reproduced"] + evidence["not_reproduced"]:
        rest = f"({evidence['not_reproduced']} not reproduced, {evidence['not_judged']} not judged)"
        text = f"Evidence: {share(evidence)} judged claims reproduced {rest}."
    else:
        text = f"Evidence: none of {evidence['not_judged']} claims judged."
    if not guards.total():
        return text
    unjudged = f" ({guards['not_judged']} not judged)" if guards["not_judged"] < guards.total() and guards["not_judged"] else ""
    return f"{text} Regression guards: {share(guards)}{unjudged}."


def data(sources: Mapping[str, str]) -> str:
    """Origin of the datasets beneath a result; `sources` is dataset → real or sample."""
    if not sources:
        return "no dataset"
    names = ", ".join(sorted(sources))
    return f"SAMPLE DATA, not the published datasets: {names}" if "sample" in sources.values() else f"{names} as published"
