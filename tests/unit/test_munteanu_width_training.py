"""Gradient descent of munteanu_width on batches of networks."""

from itertools import pairwise

import numpy as np
import pytest

from scripts.munteanu_width import training
from scripts.munteanu_width.model import alternating_circle, finite_kernel, initialize_all


def draw(seed, width, dim=2):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((width, dim)), rng.choice([-1.0, 1.0], width)


def batch(n_seeds, width, init_scales=(1.0,), dim=2):
    return initialize_all([draw(seed, width, dim) for seed in range(n_seeds)], width, init_scales)


def plain_descent(x, y, weights, signs, n_steps, *, rate=4.0):
    """One network, step by step, without any batch."""
    hit, start = np.inf, weights.copy()
    for step in range(n_steps + 1):
        active = x @ weights.T > 0
        found = np.array([sum(a * max(w @ point, 0) for a, w in zip(signs, weights, strict=True)) for point in x]) / np.sqrt(len(signs))
        if step and (y * found > 0).all():
            hit = step
            break
        slope = -y / (1 + np.exp(y * found)) / len(y)
        weights = weights - rate * (active * slope[:, None]).T @ x * signs[:, None] / np.sqrt(len(signs))
    return hit, ((x @ weights.T > 0) != (x @ start.T > 0)).mean(), np.linalg.norm(weights - start, axis=1).max()


def test_a_batch_trains_as_each_of_its_networks_alone():
    x, y = alternating_circle(8)
    weights, signs = batch(3, 16, [1.0, 10.0])
    steps = 40
    found = training.train_logistic(x, y, weights, signs, learning_rate=4.0, n_steps=steps, stops_at_hit=True)
    expected = [plain_descent(x, y, *network, steps) for network in zip(weights, signs, strict=True)]
    np.testing.assert_array_equal(found.hit_step, [hit for hit, *_ in expected])
    ended = np.isfinite(found.hit_step)
    assert ended.any()
    np.testing.assert_allclose(found.flip_share[ended], np.array([flips for _, flips, _ in expected])[ended], atol=1e-12)
    np.testing.assert_allclose(found.movement_max[ended], np.array([far for *_, far in expected])[ended], rtol=1e-9)


def test_outputs_at_the_start_and_the_risk_at_the_end_are_those_of_every_network():
    x, y = alternating_circle(8)
    weights, signs = batch(3, 16)
    found = training.train_logistic(x, y, weights, signs, learning_rate=1e-9, n_steps=1, stops_at_hit=False)
    for at, network in enumerate(zip(weights, signs, strict=True)):
        outputs = np.array([sum(a * max(w @ point, 0) for w, a in zip(*network, strict=True)) for point in x]) / 4
        assert found.initial_output_max[at] == pytest.approx(np.abs(outputs).max(), abs=1e-12)
        assert found.risk[at] == pytest.approx(np.mean(np.log(1 + np.exp(-y * outputs))), rel=1e-6)
    assert (found.initial_output_max[3:] > 0.01).all()


def test_runs_that_go_on_after_their_hit_hit_at_the_same_step_and_end_with_less_risk():
    x, y = alternating_circle(8)
    weights, signs = batch(10, 32)
    ends = [training.train_logistic(x, y, weights, signs, learning_rate=4.0, n_steps=80, stops_at_hit=stops) for stops in (True, False)]
    np.testing.assert_array_equal(ends[0].hit_step, ends[1].hit_step)
    done = np.isfinite(ends[0].hit_step)
    assert done.sum() > 5
    assert ends[1].risk[done].mean() < ends[0].risk[done].mean()


def test_batches_that_do_not_fit_the_cache_end_as_those_that_do(monkeypatch):
    x, y = alternating_circle(8)
    weights, signs = batch(6, 16)
    options = {"learning_rate": 4.0, "n_steps": 30}
    whole = training.train_logistic(x, y, weights, signs, **options, stops_at_hit=False)
    whole_course = training.train_squared(x, y, weights, signs, learning_rate=0.3, n_steps=30)
    monkeypatch.setattr(training, "_CACHED", 8 * 16 * 5)
    parts = training.train_logistic(x, y, weights, signs, **options, stops_at_hit=False)
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9)
    for one, other in zip(whole_course, training.train_squared(x, y, weights, signs, learning_rate=0.3, n_steps=30), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_no_training_step_is_a_hit_before_the_first():
    x, y = alternating_circle(8)
    found = training.train_logistic(x, y, *batch(20, 256), learning_rate=4.0, n_steps=5, stops_at_hit=True)
    assert found.hit_step.min() >= 1
    assert found.initial_output_max[:20].max() <= 1e-12
    assert found.initial_output_max[20:].min() > 0.01


def test_the_squared_loss_of_a_huge_scale_falls_as_that_of_its_kernel():
    """Without flips the network is linear in its weights: F − y obeys (1 − η H) step by step."""
    x = np.linalg.qr(np.random.default_rng(2).standard_normal((6, 6)))[0]
    y = np.array([1.0, -1, 1, 1, -1, -1])
    weights, signs = (part[:1] for part in batch(1, 64, [1e5], dim=6))
    found = training.train_squared(x, y, weights, signs, learning_rate=0.5, n_steps=20)
    decay = np.eye(6) - 0.5 * finite_kernel(x, found.initial_fields)[0]
    left = [np.linalg.matrix_power(decay, t) @ -y for t in range(21)]
    np.testing.assert_allclose(found.loss[:, 0], [(residual**2).mean() for residual in left], rtol=1e-6)
    np.testing.assert_array_equal(found.initial_fields > 0, found.final_fields > 0)


def test_a_network_narrower_than_half_the_points_cannot_have_the_signs():
    """The even part of five units changes sign five times in a half-turn at most; twelve points ask for six."""
    x, y = alternating_circle(12)
    rng = np.random.default_rng(0)
    angle = np.linspace(0, np.pi, 4001)
    for _ in range(50):
        weights, signs = rng.standard_normal((5, 2)), rng.choice([-1.0, 1.0], 5)
        turns = (np.stack([np.cos(angle), np.sin(angle)], axis=1) @ weights.T, x @ weights.T)
        even, on_points = (np.abs(fields) @ signs / 2 for fields in turns)
        assert sum(a * b < 0 for a, b in pairwise(even)) <= 5
        assert not (y * on_points > 0).all()


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (
            lambda *network: training.train_logistic(*network, learning_rate=np.nan, n_steps=1, stops_at_hit=True),
            "learning_rate must be positive",
        ),
        (lambda *network: training.train_logistic(*network, learning_rate=1.0, n_steps=0, stops_at_hit=True), "n_steps must be 1"),
        (lambda *network: training.train_squared(*network, learning_rate=-1.0, n_steps=1), "learning_rate must be positive"),
    ],
)
def test_training_that_makes_no_sense_is_refused(call, named):
    weights, signs = batch(1, 4)
    with pytest.raises(ValueError, match=named):
        call(*alternating_circle(8), weights, signs)
