"""Coupling flows of puthawala_flows, their training, and what is measured on them."""

from dataclasses import replace

import numpy as np
import pytest

from repro.settings import load_params
from scripts.puthawala_flows import simulation
from scripts.puthawala_flows.inputs import circle, equispaced, knot, padded
from scripts.puthawala_flows.runs import knot_fits, ribbon_fits
from scripts.puthawala_flows.simulation import boundary_linking, draws, errors, image, transport
from scripts.puthawala_flows.training import (
    Flow,
    Schedule,
    Shape,
    fit,
    forward,
    gradient,
    initial_flow,
    inverse,
    log_determinant,
    n_parameters,
    views,
)

PAPER = "puthawala_flows"


def wild_flow(ambient_dim, n_seeds=2, depth=4, width=6, scale=0.5):
    """Flows far from rotations, in double precision."""
    shape = Shape(ambient_dim, depth, width)
    start = initial_flow([np.random.default_rng(seed) for seed in range(n_seeds)], shape)
    parameters = scale * np.random.default_rng(9).standard_normal((n_seeds, n_parameters(shape)))
    return replace(start, rotations=np.linalg.qr(start.rotations.astype(float))[0], parameters=parameters)


def points(ambient_dim, n=20):
    return np.random.default_rng(7).standard_normal((1, n, ambient_dim))


@pytest.mark.parametrize("ambient_dim", [2, 3, 4, 7])
def test_inverse_after_forward_is_the_identity(ambient_dim):
    flow, x = wild_flow(ambient_dim), points(ambient_dim)
    np.testing.assert_allclose(inverse(flow, forward(flow, x)), np.broadcast_to(x, (2, *x.shape[1:])), atol=1e-9)


@pytest.mark.parametrize("ambient_dim", [3, 4])
def test_log_determinant_agrees_with_the_jacobian_by_complex_steps(ambient_dim):
    flow, x = wild_flow(ambient_dim), points(ambient_dim, 5)
    steps = 1e-30j * np.eye(ambient_dim)
    columns = [forward(flow, x + step).imag / 1e-30 for step in steps]
    _, expected = np.linalg.slogdet(np.stack(columns, axis=-1))
    np.testing.assert_allclose(log_determinant(flow, x), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("ambient_dim", [3, 4])
def test_gradient_agrees_with_complex_steps_of_the_loss(ambient_dim):
    flow, x, target = wild_flow(ambient_dim), points(ambient_dim), points(ambient_dim)[:, ::-1]
    found = np.empty_like(flow.parameters)
    gradient(flow, x, target, found)
    expected = np.empty_like(found)
    for seed, place in np.ndindex(*found.shape):
        shifted = flow.parameters.astype(complex)
        shifted[seed, place] += 1e-30j
        expected[seed, place] = ((forward(replace(flow, parameters=shifted), x) - target) ** 2).sum(axis=-1).mean(axis=-1).sum().imag
    np.testing.assert_allclose(found, expected / 1e-30, rtol=1e-9, atol=1e-9)


def test_adam_takes_the_steps_of_a_plain_implementation():
    """One network, written out; the first steps, the decay of the rate and the clip."""
    shape, schedule = Shape(3, 2, 4), Schedule(5, 1e-2, 1e-3, gradient_clip=0.5)
    start = replace(wild_flow(3, 1, 2, 4), shape=shape)
    x, target = points(3)[0], points(3)[0][::-1]
    *_, last = fit(start, x, target, schedule)
    theta, first, second = start.parameters.copy(), 0.0, 0.0
    for k in range(5):
        slope = np.empty_like(theta)
        gradient(replace(start, parameters=theta), x[None], target[None], slope)
        slope = slope * min(1, 0.5 / np.sqrt((slope**2).sum()))
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        rate = 1e-3 + 9e-3 * np.cos(np.pi * k / 10) ** 2
        theta = theta - rate * (first / (1 - 0.9 ** (k + 1))) / (np.sqrt(second / (1 - 0.999 ** (k + 1))) + 1e-8)
    np.testing.assert_allclose(last.parameters, theta, rtol=1e-9, atol=1e-12)


def test_training_moves_the_circle_onto_an_ellipse_and_leaves_the_start_alone():
    start = initial_flow([np.random.default_rng(0)], Shape(3, 4, 16))
    before = start.parameters.copy()
    source = padded(circle(equispaced(50)), 3)
    *_, last = fit(start, source, source * [1.5, 0.7, 1.0], Schedule(400))
    assert errors(last, source, source * [1.5, 0.7, 1.0]).sup[0] < 0.2 * errors(start, source, source * [1.5, 0.7, 1.0]).sup[0]
    np.testing.assert_array_equal(start.parameters, before)


def test_a_larger_number_of_seeds_keeps_the_first():
    few, more = (initial_flow([np.random.default_rng(seed) for seed in range(n)], Shape(4)) for n in (2, 3))
    np.testing.assert_array_equal(more.parameters[:2], few.parameters)
    np.testing.assert_array_equal(more.rotations[:, :2], few.rotations)


def test_initial_weights_have_their_variances():
    flow = initial_flow([np.random.default_rng(seed) for seed in range(40)], Shape(7, 8, 32))
    blocks, shift = views(flow.parameters, flow.shape)
    expected = {"w1": 1 / 3, "b1": 0.25, "w2": 1 / 32, "b2": 0.01, "w3": 1e-4}
    for name, variance in expected.items():
        drawn = np.concatenate([getattr(block, name).ravel() for block in blocks]).astype(float)
        assert (drawn**2).mean() == pytest.approx(variance, abs=5 * variance * np.sqrt(2 / len(drawn)))
    assert not shift.any()
    assert not any(block.b3.any() for block in blocks)
    np.testing.assert_allclose(flow.rotations @ flow.rotations.swapaxes(-1, -2), np.broadcast_to(np.eye(7), (8, 40, 7, 7)), atol=1e-5)


def test_errors_are_those_of_the_image():
    flow = wild_flow(3)
    source, target = circle(equispaced(30)), knot("unknot", equispaced(30))
    distance = np.linalg.norm(forward(flow, padded(source, 3)[None]) - target, axis=-1)
    found = errors(flow, source, target)
    np.testing.assert_allclose(found.sup, distance.max(axis=1))
    np.testing.assert_allclose(found.rms, np.sqrt((distance**2).mean(axis=1)))
    np.testing.assert_allclose(image(flow.seed(1), source)[0], image(flow, source)[1])


@pytest.fixture(scope="module")
def smoke():
    return {"knots": load_params(PAPER, "knot_fits", "smoke"), "ribbons": load_params(PAPER, "ribbon_fits", "smoke")}


def test_no_flow_of_space_links_the_images_of_two_circles(smoke):
    """Whatever its weights: the images of concentric circles under a homeomorphism are not linked."""
    flow = wild_flow(3, n_seeds=4, scale=0.3)
    found = [boundary_linking(flow, seed, (0.6, 1.4), {**smoke["ribbons"], "linking_max_edge": 0.1}) for seed in range(4)]
    np.testing.assert_allclose(found, 0, atol=1e-6)


def test_an_unknown_linking_number_is_no_number(smoke):
    assert np.isnan(boundary_linking(wild_flow(3), 0, (0.6, 1.4), {**smoke["ribbons"], "linking_max_rounds": 0}))


def test_transport_keeps_the_inequalities_that_hold_for_every_network(smoke):
    """Projection against sup error, and the triangle inequality after the density step, with the jitter's shift."""
    p = {**smoke["knots"], "n_samples": 150}
    own = [draws("knot_fits", p, seed) for seed in (0, 1)]
    samples = [tuple(padded(knot("trefoil", angle), 4) for angle in seed[:2]) for seed in own]
    flow, grid = wild_flow(4), equispaced(2000)
    curve = image(flow, circle(grid))
    sup = errors(flow, circle(grid), knot("trefoil", grid)).sup
    gap = np.linalg.norm(np.roll(curve, -1, axis=1) - curve, axis=-1).max(axis=1)
    for seed, found in enumerate(transport(flow, own, samples, 2000)):
        assert found["projection_rms"] <= found["hausdorff"] <= sup[seed] + gap[seed] / 2
        distance = np.linalg.norm(samples[seed][0][:, None] - curve[seed], axis=-1)
        latent = grid[distance.argmin(axis=1)]
        order = np.argsort(latent, kind="stable")
        moved = image(flow, circle(latent[order] + own[seed].jitter))[seed] - image(flow, circle(latent[order]))[seed]
        shift = np.sqrt((moved**2).sum(axis=1).mean())
        assert found["projection_rms"] == pytest.approx(np.sqrt((distance.min(axis=1) ** 2).mean()))
        assert found["w2_density"] <= found["projection_rms"] + shift + found["w2_floor"] + 1e-9


def test_the_exact_manifold_reaches_the_floor_after_the_density_step(smoke, monkeypatch):
    """The image replaced by the trefoil itself."""

    def exact(flow, latents):
        curve = padded(knot("trefoil", np.arctan2(latents[..., 1], latents[..., 0])), 4)
        return curve if curve.ndim == 3 else curve[None].repeat(4, axis=0)

    monkeypatch.setattr(simulation, "image", exact)
    own = [draws("knot_fits", {**smoke["knots"], "n_samples": 400}, seed) for seed in range(4)]
    samples = [tuple(padded(knot("trefoil", angle), 4) for angle in seed[:2]) for seed in own]
    found = transport(wild_flow(4, 4), own, samples, 2000)
    for row in found:
        assert row["projection_rms"] < 0.01
        assert row["w2_density"] == pytest.approx(row["w2_floor"], abs=0.03)
        assert row["w2_uniform"] > 1.3 * row["w2_floor"]


def test_shards_of_the_published_scale_follow_one_another_and_a_case_without_density_has_no_distances(smoke):
    cases = [{"target": "unknot", "ambient_dim": 3}, {"target": "trefoil", "ambient_dim": 5}, {"target": "trefoil", "ambient_dim": 7}]
    p = {**smoke["knots"], "n_steps": 3, "record_every": 2, "checkpoint_steps": [1, 3], "density_dims": [3, 4, 7], "n_test": 50}
    whole = knot_fits.compute({**p, "cases": cases})
    parts = [knot_fits.compute({**p, "cases": [case]}) for case in cases]
    assert [len(part["transport_distances"]) for part in parts] == [0, 0, 4]
    assert sorted(whole["knot_errors"]["step"].unique()) == [0, 2, 3]
    assert list(whole["transport_distances"]["step"].unique()) == [1, 3]
    for name in ("knot_errors", "knot_curves"):
        joined = np.concatenate([part[name].select_dtypes("float").to_numpy() for part in parts])
        np.testing.assert_array_equal(whole[name].select_dtypes("float").to_numpy(), joined)


def test_the_same_seed_starts_from_the_same_flow_whatever_the_target(smoke):
    p = {**smoke["ribbons"], "n_steps": 0, "cases": smoke["ribbons"]["cases"][:2]}
    curves = ribbon_fits.compute(p)["ribbon_curves"].query("method == 'simulation' and seed == 0")
    assert curves.groupby("target")["x"].first().nunique() <= 1


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: initial_flow([], Shape(1)), "ambient_dim must be 2 or more"),
        (lambda: initial_flow([], Shape(3, depth=0)), "depth"),
        (lambda: initial_flow([], Shape(3, width=0)), "width"),
        (lambda: initial_flow([], Shape(3), 0.0), "log_scale_bound"),
        (lambda: Schedule(-1), "n_steps"),
        (lambda: Schedule(3, learning_rate=np.nan), "learning_rate"),
        (lambda: Schedule(3, gradient_clip=0.0), "gradient_clip"),
        (lambda: next(fit(wild_flow(3), np.ones((4, 3)), np.ones((5, 3)), Schedule(1))), "x and target must have one shape"),
        (lambda: next(fit(wild_flow(3), np.ones((4, 2)), np.ones((4, 2)), Schedule(1))), "x and target must have one shape"),
    ],
)
def test_what_makes_no_sense_is_refused(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_a_flow_of_one_seed_is_in_double_precision():
    flow = initial_flow([np.random.default_rng(0), np.random.default_rng(1)], Shape(3))
    assert isinstance(flow.seed(1), Flow)
    assert flow.seed(1).parameters.dtype == np.float64
    np.testing.assert_array_equal(flow.seed(1).parameters[0], flow.parameters[1])
