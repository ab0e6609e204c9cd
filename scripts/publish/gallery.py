"""The gallery: every figure and every judged claim of every paper on one static page."""

import re
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from repro.files import atomic
from repro.job import job
from scripts.publish import wording
from scripts.publish.scorecard import records

TEMPLATE = "gallery.html.j2"

# Status of a figure: the badge, and what it means.
STATUS = {
    "published": ("as published", "the paper's figure: same quantities, same axes"),
    "reconstructed": ("reconstructed layout", "the paper's figure was not seen: drawn from what the text says of it"),
    "own_settings": ("own settings", "the paper's figure with other parameters"),
    "companion": ("companion figure", "not in the paper: shows something that it states"),
}

BASIS = {
    "published": "a number or relation printed in the paper",
    "theorem": "an exact statement of the paper",
    "derived": "follows from the paper's theory; written down before a run",
    "regression": "cut off after a first result had been seen: guards against change, is no evidence, is counted apart",
}

SYMBOL = {"reproduced": "✓", "not_reproduced": "✗", "not_judged": "○"}

# A figure of 200 dots per inch is shown at half its pixels: sharp on fine screens, about its printed size.
SCALE = 2

Papers = Mapping[str, Mapping[str, Any]]
Sizes = Mapping[tuple[str, str], tuple[int, int]]


def render(
    papers: Papers,
    scorecard: pd.DataFrame,
    claims: pd.DataFrame,
    *,
    preset: str,
    sources: Mapping[str, str],
    sizes: Sizes,
) -> str:
    """The page as HTML; it loads nothing but the PNG files beside it.

    Parameters
    ----------
    papers : key → the paper's yaml without its runs; `figures` holds those drawn at this preset.
    scorecard, claims : one row a claim, one row a part.
    sources : dataset → real or sample, of all datasets beneath the claims.
    sizes : (paper, figure) → width and height of the PNG in pixels.
    """
    rows, parts = records(scorecard), wording.by_claim(records(claims))
    by_paper = {key: [row for row in rows if row["paper"] == key] for key in papers}
    environment = Environment(
        loader=FileSystemLoader(Path(wording.__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(
        preset=preset,
        data=wording.data(sources),
        sampled="sample" in sources.values(),
        headline=wording.headline(rows),
        counts=_counts(rows),
        papers=[_paper(key, paper, by_paper[key], parts, sizes) for key, paper in papers.items()],
        status=STATUS,
        basis=BASIS,
    )


def _counts(rows: Sequence[wording.Row]) -> dict[str, Any]:
    """Counts of verdicts; evidence in the order of the words, guards as a share."""
    counts = wording.tally(rows)
    evidence: Counter[str] = counts["evidence"]
    return {
        "evidence": [(verdict, word, evidence[verdict]) for verdict, word in wording.VERDICT.items()],
        "share": wording.share(evidence),
        "guards": wording.share(counts["regression"]),
    }


def _paper(
    key: str, paper: Mapping[str, Any], rows: Sequence[wording.Row], parts: Mapping[tuple[str, str], Any], sizes: Sizes
) -> dict[str, Any]:
    told = {word: paper[word] for word in ("title", "short", "authors", "venue", "arxiv", "oral", "text_read", "bibtex")}
    measures = {(claim["claim"], part["part"]): part["measures"] for claim in paper["claims"] for part in claim["parts"]}
    origin = {claim["claim"]: claim["source"] for claim in paper["claims"]}
    return {
        **told,
        "key": key,
        "code": code_links(paper["authors_code"] or ""),
        "figures": [_figure(key, name, entry, sizes) for name, entry in paper["figures"].items()],
        "claims": [_claim(row, parts[key, row["claim"]], measures, paper["figures"]) | {"source": origin[row["claim"]]} for row in rows],
        "counts": _counts(rows),
        "headline": wording.headline(rows),
    }


def code_links(text: str) -> list[tuple[str, str]]:
    """Pieces (repository on GitHub or "", words) of "owner/repository, licence; owner/repository, licence"."""
    pieces = re.split(r"((?:^|(?<=; ))[\w-]+/[\w.-]*\w)", text)
    return [(piece if at % 2 else "", piece) for at, piece in enumerate(pieces) if piece]


def _figure(key: str, name: str, entry: Mapping[str, Any], sizes: Sizes) -> dict[str, Any]:
    width, height = sizes[key, name]
    return {
        "id": f"{key}-{name}",
        "label": f"{name} ({entry['published_as']})" if "published_as" in entry else name,
        "title": entry["title"],
        "status": STATUS[entry["status"]][0],
        "kind": entry["status"],
        "caption": entry["caption"],
        "png": f"{key}/{name}.png",
        "pdf": f"{key}/{name}.pdf",
        "tables": [(table, f"{key}/{table}.parquet") for table in entry["tables"]],
        "width": round(width / SCALE),
        "height": round(height / SCALE),
    }


def _claim(
    row: wording.Row, parts: Sequence[wording.Row], measures: Mapping[tuple[str, str], str], figures: Mapping[str, Any]
) -> dict[str, Any]:
    shown = [name for name in row["figures"].split(", ") if name in figures]
    return {
        **{word: row[word] for word in ("claim", "statement", "basis")},
        "id": f"{row['paper']}-{row['claim']}",
        "control": row["role"] == "negative_control",
        "figures": [(f"{row['paper']}-{name}", name) for name in shown],
        **_verdict(row),
        "parts": [_part(part, measures.get((row["claim"], part["part"]), "")) for part in parts],
    }


def _part(row: wording.Row, measures: str) -> dict[str, Any]:
    numbers = {"expected": wording.expected(row), "measured": wording.measured(row), "bounds": wording.bounds(row)}
    return {"part": row["part"], "measures": measures, **numbers, "note": row["note"], **_verdict(row)}


def _verdict(row: wording.Row) -> dict[str, str]:
    verdict = row["verdict"]
    return {"verdict": verdict, "word": wording.VERDICT[verdict], "symbol": SYMBOL[verdict]}


def png_size(path: Path | str) -> tuple[int, int]:
    """Width and height in pixels, from the first bytes of a PNG."""
    with Path(path).open("rb") as file:
        start = file.read(24)
    if not start.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError(f"{path}: not a PNG; delete it, the next run draws it again")
    width, height = struct.unpack(">II", start[16:24])
    return width, height


if "snakemake" in globals():
    with job(snakemake) as j:
        of_papers = {key: j.tables[key] for key in j.params.papers}
        sizes = {(Path(path).parts[-2], Path(path).stem): png_size(path) for path in snakemake.input if path.endswith(".png")}
        parts = pd.concat(of_papers.values(), ignore_index=True)
        page = render(j.params.papers, j.tables["scorecard"], parts, preset=j.params.preset, sources=j.sources, sizes=sizes)
        with atomic(Path(snakemake.output[0])) as file:
            file.write_text(page, encoding="utf-8")
