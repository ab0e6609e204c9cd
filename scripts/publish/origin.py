"""When, where, by which code and at what cost the tables of a paper were made, from what they say of themselves."""

import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from repro import settings, tables
from repro.fingerprint import fingerprint

COLUMNS = ("paper", "run", "date", "commit", "device", "cpu_seconds", "wall_seconds", "memory_mb")

Row = dict[str, str]


def of_paper(folder: Path, paper: str, commit: str) -> list[Row]:
    """A row a run of a paper: date of its newest table, device, CPU and wall seconds of its jobs together, largest memory of one.

    Parameters
    ----------
    folder : results folder, results/<preset>.
    commit : what to say of the code at hand, which must be that of the tables.

    Raises
    ------
    ValueError   if a table was made by other code than that at hand.
    """
    made = {run: _told(folder, paper, run) for run in settings.load_paper(paper)["runs"]}
    return [_row(paper, run, told, commit) for run, told in made.items() if told]


def _told(folder: Path, paper: str, run: str) -> Mapping[str, Any]:
    """What the tables of a run say; nothing where the run was not asked for. The last one written knows the whole cost."""
    paths = [folder / paper / f"{table}.parquet" for table in settings.load_run(paper, run)["tables"]]
    told = [{**tables.provenance(path), "date": path.stat().st_mtime} for path in paths if path.is_file()]
    for one in told:
        if one["fingerprint"] != fingerprint(f"scripts/{paper}/runs/{run}.py"):
            raise ValueError(f"{folder}/{paper}: run {run} was made by other code than that at hand; run snakemake {paper} again")
    return max(told, key=lambda one: float(one["cpu_seconds"]), default={})


def _row(paper: str, run: str, told: Mapping[str, Any], commit: str) -> Row:
    date = datetime.fromtimestamp(told["date"], UTC).date().isoformat()
    costs = (f"{told[name]:.1f}" for name in ("cpu_seconds", "wall_seconds", "peak_memory_mb"))
    return dict(zip(COLUMNS, (paper, run, date, commit, told["device"], *costs), strict=True))


def commit_at_hand(root: Path = settings.ROOT) -> str:
    """Short name of the commit at hand, marked where files differ from it; empty where there is no git."""
    try:
        head, changed = (_git(root, *words) for words in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "-uno")))
    except (FileNotFoundError, subprocess.CalledProcessError):
        return ""
    return f"{head} with changes" if changed else head


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True)  # noqa: S603, S607 - git, no option from outside
    return done.stdout.strip()


def of_papers(folder: Path, papers: Iterable[str]) -> list[Row]:
    """`of_paper` of several, by the code at hand."""
    commit = commit_at_hand()
    return [row for paper in papers for row in of_paper(folder, paper, commit)]
