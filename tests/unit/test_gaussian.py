"""Gaussian averages against known values, Monte Carlo, quadrature and Price's theorem."""

import numpy as np
import pytest
from scipy import integrate
from scipy.special import erf

from repro import gaussian
from repro.gaussian import NormalGrid, expectation

COVARIANCE = np.array([[0.5, 0.2], [0.2, 0.8]])


def test_averages_have_the_known_values():
    variance = np.diagonal(COVARIANCE)
    np.testing.assert_allclose(gaussian.erf_slope(variance), [0.65147002, 0.59470804], atol=5e-9)
    np.testing.assert_allclose(gaussian.erf_third(variance), [-0.43431334, -0.33039335], atol=5e-9)
    np.testing.assert_allclose(gaussian.erf_i2(COVARIANCE), [[0.2163469, 0.0776795], [0.0776795, 0.29319778]], atol=5e-9)
    np.testing.assert_allclose(gaussian.erf_slope_slope(COVARIANCE), [[0.45015816, 0.39033663], [0.39033663, 0.39481482]], atol=5e-9)
    np.testing.assert_allclose(
        gaussian.erf_curvature_value(COVARIANCE), [[-0.15005272, -0.05204488], [-0.04337074, -0.17547325]], atol=5e-9
    )


def test_averages_agree_with_monte_carlo_within_five_standard_errors():
    n = 400_000
    z = np.random.default_rng(0).multivariate_normal(np.zeros(2), COVARIANCE, n)
    value = erf(z / np.sqrt(2))
    slope = np.sqrt(2 / np.pi) * np.exp(-(z**2) / 2)
    curvature, third = -z * slope, (z**2 - 1) * slope
    samples = {
        "slope": (slope[:, 0], gaussian.erf_slope(np.diagonal(COVARIANCE))[0]),
        "third": (third[:, 1], gaussian.erf_third(np.diagonal(COVARIANCE))[1]),
        "i2": (value[:, 0] * value[:, 1], gaussian.erf_i2(COVARIANCE)[0, 1]),
        "i2 of one field": (value[:, 0] ** 2, gaussian.erf_i2(COVARIANCE)[0, 0]),
        "slope_slope": (slope[:, 0] * slope[:, 1], gaussian.erf_slope_slope(COVARIANCE)[0, 1]),
        "curvature_value": (curvature[:, 0] * value[:, 1], gaussian.erf_curvature_value(COVARIANCE)[0, 1]),
        "curvature_value of one field": (curvature[:, 1] * value[:, 1], gaussian.erf_curvature_value(COVARIANCE)[1, 1]),
    }
    for name, (drawn, expected) in samples.items():
        assert abs(drawn.mean() - expected) < 5 * drawn.std() / np.sqrt(n), name


def test_covariance_derivatives_of_i2_follow_price():
    step = 1e-5
    for i, j, expected in (
        (0, 1, gaussian.erf_slope_slope(COVARIANCE)[0, 1]),
        (0, 0, 0.5 * gaussian.erf_curvature_value(COVARIANCE)[0, 1]),
    ):
        change = np.zeros((2, 2))
        change[i, j] = change[j, i] = step
        ahead, behind = (gaussian.erf_i2(COVARIANCE + sign * change)[0, 1] for sign in (1, -1))
        assert (ahead - behind) / (2 * step) == pytest.approx(expected, abs=1e-9)


def test_leading_dimensions_are_a_batch():
    batch = np.stack([COVARIANCE, np.eye(2), 2 * COVARIANCE])[:, None]
    for function in (gaussian.erf_i2, gaussian.erf_slope_slope, gaussian.erf_curvature_value):
        assert function(batch).shape == (3, 1, 2, 2)
        np.testing.assert_array_equal(function(batch)[0, 0], function(COVARIANCE))


FOUR_FIELDS = np.array([[1.2, 0.3, -0.4, 0.2], [0.3, 0.8, 0.1, 0.5], [-0.4, 0.1, 1.5, -0.2], [0.2, 0.5, -0.2, 0.9]])


def test_averages_of_three_and_four_fields_have_the_known_values():
    assert gaussian.erf_i3(FOUR_FIELDS)[0, 0, 1] == pytest.approx(0.044128911, abs=1e-9)
    assert gaussian.erf_i4(FOUR_FIELDS)[0, 0, 2, 3] == pytest.approx(-0.015834811, abs=1e-9)


def test_averages_of_three_and_four_fields_agree_with_monte_carlo_within_five_standard_errors():
    n = 400_000
    z = np.random.default_rng(1).multivariate_normal(np.zeros(4), FOUR_FIELDS, n)
    value, slope = erf(z / np.sqrt(2)), np.sqrt(2 / np.pi) * np.exp(-(z**2) / 2)
    i3, i4 = gaussian.erf_i3(FOUR_FIELDS), gaussian.erf_i4(FOUR_FIELDS)
    for i, j, k in ((0, 1, 2), (3, 3, 1), (2, 0, 2), (1, 1, 1)):
        drawn = slope[:, i] * z[:, j] * value[:, k]
        assert abs(drawn.mean() - i3[i, j, k]) < 5 * drawn.std() / np.sqrt(n), (i, j, k)
    for i, j, k, m in ((0, 1, 2, 3), (0, 0, 1, 1), (1, 3, 1, 2), (2, 2, 2, 2)):
        drawn = slope[:, i] * slope[:, j] * value[:, k] * value[:, m]
        assert abs(drawn.mean() - i4[i, j, k, m]) < 5 * drawn.std() / np.sqrt(n), (i, j, k, m)


def test_leading_slopes_are_a_part_of_all_and_batches_agree():
    batch = np.stack([FOUR_FIELDS, np.eye(4)])
    np.testing.assert_array_equal(gaussian.erf_i3(batch, 2)[0], gaussian.erf_i3(FOUR_FIELDS)[:2])
    np.testing.assert_array_equal(gaussian.erf_i4(batch, 2)[0], gaussian.erf_i4(FOUR_FIELDS)[:2, :2])


@pytest.mark.parametrize("n_slopes", [0, 5])
@pytest.mark.parametrize("function", [gaussian.erf_i3, gaussian.erf_i4])
def test_an_impossible_number_of_slopes_is_refused(function, n_slopes):
    with pytest.raises(ValueError, match="n_slopes must be from 1 to 4"):
        function(FOUR_FIELDS, n_slopes)


def test_expectation_of_a_polynomial_is_its_moments() -> None:
    assert expectation(lambda x: x**4, 1.0, 2.0) == pytest.approx(1 + 6 * 4 + 3 * 16, rel=1e-9)


def test_expectation_of_a_kinked_function_agrees_with_adaptive_quadrature() -> None:
    def steep(x):
        return np.tanh(x / 0.01) ** 2

    density = integrate.quad(lambda x: steep(x) * np.exp(-((x - 0.3) ** 2) / 2) / np.sqrt(2 * np.pi), -9, 9, points=[0], limit=400)[0]
    assert expectation(steep, 0.3) == pytest.approx(density, abs=1e-6)


def test_expectation_without_spread_is_the_value_at_the_mean() -> None:
    assert expectation(np.exp, 2.0, 0.0) == pytest.approx(np.exp(2), rel=1e-12)


@pytest.mark.parametrize(("std", "grid"), [(-1.0, NormalGrid()), (np.nan, NormalGrid()), (1.0, NormalGrid(1)), (1.0, NormalGrid(9, 0.0))])
def test_expectation_refuses_what_makes_no_sense(std: float, grid: NormalGrid) -> None:
    with pytest.raises(ValueError, match="expectation"):
        expectation(np.exp, 0.0, std, grid)
