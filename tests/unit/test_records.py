"""Results without Snakemake's records of them: what stays, what is made anew, what is told."""

from pathlib import Path

import pandas as pd

from repro import tables
from scripts.publish.records import Recipe, is_made_by, line

COLUMNS = {"x": {"type": "float", "meaning": "x", "unit": "1"}}


def made(path: Path, fingerprint: str, parameters: object) -> str:
    tables.write(pd.DataFrame({"x": [0.5]}), path, COLUMNS, {"fingerprint": fingerprint, "parameters": parameters})
    return str(path)


def test_a_table_tells_whether_code_and_parameters_are_those_of_now(tmp_path: Path) -> None:
    table = made(tmp_path / "t.parquet", "abc", {"widths": (10, 20), "rate": 0.5})
    assert is_made_by(table, Recipe("abc", {"rate": 0.5, "widths": [10, 20]}, []))
    assert not is_made_by(table, Recipe("abd", {"rate": 0.5, "widths": [10, 20]}, [])), "other code"
    assert not is_made_by(table, Recipe("abc", {"rate": 0.5, "widths": [10, 21]}, [])), "other parameters"


def test_a_damaged_table_is_not_what_would_be_made(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    assert not is_made_by(str(tmp_path / "t.parquet"), Recipe("abc", {}, []))


def test_the_line_says_what_stays_and_what_is_made_anew() -> None:
    stale = [f"results/quick/wu/t{number}.parquet" for number in range(5)]
    told = line(["results/quick/wu/kept.parquet"], stale, ["results/quick/wu/fig1.pdf"])
    assert told.startswith("NO RECORD of 7 result files in .snakemake, ")
    assert "1 tables say that they are as they would be made now, and stay." in told
    assert "5 tables made by other code or with other parameters (wu/t0, wu/t1, wu/t2 and 2 more) and 1 figures and verdicts." in told
