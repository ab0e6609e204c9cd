"""What a preset costs: jobs, CPU and GPU time, memory and disk, paper by paper or rule by rule.

    python -m scripts.publish.plan paper
    python -m scripts.publish.plan paper --rules

The jobs are those of Snakemake's own plan. What a job costs is what it measured itself at its last run, as its log says; where there is
none, the estimates in the papers' yaml (`cost`) and the rules' memory.
"""

import argparse
import os
import re
import subprocess
import sys
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
    recorded: bool


def planned(text: str) -> list[dict[str, str]]:
    """Jobs in the output of `snakemake -n`: name → text of every line, the rule under `rule`."""
    return [{"rule": rule, **dict(LINE.findall(lines))} for rule, lines in JOB.findall(text)]


def cost(entry: Mapping[str, str], estimate: Mapping[str, float], folder: Path) -> Job:
    """Cost of one planned job.

    Parameters
    ----------
    entry : one of `planned`.
    estimate : kind of seconds → estimate for this job.
    folder : where the paths of the plan start.
    """
    asked = dict(pair.split("=", 1) for pair in entry.get("resources", "").split(", ") if "=" in pair)
    record = costs.measured(folder / entry["log"]) if "log" in entry else None
    cpu = estimate.get("cpu_s", costs.SMALL_JOB_SECONDS)
    wall, cpu, memory = record or (estimate.get("gpu_s", cpu), cpu, float(asked.get("mem_mb", 0)))
    outputs = [folder / path for path in entry.get("output", "").split(", ") if path]
    gpu = wall if float(asked.get("gpu", 0)) else 0.0
    return Job(entry["rule"], cpu, gpu, memory, sum(map(_megabytes, outputs)), recorded=record is not None)


def _megabytes(path: Path) -> float:
    if not path.is_file():
        return OUTPUT_MB.get(path.name, OUTPUT_MB.get(path.suffix, 0.0))
    files = path.parent.iterdir() if path.name in OUTPUT_MB else [path]
    return sum(file.stat().st_size for file in files) / 1e6


def jobs_of(text: str, papers: Mapping[str, Mapping[str, Any]], base: str, folder: Path) -> list[Job]:
    """Every job of a plan with its cost; target rules, which do nothing, are left out."""
    entries = [entry for entry in planned(text) if "output" in entry]
    of_rules = costs.estimates(papers, base)
    shares = {rule: sum(entry["rule"] == rule for entry in entries) for rule in of_rules}
    split = {rule: {kind: value / max(1, shares[rule]) for kind, value in of_rule.items()} for rule, of_rule in of_rules.items()}
    return [cost(entry, split.get(entry["rule"], {}), folder) for entry in entries]


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
    recorded = sum(job.recorded for job in jobs)
    basis = "measured" if recorded == len(jobs) else "estimated" if not recorded else f"{recorded} jobs measured, the others estimated"
    gpu = sum(job.gpu for job in jobs)
    memory = f"{max(job.memory for job in jobs):.0f} MB"
    disk = f"{sum(job.disk for job in jobs):.1f} MB"
    times = (f"{sum(job.cpu for job in jobs) / unit:.3g}", f"{gpu / unit:.3g}" if gpu else "–")
    return name, str(len(jobs)), *times, memory, disk, basis


def report(jobs: Sequence[Job], papers: Mapping[str, Mapping[str, Any]], *, preset: str, cores: int, by_rule: bool = False) -> str:
    """The plan as readers get it: the answer, then the table, then what its words mean."""
    takes = costs.START_SECONDS + costs.wall((job.cpu for job in jobs), cores)
    gpu = sum(job.gpu for job in jobs)
    at_most = any(job.gpu and not job.recorded for job in jobs)
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
        words.append("Where no GPU time is known, a core's time stands in for it.")
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
    jobs = jobs_of(snakemake_plan(*everything), papers, base, settings.ROOT)
    terminal.say(report(jobs, papers, preset=asked.preset, cores=cores_here(), by_rule=asked.rules))


if __name__ == "__main__":
    main()
