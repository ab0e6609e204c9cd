"""References are taken paper by paper, and say of each run when, where and by which code it was made."""

import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from repro import settings, tables
from repro.fingerprint import fingerprint
from scripts.publish import origin, reference, scales, scorecard
from tests.unit.test_drift import claims

WU, LEE = "wu_last_iterate", "lee_maslow"
COST = {"cpu_seconds": 90.0, "wall_seconds": 80.0, "peak_memory_mb": 123.4}


def ran(root: Path, paper: str, value: float = 1.0, **told: object) -> Path:
    """Results of a paper that was run by itself: its scorecard, its page, and one table of its first run."""
    results = root / "paper"
    card = scorecard.compute(claims(C1="reproduced").assign(paper=paper))
    tables.write(card, results / f"{paper}.parquet", scorecard.COLUMNS, {})
    (results / f"{paper}.html").write_text("page")
    run, entry = next(iter(settings.load_paper(paper)["runs"].items()))
    provenance = {"fingerprint": fingerprint(f"scripts/{paper}/runs/{run}.py"), "device": "cpu", **COST, **told}
    path = results / paper / f"{next(iter(entry['tables']))}.parquet"
    tables.write(pd.DataFrame({"x": [value]}), path, {"x": {"type": "float", "meaning": "", "unit": "1"}}, provenance)
    os.utime(path, (1e9, 1e9))
    return results


def test_a_paper_that_is_run_later_joins_those_that_are_there(tmp_path: Path) -> None:
    target = tmp_path / "reference/paper"
    assert reference.take(ran(tmp_path / "a", WU), target) == [WU]
    assert reference.take(ran(tmp_path / "b", LEE), target) == [LEE]
    kept = reference.of_reference(target)
    assert list(kept["scorecard"]) == [f"{LEE}/C1", f"{WU}/C1"]
    assert [row["paper"] for row in reference.runs_of(target)] == [LEE, WU]


def test_a_paper_that_is_run_again_replaces_what_was_kept_of_it(tmp_path: Path) -> None:
    target = tmp_path / "reference/paper"
    reference.take(ran(tmp_path / "a", WU), target)
    reference.take(ran(tmp_path / "b", WU, value=7.0, cpu_seconds=91.0), target)
    (table,) = reference.of_reference(target)["tables"].values()
    assert table["columns"]["x"][2] == 7
    assert [row["cpu_seconds"] for row in reference.runs_of(target)] == ["91.0"]


def test_a_run_is_told_with_its_date_device_commit_and_cost(tmp_path: Path) -> None:
    (row,) = origin.of_paper(ran(tmp_path, WU), WU, "abc1234")
    run = next(iter(settings.load_paper(WU)["runs"]))
    assert row == dict(zip(origin.COLUMNS, (WU, run, "2001-09-09", "abc1234", "cpu", "90.0", "80.0", "123.4"), strict=True))


def test_tables_of_other_code_are_no_reference(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"made by other code than that at hand; run snakemake {WU} again"):
        reference.take(ran(tmp_path, WU, fingerprint="0000"), tmp_path / "reference/paper")
    assert not (tmp_path / "reference").exists()


def test_a_paper_whose_page_is_not_made_is_left_out(tmp_path: Path) -> None:
    results = ran(tmp_path, WU)
    ran(tmp_path, LEE)
    (results / f"{LEE}.html").unlink()
    assert reference.take(results, tmp_path / "reference/paper") == [WU]


def test_a_commit_with_changed_files_is_not_passed_off_as_the_commit(tmp_path: Path) -> None:
    who = ["-c", "user.name=n", "-c", "user.email=n@n"]
    (tmp_path / "file").write_text("one")
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "c"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    commit = origin.commit_at_hand(tmp_path)
    assert len(commit) >= 7
    assert " " not in commit
    (tmp_path / "file").write_text("two")
    assert origin.commit_at_hand(tmp_path) == f"{commit} with changes"


def line(verdict: str, claim: str = "C1", **told: str) -> dict[str, str]:
    return {"paper": WU, "claim": claim, "basis": "theorem", "verdict": verdict, "part": "gap", "measured": "0.5", "margin": "0.1", **told}


def test_the_scales_are_told_side_by_side_and_failures_with_what_they_miss_by() -> None:
    parts = [{"part": "gap", "label": "gap at $\\alpha = 1$"}]
    contract = {"short": "Wu | et al.", "claims": [{"claim": name, "role": "claim", "parts": parts} for name in ("C1", "C2")]}
    quick = {"a": line("reproduced"), "b": line("not_judged", "C2"), "gone": line("reproduced", "C9")}
    paper = {"a": line("not_reproduced", margin="-0.02"), "b": line("reproduced", "C2")}
    runs = [{"paper": WU, "date": "2026-11-27", "commit": "abc", "device": "cpu", "cpu_seconds": f"{600 * n}"} for n in (1, 2)]
    row = scales.compared(quick, paper, runs, {WU: contract}).splitlines()[-1]
    assert row == (
        "| Wu \\| et al. | 1 of 1, 1 not judged | 1 of 2 | none | C1 (theorem, “gap at α = 1”): 0.5, outside by 0.02 "
        "| CPU, 2026-11-27, abc, 30.0 minutes of CPU |"
    )


def test_the_published_scale_in_the_repository_is_small_and_says_how_it_was_run() -> None:
    kept = reference.ROOT / "reference" / "paper"
    if not kept.exists():
        pytest.skip("no paper has been run at the published scale")
    papers = set(reference.papers_of(reference.of_reference(kept)))
    assert papers == {row["paper"] for row in reference.runs_of(kept)}
    assert sum(path.stat().st_size for path in kept.iterdir()) < 400_000
