"""The plan: jobs of Snakemake's dry run, priced by what they measured themselves where their logs tell, and by estimates otherwise."""

from pathlib import Path

import pytest

from scripts.publish.costs import Measured, estimates, in_reference
from scripts.publish.plan import Job, jobs_of, planned, report

TEXT = """Building DAG of jobs...

[Tue Nov 24 12:14:27 2026]
rule nobody_walk:
    output: results/quick/nobody/walk.shard-0.parquet
    log: logs/quick/nobody/walk.shard-0.log
    jobid: 18
    benchmark: benchmarks/quick/nobody/walk.shard-0.tsv
    reason: Forced execution
    wildcards: shard=0
    resources: tmpdir=/tmp, runtime=2, mem_mb=300, mem=300 MB, gpu=1
[Tue Nov 24 12:14:27 2026]
rule nobody_walk:
    output: results/quick/nobody/walk.shard-1.parquet
    log: logs/quick/nobody/walk.shard-1.log
    wildcards: shard=1
    resources: tmpdir=/tmp, runtime=2, mem_mb=300, mem=300 MB, gpu=1
[Tue Nov 24 12:14:27 2026]
localrule nobody_fig1:
    input: results/quick/nobody/walk.parquet
    output: results/quick/nobody/fig1.pdf, results/quick/nobody/fig1.png
    log: logs/quick/nobody/fig1.log
    resources: tmpdir=/tmp, mem_mb=1000
[Tue Nov 24 12:14:27 2026]
localrule all:
    input: results/quick/index.html
    jobid: 0
    resources: tmpdir=<TBD>
Job stats:
"""
PAPERS = {"nobody": {"runs": {"walk": {"cost": {"cpu_s": {"smoke": 1, "quick": 100, "paper": 7200}}}, "free": {}}}}


@pytest.fixture
def one_log(tmp_path: Path) -> Path:
    """A project whose second shard has run: 80 s, of which 72 on the CPU, and 123 MB."""
    file = tmp_path / "logs/quick/nobody/walk.shard-1.log"
    file.parent.mkdir(parents=True)
    file.write_text("12:00:00 nobody_walk: start: preset quick\n12:01:20 nobody_walk: done: 80.0 s, 72.0 CPU s, 123 MB\n")
    return tmp_path


def test_every_job_of_the_dry_run_is_found_with_its_lines() -> None:
    found = planned(TEXT)
    assert [entry["rule"] for entry in found] == ["nobody_walk", "nobody_walk", "nobody_fig1", "all"]
    assert found[1]["log"] == "logs/quick/nobody/walk.shard-1.log"


def test_estimates_are_those_of_the_preset_and_absent_where_the_yaml_is_silent() -> None:
    assert estimates(PAPERS, "paper") == {"nobody_walk": {"cpu_s": 7200}}


def test_a_run_that_never_ran_shares_its_estimate_among_its_jobs(tmp_path: Path) -> None:
    first, second, figure = jobs_of(TEXT, PAPERS, "quick", tmp_path)
    assert first == second == Job("nobody_walk", cpu=50, gpu=50, memory=300, disk=1.0, basis="estimated")
    assert (figure.cpu, figure.gpu, figure.basis) == (2.0, 0.0, "estimated")


def test_what_a_job_measured_takes_the_place_of_the_estimate(one_log: Path) -> None:
    assert jobs_of(TEXT, PAPERS, "quick", one_log)[1] == Job("nobody_walk", cpu=72, gpu=80, memory=123, disk=1.0, basis="measured")


def test_a_job_that_failed_measured_nothing(one_log: Path) -> None:
    log = one_log / "logs/quick/nobody/walk.shard-1.log"
    log.write_text("12:00:00 nobody_walk: start: preset quick\n12:01:20 nobody_walk: failed: ValueError: no steps\n")
    assert jobs_of(TEXT, PAPERS, "quick", one_log)[1].basis == "estimated"


def test_disk_is_that_of_the_files_that_are_there(tmp_path: Path) -> None:
    table = tmp_path / "results/quick/nobody/walk.shard-0.parquet"
    table.parent.mkdir(parents=True)
    table.write_bytes(b"0" * 250_000)
    assert jobs_of(TEXT, PAPERS, "quick", tmp_path)[0].disk == 0.25


def test_archives_count_by_the_record_of_what_was_fetched(tmp_path: Path) -> None:
    text = TEXT.replace("results/quick/nobody/walk.shard-0.parquet", "data/raw/mnist/sources.json")
    assert jobs_of(text, PAPERS, "quick", tmp_path)[0].disk == 72.0
    folder = tmp_path / "data/raw/mnist"
    folder.mkdir(parents=True)
    for name in ("sources.json", "train.gz"):
        (folder / name).write_bytes(b"0" * 100_000)
    assert jobs_of(text, PAPERS, "quick", tmp_path)[0].disk == 0.2


def test_what_the_reference_cost_comes_before_a_guess_and_after_the_own_log(one_log: Path) -> None:
    kept = {"nobody_walk": Measured(wall=30.0, cpu=20.0, memory=55.0)}
    first, second, _ = jobs_of(TEXT, PAPERS, "quick", one_log, kept)
    assert first == Job("nobody_walk", cpu=10, gpu=10, memory=55, disk=1.0, basis="measured for the reference")
    assert second.basis == "measured"


def test_a_reference_tells_the_cost_of_each_run(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text(
        "paper,run,date,commit,device,cpu_seconds,wall_seconds,memory_mb\nnobody,walk,d,c,cpu,20.0,30.0,55.0\n"
    )
    assert in_reference(tmp_path / "runs.csv") == {"nobody_walk": Measured(wall=30.0, cpu=20.0, memory=55.0)}
    assert in_reference(tmp_path / "none.csv") == {}


def test_a_cost_from_a_slice_is_told_as_such_at_the_published_scale_only(tmp_path: Path) -> None:
    run = {"cost": {"cpu_s": {"quick": 1, "paper": 7200}, "slice": ["cpu_s"]}}
    papers = {"nobody": {"runs": {"walk": run}}}
    assert [jobs_of(TEXT, papers, base, tmp_path)[0].basis for base in ("paper", "quick")] == ["from a slice", "estimated"]


def cells(text: str) -> dict[str, list[str]]:
    """First cell of each row of the table → the others."""
    return {line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]] for line in text.splitlines() if "|" in line}


def test_the_report_begins_with_the_answer_and_has_a_line_a_paper(one_log: Path) -> None:
    text = report(jobs_of(TEXT, PAPERS, "quick", one_log), PAPERS, preset="quick", cores=2)
    assert text.splitlines()[0].startswith(
        "Preset quick, from nothing: about 75 seconds on the 2 cores here without a GPU, 3 jobs; with one, 2.2"
    )
    assert list(cells(text)) == ["paper", "-" * 8, "nobody", "total"]
    assert cells(text)["paper"][1] == "CPU minutes"
    assert cells(text)["nobody"] == ["3", "2.07", "2.17", "1000 MB", "2.3 MB", "58 % measured, 42 % estimated"]


def test_the_report_by_rule_keeps_runs_apart(one_log: Path) -> None:
    text = report(jobs_of(TEXT, PAPERS, "quick", one_log), PAPERS, preset="quick", cores=2, by_rule=True)
    assert cells(text)["nobody_walk"][:3] == ["2", "2.03", "2.17"]
    assert cells(text)["nobody: figures, claims"][-1] == "estimated"


def test_an_hour_and_more_is_told_in_hours() -> None:
    jobs = [Job("nobody_walk", cpu=7200, gpu=0, memory=1, disk=0, basis="measured")]
    assert cells(report(jobs, PAPERS, preset="paper", cores=2))["nobody"][1] == "2"
    assert "CPU hours" in report(jobs, PAPERS, preset="paper", cores=2)
