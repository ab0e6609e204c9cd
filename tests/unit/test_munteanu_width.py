"""Network, kernel, margins, frozen features and training of munteanu_width."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

from scripts.munteanu_width import model, theory
from scripts.munteanu_width.model import (
    alternating_circle,
    eigenvalue_min,
    finite_kernel,
    gradient,
    initialize,
    initialize_all,
    logistic_risk,
    logistic_slopes,
    output,
    preactivations,
    tangent_kernel,
)

X = np.array([[1.0, 0.0], [0.0, 1.0], [-0.6, 0.8]])
Y = np.array([1.0, -1.0, 1.0])
WEIGHTS = np.array([[[1.0, 0.5], [-0.4, 1.0], [0.3, -0.8], [1.0, 0.2]]])
SIGNS = np.array([[1.0, -1.0, 1.0, -1.0]])


def draw(seed, width, dim=2):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((width, dim)), rng.choice([-1.0, 1.0], width)


def batch(n_seeds, width, init_scales=(1.0,), dim=2):
    return initialize_all([draw(seed, width, dim) for seed in range(n_seeds)], width, init_scales)


def risk(weights):
    return logistic_risk(Y, output(preactivations(X, weights), SIGNS))[0]


def test_outputs_and_gradient_agree_with_values_by_hand():
    fields = preactivations(X, WEIGHTS)
    found = output(fields, SIGNS)
    np.testing.assert_allclose(found[:, 0], [0.15, -0.35, -0.52], atol=1e-12)
    expected = [[-0.0771, 0.0689], [-0.0627, 0.0147], [-0.0771, 0.0], [0.0771, -0.0689]]
    np.testing.assert_allclose(gradient(X, fields, SIGNS, logistic_slopes(Y, found))[0], expected, atol=5e-5)


def test_the_gradient_is_that_of_finite_differences():
    fields = preactivations(X, WEIGHTS)
    found = gradient(X, fields, SIGNS, logistic_slopes(Y, output(fields, SIGNS)))
    step = 1e-6
    for at in np.ndindex(WEIGHTS.shape):
        shift = np.zeros_like(WEIGHTS)
        shift[at] = step
        assert found[at] == pytest.approx((risk(WEIGHTS + shift) - risk(WEIGHTS - shift)) / (2 * step), abs=1e-8)


@pytest.mark.parametrize("scale", [0.3, 1.0, 30.0, 1e6])
@pytest.mark.parametrize("width", [2, 16, 256])
def test_a_coupled_network_starts_at_zero(scale, width):
    x, _ = alternating_circle(16)
    weights, signs = initialize(*draw(0, width), "coupled", width, scale)
    np.testing.assert_array_equal(weights[0::2], weights[1::2])
    np.testing.assert_array_equal(signs[0::2], -signs[1::2])
    assert np.abs(output(preactivations(x, weights[None]), signs[None])).max() <= 1e-12 * max(scale, 1)


def test_an_independent_network_starts_with_the_standard_deviation_of_the_scale_over_root_two():
    weights, signs = batch(4000, 16, [3.0])
    found = output(preactivations(X, weights[4000:]), signs[4000:])
    assert np.std(found, axis=1) == pytest.approx(3 / np.sqrt(2), rel=5 * np.sqrt(2 / 4000))  # kurtosis of a sum of 16 is near 3


def test_a_batch_goes_through_scales_then_starts_then_seeds():
    weights, signs = batch(3, 4, [1.0, 10.0])
    assert weights.shape == (12, 4, 2)
    np.testing.assert_array_equal(weights[6:], 10 * weights[:6])
    np.testing.assert_array_equal(weights[5], draw(2, 4)[0])
    np.testing.assert_array_equal(signs[5], draw(2, 4)[1])
    np.testing.assert_array_equal(weights[1, ::2], draw(1, 4)[0][:2])


def test_the_kernel_has_known_eigenvalues_and_is_the_mean_of_finite_ones():
    kernel = tangent_kernel(X)
    np.testing.assert_allclose(np.linalg.eigvalsh(kernel), [0.169837, 0.5, 0.830163], atol=1e-6)
    np.testing.assert_array_equal(np.diag(kernel), 0.5)
    width = 200_000
    found = finite_kernel(X, preactivations(X, np.random.default_rng(0).standard_normal((1, width, 2))))[0]
    np.testing.assert_allclose(found, kernel, atol=5 * 0.5 / np.sqrt(width))


def test_the_coupled_kernel_is_the_independent_one_of_half_the_width():
    drawn = draw(3, 32, 5)
    x = np.linalg.qr(np.random.default_rng(1).standard_normal((5, 5)))[0]
    coupled, _ = initialize(*drawn, "coupled", 32)
    independent, _ = initialize(*drawn, "independent", 16)
    found = [finite_kernel(x, preactivations(x, weights[None])) for weights in (coupled, independent)]
    np.testing.assert_allclose(found[0], found[1], atol=1e-12)
    assert eigenvalue_min(found[0]) == pytest.approx(eigenvalue_min(found[1]), abs=1e-12)


@pytest.mark.parametrize("n", [8, 12, 16, 32, 64])
def test_the_margin_of_the_circle_is_its_closed_form(n):
    assert theory.circle_margin(n) == pytest.approx(1 / (n * np.cos(np.pi / n)))
    assert theory.margin_l2(*alternating_circle(n)) == pytest.approx(theory.circle_margin(n), abs=1e-6)


@pytest.mark.parametrize("n", [6, 10, 14])
def test_odd_labels_have_no_margin(n):
    assert theory.circle_margin(n) == 0
    assert theory.margin_l2(*alternating_circle(n)) < 1e-6


def test_least_squares_finds_the_margin_that_a_general_minimiser_finds():
    gram = tangent_kernel(X) * np.outer(Y, Y)
    assert theory.margin_l2(X, Y) == pytest.approx(0.252703, abs=1e-6)
    constraint = {"type": "eq", "fun": lambda q: q.sum() - 1}
    found = minimize(lambda q: q @ gram @ q, np.full(3, 1 / 3), bounds=[(0, 1)] * 3, constraints=constraint, tol=1e-14)
    assert theory.margin_l2(X, Y) == pytest.approx(np.sqrt(found.fun), abs=1e-6)


def xor_data(dim):
    """x = (± e, c)/√(d − 1), label +1 where e is the first of two unit vectors, c any corner."""
    corners = np.array(np.meshgrid(*[[-1.0, 1.0]] * (dim - 2))).reshape(dim - 2, -1).T
    heads = [(sign, axis) for sign in (-1.0, 1.0) for axis in (0, 1)]
    x = np.concatenate([np.hstack([np.tile(sign * np.eye(2)[axis], (len(corners), 1)), corners]) for sign, axis in heads])
    return x / np.sqrt(dim - 1), np.repeat([1.0 if axis == 0 else -1.0 for _, axis in heads], len(corners))


@pytest.mark.parametrize(("dim", "margin"), [(3, 0.204124), (4, 0.136580), (5, 0.098070), (6, 0.074083)])
def test_the_margin_of_xor_is_that_of_equal_weights(dim, margin):
    x, y = xor_data(dim)
    gram = tangent_kernel(x) * np.outer(y, y)
    assert theory.margin_l2(x, y) == pytest.approx(margin, abs=1e-6)
    assert theory.margin_l2(x, y) == pytest.approx(np.sqrt(gram.mean()), abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_the_margin_is_never_below_the_one_that_any_labels_have(seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((12, 6))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    floor = np.sqrt(eigenvalue_min(tangent_kernel(x)) / 12)
    assert theory.margin_l2(x, rng.choice([-1.0, 1.0], 12)) >= floor


def test_a_linear_program_agrees_with_hand_made_cases():
    assert theory.is_separable(X, Y, np.ones((1, 3), dtype=bool)) is False  # 0.8 · (second) − 0.6 · (first) is the third point
    assert theory.is_separable(X, Y, np.eye(3, dtype=bool)) is True
    assert theory.is_separable(*alternating_circle(10), np.unique(draw(0, 2000)[0] @ alternating_circle(10)[0].T > 0, axis=0)) is False


@pytest.mark.parametrize("seed", range(8))
def test_the_frozen_width_is_the_first_feasible_prefix(seed):
    x, y = alternating_circle(12)
    directions = np.random.default_rng(seed).standard_normal((60, 2))
    active = directions @ x.T > 0
    expected = next(m for m in range(1, 61) if theory.is_separable(x, y, active[:m]))
    assert theory.frozen_width(x, y, directions) == expected
    assert theory.frozen_width(x, y, directions[: expected - 1]) == np.inf
    assert expected >= theory.cover_width(12, directions)


def toward(*angles):
    return np.array([[np.cos(angle), np.sin(angle)] for angle in angles])


def test_the_cover_width_is_that_of_hand_made_directions():
    middles = np.pi / 8 + np.pi / 4 * np.arange(4) - np.pi / 2  # boundaries in arcs 0 … 3 of eight points
    assert theory.cover_width(8, toward(middles[0], middles[2])) == 2
    assert theory.cover_width(8, toward(middles[0], middles[0] + np.pi, middles[2])) == 3  # both sides of a line are one boundary
    assert theory.cover_width(8, toward(middles[0], middles[1])) == np.inf
    assert theory.cover_width(8, toward(middles[3], middles[0], middles[1])) == 3  # the last arc is a neighbour of the first


def test_the_cover_width_agrees_with_a_search_over_prefixes():
    for seed in range(5):
        directions = np.random.default_rng(seed).standard_normal((200, 2))
        x, _ = alternating_circle(24)
        side = directions @ x[:13].T > 0  # an arc holds a boundary where its two ends lie on different sides
        filled = side[:, :-1] != side[:, 1:]
        expected = next(m for m in range(1, 201) if all(filled[:m, [k, (k + 1) % 12]].any() for k in range(12)))
        assert theory.cover_width(24, directions) == expected


def test_the_law_of_the_cover_width_holds_for_random_directions():
    n, n_seeds = 128, 400
    widths = [theory.cover_width(n, np.random.default_rng(seed).standard_normal((4000, 2))) for seed in range(n_seeds)]
    error = theory.cover_median_error(n, n_seeds)
    assert np.median(widths) == pytest.approx(theory.cover_median(n), abs=4 * error)
    draws = np.random.default_rng(0).gumbel(scale=n / 4, size=(4000, n_seeds))
    assert np.median(draws, axis=1).std() == pytest.approx(error, rel=0.1)


@pytest.mark.parametrize("n", [8, 12, 16, 64])
def test_the_mean_over_all_directions_gives_every_point_the_margin(n):
    np.testing.assert_allclose(theory.transfer_features(n).mean(axis=0), theory.circle_margin(n), rtol=1e-12)


def test_sampled_margins_have_the_law_of_gaussian_directions():
    n, width, n_draws = 12, 40, 4000
    x, y = alternating_circle(n)
    rng = np.random.default_rng(0)
    active = rng.standard_normal((n_draws, width, 2)) @ x.T > 0
    pull = (active * y) @ x
    optimal = pull / np.linalg.norm(pull, axis=-1, keepdims=True)
    direct = (active * y * (optimal @ x.T)).mean(axis=1).min(axis=1)
    drawn = theory.transfer_margins(rng, n, width, n_draws)
    for level in (theory.POSITIVE, theory.circle_margin(n) / 4, theory.circle_margin(n) / 2):
        shares = (direct > level).mean(), (drawn > level).mean()
        assert abs(shares[0] - shares[1]) < 5 * np.sqrt(0.5 / n_draws)


def test_enough_directions_keep_half_the_margin_as_hoeffding_has_it():
    n, margin = 8, theory.circle_margin(8)
    width = int(np.ceil(8 * np.log(n / 0.1) / margin**2))
    assert (theory.transfer_margins(np.random.default_rng(0), n, width, 500) >= margin / 2).mean() >= 0.9


@pytest.mark.parametrize("n", [8, 16])
def test_one_step_from_a_coupled_start_is_the_kernel_and_the_transfer_margin(n):
    """At a huge scale no activation flips, so both equations of the one-step law are exact."""
    x, y = alternating_circle(n)
    width, rate = 64, 4.0
    directions, signs = draw(5, width)
    weights, signs = (part[None] for part in initialize(directions, signs, "coupled", width, 1e6))
    fields = preactivations(x, weights)
    stepped = weights - rate * gradient(x, fields, signs, logistic_slopes(y, output(fields, signs)))
    found = output(preactivations(x, stepped), signs)[:, 0]
    kernel = finite_kernel(x, fields)[0]
    np.testing.assert_allclose(found, rate / (2 * n) * kernel @ y, atol=1e-7)  # rounding of 1e6
    boundaries = np.arctan2(directions[: width // 2, 1], directions[: width // 2, 0]) % (2 * np.pi)
    arcs = (boundaries * n / (2 * np.pi)).astype(int)
    sampled = theory.transfer_features(n)[arcs].mean(axis=0)
    np.testing.assert_allclose(y * (kernel @ y) / n, theory.circle_margin(n) * sampled, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: alternating_circle(7), "n_train must be even"),
        (lambda: alternating_circle(2), "n_train must be 4 or more"),
        (lambda: initialize(*draw(0, 4), "paired", 4), "initialization 'paired' is not one of coupled, independent"),
        (lambda: initialize(*draw(0, 4), "coupled", 3), "width must be even"),
        (lambda: initialize(*draw(0, 4), "independent", 6), "directions and signs must be 6 or more"),
        (lambda: initialize(*draw(0, 4), "coupled", 4, 0.0), "init_scale must be positive"),
        (lambda: tangent_kernel(2 * X), "rows of norm 1"),
        (lambda: tangent_kernel(np.full((2, 2), np.nan)), "rows of norm 1"),
        (lambda: theory.margin_l2(X, np.array([1.0, 0.0, 1.0])), "labels −1 and 1"),
        (lambda: theory.circle_margin(9), "n_train must be even"),
        (lambda: theory.frozen_width(X, Y, np.empty((0, 2))), "n_directions must be 1 or more"),
        (lambda: theory.cover_width(8, np.ones((3, 3))), r"shape \(M, 2\)"),
        (lambda: theory.cover_median(2), "n_train must be 4 or more"),
        (lambda: theory.cover_median_error(8, 0), "n_seeds must be 1 or more"),
        (lambda: theory.transfer_features(10), "multiple of 4"),
        (lambda: theory.transfer_margins(np.random.default_rng(0), 8, 0, 5), "width must be 1 or more"),
        (lambda: theory.sufficient_width(8, 0.0), "margin must be positive"),
    ],
)
def test_what_makes_no_sense_is_refused(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_a_solver_without_an_answer_is_an_error(monkeypatch):
    monkeypatch.setattr(theory, "linprog", lambda *_, **__: type("Answer", (), {"status": 4, "message": "numbers fail"})())
    with pytest.raises(RuntimeError, match="numbers fail"):
        theory.is_separable(X, Y, np.eye(3, dtype=bool))


def test_every_pair_of_points_on_the_circle_is_apart():
    x, y = alternating_circle(8)
    assert min(np.linalg.norm(a - b) for a, b in combinations(x, 2)) == pytest.approx(2 * np.sin(np.pi / 8))
    np.testing.assert_array_equal(y, [1, -1] * 4)
    assert set(model.INITIALIZATIONS) == {"coupled", "independent"}
