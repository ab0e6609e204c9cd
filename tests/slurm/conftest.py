"""A Slurm that lasts as long as its tests, and projects that send their jobs there."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.slurm import cluster
from tests.workflow.conftest import ROOT, Project
from tests.workflow.conftest import project as local_project  # noqa: F401 - a fixture

# There is no accounting here, and these jobs last seconds: look at them after 7 s instead of 20.
OPTIONS = ("--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "7", "--jobs", "8")


class ClusterProject(Project):
    """A scratch project whose Snakemake submits to Slurm."""

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", "--workflow-profile", "profiles/slurm", *OPTIONS, *arguments]

    def jobs(self) -> list[dict[str, str]]:
        """What Slurm knows of the jobs of this project, in the order of submission."""
        known = [cluster.details(number) for number in sorted(cluster.states(), key=int)]
        return [job for job in known if job["WorkDir"] == str(self.folder)]


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A running Slurm of one node."""
    with cluster.running(tmp_path_factory.mktemp("slurm")):
        yield


@pytest.fixture
def project(slurm: None, local_project: Project) -> Iterator[ClusterProject]:  # noqa: F811 - a fixture
    """The demo paper on the cluster; whatever a test leaves in the queue is cancelled."""
    yield ClusterProject(local_project.folder)
    cluster.clear()


@pytest.fixture
def papers(slurm: None, tmp_path: Path) -> Iterator[ClusterProject]:
    """The project as it is, on the cluster."""
    folder = tmp_path / "project"
    for name in ("profiles", "repro", "envs", "workflow", "scripts"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Snakefile", "config.yaml"):
        shutil.copy2(ROOT / name, folder / name)
    yield ClusterProject(folder)
    cluster.clear()
