"""A claim as the pages show it: verdict, numbers, scale, parts, and where it leads."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from repro import settings, texts
from scripts.publish import wording
from scripts.publish.pages import scales

SYMBOL = {"reproduced": "✓", "not_reproduced": "✗", "not_judged": "○"}

Session = Mapping[str, Any]


def claims(session: Session, paper: str) -> list[dict[str, Any]]:
    """All claims of a paper, in order."""
    return [claim(session, row) for row in session["rows"] if row["paper"] == paper]


def claim(session: Session, row: wording.Row) -> dict[str, Any]:
    """What the pages tell of one claim; `row` is its row of the scorecard."""
    paper = session["papers"][row["paper"]]
    parts = session["parts"][row["paper"], row["claim"]]
    drawn = paper["figures"]
    kind = wording.kind(row)
    return {
        **judgement(row),
        **{word: row[word] for word in ("paper", "claim", "statement", "source", "basis", "measured_in", "note", "label", "role")},
        "short": paper["short"],
        "kind": kind,
        "kind_title": wording.SINGLE[kind],
        "figures": [name for name in row["figures"].split(", ") if name in drawn],
        "labels": {name: drawn[name]["label"] for name in drawn},
        "function": f"scripts/{row['paper']}/claims.py: {row['claim'].lower()}()",
        "script": f"scripts/{row['paper']}/claims.py",
        "line": _line(row["paper"], row["claim"]),
        "tables": tables_of(paper, row["claim"]),
        "parts": [
            judgement(part)
            | {"label": part["label"], "measures": wording.sentence(part["measures"]), "note": wording.sentence(part["note"] or "")}
            for part in judged(parts)
        ],
        "waiting": Counter(part["note"] for part in parts if part["verdict"] == "not_judged").most_common(),
        "n_parts": len(parts),
    }


@cache
def _line(paper: str, claim: str) -> str:
    """Where in claims.py the function of a claim begins, as the end of an address; empty where it is not found."""
    path = settings.ROOT / "scripts" / paper / "claims.py"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return next((f"#L{number}" for number, line in enumerate(lines, 1) if line.startswith(f"def {claim.lower()}(")), "")


def judged(parts: Sequence[wording.Row]) -> list[wording.Row]:
    """The parts that have a verdict."""
    return [part for part in parts if part["verdict"] != "not_judged"]


def tables_of(paper: Mapping[str, Any], name: str) -> list[str]:
    """The tables that a claim is measured in."""
    found = next(claim for claim in paper["claims"] if claim["claim"] == name)
    return sorted({table for part in found["parts"] for table in part["tables"]})


def judgement(row: wording.Row) -> dict[str, Any]:
    """Verdict and numbers of a claim or a part, in words and as positions."""
    verdict = row["verdict"]
    return {
        "verdict": verdict,
        "word": wording.verdict(row),
        "symbol": SYMBOL[verdict],
        "expected": wording.expected(row),
        "measured": wording.measured(row),
        "bounds": wording.bounds(row),
        "room": wording.room_in_words(row),
        "n": texts.NOTHING if row["n"] is None else f"{int(row['n']):,}".replace(",", "\u202f"),
        "scale": scales.scale(row),
    }


def failed(session: Session) -> list[wording.Row]:
    """What was not reproduced: evidence before controls before guards, and what is farthest outside first."""
    kinds = list(wording.KINDS)
    rows = [row for row in closest_first(session["rows"]) if row["verdict"] == "not_reproduced"]
    return sorted(rows, key=lambda row: max(0, kinds.index(wording.kind(row)) - len(wording.EVIDENCE) + 1))


def closest_first(rows: Sequence[wording.Row]) -> list[wording.Row]:
    """What failed, then what is closest to its bound; directions and exact numbers, then what was not judged, at the end."""

    def rank(row: wording.Row) -> tuple[int, float]:
        room = wording.room(row)
        if row["verdict"] == "not_judged":
            return 3, 0.0
        if row["verdict"] == "not_reproduced":
            return 0, -math.inf if room is None else room
        return (2, 0.0) if room is None else (1, room)

    return sorted(rows, key=rank)
