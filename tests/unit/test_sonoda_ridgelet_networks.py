"""Random networks on the hyperbolic plane and on positive definite matrices [sonoda_ridgelet]."""

import numpy as np
import pytest

from scripts.sonoda_ridgelet import spd
from scripts.sonoda_ridgelet.model import (
    Bumps,
    composite_distance,
    neuron_values,
    random_points,
)
from scripts.sonoda_ridgelet.ridgelets import log_grid, ridgelet_table
from scripts.sonoda_ridgelet.simulation import draw, network, proposal, single_variance
from scripts.sonoda_ridgelet.theory import pairing

BUMPS = Bumps(0.3, [[0.0, 0.0], [0.45, 0.2], [-0.35, -0.35]], [1.0, 0.8, -0.7])
TARGET = spd.Target(0.4, 0.7, [0.3, 0.15])
QUADRATURE = {"n_lambda": 700, "lambda_limit": 14.0, "n_angles": 512}
POINTS = random_points(np.random.default_rng(1), 20, 2.0)


@pytest.mark.parametrize(
    ("order", "tilted", "mass"),
    [(4, False, 2.8732), (3, False, 2.0492), (5, False, 5.0276), (4, True, 6.6259)],
)
def test_weights_are_bounded_by_the_known_mass(order, tilted, mass):
    q = proposal(BUMPS, order, log_grid(0.02, 60.0, 161)[0], tilted=tilted)
    assert q.mass == pytest.approx(mass, abs=1e-3)
    weights = np.abs(draw(np.random.default_rng(0), q, 20_000).weight)
    assert weights.max() <= q.mass * (1 + 1e-9)
    assert weights.max() > 0.8 * q.mass


def test_the_density_of_the_draws_is_the_one_that_their_weights_use():
    """E[|R|/q] over draws is the integral of |R|, which a sum over a grid gives as well."""
    q = proposal(BUMPS, 4, log_grid(0.1, 4.0, 11)[0])
    n = 40_000
    sizes = np.abs(draw(np.random.default_rng(0), q, n).weight)
    offsets, total = np.linspace(-30, 30, 3001), 0.0
    step = np.log(q.ridges.scales[1] / q.ridges.scales[0])
    for angle in 2 * np.pi * np.arange(64) / 64:
        table = np.abs(ridgelet_table(BUMPS, q.ridges, angle, offsets)).sum(axis=1) * (offsets[1] - offsets[0])
        total += 2 * (table * q.ridges.scales).sum() * step / 64
    assert sizes.mean() == pytest.approx(total, abs=5 * sizes.std() / np.sqrt(n) + 1e-4)


@pytest.mark.parametrize(("activation", "order"), [("gaussian", 4), ("tanh", 3), ("relu", 4)])
def test_networks_are_unbiased_up_to_the_truncation_of_the_scales(activation, order):
    q = proposal(BUMPS, order, log_grid(0.02, 60.0, 161)[0], tilted=activation == "relu")
    n, points = 60_000, POINTS[:5]
    neurons = draw(np.random.default_rng(2), q, n)
    found = network(points, neurons, activation, pairing(activation, order))
    error = np.sqrt(single_variance(points, neurons, activation, pairing(activation, order)) / n)
    assert (np.abs(found - BUMPS.values(points)) < 5 * error + 0.01 * 0.25).all()


def test_the_error_of_a_network_is_the_variance_of_a_neuron_over_its_width():
    q = proposal(BUMPS, 4, log_grid(0.02, 60.0, 161)[0])
    rng, n_networks, point = np.random.default_rng(3), 400, POINTS[:1]
    found = [network(point, draw(rng, q, 50), "gaussian", 1.0)[0] for _ in range(n_networks)]
    neurons = draw(rng, q, 40_000)
    expected = single_variance(point, neurons, "gaussian", 1.0)[0] / 50
    values = neuron_values(point, *neurons[:3], "gaussian")[0] * neurons.weight
    spread = ((values - values.mean()) ** 2).std() / np.sqrt(len(values)) / 50
    assert np.var(found) == pytest.approx(expected, abs=5 * expected * np.sqrt(2 / n_networks) + 5 * spread)


def test_matrices_have_the_coordinates_of_their_points():
    tau = np.linspace(-1, 1, len(POINTS))
    found = spd.matrices(POINTS, tau)
    np.testing.assert_allclose(np.linalg.slogdet(found)[1], 2 * tau, atol=1e-12)
    for alpha in (0.0, 0.4, 2.0):
        v = np.array([np.cos(alpha), np.sin(alpha)])
        np.testing.assert_allclose(np.log(v @ found @ v), tau - composite_distance(POINTS, -2 * alpha), atol=1e-12)


@pytest.mark.parametrize(("order", "value"), [(4, 0.0150457051), (5, 0.0907637340)])
def test_known_values_of_the_transform_on_matrices(order, value):
    found = spd.ridgelet(TARGET, order, np.array([[0.8, 0.8 - 0.2]]), np.array([1.0]), np.array([0.3]))
    assert found[0] == pytest.approx(value, abs=5e-10)


@pytest.mark.parametrize(("activation", "order"), [("gaussian", 4), ("tanh", 5)])
def test_networks_on_matrices_are_unbiased(activation, order):
    points, tau, batches = POINTS[:4], np.array([0.0, 0.5, -0.8, 0.3]), 12
    rng, constant = np.random.default_rng(0), pairing(activation, order, 2)
    found = np.array([spd.network(points, tau, spd.draw(rng, TARGET, order, 2000), activation, constant) for _ in range(batches)])
    error = found.std(axis=0, ddof=1) / np.sqrt(batches)
    assert (np.abs(found.mean(axis=0) - TARGET.values(points, tau)) < 5 * error).all()
