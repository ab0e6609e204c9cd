"""One run at a time makes a paper's results."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.publish.alone import parts_of, taken

RUN = """
import sys, time
from pathlib import Path
from scripts.publish.alone import taken
print(taken(sys.argv[2:], Path(sys.argv[1])), flush=True)
time.sleep(60)
"""


@pytest.fixture
def other(tmp_path: Path) -> subprocess.Popen:
    """Another run, at work on two papers."""
    process = subprocess.Popen([sys.executable, "-c", RUN, tmp_path, "quick, wu", "quick, biggs"], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_what_another_run_makes_is_named(tmp_path: Path, other: subprocess.Popen) -> None:
    assert taken(["quick, wu", "quick, saxe"], tmp_path) == "quick, wu"


def test_other_papers_and_presets_are_free(tmp_path: Path, other: subprocess.Popen) -> None:
    assert taken(["quick, saxe", "paper, wu"], tmp_path) == ""


def test_a_killed_run_has_nothing_any_more(tmp_path: Path, other: subprocess.Popen) -> None:
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert taken(["quick, wu"], tmp_path) == ""


def test_data_are_the_same_at_every_preset_and_a_paper_is_one_part() -> None:
    rules = ["fetch_mnist", "decode_mnist", "wu_run", "wu_fig1", "wu_claims", "scorecard", "gallery"]
    found = {"fetch_mnist", "decode_mnist", "quick, wu", "quick, scorecard", "quick, gallery"}
    assert parts_of(rules, ["biggs", "wu"], "quick") == found
