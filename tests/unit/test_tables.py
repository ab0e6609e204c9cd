"""Tables on disk."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from repro import tables

COLUMNS = {
    name: {"type": kind, "meaning": f"the {name}", "unit": "1"}
    for name, kind in {"seed": "int?", "method": ["theory", "simulation"], "risk": "float*", "error": "float?", "stopped": "bool"}.items()
}


def frame(**columns: object) -> pd.DataFrame:
    whole = {"seed": [1, None], "method": ["simulation", "theory"], "risk": [1.5, np.inf], "error": [None, 0.5], "stopped": [True, False]}
    return pd.DataFrame(whole | columns)


def test_a_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "table.parquet"
    tables.write(frame()[["stopped", "error", "risk", "method", "seed"]], path, COLUMNS, {"preset": "smoke"})
    found = tables.read(path)
    assert list(found) == list(COLUMNS)
    assert found["seed"].dtype == "Int64"
    assert found["risk"].tolist() == [1.5, np.inf]
    assert np.isnan(found["error"][0])
    assert tables.provenance(path) == {"preset": "smoke"}
    assert pq.read_schema(path).field("risk").metadata == {b"meaning": b"the risk", b"unit": b"1"}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"extra": [1, 2]}, r"not known \['extra'\]"),
        ({"method": ["theory", "guess"]}, "column method: 'guess' is not one of theory, simulation"),
        (
            {"error": [np.inf, 0.5]},
            r"table: column error: infinite in row 0 \(seed 1, method simulation, risk 1.5, stopped True\), and its",
        ),
        ({"stopped": [True, None]}, r"column stopped: null or NaN in row 1 \(method theory, risk inf, error 0.5\), and its type is bool"),
        ({"seed": [1.5, None]}, "column seed: not all values are int"),
    ],
)
def test_a_frame_that_breaks_the_contract_is_refused_and_leaves_no_file(tmp_path: Path, columns: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tables.write(frame(**columns), tmp_path / "table.parquet", COLUMNS, {})
    assert list(tmp_path.iterdir()) == []


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"missing \['risk'\]"):
        tables.write(frame().drop(columns="risk"), tmp_path / "table.parquet", COLUMNS, {})


def test_writing_replaces_the_old_table_whole(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    tables.write(frame(), path, COLUMNS, {})
    with pytest.raises(ValueError, match="method"):
        tables.write(frame(method=["a", "b"]), path, COLUMNS, {})
    assert len(tables.read(path)) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["table.parquet"]


def test_joined_shards_add_up_their_costs(tmp_path: Path) -> None:
    cost = {"wall_seconds": 1.0, "cpu_seconds": 2.0, "peak_memory_mb": 10.0}
    for index in range(2):
        tables.write(
            frame(risk=[index, 7]),
            tmp_path / f"{index}.parquet",
            COLUMNS,
            cost | {"parameters": {"n": index}, "peak_memory_mb": 10.0 + index},
        )
    tables.join([tmp_path / "0.parquet", tmp_path / "1.parquet"], tmp_path / "whole.parquet")
    assert tables.read(tmp_path / "whole.parquet")["risk"].tolist() == [0, 7, 1, 7]
    assert tables.provenance(tmp_path / "whole.parquet") == {
        "wall_seconds": 2.0,
        "cpu_seconds": 4.0,
        "peak_memory_mb": 11.0,
        "parameters": [{"n": 0}, {"n": 1}],
    }


@pytest.mark.parametrize("content", [b"", b"PAR1 cut short"])
def test_a_damaged_table_is_named_with_the_way_out(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "table.parquet"
    path.write_bytes(content)
    for read in (tables.read, tables.provenance):
        with pytest.raises(ValueError, match=r"table\.parquet: not a whole table .* Delete it and run again"):
            read(path)


def test_a_flipped_bit_is_told_and_never_another_number(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    good = pd.DataFrame({"seed": range(50), "risk": np.linspace(0.1, 0.9, 50)})
    columns = {name: COLUMNS[name] | {"type": kind} for name, kind in {"seed": "int", "risk": "float"}.items()}
    tables.write(good, path, columns, {"preset": "smoke"})
    whole, told = path.read_bytes(), 0
    for at in range(0, len(whole), 3):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x04]) + whole[at + 1 :])
        try:
            found = tables.read(path)
        except ValueError as error:
            told += str(error).startswith(f"{path}: not a whole table")
        else:
            numbers = {name: found[name].tolist() for name in columns if name in found}
            assert numbers == {name: good[name].tolist() for name in numbers}, at
    assert told > len(whole) / 12


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted in /proc")
def test_reading_a_table_starts_no_thread(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    tables.write(frame(), path, COLUMNS, {})
    count = "import os, sys; from repro import tables; n = lambda: len(os.listdir('/proc/self/task')); "
    count += "before = n(); tables.read(sys.argv[1]); sys.exit(n() - before)"
    assert subprocess.run([sys.executable, "-c", count, path], check=False, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}).returncode == 0
