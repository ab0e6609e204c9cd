"""What the next run would do, and why: a line a rule with the cause in words and what it costs.

    python -m scripts.publish.why quick

The jobs and reasons are those of `snakemake -n`. Where it is code that changed, the files are named: each run keeps the parts of its
fingerprints in logs/fingerprints.json.
"""

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from repro import settings
from repro.files import atomic
from repro.fingerprint import catalogue
from scripts.publish import costs, plan, terminal

KEPT = Path("logs/fingerprints.json")
MOST_FILES = 3

_FINGERPRINT = re.compile(r"'([0-9a-f]{16})'")
_PARAMS = re.compile(r"before: (.*?) now: (.*)")
# Changed parameters are told in full, and may have a "; " in them: only before one of Snakemake's reasons does it end one.
_NEXT = re.compile(
    r"; (?=(?:Missing|Incomplete) output|Updated input|Input files|Output file|Job provides|Set of|Code has|Params have|Software)"
)

Parts = Mapping[str, Mapping[str, str]]


def keep(file: Path = KEPT) -> None:
    """Add the fingerprints of the code as it is to those that earlier runs kept."""
    known = _kept(file)
    now = catalogue()
    if not now.keys() <= known.keys():
        with atomic(file) as temporary:
            temporary.write_text(json.dumps(known | now, indent=1), encoding="utf-8")


def _kept(file: Path) -> dict[str, dict[str, str]]:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def moved(before: str, now: str, parts: Parts) -> list[str]:
    """Files whose code differs between two fingerprints; none where one of them is not known."""
    if before not in parts or now not in parts:
        return []
    old, new = parts[before], parts[now]
    return [path for path in sorted({*old, *new}) if old.get(path) != new.get(path)]


def cause(reason: str, made_by: Mapping[str, str], parts: Parts) -> str:
    """A reason of Snakemake's in words.

    Parameters
    ----------
    reason : the line of the dry run.
    made_by : file → rule, of all planned jobs.
    parts : fingerprint → its parts.
    """
    told = []
    for one in _NEXT.split(reason):
        kind, _, rest = one.partition(": ")
        files = rest.split(", ")
        if kind == "Params have changed since last execution":
            told.append(_params(rest, parts))
        elif kind == "Input files updated by another job":
            told.append("follows " + _first(sorted({made_by.get(file, file) for file in files})))
        elif kind == "Missing output files":
            told.append("not there: " + _first(files))
        elif kind == "Updated input files":
            told.append("changed: " + _first(files))
        else:
            told.append(one[:1].lower() + one[1:])
    return "; ".join(told)


def _params(text: str, parts: Parts) -> str:
    found = _PARAMS.search(text)
    if not found:
        return "its parameters changed"
    before, now = (_FINGERPRINT.findall(side) for side in found.groups())
    others = [_FINGERPRINT.sub("", side).strip(" ,") for side in found.groups()]
    words = []
    if before or now:
        files = sorted({file for old in before for new in now for file in moved(old, new, parts)})
        words.append(f"code changed: {_first(files)}" if files else "its code changed, in a file that no run kept")
    if any(others):
        words.append("parameters: " + " → ".join(_short(*others)))
    return ", ".join(words) or "its parameters changed"


def _short(*texts: str, most: int = 60, before: int = 20) -> list[str]:
    """Long texts from a little before the place where they differ."""
    differ = next((at for at, letters in enumerate(zip(*texts, strict=False)) if len(set(letters)) > 1), min(map(len, texts)))
    start = max(0, differ - before) if max(map(len, texts)) > most else 0
    return [("…" if start else "") + text[start : start + most] + ("…" if len(text) > start + most else "") for text in texts]


def _first(names: Sequence[str]) -> str:
    left = len(names) - MOST_FILES
    return ", ".join(names[:MOST_FILES]) + (f" and {left} more" if left > 0 else "")


def report(text: str, jobs: Sequence[plan.Job], parts: Parts, cores: int) -> str:
    """One line a rule, in Snakemake's order, and what all of it costs."""
    entries = [entry for entry in plan.planned(text) if "output" in entry]
    if not entries:
        return "Nothing to be done."
    made_by = {file: entry["rule"] for entry in entries for file in entry["output"].split(", ")}
    lines: dict[str, tuple[str, str]] = {}
    for entry in entries:
        rule = entry["rule"]
        seconds = costs.clock(sum(job.cpu for job in jobs if job.rule == rule))
        lines.setdefault(rule, (seconds, cause(entry.get("reason", ""), made_by, parts)))
    rows = [(rule, seconds, words) for rule, (seconds, words) in lines.items()]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    takes = costs.clock(costs.START_SECONDS + costs.wall((job.cpu for job in jobs), cores))
    table = [f"{rule:<{widths[0]}}  {seconds:>{widths[1]}}  {words}" for rule, seconds, words in rows]
    return "\n".join([f"{len(entries)} jobs, about {takes} on the {cores} cores here; rule, CPU time, cause:", *table])


def main() -> None:
    """Print what the next run of a preset would do."""
    parser = argparse.ArgumentParser(description="What the next run would do, and why.")
    parser.add_argument("preset", nargs="?", default="quick", help="smoke, quick, paper or one of config.yaml (default: quick)")
    preset = parser.parse_args().preset
    papers, base = plan.selected(preset)
    text = plan.snakemake_plan("--config", f"preset={preset}")
    jobs = plan.jobs_of(text, papers, base, settings.ROOT)
    terminal.say(report(text, jobs, _kept(settings.ROOT / KEPT) | catalogue(), plan.cores_here()))


if __name__ == "__main__":
    main()
