"""Time the pipeline on this machine and put the figures, with the counts of verdicts, into README.md.

    make bench                      # three runs of everything
    make bench RUNS=1               # one run, for a quick look

It works in a copy of the project, so results here are neither used nor touched; decoded data are used if they are here.
"""

import argparse
import csv
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from repro.settings import ROOT

COPIED = ("Snakefile", "config.yaml", "profiles", "repro", "envs", "workflow", "scripts")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def copy_project(folder: Path) -> None:
    """What a run needs, in an empty folder."""
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)


def snakemake(folder: Path, *config: str) -> float:
    """Wall seconds of one run in the copy; its output goes to a file there."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--config", f"datasets={{folder: {ROOT / 'data'}}}", *config]
    environment = dict(os.environ)
    mirror = Path(environment.get("DATASET_MIRROR", ""))
    if mirror.is_dir():
        environment["DATASET_MIRROR"] = str(mirror.resolve())  # the copy is elsewhere
    began = time.monotonic()
    with (folder / "output.txt").open("w") as output:
        subprocess.run(command, cwd=folder, env=environment, stdout=output, stderr=output, check=True)  # noqa: S603 - ours
    return time.monotonic() - began


def forget(folder: Path, name: str) -> None:
    """Remove results and what Snakemake knows of them."""
    for path in (folder / "results" / name, folder / ".snakemake"):
        shutil.rmtree(path, ignore_errors=True)


def restyle(folder: Path, number: int) -> None:
    """A style change: another font size in each round."""
    path = folder / "repro" / "figures.py"
    original = (ROOT / "repro" / "figures.py").read_text(encoding="utf-8")
    path.write_text(original.replace('"font.size": 8.0', f'"font.size": 8.{number + 1}'), encoding="utf-8")


def measure(n_runs: int, folder: Path) -> list[tuple[str, str, str]]:
    """Rows of the table: what, median with range, limit."""
    quick, smoke = ("preset=quick",), ("preset=smoke",)

    def timed(prepare: Callable[[int], None], *config: str) -> str:
        seconds = []
        for number in range(n_runs):
            prepare(number)
            seconds.append(snakemake(folder, *config))
        return f"{statistics.median(seconds):.1f} s ({min(seconds):.1f}–{max(seconds):.1f})"

    rows = [("`smoke`, everything", timed(lambda _: forget(folder, "smoke"), *smoke), "45 s")]
    snakemake(folder, *quick)  # decodes the data, which is set-up
    rows.append(("`quick`, everything, data decoded", timed(lambda _: forget(folder, "quick"), *quick), "300 s"))
    rows.append(("`quick`, nothing to do", timed(lambda _: None, *quick), "4 s"))
    memory = peak_memory(folder / "benchmarks" / "quick")
    rows.append(("`quick`, after a style change", timed(lambda number: restyle(folder, number), *quick), "30 s"))
    rows.append(("`quick`, largest memory of a job", f"{memory / 1000:.2f} GB", "3 GB"))
    return rows


def peak_memory(benchmarks: Path) -> float:
    """Largest max_rss in megabytes among Snakemake's benchmark files."""
    found = []
    for path in benchmarks.rglob("*.tsv"):
        with path.open(encoding="utf-8") as file:
            found += [float(row["max_rss"]) for row in csv.DictReader(file, delimiter="\t") if row["max_rss"] not in ("NA", "-")]
    return max(found)


def verdict_counts(results: Path) -> str:
    """One line a paper: how many claims got which verdict."""
    import pandas as pd  # noqa: PLC0415 - after the timings

    scorecard = pd.read_parquet(results / "scorecard.parquet")
    scorecard["kind"] = scorecard["basis"].where(scorecard["basis"] == "regression", "evidence")
    verdicts = ["reproduced", "not_reproduced", "not_judged"]
    counts = pd.crosstab([scorecard["paper"], scorecard["kind"]], scorecard["verdict"]).reindex(columns=verdicts, fill_value=0)
    lines = ["| paper | kind of claim | reproduced | not reproduced | not judged at `quick` |", "|---|---|---:|---:|---:|"]
    lines += [f"| {' | '.join(row.Index)} | {' | '.join(map(str, row[1:]))} |" for row in counts.itertuples()]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and refresh the README."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="runs of each kind; the median is shown")
    n_runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        copy_project(folder)
        rows = measure(n_runs, folder)
        results = next(path for path in (folder / "results" / "quick", folder / "results" / "quick-sample") if path.is_dir())
        counts = verdict_counts(results)
    machine = f"{platform.machine()}, 2 cores used, Python {platform.python_version()}, median of {n_runs} (range)"
    table = "\n".join(["| run | measured | limit |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)])
    text = f"{BEGIN}\nMeasured by `make bench` on {machine}; preset folder `{results.name}`.\n\n{table}\n\n{counts}\n{END}"
    print(text)  # noqa: T201 - a command
    readme = ROOT / "README.md"
    before, rest = readme.read_text(encoding="utf-8").split(BEGIN)
    readme.write_text(before + text + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    main()
