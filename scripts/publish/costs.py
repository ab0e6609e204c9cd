"""What a job costs: as the job itself measured at its last run, which its log ends with, else as estimated.

Snakemake's main process imports this module, so it needs nothing but the standard library.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

# repro.job ends the log of a finished script with such a line.
_DONE = re.compile(r"^\d\d:\d\d:\d\d \S+: done: ([\d.]+) s, ([\d.]+) CPU s, ([\d.]+) MB$", re.MULTILINE)
_TAIL_BYTES = 512

# What a job is taken for that neither its log nor a paper's yaml speaks of: a figure, the claims, a file to decode.
SMALL_JOB_SECONDS = 2.0
START_SECONDS = 3.0  # Snakemake itself

KINDS = ("cpu_s", "gpu_s")


class Measured(NamedTuple):
    """Wall and CPU seconds of a job, and its peak memory in megabytes."""

    wall: float
    cpu: float
    memory: float


def measured(log: Path) -> Measured | None:
    """What the job with this log measured; None if it did not end well or never ran."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            found = _DONE.findall(file.read().decode("utf-8", errors="replace"))
    except OSError:
        return None
    return Measured(*map(float, found[-1])) if found else None


def in_reference(file: Path) -> dict[str, Measured]:
    """Rule → what all its jobs together cost when the reference of a preset was made, from its runs.csv; nothing where there is none."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return {
                f"{row['paper']}_{row['run']}": Measured(*(float(row[name]) for name in ("wall_seconds", "cpu_seconds", "memory_mb")))
                for row in csv.DictReader(lines)
            }
    except OSError:
        return {}


def logs_of(rule: str, logs: Path, papers: Iterable[str]) -> list[Path]:
    """Logs that the jobs of a rule left, by the names that common.smk gives them; `logs` is logs/<preset>."""
    for key in papers:
        if rule.startswith(f"{key}_"):
            name = rule.removeprefix(f"{key}_")
            return sorted([*(logs / key).glob(f"{name}.log"), *(logs / key).glob(f"{name}.shard-*.log")])
    return [logs.parent / "data" / f"{rule}.log"] if is_data(rule) else [logs / f"{rule}.log"]


def is_data(rule: str) -> bool:
    """Whether a rule brings a dataset."""
    return rule.startswith(("fetch_", "decode_", "sample_"))


def estimates(papers: Mapping[str, Mapping[str, Any]], base: str) -> dict[str, dict[str, float]]:
    """Rule → kind of seconds → estimate for all its jobs together, from the papers' yaml."""
    found = {f"{key}_{name}": run.get("cost") for key, paper in papers.items() for name, run in paper["runs"].items()}
    return {rule: {kind: cost[kind][base] for kind in KINDS if kind in cost} for rule, cost in found.items() if cost}


def sliced(papers: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Rules whose CPU time at the published scale was measured on a slice of the run."""
    runs = {f"{key}_{name}": run.get("cost", {}) for key, paper in papers.items() for name, run in paper["runs"].items()}
    return {rule for rule, cost in runs.items() if "cpu_s" in cost.get("slice", [])}


def of_rules(counts: Mapping[str, int], logs: Path, papers: Mapping[str, Mapping[str, Any]], *, base: str, gpu: bool) -> dict[str, float]:
    """Rule → seconds that one of its jobs takes.

    Parameters
    ----------
    counts : rule → number of jobs.
    logs : folder of the run's logs, logs/<preset>.
    papers : key → its contract.
    base : the built-in preset behind the run, for estimates.
    gpu : whether jobs that ask for a GPU get one: then it is the wall clock that counts.
    """
    estimated = estimates(papers, base)
    found = {}
    for rule, count in counts.items():
        known = [of_job for log in logs_of(rule, logs, papers) if (of_job := measured(log))]
        guess = estimated.get(rule, {})
        if known:
            found[rule] = sum(of_job.wall if gpu and "gpu_s" in guess else of_job.cpu for of_job in known) / len(known)
        else:
            whole = guess.get("gpu_s" if gpu else "cpu_s", guess.get("cpu_s"))
            found[rule] = SMALL_JOB_SECONDS if whole is None else whole / count
    return found


def wall(seconds: Iterable[float], cores: int) -> float:
    """Seconds that jobs take on `cores` cores: the work shared out, or the longest job if that takes longer."""
    each = list(seconds)
    return max([sum(each) / cores, *each])


def clock(seconds: float) -> str:
    """A duration as on a stop watch, 2:50; from two hours on in words."""
    whole = round(max(0.0, seconds))
    return f"{whole // 60}:{whole % 60:02d}" if whole < 7200 else in_words(whole)


def in_words(seconds: float) -> str:
    """A duration in the unit that a reader would use."""
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return "1 second" if 0.5 <= seconds < 1.5 else f"{seconds:.0f} seconds"
