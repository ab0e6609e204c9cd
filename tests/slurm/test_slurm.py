"""The Slurm profile on a real Slurm of one node."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest

from repro import tables
from tests.slurm import cluster
from tests.slurm.conftest import ClusterProject
from tests.workflow.conftest import Project

pytestmark = [pytest.mark.slurm, pytest.mark.slow]

PAPERS = ["wu_last_iterate", "refinetti_autoencoders", "biggs_bounds"]
SMOKE = ("--config", "preset=smoke")
WALK = "results/paper-sample/demo/walk.parquet"


def data(folder: Path) -> dict[str, pd.DataFrame]:
    """Table → its data, `seconds` columns left out."""
    found = sorted(folder.rglob("*.parquet"))
    return {str(path.relative_to(folder)): tables.read(path).drop(columns="seconds", errors="ignore") for path in found}


def assert_same_data(one: Path, other: Path) -> None:
    mine, theirs = data(one), data(other)
    assert list(mine) == list(theirs)
    assert [name for name in mine if not mine[name].equals(theirs[name])] == []


def test_three_papers_give_the_tables_of_a_local_run(papers: ClusterProject) -> None:
    papers.configure(papers=PAPERS, presets={"here": {"extends": "smoke"}, "there": {"extends": "smoke"}})
    claims = [f"results/here/{paper}/claims.parquet" for paper in PAPERS]
    Project(papers.folder).run(*claims, "results/here/scorecard.md", "--config", "preset=here")
    papers.run("--config", "preset=there")
    assert_same_data(papers / "results/here", papers / "results/there")
    assert len(data(papers / "results/there")) > 20
    assert (papers / "results/there/index.html").is_file()
    assert {job["JobState"] for job in papers.jobs()} == {"COMPLETED"}
    assert papers.planned("--config", "preset=there") == set()
    assert not list((papers / "logs/slurm").rglob("*.log")), "Slurm's own log of a job that succeeded is removed"


def test_after_a_cancelled_job_a_drained_node_and_a_killed_snakemake_the_plain_command_goes_on(project: ClusterProject) -> None:
    project.edit("workflow/papers/demo/runs.yaml", "smoke: {n_seeds: 3}", "smoke: {n_seeds: 4, pause: 2.0}")
    project.configure(presets={"undisturbed": {"extends": "smoke", "params": {"demo": {"walk": {"pause": 0.0}}}}})
    log = project / "logs/smoke/demo/walk.log"
    with (project / "first.txt").open("w") as text:
        first = subprocess.Popen(
            project.command("results/smoke/demo/walk.parquet", *SMOKE),
            cwd=project.folder,
            env=project.environment(),
            stdout=text,
            stderr=text,
        )
    cluster.wait_until(lambda: log.is_file() and "start:" in log.read_text(), 30, "the walk has begun")
    cluster.call("scontrol", "update", "NodeName=localhost", "State=drain", "Reason=test")
    cluster.call("scancel", project.jobs()[0]["JobId"])
    cluster.wait_until(lambda: len(project.jobs()) == 2, 60, "the cancelled job is sent again")
    assert [job["JobState"] for job in project.jobs()] == ["CANCELLED", "PENDING"]
    first.kill()
    first.wait()
    cluster.call("scontrol", "update", "NodeName=localhost", "State=resume")
    project.run(*SMOKE)
    assert project.planned(*SMOKE) == set()
    cluster.wait_until(
        lambda: {job["JobState"] for job in project.jobs()} == {"CANCELLED", "COMPLETED"}, 30, "nothing is left in the queue"
    )
    Project(project.folder).run("results/undisturbed/demo/walk.parquet", "--config", "preset=undisturbed")
    walks = [data(project / f"results/{preset}/demo")["walk.parquet"] for preset in ("smoke", "undisturbed")]
    assert walks[0].equals(walks[1])


def test_a_job_that_needs_more_memory_than_it_asked_for_is_sent_again_with_more(project: ClusterProject) -> None:
    project.edit("workflow/papers/demo/runs.yaml", "pause: 0.0", "pause: 1.0")
    project.edit("scripts/demo/runs/walk.py", "    rows = []", '    ballast = b"x" * 450_000_000\n    rows = [][: len(ballast)]')
    project.run("results/smoke/demo/walk.parquet", *SMOKE)
    lost, done = project.jobs()
    assert (lost["MinMemoryNode"], done["MinMemoryNode"]) == ("600M", "900M")
    assert lost["JobState"] != "COMPLETED"
    assert done["JobState"] == "COMPLETED"
    assert list((project / "logs/slurm").rglob(f"{lost['JobId']}.log")), "Slurm's own log of a lost job is kept"


@pytest.mark.parametrize(("profile", "request_"), [([], "TresPerJob"), (["--profile", "profiles/gres"], "TresPerNode")])
def test_a_gpu_job_asks_for_a_gpu_and_sees_it(project: ClusterProject, profile: list[str], request_: str) -> None:
    project.edit("profiles/gres/config.yaml", "biggs_bounds_networks:", "demo_walk:")
    project.edit("workflow/papers/demo/runs.yaml", "n_seeds: 9, shards: 3", "n_seeds: 9")
    project.edit(
        "scripts/demo/runs/walk.py",
        "        j.write",
        '        import os, logging\n        logging.info(os.environ["CUDA_VISIBLE_DEVICES"])\n        j.write',
    )
    project.run(*profile, WALK, "--config", "preset=paper")
    (job,) = project.jobs()
    assert job[request_] == "gres:gpu:1"
    log = (project / "logs/paper-sample/demo/walk.log").read_text()
    assert "a GPU was granted and none is visible" in log or "paper-sample, cuda, 1 thread(s)" in log, "the request arrives at the script"
    assert "demo_walk: 0\n" in log, "device 0 is given to the job"


def test_jobs_take_the_choice_of_the_data_and_never_probe(project: ClusterProject) -> None:
    with counting_server() as (address, asked):
        project.edit("workflow/datasets.yaml", "http://127.0.0.1:9/", address)
        project.run("-n")
        probes = len(asked)
        assert probes > 0
        project.run("results/quick-sample/demo/brightness.parquet")
        assert len(asked) == 2 * probes, "once by the Snakemake that was started, never by a job"
    (job,) = project.jobs()
    assert job["JobState"] == "COMPLETED"


@contextmanager
def counting_server() -> Iterator[tuple[str, list[str]]]:
    """A mirror without any file, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        server.server_close()
