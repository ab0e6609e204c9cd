"""Rows of the runs of puthawala_flows against the same flows measured directly, and summaries of hand-made tables."""

import numpy as np
import pandas as pd
import pytest

from repro.frames import select
from repro.settings import load_params
from scripts.puthawala_flows import comparison, simulation
from scripts.puthawala_flows.inputs import annulus, circle, equispaced, knot, padded, ribbon
from scripts.puthawala_flows.runs import coupling_construction, knot_fits, range_projection, ribbon_fits
from scripts.puthawala_flows.simulation import boundary_linking, draws, errors, fits, image, transport
from scripts.puthawala_flows.theory import half_distance

PAPER = "puthawala_flows"
TINY = {"n_steps": 3, "depth": 2, "width": 4, "record_every": 2, "n_train": 20, "n_test": 37, "n_curve": 16, "n_samples": 30}


def smoke(run, **changed):
    return load_params(PAPER, run, "smoke") | changed


@pytest.fixture(scope="module")
def knots():
    p = smoke("knot_fits", **TINY, cases=[{"target": "trefoil", "ambient_dim": 4}], checkpoint_steps=[1, 3], n_latent_grid=100, n_seeds=3)
    *_, last = fits("knot_fits", p, 4, circle(equispaced(20)), knot("trefoil", equispaced(20)))
    return p, knot_fits.compute(p), last


def test_errors_of_knots_are_those_at_test_angles_after_the_named_steps(knots):
    _, tables, last = knots
    expected = errors(last, circle(equispaced(37)), knot("trefoil", equispaced(37)))
    rows = select(tables["knot_errors"], step=3)
    np.testing.assert_allclose(rows["sup_error"], expected.sup)
    np.testing.assert_allclose(rows["rms_error"], expected.rms)
    curve = select(tables["knot_curves"], method="simulation")
    best = expected.sup.argmin()
    assert (curve["seed"] == best).all()
    np.testing.assert_allclose(curve[["x", "y", "z"]], image(last, circle(equispaced(16)))[best, :, :3])


def test_distances_of_the_density_step_are_those_of_each_seed_beside_its_sup_error(knots):
    p, tables, last = knots
    drawn = [draws("knot_fits", p, seed) for seed in range(3)]
    samples = [tuple(padded(knot("trefoil", angle), 4) for angle in own[:2]) for own in drawn]
    expected = pd.DataFrame(transport(last, drawn, samples, 100))
    rows = select(tables["transport_distances"], step=3).reset_index(drop=True)
    pd.testing.assert_frame_equal(rows[list(expected)], expected)
    np.testing.assert_allclose(rows["sup_error"], select(tables["knot_errors"], step=3)["sup_error"])


def test_a_seed_draws_two_samples_of_its_law_a_uniform_one_and_jitter():
    own = draws("knot_fits", smoke("knot_fits", n_samples=4000), 0)
    assert abs(np.corrcoef(np.cos(own.target), np.cos(own.other_target))[0, 1]) < 5 / np.sqrt(4000), "two samples, not one twice"
    assert abs(np.exp(1j * own.uniform).mean()) < 5 / np.sqrt(4000), "uniform over the whole turn"
    assert own.jitter.std() == pytest.approx(0.02, rel=5 / np.sqrt(8000))


def test_distances_are_from_the_other_sample_of_the_law(monkeypatch):
    """The image replaced by the first sample: what is generated then is as far from the other one as this is."""
    first, second = np.random.default_rng(0).standard_normal((2, 1, 12, 3))
    monkeypatch.setattr(simulation, "image", lambda _, points: first[:, : points.shape[-2]])
    own = simulation.Draws(*np.zeros((4, 12)))._replace(jitter=np.zeros(12))
    (found,) = transport(None, [own], [(first[0], second[0])], 12)
    assert found["projection_rms"] == found["hausdorff"] == 0
    assert found["w2_density"] == found["w2_uniform"] == found["w2_floor"] > 0.5


@pytest.fixture(scope="module")
def ribbons():
    sizes = {"n_train_radii": 2, "n_train_angles": 12, "n_test_radii": 3, "n_test_angles": 17}
    p = smoke("ribbon_fits", **TINY, **sizes, cases=[{"target": "twist1", "ambient_dim": 3}], linking_max_edge=0.3, linking_start_points=40)
    radius, angle = annulus(0.4, 2, 12)
    *_, last = fits("ribbon_fits", p, 3, radius[:, None] * circle(angle), ribbon("twist1", radius, angle))
    return ribbon_fits.compute(p), last


def test_rows_of_ribbons_hold_their_bound_links_and_errors_on_the_test_grid(ribbons):
    tables, last = ribbons
    rows, (radius, angle) = tables["ribbon_errors"], annulus(0.4, 3, 17)
    expected = errors(last, radius[:, None] * circle(angle), ribbon("twist1", radius, angle))
    np.testing.assert_allclose(rows["sup_error"], expected.sup)
    np.testing.assert_allclose(rows["lower_bound"], 0.4, atol=1e-6)
    np.testing.assert_allclose(rows["target_linking"].abs(), 1, atol=1e-6)
    np.testing.assert_allclose(rows["model_linking"], 0, atol=1e-6)


def test_boundaries_that_are_drawn_are_those_of_the_target_and_of_the_best_fit(ribbons):
    tables, last = ribbons
    best = tables["ribbon_errors"]["sup_error"].argmin()
    for boundary, radius in (("inner", 0.6), ("outer", 1.4)):
        rows = select(tables["ribbon_curves"], boundary=boundary)
        target, fitted = (select(rows, method=method)[["x", "y", "z"]].to_numpy() for method in ("theory", "simulation"))
        assert target[0] == pytest.approx([radius, 0, 0])
        np.testing.assert_allclose(fitted, image(last, radius * circle(equispaced(16)))[best])
    curves = [select(tables["ribbon_curves"], boundary=name, method="theory")[["x", "y", "z"]] for name in ("inner", "outer")]
    assert half_distance(*(curve.to_numpy() for curve in curves)) == pytest.approx(0.4)


def test_every_seed_has_links_of_its_own(monkeypatch):
    monkeypatch.setattr(ribbon_fits, "boundary_linking", lambda flow, place, radii, p: 10.0 * place)
    p = smoke("ribbon_fits", **TINY, cases=[{"target": "wave", "ambient_dim": 3}], linking_max_edge=0.5)
    assert ribbon_fits.compute(p)["ribbon_errors"].set_index("seed")["model_linking"].to_dict() == {0: 0, 1: 10}


def test_linked_boundaries_are_those_of_the_asked_seed(ribbons, monkeypatch):
    _, last = ribbons
    monkeypatch.setattr(simulation, "curves_linking", lambda curves, _: [curve(equispaced(5)) for curve in curves])
    for seed in (0, 1):
        for found, radius in zip(boundary_linking(last, seed, (0.6, 1.4), {}), (0.6, 1.4), strict=True):
            np.testing.assert_allclose(found, image(last, radius * circle(equispaced(5)))[seed], atol=1e-5)


def test_errors_of_the_construction_are_largest_distances_of_images_and_of_the_way_back():
    p = smoke("coupling_construction", node_counts=[9], n_test=50)
    (row,) = coupling_construction.compute(p)["construction_errors"].to_dict("records")
    test, nodes = equispaced(50), equispaced(9)
    latent, embedded = circle(nodes), knot("trefoil", nodes)

    def interpolated(points, centres, values, width):
        kernel = lambda x: np.exp(-((x[:, None] - centres) ** 2).sum(axis=-1) / (2 * width**2))  # noqa: E731
        return kernel(points) @ np.linalg.solve(kernel(centres) + 1e-10 * np.eye(9), values)

    reached = interpolated(circle(test), latent, embedded, 0.5)
    left = circle(test) - interpolated(reached, embedded, latent, 0.35)
    off = np.sqrt((left**2).sum(axis=1) + ((reached - knot("trefoil", test)) ** 2).sum(axis=1))
    assert row["sup_error"] == pytest.approx(off.max(), rel=1e-5)
    assert row["inverse_error"] < 1e-9


def test_the_distance_by_the_rule_is_that_of_the_point_which_the_rule_finds(monkeypatch):
    monkeypatch.setattr(range_projection, "relu_projection", lambda points, *_: np.zeros((len(points), 3)))
    found = range_projection.compute(smoke("range_projection", n_trials=400))["projection_distances"]
    ruled, searched = (select(found, method=method)["range_distance"] for method in ("closed_form", "brute_force"))
    # the image of 0 is 0: six standard normal coordinates, whose squared length has mean 6 and variance 12
    assert (ruled**2).mean() == pytest.approx(6, abs=5 * np.sqrt(12 / 400))
    assert (ruled.to_numpy() >= searched.to_numpy() - 1e-12).all()


def test_summaries_of_hand_made_tables():
    distances = pd.DataFrame({"step": 1, "seed": [0, 1], "w2_uniform": [3.0, 5.0], "w2_density": [1.0, 2.0], "w2_floor": [0.5, 1.5]})
    gain = comparison.gains(distances).loc[1]
    assert gain.to_dict() == pytest.approx({"mean": 2.5, "std_error": 0.5, "low": 1.0})
    assert comparison.uniform_over_floor(distances).tolist() == [4]
    sup = pd.DataFrame({"seed": 0, "step": [0, 1, 2], "sup_error": [3.0, 1.0, 2.0]})
    assert comparison.least_over_steps(sup).tolist() == [1]
    assert comparison.refinements(pd.DataFrame({"n_nodes": [8, 16, 32], "sup_error": [9.0, 4.0, 1.0]})).tolist() == [0.25]
    links = pd.DataFrame({"target": "twist1", "ambient_dim": 3, "seed": 0, "target_linking": [-1.0], "model_linking": [1.0]})
    assert comparison.linking_gaps(links, "twist1").tolist() == [0]
