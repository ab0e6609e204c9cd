"""The scorecard: one row a claim, judged by its parts; scorecard.md is the same for readers."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from repro import tables
from repro.claims import COLUMNS as OF_PART
from repro.files import atomic
from repro.job import job
from scripts.publish import wording

# Where a claim has several parts, these columns are those of the decisive one.
DECISIVE = ("part", "compare", "published", "predicted", "measured", "std_error", "lower", "upper", "margin", "verdict", "note")

_ORDER = ("paper", "claim", "statement", "figures", "role", "basis", "n_parts", *DECISIVE)
_MEANING = {name: (kind, meaning) for name, (kind, meaning) in OF_PART.items() if name in _ORDER} | {
    "n_parts": ("int", "number of the claim's parts"),
    "part": ("str", "the decisive part: of those that have the claim's verdict, the one with the smallest margin"),
    "verdict": (OF_PART["verdict"][0], "the judgement of the claim: the worst of its parts"),
    "note": ("str", "why the decisive part was not judged, or what is known about its failure; else empty"),
}
COLUMNS = {name: {"type": _MEANING[name][0], "meaning": _MEANING[name][1], "unit": "1"} for name in _ORDER}

READING = (
    "A claim is reproduced when all its parts are.",
    "Bounds are on the measured value, or where they say so on its ratio to or its difference from the predicted value.",
    "Regression guards were cut off after a first result had been seen: they watch for change and are no evidence.",
    "A negative control is reproduced when it fails in the way stated.",
)

HEADER = ("claim", "statement", "basis", "published / predicted", "measured", "bounds", "verdict", "note")


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
    """The scorecard as a Markdown page: counts, then one table a paper.

    Parameters
    ----------
    papers : key → {short, title}, in the order to show.
    sources : dataset → real or sample, of all datasets beneath the claims.
    """
    rows, parts = records(scorecard), wording.by_claim(records(claims))
    blocks = [
        "# Scorecard",
        f"**{wording.headline(rows)}**",
        f"Preset {_cell(preset)}; data: {_cell(wording.data(sources))}.",
        " ".join(READING),
    ]
    for key, paper in papers.items():
        own = [row for row in rows if row["paper"] == key]
        lines = [line for row in own for line in _lines(row, parts[key, row["claim"]])]
        blocks += [f"## {_cell(paper['short'])}: {_cell(paper['title'])}", wording.headline(own), _table(lines)]
    return "\n\n".join(blocks) + "\n"


def _lines(claim: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    basis = claim["basis"] + (", negative control" if claim["role"] == "negative_control" else "")
    if len(parts) == 1:
        return [(claim["claim"], claim["statement"], basis, *_judgement(parts[0]))]
    verdict = wording.VERDICT[claim["verdict"]]
    head = (claim["claim"], claim["statement"], basis, "", f"{len(parts)} parts", "", verdict, "")
    return [head, *(("", f"· {part['part']}", "", *_judgement(part)) for part in parts)]


def _judgement(row: Mapping[str, Any]) -> tuple[str, ...]:
    return wording.expected(row), wording.measured(row), wording.bounds(row), wording.VERDICT[row["verdict"]], row["note"]


def _table(lines: Sequence[Sequence[str]]) -> str:
    body = ["| " + " | ".join(map(_cell, line)) + " |" for line in lines]
    return "\n".join(["| " + " | ".join(HEADER) + " |", "|" + "---|" * len(HEADER), *body])


def _cell(text: str) -> str:
    return re.sub(r"([\\`*_|<>\[\]$#])", r"\\\1", " ".join(text.split()))


if "snakemake" in globals():
    with job(snakemake) as j:
        parts = pd.concat(j.tables.values(), ignore_index=True)
        scorecard = compute(parts)
        told = {"preset": j.params.preset, "sources": j.sources, "fingerprint": j.params.code}
        tables.write(scorecard, Path(snakemake.output.table), COLUMNS, told)
        page = markdown(scorecard, parts, j.params.papers, preset=j.params.preset, sources=j.sources)
        with atomic(Path(snakemake.output.page)) as file:
            file.write_text(page, encoding="utf-8")
