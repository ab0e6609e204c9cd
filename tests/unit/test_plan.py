"""The plan: jobs of Snakemake's dry run, priced by benchmarks where there are some and by estimates otherwise."""

from pathlib import Path

import pytest

from scripts.publish.plan import Job, estimates, in_words, jobs_of, planned, report, wall

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
    benchmark: benchmarks/quick/nobody/walk.shard-1.tsv
    wildcards: shard=1
    resources: tmpdir=/tmp, runtime=2, mem_mb=300, mem=300 MB, gpu=1
[Tue Nov 24 12:14:27 2026]
localrule nobody_fig1:
    input: results/quick/nobody/walk.parquet
    output: results/quick/nobody/fig1.pdf, results/quick/nobody/fig1.png
    benchmark: benchmarks/quick/nobody/fig1.tsv
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
def one_benchmark(tmp_path: Path) -> Path:
    """A project whose second shard has run: 80 s, of which 72 on the CPU, and 123 MB."""
    file = tmp_path / "benchmarks/quick/nobody/walk.shard-1.tsv"
    file.parent.mkdir(parents=True)
    file.write_text("s\th:m:s\tmax_rss\tcpu_time\n80.0\t0:01:20\t123.0\t72.0\n")
    return tmp_path


def test_every_job_of_the_dry_run_is_found_with_its_lines() -> None:
    found = planned(TEXT)
    assert [entry["rule"] for entry in found] == ["nobody_walk", "nobody_walk", "nobody_fig1", "all"]
    assert found[1]["benchmark"] == "benchmarks/quick/nobody/walk.shard-1.tsv"


def test_estimates_are_those_of_the_preset_and_absent_where_the_yaml_is_silent() -> None:
    assert estimates(PAPERS, "paper") == {"nobody_walk": {"cpu_s": 7200}}


def test_a_run_without_benchmarks_shares_its_estimate_among_its_jobs(tmp_path: Path) -> None:
    first, second, figure = jobs_of(TEXT, PAPERS, "quick", tmp_path)
    assert first == second == Job("nobody_walk", cpu=50, gpu=50, memory=300, disk=1.0, recorded=False)
    assert (figure.cpu, figure.gpu, figure.recorded) == (2.0, 0.0, False)


def test_a_benchmark_takes_the_place_of_the_estimate(one_benchmark: Path) -> None:
    assert jobs_of(TEXT, PAPERS, "quick", one_benchmark)[1] == Job("nobody_walk", cpu=72, gpu=80, memory=123, disk=1.0, recorded=True)


@pytest.mark.parametrize("content", ["", "s\tmax_rss\tcpu_time\n", "s\tmax_rss\tcpu_time\nNA\tNA\tNA\n"])
def test_a_benchmark_without_numbers_counts_as_none(one_benchmark: Path, content: str) -> None:
    (one_benchmark / "benchmarks/quick/nobody/walk.shard-1.tsv").write_text(content)
    assert not jobs_of(TEXT, PAPERS, "quick", one_benchmark)[1].recorded


def test_disk_is_that_of_the_files_that_are_there(tmp_path: Path) -> None:
    table = tmp_path / "results/quick/nobody/walk.shard-0.parquet"
    table.parent.mkdir(parents=True)
    table.write_bytes(b"0" * 250_000)
    assert jobs_of(TEXT, PAPERS, "quick", tmp_path)[0].disk == 0.25


def test_the_report_says_what_is_a_benchmark_and_what_an_estimate(one_benchmark: Path) -> None:
    text = report(jobs_of(TEXT, PAPERS, "quick", one_benchmark), PAPERS, preset="quick", cores=2)
    lines = {line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]] for line in text.splitlines() if "|" in line}
    assert lines["nobody_walk"] == ["2", "0.0339", "0.0361", "300 MB", "2.0 MB", "benchmark of 1 jobs, estimate"]
    assert lines["nobody: figures, claims"][-1] == "estimate"
    assert lines["total"][0] == "3"
    assert "3 jobs, about 75 seconds on the 2 cores here" in text


def test_wall_time_is_at_least_that_of_the_longest_job() -> None:
    jobs = [Job("a", cpu=seconds, gpu=0, memory=1, disk=0, recorded=False) for seconds in (100.0, 10.0)]
    assert wall(jobs, 8) == wall(jobs, 2) > 100


def test_durations_are_told_in_a_fitting_unit() -> None:
    assert [in_words(seconds) for seconds in (30, 200, 9000, 400_000)] == ["30 seconds", "3.3 minutes", "2.5 hours", "4.6 days"]
