"""Spectra, scalar channels and state evolution of venkataramanan_rigamp."""

import numpy as np
import pytest
from scipy import integrate, stats

from scripts.venkataramanan_rigamp.inputs import (
    draw_design,
    free_cumulants,
    gaussian_matrix,
    n_measurements,
    spectral_moments,
    spectrum_quadrature,
)
from scripts.venkataramanan_rigamp.model import (
    Model,
    draw_output,
    draw_signal,
    output_error,
    output_posterior,
    signal_error,
    signal_posterior,
)
from scripts.venkataramanan_rigamp.theory import gaussian_cumulants, rigamp_evolution, vamp_evolution

MODELS = {
    "m1": Model("beta", "gaussian", "linear", 1.3, 0.3),
    "m2": Model("beta", "rademacher", "linear", 0.8, 0.4),
    "m3": Model("beta", "bernoulli_gaussian", "linear", 1.0, 0.2, 0.2),
    "m4": Model("beta", "rademacher", "sign", 1.5, 0.1),
    "m5": Model("gaussian", "rademacher", "linear", 0.8, 0.5),
    "m6": Model("beta", "gaussian", "sign", 2.0, 0.1),
}
# First errors of an earlier, separate implementation
FIRST_ERRORS = {
    "m1": [0.59839, 0.45303, 0.38301, 0.34525, 0.32370],
    "m2": [0.67346, 0.54626, 0.48034, 0.44221, 0.41892],
    "m3": [0.42819, 0.20457, 0.10472, 0.05883, 0.03795],
    "m4": [0.62202, 0.49310, 0.43175, 0.39863, 0.37964],
    "m5": [0.57235, 0.43844, 0.37737, 0.34503, 0.32659],
}


def evolution(model, n_iterations):
    cumulants = free_cumulants(model.spectrum, model.sampling_ratio, 2 * n_iterations + 6)
    return rigamp_evolution(model, cumulants, n_iterations)


@pytest.mark.parametrize("ratio", [0.5, 1.0, 1.7])
def test_a_gaussian_design_has_one_free_cumulant(ratio):
    np.testing.assert_array_equal(free_cumulants("gaussian", ratio, 12), [1 / ratio, *[0.0] * 11])


def test_cumulants_of_the_beta_spectrum_agree_with_known_values():
    expected = [0.76923, 0.48521, 0.35919, 0.52262, 0.98206, 2.02403, 4.53765, 10.79518]
    np.testing.assert_allclose(free_cumulants("beta", 1.3, 8), expected, atol=1e-5)
    np.testing.assert_allclose(free_cumulants("beta", 1.0, 4), [1, 0.4, 0.3142857, 0.4457143], atol=1e-7)


def test_cumulants_give_back_the_moments():
    moments = np.array([float(moment) for moment in spectral_moments("beta", 0.8, 8)])
    series = np.array([0.0, *moments])
    one = np.eye(9)[0]
    inner = np.convolve(np.convolve(0.8 * series + one, series + one)[:9], np.eye(9)[1])[:9]
    total, power = np.zeros(9), one
    for cumulant in free_cumulants("beta", 0.8, 8):
        power = np.convolve(power, inner)[:9]
        total += cumulant * power
    np.testing.assert_allclose(total[1:], moments, rtol=1e-9)


@pytest.mark.parametrize("spectrum", ["beta", "gaussian"])
@pytest.mark.parametrize("ratio", [0.7, 1.6])
def test_moments_are_those_of_random_designs_and_of_the_quadrature(spectrum, ratio):
    moments = np.array([float(moment) for moment in spectral_moments(spectrum, ratio, 3)])
    squared, weights = spectrum_quadrature(spectrum, ratio)
    np.testing.assert_allclose([min(1, 1 / ratio) * (weights @ squared**k) for k in (1, 2, 3)], moments, rtol=1e-3)
    draws = []
    for seed in range(20):
        design = draw_design(np.random.default_rng(seed), spectrum, ratio, 150)
        np.testing.assert_allclose((design.left * design.singular) @ design.right, design.matrix, atol=1e-12)
        draws.append([(design.singular ** (2 * k)).sum() / len(design.matrix) for k in (1, 2, 3)])
    error = np.std(draws, axis=0, ddof=1) / np.sqrt(len(draws))
    assert (np.abs(np.mean(draws, axis=0) - moments) < 5 * error + moments * 10 / 150).all()


def quadrature(function, mean, std):
    return integrate.quad(lambda x: function(x) * stats.norm.pdf(x, mean, std), mean - 9 * std, mean + 9 * std, limit=400)[0]


@pytest.mark.parametrize(("prior", "sparsity"), [("gaussian", None), ("rademacher", None), ("bernoulli_gaussian", 0.3)])
@pytest.mark.parametrize("noise", [0.05, 0.8])
def test_signal_posterior_is_that_of_bayes_rule(prior, sparsity, noise):
    model = Model("beta", prior, "linear", 1.0, 0.3, sparsity)
    if prior == "rademacher":
        atoms, weights = np.array([-1.0, 1.0]), np.array([0.5, 0.5])
    else:
        slab = np.linspace(-12, 12, 20001) / np.sqrt(sparsity or 1)
        density = np.exp(-(slab**2) * (sparsity or 1) / 2)
        atoms = np.append(slab, 0.0)
        weights = np.append((sparsity or 1) * density / density.sum(), 1 - (sparsity or 1))
    for observed in (-1.4, 0.1, 2.2):
        likely = weights * np.exp(-((observed - atoms) ** 2) / (2 * noise))
        mean = likely @ atoms / likely.sum()
        found_mean, found_variance = signal_posterior(model, np.array([observed]), noise)
        assert found_mean[0] == pytest.approx(mean, abs=1e-6)
        assert found_variance[0] == pytest.approx(likely @ atoms**2 / likely.sum() - mean**2, abs=1e-6)


@pytest.mark.parametrize(("name", "noise"), [("m2", 0.05), ("m2", 0.7), ("m3", 0.02), ("m3", 0.5)])
def test_signal_error_agrees_with_adaptive_quadrature(name, noise):
    model = MODELS[name]

    def variance(observed):
        return signal_posterior(model, np.array([observed]), noise)[1][0]

    if name == "m2":
        expected = quadrature(variance, 1.0, np.sqrt(noise))
    else:
        expected = 0.8 * quadrature(variance, 0.0, np.sqrt(noise)) + 0.2 * quadrature(variance, 0.0, np.sqrt(noise + 5))
    assert signal_error(model, noise) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("output", [-1.0, 1.0])
def test_one_bit_posterior_is_that_of_bayes_rule(output):
    model, mean, variance = MODELS["m4"], 0.7, 0.3

    def moment(k):
        return quadrature(lambda z: z**k * stats.norm.cdf(output * z / model.noise_std), mean, np.sqrt(variance))

    found_mean, found_variance = output_posterior(model, np.array([output]), np.array([mean]), variance)
    expected = moment(1) / moment(0)
    assert found_mean[0] == pytest.approx(expected, abs=1e-7)
    assert found_variance[0] == pytest.approx(moment(2) / moment(0) - expected**2, abs=1e-7)


def test_one_bit_posterior_is_finite_far_in_the_tail():
    found = output_posterior(MODELS["m4"], np.array([1.0]), np.array([-40.0]), 0.5)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("name", ["m1", "m4"])
def test_output_error_is_the_mean_posterior_variance_of_samples(name):
    model, variance, total, n = MODELS[name], 0.3, 1.0, 200_000
    rng = np.random.default_rng(0)
    mean = np.sqrt(total - variance) * rng.standard_normal(n)
    linear = mean + np.sqrt(variance) * rng.standard_normal(n)
    estimate, _ = output_posterior(model, draw_output(rng, model, linear), mean, variance)
    squares = (estimate - linear) ** 2
    assert output_error(model, variance, total) == pytest.approx(squares.mean(), abs=5 * squares.std() / np.sqrt(n))


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_signals_have_mean_zero_and_variance_one(model):
    n = 100_000
    signal = draw_signal(np.random.default_rng(0), model, n)
    assert abs(signal.mean()) < 5 / np.sqrt(n)
    assert abs((signal**2).mean() - 1) < 5 * (signal**2).std() / np.sqrt(n) + 1e-12


@pytest.mark.parametrize("name", FIRST_ERRORS)
def test_first_errors_agree_with_another_implementation(name):
    np.testing.assert_allclose(evolution(MODELS[name], 5).error, FIRST_ERRORS[name], atol=1e-5)


def test_coefficients_agree_with_another_implementation():
    found = evolution(MODELS["m1"], 3)
    np.testing.assert_allclose(found.signal_noise, [1.49, 0.82824, 0.62078], atol=1e-5)
    np.testing.assert_allclose(found.output_variance, [0.76923, 0.33950, 0.21474, 0.16272], atol=1e-5)
    np.testing.assert_allclose(found.signal_gain, [1.16383, 1.82518, 2.27030], atol=1e-5)
    np.testing.assert_allclose(found.signal_weights[3, 1:], [0.06990, 0.12089, 0.30745], atol=1e-5)
    np.testing.assert_allclose(found.alpha[3, 1:], [-0.00816, 0.00227, 0.14592], atol=1e-5)
    np.testing.assert_allclose(found.alpha[2, 1:3], [0.00416, 0.17863], atol=1e-5)
    np.testing.assert_allclose(found.beta[3, 1:3], [0.13969, -2.57844], atol=1e-5)


def test_a_gaussian_design_follows_the_scalar_recursion_of_ordinary_amp():
    """Linear output, variance σ² + mse/δ of the effective noise: the textbook recursion, which knows no cumulants."""
    model, error, expected = MODELS["m5"], 1.0, []
    for _ in range(8):
        error = signal_error(model, model.noise_std**2 + error / model.sampling_ratio)
        expected.append(error)
    np.testing.assert_allclose(evolution(model, 8).error, expected, rtol=1e-9)


def test_the_error_with_linear_output_depends_on_the_spectrum_of_the_gram_matrix_only():
    curves = [evolution(Model("beta", "rademacher", "linear", ratio, 0.4), 10).error for ratio in (1.0, 1.3, 1.7, 2.0)]
    for curve in curves[1:]:
        np.testing.assert_allclose(curve, curves[0], rtol=1e-6)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_errors_never_rise_and_end_at_the_limit_of_vamp(model):
    error, limit = evolution(model, 25).error, vamp_evolution(model, 60)[-1]
    assert (np.diff(error) <= 1e-9).all()
    assert error[-1] == pytest.approx(limit, abs=5e-5)


def test_a_recursion_stops_before_a_covariance_is_singular_to_rounding():
    model = Model("gaussian", "rademacher", "sign", 0.5, 0.1)
    found = rigamp_evolution(model, free_cumulants("gaussian", 0.5, 60), 28)
    assert 10 < found.n_iterations < 28
    assert np.isfinite(found.error).all()


@pytest.mark.parametrize("ratio", [0.6, 1.3])
def test_vamp_is_exact_after_one_iteration_for_a_gaussian_signal_and_linear_output(ratio):
    """Ridge regression in closed form."""
    draws = np.sqrt(6) * stats.beta(1, 2).ppf((np.arange(200_000) + 0.5) / 200_000)
    expected = min(1, ratio) * np.mean(0.09 / (0.09 + draws**2)) + 1 - min(1, ratio)
    np.testing.assert_allclose(vamp_evolution(Model("beta", "gaussian", "linear", ratio, 0.3), 3), expected, atol=1e-4)


def test_gaussian_cumulants_keep_the_first_only():
    np.testing.assert_array_equal(gaussian_cumulants(np.array([0.5, 2.0, 3.0])), [0.5, 0.0, 0.0])


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: Model("bta", "gaussian", "linear", 1.0, 0.1), "spectrum 'bta' is not one of beta, gaussian"),
        (lambda: Model("beta", "normal", "linear", 1.0, 0.1), "prior 'normal'"),
        (lambda: Model("beta", "gaussian", "1-bit", 1.0, 0.1), "output_channel '1-bit'"),
        (lambda: Model("beta", "gaussian", "linear", 0.0, 0.1), "sampling_ratio must be positive"),
        (lambda: Model("beta", "gaussian", "linear", 1.0, np.nan), "noise_std must be positive"),
        (lambda: Model("beta", "gaussian", "linear", 1.0, 0.1, 0.2), "sparsity belongs to"),
        (lambda: Model("beta", "bernoulli_gaussian", "linear", 1.0, 0.1), "sparsity belongs to"),
        (lambda: Model("beta", "bernoulli_gaussian", "linear", 1.0, 0.1, 1.5), "sparsity must be in"),
        (lambda: spectral_moments("beta", 1.0, 0), "n_moments"),
        (lambda: spectral_moments("wigner", 1.0, 2), "spectrum 'wigner'"),
        (lambda: spectrum_quadrature("beta", -1.0), "sampling_ratio must be positive"),
        (lambda: spectrum_quadrature("beta", 1.0, 0), "n_points"),
        (lambda: n_measurements(0.001, 10), "dim must be large enough"),
        (lambda: signal_error(MODELS["m1"], np.nan), "noise must be positive"),
        (lambda: output_error(MODELS["m1"], 0.0, 1.0), "variance must be positive"),
        (lambda: rigamp_evolution(MODELS["m1"], np.ones(4), 0), "n_iterations"),
        (lambda: rigamp_evolution(MODELS["m1"], np.ones(4), 2), "cumulants must be 6 finite numbers"),
        (lambda: rigamp_evolution(MODELS["m1"], np.full(6, np.nan), 2), "cumulants"),
        (lambda: vamp_evolution(MODELS["m1"], 0), "n_iterations"),
    ],
)
def test_what_makes_no_sense_is_refused(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_a_gaussian_matrix_has_rows_of_the_right_scale():
    matrix = gaussian_matrix(np.random.default_rng(0), 400, 300)
    assert (matrix**2).sum(axis=0).mean() == pytest.approx(1, abs=5 * np.sqrt(2 / matrix.size))
