"""Mathematics of sonoda_ridgelet against closed forms, other integrals and known values."""

import numpy as np
import pytest

from scripts.sonoda_ridgelet import spd
from scripts.sonoda_ridgelet.model import (
    Bumps,
    activate,
    composite_distance,
    distance,
    heat_kernel,
    horocycle,
    neuron_values,
    random_points,
)
from scripts.sonoda_ridgelet.ridgelets import RidgeGrid, log_grid, reconstruct, responses, ridge, ridgelet, ridgelet_table, tabulate
from scripts.sonoda_ridgelet.simulation import Neurons, draw, network, proposal, single_variance
from scripts.sonoda_ridgelet.theory import fourier, invert, is_admissible, pairing, plancherel_density

BUMPS = Bumps(0.3, [[0.0, 0.0], [0.45, 0.2], [-0.35, -0.35]], [1.0, 0.8, -0.7])
TARGET = spd.Target(0.4, 0.7, [0.3, 0.15])
QUADRATURE = {"n_lambda": 700, "lambda_limit": 14.0, "n_angles": 512}
POINTS = random_points(np.random.default_rng(1), 20, 2.0)


def spherical(frequency, distances, n_nodes=400):
    """φ_λ(r) by Mehler's integral, s = r − q²; shape (n_frequencies, n_distances)."""
    nodes, weights = np.polynomial.legendre.leggauss(n_nodes)
    r = np.asarray(distances, dtype=float)[:, None]
    q = (nodes + 1) / 2 * np.sqrt(r)
    root = np.sqrt(2 * np.sinh(r - q**2 / 2) * np.sinh(q**2 / 2))
    measure = weights / 2 * np.sqrt(r) * 2 * q / root
    return np.array([(np.cos(lam * (r - q**2)) * measure).sum(axis=1) for lam in np.atleast_1d(frequency)]) * np.sqrt(2) / np.pi


def disc_quadrature(radius, n_radii=300, n_angles=256):
    """Points of the disc and their weights for dμ in polar coordinates."""
    nodes, weights = np.polynomial.legendre.leggauss(n_radii)
    r = (nodes + 1) * radius / 2
    points = np.tanh(r / 2)[:, None] * np.exp(2j * np.pi * np.arange(n_angles) / n_angles)
    return points.ravel(), np.repeat(weights * radius / 2 * np.sinh(r) * 2 * np.pi / n_angles, n_angles)


def test_known_values_of_target_distance_and_heat_kernel():
    np.testing.assert_allclose(BUMPS.values(np.array([0, 0.3 + 0.4j])), [0.24931368, 0.20796082], atol=5e-9)
    np.testing.assert_allclose(composite_distance(np.array([0.3 + 0.4j]), 1.0), [1.0881004], atol=5e-8)
    np.testing.assert_allclose(heat_kernel([0.5, 0.0], 0.3), [0.1911399848, 0.2402391881], atol=5e-11)


@pytest.mark.parametrize("time", [0.3, 1.0])
def test_heat_kernel_has_mass_one_and_is_a_semigroup(time):
    points, weights = disc_quadrature(14.0, 200, 1)
    assert heat_kernel(distance(points, 0), time) @ weights == pytest.approx(1, abs=1e-10)
    points, weights = disc_quadrature(9.0, 60, 128)
    both = heat_kernel(distance(points, 0), time) * heat_kernel(distance(points, 0.4j), time)
    assert both @ weights == pytest.approx(heat_kernel(distance(0, 0.4j), 2 * time), abs=1e-6)


@pytest.mark.parametrize("time", [0.3, 1.0])
def test_heat_kernel_is_the_inverse_spherical_transform_of_its_symbol(time):
    lam = (np.arange(1400) + 0.5) / 100
    distances = np.array([0.2, 1.0, 3.0])
    expected = 2 * (np.exp(-time * (lam**2 + 0.25)) * plancherel_density(lam)) @ spherical(lam, distances) / 100
    np.testing.assert_allclose(heat_kernel(distances, time), expected, atol=1e-11)


def test_horocycles_have_their_level_and_neurons_are_constant_on_them():
    for level, angle in ((-1.0, 0.3), (0.0, 2.0), (2.0, -1.0)):
        centre, radius = horocycle(level, angle)
        points = centre + radius * np.exp(1j * (angle + np.linspace(0.3, 6.0, 50)))
        np.testing.assert_allclose(composite_distance(points, angle), level, atol=1e-9)
        arguments = (np.array([number]) for number in (2.0, angle, 0.5))
        np.testing.assert_allclose(neuron_values(points, *arguments, "tanh"), np.tanh(2 * level - 0.5) * np.exp(level / 2), atol=1e-9)


def test_composite_distance_is_a_limit_of_distances():
    far = np.tanh(9.0) * np.exp(0.7j)  # 18 from the origin toward u
    np.testing.assert_allclose(composite_distance(POINTS, 0.7), 18.0 - distance(POINTS, far), atol=1e-6)


def test_mean_of_the_poisson_kernel_is_one_and_of_its_root_a_spherical_function():
    level = composite_distance(BUMPS.points[1:], 2 * np.pi * np.arange(4096) / 4096)
    np.testing.assert_allclose(np.exp(level).mean(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(np.exp(level / 2).mean(axis=1), [0.9317996, 0.9310030], atol=5e-8)
    np.testing.assert_allclose(np.exp(level / 2).mean(axis=1), spherical(0.0, distance(BUMPS.points[1:], 0))[0], atol=1e-10)


def test_points_are_uniform_in_the_ball():
    n = 20_000
    cosh = np.cosh(distance(random_points(np.random.default_rng(0), n, 2.0), 0)) - 1
    assert np.mean(cosh) == pytest.approx((np.cosh(2) - 1) / 2, abs=5 * (np.cosh(2) - 1) / np.sqrt(12 * n))
    assert cosh.max() <= np.cosh(2) - 1


@pytest.mark.parametrize(("frequency", "angle"), [(0.0, 0.5), (1.3, 2.0), (-2.0, 4.0)])
def test_fourier_transform_agrees_with_quadrature_over_the_disc(frequency, angle):
    points, weights = disc_quadrature(8.0, 80, 400)
    waves = np.exp((-1j * frequency + 0.5) * composite_distance(points, angle))
    assert fourier(BUMPS, frequency, angle) == pytest.approx((BUMPS.values(points) * waves) @ weights, abs=1e-4)


def test_inversion_is_exact_and_its_variants_are_not():
    found = invert(BUMPS, [0.3, 1.0], POINTS, **QUADRATURE)
    for time, variants in zip((0.3, 1.0), found, strict=True):
        target = Bumps(time, BUMPS.centres, BUMPS.weights).values(POINTS)
        np.testing.assert_allclose(variants[0], target, atol=1e-13)
        for other in variants[1:]:
            assert np.abs(other - target).max() > 1e-3


def test_variants_agree_with_the_integral_over_frequency_and_normal():
    lam, theta = np.meshgrid(np.linspace(-14, 14, 2801), 2 * np.pi * np.arange(256) / 256, indexing="ij")
    spectrum, z = fourier(BUMPS, lam, theta), np.array([0.3 - 0.4j])
    level = composite_distance(z, theta[0])[0]
    found = invert(BUMPS, [0.3], z, **QUADRATURE)[0, :, 0]
    flat = np.full_like(lam, 1 / (4 * np.pi))
    cases = ((plancherel_density(lam), 0.5), (np.abs(lam) * flat, 0.5), (flat, 0.5), (plancherel_density(lam), 0.0))
    for value, (density, rho) in zip(found, cases, strict=True):
        expected = (spectrum * density * np.exp((1j * lam + rho) * level)).mean(axis=1).sum() * 0.01
        assert expected.imag == pytest.approx(0, abs=1e-12)
        assert value == pytest.approx(expected.real, abs=1e-5)  # the density |λ| has a kink at 0


@pytest.mark.parametrize(
    ("activation", "order", "rank", "value"),
    [
        ("tanh", 3, 1, 0.9326774),
        ("tanh", 5, 1, -1.1468437),
        ("tanh", 7, 1, 2.9376917),
        ("gaussian", 2, 1, -1.0),
        ("gaussian", 4, 1, 1.0),
        ("gaussian", 6, 1, -2.0),
        ("relu", 4, 1, -np.sqrt(2 / np.pi)),
        ("relu", 6, 1, 1.5957691),
        ("tanh", 4, 1, 0.0),
        ("gaussian", 3, 1, 0.0),
        ("relu", 5, 1, 0.0),
        ("tanh", 5, 2, -0.9113985),
        ("gaussian", 4, 2, np.sqrt(np.pi) / 2),
    ],
)
def test_constants_have_their_known_values(activation, order, rank, value):
    assert is_admissible(activation, order, rank)
    assert pairing(activation, order, rank) == pytest.approx(value, abs=5e-8)


def test_the_constant_of_a_pair_with_too_few_zeros_is_not_a_number():
    assert not is_admissible("relu", 2)
    assert np.isnan(pairing("relu", 2))


@pytest.mark.parametrize(("order", "value"), [(3, 0.0037403467), (4, 0.1698257812), (5, 0.0125273041)])
def test_known_values_of_the_ridgelet_transform(order, value):
    assert ridgelet(BUMPS, order, 1.2, 1.0, 0.4) == pytest.approx(value, abs=5e-11)
    ridges = tabulate(order, [1.2, -1.2], 0.3)
    table = ridgelet_table(BUMPS, ridges, 1.0, np.array([0.4]))
    heights = np.abs(BUMPS.weights) @ np.exp(composite_distance(BUMPS.points, 1.0) / 2)
    interpolation = heights * np.abs(np.diff(ridges.values, 2)).max() / 8 * 1.01
    assert table[0, 0] == pytest.approx(value, abs=interpolation)
    assert ridgelet(BUMPS, order, -1.2, 1.0, 0.4) == pytest.approx(table[1, 0], abs=interpolation)
    assert interpolation < 1e-4


@pytest.fixture(scope="module")
def filtered():
    """c[f] of one bump at the origin: distances, and its values there, from spherical functions."""
    lam = (np.arange(200) + 0.5) / 20
    r = np.linspace(0, 22, 441)
    symbol = 2 * np.exp(-0.3 * (lam**2 + 0.25)) * plancherel_density(lam) ** 2 / 20
    return r, symbol @ spherical(lam, np.maximum(r, 1e-9), 200)


@pytest.mark.parametrize(("scale", "offset"), [(1.2, 0.4), (-0.7, 0.1), (2.5, -1.0)])
def test_ridgelet_transform_agrees_with_its_definition_in_the_upper_half_plane(filtered, scale, offset):
    """One bump at the origin, normal at infinity: ⟨z, u⟩ = log y and dμ = dx dy/y²."""
    r, radial = filtered
    s, v = np.linspace(-8, 8, 161)[:, None], np.linspace(-9, 9, 721)
    x = np.exp(s) * np.sinh(v)
    spacing = np.exp(s) * np.cosh(v) * (v[1] - v[0])
    distances = np.arccosh(np.maximum(1 + (x**2 + (np.exp(s) - 1) ** 2) / (2 * np.exp(s)), 1))
    inner = (np.interp(distances, r, radial, right=0.0) * spacing).sum(axis=1)
    t = scale * s[:, 0] - offset
    rho = (t**4 - 6 * t**2 + 3) * np.exp(-(t**2) / 2)
    expected = (inner * rho * np.exp(-s[:, 0] / 2)).sum() * (s[1, 0] - s[0, 0])  # e^{s/2} times dy/y² = e^{−s} ds
    assert ridgelet(Bumps(0.3, [[0.0, 0.0]], [1.0]), 4, scale, 0.0, offset) == pytest.approx(expected, abs=2e-4)


def test_a_fourier_slice_of_the_transform_is_that_of_the_target():
    """R♯(a, u, ω) = conj ρ♯(ω) f̂(aω, u) D(aω), by a sum over offsets."""
    offsets = np.linspace(-40, 40, 801)
    values = ridgelet(BUMPS, 4, 0.8, 2.0, offsets)
    for omega in (0.5, 1.5):
        slice_ = (values * np.exp(-1j * omega * offsets)).sum() * (offsets[1] - offsets[0])
        rho = omega**4 * np.sqrt(2 * np.pi) * np.exp(-(omega**2) / 2)
        assert slice_ == pytest.approx(rho * fourier(BUMPS, 0.8 * omega, 2.0) * plancherel_density(0.8 * omega), abs=1e-9)


@pytest.mark.parametrize(("activation", "order"), [("gaussian", 4), ("tanh", 5)])
def test_the_theorem_holds_with_its_constant(activation, order):
    scales, weights = log_grid(0.02, 60.0, 121)
    found = reconstruct(BUMPS, tabulate(order, scales, 0.3), weights, activation, POINTS[:4], n_angles=128, limit=10.0)
    np.testing.assert_allclose(found / pairing(activation, order), BUMPS.values(POINTS[:4]), atol=5e-4)


def test_fast_integral_agrees_with_direct_summation():
    scales, weights = log_grid(0.05, 20.0, 25)
    ridges, angles, z = tabulate(3, scales, 0.3), 2 * np.pi * np.arange(32) / 32, np.array([0.2 + 0.3j])
    fast = reconstruct(BUMPS, ridges, weights, "tanh", z, n_angles=32, limit=10.0)[0]
    direct = 0.0
    for scale, weight in [(sign * scale, weight) for sign in (-1, 1) for scale, weight in zip(scales, weights, strict=True)]:
        offsets = np.linspace(-15, 15, 3001) * np.sqrt(1 + 0.6 * scale**2)
        of_scale = tabulate(3, [scale], 0.3, RidgeGrid(n_omega=401))
        for angle in angles:
            table = ridgelet_table(BUMPS, of_scale, angle, offsets)[0]
            response = neuron_values(z, np.array([scale]), np.array([angle]), offsets, "tanh")[0]
            direct += weight * (table * response).sum() * (offsets[1] - offsets[0]) / 32
    assert fast == pytest.approx(direct, abs=3e-5)


def test_a_response_is_the_convolution_of_ridge_and_activation():
    ridges = tabulate(4, [0.5, 3.0], 0.3)
    found = responses(ridges, "relu", 10.0)
    betas = np.linspace(-12, 12, 2401) * ridges.widths[1]
    values = ridge(4, np.full(len(betas), 3.0), betas, 0.3, RidgeGrid(n_omega=601))
    for place in (0, 800, 1100):
        s = (-10 + 0.01 * place) * ridges.widths[1]
        expected = (values * activate("relu", s - betas)).sum() * (betas[1] - betas[0])
        assert found[1, place] == pytest.approx(expected, abs=1e-5)


NEURONS = Neurons(*np.ones((4, 3)))


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: Bumps(0.0, [[0, 0]], [1.0]), "heat_time must be positive"),
        (lambda: Bumps(0.3, [[1.0, 0.5]], [1.0]), "centres"),
        (lambda: Bumps(0.3, [[0, 0]], [1.0, 2.0]), "weights must be one for each of 1 centres"),
        (lambda: Bumps(0.3, [[0, 0]], [np.nan]), "weights must be finite"),
        (lambda: composite_distance(np.array([1.0 + 0j]), 0.0), "points"),
        (lambda: activate("sigmoid", np.zeros(1)), "activation 'sigmoid' is not one of gaussian, tanh, relu"),
        (lambda: horocycle(np.nan, 0.0), "level must be finite"),
        (lambda: random_points(np.random.default_rng(0), 0, 1.0), "n_points"),
        (lambda: random_points(np.random.default_rng(0), 1, np.nan), "radius must be positive"),
        (lambda: heat_kernel([-1.0], 0.3), "distances"),
        (lambda: heat_kernel([1.0], np.nan), "time must be positive"),
        (lambda: pairing("step", 3), "activation 'step'"),
        (lambda: pairing("tanh", 0), "order must be 1 or more"),
        (lambda: pairing("tanh", 3, 3), "rank 3 is not one of 1, 2"),
        (lambda: invert(BUMPS, [0.0], POINTS, **QUADRATURE), "heat_times must be positive"),
        (lambda: invert(BUMPS, [0.3], POINTS, n_lambda=0, lambda_limit=14.0, n_angles=8), "n_lambda"),
        (lambda: log_grid(2.0, 1.0, 5), "upper must be above lower = 2"),
        (lambda: log_grid(0.0, 1.0, 5), "lower must be positive"),
        (lambda: log_grid(0.1, 1.0, 1), "n_points"),
        (lambda: tabulate(0, [1.0], 0.3), "order"),
        (lambda: tabulate(3, [np.nan], 0.3), "scales must be finite"),
        (lambda: tabulate(3, [1.0], -1.0), "heat_time must be positive"),
        (lambda: ridge(3, np.ones(1), np.ones(1), 0.0), "heat_time must be positive"),
        (lambda: reconstruct(BUMPS, tabulate(3, [1.0], 0.3), np.ones(1), "tanh", POINTS, n_angles=8, limit=0.5), "limit must be"),
        (lambda: reconstruct(BUMPS, tabulate(3, [1.0], 0.3), np.ones(1), "tanh", POINTS, n_angles=0, limit=10), "n_angles"),
        (lambda: proposal(BUMPS, 3, np.array([2.0, 1.0])), "scales must be one or more finite numbers that ascend"),
        (lambda: proposal(BUMPS, 3, np.array([1.0, 2.0]), n_angle_bins=1), "n_angle_bins"),
        (lambda: draw(np.random.default_rng(0), proposal(BUMPS, 3, np.array([1.0, 2.0])), 0), "n must be 1 or more"),
        (lambda: network(POINTS, NEURONS, "tanh", 0.0), "size of the constant must be positive"),
        (lambda: network(POINTS, NEURONS, "tanh", np.nan), "size of the constant must be positive"),
        (lambda: single_variance(POINTS, Neurons(*np.ones((4, 1))), "tanh", 1.0), "n_neurons"),
        (lambda: spd.Target(0.4, 0.0, [0, 0]), "spread must be positive"),
        (lambda: spd.Target(0.4, 0.7, [1.0, 1.0]), "centre"),
        (lambda: spd.matrices(np.array([2.0 + 0j]), 0.0), "points"),
        (lambda: spd.draw(np.random.default_rng(0), TARGET, 4, 0), "n must be 1 or more"),
        (lambda: spd.draw(np.random.default_rng(0), TARGET, 4, 3, n_omega=1), "n_omega"),
        (lambda: spd.network(POINTS, np.zeros(20), spd.draw(np.random.default_rng(0), TARGET, 4, 3), "tanh", 0.0), "size of the constant"),
    ],
)
def test_what_makes_no_sense_is_refused(call, named):
    with pytest.raises(ValueError, match=named.replace("|", r"\|")):
        call()
