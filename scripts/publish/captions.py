"""What a reader is told of a figure: what it shows whatever the run, and what was found in it only where this run found it."""

from collections.abc import Mapping, Sequence
from typing import Any

from repro import texts
from scripts.publish import wording

# What a figure is beside the published one, most faithful first, counted apart wherever figures are counted.
KINDS = {
    "published": "published layout and settings",
    "rebuilt": "published settings, layout not seen",
    "settings": "settings of ours",
    "ours": "not in the paper",
}

Parts = Mapping[str, Sequence[wording.Row]]


def kind(figure: Mapping[str, Any], base_preset: str) -> str:
    """What a figure is beside the published one (`KINDS`): of several differences the one that matters most."""
    if figure["numbering"] == "none":
        return "ours"
    if figure["settings"]["paper" if base_preset == "paper" else "quick"] == "ours":
        return "settings"
    return "published" if figure["layout"] == "read" else "rebuilt"


def split(counts: Mapping[str, int]) -> str:
    """How many figures there are of each kind, in a sentence."""
    total = sum(counts.values())
    told = {
        "published": "with the published layout and settings",
        "rebuilt": "with published settings in a layout that was not seen",
        "settings": "after figures of the papers with settings of ours",
        "ours": "of ours that the papers do not have",
    }
    pieces = [f"{counts.get(name, 0) or 'none'} {words}" for name, words in told.items()]
    return f"{total} {'figure' if total == 1 else 'figures'}: {', '.join(pieces)}."


def front(figures: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The figure that stands for a paper: the one that its yaml puts in front, else the first that is no table."""
    drawn = [name for name, entry in figures.items() if entry.get("kind") != "table"]
    return next((name for name in drawn if figures[name].get("front")), drawn[0] if drawn else None)


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
