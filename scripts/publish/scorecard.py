"""The scorecard: one row a claim, judged by its parts; scorecard.md is the same for readers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from repro import tables
from repro.claims import COLUMNS as OF_PART
from repro.files import atomic
from repro.job import job
from scripts.publish import wording

# Where a claim has several parts, these columns are those of the decisive one.
DECISIVE = tuple(
    "part label measures compare published predicted measured std_error n lower upper strict margin verdict note".split()  # noqa: SIM905
)

_ORDER = ("paper", "claim", "statement", "figures", "role", "basis", "measured_in", "source", "n_parts", *DECISIVE)
_MEANING = {name: (kind, meaning) for name, (kind, meaning) in OF_PART.items() if name in _ORDER} | {
    "n_parts": ("int", "number of the claim's parts"),
    "part": ("str", "the decisive part: of those that have the claim's verdict, the one with the smallest margin"),
    "verdict": (OF_PART["verdict"][0], "the judgement of the claim: the worst of its parts"),
    "note": ("str", "why the decisive part was not judged, or what is known about its failure; else empty"),
}
COLUMNS = {name: {"type": _MEANING[name][0], "meaning": _MEANING[name][1], "unit": "1"} for name in _ORDER}

READING = (
    "A claim is reproduced when all its parts are. Bounds are on the measured value, or where they say so on its ratio to or "
    "its difference from the value in theory; “tolerance used” is 0 % in the middle between two bounds and 100 % at one of them. "
    f"{wording.FIXED}"
)

HEADER = (
    "claim",
    "what is claimed, what was measured",
    "published / in theory",
    "measured",
    "bounds",
    "tolerance used",
    "n",
    "figures",
    "verdict",
)

_MATHEMATICS = re.compile(r"(\$[^$]+\$)")


def compute(claims: pd.DataFrame) -> pd.DataFrame:
    """One row a claim, in the order of the claims.

    Parameters
    ----------
    claims : DataFrame
        One row a part, columns as in `repro.claims.COLUMNS`, any number of papers.

    Returns
    -------
    DataFrame, columns `COLUMNS`.
    """
    rows = [{**wording.decisive(parts), "n_parts": len(parts)} for parts in wording.by_claim(records(claims)).values()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as mappings, None for null."""
    filled = frame.astype(object).where(frame.notna(), None)
    return [dict(zip(map(str, filled), values, strict=True)) for values in filled.itertuples(index=False, name=None)]


def markdown(
    scorecard: pd.DataFrame,
    claims: pd.DataFrame,
    papers: Mapping[str, Mapping[str, str]],
    *,
    preset: str,
    sources: Mapping[str, str],
) -> str:
    """The scorecard as a Markdown page: what failed first, then controls, evidence by basis, guards, and what was not judged.

    Parameters
    ----------
    papers : key → {short, title, figures: name → label}, in the order to show.
    sources : dataset → real or sample, of all datasets beneath the claims.
    """
    rows, parts = records(scorecard), wording.by_claim(records(claims))
    judged = [row for row in rows if row["verdict"] != "not_judged"]
    failed = [row for row in judged if row["verdict"] == "not_reproduced"]
    blocks = [
        "# Scorecard",
        f"**{wording.headline(rows)}**",
        f"Preset {_cell(preset)}; data: {_cell(wording.data(sources))}.",
        READING,
        "## What did not come out",
        _table(failed, parts, papers) if failed else "Every claim that was judged is reproduced." if judged else "Nothing was judged.",
    ]
    for kind, meaning in sorted(wording.KINDS.items(), key=lambda item: item[0] != "control"):
        own = [row for row in judged if wording.kind(row) == kind]
        if own:
            blocks += [f"## {wording.TITLE[kind]}", f"{meaning[0].upper()}{meaning[1:]}.", _table(own, parts, papers)]
    waiting = [row for row in rows if row["verdict"] == "not_judged"]
    if waiting:
        blocks += ["## Not judged", "\n".join(_waiting(row, parts[row["paper"], row["claim"]], papers) for row in waiting)]
    return "\n\n".join(blocks) + "\n"


def _table(rows: Iterable[Mapping[str, Any]], parts: Mapping[tuple[str, str], Any], papers: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [HEADER, ("---",) * len(HEADER)]
    for row in rows:
        paper = papers[row["paper"]]
        lines += _lines(row, parts[row["paper"], row["claim"]], paper)
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _lines(claim: Mapping[str, Any], parts: Sequence[Mapping[str, Any]], paper: Mapping[str, Any]) -> list[tuple[str, ...]]:
    name = f"{paper['short']} {claim['claim']}"
    figures = ", ".join(paper["figures"].get(figure, figure) for figure in claim["figures"].split(", ") if figure)
    if len(parts) == 1:
        return [(name, f"{claim['statement']} Measured: {_what(parts[0])}", *_judgement(parts[0], figures))]
    head = (name, claim["statement"], "", f"{len(parts)} parts", "", "", "", figures, wording.verdict(claim))
    return [head, *(("", f"· {part['label']}: {_what(part)}", *_judgement(part, "")) for part in parts)]


def _what(part: Mapping[str, Any]) -> str:
    return part["measures"].rstrip(".") + "." + (f" Note: {part['note']}" if part["note"] else "")


def _judgement(row: Mapping[str, Any], figures: str) -> tuple[str, ...]:
    n = "" if row["n"] is None else str(int(row["n"]))
    return wording.expected(row), wording.measured(row), wording.bounds(row), wording.used(row), n, figures, wording.verdict(row)


def _waiting(claim: Mapping[str, Any], parts: Sequence[Mapping[str, Any]], papers: Mapping[str, Mapping[str, Any]]) -> str:
    kind = "" if wording.kind(claim) in wording.EVIDENCE else f" [{wording.TITLE[wording.kind(claim)].lower()}]"
    count = sum(part["verdict"] == "not_judged" for part in parts)
    several = f" ({count} of {len(parts)} parts)" if len(parts) > 1 else ""
    return f"- {_cell(papers[claim['paper']]['short'])} {claim['claim']}{several}{kind}: {_cell(claim['note'])}"


def _cell(text: str) -> str:
    pieces = _MATHEMATICS.split(" ".join(text.split()))
    return "".join(
        piece.replace("|", r"\vert ") if at % 2 else re.sub(r"([\\`*_|<>\[\]$#])", r"\\\1", piece) for at, piece in enumerate(pieces)
    )


if "snakemake" in globals():
    with job(snakemake) as j:
        parts = pd.concat(j.tables.values(), ignore_index=True)
        scorecard = compute(parts)
        told = {"preset": j.params.preset, "sources": j.sources, "fingerprint": j.params.code}
        tables.write(scorecard, Path(snakemake.output.table), COLUMNS, told)
        page = markdown(scorecard, parts, j.params.papers, preset=j.params.preset, sources=j.sources)
        with atomic(Path(snakemake.output.page)) as file:
            file.write_text(page, encoding="utf-8")
