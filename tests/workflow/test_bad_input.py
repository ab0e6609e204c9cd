"""Damaged files and mistaken configurations in a whole run: one line, and no job for a mistake that can be seen beforehand."""

import hashlib
from pathlib import Path

import pytest

from repro import tables
from tests.workflow.conftest import Project

pytestmark = pytest.mark.workflow

SMOKE = ("--config", "preset=smoke")
MISTAKES = {
    "a tab": (b"preset:\n\tsmoke\n", "config.yaml, line 2: not valid YAML"),
    "a key twice": (
        b"preset: smoke\nseed_offset: 1\npreset: quick\n",
        "config.yaml, line 3: not valid YAML: the key 'preset' is there twice",
    ),
    "another encoding": ("preset: smoke # f\u00fcr mich\n".encode("latin-1"), "config.yaml: not in UTF-8 (byte 18)"),
    "a boolean for a key": (b"on: smoke\n", "config: 'True' is not one of preset, papers"),
    "not a number": (
        b"preset: own\npresets: {own: {extends: smoke, params: {demo: {walk: {pause: .nan}}}}}\n",
        "config: presets: own: params: demo: walk: pause: nan is not finite; smoke has 0.0",
    ),
    "braces in a folder": (b"datasets: {folder: 'data{n}'}\n", "config: datasets: folder: 'data{n}' will not do"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_configuration_file_is_one_line_before_any_job(project: Project, mistake: str) -> None:
    content, message = MISTAKES[mistake]
    (project / "config.yaml").write_bytes(content)
    text = project.run(ok=False)
    assert message in text.strip().splitlines()[-1]
    assert "Traceback" not in text
    assert not (project / "results").exists()
    assert not (project / "logs").exists()


@pytest.mark.slow
def test_a_damaged_table_is_named_with_the_way_out_and_the_way_out_works(project: Project) -> None:
    project.run(*SMOKE)
    path = project / "results/smoke/demo/walk.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    text = project.run(*SMOKE, ok=False)
    assert "results/smoke/demo/walk.parquet: not a whole table" in text
    assert "Delete it and run again: it will be computed anew." in text
    path.unlink()
    project.run(*SMOKE)
    assert len(tables.read(path)) == 15
    assert project.planned(*SMOKE) == set()


@pytest.mark.slow
def test_damaged_verdicts_are_named_by_what_reads_them(project: Project) -> None:
    project.run(*SMOKE)
    path = project / "results/smoke/demo/claims.parquet"
    path.write_bytes(b"PAR1 no verdicts")
    assert "results/smoke/demo/claims.parquet: not a whole table" in project.run(*SMOKE, ok=False)
    path.unlink()
    project.run(*SMOKE)
    assert project.planned(*SMOKE) == set()


@pytest.mark.slow
def test_damaged_data_are_named_with_the_way_out_and_the_way_out_works(project: Project, mirror: Path) -> None:
    project.mirror = mirror
    project.run("demo_brightness")
    images = project / "data/real/mnist/train_images.npy"
    digest = hashlib.sha256(images.read_bytes()).hexdigest()
    for file, message in ((images, "not a whole array"), (images.with_name("provenance.json"), "not what decoding wrote")):
        file.write_bytes(file.read_bytes()[:100])
        text = project.run("demo_brightness", "--force", ok=False)  # what is finished is not read again by itself
        assert f"data/real/mnist/{file.name}: {message}" in text
        assert "Delete data/real/mnist and run again: it will be decoded anew." in text
        for decoded in images.parent.iterdir():
            decoded.unlink()
        project.run("demo_brightness")
    assert hashlib.sha256(images.read_bytes()).hexdigest() == digest


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["gone", "garbage"])
def test_what_snakemake_remembers_may_be_lost_or_damaged(project: Project, damage: str) -> None:
    project.run(*SMOKE)
    for file in [path for path in (project / ".snakemake").rglob("*") if path.is_file()]:
        file.unlink() if damage == "gone" else file.write_bytes(b"\x00 no json")
    (project / "logs/fingerprints.json").write_text("{")
    text = project.run(*SMOKE)
    assert "Traceback" not in text
    assert project.planned(*SMOKE) == set()


@pytest.mark.slow
def test_a_diverging_run_is_named_with_its_parameters_and_the_others_finish(project: Project) -> None:
    project.edit("scripts/demo/model.py", "np.cumsum(rng", "np.exp(1000 * rng")
    text = project.run(*SMOKE, ok=False)
    assert "demo_walk: failed: ValueError: walk: column position: infinite in row " in text
    assert "(seed 0, step " in text
    assert '. Parameters: {"n_steps": 5, "pause": 0.0, "n_seeds": 3' in text
    assert "logs/smoke/demo/walk.log" in text
    assert (project / "results/smoke/demo/fig2.pdf").is_file()
    assert not list((project / "results/smoke/demo").glob("*walk*"))
