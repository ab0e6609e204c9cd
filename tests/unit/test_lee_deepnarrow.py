"""The mathematics of lee_deepnarrow: kernels against closed values, Monte Carlo, autograd and conservation of what they equal."""

import numpy as np
import pytest

from repro.seeds import generator
from scripts.lee_deepnarrow.model import REFERENCE_ANGLE, Draws, circle_angles, draw, on_circle, target
from scripts.lee_deepnarrow.simulation import cnn_kernels, diagonal_draws, mlp_kernel_row
from scripts.lee_deepnarrow.theory import (
    Stds,
    cnn_expected_kernel,
    cnn_limit_kernel,
    diagonal_spread,
    expected_kernel,
    hits,
    kernel_descent,
    largest_stable_rate,
    limit_kernel,
    patches,
    relu_covariance,
)

PAIR = np.array([[0.6, 0.1], [0.3, 0.8]])
STDS = Stds(1.2, 0.7)
TWO_IMAGES = np.stack([np.ones((3, 3)), np.arange(9).reshape(3, 3) / 8])


def stream(seed=0):
    return generator("lee_deepnarrow", "tests", seed=seed)


def reference_point():
    return on_circle([REFERENCE_ANGLE])


def test_the_arc_cosine_kernel_has_its_limits():
    one, two = np.array(1.0), np.array(2.0)
    assert relu_covariance(two, two, two) == pytest.approx(1.0)
    assert relu_covariance(one, one, -one) == pytest.approx(0.0, abs=1e-15)
    assert relu_covariance(one, two, 0 * one) == pytest.approx(np.sqrt(2) / (2 * np.pi))


def test_the_arc_cosine_kernel_agrees_with_monte_carlo_within_five_standard_errors():
    z = stream().standard_normal((2, 400_000))
    g, other = np.sqrt(1.3) * z[0], 0.5 * z[0] + 0.9 * z[1]
    product = np.maximum(g, 0) * np.maximum(other, 0)
    expected = relu_covariance(np.array(1.3), np.array(0.25 + 0.81), np.array(0.5 * np.sqrt(1.3)))
    assert abs(product.mean() - expected) < 5 * product.std() / np.sqrt(product.size)


def test_the_limit_kernel_has_its_reference_values():
    np.testing.assert_allclose(limit_kernel(PAIR, PAIR, 3, STDS), [[3.74820, 3.61302567], [3.61302567, 4.23780]], rtol=1e-8)
    angles = circle_angles()
    assert angles[0] == pytest.approx(0.07173, abs=5e-6)
    assert limit_kernel(reference_point(), reference_point())[0, 0] == pytest.approx(2.75, rel=1e-12)
    assert limit_kernel(reference_point(), on_circle(angles[:1]))[0, 0] == pytest.approx(2.45020, abs=5e-6)


def test_the_mean_at_finite_depth_has_its_reference_values_and_its_limit():
    points = on_circle([REFERENCE_ANGLE, 0.5])
    found = expected_kernel(points[:1], points, depth=10, scale=3.0)
    np.testing.assert_allclose(found, [[2.86111111, 2.81131653]], rtol=1e-8)
    far = expected_kernel(PAIR, PAIR, depth=10**9, scale=1e5, n_outputs=3, stds=STDS)
    np.testing.assert_allclose(far, limit_kernel(PAIR, PAIR, 3, STDS), atol=1e-8)


def test_draws_without_a_network_have_the_exact_mean_within_five_standard_errors():
    points = on_circle([REFERENCE_ANGLE, 0.5])
    rows = np.array([mlp_kernel_row(draw(stream(seed), 10, 2), points, scale=3.0) for seed in range(4000)])
    expected = expected_kernel(points[:1], points, depth=10, scale=3.0)[0]
    assert (np.abs(rows.mean(axis=0) - expected) < 5 * rows.std(axis=0) / np.sqrt(len(rows))).all()


def test_diagonal_draws_are_the_diagonal_of_rows():
    diagonal = diagonal_draws(stream(), 20_000, PAIR[0], depth=5, scale=2.0, stds=STDS)
    expected = expected_kernel(PAIR[:1], PAIR[:1], depth=5, scale=2.0, stds=STDS)[0, 0]
    assert abs(diagonal.mean() - expected) < 5 * diagonal.std() / np.sqrt(diagonal.size)
    rows = [mlp_kernel_row(draw(stream(s), 5, 2, weight_std=1.2, bias_std=0.7), PAIR, scale=2.0)[0] for s in range(4000)]
    assert np.std(rows) == pytest.approx(diagonal.std(), rel=5 * np.sqrt(2 / 4000))  # kurtosis of a sum of few squares


def test_the_diagonal_spreads_as_the_leading_order_says():
    assert diagonal_spread(reference_point())[0] == pytest.approx(1.6771, abs=5e-5)
    diagonal = diagonal_draws(stream(), 20_000, reference_point()[0], depth=400, scale=1e3)
    assert diagonal.std() * 20 == pytest.approx(1.6771, rel=5 / np.sqrt(2 * 20_000))


def test_kernel_descent_on_the_circle_has_its_reference_losses():
    x = on_circle(circle_angles())
    y, kernel = target(x)[:, None], limit_kernel(x, x)
    wanted = {0: 0.1367289, 1: 0.0240276, 10: 0.0139463, 100: 0.00897107, 300: 0.00336683, 500: 0.00126527, 2000: 4.9778e-6}
    for step, outputs in enumerate(kernel_descent(kernel, y, 0.25, iter([slice(None)] * 2000))):
        if step in wanted:
            assert np.mean((outputs - y) ** 2) == pytest.approx(wanted[step], rel=1.1e-5)


def test_kernel_descent_is_unstable_above_its_largest_step_only():
    x = on_circle(circle_angles(20))
    y, kernel = target(x)[:, None], limit_kernel(x, x)
    edge = largest_stable_rate(kernel)
    ends = [
        [np.abs(each).max() for each in kernel_descent(kernel, y, share * edge, iter([slice(None)] * 400))][-1] for share in (0.98, 1.02)
    ]
    assert ends[0] < 1
    assert ends[1] > 100


def test_kernel_descent_on_batches_counts_an_example_as_often_as_it_is_drawn():
    kernel, y = np.array([[2.0, 1.0, 0.5], [1.0, 2.0, 0.3]]), np.array([[1.0], [2.0]])
    *_, last = kernel_descent(kernel, y, 0.1, iter([np.array([1, 1, 0])]))
    np.testing.assert_allclose(last[:, 0], 0.2 / 3 * (2 * 2 * kernel[1] + kernel[0]))


def test_pixels_are_hit_as_often_as_filters_fit():
    seen = hits(7)
    assert (seen.sum(axis=1) ** 2).sum() == pytest.approx(6.09788, abs=5e-6)
    assert (hits(3).sum(axis=1) ** 2).sum() == pytest.approx(3.56790, abs=5e-6)
    np.testing.assert_array_equal(patches(TWO_IMAGES)[:, 4], TWO_IMAGES.reshape(2, 9))


def test_the_limit_of_the_convolutional_kernel_has_its_reference_values():
    np.testing.assert_allclose(cnn_limit_kernel(TWO_IMAGES), [[9.79448671, 7.59287311], [7.59287311, 6.56399113]], rtol=1e-8)


def test_draws_of_the_convolutional_kernel_have_the_exact_mean_within_five_standard_errors():
    images = stream(1).random((2, 4, 4))
    found = np.array([cnn_kernels(draw(stream(seed), 6, 9), images, [2.0])[0] for seed in range(2000)])
    expected = cnn_expected_kernel(images, depth=6, scale=2.0)
    assert (np.abs(found.mean(axis=0) - expected) < 5 * found.std(axis=0) / np.sqrt(len(found))).all()
    far = cnn_expected_kernel(images, depth=10**9, scale=1e5)
    np.testing.assert_allclose(far, cnn_limit_kernel(images), atol=1e-8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: draw(stream(), 0, 2), "depth must be 1 or more"),
        (lambda: draw(stream(), 3, 2, bias_std=-1), "bias_std must be 0 or more"),
        (lambda: circle_angles(0), "n_angles must be 1 or more"),
        (lambda: relu_covariance(np.array(0.0), np.array(1.0), np.array(0.0)), "variance must be positive"),
        (lambda: limit_kernel(-PAIR, PAIR), "x must be 0 or more"),
        (lambda: limit_kernel(PAIR, PAIR * np.nan), "other must be 0 or more"),
        (lambda: expected_kernel(PAIR, PAIR, depth=0, scale=1), "depth must be 1 or more"),
        (lambda: expected_kernel(PAIR, PAIR, depth=1, scale=0), "scale must be positive"),
        (lambda: next(kernel_descent(np.eye(2), np.ones((2, 1)), 0, iter([]))), "rate must be positive"),
        (lambda: next(kernel_descent(np.ones((2, 1)), np.ones((2, 1)), 1, iter([]))), "n_points must be 2 or more"),
        (lambda: hits(0), "size must be 1 or more"),
        (lambda: cnn_limit_kernel(-TWO_IMAGES), "images must be 0 or more"),
        (lambda: cnn_expected_kernel(TWO_IMAGES, depth=3, scale=np.nan), "scale must be positive"),
        (lambda: mlp_kernel_row(draw(stream(), 3, 2), -PAIR, scale=1), "x must be 0 or more"),
        (lambda: diagonal_draws(stream(), 0, PAIR[0], depth=3, scale=1), "n must be 1 or more"),
        (lambda: cnn_kernels(Draws(np.ones((3, 4)), np.ones(3)), TWO_IMAGES, [1.0]), "number of taps 4 is not one of 9"),
        (lambda: cnn_kernels(draw(stream(), 3, 9), TWO_IMAGES, [0.0]), "scale must be positive"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
