"""Curves that a reader may choose from: what is in them, and where they stand."""

import json

import pandas as pd
import pytest

from scripts.publish.pages import explore
from tests.gallery.reader import read

WU, BIGGS = "wu_last_iterate/index.html", "biggs_bounds/index.html"


def test_curves_to_choose_from_are_means_with_their_spread_by_name_and_choice():
    table = pd.DataFrame({"kind": ["a_b", "a_b", "a_b", "c"], "rate": [0.0, 0.0, 2.0, None], "seed": [0, 1, 0, 0]})
    table = table.assign(x=[1, 1, 2, 1], y=[1.0, 2.00001, 5.0, float("inf")], preset=["q", "q", "r", "q"], drawn=True)
    spec = {"table": "t", "rows": {"drawn": True}, "x": {"x": "time"}, "y": {"10 * y": "error"}, "spread": "seeds"}
    told = explore.curves(table, spec | {"lines": {"kind": "{}", "rate": "at {}"}, "choose": {"preset": "scale"}})
    assert told["curves"] == [
        {"of": (0,), "name": "a b", "points": [[1.0, 15.0, 10.0, 20.0]]},
        {"of": (1,), "name": "a b, at 2", "points": [[2.0, 50.0, 50.0, 50.0]]},
    ]
    assert told["choose"] == [("scale", ["q", "r"])]
    assert explore.curves(table, spec | {"lines": {"kind": "{}"}, "rows": {"drawn": False}}) is None
    with pytest.raises(ValueError, match=r"a page takes 100,000; choose fewer `rows`"):
        explore.embedded({"curves": "x" * 100_001})


def test_curves_to_choose_from_stand_beneath_their_figure_folded_and_hidden_without_script(site):
    (box,) = read(site / WU).all("details", **{"class": "explore"})
    assert "figure" in box["within"]
    assert "hidden" in box
    assert not read(site / BIGGS).all("details", **{"class": "explore"})
    (data,) = read(site / WU).all("script", type="application/json")
    told = json.loads(data["text"])
    assert [(curve["name"], len(curve["points"])) for curve in told["curves"]] == [("geometric", 3), ("geometric, odd 1", 3)]
    assert told["y"] == "risk </script>"
