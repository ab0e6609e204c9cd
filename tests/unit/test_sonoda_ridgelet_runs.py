"""Rows of the runs of sonoda_ridgelet against direct computations, and against what their own geometry says."""

import numpy as np
import pytest

from repro.frames import select
from repro.seeds import generator
from repro.settings import load_params
from scripts.sonoda_ridgelet.inputs import bumps_of, points_of
from scripts.sonoda_ridgelet.model import composite_distance, distance, relative_error
from scripts.sonoda_ridgelet.runs import (
    hyperbolic_networks,
    hyperbolic_neurons,
    inversion_ingredients,
    reconstruction_constant,
    ridgelet_spectrum,
    spd_networks,
)
from scripts.sonoda_ridgelet.simulation import draw, single_variance
from scripts.sonoda_ridgelet.theory import invert, pairing

PAPER = "sonoda_ridgelet"


def smoke(run, **changed):
    return load_params(PAPER, run, "smoke") | changed


def test_test_points_fill_the_geodesic_ball_and_a_relative_error_is_a_ratio_of_norms():
    radii = distance(points_of(smoke("hyperbolic_networks", n_test=400)), 0)
    assert 1.9 < radii.max() <= 2.0
    assert relative_error(np.array([1.0, 2.0]), np.array([4.0, -2.0])) == pytest.approx(5 / np.sqrt(20))


@pytest.fixture(scope="module")
def networks():
    changes = {"activations": ["tanh"], "derivative_orders": [5], "widths": [100, 400], "n_seeds": [1, 1], "n_scale": 61}
    reconstruction = {"reconstruction_activation": "tanh", "reconstruction_order": 5, "reconstruction_widths": [8000]}
    p = smoke("hyperbolic_networks", **changes, **reconstruction)
    return p, hyperbolic_networks.compute(p)


def test_predicted_errors_are_those_of_the_mean_variance_of_a_neuron(networks):
    p, tables = networks
    q, points = hyperbolic_networks._proposal(p, "tanh", 5), points_of(p)
    neurons = draw(generator(PAPER, "hyperbolic_networks", "tanh", 5, "variance", seed=1_000_000), q, p["n_variance"])
    variances, target = single_variance(points, neurons, "tanh", pairing("tanh", 5)), bumps_of(p).values(points)
    predicted = select(tables["network_error"], method="theory").set_index("width")["error"]
    for width in (100, 400):
        assert predicted[width] == pytest.approx(np.sqrt(variances.sum() / width) / np.linalg.norm(target))


def test_a_reconstruction_shows_the_target_itself_on_the_ball_of_radius_two(networks):
    table = networks[1]["reconstruction"]
    target, found = (select(table, method=method) for method in ("theory", "simulation"))
    assert target["x"].max() == pytest.approx(np.tanh(1))
    assert np.hypot(target["x"], target["y"]).max() <= np.tanh(1) + 1e-12
    values = [part["value"].to_numpy() for part in (found, target)]
    assert values[0] @ values[1] / (values[1] @ values[1]) == pytest.approx(1, abs=0.25), "8000 neurons: a tenth"


def test_large_scales_are_drawn_more_often_for_an_activation_that_grows():
    p = smoke("hyperbolic_networks", n_scale=3)
    for activation, tilt in (("relu", lambda scales: 1 + scales), ("tanh", np.ones_like)):
        q = hyperbolic_networks._proposal(p, activation, 4)
        np.testing.assert_allclose(q.tilt, tilt(q.ridges.scales))


def test_circles_of_a_panel_are_horocycles_of_its_own_normal():
    found = hyperbolic_neurons.compute(smoke("hyperbolic_neurons", n_grid=9))
    angles = found["neuron_values"].groupby("panel")["angle"].first()
    for row in found["horocycles"].itertuples():
        points = row.centre_x + 1j * row.centre_y + row.radius * np.exp(1j * (angles[row.panel] + np.array([1.0, 3.0, 5.0])))
        np.testing.assert_allclose(composite_distance(points, angles[row.panel]), row.level, atol=1e-9)


def test_errors_of_the_inversion_are_those_of_its_own_heat_time_and_of_the_best_multiple():
    p = smoke("inversion_ingredients", n_lambda=300, n_angles=64)
    table = inversion_ingredients.compute(p)["inversion_error"].set_index(["heat_time", "variant"])
    points = points_of(p)
    assert (table.xs("exact", level="variant")["error"] < 1e-5).all()
    for time in (0.3, 1.0):
        target = bumps_of(p | {"heat_time": time})
        bare = invert(target, [time], points, n_lambda=300, lambda_limit=14.0, n_angles=64)[0, 3]
        values = target.values(points)
        cosine = bare @ values / np.linalg.norm(bare) / np.linalg.norm(values)
        row = table.loc[(time, "no_horocycle_weight")]
        assert row["error_rescaled"] == pytest.approx(np.sqrt(1 - cosine**2))
        assert row["error_rescaled"] < row["error"]


def test_the_reconstruction_is_the_constant_times_the_target():
    p = smoke("reconstruction_constant", cases=[["tanh", 5]], n_scale=61, n_angles=64)
    (row,) = reconstruction_constant.compute(p)["quadrature_constant"].to_dict("records")
    target = bumps_of(p).values(points_of(p))
    constant = -1.1468437
    assert row["ratio"] == pytest.approx(constant, rel=0.02)
    assert row["largest_value"] == pytest.approx(np.abs(constant * target).max(), rel=0.05)
    assert row["error"] < 0.05


def test_ridges_of_the_transform_lie_along_the_slopes_of_their_centres():
    """Of one bump and an even order the transform is largest where b = a ⟨p, u⟩."""
    one = {"centres": [[0.45, 0.2]], "weights": [1.0], "angles": [0.5, 2.0]}
    found = ridgelet_spectrum.compute(smoke("ridgelet_spectrum", **one, n_scale=3, n_offset=601))
    slopes = found["ridge_slopes"].set_index("angle")["slope"]
    for angle, rows in select(found["ridgelet_values"], scale=[-4.0, 4.0]).groupby("angle"):
        for scale, row in rows.groupby("scale"):
            peak = row.loc[row["value"].abs().idxmax(), "offset"]
            assert peak == pytest.approx(scale * slopes[angle], abs=0.03)


def test_networks_on_matrices_see_both_signs_of_the_scale_and_come_near_the_target(monkeypatch):
    seen, network = [], spd_networks.network

    def watched(points, log_scale, *rest):
        seen.append(log_scale)
        return network(points, log_scale, *rest)

    monkeypatch.setattr(spd_networks, "network", watched)
    p = smoke("spd_networks", widths=[6000], n_seeds=1, n_omega=181)
    errors = spd_networks.compute(p)["spd_network_error"]["error"]
    assert seen[0].min() < -0.5 < 0.5 < seen[0].max()
    assert errors.max() < 0.35
