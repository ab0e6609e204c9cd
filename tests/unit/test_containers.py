"""Container recipes: what they copy is there, and they set up what the lock file and the conda files pin."""

import json
import re
import subprocess

import pytest
import yaml

from repro.settings import ROOT

DOCKERFILE = (ROOT / "containers" / "Dockerfile").read_text()
DEFINITION = (ROOT / "containers" / "apptainer.def").read_text()

# What a run or a test in a container does without.
LEFT_OUT = {
    ".ci",
    "benchmarks",
    ".dockerignore",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "results",
}


def instructions() -> list[tuple[str, str]]:
    """(instruction, argument) of every line of the Dockerfile."""
    lines = [line for line in DOCKERFILE.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0], line.partition(" ")[2]) for line in lines]


def sections() -> dict[str, list[str]]:
    """Section of the Apptainer definition → its lines; the header under ""."""
    found: dict[str, list[str]] = {"": []}
    for line in DEFINITION.splitlines():
        if line.startswith("%"):
            found[line] = []
        elif line.strip() and not line.startswith("#"):
            found[list(found)[-1]].append(line.strip())
    return found


def test_the_dockerfile_has_known_instructions_only_and_begins_with_its_base() -> None:
    words = [word for word, _ in instructions()]
    assert set(words) <= {"FROM", "RUN", "WORKDIR", "ARG", "COPY", "VOLUME", "CMD"}
    assert words[0] == "FROM"


def test_both_recipes_start_from_the_python_of_the_conda_files() -> None:
    pins = yaml.safe_load((ROOT / "envs" / "cpu.yaml").read_text())["dependencies"]
    image = f"python:{pins[0].removeprefix('python=')}-slim"
    assert instructions()[0] == ("FROM", image)
    assert sections()[""] == ["Bootstrap: docker", f"From: {image}"]


def test_what_the_recipes_copy_is_there() -> None:
    sources = [name for word, argument in instructions() if word == "COPY" for name in argument.split()[:-1]]
    assert {"requirements.lock", "requirements-dev.lock"} <= set(sources)
    sources += [line.split()[0] for line in sections()["%files"]]
    assert [name for name in sources if not (ROOT / name).exists()] == []


def test_the_apptainer_recipe_copies_all_that_is_versioned_but_what_runs_do_without() -> None:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout:
        pytest.skip("not a git repository")
    versioned = {line.split("/")[0] for line in done.stdout.splitlines()}
    assert versioned - LEFT_OUT <= {line.split()[0] for line in sections()["%files"]}


def test_the_commands_of_the_recipes_exist() -> None:
    targets = set(re.findall(r"^([\w./]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    command = json.loads(dict(instructions())["CMD"])
    assert command == ["make", "figures"]
    asked = re.findall(r"make ([\w./]+)", "\n".join([DOCKERFILE.replace("git make &&", ""), *sections()["%post"]]))
    assert {"figures", ".venv/dev"} <= targets
    assert {name for name in asked if name.startswith(".venv")} == {".venv/dev"}


def test_what_results_were_made_of_is_kept_with_them() -> None:
    kept = {f"/pipeline/{name}" for name in ("data", "results", "logs", ".snakemake")}
    assert set(json.loads(dict(instructions())["VOLUME"])) == kept


def test_nothing_generated_goes_into_an_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "data", "results/*", ".snakemake"} <= set(ignored)
