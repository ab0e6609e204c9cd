"""Tidy Parquet tables: checked against their contract, written atomically, with their provenance inside."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from repro.files import atomic

_PROVENANCE = b"provenance"
_MOST_TOLD = 8  # columns of a bad row that its error names
_FIELD = {"int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "str": pa.string()}


def write(frame: pd.DataFrame, path: Path, columns: Mapping[str, Mapping[str, Any]], provenance: Mapping[str, Any]) -> None:
    """Write a table whose columns are exactly those of its contract.

    Parameters
    ----------
    frame : DataFrame, one row an observation; the order of the columns is free.
    path : file to write; it appears whole or not at all.
    columns : name → {type, meaning, unit}, in the order to write. A type is int, float, bool or
        str, with `?` (null allowed) and `*` (non-finite allowed) behind it, or a list of categories.
    provenance : anything JSON can hold; kept in the file's metadata.

    Raises
    ------
    ValueError
        Naming table, column and row, with what else the row holds, if the frame breaks the contract.
    """
    missing, extra = set(columns) - set(map(str, frame)), set(map(str, frame)) - set(columns)
    if missing or extra:
        raise ValueError(f"{path.stem}: columns differ from the contract: missing {sorted(missing)}, not known {sorted(extra)}")
    arrays, fields = [], []
    for name, spec in columns.items():
        row = partial(_row, frame, columns, name)
        array = _column(frame[name], spec["type"], f"{path.stem}: column {name}", row)
        about = {"meaning": spec["meaning"], "unit": spec["unit"]}
        fields.append(pa.field(name, array.type, metadata=about))
        arrays.append(array)
    schema = pa.schema(fields, metadata={_PROVENANCE: json.dumps(provenance, sort_keys=True).encode()})
    _write(pa.Table.from_arrays(arrays, schema=schema), path)


def _write(table: pa.Table, path: Path) -> None:
    with atomic(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)


@contextmanager
def _named(path: Path | str) -> Iterator[None]:
    """Say which table is damaged, and the way out."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path}: not a whole table ({reason}). Delete it and run again: it will be computed anew.") from error


def _read(path: Path | str) -> pa.Table:
    # One thread and no read-ahead: Arrow's own threads at times abort the process when it exits.
    with Path(path).open("rb") as file, _named(path), _parquet(file) as parquet:
        table, about = parquet.read(use_threads=False), parquet.metadata
        if not table.num_rows == about.num_rows == sum(about.row_group(group).num_rows for group in range(about.num_row_groups)):
            raise ValueError("its parts have another number of rows")  # pages carry checksums, counts do not
        return table


def _parquet(file: BinaryIO) -> pq.ParquetFile:
    return pq.ParquetFile(file, pre_buffer=False, page_checksum_verification=True)


def _row(frame: pd.DataFrame, columns: Mapping[str, Mapping[str, Any]], bad: str, is_bad: Any) -> str:
    """The first bad row by its place and by the numbers and words of the other columns."""
    at = int(np.argmax(is_bad))
    others = {name: frame[name].iloc[at] for name in columns if name != bad}
    told = [f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in others.items() if not pd.isna(value)]
    return f"row {at}" + (f" ({', '.join(told[:_MOST_TOLD])})" if told else "")


def _column(values: "pd.Series[Any]", kind: str | list[str], where: str, row: Callable[[Any], str]) -> pa.Array:
    if isinstance(kind, list):
        strange = sorted({str(value) for value in values.dropna()} - set(kind))
        if strange:
            raise ValueError(f"{where}: {strange[0]!r} is not one of {', '.join(kind)}")
        kind = "str"
    base = kind.rstrip("?*")
    null = values.isna()
    if null.any() and "?" not in kind and not (base == "float" and "*" in kind):
        raise ValueError(f"{where}: null or NaN in {row(null)}, and its type is {kind}")
    if base == "float":
        numbers = pd.to_numeric(values).astype("float64")
        infinite = np.isinf(numbers)
        if infinite.any() and "*" not in kind:
            raise ValueError(f"{where}: infinite in {row(infinite)}, and its type is {kind}")
        return pa.array(numbers.to_numpy(), mask=null.to_numpy(), type=pa.float64())
    if base == "int" and (pd.to_numeric(values[~null]) % 1 != 0).any():
        raise ValueError(f"{where}: not all values are int")
    try:
        return pa.array(values.astype(object).where(~null, None), type=_FIELD[base])
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ValueError(f"{where}: not all values are {base}: {error}") from None


def read(path: Path | str) -> pd.DataFrame:
    """A table as a data frame; nulls of int columns make them nullable integers."""
    table = _read(path)
    with _named(path):
        frame = table.to_pandas(use_threads=False)
    for spec in table.schema:
        if spec.type == pa.int64() and table[spec.name].null_count:
            frame[spec.name] = pd.array(table[spec.name].to_pylist(), dtype="Int64")
    return frame


def provenance(path: Path | str) -> dict[str, Any]:
    """What was said of a table when it was written: preset, parameters, versions, sources, cost."""
    with Path(path).open("rb") as file, _named(path):
        return json.loads(pq.read_schema(file).metadata[_PROVENANCE])


def n_rows(path: Path | str) -> int:
    """Number of rows of a table, without reading them."""
    with Path(path).open("rb") as file, _named(path):
        return int(pq.read_metadata(file).num_rows)


def write_csv(path: Path, target: Path, *, most_bytes: int | None = None, first_rows: int = 1000) -> bool:
    """Write a table as CSV; only its first rows where the whole takes more than `most_bytes`. Whether it is whole."""
    from pyarrow import csv  # noqa: PLC0415 - only the site needs it

    table = _read(path)
    with atomic(target) as temporary:
        csv.write_csv(table, temporary)
        whole = most_bytes is None or temporary.stat().st_size <= most_bytes
        if not whole:
            csv.write_csv(table.slice(0, first_rows), temporary)
    return whole


def join(paths: Sequence[Path | str], path: Path) -> None:
    """Join the shards of a table in order; their costs add up, their parameters are listed."""
    parts = [provenance(part) for part in paths]
    whole = {**parts[0], "parameters": [part["parameters"] for part in parts]}
    for cost in ("wall_seconds", "cpu_seconds"):
        whole[cost] = round(sum(part[cost] for part in parts), 3)
    whole["peak_memory_mb"] = max(part["peak_memory_mb"] for part in parts)
    table = pa.concat_tables([_read(part) for part in paths])
    _write(table.replace_schema_metadata({_PROVENANCE: json.dumps(whole, sort_keys=True).encode()}), path)
