"""The last words of a run: verdicts of what was asked for, what failed and why, and where things are."""

import os
import re

import pandas as pd
import pytest

from repro import claims as judging
from repro import tables
from scripts.publish.closing import closing_words

PAPERS = {"wu": {"short": "Wu et al."}, "biggs": {"short": "Biggs and Guedj"}}
COLUMNS = {name: {"type": kind, "meaning": meaning, "unit": "1"} for name, (kind, meaning) in judging.COLUMNS.items()}


def part(paper, claim, verdict="reproduced", **other):
    """One row of claims.parquet."""
    told = dict.fromkeys(judging.COLUMNS)
    told |= {
        "paper": paper,
        "claim": claim,
        "part": "only",
        "label": "the ratio $x$",
        "measures": "a number",
        "figures": "fig1",
        "source": "E1",
    }
    told |= {"role": "claim", "basis": "theorem", "measured_in": "simulation", "statement": "holds", "compare": "value", "strict": False}
    told |= {"measured": 0.5, "lower": 0.0, "upper": 1.0, "margin": 0.5, "n": 10, "verdict": verdict}
    return told | {"note": "no row with n_train = 7" if verdict == "not_judged" else ""} | other


ROWS = [
    part("wu", "C1"),
    part("wu", "C2", basis="published"),
    part("wu", "N1", role="negative_control"),
    part("wu", "G1", basis="regression"),
    part("biggs", "C1", "not_reproduced", margin=-1.0, measured=2.0, std_error=0.25),
    part("biggs", "C2", "not_judged", margin=None, measured=None),
]


def put(path, text):
    """Write a file of the run, its folders with it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def run(tmp_path):
    """Folders of a complete run of two papers."""
    results, logs = tmp_path / "results" / "quick", tmp_path / "logs" / "quick"
    for key in PAPERS:
        rows = pd.DataFrame([row for row in ROWS if row["paper"] == key], columns=list(judging.COLUMNS))
        tables.write(rows, results / key / "claims.parquet", COLUMNS, {})
        put(logs / key / "claims.log", "12:00:00 claims: done: 1.0 s\n")
    put(results / "scorecard.md", "")
    put(results / "index.html", "")
    put(results / "wu" / "fig1.pdf", "")
    return results, logs


def row(text, first):
    return re.split(r"  +", next(line for line in text.splitlines() if line.startswith(first)))


def test_a_complete_run_is_told_by_kind_with_what_failed_and_why(run):
    results, logs = run
    text = closing_words(results, logs, PAPERS)
    assert row(text, "paper") == ["paper", "published", "theorem", "negative controls", "regression guards", "not judged"]
    assert row(text, "Wu") == ["Wu et al.", "1 of 1", "1 of 1", "1 of 1", "1 of 1", "0"]
    assert row(text, "Biggs") == ["Biggs and Guedj", "–", "0 of 1", "–", "–", "1"]
    assert "  Biggs and Guedj C1 (theorem), not reproduced: the ratio x: measured 2 ± 0.25, bounds 0 to 1" in text.splitlines()
    assert "  1 × no row with n_train = 7" in text.splitlines()
    assert f"Page: {results}/index.html" in text
    assert f"Figures: {results}/<paper>/*.pdf and *.png" in text
    assert "Failed" not in text
    assert "SAMPLE" not in text


def test_a_control_that_does_not_fail_says_so_in_its_own_words(run):
    results, logs = run
    rows = pd.DataFrame([part("wu", "N1", "not_reproduced", role="negative_control")], columns=list(judging.COLUMNS))
    tables.write(rows, results / "wu" / "claims.parquet", COLUMNS, {})
    assert "Wu et al. N1 (theorem), does not fail as stated: " in closing_words(results, logs, {"wu": PAPERS["wu"]})


def test_only_what_was_asked_for_is_told(run):
    results, logs = run
    put(results / "wu.html", "")
    text = closing_words(results, logs, {"wu": PAPERS["wu"]})
    assert "Biggs" not in text
    assert "Not made" not in text
    assert f"Page: {results}/wu.html" in text
    assert f"Figures: {results}/wu/*.pdf and *.png" in text


def test_after_one_figure_it_is_named_and_nothing_else(run):
    results, logs = run
    made = [f"{results}/wu/t.parquet", f"{results}/wu/fig1.pdf"]
    assert closing_words(results, logs, {}, made=made) == f"\nMade:\n  {results}/wu/fig1.pdf\n"
    assert closing_words(results, logs, {}, made=made[:1]) == f"\nMade:\n  {results}/wu/t.parquet\n"


def test_a_failure_names_the_unfinished_paper_and_the_log_of_this_run(run):
    results, logs = run
    (results / "biggs" / "claims.parquet").unlink()
    log = put(
        logs / "biggs" / "cifar.log", "12:00:00 biggs_cifar: start\nTraceback\n12:00:01 biggs_cifar: failed: ValueError: no such width\n"
    )
    old = put(logs / "wu" / "old.log", "12:00:01 wu_old: failed: ValueError: mended long ago\n")
    os.utime(old, (1000, 1000))
    text = closing_words(results, logs, PAPERS, failed=True, since=2000)
    assert row(text, "Wu")
    assert "Unfinished: Biggs and Guedj (biggs)" in text
    assert f"  {log}: ValueError: no such width" in text
    assert "mended long ago" not in text
    assert "claims.log" not in text


def test_a_failed_import_or_download_names_its_log(run):
    results, logs = run
    put(logs / "wu" / "schedules.log", "")
    put(logs.parent / "data" / "fetch_mnist.log", "12:00:01 fetch_mnist: failed: OSError: no mirror answers\n")
    text = closing_words(results, logs, PAPERS, failed=True)
    assert "schedules.log: empty, the script did not start" in text
    assert "fetch_mnist.log: OSError: no mirror answers" in text


def test_a_job_that_was_killed_is_named_with_where_its_memory_stands(run):
    results, logs = run
    log = put(logs / "wu" / "schedules.log", "12:00:00 wu_schedules: start: preset quick, cpu, 1 thread(s)\n")
    text = closing_words(results, logs, PAPERS, failed=True)
    assert f"  {log}: ended without a word: killed from outside, or by the system for want of memory: make plan RULES=1 says" in text


def test_a_paper_whose_products_are_not_all_there_is_unfinished(run):
    results, logs = run
    papers = {key: {**paper, "products": [str(results / key / "claims.parquet")]} for key, paper in PAPERS.items()}
    papers["wu"]["products"].append(str(results / "wu" / "gone.parquet"))
    assert "Not made in this run: Wu et al. (wu)" in closing_words(results, logs, papers)
    assert "Unfinished: Wu et al. (wu)" in closing_words(results, logs, papers, failed=True)


@pytest.mark.parametrize("content", [b"", b"PAR1 half made"])
def test_half_made_claims_are_survived(run, content):
    results, logs = run
    (results / "biggs" / "claims.parquet").write_bytes(content)
    assert row(closing_words(results, logs, PAPERS), "Wu")[1] == "1 of 1"


def test_nothing_at_all_is_said_and_does_not_raise(tmp_path):
    text = closing_words(tmp_path / "results" / "quick", tmp_path / "logs" / "quick", PAPERS, sampled=True)
    assert "Not made in this run: Wu et al. (wu), Biggs and Guedj (biggs)" in text
    assert "!!! SAMPLE DATA" in text
