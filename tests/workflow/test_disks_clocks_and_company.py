"""Full and read-only disks, wrong clocks, and another run at the same time."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from repro import tables
from tests.workflow.conftest import Project
from tests.workflow.test_interruptions import let_walks_wait, unfinished, walking

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

SMOKE = ("--config", "preset=smoke")
WALK, BRIGHTNESS = (f"results/smoke/demo/{name}.parquet" for name in ("walk", "brightness"))


@pytest.fixture
def disk(project: Project) -> Iterator[Path]:
    """The folder of results, on a disk of its own of 300 kB."""
    folder = project / "results"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", folder], check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)


def test_a_full_disk_fails_what_does_not_fit_and_keeps_the_rest(project: Project, disk: Path) -> None:
    project.edit("workflow/papers/demo/runs.yaml", "n_steps: 5", "n_steps: 50000")
    text = project.run(WALK, BRIGHTNESS, *SMOKE, ok=False)
    assert f"demo_walk: failed: OSError: {WALK}: no space is left there. Free some and run again" in text
    assert (project / BRIGHTNESS).is_file()
    assert unfinished(project) == []
    remount(disk, "size=60m")
    project.run(WALK, BRIGHTNESS, *SMOKE)
    assert len(tables.read(project / WALK)) == 150_000


def test_a_read_only_results_folder_is_one_line(project: Project, disk: Path) -> None:
    remount(disk, "ro")
    text = project.run(BRIGHTNESS, *SMOKE, ok=False)
    assert "Traceback" not in text
    assert "results/smoke" in text.strip().splitlines()[-1]
    remount(disk, "rw")
    project.run(BRIGHTNESS, *SMOKE)


def test_data_from_the_future_do_not_make_every_run_begin_anew(project: Project, mirror: Path) -> None:
    project.edit("profiles/default/config.yaml", "max-checksum-file-size: 8MB", "max-checksum-file-size: 0")  # as for the real, large files
    project.mirror = mirror
    table = "results/quick/demo/brightness.parquet"
    project.run(table)
    tomorrow = time.time() + 86400
    for file in (project / "data/real/mnist").iterdir():
        os.utime(file, (tomorrow, tomorrow))
    assert "were dated in the future and have today's date now." in project.run(table)
    assert "demo_brightness" not in project.planned()


def test_a_second_run_of_the_same_is_refused_and_does_not_disturb_the_first(project: Project) -> None:
    let_walks_wait(project)
    with walking(project) as first:
        text = project.run(BRIGHTNESS, WALK, *SMOKE, ok=False)
        last = text.strip().splitlines()[-1]
        assert last.startswith("Another run is at work here on the same (smoke, demo): wait until it has ended, or stop it.")
        assert "Traceback" not in text
        assert not (project / BRIGHTNESS).exists()
        (project / "go").touch()
        assert first.wait(timeout=120) == 0
    assert len(tables.read(project / WALK)) == 15


def test_after_a_killed_run_the_next_one_is_not_refused(project: Project) -> None:
    let_walks_wait(project)
    with walking(project) as first:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    project.run(WALK, *SMOKE)
