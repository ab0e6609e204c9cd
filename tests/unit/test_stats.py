"""Slopes of power laws."""

import numpy as np
import pytest

from repro.stats import log_slope


def test_slope_of_a_power_law_and_its_standard_error() -> None:
    x = np.array([1.0, 2.0, 4.0, 8.0])
    y = 3 * x**-1.5
    slope, std_error = log_slope(x, y, 0.1 * y)
    spread = np.log(x) - np.log(x).mean()
    assert slope == pytest.approx(-1.5, abs=1e-12)
    assert std_error == pytest.approx(0.1 / np.sqrt(np.sum(spread**2)), rel=1e-12)
    assert np.isnan(log_slope(x, y)[1])


@pytest.mark.parametrize(("x", "y"), [([5], [1]), ([], []), ([1, 2, 3], [1, np.nan, 3]), ([1, 2], [1, 0])])
def test_what_has_no_slope_is_not_a_number(x: list, y: list) -> None:
    assert np.isnan(log_slope(x, y)[0])
