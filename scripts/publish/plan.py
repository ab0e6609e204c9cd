"""What a preset costs: jobs, CPU and GPU time, memory and disk, paper by paper or rule by rule.

    python -m scripts.publish.plan paper
    python -m scripts.publish.plan paper --rules

The jobs are those of Snakemake's own plan. What a job costs is what it measured itself at its last run, as its log says; else what it
cost when the preset's reference was made; else what the papers' yaml says (`cost`), by a slice of the run or as a guess.
"""

import argparse
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repro import settings
from scripts.publish import costs, terminal

JOB = re.compile(r"^(?:local)?rule (\w+):$\n((?:^ +.*\n)+)", re.MULTILINE)
LINE = re.compile(r"^ +(\w+): (.*)$", re.MULTILINE)

# Of data files: the mean of the three datasets. A record of what was fetched stands for the archives beside it.
OUTPUT_MB = {".parquet": 1.0, ".pdf": 0.1, ".png": 0.2, ".npy": 25.0, "sources.json": 72.0}


@dataclass(frozen=True)
class Job:
    """One job of Snakemake's plan: time in seconds, memory and disk in megabytes."""

    rule: str
    cpu: float
    gpu: float
    memory: float
    disk: float
    basis: str
    """Where the CPU time is from: one of `BASES`."""


BASES = ("measured", "measured for the reference", "from a slice", "estimated")


def planned(text: str) -> list[dict[str, str]]:
    """Jobs in the output of `snakemake -n`: name → text of every line, the rule under `rule`."""
    return [{"rule": rule, **dict(LINE.findall(lines))} for rule, lines in JOB.findall(text)]


def cost(entry: Mapping[str, str], estimate: Mapping[str, float], folder: Path, basis: str, kept: costs.Measured | None) -> Job:
    """Cost of one planned job.

    Parameters
    ----------
    entry : one of `planned`.
    estimate : kind of seconds → estimate for this job.
    folder : where the paths of the plan start.
    basis : where the estimate is from.
    kept : what the job cost when the reference was made, if it was.
    """
    asked = dict(pair.split("=", 1) for pair in entry.get("resources", "").split(", ") if "=" in pair)
    record = costs.measured(folder / entry["log"]) if "log" in entry else None
    cpu = kept.cpu if kept else estimate.get("cpu_s", costs.SMALL_JOB_SECONDS)
    wall, cpu, memory = record or (estimate.get("gpu_s", cpu), cpu, kept.memory if kept else float(asked.get("mem_mb", 0)))
    outputs = [folder / path for path in entry.get("output", "").split(", ") if path]
    gpu = wall if float(asked.get("gpu", 0)) else 0.0
    return Job(entry["rule"], cpu, gpu, memory, sum(map(_megabytes, outputs)), BASES[0] if record else BASES[1] if kept else basis)


def _megabytes(path: Path) -> float:
    if not path.is_file():
        return OUTPUT_MB.get(path.name, OUTPUT_MB.get(path.suffix, 0.0))
    files = path.parent.iterdir() if path.name in OUTPUT_MB else [path]
    return sum(file.stat().st_size for file in files) / 1e6


def jobs_of(
    text: str, papers: Mapping[str, Mapping[str, Any]], base: str, folder: Path, kept: Mapping[str, costs.Measured] | None = None
) -> list[Job]:
    """Every job of a plan with its cost; target rules, which do nothing, are left out. `kept` is rule → what all its jobs once cost."""
    entries = [entry for entry in planned(text) if "output" in entry]
    shares = Counter(entry["rule"] for entry in entries)
    of_rules, sliced = costs.estimates(papers, base), costs.sliced(papers) if base == "paper" else set()
    found = []
    for entry in entries:
        rule = entry["rule"]
        estimate = {kind: value / shares[rule] for kind, value in of_rules.get(rule, {}).items()}
        once = (kept or {}).get(rule)
        each = costs.Measured(once.wall / shares[rule], once.cpu / shares[rule], once.memory) if once else None
        found.append(cost(entry, estimate, folder, BASES[2] if rule in sliced else BASES[3], each))
    return found


def rows(jobs: Iterable[Job], papers: Mapping[str, Mapping[str, Any]], *, by_rule: bool = False) -> list[tuple[str, ...]]:
    """The table: a row a paper (or a run and the figures and claims of a paper), one for the data, one for what is published."""
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        groups.setdefault(_group(job.rule, papers, by_rule=by_rule), []).append(job)
    everything = [job for group in groups.values() for job in group]
    unit = 60 if sum(job.cpu for job in everything) < 3600 else 3600
    header = (
        "rule" if by_rule else "paper",
        "jobs",
        *(f"{kind} {_unit(unit)}" for kind in ("CPU", "GPU")),
        "memory of a job",
        "disk",
        "from",
    )
    return [header, *(_row(name, group, unit) for name, group in sorted(groups.items())), _row("total", everything, unit)]


def _group(rule: str, papers: Mapping[str, Mapping[str, Any]], *, by_rule: bool) -> str:
    for key, paper in papers.items():
        if rule.startswith(f"{key}_"):
            if not by_rule:
                return key
            return rule if rule.removeprefix(f"{key}_") in paper["runs"] else f"{key}: figures, claims"
    return "data" if costs.is_data(rule) else "scorecard, page"


def _unit(seconds: int) -> str:
    return {60: "minutes", 3600: "hours"}[seconds]


def _row(name: str, jobs: Sequence[Job], unit: int) -> tuple[str, ...]:
    gpu = sum(job.gpu for job in jobs)
    memory = f"{max(job.memory for job in jobs):.0f} MB"
    disk = f"{sum(job.disk for job in jobs):.1f} MB"
    times = (f"{sum(job.cpu for job in jobs) / unit:.3g}", f"{gpu / unit:.3g}" if gpu else "–")
    return name, str(len(jobs)), *times, memory, disk, _basis(jobs)


def _basis(jobs: Sequence[Job]) -> str:
    """Where the CPU time is from, in shares of it where there are several places."""
    whole = sum(job.cpu for job in jobs)
    shares = {basis: sum(job.cpu for job in jobs if job.basis == basis) for basis in BASES if any(job.basis == basis for job in jobs)}
    if len(shares) == 1 or not whole:
        return next(iter(shares))
    told = {basis: 100 * share / whole for basis, share in shares.items()}
    return ", ".join(f"{f'{part:.0f}' if part >= 1 else 'under 1'} % {basis}" for basis, part in told.items())


def report(jobs: Sequence[Job], papers: Mapping[str, Mapping[str, Any]], *, preset: str, cores: int, by_rule: bool = False) -> str:
    """The plan as readers get it: the answer, then the table, then what its words mean."""
    takes = costs.START_SECONDS + costs.wall((job.cpu for job in jobs), cores)
    gpu = sum(job.gpu for job in jobs)
    at_most = any(job.gpu and job.basis != BASES[0] for job in jobs)
    answer = f"Preset {preset}, from nothing: about {costs.in_words(takes)} on the {cores} cores here without a GPU, {len(jobs)} jobs"
    answer += f"; with one, {costs.in_words(gpu)} of GPU time{' at most' if at_most else ''}." if gpu else "."
    table = rows(jobs, papers, by_rule=by_rule)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in table]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    words = [
        f"CPU time is that of one core. A figure, the claims or a data file that never ran counts {costs.SMALL_JOB_SECONDS:.0f} seconds,"
        f" a table without a file {OUTPUT_MB['.parquet']:.0f} MB."
    ]
    if at_most:
        words.append("GPU times of jobs that did not run here are estimates; where there is none, a core's time stands in for it.")
    if not by_rule:
        words.append(f"Rule by rule: make plan PRESET={preset} RULES=1")
    return "\n".join([answer, "", *lines, "", *words])


def snakemake_plan(*options: str) -> str:
    """What `snakemake -n` says."""
    command = [sys.executable, "-m", "snakemake", "-n", *options]
    done = subprocess.run(command, cwd=settings.ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        sys.exit((done.stdout + done.stderr).strip().splitlines()[-1])
    return done.stdout + done.stderr


def cores_here() -> int:
    """Cores that this process may use, or on a Mac all."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def selected(preset: str) -> tuple[dict[str, Any], str]:
    """Contracts of the papers that config.yaml selects, and the built-in preset behind a preset; one line on a mistake."""
    try:
        full = settings.complete_config({**(settings.load_yaml(settings.ROOT / "config.yaml") or {}), "preset": preset})
        return {key: settings.load_paper(key) for key in settings.selected_papers(full)}, settings.resolve_preset(full).base
    except settings.SettingsError as error:
        sys.exit(str(error))


def main() -> None:
    """Print the plan of a preset."""
    parser = argparse.ArgumentParser(description="What a preset costs.")
    parser.add_argument("preset", nargs="?", default="quick", help="smoke, quick, paper or one of config.yaml (default: quick)")
    parser.add_argument("--rules", action="store_true", help="rule by rule instead of paper by paper")
    asked = parser.parse_args()
    papers, base = selected(asked.preset)
    # from nothing, and with all the GPUs that the rules ask for
    everything = ["--forceall", "--resources", "gpu=1000", "--config", f"preset={asked.preset}", "datasets={on_unreachable: fail}"]
    kept = costs.in_reference(settings.ROOT / "reference" / asked.preset / "runs.csv")
    jobs = jobs_of(snakemake_plan(*everything), papers, base, settings.ROOT, kept)
    terminal.say(report(jobs, papers, preset=asked.preset, cores=cores_here(), by_rule=asked.rules))


if __name__ == "__main__":
    main()
