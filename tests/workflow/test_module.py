"""Another workflow imports a paper: from a folder beside it, from one inside it, from a repository's address."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from repro import tables
from tests.workflow.conftest import Project

pytestmark = pytest.mark.workflow

IMPORTER = """
module paper:
    snakefile: {snakefile}
    config: {config}
    prefix: "results/paper"

use rule * from paper as paper_*

rule count:
    default_target: True
    input:
        walk="results/paper/results/{preset}/demo/walk.parquet",
        page=rules.paper_gallery.output,
    output:
        "count.txt",
    shell:
        "wc -c {{input}} > {{output}}"
"""


class Importer(Project):
    """A workflow of its own, in a folder of its own, that has scripts of its own."""

    def write(self, snakefile: str, **config) -> None:
        (self / "scripts").mkdir(parents=True)
        (self / "config.yaml").write_text("samples: [a, b]\n")
        (self / "Snakefile").write_text(IMPORTER.format(snakefile=snakefile, config=config, preset=config["preset"]))


@pytest.fixture
def importer(tmp_path: Path) -> Importer:
    return Importer(tmp_path / "importer")


def test_a_workflow_beside_the_project_imports_a_paper(importer: Importer, project: Project) -> None:
    importer.write(repr("../project/Snakefile"), preset="smoke", papers="demo")
    before = sorted(path for path in project.folder.rglob("*") if "__pycache__" not in path.parts)
    assert {"paper_demo_walk", "paper_demo_fig1", "paper_demo_claims"} <= importer.planned("--", "paper_demo")
    importer.run()
    assert (importer / "count.txt").is_file()
    about = tables.provenance(importer / "results/paper/results/smoke/demo/walk.parquet")
    assert (about["paper"], about["preset"]) == ("demo", "smoke"), "a prefix with a folder 'results' is no hindrance"
    assert importer.planned() == set()
    assert before == sorted(path for path in project.folder.rglob("*") if "__pycache__" not in path.parts), "nothing is written beside it"


def test_a_project_inside_the_importing_folder_finds_its_own_files(importer: Importer, project: Project) -> None:
    importer.write(repr("external/project/Snakefile"), preset="smoke")
    (importer / "external").mkdir()
    project.folder.rename(importer / "external/project")
    importer.run()
    assert (importer / "results/paper/data/sample/mnist/provenance.json").is_file()


@pytest.mark.slow
def test_datasets_of_an_importer_lie_where_its_configuration_says_and_are_found_again(
    importer: Importer, project: Project, mirror: Path, tmp_path: Path
) -> None:
    importer.mirror = mirror
    importer.write(repr("../project/Snakefile"), preset="quick", datasets={"folder": str(tmp_path / "shared")})
    importer.run()
    assert (tmp_path / "shared/real/mnist/provenance.json").is_file()
    importer.mirror = None
    assert importer.planned() == set(), "decoded data serve without the mirror"


@pytest.mark.slow
def test_decoded_data_below_a_prefix_are_found_again(importer: Importer, project: Project, mirror: Path) -> None:
    importer.mirror = mirror
    importer.write(repr("../project/Snakefile"), preset="quick")
    importer.run()
    assert (importer / "results/paper/data/real/mnist/provenance.json").is_file()
    importer.mirror = None
    assert importer.planned() == set()


def test_a_mistake_in_the_configuration_of_an_importer_is_one_line(importer: Importer, project: Project) -> None:
    importer.write(repr("../project/Snakefile"), preset="smoke", paper="demo")
    assert "config: 'paper' is not one of preset, papers" in importer.run("-n", ok=False).strip().splitlines()[-1]


@pytest.mark.slow
def test_a_paper_is_imported_from_a_repositorys_address(
    importer: Importer, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = tmp_path / "host/nobody/papers"
    who = ["-c", "user.name=n", "-c", "user.email=n@n"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "c"], ["tag", "v1"]):
        subprocess.run(["git", *command], cwd=project.folder, check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(project.folder), str(served)], check=True)
    rewrite = {"COUNT": "1", "KEY_0": f"url.file://{tmp_path}/host/.insteadOf", "VALUE_0": "https://github.com/"}
    for name, value in rewrite.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project.folder.rename(tmp_path / "gone")
    importer.write('github("nobody/papers", path="Snakefile", tag="v1")', preset="smoke")
    importer.run()
    assert (importer / "count.txt").is_file()
    assert importer.planned() == set()


def test_the_snakefile_works_from_another_folder(project: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "-s", "../project/Snakefile", "demo", "--config", "preset=smoke"]
    done = subprocess.run(command, cwd=elsewhere, env=project.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (elsewhere / "results/smoke/demo/claims.parquet").is_file()


def test_two_versions_in_one_workflow_are_refused_since_one_would_compute_with_the_code_of_the_other(
    importer: Importer, project: Project
) -> None:
    shutil.copytree(project.folder, project.folder.parent / "other")
    importer.write(repr("../project/Snakefile"), preset="smoke", papers="demo")
    first = (importer / "Snakefile").read_text()
    second = first.partition("rule count")[0].replace("../project", "../other").replace("module paper", "module other")
    second = second.replace("results/paper", "results/other").replace("from paper as paper_", "from other as other_")
    (importer / "Snakefile").write_text(second + first)
    assert "two versions of this workflow are imported into one: run them apart" in importer.run("-n", ok=False)


def test_a_package_that_hides_the_scripts_is_named(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "theirs/scripts").mkdir(parents=True)
    (tmp_path / "theirs/scripts/__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "theirs"))
    text = project.run("-n", "--config", "preset=smoke", ok=False)
    assert f"Python takes its package 'scripts' from {tmp_path / 'theirs'}" in text
    assert "Traceback" not in text
