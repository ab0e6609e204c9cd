"""The workflows for GitHub's runners: what can be checked without one (their schema is part of `make check`)."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from repro.settings import ROOT

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def steps(file: Path) -> list[dict[str, Any]]:
    return [step for job in yaml.safe_load(file.read_text())["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_make_target_and_module_that_is_run_exists(file: Path) -> None:
    commands = "\n".join(step.get("run", "") for step in steps(file))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", commands)) <= targets
    modules = re.findall(r"-m ([\w.]+)", commands)
    assert [name for name in modules if not (ROOT / f"{name.replace('.', '/')}.py").is_file()] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_actions_are_pinned_by_major_version(file: Path) -> None:
    used = [step["uses"] for step in steps(file) if "uses" in step]
    assert [name for name in used if not re.fullmatch(r"actions/[a-z-]+(/[a-z]+)?@v\d+", name)] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_superseded_run_is_cancelled_and_may_only_read_what_it_need_not_write(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text())
    assert workflow["concurrency"]["cancel-in-progress"] is True
    assert workflow["permissions"] == {"contents": "read"}
    writing = {name: set(job["permissions"]) for name, job in workflow["jobs"].items() if "permissions" in job}
    assert all(scopes <= {"pages", "id-token", "pull-requests"} for scopes in writing.values())
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


def test_the_nightly_run_restores_what_keeps_unchanged_code_from_running_again() -> None:
    kept = [step["with"]["path"].split() for step in steps(ROOT / ".github/workflows/figures.yml") if "cache/" in step.get("uses", "")]
    assert kept == [["results", "logs", ".snakemake/metadata"]] * 2


def test_known_holes_are_reported_and_stop_nothing() -> None:
    job = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]["audit"]
    assert job["continue-on-error"] is True
    assert "pip-audit --requirement requirements.lock" in job["steps"][-1]["run"]
