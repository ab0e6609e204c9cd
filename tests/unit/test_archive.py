"""The archive of a run: whole, described, verified by standard tools."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from repro.settings import ROOT
from scripts.publish import archive

pytest.importorskip("rocrate")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that no git knows, with a finished run."""
    root = tmp_path / "project"
    files = ["Snakefile", "scripts/a.py", "data/raw.gz", ".venv/bin/python", "logs/quick/a.log", "scripts/__pycache__/a.pyc"]
    files += [f"results/quick/{name}" for name in ("scorecard.parquet", "wu/t.parquet", "wu/t.shard-0.parquet", "wu/fig1.pdf", "wu/.t.99")]
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    shutil.copy(ROOT / "CITATION.cff", root)
    return root


def unpacked(path: Path, folder: Path) -> Path:
    with tarfile.open(path) as packed:
        packed.extractall(folder, filter="data")
    return folder / path.name.removesuffix(".tar.gz")


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sha256sum", "--check", "--quiet", archive.SUMS], cwd=folder, capture_output=True, text=True, check=False)


def test_an_archive_verifies_itself_and_notices_a_changed_file(project: Path, tmp_path: Path) -> None:
    folder = unpacked(archive.archive(project / "results/quick", project), tmp_path / "elsewhere")
    assert check(folder).returncode == 0, check(folder).stdout
    (folder / "results/quick/wu/t.parquet").write_text("another number")
    assert "results/quick/wu/t.parquet: FAILED" in check(folder).stdout


def test_an_archive_holds_code_and_results_and_nothing_else(project: Path, tmp_path: Path) -> None:
    folder = unpacked(archive.archive(project / "results/quick", project), tmp_path / "elsewhere")
    held = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    made = {"SHA256SUMS", "ro-crate-metadata.json"}
    results = {f"results/quick/{name}" for name in ("scorecard.parquet", "wu/t.parquet", "wu/fig1.pdf")}
    assert held - made == {"Snakefile", "CITATION.cff", "scripts/a.py"} | results
    assert made <= held


def test_the_description_names_every_file_the_workflow_and_the_papers(project: Path, tmp_path: Path) -> None:
    folder = unpacked(archive.archive(project / "results/quick", project), tmp_path / "elsewhere")
    graph = {entity["@id"]: entity for entity in json.loads((folder / "ro-crate-metadata.json").read_text())["@graph"]}
    parts = {part["@id"] for part in graph["./"]["hasPart"]}
    assert {"Snakefile", "scripts/a.py", "results/quick/wu/fig1.pdf"} <= parts
    assert graph["./"]["mainEntity"]["@id"] == "Snakefile"
    assert len(graph["./"]["citation"]) == 15
    assert graph["results/quick/wu/fig1.pdf"]["encodingFormat"] == "application/pdf"


def test_the_same_run_gives_the_same_bytes(project: Path) -> None:
    first = archive.archive(project / "results/quick", project).read_bytes()
    assert archive.archive(project / "results/quick", project).read_bytes() == first
    assert sorted(path.name for path in (project / "results").iterdir()) == ["archive-quick.tar.gz", "quick"], "nothing is left behind"


def test_git_says_what_is_code(project: Path) -> None:
    (project / "secret.txt").write_text("mine")
    for command in (["init", "-q"], ["add", "Snakefile", "scripts/a.py"]):
        subprocess.run(["git", *command], cwd=project, check=True)
    assert archive.code_files(project) == ["Snakefile", "scripts/a.py"]


def test_an_unfinished_run_is_not_archived(project: Path) -> None:
    (project / "results/quick/scorecard.parquet").unlink()
    with pytest.raises(FileNotFoundError, match=r"no scorecard.parquet; run make figures first"):
        archive.archive(project / "results/quick", project)
