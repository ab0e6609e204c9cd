"""What Snakemake's user reads: before, during and after a run."""

import subprocess
import sys

import pytest

from tests.workflow.conftest import Project

pytestmark = pytest.mark.workflow

SMOKE = ("--config", "preset=smoke")
HOUSEKEEPING = ("Select jobs", "Execute ", "Finished jobid", "steps (", "localrule ", " start: ", " done: ", "Job stats")


def test_a_run_tells_its_cost_each_job_in_a_line_and_where_things_are(project: Project) -> None:
    text = project.run(*SMOKE)
    lines = text.splitlines()
    assert sum(line.startswith("smoke · sample data · 8 jobs · about 0:") and line.endswith(" on 2 cores") for line in lines) == 1
    told = [line for line in lines if " % · " in line]
    assert len(told) == 8
    assert sum("Nobody, Companion A: results/smoke/demo/fig1.pdf" in line for line in told) == 1
    assert sum("Nobody: Evidence: none of 2 claims judged." in line for line in told) == 1
    assert told[-1].startswith("100 % · ")
    assert [word for word in HOUSEKEEPING if word in text] == []
    assert "Page: results/smoke/index.html" in text
    kept = "".join(path.read_text() for path in (project / ".snakemake/log").glob("*.log"))
    assert [word for word in HOUSEKEEPING if word not in kept] == [" start: ", " done: "]
    assert "demo_walk: done: " in (project / "logs/smoke/demo/walk.log").read_text()
    assert "Nothing to be done" in project.run(*SMOKE)


@pytest.mark.parametrize("option", ["--verbose", "--quiet=rules", "--printshellcmds", "-n"])
def test_whoever_chooses_what_to_see_gets_snakemakes_words(project: Project, option: str) -> None:
    text = project.run("demo", option, *SMOKE)
    assert " % · " not in text
    assert "Job stats" in text


def test_the_scheduler_is_asked_once_for_every_job_that_ends(project: Project) -> None:
    text = project.run("--verbose", "--cores", "1", *SMOKE)
    assert "Resources before job selection" in text
    assert text.count("Resources before job selection") <= 10  # for 8 jobs; with Snakemake's own limit of jobs a second it is 160


def test_one_paper_gets_its_page_and_only_that(project: Project) -> None:
    text = project.run("demo", *SMOKE)
    assert "Page: results/smoke/demo.html" in text
    assert (project / "results/smoke/demo.html").is_file()
    assert not (project / "results/smoke/index.html").exists()


def test_one_figure_is_named_and_works_without_data(project: Project) -> None:
    text = project.run("results/quick/demo/fig1.pdf", ok=False)
    assert "It writes to results/quick-sample: ask for 'results/quick-sample/demo/fig1.pdf'." in text
    text = project.run("results/quick-sample/demo/fig1.pdf")
    assert "\nMade:\n  results/quick-sample/demo/fig1.pdf\n\n" in text


@pytest.mark.parametrize(
    ("target", "near"), [("dmo", "demo"), ("results/smoke/demo/fgi2.pdf", "results/smoke/demo/fig2.pdf"), ("demo_clams", "demo_claims")]
)
def test_a_misspelt_target_is_one_line_with_the_nearest(project: Project, target: str, near: str) -> None:
    text = project.run(target, "-n", *SMOKE, ok=False)
    assert f"'{target}' is nothing that this run makes. Did you mean '{near}'?" in text.splitlines()


def test_a_report_before_a_run_says_so_in_one_line(project: Project) -> None:
    text = project.run("--report", "report.zip", *SMOKE, ok=False)
    last = text.strip().splitlines()[-1]
    assert last.startswith("No report before a run: results/smoke/demo/fig")
    assert last.endswith(" is not there. Run the same command without --report first.")
    assert "Missing metadata" not in text
    assert "Traceback" not in text


def test_a_folder_whose_name_the_shell_would_read_is_no_hindrance(project: Project) -> None:
    folder = project.folder.parent / "My Project (v1) & 'more'"
    project.folder.rename(folder)
    (folder / ".venv").symlink_to(sys.prefix)
    command = [folder / ".venv/bin/python", *project.command("results/smoke/demo/fig1.pdf", *SMOKE)[1:]]
    done = subprocess.run(command, cwd=folder, env=project.environment(), capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "results/smoke/demo/fig1.pdf").is_file()


def test_last_words_end_well_on_a_terminal_without_unicode(project: Project) -> None:
    environment = project.environment() | {"PYTHONIOENCODING": "ascii"}
    command = project.command("demo", *SMOKE)
    done = subprocess.run(command, cwd=project.folder, env=environment, capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
