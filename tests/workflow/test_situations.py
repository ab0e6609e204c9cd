"""Whole runs in other people's situations: copies, lost records, deleted data, homes, locales, profiles."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.conftest import Project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

SMOKE = ("--config", "preset=smoke")
PUBLISHED = {"demo_claims", "demo_fig1", "demo_fig2", "scorecard", "gallery", "all"}


def start(project: Project, *arguments: str, ok: bool = True, **environment: str) -> str:
    """Run Snakemake as a user types it, without --cores, in an environment of its own."""
    command = [sys.executable, "-m", "snakemake", *arguments]
    told = project.environment() | environment
    done = subprocess.run(command, cwd=project.folder, env=told, capture_output=True, text=True, check=False, timeout=300)
    text = done.stdout + done.stderr
    assert (done.returncode == 0) == ok, text
    return text


def test_results_without_their_records_are_kept_where_they_say_what_made_them(project: Project) -> None:
    project.run(*SMOKE)
    shutil.rmtree(project / ".snakemake")
    assert project.planned(*SMOKE) == PUBLISHED, "tables stay, what costs seconds is made anew"
    text = project.run(*SMOKE)
    assert "NO RECORD of 5 result files in .snakemake, which was lost or not copied with them." in text
    assert "2 tables say that they are as they would be made now, and stay." in text
    assert project.planned(*SMOKE) == set()


def test_results_without_their_records_are_made_anew_where_code_or_parameters_are_others(project: Project) -> None:
    project.run(*SMOKE)
    shutil.rmtree(project / ".snakemake")
    project.edit("scripts/demo/model.py", "np.cumsum(", "2 * np.cumsum(")
    assert project.planned(*SMOKE) == PUBLISHED | {"demo_walk"}
    project.edit("scripts/demo/model.py", "2 * np.cumsum(", "np.cumsum(")
    assert project.planned(*SMOKE) == PUBLISHED, "the code went back"
    assert "1 tables made by other code or with other parameters (demo/walk)" in project.run("-n", *SMOKE, "seed_offset=1000")


def test_shards_without_their_records_are_made_anew_as_well(project: Project) -> None:
    project.edit("workflow/papers/demo/runs.yaml", "smoke: {n_seeds: 3}", "smoke: {n_seeds: 3, shards: 3}")
    project.run(*SMOKE)
    shutil.rmtree(project / ".snakemake")
    assert project.planned(*SMOKE) == PUBLISHED
    project.edit("workflow/papers/demo/runs.yaml", "n_steps: 5", "n_steps: 6")
    assert project.planned(*SMOKE) == PUBLISHED | {"demo_walk", "demo_walk_gather"}


def test_a_project_copied_without_times_in_two_steps_computes_nothing(project: Project, mirror: Path, tmp_path: Path) -> None:
    project.edit("profiles/default/config.yaml", "file-size: 8MB", "file-size: 4KB")  # so that the tiny arrays are large
    project.mirror = mirror
    project.run("demo_brightness")
    project.mirror = None
    copy = Project(tmp_path / "copy")
    shutil.copytree(project.folder, copy.folder, copy_function=shutil.copyfile, ignore=shutil.ignore_patterns("data"))
    shutil.copytree(project / "data", copy / "data", copy_function=shutil.copyfile)
    assert copy.planned("--", "demo_brightness") == set()


def test_finished_results_are_named_and_used_though_their_data_are_gone(project: Project, mirror: Path) -> None:
    project.mirror = mirror
    project.run()
    project.mirror = None
    shutil.rmtree(project / "data")
    text = project.run("-n")
    assert "Nothing to be done" in text
    assert "SAMPLE" not in text
    project.run("results/quick/demo/fig2.pdf")


def test_beginning_anew_keeps_archives_that_were_put_there_by_hand(project: Project, mirror: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    project.configure(datasets={"folder": str(shared)})
    shutil.copytree(mirror, shared / "raw")
    project.run("demo_brightness")
    project.run("demo_brightness", "--delete-all-output")
    assert len(list((shared / "raw/mnist").glob("*.gz"))) == 4
    assert not (project / "results/quick/demo/brightness.parquet").exists()
    project.run("demo_brightness")


def test_a_profile_of_the_users_own_says_how_many_cores(project: Project, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/config.yaml").write_text("cores: 1\n")
    profile = {"SNAKEMAKE_PROFILE": str(tmp_path / "mine")}
    assert " on 1 core\n" in start(project, "demo_walk", *SMOKE, **profile)
    assert " on 2 cores\n" in start(project, "demo_walk", "--forceall", "--cores", "2", *SMOKE, **profile)
    everything = len(os.sched_getaffinity(0))
    assert f" on {everything} core" in start(project, "demo_walk", "--forceall", *SMOKE)


def test_the_dearest_job_starts_first(project: Project) -> None:
    project.edit("workflow/papers/demo/runs.yaml", "cost: {cpu_s: {smoke: 1, quick: 1, paper: 1}}", "cost: {cpu_s: {smoke: 9, quick: 1, paper: 1}}")
    text = start(project, "demo_walk", "demo_brightness", "--cores", "1", *SMOKE)
    order = [text.index(f" · {name}\n") for name in ("sample mnist", "Nobody: brightness", "Nobody: walk")]
    assert order == sorted(order)


def test_nothing_is_written_outside_the_project_but_caches(project: Project, tmp_path: Path) -> None:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    before = set(tmp_path.iterdir())
    own = {"HOME": str(home), "TMPDIR": str(temporary), "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": "", "MPLCONFIGDIR": ""}
    start(project, "demo_fig1", *SMOKE, **own)
    assert {path.name for path in home.iterdir()} <= {".cache", ".config"}
    assert {path.name for folder in home.iterdir() for path in folder.iterdir()} <= {"snakemake", "matplotlib"}
    assert list(temporary.iterdir()) == []
    assert set(tmp_path.iterdir()) == before


def test_locale_time_zone_and_odd_variables_change_no_byte_of_a_figure(project: Project) -> None:
    start(project, "demo_fig1", *SMOKE)
    files = sorted((project / "results/smoke/demo").glob("fig*"))
    before = {file.name: file.read_bytes() for file in files}
    odd = {"LC_ALL": "C", "TZ": "Asia/Kathmandu", "PYTHONOPTIMIZE": "2", "PYTHONIOENCODING": "ascii", "MPLBACKEND": "TkAgg"}
    assert "Nothing to be done" in start(project, "demo_fig1", *SMOKE, **odd)
    start(project, "demo_fig1", "--forceall", *SMOKE, **odd)
    assert {file.name: file.read_bytes() for file in files} == before


def test_a_tarball_on_a_machine_without_git_runs(project: Project, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "sh", "env", "which"):  # Snakemake asks for the last
        (tools / name).symlink_to(shutil.which(name) or "")
    start(project, "demo_fig1", *SMOKE, PATH=str(tools))
    assert (project / "results/smoke/demo/fig1.pdf").is_file()


def test_another_working_directory_gets_the_results(project: Project, tmp_path: Path) -> None:
    start(project, "--directory", str(tmp_path / "elsewhere"), "demo_fig1", *SMOKE)
    assert (tmp_path / "elsewhere/results/smoke/demo/fig1.pdf").is_file()
    assert not (project / "results/smoke").exists()


def test_a_job_that_the_system_kills_is_named(project: Project) -> None:
    project.edit("scripts/demo/model.py", "return np.cumsum", "import os; os.kill(os.getpid(), 9)\n    return np.cumsum")
    text = project.run("demo_walk", "demo_fig2", *SMOKE, ok=False)
    assert "logs/smoke/demo/walk.log: ended without a word: killed from outside, or by the system for want of memory" in text
    assert (project / "results/smoke/demo/fig2.pdf").is_file()


def test_a_report_of_another_preset_is_answered_with_the_way_to_it(project: Project) -> None:
    project.run(*SMOKE)
    text = project.run("--report", "r.zip", ok=False)
    assert text.strip().splitlines()[-1].endswith("first, or add --config preset=smoke, which has results.")


def test_a_home_that_is_nobodys_is_one_line(project: Project) -> None:
    project.configure(datasets={"folder": "~nobody-here/data"})
    text = project.run("-n", *SMOKE, ok=False)
    assert text.strip().splitlines()[-1] == (
        "config: datasets: folder: '~nobody-here/data' begins with a user who has no home here: write the path without ~"
    )
    assert "Traceback" not in text
