"""What make hands on, whatever the user's machine and words are like. Nothing is run: make -n."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from repro.settings import ROOT

CACHES = ("XDG_CACHE_HOME", "MPLCONFIGDIR")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def printed(*words: str, **environment: str) -> str:
    """What make prints, the same whether or not another make runs these tests."""
    own = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", *CACHES)}
    done = subprocess.run(["make", *words], cwd=ROOT, env=own | environment, capture_output=True, text=True, check=True)
    return done.stdout


def make(*words: str) -> str:
    """What `make -n` would run."""
    return printed("--dry-run", "--assume-old=.venv/ready", *words)


@pytest.mark.parametrize(
    ("options", "handed"),
    [
        ("", "--config preset=quick"),
        ("--config seed_offset=1000", "--config preset=quick seed_offset=1000"),
        ("-C papers=wu_last_iterate", "--config preset=quick papers=wu_last_iterate"),
        ("--config preset=smoke", "--config preset=quick preset=smoke"),  # Snakemake takes the last
        ("wu_last_iterate --forceall", "wu_last_iterate --forceall --config preset=quick"),
    ],
)
def test_configuration_of_the_user_joins_the_preset(options: str, handed: str) -> None:
    assert " ".join(make("figures", f"OPTIONS={options}").split()).endswith(f"-m snakemake {handed}")


def test_pip_installs_into_the_environment_though_the_user_prefers_her_home() -> None:
    installs = re.findall(r"^\t.*\$\(RUN\) pip install.*", MAKEFILE, re.MULTILINE)
    assert len(installs) == 2
    assert all(line.startswith("\tPIP_USER=0 ") for line in installs)


def test_an_environment_is_used_by_its_python_so_that_a_moved_project_finds_it() -> None:
    assert re.findall(r"\$\(BIN\)/(?!python|ruff)\w+", MAKEFILE) == [], "a console script holds the path it was installed to"


def caches(home: Path) -> list[str]:
    """Folders of the caches that make hands to what it runs; empty ones are left to the programs."""
    return printed("--eval=show:; @echo $$XDG_CACHE_HOME $$MPLCONFIGDIR", "show", HOME=str(home)).split()


def test_a_home_that_cannot_be_written_moves_caches_into_the_project(tmp_path: Path) -> None:
    assert caches(Path("/proc/nowhere")) == [f"{ROOT}/.snakemake/cache", f"{ROOT}/.snakemake/cache/matplotlib"]
    assert caches(tmp_path) == []


def test_an_old_python_is_refused_with_the_way_out() -> None:
    assert "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" in MAKEFILE
