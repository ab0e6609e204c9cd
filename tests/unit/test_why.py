"""Why a rule would run, in words."""

from pathlib import Path

from scripts.publish import plan, why

A, B = "a" * 16, "b" * 16
PARTS = {A: {"scripts/p/run.py": "1", "repro/x.py": "1", "repro/gone.py": "1"}, B: {"scripts/p/run.py": "1", "repro/x.py": "2"}}
CHANGED = "Params have changed since last execution: Union of exclusive params before and now across all output: before: "


def test_a_changed_fingerprint_names_the_files_that_moved() -> None:
    assert why.cause(f"{CHANGED}'{A}' now: '{B}' ", {}, PARTS) == "code changed: repro/gone.py, repro/x.py"


def test_a_fingerprint_that_no_run_kept_is_said_to_be_unknown() -> None:
    assert why.cause(f"{CHANGED}'{A}' now: '{'c' * 16}' ", {}, PARTS) == "its code changed, in a file that no run kept"


def test_a_changed_parameter_is_shown_before_and_now() -> None:
    assert why.cause(f"{CHANGED}{{'n': 5}} now: {{'n': 6}} ", {}, PARTS) == "parameters: {'n': 5} → {'n': 6}"


def test_a_changed_text_with_a_semicolon_is_one_cause_and_shown_where_it_differs() -> None:
    text = "'a: error over the steps; dotted: the law; below: what is left of it when all is done'"
    told = why.cause(f"{CHANGED}{text} now: {text.replace('all', 'nothing')} ; Updated input files: t.parquet", {}, PARTS)
    assert told == "parameters: … is left of it when all is done' → … is left of it when nothing is done'; changed: t.parquet"


def test_what_follows_another_rule_names_it() -> None:
    told = why.cause("Missing output files: a.pdf; Input files updated by another job: t.parquet, u.parquet", {"t.parquet": "p_run"}, PARTS)
    assert told == "not there: a.pdf; follows p_run, u.parquet"


def test_the_report_has_a_line_a_rule_and_the_cost_of_all() -> None:
    text = "\nrule p_run:\n    output: t.parquet\n    reason: Forced execution\n"
    jobs = [plan.Job("p_run", cpu=65, gpu=0, memory=1, disk=0, basis="measured")]
    assert why.report(text, jobs, PARTS, 2).splitlines() == [
        "1 jobs, about 1:08 on the 2 cores here; rule, CPU time, cause:",
        "p_run  1:05  forced execution",
    ]
    assert why.report("", [], PARTS, 2) == "Nothing to be done."


def test_fingerprints_are_kept_and_added_to(tmp_path: Path) -> None:
    file = tmp_path / "logs/fingerprints.json"
    file.parent.mkdir()
    file.write_text('{"old": {}}')
    why.keep(file)
    known = why._kept(file)
    assert known.keys() > {"old"}
    assert any("scripts/publish/scorecard.py" in parts for parts in known.values())
