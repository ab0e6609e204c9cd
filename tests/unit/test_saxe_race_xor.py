"""XOR by gated, linear and ReLU networks [saxe_race]."""

from itertools import islice

import numpy as np
import pytest

from scripts.saxe_race import xor


def rng(seed=0):
    return np.random.default_rng(seed)


def balanced(strength):
    """A gated network whose four pathways start aligned and balanced, with one unit each."""
    unit = np.sqrt(strength)
    first = unit * xor.CORNERS / np.sqrt(2)
    return xor.Layers(first[None], (unit * xor.TARGET)[None])


def test_a_balanced_gated_network_on_xor_follows_its_closed_form():
    start, rate = balanced(0.01), 0.01
    assert xor.initial_strengths(start) == pytest.approx(np.full((1, 4), 0.01))
    loss = np.array([loss[0] for _, loss in islice(xor.descend("gdln", start, rate), 2000)])
    exact = xor.pathway_loss(0.01, rate * np.arange(2000))
    assert np.max(np.abs(loss - exact)) < xor.descent_bound(0.01, rate)
    assert exact[0] == pytest.approx((1 - np.sqrt(2) * 0.01) ** 2 / 2)


def test_the_closed_form_on_xor_solves_its_equation():
    time, step = np.linspace(0, 30, 7), 1e-4
    a, up, down = (1 - np.sqrt(2 * xor.pathway_loss(0.02, time + shift)) for shift in (0, step, -step))
    a, up, down = (part / np.sqrt(2) for part in (a, up, down))
    assert (up - down) / (2 * step) == pytest.approx(2 * a * (xor.STRENGTH - a * xor.CORRELATION), rel=1e-5)


def test_only_the_growing_combination_of_the_layers_counts():
    start = balanced(0.04)
    shrinking = xor.Layers(start.first, -start.second)
    assert xor.initial_strengths(shrinking) == pytest.approx(np.zeros((1, 4)), abs=1e-12)


def test_the_shifted_form_crosses_an_eighth_where_it_is_told_to():
    assert xor.shifted_loss(np.array([10.0]), np.array([10.0])) == pytest.approx([0.125])
    loss = np.array([[0.5, 0.5], [0.2, 0.4], [0.1, 0.3]])
    found = xor.crossing_time(loss)
    assert found[0] == pytest.approx(1.75)
    assert np.isnan(found[1])


def test_the_loss_of_a_linear_network_on_xor_is_one_half_and_the_square_of_its_map():
    weights = rng().standard_normal((3, 8, 3))
    start = xor.Layers(weights[..., :2], weights[..., 2])
    mapped = np.einsum("su,suk->sk", start.second, start.first)
    assert next(xor.descend("linear", start, 0.1))[1] == pytest.approx((1 + np.sum(mapped**2, axis=-1)) / 2)


def test_relu_descent_is_the_gradient_by_finite_differences():
    weights = rng(3).standard_normal((1, 8, 3))
    start = xor.Layers(weights[..., :2], weights[..., 2])
    (_, _), (after, _) = islice(xor.descend("relu", start, 1e-3), 2)
    direction = rng(4).standard_normal(start.first.shape)

    def loss(size):
        return next(xor.descend("relu", start._replace(first=start.first + size * direction), 0.0))[1][0]

    assert np.sum((start.first - after.first) / 1e-3 * direction) == pytest.approx((loss(1e-5) - loss(-1e-5)) / 2e-5, rel=1e-5)


def test_networks_on_xor_refuse_other_models_sizes_and_starts():
    start = xor.Layers(np.ones((1, 6, 2)), np.ones((1, 6)))
    with pytest.raises(ValueError, match="relu, gdln, linear"):
        next(xor.descend("tanh", start, 0.1))
    with pytest.raises(ValueError, match="multiple of 4"):
        next(xor.descend("gdln", start, 0.1))
    with pytest.raises(ValueError, match="above 0"):
        xor.pathway_loss(0.0, 1.0)


def test_corner_cosine_of_a_data_point_is_one_and_of_an_axis_less():
    assert xor.corner_cosine(np.array([[[2.0, -2.0], [1.0, 0.0]]])) == pytest.approx(np.array([[1.0, np.sqrt(0.5)]]))
