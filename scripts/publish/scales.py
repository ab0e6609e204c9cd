"""Verdicts at the published scale beside those of quick, a line a paper, for README.md and the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from repro.texts import number, plain
from scripts.publish import costs, wording

Card = Mapping[str, Mapping[str, str]]
"""<paper>/<claim> → a line of a reference's scorecard.csv."""

HEADER = ("paper", "evidence at quick", "evidence at the published scale", "guards, controls there", "does not hold there", "run")


def compared(quick: Card, paper: Card, runs: Sequence[Mapping[str, str]], contracts: Mapping[str, Mapping[str, Any]]) -> str:
    """A table in Markdown: of each paper that was run at the published scale, what is reproduced at both scales, and what not there.

    Parameters
    ----------
    quick, paper : the scorecards of the two references.
    runs : lines of runs.csv.
    contracts : paper → its yaml, for the name, and for the role of each claim.
    """
    lines = [HEADER, ("---",) * len(HEADER)]
    for key, contract in contracts.items():
        here, there = (_rows(card, key, contract) for card in (quick, paper))
        counts = wording.tally(there)
        others = wording.share(counts["control"] + counts["regression"])
        missed = [row for row in there if row["verdict"] == "not_reproduced"]
        failing = "; ".join(f"{row['claim']} ({wording.kind(row)}, “{row['label']}”): {_missed(row)}" for row in missed) or "–"
        shares = (_share(wording.tally(here)["evidence"]), _share(counts["evidence"]))
        lines.append((contract["short"], *shares, others, failing, _made([run for run in runs if run["paper"] == key])))
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _rows(card: Card, paper: str, contract: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Claims of a paper that a reference knows and the yaml still has, with their role and the label of the part that was shown."""
    known = {claim["claim"]: claim for claim in contract["claims"]}
    rows = (row for row in card.values() if row["paper"] == paper and row["claim"] in known)
    return [{**row, "role": known[row["claim"]]["role"], "label": _label(known[row["claim"]], row["part"])} for row in rows]


def _label(claim: Mapping[str, Any], part: str) -> str:
    return next((plain(one["label"]) for one in claim["parts"] if one["part"] == part), part)


def _share(count: Mapping[str, int]) -> str:
    waiting = f", {count['not_judged']} not judged" if count["not_judged"] else ""
    return wording.share(count) + waiting


def _missed(row: Mapping[str, str]) -> str:
    measured = number(float(row["measured"])) if row["measured"] else "nothing"
    return measured + (f", outside by {number(-float(row['margin']), 2)}" if row["margin"] else "")


def _made(runs: Sequence[Mapping[str, str]]) -> str:
    """Devices, last date, commit and CPU time of a paper's runs."""
    if not runs:
        return "–"
    devices, commits = (sorted({run[word] for run in runs}) for word in ("device", "commit"))
    seconds = sum(float(run["cpu_seconds"]) for run in runs)
    return f"{' and '.join(devices).upper()}, {max(run['date'] for run in runs)}, {' and '.join(commits)}, {costs.in_words(seconds)} of CPU"
