"""Long tables from arrays."""

import numpy as np
import pytest

from repro.frames import tidy


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
