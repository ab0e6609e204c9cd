"""A figure as its paper's page shows it: image or table, texts, the claims judged on it, its files and how to redraw it."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from repro import settings, texts
from scripts.publish import captions, wording
from scripts.publish.pages import runs

# A figure of 200 dots per inch is shown at two thirds of its pixels: sharp on fine screens, its smallest text still 11 pixels high.
SCALE = 1.5

Session = Mapping[str, Any]


def figures(session: Session, key: str, claims: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The figures of a paper, each with its claims: in full at the first figure that shows a claim, named at the others."""
    drawn = session["papers"][key]["figures"]
    return [_figure(session, key, name, claims) for name in drawn]


def of_paper(session: Session, key: str) -> dict[str, list[wording.Row]]:
    """Claim → rows of its parts, of one paper."""
    return {claim: found for (paper, claim), found in session["parts"].items() if paper == key}


def _figure(session: Session, key: str, name: str, claims: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    entry, base = session["papers"][key]["figures"][name], session["preset"].base
    parts = of_paper(session, key)
    here = [claim for claim in claims if name in claim["figures"]]
    evidence = [claim for claim in here if claim["kind"] in wording.EVIDENCE]
    return {
        "id": name,
        "label": texts.label(entry),
        "title": entry["title"],
        "facts": texts.facts(entry, base),
        "shows": entry["shows"],
        "findings": captions.findings(entry, parts),
        "differs": entry.get("differs", ""),
        "settings": entry["settings_text"],
        "alt": texts.plain(captions.alternative(entry, parts)),
        "claims": [claim for claim in evidence if claim["figures"][0] == name],
        "also": [claim for claim in here if claim not in evidence or claim["figures"][0] != name],
        "verdicts": [(verdict, "".join(claim["symbol"] for claim in alike)) for verdict, alike in groupby(here, itemgetter("verdict"))],
        "tables": [(table, session["tables"][key, table]) for table in entry["tables"]],
        "runs": sorted({runs.run_of(session["papers"][key], table) for table in entry["tables"]}),
        "cost": runs.cost(session, key, entry["tables"]),
        "sampled": "sample" in _sources(session, key, entry).values(),
        "explore": session["explore"].get((key, name)),
        "offers": entry.get("explore", {}).get("offers", ""),
        "script": f"scripts/{key}/figures/{name}.py",
        "command": command(session, f"{session['folder']}/{key}/{name}.pdf", "--force "),
        **_medium(session["media"][key, name]),
    }


def _medium(medium: Any) -> dict[str, Any]:
    """Size of the image, or the lines of a table."""
    if isinstance(medium, tuple):
        return {"lines": None, "files": ("svg", "pdf"), "width": round(medium[0] / SCALE), "height": round(medium[1] / SCALE)}
    return {"lines": medium, "files": ("csv", "pdf"), "width": None, "height": None}


def _sources(session: Session, key: str, entry: Mapping[str, Any]) -> dict[str, str]:
    beneath = {name: source for table in entry["tables"] for name, source in session["tables"][key, table]["sources"].items()}
    wanted = settings.datasets_drawn(entry, session["preset"].base)
    return {name: beneath[name] for name in wanted or beneath if name in beneath}


def command(session: Session, target: str, options: str = "", preset: str = "") -> str:
    """What to type for a target, at the preset of the session or at another."""
    name = preset or session["preset"].name
    return f"snakemake {options}{target}" + ("" if name == "quick" else f" --config preset={name}")
