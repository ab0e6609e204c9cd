"""Model of refinetti_autoencoders: averages, error, flow and diagnostics against closed forms and finite differences."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from scripts.refinetti_autoencoders.averages import averages, bivariate_cdf
from scripts.refinetti_autoencoders.inputs import pca_error, pca_errors, sinusoidal_spectrum, spike_strengths, spiked_spectrum
from scripts.refinetti_autoencoders.model import (
    Rule,
    Weights,
    alignment,
    captured_variance,
    flow,
    reconstruction_error,
    rms_log,
    truncation_mask,
)

EIGENVALUES = np.array([0.45, 0.2, 0.1, 0.05])
RELU_OVERLAP, RELU_BIAS = np.array([[1, 0.4], [0.4, 0.7]]), np.array([0.3, -0.2])


def random_weights(seed: int, *lead: int, bias: bool = False) -> Weights:
    rng = np.random.default_rng(seed)
    encoder, decoder = 0.7 * rng.standard_normal((2, *lead, 2, 4))
    return Weights(encoder, decoder, 0.3 * rng.standard_normal((*lead, 2)) if bias else None)


def test_relu_averages_have_the_known_values():
    mean = averages("relu", RELU_OVERLAP, RELU_BIAS)
    known = {
        "slope": [0.61791142, 0.40553506],
        "third": [-0.11441634, 0.13239896],
        "curvature": [0.38138782, 0.46339637],
        "product": [[0.78793979, 0.25231489], [0.25231489, 0.23522046]],
        "slope_slope": [[0.61791142, 0.32236376], [0.32236376, 0.40553506]],
        "curvature_value": [[0, 0.06122285], [0.27609623, 0]],
        "slope_value": [[0.56676124, 0.20715509], [0.34948991, 0.24327045]],
    }
    for name, value in known.items():
        np.testing.assert_allclose(getattr(mean, name), value, atol=5e-9, err_msg=name)


def test_relu_averages_agree_with_monte_carlo_within_five_standard_errors():
    n = 400_000
    fields = np.random.default_rng(0).multivariate_normal(RELU_BIAS, RELU_OVERLAP, n)
    value, slope = np.maximum(fields, 0), (fields > 0).astype(float)
    mean = averages("relu", RELU_OVERLAP, RELU_BIAS)
    for drawn, expected in (
        (value[:, 0] * value[:, 1], mean.product[0, 1]),
        (value[:, 1] ** 2, mean.product[1, 1]),
        (slope[:, 0] * slope[:, 1], mean.slope_slope[0, 1]),
        (slope[:, 0] * value[:, 1], mean.slope_value[0, 1]),
        (slope[:, 1] * value[:, 0], mean.slope_value[1, 0]),
    ):
        assert abs(drawn.mean() - expected) < 5 * drawn.std() / np.sqrt(n)


def test_relu_product_without_bias_has_its_closed_form():
    overlap = np.array([[0.9, -0.5, 0.1], [-0.5, 0.4, 0.2], [0.1, 0.2, 0.3]])
    scale = np.sqrt(np.outer(np.diagonal(overlap), np.diagonal(overlap)))
    ratio = np.clip(overlap / scale, -1, 1)
    closed = (np.sqrt(scale**2 * (1 - ratio**2)) + overlap * (np.pi / 2 + np.arcsin(ratio))) / (2 * np.pi)
    np.testing.assert_allclose(averages("relu", overlap).product, closed, rtol=1e-6)


def test_bivariate_cdf_agrees_with_numerical_integration():
    height = np.array([0.4, -1.1])
    for correlation in (-0.95, -0.3, 0.0, 0.6, 0.99):
        matrix = np.array([[1, correlation], [correlation, 1]])
        expected = multivariate_normal.cdf(height, cov=matrix, abseps=1e-10, releps=1e-10)
        assert bivariate_cdf(height, np.full((2, 2), correlation))[0, 1] == pytest.approx(expected, abs=1e-8)


def test_opposite_relu_units_are_no_numerical_trap():
    weights = Weights(np.array([[1.0, 0, 0, 0], [-1, 0, 0, 0]]), np.array([[1.0, 0, 0, 0], [-1, 0, 0, 0]]), np.zeros(2))
    change = flow(weights, EIGENVALUES, Rule("relu", 1.0, bias_rate=1.0))
    assert all(np.isfinite(part).all() for part in change)
    assert reconstruction_error(weights, EIGENVALUES, EIGENVALUES.sum(), "relu") == pytest.approx(pca_error(EIGENVALUES, 1))


def test_unknown_activations_and_biases_without_averages_are_refused():
    with pytest.raises(ValueError, match="'tanh' is not one of erf, linear, relu"):
        averages("tanh", np.eye(2))
    with pytest.raises(ValueError, match="'relu' only"):
        averages("erf", np.eye(2), np.ones(2))


@pytest.mark.parametrize(("activation", "bias"), [("erf", False), ("linear", False), ("relu", True)])
def test_flow_is_minus_the_gradient_of_half_the_error(activation, bias):
    weights, step = random_weights(1, bias=bias), 1e-5
    change = flow(weights, EIGENVALUES, Rule(activation, 2.0, bias_rate=1.0 if bias else None))
    for position, part in enumerate(weights):
        if part is None:
            continue
        for index in np.ndindex(part.shape):
            errors = []
            for sign in (1, -1):
                moved = part.copy()
                moved[index] += sign * step
                shifted = Weights(*(moved if other is part else other for other in weights))
                errors.append(reconstruction_error(shifted, EIGENVALUES, EIGENVALUES.sum(), activation))
            slope = (errors[0] - errors[1]) / (2 * step)
            assert change[position][index] == pytest.approx(-2.0 * slope / 2, abs=1e-7)


def test_tied_flow_is_minus_the_gradient_of_half_the_error_along_the_tie():
    encoder, scale, step = random_weights(2).encoder, 1.7, 1e-5
    change = flow(Weights(encoder, np.zeros_like(encoder)), EIGENVALUES, Rule("erf", 1.0, decoder_scale=scale))
    for index in np.ndindex(encoder.shape):
        errors = []
        for sign in (1, -1):
            moved = encoder.copy()
            moved[index] += sign * step
            errors.append(reconstruction_error(Weights(moved, scale * moved), EIGENVALUES, EIGENVALUES.sum(), "erf"))
        assert change.encoder[index] == pytest.approx(-(errors[0] - errors[1]) / (4 * step), abs=1e-7)
    np.testing.assert_allclose(change.decoder, scale * change.encoder)


def test_truncated_rule_with_a_mask_of_ones_is_the_vanilla_rule():
    weights = random_weights(3)
    masked = flow(weights, EIGENVALUES, Rule("erf", 1.0, mask=np.ones((2, 2))))
    for one, other in zip(masked[:2], flow(weights, EIGENVALUES, Rule("erf", 1.0))[:2], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)


def test_truncated_rule_trains_the_first_unit_as_if_it_were_alone():
    weights = random_weights(4)
    both = flow(weights, EIGENVALUES, Rule("erf", 1.0, mask=truncation_mask(2)))
    alone = flow(weights.map(lambda part: part[:1]), EIGENVALUES, Rule("erf", 1.0))
    np.testing.assert_allclose(both.encoder[:1], alone.encoder)
    np.testing.assert_allclose(both.decoder[:1], alone.decoder)


def test_leading_dimensions_are_a_batch():
    weights = random_weights(5, 3, 2, bias=True)
    rule = Rule("relu", 1.0, bias_rate=np.array([0.0, 1.0])[:, None])
    change = flow(weights, EIGENVALUES, rule)
    alone = flow(weights.map(lambda part: part[1, 1]), EIGENVALUES, Rule("relu", 1.0, bias_rate=1.0))
    np.testing.assert_allclose(change.encoder[1, 1], alone.encoder)
    np.testing.assert_allclose(change.bias[1, 1], alone.bias)
    assert not change.bias[:, 0].any()


@pytest.mark.parametrize("activation", ["erf", "linear"])
def test_no_weights_beat_pca_and_captured_variance_accounts_for_the_error(activation):
    weights = random_weights(6, 500)
    error = reconstruction_error(weights, EIGENVALUES, EIGENVALUES.sum(), activation)
    assert error.min() >= pca_error(EIGENVALUES, 2)
    captured = captured_variance(weights, EIGENVALUES, activation, 4)
    np.testing.assert_allclose(EIGENVALUES.sum() - captured @ EIGENVALUES, error)


def test_linear_identity_is_pca_and_a_fixed_point():
    weights = Weights(np.eye(2, 4), np.eye(2, 4))
    assert reconstruction_error(weights, EIGENVALUES, EIGENVALUES.sum(), "linear") == pytest.approx(pca_error(EIGENVALUES, 2))
    np.testing.assert_allclose(captured_variance(weights, EIGENVALUES, "linear", 4), [1, 1, 0, 0])
    for part in flow(weights, EIGENVALUES, Rule("linear", 1.0))[:2]:
        np.testing.assert_allclose(part, 0, atol=1e-15)
    np.testing.assert_allclose(alignment(weights.decoder, 3), np.eye(2, 3))


def test_alignment_ignores_length_and_sign():
    decoder = np.array([[3.0, -4.0, 0.0]])
    np.testing.assert_allclose(alignment(-7 * decoder, 2), [[0.6, 0.8]])


def test_rms_log_of_a_constant_factor_is_its_logarithm():
    theory = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_allclose(rms_log(theory * [1.1, 0.5], theory), [np.log(1.1), np.log(2)])


def test_spectra_have_the_known_eigenvalues_and_pca_errors():
    spiked = spiked_spectrum(500, 4, 1.0)
    np.testing.assert_allclose(spiked.eigenvalues[:4], [0.7136, 0.2000, 0.0617, 0.0222], atol=5e-5)
    levels = [pca_error(spiked.eigenvalues, k) for k in range(5)]
    np.testing.assert_allclose(levels, [1, 0.2864, 0.0864, 0.0247, 0.00245], atol=5e-5)
    sines, vectors = sinusoidal_spectrum(500, 4, 1.0)
    np.testing.assert_allclose(sines.eigenvalues[:4], [0.7261, 0.1915, 0.0590, 0.0209], atol=5e-5)
    assert sines.eigenvalues.sum() == pytest.approx(1)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(500), atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_relu_averages_without_bias_are_those_with_a_bias_of_zero(seed):
    fields = np.random.default_rng(seed).standard_normal((3, 5))
    overlap = fields @ fields.T
    closed, general = averages("relu", overlap), averages("relu", overlap, np.zeros(3))
    for name in ("slope", "third", "product", "slope_slope", "curvature_value"):
        value = getattr(closed, name)
        off = ~np.eye(3, dtype=bool) if value.ndim == 2 else slice(None)
        # The quadrature of the general form has an error of 1e-8 for correlations as high as these.
        np.testing.assert_allclose(value[off], getattr(general, name)[off], atol=1e-7, err_msg=name)
    np.testing.assert_allclose(np.diagonal(closed.product), np.diagonal(overlap) / 2)


def test_biases_are_trained_or_kept_never_just_forgotten():
    weights = random_weights(1, bias=True)
    with pytest.raises(ValueError, match="bias_rate must be 0 or 1 for weights with biases, not None"):
        flow(weights, EIGENVALUES, Rule("relu", 1.0))
    with pytest.raises(ValueError, match="bias_rate must be None for weights with no biases, not 1"):
        flow(weights._replace(bias=None), EIGENVALUES, Rule("relu", 1.0, bias_rate=1.0))


def test_model_refuses_words_and_sizes_that_make_no_sense():
    weights = random_weights(1)
    with pytest.raises(ValueError, match="activation 'relu' is not one of erf, linear"):
        captured_variance(weights, EIGENVALUES, "relu", 2)
    with pytest.raises(ValueError, match="n_components must be from 1 to 4, not 5"):
        captured_variance(weights, EIGENVALUES, "erf", 5)
    with pytest.raises(ValueError, match="n_components must be from 1 to 4, not 0"):
        alignment(weights.decoder, 0)
    with pytest.raises(ValueError, match="width must be 1 or more"):
        truncation_mask(0)
    with pytest.raises(ValueError, match="overlap must have shape"):
        averages("erf", np.ones((2, 3)))
    with pytest.raises(ValueError, match="errors at the same times"):
        rms_log(np.ones(3), np.ones(2))
    with pytest.raises(ValueError, match="positive errors"):
        rms_log(np.array([-1.0]), np.ones(1))
    assert np.isnan(rms_log(np.array([np.nan, 1.0]), np.ones(2)))


@pytest.mark.parametrize("eigenvalues", [[0.1, 0.5], [np.nan, 0.1], [0.5, np.nan], [0.5, -0.1]])
def test_levels_of_pca_refuse_eigenvalues_that_do_not_descend(eigenvalues):
    for function in (lambda values: pca_error(values, 1), pca_errors):
        with pytest.raises(ValueError, match="eigenvalues must be non-negative numbers in descending order"):
            function(np.array(eigenvalues))


def test_spectra_refuse_sizes_that_make_no_sense():
    with pytest.raises(ValueError, match="n_components must be from 0 to 2, not -1"):
        pca_error(np.array([0.5, 0.1]), -1)
    with pytest.raises(ValueError, match="n_spikes must be 1 or more"):
        spike_strengths(0)
    with pytest.raises(ValueError, match="n_spikes must be from 1 to 3, not 4"):
        spiked_spectrum(4)
    with pytest.raises(ValueError, match="n_spikes must be from 1 to 3, not 4"):
        sinusoidal_spectrum(4)
    with pytest.raises(ValueError, match="noise must be positive"):
        spiked_spectrum(60, noise=0.0)
