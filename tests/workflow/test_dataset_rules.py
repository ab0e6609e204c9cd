"""The rules that fetch and decode, in a real Snakemake."""

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.workflow.conftest import Project, tiny_mnist

pytestmark = pytest.mark.workflow

TARGET = "data/real/mnist/provenance.json"
IMAGES = "train-images-idx3-ubyte"


def put(project: Project, names: list[str]) -> list[Path]:
    """Good copies placed by hand into data/raw/mnist."""
    folder = project / "data/raw/mnist"
    folder.mkdir(parents=True)
    for name in names:
        (folder / f"{name}.gz").write_bytes(gzip.compress(tiny_mnist()[name]))
    return [folder / f"{name}.gz" for name in names]


def test_good_files_placed_by_hand_are_enough_and_stay_as_they_are(project: Project) -> None:
    files = put(project, list(tiny_mnist()))
    before = [file.stat().st_ino for file in files]
    project.run(TARGET)
    assert before == [file.stat().st_ino for file in files]
    assert np.load(project / "data/real/mnist/train_images.npy").shape == (20, 1, 28, 28)


@pytest.mark.slow
def test_a_failed_fetch_keeps_what_was_there_and_says_the_way_out(project: Project) -> None:
    files = put(project, [IMAGES])
    text = project.run(TARGET, "--config", "datasets={on_unreachable: fail}", ok=False)
    assert "t10k-images-idx3-ubyte.gz: no mirror had a good copy (1. http://127.0.0.1:9/" in text
    assert "Put a good copy into data/raw/mnist/ or set datasets.mirrors in config.yaml or DATASET_MIRROR." in text
    assert files[0].is_file()


@pytest.mark.slow
def test_a_mirror_with_wrong_content_is_an_error_and_never_the_sample(project: Project, mirror: Path) -> None:
    (mirror / "mnist" / f"{IMAGES}.gz").write_bytes(gzip.compress(b"other content"))
    project.mirror = mirror
    text = project.run(ok=False)
    assert f"SHA-256 of {IMAGES} differs: expected " in text
    assert not (project / "data/real/mnist").exists()
    assert not (project / "results/quick-sample").exists()


def test_another_mirror_re_runs_nothing(project: Project, mirror: Path) -> None:
    project.mirror = mirror
    project.run(TARGET)
    project.mirror = mirror.rename(mirror.with_name("moved"))
    assert project.planned("--", TARGET) == set()
    project.edit("workflow/datasets.yaml", "http://127.0.0.1:9/", "http://127.0.0.1:99/")
    project.edit("config.yaml", "mirrors: []", "mirrors: [elsewhere]")
    assert project.planned("--", TARGET) == set()


def test_another_hash_fetches_and_decodes_again(project: Project, mirror: Path) -> None:
    project.mirror = mirror
    project.run(TARGET)
    digest = hashlib.sha256(tiny_mnist()[IMAGES]).hexdigest()
    project.edit("workflow/datasets.yaml", digest, digest[::-1])
    assert project.planned("--", TARGET) == {"fetch_mnist", "decode_mnist"}
