"""What a preset costs: jobs, CPU and GPU hours, memory and disk, rule by rule.

    python -m scripts.publish.plan quick

The jobs are those of Snakemake's own plan. What a job costs is taken from the benchmark that an earlier run of the preset left in
benchmarks/<preset>; where there is none, from the estimates in the papers' yaml (`cost`) and the rules' memory.
"""

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repro import settings

JOB = re.compile(r"^(?:local)?rule (\w+):$\n((?:^ +.*\n)+)", re.MULTILINE)
LINE = re.compile(r"^ +(\w+): (.*)$", re.MULTILINE)

# What a job is taken for that neither a benchmark nor a paper's yaml speaks of: a figure, the claims, a file to decode.
SMALL_JOB_SECONDS = 2.0
OUTPUT_MB = {".parquet": 1.0, ".pdf": 0.1, ".png": 0.2, ".gz": 24.0, ".npy": 25.0}  # of data files: the mean of the three datasets
START_SECONDS = 3.0  # Snakemake itself

HEADER = ("rule", "jobs", "CPU hours", "GPU hours", "memory of a job", "disk", "from")


@dataclass(frozen=True)
class Job:
    """One job of Snakemake's plan: time in seconds, memory and disk in megabytes."""

    rule: str
    cpu: float
    gpu: float
    memory: float
    disk: float
    recorded: bool


def planned(text: str) -> list[dict[str, str]]:
    """Jobs in the output of `snakemake -n`: name → text of every line, the rule under `rule`."""
    return [{"rule": rule, **dict(LINE.findall(lines))} for rule, lines in JOB.findall(text)]


def estimates(papers: Mapping[str, Mapping[str, Any]], base: str) -> dict[str, dict[str, float]]:
    """Rule → kind of seconds → estimate for all its jobs together, from the papers' yaml."""
    found = {f"{key}_{name}": run.get("cost") for key, paper in papers.items() for name, run in paper["runs"].items()}
    return {rule: {kind: seconds[base] for kind, seconds in cost.items()} for rule, cost in found.items() if cost}


def cost(entry: Mapping[str, str], estimate: Mapping[str, float], folder: Path) -> Job:
    """Cost of one planned job.

    Parameters
    ----------
    entry : one of `planned`.
    estimate : kind of seconds → estimate for this job.
    folder : where the paths of the plan start.
    """
    asked = dict(pair.split("=", 1) for pair in entry.get("resources", "").split(", ") if "=" in pair)
    record = _benchmark(folder / entry["benchmark"]) if "benchmark" in entry else None
    cpu = estimate.get("cpu_s", SMALL_JOB_SECONDS)
    wall, cpu, memory = record or (estimate.get("gpu_s", cpu), cpu, float(asked.get("mem_mb", 0)))
    outputs = [folder / path for path in entry.get("output", "").split(", ") if path]
    gpu = wall if float(asked.get("gpu", 0)) else 0.0
    return Job(entry["rule"], cpu, gpu, memory, sum(map(_megabytes, outputs)), recorded=record is not None)


def _benchmark(path: Path) -> tuple[float, float, float] | None:
    """Wall seconds, CPU seconds and megabytes of the last line of a benchmark file; None if there is none."""
    try:
        with path.open(encoding="utf-8") as file:
            last = list(csv.DictReader(file, delimiter="\t"))[-1]
        wall, cpu, memory = (float(last[name]) for name in ("s", "cpu_time", "max_rss"))
    except (OSError, IndexError, KeyError, ValueError):  # not recorded, or a job too short to be measured ("NA")
        return None
    return wall, cpu or wall, memory  # the CPU time is sampled: a short job shows none


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6 if path.is_file() else OUTPUT_MB.get(path.suffix, 0.0)


def jobs_of(text: str, papers: Mapping[str, Mapping[str, Any]], base: str, folder: Path) -> list[Job]:
    """Every job of a plan with its cost; target rules, which do nothing, are left out."""
    entries = [entry for entry in planned(text) if "output" in entry]
    of_rules = estimates(papers, base)
    shares = {rule: sum(entry["rule"] == rule for entry in entries) for rule in of_rules}
    split = {rule: {kind: value / max(1, shares[rule]) for kind, value in of_rule.items()} for rule, of_rule in of_rules.items()}
    return [cost(entry, split.get(entry["rule"], {}), folder) for entry in entries]


def rows(jobs: Iterable[Job], papers: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """The table: one row a run, one for the figures and claims of a paper, one for the data, one for what is published."""
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        groups.setdefault(_group(job.rule, papers), []).append(job)
    runs = [_row(name, group) for name, group in sorted(groups.items())]
    return [*runs, _row("total", [job for group in groups.values() for job in group])]


def _group(rule: str, papers: Mapping[str, Mapping[str, Any]]) -> str:
    for key, paper in papers.items():
        if rule.startswith(f"{key}_"):
            return rule if rule.removeprefix(f"{key}_") in paper["runs"] else f"{key}: figures, claims"
    return "data" if rule.startswith(("fetch_", "decode_", "sample_")) else "scorecard, page"


def _row(name: str, jobs: Sequence[Job]) -> tuple[str, ...]:
    recorded = sum(job.recorded for job in jobs)
    basis = "benchmark" if recorded == len(jobs) else "estimate" if not recorded else f"benchmark of {recorded} jobs, estimate"
    gpu = sum(job.gpu for job in jobs)
    memory = f"{max(job.memory for job in jobs):.0f} MB"
    disk = f"{sum(job.disk for job in jobs):.1f} MB"
    return name, str(len(jobs)), hours(sum(job.cpu for job in jobs)), hours(gpu) if gpu else "–", memory, disk, basis


def hours(seconds: float) -> str:
    """Seconds as hours with three significant digits or four decimals."""
    return f"{seconds / 3600:.4f}" if seconds < 360 else f"{seconds / 3600:.3g}"


def wall(jobs: Sequence[Job], cores: int) -> float:
    """Seconds on `cores` cores: the work shared out, or the longest job if that takes longer."""
    return START_SECONDS + max([sum(job.cpu for job in jobs) / cores, *(job.cpu for job in jobs)])


def in_words(seconds: float) -> str:
    """A duration in the unit that a reader would use."""
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"


def report(jobs: Sequence[Job], papers: Mapping[str, Mapping[str, Any]], *, preset: str, cores: int) -> str:
    """The plan as readers get it."""
    table = [HEADER, *rows(jobs, papers)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in table]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    words = [
        f"Preset {preset}, from nothing: {len(jobs)} jobs, about {in_words(wall(jobs, cores))} on the {cores} cores here, without a GPU.",
        f"CPU hours are those of one core. Figures, claims and data files without a benchmark count {SMALL_JOB_SECONDS:.0f} seconds each,"
        f" a table without a file {OUTPUT_MB['.parquet']:.0f} MB.",
    ]
    if any(job.gpu and not job.recorded for job in jobs):
        words.append("GPU hours that are no benchmark are at most these: where no GPU time is known, a core's time stands in.")
    return "\n".join([*lines, "", *words])


def snakemake_plan(preset: str) -> str:
    """What `snakemake -n` says of the preset, nothing being there, and with all the GPUs it asks for."""
    command = [sys.executable, "-m", "snakemake", "-n", "--forceall", "--resources", "gpu=1000"]
    config = ["--config", f"preset={preset}", "datasets={on_unreachable: fail}"]
    done = subprocess.run([*command, *config], cwd=settings.ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        sys.exit((done.stdout + done.stderr).strip().splitlines()[-1])
    return done.stdout + done.stderr


def main(preset: str = "quick") -> None:
    """Print the plan of a preset."""
    config = settings.load_yaml(settings.ROOT / "config.yaml") or {}
    full = settings.complete_config({**config, "preset": preset})
    papers = {key: settings.load_paper(key) for key in settings.selected_papers(full)}
    jobs = jobs_of(snakemake_plan(preset), papers, settings.resolve_preset(full).base, settings.ROOT)
    print(report(jobs, papers, preset=preset, cores=len(os.sched_getaffinity(0))))  # noqa: T201 - a command


if __name__ == "__main__":
    main(*sys.argv[1:2])
