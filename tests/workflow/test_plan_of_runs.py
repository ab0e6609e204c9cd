"""What `make plan` tells before and after a run."""

import subprocess
import sys

import pytest

from tests.workflow.conftest import Project

pytestmark = pytest.mark.workflow


def plan(project: Project, preset: str) -> dict[str, list[str]]:
    """Rule → cells of its row."""
    command = [sys.executable, "-m", "scripts.publish.plan", preset]
    done = subprocess.run(command, cwd=project.folder, env=project.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines() if line.startswith("|")]
    return {row[0]: row[1:] for row in rows}


def test_the_published_scale_is_priced_by_the_papers_estimates_before_any_run(project: Project) -> None:
    found = plan(project, "paper")
    n_jobs, cpu_hours, gpu_hours, _, disk, basis = found["demo_walk"]
    assert (n_jobs, cpu_hours, gpu_hours, disk, basis) == ("3", "2", "2", "3.0 MB", "estimate")
    assert found["demo_brightness"][2] == "–"
    assert found["demo: figures, claims"][0] == "4", "two figures, the claims, the gathered shards"
    assert found["data"][0] == "2", "fetched and decoded, though no mirror answers"


def test_after_a_run_its_benchmarks_take_the_place_of_the_estimates(project: Project) -> None:
    project.edit("workflow/papers/demo/runs.yaml", "smoke: {n_seeds: 3}", "smoke: {n_seeds: 3, pause: 0.2}")
    before = plan(project, "smoke")
    project.run("--config", "preset=smoke")
    after = plan(project, "smoke")
    assert before["demo_walk"][-1] == "estimate"
    assert after["demo_walk"][-1] == "benchmark"
    assert after["total"][0] == before["total"][0]


def test_a_preset_of_ones_own_is_priced_like_the_one_it_extends(project: Project) -> None:
    project.configure(presets={"wide": {"extends": "paper", "params": {"demo": {"walk": {"shards": 9}}}}})
    assert plan(project, "wide")["demo_walk"][:2] == ["9", "2"]


def test_a_misspelt_preset_is_one_line(project: Project) -> None:
    command = [sys.executable, "-m", "scripts.publish.plan", "qick"]
    done = subprocess.run(command, cwd=project.folder, env=project.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "config: preset: 'qick' is not one of smoke, quick, paper. Did you mean 'quick'?"
