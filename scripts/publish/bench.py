"""Time the pipeline on this machine and put the figures, with the counts of verdicts, into README.md.

    make bench                      # three runs of everything
    make bench RUNS=1               # one run, for a quick look

It works in a copy of the project, so results here are neither used nor touched; decoded data are used if they are here.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from repro import settings
from repro.settings import ROOT
from scripts.publish import costs, wording

COPIED = ("Snakefile", "config.yaml", "profiles", "repro", "envs", "workflow", "scripts")

# What the pipeline promises on two cores for all fifteen papers, in seconds and megabytes.
SMOKE, QUICK, IDLE, STYLE = 120, 720, 4, 110
MEMORY = 3000
OF_PAPER = 200  # CPU seconds of one paper at quick


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
    styled = original.replace('"font.size": 8.0', f'"font.size": 8.{number + 1}')
    if styled == original:
        raise ValueError("repro/figures.py has no font.size of 8.0 to change: nothing would be timed")
    path.write_text(styled, encoding="utf-8")


Row = tuple[str, str, str]


def timed(what: str, seconds: Sequence[float], limit: int) -> Row:
    """A row of the table: what, median with range, limit."""
    middle = statistics.median(seconds)
    return what, f"{middle:.1f} s ({min(seconds):.1f}–{max(seconds):.1f})", f"{limit} s{_missed(middle, limit)}"


def measure(n_runs: int, folder: Path) -> list[Row]:
    """Rows of what takes no change of the code."""

    def runs(preset: str, prepare: Callable[[], None]) -> list[float]:
        seconds = []
        for _ in range(n_runs):
            prepare()
            seconds.append(snakemake(folder, f"preset={preset}"))
        return seconds

    smoke = timed("`smoke`, everything", runs("smoke", lambda: forget(folder, "smoke")), SMOKE)
    if not (ROOT / "data" / "real").is_dir():
        snakemake(folder, "preset=quick")  # decodes the data, which is set-up
    quick = timed("`quick`, everything, data decoded", runs("quick", lambda: forget(folder, "quick")), QUICK)
    idle = timed("`quick`, nothing to do", runs("quick", lambda: None), IDLE)
    memory = max(of_job.memory for path in (folder / "logs").rglob("*.log") if (of_job := costs.measured(path)))
    limit = f"{MEMORY / 1000:.0f} GB{_missed(memory, MEMORY)}"
    return [smoke, quick, idle, ("`quick`, largest memory of a job", f"{memory / 1000:.2f} GB", limit)]


def restyled(n_runs: int, folder: Path) -> Row:
    """The row of a style change."""
    seconds = []
    for number in range(n_runs):
        restyle(folder, number)
        seconds.append(snakemake(folder, "preset=quick"))
    return timed("`quick`, after a style change", seconds, STYLE)


def _missed(value: float, limit: float) -> str:
    return ", **missed**" if value > limit else ""


def cpu_seconds(logs: Path) -> float:
    """CPU seconds that a paper's jobs measured; `logs` is logs/<preset>/<paper>."""
    return sum(of_job.cpu for path in logs.glob("*.log") if (of_job := costs.measured(path)))


def papers_table(rows: Sequence[wording.Row], logs: Path) -> str:
    """One line a paper: CPU seconds at quick, and reproduced of judged claims by kind."""
    kinds = [kind for kind in wording.KINDS if wording.tally(rows)[kind].total()]
    header = ("paper", f"CPU s (limit {OF_PAPER})", *(wording.TITLE[kind].lower() for kind in kinds), "not judged")
    lines = [f"| {' | '.join(header)} |", "|---|" + "---:|" * (len(header) - 1)]
    for key in dict.fromkeys(row["paper"] for row in rows):
        counts = wording.tally(row for row in rows if row["paper"] == key)
        seconds = cpu_seconds(logs / key)
        shares = [wording.share(counts[kind]) if counts[kind].total() else "" for kind in kinds]
        unjudged = sum(counts[kind]["not_judged"] for kind in kinds)
        short = settings.load_paper(key)["short"]
        lines.append(f"| {' | '.join([short, f'{seconds:.0f}{_missed(seconds, OF_PAPER)}', *shares, str(unjudged)])} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and refresh the README."""
    parser = argparse.ArgumentParser(description="Time the pipeline on this machine.")
    parser.add_argument("--runs", type=int, default=3, help="runs of each kind; the median is shown")
    n_runs = parser.parse_args().runs
    from repro import tables  # noqa: PLC0415 - pandas; not while the runs are timed
    from scripts.publish import readme  # noqa: PLC0415
    from scripts.publish.scorecard import records  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        copy_project(folder)
        rows = measure(n_runs, folder)
        results = next(path for path in (folder / "results" / "quick", folder / "results" / "quick-sample") if path.is_dir())
        of_papers = papers_table(records(tables.read(results / "scorecard.parquet")), folder / "logs" / results.name)
        readme.refresh(results)
        rows.append(restyled(n_runs, folder))
    machine = f"{platform.machine()}, 2 cores used, Python {platform.python_version()}, median of {n_runs} (range)"
    table = "\n".join(["| run | measured | limit |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)])
    text = f"Measured by `make bench` on {machine}; preset folder `{results.name}`.\n\n{table}\n\n{of_papers}"
    print(text)  # noqa: T201 - a command
    readme.write(ROOT, {"measured": text})


if __name__ == "__main__":
    main()
