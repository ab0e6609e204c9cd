"""Configuration, papers and presets: read, checked, merged into the parameters of a run."""

import copy
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from repro import overrides, texts
from repro.documents import ROOT as ROOT
from repro.documents import SettingsError as SettingsError
from repro.documents import check, unknown, validator
from repro.documents import has_keys as has_keys
from repro.documents import load_yaml as load_yaml

PAPERS_FOLDER = ROOT / "workflow" / "papers"
PRESETS = ("smoke", "quick", "paper")
PARTS = ("runs", "figures", "claims")


@dataclass(frozen=True)
class Preset:
    """A preset with its `extends` chain resolved.

    `base` is the built-in preset at the root of the chain: claims and figures that
    name presets go by it. `overrides` is paper → run → parameter → value.
    """

    name: str
    base: str
    seed_offset: int = 0
    overrides: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)


def complete_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Checked configuration with the schema's default for every key left out.

    Raises
    ------
    SettingsError
        On an unknown key, a wrong type, or an unknown preset or paper.
    """
    config = overrides.numbers({key: value for key, value in config.items() if value is not None})
    check(config, "config", "config")
    full: dict[str, Any] = {}
    schema: Any = validator("config").schema
    for key, rule in schema["properties"].items():
        full[key] = config.get(key, rule["default"])
        if rule["type"] == "object" and "properties" in rule:
            full[key] = {name: full[key].get(name, sub["default"]) for name, sub in rule["properties"].items()}
    try:
        full["datasets"]["folder"] = os.path.normpath(Path(full["datasets"]["folder"]).expanduser())
    except RuntimeError:
        raise SettingsError(
            f"config: datasets: folder: {full['datasets']['folder']!r} begins with a user who has no home here: write the path without ~"
        ) from None
    return copy.deepcopy(full)


def paper_keys() -> list[str]:
    """Keys of all papers: the names of the folders in workflow/papers."""
    return sorted(path.parent.name for path in PAPERS_FOLDER.glob("*/paper.yaml"))


def selected_papers(config: Mapping[str, Any]) -> list[str]:
    """Keys of the papers that the configuration asks for, in alphabetical order."""
    known = paper_keys()
    if config["papers"] == "all":
        return known
    asked = [config["papers"]] if isinstance(config["papers"], str) else config["papers"]
    for key in asked:
        if key not in known:
            raise unknown("config: papers", key, ["all", *known])
    return sorted(set(asked))


@cache
def load_paper(key: str) -> dict[str, Any]:
    """The checked contract of one paper: workflow/papers/<key>/paper.yaml, with its runs, figures and claims under these words."""
    if key not in paper_keys():
        raise unknown("paper", key, paper_keys())
    parts = {}
    for part in ("paper", *PARTS):
        file = f"{key}/{part}.yaml"
        parts[part] = load_yaml(PAPERS_FOLDER / file)
        check(parts[part], part, file)
    paper = parts.pop("paper")
    if paper["paper"] != key:
        raise SettingsError(f"{key}/paper.yaml: paper: '{paper['paper']}' must be the folder's name, '{key}'")
    return {**paper, **parts}


def load_run(paper: str, run: str) -> dict[str, Any]:
    """The contract of one run of a paper."""
    runs = load_paper(paper)["runs"]
    if run not in runs:
        raise unknown(f"{paper}: runs", run, runs)
    return runs[run]


def figure_about(paper: str, figure: str, preset: Preset | str = "quick") -> dict[str, Any]:
    """What a figure's script is told beside its tables.

    Returns
    -------
    dict with label, title, numbering, ours (letters of panels that the published figure does not have), datasets (None: those
    beneath its tables), settings (a sentence for the footer), claims (claim → part → lower, upper, strict, published,
    compare, role) for the claims that name the figure, without the bounds of what only another preset judges, published
    (id → value or points, std), and preset (name, base).
    """
    contract = load_paper(paper)
    entry = contract["figures"][figure]
    preset = builtin(preset)
    shown = [claim for claim in contract["claims"] if figure in claim["figures"]]
    return {
        "short": contract["short"],
        **{word: entry[word] for word in ("label", "title", "numbering")},
        "ours": entry.get("ours"),
        "datasets": datasets_drawn(entry, preset.base),
        "settings": settings_text(paper, entry["settings"]["says"], preset),
        "claims": {claim["claim"]: {part["part"]: _part_about(part, claim, preset) for part in claim["parts"]} for claim in shown},
        "published": {
            name: {word: entry[word] for word in ("value", "std", "points") if word in entry}
            for name, entry in contract["published"].items()
        },
        "preset": {"name": preset.name, "base": preset.base},
    }


def datasets_drawn(entry: Mapping[str, Any], base: str) -> list[str] | None:
    """The datasets that a figure draws at a preset; None: those beneath its tables."""
    named: Any = entry.get("datasets")
    return named.get(base) if isinstance(named, dict) else named


def _part_about(part: Mapping[str, Any], claim: Mapping[str, Any], preset: Preset) -> dict[str, Any]:
    """What a figure is told of one part of a claim; smoke, which judges nothing, has all bounds."""
    told = {word: part.get(word) for word in ("lower", "upper", "strict", "published", "compare")} | {"role": claim["role"]}
    elsewhere = preset.base != "smoke" and preset.base not in claim["presets"]
    return told | {"lower": None, "upper": None} if elsewhere else told


def settings_text(paper: str, text: str, preset: Preset | str = "quick") -> str:
    """A text with its fields {run.parameter} filled in from the parameters of a preset; SettingsError for one that is unknown."""
    preset = builtin(preset)

    def parameter(field: texts.Field) -> Any:
        params = load_params(paper, field.owner, preset)
        if field.name not in params:
            raise unknown(f"{paper}/figures.yaml: {{{field.owner}.{field.name}}}", field.name, params)
        return params[field.name]

    return texts.fill(text, parameter)


def table_contract(paper: str, table: str) -> dict[str, Any]:
    """Rows and columns of one table; every column as {type, meaning, unit}, the glossary filled in."""
    for run in load_paper(paper)["runs"].values():
        if table in run["tables"]:
            entry = run["tables"][table]
            columns = {name: _column(name, spec) for name, spec in entry["columns"].items()}
            return {"rows": entry["rows"], "columns": columns}
    raise unknown(f"{paper}: tables", table, [name for run in load_paper(paper)["runs"].values() for name in run["tables"]])


@cache
def _glossary() -> dict[str, Any]:
    return load_yaml(ROOT / "workflow" / "columns.yaml")


def _column(name: str, spec: Any) -> dict[str, Any]:
    own = spec if isinstance(spec, Mapping) else {"type": spec}
    return {"meaning": "", "unit": "1", **_glossary().get(name, {}), **own}


def resolve_preset(config: Mapping[str, Any]) -> Preset:
    """The preset named by a complete configuration, with its chain of `extends` merged.

    Raises
    ------
    SettingsError
        If a preset, paper, run or parameter in the chain is unknown, a value has another
        kind than the one it replaces, or the chain is circular.
    """
    own = config["presets"]
    chain: list[str] = []
    name = config["preset"]
    while name not in PRESETS:
        if name not in own:
            where = f"config: presets: {chain[-1]}: extends" if chain else "config: preset"
            raise unknown(where, name, [*PRESETS, *own])
        if name in chain:
            raise SettingsError(
                f"config: presets: {' → '.join([*chain, name])} is a circle; one of them must extend {' or '.join(PRESETS)}"
            )
        chain.append(name)
        name = own[name]["extends"]
    merged: dict[str, dict[str, dict[str, Any]]] = {}
    offset = int(config["seed_offset"])  # 100.0 is a whole number too
    for link in reversed(chain):
        offset += int(own[link].get("seed_offset", 0))
        _merge(merged, own[link].get("params", {}), base=name, where=f"config: presets: {link}: params")
    return Preset(config["preset"], name, offset, merged)


def _merge(merged: dict[str, Any], params: Mapping[str, Any], *, base: str, where: str) -> None:
    for paper, runs in params.items():
        if paper not in paper_keys():
            raise unknown(where, paper, paper_keys())
        for run, values in runs.items():
            if run not in load_paper(paper)["runs"]:
                raise unknown(f"{where}: {paper}", run, load_paper(paper)["runs"])
            known = {**_base_params(paper, run, base), **_splits(paper, run)}
            for key, value in values.items():
                place = f"{where}: {paper}: {run}"
                if key not in known:
                    raise unknown(place, key, known)
                if told := overrides.problem("n_shards" if key == "shards" else key, value, known[key]):
                    raise SettingsError(f"{place}: {key}: {value!r} {told}; {base} has {known[key]!r}")
            merged.setdefault(paper, {}).setdefault(run, {}).update(values)


def _splits(paper: str, run: str) -> dict[str, int]:
    """The parameter that splits a run into jobs, for the runs that can be split."""
    return {"shards": 1} if load_run(paper, run).get("shards") else {}


def _base_params(paper: str, run: str, base: str) -> dict[str, Any]:
    params = load_run(paper, run)["params"]
    return copy.deepcopy({**params.get("shared", {}), **params[base]})


def builtin(preset: Preset | str) -> Preset:
    """A preset, or one of the three by its name."""
    if not isinstance(preset, str):
        return preset
    if preset not in PRESETS:
        raise unknown("preset", preset, PRESETS)
    return Preset(preset, preset)


def load_params(paper: str, run: str, preset: Preset | str = "quick") -> dict[str, Any]:
    """Parameters of one run at a preset.

    A run whose parameters speak of seeds gets `seed_offset` with them; a run that draws
    nothing at random does not, so that a shifted session leaves it alone.
    """
    preset = builtin(preset)
    params = _base_params(paper, run, preset.base) | dict(preset.overrides.get(paper, {}).get(run, {}))
    if "shards" in params:
        params["shards"] = min(params["shards"], _length(params[load_run(paper, run)["shards"]]))  # a preset of one's own may be shorter
    if _speaks_of_seeds(params):
        params["seed_offset"] = preset.seed_offset
    return params


def _speaks_of_seeds(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any("seed" in key or _speaks_of_seeds(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_speaks_of_seeds, value))


def _length(axis: int | list[Any]) -> int:
    return axis if isinstance(axis, int) else len(axis)


def shard(params: Mapping[str, Any], axis: str, index: int, n_shards: int) -> dict[str, Any]:
    """Share `index` of `n_shards` of the parameters: a contiguous part of the list or count `axis`.

    Joined in order, the parts' tables are the table of one job. A part of a count also gets
    `shard_start`, the number of seeds that earlier parts took.
    """
    whole = params[axis]
    length = _length(whole)
    start, stop = index * length // n_shards, (index + 1) * length // n_shards
    if isinstance(whole, int):
        return {**params, axis: stop - start, "shard_start": start}
    return {**params, axis: whole[start:stop]}
