"""What every page says of the run behind it, and what the front page counts."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from repro import texts
from scripts.publish import captions, costs, wording
from scripts.publish.pages import papers, runs, verdicts

MOST_FAILURES = 5  # on the front page; the rest is one link away

Session = Mapping[str, Any]


def run(session: Session) -> dict[str, Any]:
    """The run in a few facts: preset, data, code, machine, time, seeds."""
    preset = session["preset"]
    seconds = [runs.cost(session, key, [table for paper, table in session["tables"] if paper == key])["cpu_s"] for key in session["papers"]]
    versions = {known for about in session["tables"].values() for known in about["packages"].items() if known[1]}
    return {
        "preset": texts.preset(preset.name, preset.base),
        "preset_name": preset.name,
        "data": wording.data(session["sources"]),
        "sampled": "sample" in session["sources"].values(),
        "seed_offset": preset.seed_offset,
        "cpu": costs.in_words(sum(seconds)),
        "devices": runs.devices(session["tables"].values()),
        "versions": ", ".join(f"{name} {version}" for name, version in sorted(versions)),
        "hashes": [
            (registry["title"], member, digest)
            for name, registry in session["datasets"].items()
            if session["sources"].get(name) == "real"
            for members in registry["files"].values()
            for member, digest in members.items()
        ],
        **session["made"],
    }


def front(session: Session) -> dict[str, Any]:
    """What the front page tells: the split of the figures, evidence by basis, what failed, a card a paper."""
    rows, failed = session["rows"], verdicts.failed(session)
    cards = [papers.summary(session, key) for key in papers.in_order(session)]
    counts = split(session)
    return {
        "split": captions.split(counts),
        "kinds": kinds(session),
        "headline": wording.headline(rows),
        "failed": [verdicts.claim(session, row) for row in failed[:MOST_FAILURES]],
        "more": len(failed[MOST_FAILURES:]),
        "n_judged": sum(row["verdict"] != "not_judged" for row in rows),
        "cards": cards,
        "thumbnails": session["thumbnails"],
        "filters": {
            "datasets": [(name, texts.datasets([name])) for name in sorted({name for card in cards for name in card["datasets"]})],
            "verdict": [(name, words) for name, words in wording.VERDICT.items() if any(name in card["verdicts"] for card in cards)],
            "figures": [(name, words) for name, words in captions.KINDS.items() if counts[name]],
        },
    }


def split(session: Session) -> Counter[str]:
    """Number of figures of each kind."""
    base = session["preset"].base
    return Counter(captions.kind(entry, base) for paper in session["papers"].values() for entry in paper["figures"].values())


def kinds(session: Session) -> list[dict[str, Any]]:
    """One entry a kind of claim that is there: title, meaning, counts by verdict."""
    counts = wording.tally(session["rows"])
    return [
        {
            "kind": kind,
            "title": wording.TITLE[kind],
            "meaning": meaning,
            "evidence": kind in wording.EVIDENCE,
            "share": wording.share(counts[kind]),
            "verdicts": [(verdict, counts[kind][verdict], _word(kind, verdict)) for verdict in wording.VERDICT if counts[kind][verdict]],
        }
        for kind, meaning in wording.KINDS.items()
        if counts[kind].total()
    ]


def _word(kind: str, verdict: str) -> str:
    return (wording.OF_CONTROLS if kind == "control" else wording.VERDICT)[verdict]


def site(session: Session) -> dict[str, Any]:
    """All verdicts as data, for reuse: site.json."""
    told = ("claim", "statement", "role", "basis", "measured_in", "source", "verdict", "note")
    numbers = ("part", "label", "measures", "compare", "published", "predicted", "measured", "std_error", "n", "lower", "upper", "strict")
    return {
        "preset": session["preset"].name,
        "seed_offset": session["preset"].seed_offset,
        "data": session["sources"],
        "commit": session["made"]["commit"],
        "figures": dict(split(session)),
        "papers": [
            {
                "key": key,
                **{word: session["papers"][key][word] for word in ("title", "authors", "venue", "arxiv", "oral")},
                "figures": {name: texts.label(entry) for name, entry in session["papers"][key]["figures"].items()},
                "claims": [
                    {word: row[word] for word in told}
                    | {"kind": wording.kind(row)}
                    | {
                        "parts": [
                            {word: part[word] for word in (*numbers, "verdict", "note")} for part in session["parts"][key, row["claim"]]
                        ]
                    }
                    for row in session["rows"]
                    if row["paper"] == key
                ],
            }
            for key in papers.in_order(session)
        ],
    }
