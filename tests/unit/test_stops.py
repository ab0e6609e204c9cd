"""What ends a job from outside."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from repro.stops import caller, stoppable

# As a script of ours: a job that writes for a minute, its parent a shell, the shell's parent what stands in for Snakemake.
JOB = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
from repro.files import atomic
from repro.job import job
folder = Path(sys.argv[1])
told = SimpleNamespace(output=[str(folder / "out")], log=[str(folder / "log")], threads=1, rule="p_run", resources={}, input={}, params={})
with job(told), atomic(folder / "out") as temporary:
    temporary.write_text("half")
    (folder / "ready").touch()
    time.sleep(60)
"""
SNAKEMAKE = """
import subprocess, sys
subprocess.run(["bash", "-c", "set -e; \\"$0\\" -c \\"$1\\" \\"$2\\"; true", sys.executable, sys.argv[1], sys.argv[2]])
"""


def heed(number: signal.Signals) -> Callable[[], object]:
    """In a child: a signal that the shell around the tests may have told them to ignore."""
    return lambda: signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def appears(path: Path, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if path.exists():
            return True
        time.sleep(0.02)
    return False


def ends_with(path: Path, words: str, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if words in path.read_text():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_job_with_one_line_and_nothing_half_written(tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, "-c", JOB, tmp_path], stderr=subprocess.PIPE, text=True, preexec_fn=heed(number))
    assert appears(tmp_path / "ready")
    process.send_signal(number)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"p_run: failed: stopped from outside ({number.name}). Run again: what is finished is kept.\n" in told
    assert "Traceback" not in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "ready"]
    assert "failed: stopped from outside" in (tmp_path / "log").read_text()


def test_a_job_in_the_background_does_not_hear_the_ctrl_c_that_is_meant_for_others(tmp_path: Path) -> None:
    ignore = lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)  # noqa: E731 - as a shell does for what it puts into the background
    process = subprocess.Popen([sys.executable, "-c", JOB, tmp_path], stderr=subprocess.DEVNULL, preexec_fn=ignore)
    assert appears(tmp_path / "ready")
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None
    process.terminate()
    assert process.wait(timeout=20) == 1


def test_a_job_whose_snakemake_was_killed_stops_and_writes_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", SNAKEMAKE, JOB, tmp_path], stderr=subprocess.DEVNULL)
    assert appears(tmp_path / "ready")
    process.kill()
    process.wait()
    assert ends_with(tmp_path / "log", "failed: stopped from outside")
    assert "the Snakemake that waited for this job is gone" in (tmp_path / "log").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "ready"]


def test_the_caller_is_who_started_the_shell_around_a_job() -> None:
    code = "from repro.stops import caller; print(caller())"
    for command in ([sys.executable, "-c", code], ["bash", "-c", f"'{sys.executable}' -c '{code}'; true"]):
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == str(os.getpid())


def test_without_proc_no_job_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repro.stops._about", lambda _: (_ for _ in ()).throw(FileNotFoundError()))
    assert caller() == 0
    with stoppable(every=0.01):
        time.sleep(0.1)


def test_handlers_are_as_before_when_a_job_is_over() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with stoppable():
        assert signal.getsignal(signal.SIGTERM) != before[0]
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_a_job_in_a_thread_is_let_be() -> None:
    ran = []

    def body() -> None:
        with stoppable():
            ran.append(True)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert ran == [True]
