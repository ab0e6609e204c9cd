"""What happens to long runs: kills, Ctrl-C, full disks, wrong clocks. Afterwards the plain command finishes, with the same data."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from repro import tables
from tests.workflow.conftest import Project, data_of, scratch, tiny_mirror

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

WALK = "results/quick/demo/walk.parquet"
WALK_LOG = "logs/quick/demo/walk.log"
ONE_TABLE = ("results/smoke/demo/walk.parquet", "--config", "preset=smoke")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Data of a run that nothing happens to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    project = scratch(folder / "project")
    project.mirror = tiny_mirror(folder / "mirror")
    project.run()
    return data_of(project)


@pytest.fixture
def project(project: Project, mirror: Path) -> Project:
    """The demo on real data."""
    project.mirror = mirror
    return project


def _heed() -> None:
    """What runs in the background, or under nohup, hands its deafness on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def start(project: Project, *arguments: str) -> subprocess.Popen:
    """Snakemake in a session of its own that heeds signals, as a terminal would have it; what it prints is in `printed`."""
    heedful = {"start_new_session": True, "preexec_fn": _heed}
    with (project / "printed").open("a") as text:
        return subprocess.Popen(
            project.command(*arguments), cwd=project.folder, env=project.environment(), stdout=text, stderr=text, **heedful
        )


def let_walks_wait(project: Project) -> None:
    """Let the walks wait until there is a file called `go`."""
    project.edit("scripts/demo/runs/walk.py", "import time\n", "import time\nfrom pathlib import Path\n")
    project.edit("scripts/demo/runs/walk.py", 'time.sleep(p["pause"])', 'while not Path("go").exists():\n            time.sleep(0.1)')


@contextmanager
def walking(project: Project) -> Iterator[subprocess.Popen]:
    """A run in the middle of its walks, which wait for `go`; what still runs at the end is killed."""
    (project / "go").unlink(missing_ok=True)
    log = project / "logs/smoke/demo/walk.log"
    log.unlink(missing_ok=True)
    process = start(project, *ONE_TABLE)
    try:
        wait_until(lambda: log.is_file() and "start: " in log.read_text())
        yield process
    finally:
        (project / "go").touch()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until(true: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def strike(project: Project, names: Iterable[str], blow: str) -> None:
    """Let the writers of some files deal a blow, each once, when the file is whole and has not yet its name."""
    once = f"""mark = Path("struck." + path.name)
                if path.name in {tuple(names)!r} and not mark.exists():
                    mark.touch()
                    {blow}
                temporary.replace(path)"""
    project.edit("repro/files.py", "temporary.replace(path)", once)


def struck(project: Project) -> set[str]:
    return {mark.name.removeprefix("struck.") for mark in project.folder.glob("struck.*")}


def unfinished(project: Project) -> list[str]:
    """Hidden files that no run should leave."""
    found = [path for folder in ("results", "data", "logs") for path in (project / folder).rglob(".*") if path.name != ".lock"]
    return sorted(path.name for path in found)


def finishes(project: Project, undisturbed: dict[str, str]) -> None:
    """The plain command ends well, with the data of an undisturbed run, leaves nothing lying about, and has nothing more to do."""
    project.run()
    assert data_of(project) == undisturbed
    assert unfinished(project) == []
    assert project.planned() == set()


# Fetched, decoded, computed, drawn, judged, published.
MOMENTS = ("sources.json", "train_images.npy", "walk.parquet", "fig1.pdf", "claims.parquet", "index.html")


def test_a_kill_of_everything_in_the_middle_of_each_kind_of_write_is_survived(project: Project, undisturbed: dict[str, str]) -> None:
    strike(project, MOMENTS, "os.killpg(0, 9)")
    for _ in MOMENTS:
        before = struck(project)
        assert start(project).wait() == -signal.SIGKILL
        (name,) = struck(project) - before
        assert not [path for folder in ("results", "data") for path in (project / folder).rglob(name)], "half a file has its name"
        assert [left for left in unfinished(project) if left.startswith(f".{name}.")]
    assert struck(project) == set(MOMENTS)
    finishes(project, undisturbed)


def test_a_killed_worker_is_told_and_the_others_go_on(project: Project, undisturbed: dict[str, str]) -> None:
    strike(project, ["walk.parquet"], "os.kill(os.getpid(), 9)")
    text = project.run(ok=False)
    assert f"{WALK_LOG}: ended without a word: killed from outside" in text
    assert (project / "results/quick/demo/fig2.pdf").is_file()
    finishes(project, undisturbed)


def test_what_a_killed_snakemake_was_making_never_replaces_what_the_next_run_makes(project: Project) -> None:
    let_walks_wait(project)
    with walking(project) as process:
        process.kill()
        process.wait()
        wait_until(lambda: not at_work(project))
    project.edit("workflow/papers/demo/runs.yaml", "n_steps: 5", "n_steps: 6")
    project.run(*ONE_TABLE)
    assert tables.read(project / ONE_TABLE[0])["step"].max() == 6
    assert unfinished(project) == []


def at_work(project: Project) -> list[Path]:
    """Processes that work in the project's folder."""
    return [entry for entry in Path("/proc").glob("[0-9]*/cwd") if is_of(entry, project)]


def is_of(entry: Path, project: Project) -> bool:
    """Whether a process works in the project's folder."""
    try:
        return entry.readlink() == project.folder
    except OSError:
        return False


def test_ctrl_c_a_time_limit_and_a_closed_terminal_are_survived(project: Project) -> None:
    let_walks_wait(project)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with walking(project) as process:
            os.killpg(process.pid, number)
            assert process.wait(timeout=100) != 0
        text = (project / "printed").read_text()
        assert "Traceback" not in text, number
        if number != signal.SIGHUP:
            assert f"demo_walk: failed: stopped from outside ({number.name}). Run again: what is finished is kept." in text
        assert not (project / ONE_TABLE[0]).exists()
    project.run(*ONE_TABLE)
    assert len(tables.read(project / ONE_TABLE[0])) == 15
    assert unfinished(project) == []


def test_the_run_goes_on_when_the_shell_that_started_it_is_killed(project: Project) -> None:
    let_walks_wait(project)
    command = ["bash", "-c", '"$0" "$@"; true', *project.command(*ONE_TABLE)]
    shell = subprocess.Popen(command, cwd=project.folder, env=project.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until((project / "logs/smoke/demo/walk.log").is_file)
    shell.kill()
    shell.wait()
    time.sleep(2)  # a worker that took the shell for its Snakemake would have stopped by now
    (project / "go").touch()
    wait_until(lambda: not at_work(project))
    assert len(tables.read(project / ONE_TABLE[0])) == 15
