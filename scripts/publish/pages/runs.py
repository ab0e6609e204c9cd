"""The runs of a paper as its page shows them: tables with the meaning of their columns, parameters at every preset, time and device."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from repro import settings, texts
from scripts.publish import costs

_LONGEST = 160  # characters of a parameter that a page shows
_COMMENT = re.compile(r"^( +)(\w+):.*?\s#\s+(.*)$")

Session = Mapping[str, Any]


def runs(session: Session, key: str) -> list[dict[str, Any]]:
    """The runs whose tables this session has, in order."""
    contract = session["papers"][key]
    found = {name: [table for table in run["tables"] if (key, table) in session["tables"]] for name, run in contract["runs"].items()}
    return [_run(session, key, name, tables) for name, tables in found.items() if tables]


def run_of(contract: Mapping[str, Any], table: str) -> str:
    """The run that makes a table."""
    return next(name for name, run in contract["runs"].items() if table in run["tables"])


def cost(session: Session, key: str, tables: Iterable[str]) -> dict[str, Any]:
    """CPU seconds of the runs that made some tables, as they measured themselves, in words too, and their devices."""
    of_run: dict[str, Mapping[str, Any]] = {}
    for table in tables:
        about = session["tables"][key, table]
        run = run_of(session["papers"][key], table)
        if run not in of_run or about["cpu_seconds"] > of_run[run]["cpu_seconds"]:
            of_run[run] = about
    seconds = sum(about["cpu_seconds"] for about in of_run.values())
    return {"cpu_s": seconds, "words": costs.in_words(seconds), "devices": devices(of_run.values())}


def devices(provenances: Iterable[Mapping[str, Any]]) -> str:
    """Where tables were computed, in words."""
    found = {about["device"] for about in provenances}
    return " and ".join(words for device, words in (("cpu", "the CPU"), ("cuda", "a GPU")) if device in found) or "nothing"


def _run(session: Session, key: str, name: str, tables: list[str]) -> dict[str, Any]:
    run = session["papers"][key]["runs"][name]
    rows, notes = parameters(key, name, session["preset"])
    return {
        "name": name,
        "computes": run["computes"],
        "equations": run["equations"],
        "datasets": texts.datasets(run["datasets"]),
        "gpu": "gpu_s" in run["cost"],
        "cost": cost(session, key, tables),
        "script": f"scripts/{key}/runs/{name}.py",
        "tables": [_table(session, key, table) for table in tables],
        "presets": _presets(session["preset"]),
        "parameters": rows,
        "notes": notes,
    }


def _table(session: Session, key: str, name: str) -> dict[str, Any]:
    contract = settings.table_contract(key, name)
    columns = [
        {"name": column, "meaning": spec["meaning"], "unit": "" if spec["unit"] == "1" else spec["unit"], "values": _values(spec["type"])}
        for column, spec in contract["columns"].items()
    ]
    return {"name": name, "rows": contract["rows"], "columns": columns, **session["tables"][key, name]}


def _values(kind: str | list[str]) -> str:
    """What a column holds, in words."""
    if isinstance(kind, list):
        return ", ".join(kind)
    words = {"int": "whole number", "float": "number", "bool": "true or false", "str": "text"}[kind.rstrip("?*")]
    return words + (", may be infinite" if "*" in kind else "") + (", may be missing" if "?" in kind else "")


def _presets(preset: settings.Preset) -> list[str]:
    return [*settings.PRESETS, *([] if preset.name in settings.PRESETS else [preset.name])]


def parameters(key: str, run: str, preset: settings.Preset) -> tuple[list[dict[str, Any]], list[str]]:
    """One entry a parameter, with its value at every preset and what its yaml says of it, and what the yaml says of whole presets."""
    presets = [preset if name == preset.name else settings.builtin(name) for name in _presets(preset)]
    values = [settings.load_params(key, run, one) for one in presets]
    told = comments((settings.PAPERS_FOLDER / key / "runs.yaml").read_text(encoding="utf-8"), run)
    names = dict.fromkeys(name for of_preset in values for name in of_preset)
    rows: list[dict[str, Any]] = [
        {"name": name, "values": [_value(of_preset[name]) if name in of_preset else texts.NOTHING for of_preset in values]}
        | {"note": "; ".join(told.pop(name, []))}
        for name in names
    ]
    rows = [row | {"same": len(set(row["values"])) == 1} for row in rows]
    return rows, [f"{name}: {'; '.join(notes)}" for name, notes in told.items() if name in (*settings.PRESETS, "shared", "params")]


def _value(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return texts.number(value, 10)
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        text = ", ".join(map(_value, value)) or "[]"
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def comments(text: str, run: str) -> dict[str, list[str]]:
    """Comments behind the parameters of one run, where a yaml says whence a value comes: parameter, or preset → comments."""
    block = re.search(rf"^{run}:\n((?:(?: .*)?\n)*)", text + "\n", re.MULTILINE)
    inside, section, found = False, "", dict[str, list[str]]()
    for line in block.group(1).splitlines() if block else []:
        if re.match(r"  \w", line):
            inside = line.startswith("  params:")
        if not inside:
            continue
        if key := re.match(r"    (\w+):", line):
            section = key.group(1)
        if comment := _COMMENT.match(line):
            depth, name, words = len(comment.group(1)), comment.group(2), comment.group(3)
            if depth <= 6:
                notes = found.setdefault(name, [])
                words = f"{section}: {words}" if depth == 6 and section != "shared" else words
                notes += [words] if words not in notes else []
    return found
