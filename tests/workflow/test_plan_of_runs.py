"""What `make plan` and `make why` tell before and after a run."""

import subprocess
import sys

import pytest

from tests.workflow.conftest import Project

pytestmark = pytest.mark.workflow


def plan(project: Project, preset: str, *options: str) -> dict[str, list[str]]:
    """Rule or paper → cells of its row."""
    command = [sys.executable, "-m", "scripts.publish.plan", preset, *options]
    done = subprocess.run(command, cwd=project.folder, env=project.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines() if line.startswith("|")]
    return {row[0]: row[1:] for row in rows}


def test_the_published_scale_is_priced_by_the_papers_estimates_before_any_run(project: Project) -> None:
    assert plan(project, "paper")["demo"][0] == "8", "three shards and their gathering, a run, two figures, the claims"
    found = plan(project, "paper", "--rules")
    n_jobs, cpu_hours, gpu_hours, _, disk, basis = found["demo_walk"]
    assert (n_jobs, cpu_hours, gpu_hours, disk, basis) == ("3", "2", "2", "3.0 MB", "estimated")
    assert found["demo_brightness"][2] == "–"
    assert found["demo: figures, claims"][0] == "4", "two figures, the claims, the gathered shards"
    assert found["data"][0] == "2", "fetched and decoded, though no mirror answers"


def test_after_a_run_what_its_jobs_measured_takes_the_place_of_the_estimates(project: Project, finished: Project) -> None:
    before = plan(project, "smoke", "--rules")
    after = plan(finished, "smoke", "--rules")
    assert before["demo_walk"][-1] == "estimated"
    assert after["demo_walk"][-1] == after["demo: figures, claims"][-1] == "measured"
    assert after["total"][0] == before["total"][0]


def test_a_preset_of_ones_own_is_priced_like_the_one_it_extends(project: Project) -> None:
    project.configure(presets={"wide": {"extends": "paper", "params": {"demo": {"walk": {"shards": 9}}}}})
    assert plan(project, "wide", "--rules")["demo_walk"][:2] == ["9", "2"]


def test_a_misspelt_preset_is_one_line(project: Project) -> None:
    command = [sys.executable, "-m", "scripts.publish.plan", "qick"]
    done = subprocess.run(command, cwd=project.folder, env=project.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "config: preset: 'qick' is not one of smoke, quick, paper. Did you mean 'quick'?"


def why(project: Project) -> list[str]:
    command = [sys.executable, "-m", "scripts.publish.why", "smoke"]
    done = subprocess.run(command, cwd=project.folder, env=project.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_why_names_the_file_that_moved_and_what_follows(project: Project, finished: Project) -> None:
    assert any(line.startswith("demo_walk ") and "not there: results/smoke/demo/walk.parquet" in line for line in why(project))
    assert why(finished) == ["Nothing to be done."]
    finished.edit("scripts/demo/model.py", "np.cumsum(", "2 * np.cumsum(")
    first, walk, *others = why(finished)
    assert first.startswith("5 jobs, about ")
    assert walk.split(maxsplit=2)[::2] == ["demo_walk", "code changed: scripts/demo/model.py"]
    assert {line.split()[0] for line in others if "follows" in line} == {"demo_fig1", "demo_claims", "scorecard", "gallery"}
