"""The last words of a run on the terminal: the scorecard, or what there is and what failed.

Called by Snakemake's main process: cheap, and silent about files that are missing or half made.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from repro import texts
from scripts.publish import wording

# repro.job ends the log of a failed script with such a line, and that of a finished one with another.
_FAILED = re.compile(r"^\d\d:\d\d:\d\d \S+: failed: (.*)$", re.MULTILINE)
_DONE = re.compile(r"^\d\d:\d\d:\d\d \S+: done: ", re.MULTILINE)
_TAIL_BYTES = 8192

_MOST_LINES = 30


def closing_words(
    results: Path,
    logs: Path,
    papers: Mapping[str, Mapping[str, Any]],
    *,
    made: Sequence[str] = (),
    sampled: bool = False,
    failed: bool = False,
    since: float = 0.0,
) -> str:
    """What to print when Snakemake ends.

    Parameters
    ----------
    results : folder of the run's results, results/<preset>.
    logs : folder of the run's logs, logs/<preset>; those of the datasets are in its neighbour `data`.
    papers : key → {short, products} of the papers that were asked for: the paper's short name, and the files that make it
        finished (its claims.parquet if left out). None where single files were asked for.
    made : what this run made, the last one last.
    sampled : True if the run rests on the embedded sample of the datasets.
    failed : True if Snakemake says so; then the logs that tell why are named.
    since : when the run began, in seconds since the epoch: older logs tell of other runs.
    """
    finished = {key: paper for key, paper in papers.items() if _finished(results, key, paper)}
    rows = [row for key in finished for row in claims_of(results, key)]
    blocks = [_verdicts(rows, finished)] if rows else []
    if len(finished) < len(papers):
        blocks.append(
            f"{'Unfinished' if failed else 'Not made in this run'}: "
            + ", ".join(f"{paper['short']} ({key})" for key, paper in papers.items() if key not in finished)
        )
    if failed:
        blocks.append(_failures(logs, since))
    blocks.append(_where(results, papers) if papers else _files(made))
    warning = "SAMPLE DATA: the datasets were not the published ones, no number that rests on them is evidence." if sampled else ""
    return "\n" + "\n\n".join(block for block in (warning and f"!!! {warning} !!!", *blocks) if block) + "\n"


def _finished(results: Path, key: str, paper: Mapping[str, Any]) -> bool:
    return all(Path(path).is_file() for path in paper.get("products", [results / key / "claims.parquet"]))


def claims_of(results: Path, key: str) -> list[wording.Row]:
    """The decisive part of every claim of one paper; none if its claims are missing or unreadable."""
    from pyarrow import ArrowException, parquet  # noqa: PLC0415 - only needed when claims were judged

    try:
        with (results / key / "claims.parquet").open("rb") as file:
            parts = parquet.ParquetFile(file, pre_buffer=False).read(use_threads=False).to_pylist()  # as repro.tables, without pandas
        return [wording.decisive(of_claim) for of_claim in wording.by_claim(parts).values()]
    except (OSError, ArrowException, KeyError):
        return []


def _verdicts(rows: Sequence[wording.Row], papers: Mapping[str, Mapping[str, Any]]) -> str:
    """Reproduced of judged claims by kind, in all, and what failed or was not judged and why."""
    counts = wording.tally(rows)
    kinds = [kind for kind in wording.KINDS if counts[kind].total()]
    lines = [("paper", *(wording.TITLE[kind].lower() for kind in kinds), "not judged")]
    for key, paper in papers.items():
        of_paper = wording.tally(row for row in rows if row["paper"] == key)
        unjudged = sum(of_paper[kind]["not_judged"] for kind in kinds)
        lines.append((paper["short"], *(_share(of_paper[kind]) for kind in kinds), str(unjudged)))
    blocks = [_columns(lines), wording.headline(rows)]
    failing = [row for row in rows if row["verdict"] == "not_reproduced"]
    if failing:
        blocks.append("\n".join(["Not as claimed:", *(f"  {_failing(row, papers)}" for row in failing)]))
    causes = Counter(row["note"] for row in rows if row["verdict"] == "not_judged")
    if causes:
        blocks.append("\n".join(["Not judged:", *_first(f"  {count} × {cause}" for cause, count in causes.most_common())]))
    return "\n\n".join(blocks)


def _share(count: Mapping[str, int]) -> str:
    return wording.share(count) if count["reproduced"] + count["not_reproduced"] else texts.NOTHING


def _failing(row: wording.Row, papers: Mapping[str, Mapping[str, Any]]) -> str:
    where = f"{papers[row['paper']]['short']} {row['claim']} ({row['basis']}), {wording.verdict(row)}"
    remark = f"; {texts.plain(row['note'])}" if row["note"] else ""
    return f"{where}: {texts.plain(row['label'])}: measured {wording.measured(row)}, bounds {wording.bounds(row)}{remark}"


def _failures(logs: Path, since: float) -> str:
    """One line a log of this run that ends in failure: datasets, papers, publishing."""
    found = [path for folder in (logs.parent / "data", logs) for path in sorted(folder.rglob("*.log")) if path.stat().st_mtime >= since]
    lines = [f"  {path}: {error}" for path in found if (error := _failure(path))]
    return "\n".join(["Failed, says the log:", *_first(lines)]) if lines else ""


def _failure(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    if not text:
        return "empty, the script did not start: what the shell or Python said stands above"
    found = _FAILED.findall(text)
    if not found and not _DONE.search(text):
        return "ended without a word: killed from outside, or by the system for want of memory: make plan RULES=1 says what each job needs"
    return found[-1] if found else ""


def _where(results: Path, papers: Mapping[str, Any]) -> str:
    """The page, the scorecard and the figures; of one paper its own."""
    one = next(iter(papers)) if len(papers) == 1 else ""
    own = one and (results / f"{one}.html").is_file()
    found = [("Page", results / f"{one if own else 'index'}.html"), ("Scorecard", results / f"{one if own else 'scorecard'}.md")]
    lines = [f"{what}: {path}" for what, path in found if path.is_file()]
    if any(results.glob(f"{one or '*'}/*.pdf")):
        lines.append(f"Figures: {results}/{one or '<paper>'}/*.pdf and *.png")
    return "\n".join(lines)


def _files(made: Sequence[str]) -> str:
    """What was made where single files were asked for: the figures, else the last file."""
    figures = [path for path in made if path.endswith(".pdf")]
    return "\n".join(["Made:", *_first(f"  {path}" for path in figures or made[-1:])]) if made else ""


def _columns(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = ["  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) for line in lines]
    return "\n".join([texts[0], "─" * len(texts[0]), *texts[1:]])


def _first(lines: Any) -> list[str]:
    lines = list(lines)
    left = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], f"  … and {left} more"] if left > 0 else lines
