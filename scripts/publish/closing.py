"""The last words of a run on the terminal: the scorecard, or what there is and what failed.

Called by Snakemake's main process: cheap, and silent about files that are missing or half made.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.publish import wording

# repro.job ends the log of a failed script with such a line.
_FAILED = re.compile(r"^\d\d:\d\d:\d\d \S+: failed: (.*)$", re.MULTILINE)
_TAIL_BYTES = 8192

_MOST_LINES = 30


def closing_words(
    results: Path, logs: Path, papers: Mapping[str, Mapping[str, Any]], *, sampled: bool = False, failed: bool = False
) -> str:
    """What to print when Snakemake ends.

    Parameters
    ----------
    results : folder of the run's results, results/<preset>.
    logs : folder of the run's logs, logs/<preset>; those of the datasets are in its neighbour `data`.
    papers : key → {short, products}: the paper's short name, and the files that make it finished
        (its claims.parquet if left out).
    sampled : True if the run rests on the embedded sample of the datasets.
    failed : True if Snakemake says so; then the logs that tell why are named.
    """
    finished = {key: paper for key, paper in papers.items() if _finished(results, key, paper)}
    rows = [row for key in finished for row in _claims(results, key)]
    blocks = [_verdicts(rows, finished)] if rows else []
    if len(finished) < len(papers):
        blocks.append(
            f"{'Unfinished' if failed else 'Not made in this run'}: "
            + ", ".join(f"{paper['short']} ({key})" for key, paper in papers.items() if key not in finished)
        )
    if failed:
        blocks.append(_failures(logs, papers))
    blocks.append(_where(results))
    warning = "SAMPLE DATA: the datasets were not the published ones, no number that rests on them is evidence." if sampled else ""
    return "\n" + "\n\n".join(block for block in (warning and f"!!! {warning} !!!", *blocks) if block) + "\n"


def _finished(results: Path, key: str, paper: Mapping[str, Any]) -> bool:
    return all(Path(path).is_file() for path in paper.get("products", [results / key / "claims.parquet"]))


def _claims(results: Path, key: str) -> list[wording.Row]:
    """The decisive part of every claim of one paper; none if its claims are missing or unreadable."""
    from pyarrow import ArrowException, parquet  # noqa: PLC0415 - only needed when a run ends

    try:
        with (results / key / "claims.parquet").open("rb") as file:
            parts = parquet.read_table(file).to_pylist()
        return [wording.decisive(of_claim) for of_claim in wording.by_claim(parts).values()]
    except (OSError, ArrowException, KeyError):
        return []


def _verdicts(rows: Sequence[Mapping[str, Any]], papers: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [("paper", "reproduced", "not reproduced", "not judged", "regression guards")]
    for key, paper in papers.items():
        counts = wording.tally(row for row in rows if row["paper"] == key)
        evidence = [str(counts["evidence"][verdict]) for verdict in wording.VERDICT]
        lines.append((paper["short"], *evidence, wording.share(counts["regression"])))
    blocks = [_columns(lines), wording.headline(rows)]
    failing = [row for row in rows if row["verdict"] == "not_reproduced"]
    if failing:
        blocks.append("\n".join(["Not reproduced:", *(f"  {_failing(row, papers)}" for row in failing)]))
    causes = Counter(row["note"] for row in rows if row["verdict"] == "not_judged")
    if causes:
        blocks.append("\n".join(["Not judged:", *_first(f"  {count} × {cause}" for cause, count in causes.most_common())]))
    return "\n\n".join(blocks)


def _failing(row: Mapping[str, Any], papers: Mapping[str, Mapping[str, Any]]) -> str:
    where = f"{papers[row['paper']]['short']} {row['claim']} ({row['basis']})"
    remark = f"; {row['note']}" if row["note"] else ""
    return f"{where}: {row['part']}: measured {wording.measured(row)}, bounds {wording.bounds(row)}{remark}"


def _failures(logs: Path, papers: Mapping[str, Any]) -> str:
    """One line a log that ends in failure: datasets, papers, publishing."""
    folders = [logs.parent / "data", *(logs / key for key in papers), logs]
    told = [(path, _failure(path)) for folder in folders for path in sorted(folder.glob("*.log"))]
    lines = [f"  {path}: {error}" for path, error in told if error]
    return "\n".join(["Failed, says the log:", *_first(lines)]) if lines else ""


def _failure(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    if not text:
        return "empty, the script did not start: its traceback stands above"
    found = _FAILED.findall(text)
    return found[-1] if found else ""


def _where(results: Path) -> str:
    found = [("Page", results / "index.html"), ("Scorecard", results / "scorecard.md")]
    lines = [f"{what}: {path}" for what, path in found if path.is_file()]
    if any(results.glob("*/*.pdf")):
        lines.append(f"Figures: {results}/<paper>/*.pdf and *.png")
    return "\n".join(lines)


def _columns(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = ["  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) for line in lines]
    return "\n".join([texts[0], "─" * len(texts[0]), *texts[1:]])


def _first(lines: Any) -> list[str]:
    lines = list(lines)
    left = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], f"  … and {left} more"] if left > 0 else lines
