"""Targets, lower bounds, linking numbers and closed forms of puthawala_flows."""

import itertools

import numpy as np
import pytest
from scipy import optimize, special

from scripts.puthawala_flows.inputs import annulus, circle, draw_angles, equispaced, knot, padded, ribbon
from scripts.puthawala_flows.model import (
    CleanTrick,
    gaussian_interpolant,
    nearest,
    relu_layer,
    relu_projection,
    searched_distance,
    wasserstein,
)
from scripts.puthawala_flows.theory import BOUND_POINTS, half_distance, linking_number, refined_polygon, thickness

LAW = [(0.7, 0.0, 2.0), (0.3, 2.5, 5.0)]


def boundaries(name, n):
    return [ribbon(name, np.array(radius), equispaced(n)) for radius in (0.6, 1.4)]


def torus_link(n_turns, n=300):
    """A circle, and a curve that winds around it n times."""
    t = equispaced(n)
    around = 1 + 0.3 * np.cos(n_turns * t)
    return padded(circle(t), 3), np.stack([around * np.cos(t), around * np.sin(t), 0.3 * np.sin(n_turns * t)], axis=-1)


def test_a_circle_is_as_thick_as_its_radius():
    assert thickness(1.7 * padded(circle(equispaced(64)), 3)) == pytest.approx(1.7, rel=1e-9)


def test_an_ellipse_is_as_thick_as_its_least_radius_of_curvature():
    points = padded(circle(equispaced(800)) * [2.0, 1.0], 3)
    assert thickness(points) == pytest.approx(1 / 2, rel=1e-4)


def test_a_narrow_loop_is_as_thick_as_half_its_width():
    """A curve with a waist: the distance of its sides there, not its curvature, is what limits the tube."""
    x, y = circle(equispaced(800)).T
    points = np.stack([3 * x, y * (0.3 + x**2), np.zeros_like(x)], axis=-1)
    assert thickness(points) == pytest.approx(0.3, rel=1e-6)


def test_thickness_of_the_targets_agrees_with_known_values():
    assert thickness(knot("trefoil", equispaced(1000))) == pytest.approx(0.2024, abs=1e-4)
    assert thickness(knot("unknot", equispaced(1000))) == pytest.approx(0.2753, abs=1e-4)


def test_the_trefoil_has_its_known_length_and_least_radius_of_curvature():
    t, step = equispaced(4000), 1e-4
    ahead, here, behind = (knot("trefoil", t + shift) for shift in (step, 0, -step))
    velocity, acceleration = (ahead - behind) / (2 * step), (ahead - 2 * here + behind) / step**2
    speed = np.linalg.norm(velocity, axis=1)
    assert 2 * np.pi * speed.mean() == pytest.approx(9.6088, abs=1e-4)
    assert (speed**3 / np.linalg.norm(np.cross(velocity, acceleration), axis=1)).min() == pytest.approx(0.4291, abs=1e-4)


def test_the_bounds_of_the_targets_do_not_depend_on_the_number_of_points():
    fine = thickness(knot("trefoil", equispaced(1500)))
    assert thickness(knot("trefoil", equispaced(BOUND_POINTS))) == pytest.approx(fine, abs=1e-5)


def test_knots_share_their_projection_and_the_unknot_has_one_maximum_of_height():
    t = equispaced(300)
    np.testing.assert_array_equal(knot("trefoil", t)[:, :2], knot("unknot", t)[:, :2])
    rising = np.diff(knot("unknot", np.append(t, 2 * np.pi))[:, 2]) > 0
    assert (rising != np.roll(rising, 1)).sum() == 2


def test_both_ribbons_have_the_bound_of_their_half_width():
    for name in ("wave", "twist1"):
        assert half_distance(*boundaries(name, 1000)) == pytest.approx(0.4, abs=1e-6)


def test_only_the_twisted_ribbon_has_linked_boundaries():
    assert linking_number(*boundaries("twist1", 300)) == pytest.approx(-1, abs=1e-9)
    assert linking_number(*boundaries("wave", 300)) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("n_turns", [-2, 1, 3])
def test_linking_numbers_count_turns_and_do_not_depend_on_order_or_motion(n_turns):
    first, second = torus_link(n_turns)
    found = linking_number(first, second)
    assert abs(found) == pytest.approx(abs(n_turns), abs=1e-9)
    assert linking_number(second, first) == pytest.approx(found, abs=1e-9)
    assert linking_number(first[::-1], second) == pytest.approx(-found, abs=1e-9)
    turn, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))
    assert linking_number(first @ turn + 5, second @ turn + 5) == pytest.approx(np.linalg.det(turn) * found, abs=1e-9)


def test_linking_numbers_agree_with_the_integral_of_gauss():
    """Of two smooth curves that keep their distance the midpoint rule is exact to rounding."""
    t = equispaced(200)
    zero = np.zeros_like(t)
    first, second = padded(circle(t), 3), np.stack([1 + np.cos(t), zero, np.sin(t)], axis=-1)
    slopes = np.stack([-np.sin(t), np.cos(t), zero], axis=-1), np.stack([-np.sin(t), zero, np.cos(t)], axis=-1)
    difference = first[:, None] - second
    volume = (np.cross(slopes[0][:, None], slopes[1]) * difference).sum(axis=-1)
    exact = (volume / np.linalg.norm(difference, axis=-1) ** 3).sum() * (2 * np.pi / 200) ** 2 / (4 * np.pi)
    assert abs(exact) == pytest.approx(1, abs=1e-9)
    assert linking_number(first, second) == pytest.approx(exact, abs=1e-9)


def test_a_polygon_is_refined_where_a_curve_hurries_and_then_gives_the_true_linking_number():
    """All turns within a twentieth of the parameter: equispaced points miss them."""

    def hurried(t):
        fast = np.clip((t - 3) / (np.pi / 10), 0, 1)
        around = 1 + 0.3 * np.cos(2 * np.pi * 5 * fast)
        return np.stack([around * np.cos(t), around * np.sin(t), 0.3 * np.sin(2 * np.pi * 5 * fast)], axis=-1)

    core = padded(circle(equispaced(200)), 3)
    coarse, fine = hurried(equispaced(40)), refined_polygon(hurried, start_points=40, max_edge=0.05)
    assert abs(linking_number(core, fine)) == pytest.approx(5, abs=1e-6)
    assert abs(linking_number(core, coarse)) != pytest.approx(5, abs=0.5)
    assert np.linalg.norm(np.roll(fine, -1, axis=0) - fine, axis=1).max() <= 0.05


def test_a_refinement_that_does_not_end_gives_nothing():
    assert refined_polygon(lambda t: padded(circle(t), 3), start_points=10, max_edge=1e-3, max_rounds=3) is None
    torn = refined_polygon(lambda t: np.where(t[:, None] < 3, 0.0, 1.0) + padded(circle(t), 3), max_rounds=12)
    assert torn is None


def test_the_clean_trick_is_inverted_exactly_and_carries_the_nodes_to_their_targets():
    t, test = equispaced(64), equispaced(500)
    flow = CleanTrick(gaussian_interpolant(circle(t), knot("trefoil", t), 0.5), gaussian_interpolant(knot("trefoil", t), circle(t), 0.35))
    start = padded(circle(test), 5)
    assert np.abs(flow.inverse(flow.forward(start, 2), 2) - start).max() < 1e-12
    anywhere = np.random.default_rng(0).standard_normal((50, 5))
    assert np.abs(flow.inverse(flow.forward(anywhere, 2), 2) - anywhere).max() < 1e-12
    wanted = np.concatenate([np.zeros((64, 2)), knot("trefoil", t)], axis=1)
    assert np.abs(flow.forward(padded(circle(t), 5), 2) - wanted).max() < 1e-6


def test_nearest_points_leave_the_least_wasserstein_distance():
    """A linear programme over all laws on the points of the range."""
    rng = np.random.default_rng(1)
    samples, points = rng.standard_normal((6, 2)), rng.standard_normal((5, 2))
    distance, place = nearest(samples, points)
    costs = ((samples[:, None] - points) ** 2).sum(axis=-1)
    np.testing.assert_array_equal(place, costs.argmin(axis=1))
    rows = np.kron(np.eye(6), np.ones(5))
    plan = optimize.linprog(costs.ravel(), A_eq=rows, b_eq=np.full(6, 1 / 6))
    assert (distance**2).mean() == pytest.approx(plan.fun, rel=1e-6)


def test_the_wasserstein_distance_is_that_of_the_best_permutation():
    first, second = np.random.default_rng(2).standard_normal((2, 5, 3))
    costs = ((first[:, None] - second) ** 2).sum(axis=-1)
    best = min(costs[range(5), order].mean() for order in itertools.permutations(range(5)))
    assert wasserstein(first, second) == pytest.approx(np.sqrt(best), rel=1e-12)
    assert wasserstein(first, first + np.array([3.0, 0.0, 4.0])) == pytest.approx(5)


def test_the_projection_agrees_with_a_known_case():
    y, matrix, scale = np.array([0.3, -0.2, 0.1, 0.4]), np.array([[1.0, 1.0], [0.0, 2.0]]), np.array([1.0, 0.5])
    x = relu_projection(y, matrix, scale)
    np.testing.assert_allclose(x, [0.7, -0.4], atol=1e-12)
    np.testing.assert_allclose(relu_layer(x, matrix, scale), [0.3, 0, 0, 0.4], atol=1e-12)
    assert searched_distance(y) == pytest.approx(np.sqrt(0.05))


def test_the_projection_of_a_point_of_the_range_is_where_it_came_from():
    rng = np.random.default_rng(3)
    matrix, scale, x = rng.standard_normal((50, 3, 3)), rng.uniform(0.2, 3, (50, 3)), rng.standard_normal((50, 3))
    np.testing.assert_allclose(relu_projection(relu_layer(x, matrix, scale), matrix, scale), x, atol=1e-10)


def test_no_other_point_of_the_range_is_nearer_than_the_projection():
    rng = np.random.default_rng(4)
    matrix, scale, y = rng.standard_normal((2, 2)), np.array([0.3, 2.0]), rng.standard_normal(4)
    nearby = relu_layer(10 * rng.standard_normal((20000, 2)), matrix, scale)
    least = np.linalg.norm(y - relu_layer(relu_projection(y, matrix, scale), matrix, scale))
    assert (np.linalg.norm(nearby - y, axis=1) >= least - 1e-12).all()
    assert searched_distance(y) == pytest.approx(least, abs=1e-10)


def test_angles_have_the_first_moment_of_their_law():
    n = 40_000
    angle = draw_angles(np.random.default_rng(5), n, LAW)
    assert ((angle >= 0) & (angle < 2 * np.pi)).all()
    exact = sum(w * special.ive(1, k) / special.ive(0, k) * circle(np.array(m)) for w, m, k in LAW)
    np.testing.assert_allclose(circle(angle).mean(axis=0), exact, atol=5 / np.sqrt(n))


def test_the_annulus_has_its_rims():
    radius, angle = annulus(0.4, 5, 60)
    assert radius.shape == angle.shape == (300,)
    assert (radius.min(), radius.max()) == (0.6, 1.4)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: knot("figure8", equispaced(9)), "name 'figure8' is not one of unknot, trefoil"),
        (lambda: ribbon("moebius", np.array(1.0), equispaced(9)), "name 'moebius'"),
        (lambda: equispaced(0), "n must be 1 or more"),
        (lambda: annulus(1.0, 3, 9), "half_width"),
        (lambda: annulus(0.4, 1, 9), "n_radii"),
        (lambda: padded(np.ones((4, 3)), 2), "ambient_dim must be 3 or more"),
        (lambda: draw_angles(np.random.default_rng(0), 3, [(0.7, 0, 1), (0.7, 1, 1)]), "weights must sum to 1"),
        (lambda: draw_angles(np.random.default_rng(0), 3, [(1.0, 0, -1)]), "concentrations"),
        (lambda: thickness(np.ones((4, 3))), "n_points"),
        (lambda: thickness(np.full((9, 3), np.nan)), "points must be finite"),
        (lambda: half_distance(np.full((9, 3), np.nan), np.ones((9, 3))), "first must be finite"),
        (lambda: linking_number(np.ones((2, 3)), np.ones((9, 3))), "n_corners"),
        (lambda: linking_number(np.ones((9, 3)), np.full((9, 3), np.nan)), "second must be finite"),
        (lambda: refined_polygon(knot, max_edge=0.0), "max_edge"),
        (lambda: refined_polygon(knot, start_points=2), "start_points"),
        (lambda: refined_polygon(knot, max_rounds=-1), "max_rounds"),
        (lambda: gaussian_interpolant(np.ones((3, 2)), np.ones((2, 3)), 0.5), "values must be as many as the 3 nodes"),
        (lambda: gaussian_interpolant(np.ones((3, 2)), np.ones((3, 3)), 0.0), "width"),
        (lambda: gaussian_interpolant(np.ones((3, 2)), np.ones((3, 3)), 0.5, -1), "ridge"),
        (lambda: nearest(np.full((3, 2), np.nan), np.ones((3, 2))), "samples must be finite"),
        (lambda: wasserstein(np.ones((3, 2)), np.ones((2, 2))), "second must have the shape"),
        (lambda: wasserstein(np.ones((3, 2)), np.full((3, 2), np.nan)), "second must be finite"),
        (lambda: relu_layer(np.ones(2), np.eye(2), np.array([1.0, 0.0])), "scale must be positive"),
        (lambda: relu_projection(np.ones(4), np.eye(2), np.array([1.0, -1.0])), "scale must be positive"),
        (lambda: relu_projection(np.full(4, np.nan), np.eye(2), np.ones(2)), "y must be finite"),
        (lambda: searched_distance(np.full(4, np.nan)), "y must be finite"),
    ],
)
def test_what_makes_no_sense_is_refused(call, named):
    with pytest.raises(ValueError, match=named):
        call()
