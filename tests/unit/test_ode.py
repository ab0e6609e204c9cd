"""Batched Runge–Kutta."""

import numpy as np
import pytest

from repro.ode import rk4


def test_decay_of_many_rates_at_once_is_exponential() -> None:
    rates = np.array([[0.5], [1.0], [2.0]])
    times = np.linspace(0, 2, 21)
    states = np.stack(list(rk4(lambda _, y: -rates * y, np.ones((3, 1)), times)))
    local_error = (rates.max() * (times[1] - times[0])) ** 5 / 120  # first term that the rule leaves out of exp(−rate · step)
    np.testing.assert_allclose(states[..., 0], np.exp(-rates.T * times[:, None]), rtol=2 * len(times) * local_error)


def test_the_error_falls_with_the_fourth_power_of_the_step() -> None:
    def error(n: int) -> float:
        *_, last = rk4(lambda _, y: -y, np.ones(1), [0.0, 1.0], n)
        return abs(float(last[0]) - np.exp(-1.0))

    assert error(20) / error(40) == pytest.approx(16, rel=2 / 20)  # the next order is smaller by about one step


def test_a_polynomial_in_time_of_degree_three_is_exact() -> None:
    *_, last = rk4(lambda t, _: np.array([4 * t**3]), np.zeros(1), [0.0, 2.0])
    assert last[0] == pytest.approx(16.0)


@pytest.mark.parametrize("times", [[0.0, 0.0], [1.0, 0.5]])
def test_times_that_do_not_increase_are_refused(times: list[float]) -> None:
    with pytest.raises(ValueError, match="must increase"):
        list(rk4(lambda _, y: y, np.ones(1), times))


def test_no_step_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="n_substeps"):
        list(rk4(lambda _, y: y, np.ones(1), [0.0, 1.0], 0))
