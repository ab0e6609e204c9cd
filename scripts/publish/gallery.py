"""The page: every figure and every judged claim of every paper, static and self-contained."""

import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from repro import texts
from repro.files import atomic
from repro.job import job
from scripts.publish import captions, wording
from scripts.publish.formulas import mathml
from scripts.publish.scorecard import records

TEMPLATE = "gallery.html.j2"

SYMBOL = {"reproduced": "✓", "not_reproduced": "✗", "not_judged": "○"}

# A figure of 200 dots per inch is shown at two thirds of its pixels: sharp on fine screens, its smallest text still 11 pixels high.
SCALE = 1.5

_MATHEMATICS = re.compile(r"\$([^$]+)\$")

Papers = Mapping[str, Mapping[str, Any]]
Media = Mapping[tuple[str, str], tuple[int, int] | pd.DataFrame]


def mathematics(text: str) -> Markup:
    """Text as HTML, its TeX between dollar signs as MathML."""
    pieces = _MATHEMATICS.split(text)
    return Markup("").join(mathml(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces))


def render(
    papers: Papers,
    scorecard: pd.DataFrame,
    claims: pd.DataFrame,
    *,
    preset: Mapping[str, str],
    sources: Mapping[str, str],
    media: Media,
) -> str:
    """The page as HTML; it loads nothing but the PNG files beside it.

    Parameters
    ----------
    papers : key → the paper's contract without its runs; `figures` holds those drawn at this preset, each with `settings_text`.
    scorecard, claims : one row a claim, one row a part.
    preset : its name and base.
    sources : dataset → real or sample, of all datasets beneath the claims.
    media : (paper, figure) → width and height of its PNG in pixels, or the content of a table.
    """
    rows, parts = records(scorecard), wording.by_claim(records(claims))
    environment = Environment(
        loader=FileSystemLoader(Path(wording.__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["mathematics"] = mathematics
    return environment.get_template(TEMPLATE).render(
        preset=texts.preset(**preset),
        data=wording.data(sources),
        sampled="sample" in sources.values(),
        headline=wording.headline(rows),
        kinds=_kinds(rows),
        failed=[_claim(row, parts, papers) for row in rows if row["verdict"] == "not_reproduced"],
        papers=[_paper(key, rows, parts, papers, media=media, base=preset["base"]) for key in papers],
        fixed=wording.FIXED,
        measured_in=wording.MEASURED_IN,
    )


def _kinds(rows: Sequence[wording.Row]) -> list[dict[str, Any]]:
    """One entry a kind of claim that is there: its title, meaning and counts."""
    counts = wording.tally(rows)
    return [
        {"title": wording.TITLE[kind], "meaning": meaning, "evidence": kind in wording.EVIDENCE, **_counts(counts[kind])}
        for kind, meaning in wording.KINDS.items()
        if counts[kind].total()
    ]


def _counts(count: Mapping[str, int]) -> dict[str, Any]:
    return {"share": wording.share(count), "verdicts": [(verdict, count[verdict]) for verdict in wording.VERDICT if count[verdict]]}


def _paper(
    key: str, rows: Sequence[wording.Row], parts: Mapping[tuple[str, str], Any], papers: Papers, *, media: Media, base: str
) -> dict[str, Any]:
    paper = papers[key]
    told = ("title", "short", "authors", "venue", "arxiv", "oral", "text_read", "bibtex", "in_one_sentence", "model", "equations")
    own = [row for row in rows if row["paper"] == key]
    of_paper = {claim: found for (name, claim), found in parts.items() if name == key}
    counts = wording.tally(own)
    return {
        **{word: paper[word] for word in told},
        "key": key,
        "code": code_links(paper["authors_code"] or ""),
        "figures": [
            _figure(f"{key}/{name}", entry, of_paper, medium=media[key, name], base=base) for name, entry in paper["figures"].items()
        ],
        "groups": [(title, fold, [_claim(row, parts, papers) for row in group]) for title, fold, group in _groups(own)],
        "counts": _counts(counts["evidence"]),
        "controls": wording.share(counts["control"]),
        "guards": wording.share(counts["regression"]),
        "headline": wording.headline(own),
    }


def _groups(rows: Sequence[wording.Row]) -> Iterable[tuple[str, bool, list[wording.Row]]]:
    """Claims that count as evidence, controls, and guards, which are folded away."""
    for title, kinds, fold in (("Claims", wording.EVIDENCE, False), ("Must fail", ("control",), False), ("Guards", ("regression",), True)):
        group = [row for row in rows if wording.kind(row) in kinds]
        if group:
            yield title, fold, group


def code_links(text: str) -> list[tuple[str, str]]:
    """Pieces (repository on GitHub or "", words) of "owner/repository, licence; owner/repository, licence"."""
    pieces = re.split(r"((?:^|(?<=; ))[\w-]+/[\w.-]*\w)", text)
    return [(piece if at % 2 else "", piece) for at, piece in enumerate(pieces) if piece]


def _figure(
    path: str, entry: Mapping[str, Any], parts: captions.Parts, *, medium: tuple[int, int] | pd.DataFrame, base: str
) -> dict[str, Any]:
    is_table = isinstance(medium, pd.DataFrame)
    told = {
        "id": path.replace("/", "-"),
        "label": texts.label(entry),
        "title": entry["title"],
        "facts": texts.facts(entry, base),
        "shows": entry["shows"],
        "findings": captions.findings(entry, parts),
        "differs": entry.get("differs", ""),
        "settings": entry["settings_text"],
        "alt": texts.plain(captions.alternative(entry, parts)),
        "files": [(kind.upper(), f"{path}.{kind}") for kind in (("pdf", "csv") if is_table else ("svg", "pdf"))],
        "tables": [(table, f"{path.partition('/')[0]}/{table}.parquet") for table in entry["tables"]],
        "frame": medium if is_table else None,
    }
    if isinstance(medium, pd.DataFrame):
        return told
    width, height = medium
    return told | {"png": f"{path}.png", "width": round(width / SCALE), "height": round(height / SCALE)}


def _claim(row: wording.Row, parts: Mapping[tuple[str, str], Any], papers: Papers) -> dict[str, Any]:
    figures = papers[row["paper"]]["figures"]
    shown = [name for name in row["figures"].split(", ") if name in figures]
    return {
        **{word: row[word] for word in ("claim", "statement", "source", "note")},
        "id": f"{row['paper']}-{row['claim']}",
        "short": papers[row["paper"]]["short"],
        "basis": row["basis"],
        "measured_in": row["measured_in"],
        "figures": [(f"{row['paper']}-{name}", figures[name]["label"]) for name in shown],
        **_verdict(row),
        **_numbers(row),
        "label": row["label"],
        "parts": [
            _numbers(part) | _verdict(part) | {word: part[word] for word in ("label", "measures", "note")}
            for part in parts[row["paper"], row["claim"]]
        ],
    }


def _numbers(row: wording.Row) -> dict[str, Any]:
    n = "" if row["n"] is None else int(row["n"])
    return {"expected": wording.expected(row), "measured": wording.measured(row), "bounds": wording.bounds(row), "n": n}


def _verdict(row: wording.Row) -> dict[str, str]:
    verdict = row["verdict"]
    return {"verdict": verdict, "word": wording.verdict(row), "symbol": SYMBOL[verdict]}


def png_size(path: Path | str) -> tuple[int, int]:
    """Width and height in pixels, from the first bytes of a PNG."""
    with Path(path).open("rb") as file:
        start = file.read(24)
    if not start.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError(f"{path}: not a PNG; delete it, the next run draws it again")
    width, height = struct.unpack(">II", start[16:24])
    return width, height


def _medium(path: str) -> tuple[int, int] | pd.DataFrame:
    return png_size(path) if path.endswith(".png") else pd.read_csv(path, dtype=str, keep_default_na=False)


def _key(path: str) -> tuple[str, str]:
    return Path(path).parts[-2], Path(path).stem


if "snakemake" in globals():
    with job(snakemake) as j:
        of_papers = {key: j.tables[key] for key in j.params.papers}
        page = render(
            j.params.papers,
            j.tables["scorecard"],
            pd.concat(of_papers.values(), ignore_index=True),
            preset=j.params.preset,
            sources=j.sources,
            media={_key(path): _medium(path) for path in snakemake.input if path.endswith((".png", ".csv"))},
        )
        with atomic(Path(snakemake.output[0])) as file:
            file.write_text(page, encoding="utf-8")
