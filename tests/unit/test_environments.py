"""One set of versions: the conda files follow the lock file."""

import re

import pytest
import yaml

from repro.settings import ROOT


def pins(file: str) -> dict[str, str]:
    """Package → pinned version."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / file).read_text().lower().replace("_", "-"), re.MULTILINE))


LOCK, DEV = pins("requirements.lock"), pins("requirements-dev.lock")


@pytest.mark.parametrize("file", ["cpu.yaml", "gpu.yaml"])
def test_conda_environments_pin_what_the_lock_pins(file: str) -> None:
    pins = [pin.split("=") for pin in yaml.safe_load((ROOT / "envs" / file).read_text())["dependencies"]]
    for name, version, *_ in pins:
        if name != "python":
            assert LOCK[{"pytorch": "torch"}.get(name, name)] == version, name


@pytest.mark.parametrize(("file", "lock"), [("requirements.in", LOCK), ("requirements-dev.in", DEV)])
def test_every_direct_requirement_is_locked(file: str, lock: dict[str, str]) -> None:
    direct = [line for line in (ROOT / file).read_text().lower().splitlines() if line and not line.startswith("#")]
    assert direct
    assert [name for name in direct if re.split("[=<>]", name)[0] not in lock] == []


def test_tools_of_development_are_not_in_a_users_environment() -> None:
    assert set(DEV) & set(LOCK) == set()
    assert {"pytest", "ruff", "mypy"} <= set(DEV)


def test_the_lock_names_one_torch_for_cpu_and_gpu() -> None:
    assert "+" not in LOCK["torch"]


@pytest.mark.parametrize("profile", ["default", "gpu"])
def test_every_embedded_sample_is_small_enough_to_be_compared_by_content(profile: str) -> None:
    limit = yaml.safe_load((ROOT / "profiles" / profile / "config.yaml").read_text())["max-checksum-file-size"]
    sizes = [path.stat().st_size for path in (ROOT / "workflow" / "samples").glob("*.npz")]
    assert max(sizes) < int(limit.removesuffix("MB")) * 1e6


@pytest.mark.parametrize("profile", ["default", "gpu", "slurm"])
def test_no_profile_chooses_jobs_with_a_solver_that_writes_files(profile: str) -> None:
    assert yaml.safe_load((ROOT / "profiles" / profile / "config.yaml").read_text())["scheduler"] == "greedy"
