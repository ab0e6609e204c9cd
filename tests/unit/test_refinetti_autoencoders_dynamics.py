"""Dynamics of refinetti_autoencoders: known trajectories, agreement of the forms of the equations, asymptotic laws."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from scripts.refinetti_autoencoders.inputs import Spectrum, pca_error, spiked_spectrum
from scripts.refinetti_autoencoders.model import Rule, Weights, order_parameters, reconstruction_error, truncation_mask
from scripts.refinetti_autoencoders.simulation import initial_weights
from scripts.refinetti_autoencoders.theory import (
    frozen_bulk_excess,
    infinite_dimension,
    long_time_excess,
    reduce_bulk,
    relu_plateau,
    solve,
    solve_spiked,
)

OUTLIERS = np.array([0.45, 0.2, 0.1])
ENCODER = np.array([[0.2, 0.1, -0.1], [-0.1, 0.3, 0.2]])
DECODER = np.array([[0.04, 0.01, 0.02], [0.02, -0.03, 0.05]])
TIMES = np.array([0.0, 10, 50, 200])
ONE = np.ones((1, 1))


def test_one_mode_has_the_known_trajectory():
    times = np.array([0.0, 10, 100, 1000])
    path = solve(Weights(ONE, ONE), np.ones(1), times, Rule("erf", 1.0), tolerance=1e-9)
    error = reconstruction_error(path, np.ones(1), 1.0, "erf")
    np.testing.assert_allclose(error, [0.20495417, 0.04434645, 0.00794418, 0.00147896], atol=5e-8)
    np.testing.assert_allclose([path.encoder[-1, 0, 0], path.decoder[-1, 0, 0]], [0.321750, 4.074014], atol=5e-6)


@pytest.mark.parametrize(
    ("activation", "mask", "known"),
    [
        ("erf", None, [0.84738533, 0.33677893, 0.21021543, 0.20662665]),
        ("erf", truncation_mask(2), [0.84738533, 0.33951847, 0.2106725, 0.20671961]),
        ("linear", None, [0.8468307, 0.24780328, 0.20210973, 0.20161771]),
    ],
)
def test_limit_of_infinite_dimension_has_the_known_trajectory(activation, mask, known):
    start, modes = infinite_dimension(Weights(ENCODER, DECODER), OUTLIERS, bulk=0.1, init_scale=0.1)
    path = solve(start, modes, TIMES, Rule(activation, 1.0, mask), tolerance=1e-9)
    np.testing.assert_allclose(reconstruction_error(path, modes, 0.85, activation), known, atol=5e-8)


def test_bulk_of_the_encoder_is_frozen_at_infinite_dimension():
    start, modes = infinite_dimension(Weights(ENCODER, DECODER), OUTLIERS, bulk=0.1, init_scale=0.1)
    path = solve(start, modes, TIMES, Rule("erf", 1.0))
    in_bulk = order_parameters(path.map(lambda part: part[..., 3:]), modes[3:]).encoder_overlap
    np.testing.assert_allclose(in_bulk, np.broadcast_to(0.001 * np.eye(2), in_bulk.shape), atol=1e-12)


@pytest.mark.parametrize(
    ("bias", "rate", "known"),
    [
        (0.0, 0.0, [0.74818017, 0.49881802, 0.30319619, 0.30000003]),
        (0.1, 1.0, [0.74726663, 0.33385692, 0.28140209, 0.27102683]),
    ],
)
def test_relu_has_the_known_trajectory(bias, rate, known):
    start = Weights(ENCODER, DECODER, np.full(2, bias))
    path = solve(start, OUTLIERS, TIMES, Rule("relu", 1.0, bias_rate=rate), tolerance=1e-9)
    np.testing.assert_allclose(reconstruction_error(path, OUTLIERS, 0.75, "relu"), known, atol=5e-8)
    if rate:
        np.testing.assert_allclose(path.bias[-1], [0.790945, 0.799618], atol=5e-6)


@pytest.mark.parametrize("decoder_scale", [None, 1.5])
def test_few_rotated_modes_give_the_dynamics_of_all_modes(decoder_scale):
    spectrum = spiked_spectrum(60, 4, 1.0)
    start = initial_weights("test", [0, 1], (3, 60), 0.2)
    if decoder_scale is not None:
        start = start._replace(decoder=decoder_scale * start.encoder)
    rule = Rule("erf", 1.0, decoder_scale=decoder_scale)
    few, modes = solve_spiked(start, spectrum, TIMES, rule, stiff=decoder_scale is not None)
    all_modes = solve(start.map(lambda part: part[1]), spectrum.eigenvalues, TIMES, rule, method="RK45", tolerance=1e-8)
    reduced = reconstruction_error(few, modes, 1.0, "erf")
    np.testing.assert_allclose(reduced[:, 1], reconstruction_error(all_modes, spectrum.eigenvalues, 1.0, "erf"), rtol=1e-5)
    np.testing.assert_allclose(few.decoder[:, 1, :, :4], all_modes.decoder[..., :4], atol=1e-4)


def test_reduction_keeps_overlaps_and_outliers():
    spectrum = spiked_spectrum(60, 4, 1.0)
    start = initial_weights("test", [0], (3, 60), 0.2)
    reduced, modes = reduce_bulk(start, spectrum)
    assert modes.shape == (4 + 6,)
    np.testing.assert_array_equal(reduced.encoder[..., :4], start.encoder[..., :4])
    for before, after in zip(order_parameters(start, spectrum.eigenvalues), order_parameters(reduced, modes), strict=True):
        np.testing.assert_allclose(after, before, atol=1e-15)


def test_large_dimension_approaches_the_limit():
    spectrum = spiked_spectrum(50_000, 4, 1.0)
    start = initial_weights("test", [0], (4, 50_000), 0.1)
    finite, modes = solve_spiked(start, spectrum, TIMES, Rule("erf", 1.0))
    on_outliers = start.map(lambda part: part[0, :, :4])
    bulk = spectrum.eigenvalues[-1] * 50_000
    limit, limit_modes = infinite_dimension(on_outliers, spectrum.eigenvalues[:4], bulk, 0.1)
    path = solve(limit, limit_modes, TIMES, Rule("erf", 1.0))
    trace = spectrum.eigenvalues[:4].sum() + bulk
    # The bulk has 4 directions fewer than D, and its random overlaps are of order D^(-1/2).
    tolerance = 4 * bulk / 50_000 + bulk / np.sqrt(50_000)
    np.testing.assert_allclose(
        reconstruction_error(finite, modes, 1.0, "erf")[:, 0], reconstruction_error(path, limit_modes, trace, "erf"), atol=tolerance
    )


def test_error_never_grows_under_gradient_flow():
    spectrum = spiked_spectrum(60, 4, 1.0)
    times = np.linspace(0, 100, 60)
    path, modes = solve_spiked(initial_weights("test", [0, 1], (4, 60), 0.1), spectrum, times, Rule("erf", 1.0))
    error = reconstruction_error(path, modes, 1.0, "erf")
    assert np.diff(error, axis=0).max() <= 1e-5
    assert error.min() >= pca_error(spectrum.eigenvalues, 4)


def test_tied_unit_stops_at_the_minimum_of_its_error():
    r = 0.7136

    def error(size: float) -> float:
        q = r * size**2
        return r - 2 * r * size**2 * np.sqrt(2 / np.pi) / np.sqrt(1 + q) + size**2 * 2 / np.pi * np.arcsin(q / (1 + q))

    best = minimize_scalar(error, bounds=(0.1, 10), method="bounded", options={"xatol": 1e-10}).fun
    assert best == pytest.approx(0.04018, abs=5e-6)
    path = solve(Weights(0.3 * ONE, 0.3 * ONE), np.array([r]), np.array([1e4]), Rule("erf", 1.0, decoder_scale=1.0))
    assert reconstruction_error(path, np.array([r]), r, "erf")[-1] == pytest.approx(best, rel=1e-6)


def test_long_time_law_holds_for_one_mode():
    times = np.array([1e6])
    path = solve(Weights(ONE, ONE), np.ones(1), times, Rule("erf", 1.0), tolerance=1e-8)
    # The next term of the law is of relative order (4 η α / π)^(-1/3).
    tolerance = (4e6 / np.pi) ** (-1 / 3)
    error = reconstruction_error(path, np.ones(1), 1.0, "erf")
    np.testing.assert_allclose(error, long_time_excess(np.ones(1), 1.0, times), rtol=tolerance)
    assert long_time_excess(np.ones(1), 2.0, times / 2) == pytest.approx(long_time_excess(np.ones(1), 1.0, times))


def test_plateaus_have_the_levels_of_theory():
    spectrum = Spectrum(np.array([0.5, 0.25, 0.125, 0.0625, 0.03125]), 4)
    assert relu_plateau(spectrum, 1, bias=False) == pytest.approx(0.96875 - 0.25)
    assert relu_plateau(spectrum, 4, bias=False) == pytest.approx(0.21875)
    assert relu_plateau(spectrum, 4, bias=True) == pytest.approx(0.09375)
    assert relu_plateau(spectrum, 3, bias=False) is None
    assert relu_plateau(spectrum, 1, bias=True) is None
    assert frozen_bulk_excess(spectrum, 2, 0.1) == pytest.approx(2 * 0.01 * 0.03125 * 5)


def test_a_failed_integration_is_told():
    uphill = Rule("linear", -1.0)  # diverges in finite time
    with pytest.raises(RuntimeError, match="RK45 stopped before time 100"), np.errstate(all="ignore"):
        solve(Weights(2 * ONE, 2 * ONE), np.ones(1), np.array([100.0]), uphill, method="RK45")


@pytest.mark.parametrize("rule", [Rule("erf", 1.0), Rule("linear", 1.0), Rule("erf", 1.0, mask=truncation_mask(4)), Rule("relu", 1.0)])
def test_seeds_solved_as_one_system_have_the_paths_they_have_alone(rule):
    spectrum, start = spiked_spectrum(60, 4, 1.0), initial_weights("test", [0, 1, 2], (4, 60), 0.1)
    together, modes = solve_spiked(start, spectrum, TIMES, rule)
    alone, _ = solve_spiked(start, spectrum, TIMES, rule, stiff=True)
    errors = [reconstruction_error(path, modes, 1.0, rule.activation) for path in (together, alone)]
    # LSODA at its tolerance of 1e-6 a step is the coarser of the two.
    np.testing.assert_allclose(*errors, rtol=1e-4)


def test_relu_without_bias_is_relu_with_biases_kept_at_zero():
    spectrum, start = spiked_spectrum(60, 4, 1.0), initial_weights("test", [0], (3, 60), 0.1)
    closed, modes = solve_spiked(start, spectrum, TIMES, Rule("relu", 1.0), stiff=True)
    kept, _ = solve_spiked(start._replace(bias=np.zeros((1, 3))), spectrum, TIMES, Rule("relu", 1.0, bias_rate=0.0), stiff=True)
    errors = [reconstruction_error(path, modes, 1.0, "relu") for path in (closed, kept)]
    np.testing.assert_allclose(*errors, rtol=1e-5)


def test_solver_refuses_other_methods_times_and_weights_that_are_no_numbers():
    start, rule = Weights(ONE, ONE), Rule("erf", 1.0)
    with pytest.raises(ValueError, match="method 'Radau' is not one of LSODA, RK45"):
        solve(start, np.ones(1), TIMES, rule, method="Radau")
    with pytest.raises(ValueError, match="times must be"):
        solve(start, np.ones(1), TIMES[::-1], rule)
    with pytest.raises(ValueError, match="decoder must be finite"):
        solve(Weights(ONE, np.nan * ONE), np.ones(1), TIMES, rule)


def test_laws_refuse_times_and_sizes_for_which_they_say_nothing():
    spectrum = spiked_spectrum(60)
    with pytest.raises(ValueError, match="times must be positive"):
        long_time_excess(np.ones(1), 1.0, np.zeros(1))
    with pytest.raises(ValueError, match="eigenvalues must be finite"):
        long_time_excess(np.array([np.nan]), 1.0, np.ones(1))
    with pytest.raises(ValueError, match="width must be from 1 to 60, not 0"):
        relu_plateau(spectrum, 0, bias=False)
    with pytest.raises(ValueError, match="width must be 1 or more"):
        frozen_bulk_excess(spectrum, 0, 0.1)
    with pytest.raises(ValueError, match="bulk must be positive"):
        infinite_dimension(Weights(ENCODER, DECODER), OUTLIERS, bulk=np.nan, init_scale=0.1)
