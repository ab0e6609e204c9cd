"""Long tables from arrays, and rows of them."""

import numpy as np
import pandas as pd
import pytest

from repro.frames import select, tidy


def test_rows_follow_the_order_of_the_arrays_and_values_are_spread():
    table = tidy({"seed": [3, 4], "time": [0.0, 1.0, 2.0]}, error=np.arange(6).reshape(2, 3), start=np.array([[7], [8]]), method="theory")
    assert list(table) == ["seed", "time", "error", "start", "method"]
    assert table["seed"].tolist() == [3, 3, 3, 4, 4, 4]
    assert table["time"].tolist() == [0, 1, 2] * 2
    assert table["error"].tolist() == list(range(6))
    assert table["start"].tolist() == [7, 7, 7, 8, 8, 8]
    assert set(table["method"]) == {"theory"}


def test_an_array_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="broadcast"):
        tidy({"seed": [0, 1]}, error=np.zeros(3))


@pytest.mark.parametrize("beside", [0.1 * (1 + 1e-6), 0.1001, np.nan])
def test_rows_beside_a_float_are_not_taken_for_it(beside):
    table = pd.DataFrame({"rate": [0.1, beside, 1e-9]})
    assert select(table, rate=0.1 * (1 + 1e-12)).index.tolist() == [0]
    assert select(table, rate=0.0).empty, "a small number is not 0"


def test_what_is_null_equals_nothing_but_null():
    table = pd.DataFrame({"seed": pd.array([1, None, 2], dtype="Int64"), "rate": [0.1, np.nan, 0.2], "model": ["a", None, "b"]})
    for wanted in ({"seed": 1}, {"rate": 0.1}, {"model": "a"}):
        assert select(table, **wanted).index.tolist() == [0]
        assert select(table, **dict.fromkeys(wanted)).index.tolist() == [1]
