"""Every paper keeps its contract: yaml, scripts and rules say the same."""

import importlib
import inspect
import re

import pytest

from repro.settings import PRESETS, ROOT, load_paper, load_params, paper_keys, table_contract

PAPERS = paper_keys()


@pytest.mark.parametrize("key", PAPERS)
def test_every_claim_has_its_function_and_every_function_its_claim(key: str) -> None:
    module = importlib.import_module(f"scripts.{key}.claims")
    public = {name for name, value in inspect.getmembers(module, inspect.isfunction) if value.__module__ == module.__name__}
    functions = {name for name in public if not name.startswith("_")}
    assert functions == {claim["claim"].lower() for claim in load_paper(key)["claims"]}


@pytest.mark.parametrize("key", PAPERS)
def test_every_run_and_figure_has_a_script(key: str) -> None:
    paper = load_paper(key)
    for run in paper["runs"]:
        assert callable(importlib.import_module(f"scripts.{key}.runs.{run}").compute)
    for figure in paper["figures"]:
        assert callable(importlib.import_module(f"scripts.{key}.figures.{figure}").draw)


@pytest.mark.parametrize("key", PAPERS)
def test_every_run_has_one_rule_with_its_inputs_and_fingerprint(key: str) -> None:
    rules = (ROOT / "workflow" / "rules" / f"{key}.smk").read_text()
    runs = load_paper(key)["runs"]
    assert re.findall(r"^rule (\w+):", rules, re.MULTILINE) == [f"{key}_{run}" for run in runs]
    for run, block in zip(runs, re.split(r"^rule ", rules, flags=re.MULTILINE)[1:], strict=True):
        for part in (f'tables("{key}", "{run}")', f'params("{key}", "{run}")', f'fingerprint("scripts/{key}/runs/{run}.py")'):
            assert part in block, f"{run}: {part}"
        for directive in ("log", "benchmark", "conda", "threads", "mem_mb", "runtime"):
            assert directive in block, f"{run}: {directive}"
        asked = re.search(r"dataset\((.*?)\)", block)
        named = re.findall(r'"(\w+)"', asked.group(1)) if asked else []
        assert named == runs[run]["datasets"], run


@pytest.mark.parametrize("key", PAPERS)
def test_tables_have_unique_names_and_every_column_a_meaning(key: str) -> None:
    paper = load_paper(key)
    names = [table for run in paper["runs"].values() for table in run["tables"]]
    assert len(set(names)) == len(names)
    assert not set(names) & set(paper["figures"]), "a table named like a figure would collide with its rule"
    for name in names:
        unexplained = [column for column, spec in table_contract(key, name)["columns"].items() if not spec["meaning"]]
        assert unexplained == [], name


@pytest.mark.parametrize("key", PAPERS)
def test_presets_have_the_same_parameters(key: str) -> None:
    for run in load_paper(key)["runs"]:
        keys = {preset: set(load_params(key, run, preset)) - {"shards"} for preset in PRESETS}
        assert keys["smoke"] == keys["quick"] == keys["paper"], run


@pytest.mark.parametrize("key", PAPERS)
def test_figures_and_claims_name_what_exists(key: str) -> None:
    paper = load_paper(key)
    tables = {table for run in paper["runs"].values() for table in run["tables"]}
    for figure in paper["figures"].values():
        assert set(figure["tables"]) <= tables
    ids = [claim["claim"] for claim in paper["claims"]]
    assert len(set(ids)) == len(ids)
    for claim in paper["claims"]:
        assert set(claim["figures"]) <= set(paper["figures"]), claim["claim"]
        for part in claim["parts"]:
            assert set(part["tables"]) <= tables, claim["claim"]
            assert part["lower"] is not None or part["upper"] is not None, f"{claim['claim']} cannot fail"


@pytest.mark.parametrize("key", PAPERS)
def test_a_split_run_names_the_list_or_count_it_is_split_along(key: str) -> None:
    for run, entry in load_paper(key)["runs"].items():
        for preset in PRESETS:
            params = load_params(key, run, preset)
            if params.get("shards", 1) > 1:
                assert isinstance(params[entry["shards"]], list | int), run
