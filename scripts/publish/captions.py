"""What a reader is told of a figure: what it shows whatever the run, and what was found in it only where this run found it."""

from collections.abc import Mapping, Sequence
from typing import Any

from repro import texts
from scripts.publish import wording

Parts = Mapping[str, Sequence[wording.Row]]


def findings(figure: Mapping[str, Any], parts: Parts) -> list[dict[str, Any]]:
    """The findings of a figure as this run has them.

    Parameters
    ----------
    figure : its entry in figures.yaml.
    parts : claim → rows of its parts, of the figure's paper.

    Returns
    -------
    list of {seen, text, claims}   `seen` is True (the text, its fields filled), False (a claim failed) or None (not judged); where
    it was not seen, the text is the statement of the claim that decides.
    """
    return [_finding(item, parts) for item in figure["finding"]]


def _finding(item: Mapping[str, Any], parts: Parts) -> dict[str, Any]:
    decisive = {claim: wording.decisive(parts[claim]) for claim in item["claims"]}
    for verdict, seen in (("not_reproduced", False), ("not_judged", None)):
        for row in decisive.values():
            if row["verdict"] == verdict:
                return {"seen": seen, "text": row["statement"], "claims": list(decisive)}
    return {"seen": True, "text": texts.fill(item["text"], lambda field: _value(field, parts)), "claims": list(decisive)}


def _value(field: texts.Field, parts: Parts) -> Any:
    rows = {row["part"]: row for row in parts[field.owner]}
    return rows[field.name][field.attribute or "measured"]


def alternative(figure: Mapping[str, Any], parts: Parts) -> str:
    """Text in place of the image: the finding where all of it was seen, else what is drawn."""
    if all(found["seen"] for found in findings(figure, parts)):
        return figure["alt"]
    return f"{figure['title']}. What it shows at full scale was not seen or not judged in this run."
