"""Presets, shards, profiles, and one clear line for every mistake."""

import re
import zipfile
from pathlib import Path

import pytest
import yaml

from repro import tables
from tests.workflow.conftest import ROOT, Project

pytestmark = pytest.mark.workflow


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["preset=qick"], "config: preset: 'qick' is not one of smoke, quick, paper. Did you mean 'quick'?"),
        (["papers=demmo"], "config: papers: 'demmo' is not one of all, demo. Did you mean 'demo'?"),
        (["prest=quick"], "Did you mean 'preset'?"),
        (["seed_offset=much"], "config: seed_offset: 'much' is not of type 'integer'"),
        (["datasets={mirors: []}"], "config: datasets: 'mirors' is not one of mirrors, folder, on_unreachable. Did you mean 'mirrors'?"),
    ],
)
def test_a_mistake_stops_the_run_with_one_line_before_any_job(project: Project, arguments: list[str], line: str) -> None:
    text = project.run("--config", *arguments, ok=False)
    last = text.strip().splitlines()[-1]
    assert line in last
    assert "Traceback" not in text
    assert not (project / "results").joinpath("quick").exists()


@pytest.mark.parametrize(
    ("preset", "line"),
    [
        ({"extends": "quik"}, "config: presets: wide: extends: 'quik' is not one of smoke, quick, paper, wide. Did you mean 'quick'?"),
        ({"extends": "quick", "params": {"demos": {}}}, "config: presets: wide: params: 'demos' is not one of demo. Did you mean 'demo'?"),
        (
            {"extends": "quick", "params": {"demo": {"wlak": {}}}},
            "config: presets: wide: params: demo: 'wlak' is not one of walk, brightness.",
        ),
        ({"extends": "quick", "params": {"demo": {"walk": {"n_step": 1}}}}, "Did you mean 'n_steps'?"),
        ({"extends": "quick", "params": {"demo": {"walk": {"n_steps": [1]}}}}, "walk: n_steps: [1] is not a number; quick has 5"),
    ],
)
def test_a_mistake_in_a_preset_of_ones_own_is_named(project: Project, preset: dict, line: str) -> None:
    project.configure(preset="wide", presets={"wide": preset})
    assert line in project.run("-n", ok=False).strip().splitlines()[-1]


def test_a_misspelt_key_of_a_paper_is_named_with_its_file(project: Project) -> None:
    project.edit("workflow/papers/demo/figures.yaml", "tables: [walk]", "tabels: [walk]")
    assert project.run("-n", ok=False).strip().splitlines()[-1].startswith("demo/figures.yaml: fig1: 'tabels' is not one of title")


@pytest.mark.slow
def test_three_shards_give_the_table_of_one_job(project: Project) -> None:
    one = {"extends": "smoke", "params": {"demo": {"walk": {"n_seeds": 7}}}}
    three = {"extends": "one", "params": {"demo": {"walk": {"shards": 3}}}}
    project.configure(presets={"one": one, "three": three})
    for preset in ("one", "three"):
        project.run("demo", "--config", f"preset={preset}")
    assert len(list((project / "results/three/demo").glob("walk.shard-*.parquet"))) == 3
    single, joined = (tables.read(project / f"results/{preset}/demo/walk.parquet") for preset in ("one", "three"))
    assert single.equals(joined)


def test_a_preset_of_ones_own_shifts_seeds_and_keeps_its_results_apart(project: Project) -> None:
    project.configure(preset="fresh", presets={"fresh": {"extends": "smoke", "seed_offset": 50}})
    project.run("demo")
    assert tables.read(project / "results/fresh/demo/walk.parquet")["seed"].unique().tolist() == [50, 51, 52]


def test_the_report_can_be_made(finished: Project) -> None:
    text = finished.run("--report", "report.zip", "--config", "preset=smoke")
    assert "(ERROR/" not in text, "a caption that is no valid markup"
    assert (finished / "report.zip").stat().st_size > 10_000
    with zipfile.ZipFile(finished / "report.zip") as report:
        page = report.read("report/report.html").decode()
    assert '"labels": {"figure": "Companion A", "shows": "Walks"}' in page, "words, not the names of files"
    assert 'var categories = {"Nobody": ' in page, "a category a paper, by its short name"
    assert "the mean grey level, and the bounds of the claim.</p>" in page, "what a figure shows, as its caption"


def test_a_failing_script_leaves_the_other_results_and_names_its_log(project: Project) -> None:
    project.edit("scripts/demo/model.py", "return np.cumsum", 'raise ValueError("no steps left")\n    return np.cumsum')
    text = project.run("--config", "preset=smoke", ok=False)
    assert "failed: ValueError: no steps left" in text
    assert "logs/smoke/demo/walk.log" in text
    assert (project / "results/smoke/demo/fig2.pdf").is_file()
    assert not list((project / "results/smoke/demo").glob("walk*"))


@pytest.mark.parametrize("profile", ["gpu", "slurm"])
def test_every_profile_repeats_the_lines_that_make_re_runs_safe(profile: str) -> None:
    default, other = (yaml.safe_load((ROOT / "profiles" / name / "config.yaml").read_text()) for name in ("default", profile))
    for key in ("rerun-triggers", "rerun-incomplete", "nolock", "keep-going"):
        assert other[key] == default[key]


def test_the_gres_profile_names_every_gpu_flagged_rule() -> None:
    text = "\n".join(path.read_text() for path in (ROOT / "workflow" / "rules").glob("*.smk"))
    flagged = {rule.split(":", 1)[0] for rule in re.split(r"^rule ", text, flags=re.MULTILINE)[1:] if "gpu=gpu_at(" in rule}
    profile = yaml.safe_load((ROOT / "profiles" / "gres" / "config.yaml").read_text())
    assert profile == {"set-resources": {rule: {"gpu": 0, "gres": "'gpu:1'"} for rule in flagged}}


def test_every_computation_asks_for_memory_that_grows_with_the_attempt() -> None:
    for paper in (ROOT / "workflow" / "papers").glob("*.yaml"):
        text = (ROOT / "workflow" / "rules" / f"{paper.stem}.smk").read_text()
        assert text.count("mem_mb=memory(") == text.count("\nrule ") + text.startswith("rule "), paper.stem


def test_the_gpu_profile_plans_the_same_rules(project: Project) -> None:
    smoke = ("--config", "preset=smoke")
    assert project.planned("--workflow-profile", "profiles/gpu", *smoke) == project.planned(*smoke)


@pytest.mark.slow
def test_with_the_gpu_profile_a_job_that_was_lost_is_run_again(project: Project) -> None:
    """The walk fails as if its GPU were gone, once."""
    once = 'mark = __import__("pathlib").Path("lost")\n    if not mark.exists():\n        mark.touch()\n        raise RuntimeError("CUDA error: gone")\n'
    project.edit("scripts/demo/model.py", "return np.cumsum", f"{once}    return np.cumsum")
    text = project.run("--workflow-profile", "profiles/gpu", "--config", "preset=smoke")
    assert "failed: RuntimeError: CUDA error: gone" in text
    assert (project / "results/smoke/demo/walk.parquet").is_file()


@pytest.mark.slow
def test_running_twice_in_two_folders_gives_identical_data(project: Project) -> None:
    project.run("demo", "--config", "preset=smoke")
    first = tables.read(project / "results/smoke/demo/walk.parquet")
    moved = project.folder.rename(Path(f"{project.folder}-moved"))
    project.folder = moved
    assert project.planned("--config", "preset=smoke") - {"scorecard", "gallery", "all"} == set(), "a moved clone re-runs nothing"
    project.run("demo", "--forceall", "--config", "preset=smoke")
    assert first.equals(tables.read(project / "results/smoke/demo/walk.parquet"))
