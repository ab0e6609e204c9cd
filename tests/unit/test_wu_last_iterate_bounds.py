"""Effective dimensions and bias terms of wu_last_iterate against sums written out, and known values."""

import numpy as np
import pytest

from scripts.wu_last_iterate.bounds import bias_terms, geometric_dimension, largest_stepsize, polynomial_dimension
from scripts.wu_last_iterate.model import Schedule, adjoint, phase_length, spectrum, stepsize_factors

DIM, N_TRAIN = 256, 1024
POWER = spectrum("power", DIM)
RATE = np.array(0.3 / POWER.sum())


@pytest.mark.parametrize(("constant_steps", "k_star", "k_dagger", "value"), [(512, 3, 10, 0.0763327809), (0, 5, 5, 0.0435340778)])
def test_geometric_dimension_has_the_known_values(constant_steps, k_star, k_dagger, value):
    length = phase_length(N_TRAIN, constant_steps, np.e)
    found = geometric_dimension(POWER, RATE, length, constant_steps)
    assert (found.k_star, found.k_dagger) == (k_star, k_dagger)
    assert found.effective_dimension == pytest.approx(value, abs=5e-11)


def test_geometric_dimension_is_the_sum_of_head_middle_and_tail():
    length, horizon = 83, 512 + 83
    found = geometric_dimension(POWER, RATE, length, 512)
    head, middle, tail = np.split(POWER, [3, 10])
    total = len(head) / length + RATE * middle.sum() + RATE**2 * horizon * np.sum(tail**2)
    assert found.effective_dimension == pytest.approx(total, rel=1e-14)


def test_cut_offs_coincide_without_constant_steps():
    rates = np.geomspace(1e-3, 0.3, 40)
    found = geometric_dimension(POWER, rates, 148, 0)
    np.testing.assert_array_equal(found.k_star, found.k_dagger)


@pytest.mark.parametrize(
    ("constant_steps", "k_star", "k_dagger", "value", "scaled_variance"),
    [(0, 3, 3, 0.00965237025, 0.0055312967), (512, 2, 10, 0.0698698039, 0.0257313849)],
)
def test_polynomial_dimension_has_the_known_values(constant_steps, k_star, k_dagger, value, scaled_variance):
    factors = stepsize_factors(Schedule("polynomial", 0.5, constant_steps), N_TRAIN, np.e)
    found = polynomial_dimension(POWER, RATE, factors, constant_steps)
    assert (found.k_star, found.k_dagger) == (k_star, k_dagger)
    assert found.effective_dimension == pytest.approx(value, abs=5e-11)
    assert adjoint(RATE * factors, POWER, 3.0)[1] == pytest.approx(scaled_variance, abs=5e-11)


def test_bias_terms_are_their_sums_written_out():
    eigenvalues, rate, squared = np.array([2.0, 0.5, 0.01]), np.array(0.1), np.array([1.0, 4.0, 9.0])
    length, constant_steps = 10, 20  # k* = 1: 0.1 · 10 · λ ≥ 1 for the first; k† = 2: 0.1 · 30 · λ ≥ 1 for the first two
    dimension = 1 / 10 + 0.1 * 0.5 + 0.1**2 * 30 * 0.01**2
    found = bias_terms(eigenvalues, rate, squared, length, constant_steps)
    assert found["bias_lower_decay"] == pytest.approx(2 * 0.8**80 + 2 * 0.95**80 + 0.09 * 0.999**80)
    assert found["bias_lower_tail"] == pytest.approx(0.09 * dimension)
    assert found["bias_upper_decay"] == pytest.approx(0.8**60 / (0.1 * 10) + 2 * 0.95**60 + 0.09 * 0.999**60)
    assert found["bias_upper_tail"] == pytest.approx((2 + 2 + 0.09) * dimension)


@pytest.mark.parametrize(("n_steps", "natural", "base_two"), [(2048, 0.0109, 0.0076), (64, 0.0200, 0.0139)])
def test_the_theorem_holds_up_to_a_stepsize_of_one_over_twelve_logarithms(n_steps, natural, base_two):
    assert largest_stepsize(n_steps, np.e) == pytest.approx(natural, abs=5e-5)
    assert largest_stepsize(n_steps) == pytest.approx(base_two, abs=5e-5)


@pytest.mark.parametrize(("n_steps", "ours", "with_phase"), [(512, 1.04, 6.7), (2048, 0.99, 7.8)])
def test_the_tail_of_the_dimension_counts_all_steps_before_the_first_halving(n_steps, ours, with_phase):
    """A flat spectrum has a tail only: with K in place of s + K its variance would grow like the logarithm."""
    flat, g, s = np.ones(256), 0.01, n_steps // 2
    length = phase_length(n_steps, s, np.e)
    rate = np.array(g / 256)
    variance = adjoint(rate * stepsize_factors(Schedule("geometric", None, s), n_steps, np.e), flat, 3.0)[1]
    dimension = geometric_dimension(flat, rate, length, s).effective_dimension
    assert variance / dimension == pytest.approx(ours, rel=0.01)
    assert variance / (dimension * length / (s + length)) == pytest.approx(with_phase, rel=0.01)


@pytest.mark.parametrize("constant_steps", [0, 256, 512])
@pytest.mark.parametrize("g", [0.01, 0.1, 0.33])
def test_bias_is_at_least_the_decay_term(constant_steps, g):
    """Theorem: (1 − γλ 2^-l)^(2^l) ≥ 1 − γλ, phase by phase."""
    rate, squared = np.array(g / POWER.sum()), np.ones(DIM)
    factors = stepsize_factors(Schedule("geometric", None, constant_steps), N_TRAIN, np.e)
    bias = adjoint(rate * factors, POWER, 3.0)[0] @ squared
    length = phase_length(N_TRAIN, constant_steps, np.e)
    assert bias >= bias_terms(POWER, rate, squared, length, constant_steps)["bias_lower_decay"]


def test_bounds_broadcast_over_spectra_and_stepsizes():
    spectra = np.array([POWER, spectrum("power_log", DIM)])[:, None]
    rates = np.array([[0.01, 0.1], [0.02, 0.2]])
    found = geometric_dimension(spectra, rates, 148, 0)
    alone = geometric_dimension(spectra[1, 0], rates[1, 1], 148, 0)
    assert found.effective_dimension.shape == (2, 2)
    assert found.effective_dimension[1, 1] == alone.effective_dimension
