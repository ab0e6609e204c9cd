"""Real data, sample data, and the way from one to the other."""

from pathlib import Path

import pytest

from repro import tables
from tests.workflow.conftest import Project

pytestmark = pytest.mark.workflow


def verdicts(project: Project, preset: str) -> dict[str, str]:
    claims = tables.read(project / f"results/{preset}/demo/claims.parquet")
    return dict(zip(claims["claim"], claims["verdict"], strict=True))


def test_without_any_data_the_sample_is_used_loudly_and_judged_nowhere_it_matters(project: Project) -> None:
    text = project.run()
    assert text.count("quick-sample") >= 2, "said at the start and at the end"
    assert "cannot be had (cannot connect). The run uses the embedded sample" in text
    assert not (project / "results/quick").exists()
    assert verdicts(project, "quick-sample") == {"C1": "reproduced", "C2": "not_judged", "C3": "not_judged"}
    assert tables.provenance(project / "results/quick-sample/demo/brightness.parquet")["sources"] == {"mnist": "sample"}


@pytest.mark.slow
def test_a_mirror_that_appears_after_a_sample_run_gives_real_results(project: Project, mirror: Path) -> None:
    project.run()
    project.mirror = mirror
    text = project.run()
    assert "sample" not in text.split("Building DAG")[0]
    assert verdicts(project, "quick") == {"C1": "reproduced", "C2": "reproduced", "C3": "not_judged"}
    assert tables.provenance(project / "results/quick/demo/brightness.parquet")["sources"] == {"mnist": "real"}


def test_decoded_data_serve_without_the_mirror(project: Project, mirror: Path) -> None:
    project.mirror = mirror
    project.run()
    project.mirror = None
    assert project.planned() == set()


def test_another_mirror_re_runs_nothing(project: Project, mirror: Path) -> None:
    project.mirror = mirror
    project.run()
    project.mirror = None
    project.edit("config.yaml", "mirrors: [] ", f"mirrors: [{mirror}] ")
    assert project.planned() == set()


def test_wrong_content_on_the_mirror_is_an_error_and_never_the_sample(project: Project, mirror: Path) -> None:
    wrong = mirror / "mnist" / "train-images-idx3-ubyte.gz"
    wrong.write_bytes((mirror / "mnist" / "t10k-images-idx3-ubyte.gz").read_bytes())
    project.mirror = mirror
    text = project.run(ok=False)
    assert "train-images-idx3-ubyte" in text
    assert "expected" in text
    assert not (project / "results/quick-sample").exists()
    assert not (project / "data/real/mnist/provenance.json").exists()


def test_unreachable_data_fail_if_the_configuration_says_so(project: Project) -> None:
    project.edit("config.yaml", "on_unreachable: sample ", "on_unreachable: fail ")
    assert "mnist: t10k-images-idx3-ubyte.gz" in project.run(ok=False)
    assert not (project / "results/quick-sample").exists()


def test_datasets_live_where_the_configuration_puts_them(project: Project, mirror: Path, tmp_path: Path) -> None:
    project.mirror = mirror
    project.edit("config.yaml", "folder: data ", f"folder: {tmp_path / 'elsewhere'} ")
    project.run()
    assert (tmp_path / "elsewhere/real/mnist/provenance.json").is_file()
    assert not (project / "data").exists()


def test_a_mirror_folder_that_is_not_there_stops_the_run_with_one_line(project: Project, tmp_path: Path) -> None:
    project.mirror = tmp_path / "misspelt"
    text = project.run("-n", ok=False)
    assert text.strip().splitlines()[-1].startswith(f"DATASET_MIRROR: {tmp_path}/misspelt is no folder here")


def test_a_mirror_of_another_kind_is_refused(project: Project) -> None:
    project.mirror = "s3://bucket"
    assert "s3://bucket: a mirror is a folder, a file:// or an http(s):// address" in project.run("-n", ok=False)
