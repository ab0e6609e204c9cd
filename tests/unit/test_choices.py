"""Curves that pages let a reader choose from rest on columns that there are."""

import re

import pytest

from repro.settings import load_paper, paper_keys, table_contract


@pytest.mark.parametrize("key", paper_keys())
def test_curves_to_choose_from_are_columns_of_a_table_of_their_figure(key: str) -> None:
    for name, figure in load_paper(key)["figures"].items():
        if spec := figure.get("explore"):
            assert spec["table"] in figure["tables"], name
            formulas = [*spec.get("rows", {}), *(formula for part in ("x", "y", "choose", "lines") for formula in spec.get(part, {}))]
            named = {word for formula in formulas for word in re.findall(r"[a-z]\w*", formula)}
            assert named <= set(table_contract(key, spec["table"])["columns"]), name
