"""What a change re-runs: each sentence of the design's "What re-runs when"."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.workflow.conftest import Project, data_of

pytestmark = pytest.mark.workflow

SMOKE = ("--config", "preset=smoke")
PUBLISHED = {"demo_claims", "scorecard", "gallery", "all"}


def touch_everything(project: Project) -> None:
    later = time.time() + 5
    for folder in ("workflow", "repro", "scripts"):
        for path in (project / folder).rglob("*"):
            os.utime(path, (later, later))


def test_words_and_times_re_run_nothing(finished: Project) -> None:
    assert finished.planned(*SMOKE) == set()
    finished.edit("scripts/demo/model.py", "Random walk of", "A random walk of")
    finished.edit("scripts/demo/runs/walk.py", "    rows = []", "    # one frame a seed\n    rows = []")
    finished.edit("repro/job.py", 'log.info("start: ', 'log.info("begin: ')
    finished.edit("repro/claims.py", 'log.exception("claim', 'log.exception("the claim')
    touch_everything(finished)
    assert finished.planned(*SMOKE) == set()


def test_a_style_change_redraws_figures_and_computes_nothing(finished: Project) -> None:
    finished.edit("repro/figures.py", '"font.size": 8.0', '"font.size": 8.5')
    assert finished.planned(*SMOKE) == {"demo_fig1", "demo_fig2", "gallery", "all"}


def test_a_model_re_runs_its_rules_and_what_is_downstream(finished: Project) -> None:
    finished.edit("scripts/demo/model.py", "np.cumsum(", "2 * np.cumsum(")
    assert finished.planned(*SMOKE) == {"demo_walk", "demo_fig1"} | PUBLISHED


def test_a_shared_module_re_runs_the_scripts_that_import_it(finished: Project) -> None:
    finished.edit("repro/seeds.py", "digest()[:16]", "digest()[8:24]")
    assert finished.planned(*SMOKE) == {"demo_walk", "demo_fig1"} | PUBLISHED


def test_plumbing_re_runs_nothing(finished: Project) -> None:
    finished.edit("repro/tables.py", 'compression="zstd"', 'compression="snappy"')
    finished.edit("repro/job.py", 'file.write_bytes(b"")', 'file.write_bytes(b"log")')
    assert finished.planned(*SMOKE) == set()


def test_a_parameter_re_runs_what_reads_it(finished: Project) -> None:
    finished.edit("workflow/papers/demo/runs.yaml", "n_steps: 5", "n_steps: 6")
    assert finished.planned(*SMOKE) == {"demo_walk", "demo_fig1"} | PUBLISHED


def test_a_seed_offset_leaves_runs_without_seeds_alone(finished: Project) -> None:
    assert finished.planned(*SMOKE, "seed_offset=100") == {"demo_walk", "demo_fig1"} | PUBLISHED


def test_a_bound_is_judged_again_and_drawn_and_nothing_else(finished: Project) -> None:
    finished.edit("workflow/papers/demo/claims.yaml", "upper: 1000.0", "upper: 999.0")
    assert finished.planned(*SMOKE) == {"demo_fig1"} | PUBLISHED


def test_a_deleted_table_is_rebuilt(finished: Project) -> None:
    (finished / "results/smoke/demo/brightness.parquet").unlink()
    assert {"demo_brightness", "demo_fig2"} <= finished.planned(*SMOKE)
    finished.run(*SMOKE)
    assert finished.planned(*SMOKE) == set()


@pytest.mark.slow
def test_six_kills_leave_the_tables_of_an_undisturbed_run(project: Project, tmp_path: Path) -> None:
    project.edit("workflow/papers/demo/runs.yaml", "smoke: {n_seeds: 3}", "smoke: {n_seeds: 12, pause: 0.2, shards: 4}")
    for n, moment in enumerate((0.4, 1.2, 2.0, 2.6, 3.2, 3.8)):
        with (tmp_path / "killed.txt").open("a") as text:
            process = subprocess.Popen(
                project.command(*SMOKE), cwd=project.folder, env=project.environment(), stdout=text, stderr=text, start_new_session=True
            )
        time.sleep(moment)
        if n % 2:
            process.kill()  # its children go on writing
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    project.run(*SMOKE)
    killed = data_of(project)
    project.run("--forceall", *SMOKE)
    assert data_of(project) == killed
    assert len(killed) == 4
    assert project.planned(*SMOKE) == set()


@pytest.mark.slow
def test_two_runs_at_once_do_not_disturb_each_other(project: Project, mirror: Path) -> None:
    project.mirror = mirror
    both = [
        subprocess.Popen(project.command("--config", f"preset={preset}"), cwd=project.folder, env=project.environment())
        for preset in ("smoke", "quick")
    ]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert (project / "results/smoke/index.html").is_file()
    assert (project / "results/quick/index.html").is_file()
