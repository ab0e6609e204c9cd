"""A verdict cannot get worse in silence."""

import subprocess
import sys
from pathlib import Path

from repro.settings import ROOT
from scripts.publish.verdicts import complaints

EXPECTED = {"p": {"C1": "reproduced", "C2": {"verdict": "not_judged", "why": "published scale only"}}}


def test_expected_or_better_verdicts_pass() -> None:
    assert complaints({("p", "C1"): "reproduced", ("p", "C2"): "reproduced"}, EXPECTED) == []


def test_a_worse_verdict_is_named() -> None:
    assert complaints({("p", "C1"): "not_judged", ("p", "C2"): "not_reproduced"}, EXPECTED) == [
        "p/C1: not_judged, expected reproduced",
        "p/C2: not_reproduced, expected not_judged",
    ]


def test_missing_and_unknown_claims_are_named() -> None:
    lines = complaints({("p", "C1"): "reproduced", ("p", "C3"): "reproduced"}, EXPECTED)
    assert [line.split(":")[0] for line in lines] == ["p/C2", "p/C3"]


def test_a_verdict_below_reproduced_needs_a_reason() -> None:
    assert complaints({("p", "C1"): "not_judged"}, {"p": {"C1": {"verdict": "not_judged"}}}) == [
        "p/C1: not_judged is expected without a word on why"
    ]


def test_without_a_run_the_way_out_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.publish.verdicts", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == f"{tmp_path}/scorecard.parquet is not there: make figures first\n"
