"""What jobs cost: from their own logs, else from estimates."""

from pathlib import Path

import pytest

from scripts.publish import costs

PAPERS = {"nobody": {"runs": {"walk": {"cost": {"cpu_s": {"quick": 100}, "gpu_s": {"quick": 4}}}}}}
DONE = "12:01:20 nobody_walk: done: 80.0 s, 72.0 CPU s, 123 MB\n"


def log(folder: Path, name: str, text: str = DONE) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_log_ends_with_what_its_job_measured(tmp_path: Path) -> None:
    assert costs.measured(log(tmp_path, "a.log", "x" * 5000 + "\n" + DONE)) == (80.0, 72.0, 123.0)


@pytest.mark.parametrize(
    "text", ["", "12:00:00 nobody_walk: start: preset quick\n", "12:00:00 nobody_walk: failed: ValueError: done: no\n"]
)
def test_a_log_without_an_end_tells_nothing(tmp_path: Path, text: str) -> None:
    assert costs.measured(log(tmp_path, "a.log", text)) is None
    assert costs.measured(tmp_path / "none.log") is None


@pytest.mark.parametrize("gpu", [False, True])
def test_seconds_of_rules_come_from_logs_then_estimates_then_the_small_job(tmp_path: Path, gpu: bool) -> None:
    counts = {"nobody_walk": 2, "nobody_fig1": 1, "fetch_mnist": 1}
    asked = {"base": "quick", "gpu": gpu}
    before = costs.of_rules(counts, tmp_path / "logs/quick", PAPERS, **asked)
    assert before == {"nobody_walk": 2.0 if gpu else 50.0, "nobody_fig1": 2.0, "fetch_mnist": 2.0}
    log(tmp_path, "logs/quick/nobody/walk.shard-0.log")
    log(tmp_path, "logs/quick/nobody/walk_twice.log", DONE.replace("72.0", "1.0"))
    log(tmp_path, "logs/data/fetch_mnist.log", DONE.replace("72.0", "0.5"))
    after = costs.of_rules(counts, tmp_path / "logs/quick", PAPERS, **asked)
    assert after == {"nobody_walk": 80.0 if gpu else 72.0, "nobody_fig1": 2.0, "fetch_mnist": 0.5}


def test_wall_time_is_at_least_that_of_the_longest_job() -> None:
    assert costs.wall([100.0, 10.0], 8) == 100
    assert costs.wall([100.0, 100.0, 10.0], 2) == 105


def test_durations_are_told_in_a_fitting_unit() -> None:
    assert [costs.in_words(seconds) for seconds in (30, 200, 9000, 400_000)] == ["30 seconds", "3.3 minutes", "2.5 hours", "4.6 days"]
    assert [costs.clock(seconds) for seconds in (-1, 5, 170, 6000, 9000)] == ["0:00", "0:05", "2:50", "100:00", "2.5 hours"]
