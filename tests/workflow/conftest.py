"""A scratch project to run Snakemake in: this repository with the demo paper in place of the fifteen."""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from repro import tables
from repro.fingerprint import KEPT

ROOT = Path(__file__).resolve().parents[2]
DEMO = Path(__file__).parent / "demo"
SHARED = ("Snakefile", "config.yaml", "profiles", "repro", "envs", "workflow", "scripts/publish", "scripts/datasets")


class Project:
    """A copy of the project in a folder of its own, and the Snakemake that runs there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mirror: Path | str | None = None

    def __truediv__(self, path: str) -> Path:
        return self.folder / path

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]

    def environment(self) -> dict[str, str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("DATASET_", "REPRO_", "PYTEST_"))}
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        if self.mirror is not None:
            environment["DATASET_MIRROR"] = str(self.mirror)
        return environment

    def run(self, *arguments: str, ok: bool = True) -> str:
        """Run Snakemake to its end and return all it printed; `ok` says whether it must succeed."""
        done = subprocess.run(
            self.command(*arguments), cwd=self.folder, env=self.environment(), capture_output=True, text=True, check=False, timeout=900
        )
        text = done.stdout + done.stderr
        assert (done.returncode == 0) == ok, text
        return text

    def planned(self, *arguments: str) -> set[str]:
        """Names of the rules that a run would execute."""
        text = self.run("-n", "--quiet", "rules", *arguments)
        return {line.split()[0] for line in text.splitlines() if len(line.split()) == 2 and line.split()[1].isdigit()} - {"job", "total"}

    def configure(self, **keys: object) -> None:
        """Set keys of config.yaml (nested values given on the command line would arrive as text)."""
        path = self / "config.yaml"
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | keys))

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace text in a file that must contain it."""
        text = (self / path).read_text()
        assert old in text, f"{path} does not contain {old!r}"
        (self / path).write_text(text.replace(old, new))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh scratch project without any mirror, canonical servers out of reach."""
    return scratch(tmp_path / "project")


@pytest.fixture(scope="session")
def after_smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a scratch project whose smoke preset has run to its end, for `finished` to copy."""
    project = scratch(tmp_path_factory.mktemp("after_smoke") / "project")
    project.run("--config", "preset=smoke")
    return project.folder


@pytest.fixture
def finished(after_smoke: Path, tmp_path: Path) -> Project:
    """A project whose smoke preset has run to its end."""
    return Project(shutil.copytree(after_smoke, tmp_path / "finished", symlinks=True))


def scratch(folder: Path) -> Project:
    """A scratch project in a folder that is made."""
    for name in SHARED:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    for paper in (folder / "workflow" / "papers").iterdir():
        shutil.rmtree(paper)
        (folder / "workflow" / "rules" / f"{paper.name}.smk").unlink(missing_ok=True)
    shutil.copytree(DEMO, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    if (ROOT / KEPT).is_file():  # by hashes of texts, so that an old one does no harm
        (folder / KEPT.parent).mkdir()
        shutil.copy2(ROOT / KEPT, folder / KEPT)
    tiny_datasets(folder)
    return Project(folder)


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A folder mirror with a good copy of the tiny MNIST that the scratch project expects."""
    return tiny_mirror(tmp_path / "mirror")


def tiny_mirror(folder: Path) -> Path:
    """A folder that is made a mirror of the tiny MNIST."""
    (folder / "mnist").mkdir(parents=True)
    for name, content in tiny_mnist().items():
        (folder / "mnist" / f"{name}.gz").write_bytes(gzip.compress(content))
    return folder


def data_of(project: Project) -> dict[str, str]:
    """Table → its data as text, `seconds` columns left out."""
    found = sorted((project / "results").rglob("*.parquet"))
    return {
        str(path.relative_to(project.folder)): tables.read(path).drop(columns="seconds", errors="ignore").to_json(double_precision=15)
        for path in found
        if "shard" not in path.name
    }


def tiny_mnist() -> dict[str, bytes]:
    """The four IDX members of an MNIST with 20 + 10 images."""
    rng = np.random.default_rng(0)
    members = {}
    for split, n in (("train", 20), ("t10k", 10)):
        images = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
        labels = np.arange(n, dtype=np.uint8) % 10
        members[f"{split}-images-idx3-ubyte"] = b"".join(k.to_bytes(4, "big") for k in (2051, n, 28, 28)) + images.tobytes()
        members[f"{split}-labels-idx1-ubyte"] = b"".join(k.to_bytes(4, "big") for k in (2049, n)) + labels.tobytes()
    return members


def tiny_datasets(folder: Path) -> None:
    """Make the scratch project expect the tiny MNIST, canonical servers being closed ports of this machine."""
    path = folder / "workflow" / "datasets.yaml"
    registry = yaml.safe_load(path.read_text())
    members = tiny_mnist()
    files = {f"{name}.gz": {name: hashlib.sha256(content).hexdigest()} for name, content in members.items()}
    shapes = {"train": [20, 1, 28, 28], "test": [10, 1, 28, 28]}
    registry["mnist"] |= {"files": files, "shapes": shapes, "canonical": ["http://127.0.0.1:9/"]}
    path.write_text(yaml.safe_dump(registry))
