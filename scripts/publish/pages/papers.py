"""The page of one paper: what it is, its figures with their claims, what must fail, guards, runs, how to cite it."""

from collections.abc import Mapping, Sequence
from typing import Any

from repro import texts
from scripts.publish import captions, wording
from scripts.publish.pages import figures, runs, verdicts
from scripts.publish.pages.mathematics import code_links

_TOLD = ("title", "short", "authors", "venue", "arxiv", "oral", "text_read", "bibtex", "in_one_sentence", "model", "equations")

Session = Mapping[str, Any]


def in_order(session: Session) -> list[str]:
    """Keys of the papers as readers meet them: orals first, then by title."""
    papers = session["papers"]
    return sorted(papers, key=lambda key: (not papers[key]["oral"], papers[key]["title"].lower()))


def paper(session: Session, key: str) -> dict[str, Any]:
    """What the page of one paper tells."""
    contract = session["papers"][key]
    claims = verdicts.claims(session, key)
    evidence = [claim for claim in claims if claim["kind"] in wording.EVIDENCE]
    keys = in_order(session)
    at = keys.index(key)
    return {
        **summary(session, key),
        "bibtex": contract["bibtex"].strip(),
        "model": contract["model"],
        "equations": contract["equations"],
        "code": code_links(contract["authors_code"] or ""),
        "figures": figures.figures(session, key, claims),
        "elsewhere": [claim for claim in evidence if not claim["figures"]],
        "controls": [claim for claim in claims if claim["kind"] == "control"],
        "guards": [claim for claim in claims if claim["kind"] == "regression"],
        "runs": runs.runs(session, key),
        "previous": _neighbour(session, keys[at - 1] if at else None),
        "next": _neighbour(session, keys[at + 1] if at + 1 < len(keys) else None),
        "places": (f"workflow/papers/{key}/", f"workflow/rules/{key}.smk", f"scripts/{key}/"),
    }


def _neighbour(session: Session, key: str | None) -> dict[str, str] | None:
    return {"key": key, "short": session["papers"][key]["short"]} if key else None


def summary(session: Session, key: str) -> dict[str, Any]:
    """What cards and pages tell of a paper."""
    contract = session["papers"][key]
    rows = [row for row in session["rows"] if row["paper"] == key]
    tables = [table for paper, table in session["tables"] if paper == key]
    datasets = {name for run in contract["runs"].values() for name in run["datasets"]}
    return {
        **{word: contract[word] for word in _TOLD},
        "key": key,
        "datasets": sorted(datasets),
        "datasets_words": texts.datasets(datasets),
        "gpu": any("gpu_s" in run["cost"] for run in contract["runs"].values()),
        "cost": runs.cost(session, key, tables),
        "headline": wording.headline(rows),
        "kinds": sorted({captions.kind(entry, session["preset"].base) for entry in contract["figures"].values()}),
        "verdicts": sorted({row["verdict"] for row in rows}),
        "strip": [_square(row) for row in rows],
        "share": _share(rows),
    }


def _square(row: wording.Row) -> dict[str, str]:
    kind = wording.kind(row)
    title = f"{row['claim']}, {wording.SINGLE[kind]}, {wording.verdict(row)}: {texts.plain(row['statement'])}"
    return {"verdict": row["verdict"], "symbol": verdicts.SYMBOL[row["verdict"]], "kind": kind, "title": title}


def _share(rows: Sequence[wording.Row]) -> str:
    """The outcome of a paper in a few words."""
    counts = wording.tally(rows)
    told = [f"{wording.share(counts['evidence'])} claims reproduced" if _judged(counts["evidence"]) else "no claim judged"]
    if _judged(counts["control"]):
        told.append(f"{wording.share(counts['control'])} controls fail, as they must")
    if _judged(counts["regression"]):
        told.append(f"{wording.share(counts['regression'])} guards hold")
    waiting = sum(counts[kind]["not_judged"] for kind in wording.KINDS)
    return " · ".join([*told, *([f"{waiting} not judged"] if waiting else [])])


def _judged(count: Mapping[str, int]) -> int:
    return count["reproduced"] + count["not_reproduced"]
