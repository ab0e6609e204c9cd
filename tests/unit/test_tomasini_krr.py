"""Mathematics of tomasini_krr against closed forms, limits, other algorithms and Monte Carlo."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.spatial.distance import cdist

from scripts.tomasini_krr import model, theory
from scripts.tomasini_krr.inputs import pairwise_distances, scaled_kernel
from scripts.tomasini_krr.laws import exponent
from scripts.tomasini_krr.simulation import pool_errors, pool_replicas, pool_spectrum

SIGMA = 100.0
EXPONENTS = [0, 1, 2, 3]


@pytest.fixture(scope="module")
def spectra():
    """All modes of the kernel on a line, by depletion exponent."""
    sizes = {"uniform_points": 400, "log_points": 100, "n_ranks": 1000}
    return {chi: theory.line_spectrum(chi, SIGMA, **sizes) for chi in (0, 1, 3)}


@pytest.mark.parametrize("chi", EXPONENTS)
def test_the_density_is_normalised_and_draws_follow_it(chi):
    assert 2 * quad(lambda x: model.density(np.array(x), chi), 0, 10)[0] == pytest.approx(1, abs=1e-9)
    x = model.draw(np.random.default_rng(chi), 20_000, 3, chi)
    squares = x[:, 0] ** 2
    assert abs(squares.mean() - (1 + chi) / 2) < 5 * squares.std() / np.sqrt(len(x))
    assert abs(model.target(x).mean()) < 5 / np.sqrt(len(x))
    assert np.abs(np.cov(x[:, 1:].T) - np.eye(2)).max() < 5 * np.sqrt(2 / len(x))


@pytest.mark.parametrize("chi", EXPONENTS)
def test_quadrature_weights_are_those_of_the_density(chi):
    points, weights = model.line_quadrature(chi, 4001)
    assert weights.sum() == pytest.approx(1, abs=1e-8)
    assert weights @ points**2 == pytest.approx((1 + chi) / 2, rel=1e-6)
    assert (np.diff(points) > 0).all()


@pytest.mark.parametrize("chi", [1, 3])
def test_importance_weights_turn_one_density_into_the_other(chi):
    x = model.draw(np.random.default_rng(5), 40_000, 2, 0)
    weights = model.importance(x, chi)
    assert abs(weights.mean() - 1) < 5 * weights.std() / np.sqrt(len(x))
    squares = weights * x[:, 0] ** 2
    assert abs(squares.mean() - (1 + chi) / 2) < 5 * squares.std() / np.sqrt(len(x))


def test_predictor_on_a_line_has_its_reference_values():
    x = np.array([-0.8, -0.3, 0.4, 1.1])
    fits = model.line_fits(x, np.sign(x), np.array([0, 0.5]), 2.0)
    found = model.line_predictors(x, fits, np.array([-1.5, 0, 0.7, 1.6]), 2.0)
    expected = [[-0.704688, -0.142145, 0.985188, 0.778801], [-0.457615, -0.079267, 0.534023, 0.514667]]
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("bandwidth", [0.05, 2.0, SIGMA])
def test_the_fast_predictor_on_a_line_is_kernel_regression(bandwidth):
    rng = np.random.default_rng(2)
    x = np.sort(model.draw(rng, 40, 1, 1)[:, 0])
    points = np.concatenate([rng.normal(size=50), [x.min() - 1, x.max() + 2, x[3]]])
    kernel = model.laplace_kernel(x[:, None], x[:, None], bandwidth)
    between = model.laplace_kernel(points[:, None], x[:, None], bandwidth)
    ridges = np.array([0.0, 1e-3, 0.5])
    fast = model.line_predictors(x, model.line_fits(x, np.sign(x), ridges, bandwidth), points, bandwidth)
    for ridge, found in zip(ridges, fast, strict=True):
        expected = between @ np.linalg.solve(kernel + ridge * np.eye(40), np.sign(x))
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_coefficients_of_leading_subsets_are_those_of_their_own_systems():
    x = model.draw(np.random.default_rng(3), 60, 2, 3)
    kernel, labels = model.laplace_kernel(x, x, SIGMA), model.target(x)
    for ridge in (0.0, 0.1):
        for size, found in zip((10, 60, 25), model.coefficients(kernel, labels, ridge, [10, 60, 25]), strict=True):
            expected = np.linalg.solve(kernel[:size, :size] + ridge * np.eye(size), labels[:size])
            np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_the_loss_is_a_sum_over_examples():
    """Every point twice is the same fit at twice the ridge."""
    x = model.draw(np.random.default_rng(4), 20, 2, 0)
    kernel, labels = model.laplace_kernel(x, x, SIGMA), model.target(x)
    once = kernel @ model.coefficients(kernel, labels, 0.3)[0]
    double = model.coefficients(np.tile(kernel, (2, 2)), np.tile(labels, 2), 0.6)[0]
    np.testing.assert_allclose(np.tile(kernel, (1, 2)) @ double, once, atol=1e-9)


def test_the_scaled_ridge_is_in_units_of_the_crossover():
    assert model.ridge_of(1e-4, 16384, 1, 1) == pytest.approx(1e-4 / 128)
    assert model.ridge_of(2.0, 64, 2, 1) == pytest.approx(0.5)


def test_constants_of_the_laws_have_their_reference_values():
    constants = {"extremal": (4 / 3, np.pi / 6, 0.276646, 0.171213), "layer": (1, 0.486007, 0.337989, 0.266433)}
    constants["replica"] = (np.sqrt(2), 1.011676, 0.762760, 0.600819)
    for name, expected in constants.items():
        np.testing.assert_allclose([getattr(theory, f"{name}_constant")(chi) for chi in EXPONENTS], expected, atol=1.5e-6)
    assert theory.replica_constant(0) / theory.extremal_constant(0) == pytest.approx(1.0607, abs=1e-4)


@pytest.mark.parametrize("chi", [0, 1, 3])
def test_ridgeless_draws_obey_the_law_of_the_extremal_points(chi):
    points, weights = model.line_quadrature(chi, 2001)
    rng = np.random.default_rng(6 + chi)
    errors = np.empty(400)
    for at in range(len(errors)):
        x = np.sort(model.draw(rng, 2000, 1, chi)[:, 0])
        errors[at] = (np.sign(points) - model.line_predictors(x, np.sign(x)[None], points, SIGMA)[0]) ** 2 @ weights
    assert abs(2000 * errors.mean() - theory.extremal_constant(chi)) < 5 * 2000 * errors.std() / np.sqrt(len(errors))


def test_replica_theory_of_equal_eigenvalues_is_known_in_closed_form():
    found = theory.replica(np.full(100, 2.0), np.full(100, 0.01), 40, 0.0)
    assert found.effective_ridge == pytest.approx(2 * (100 / 40 - 1), rel=1e-9)
    assert found.gamma == pytest.approx(0.4)
    assert found.error == pytest.approx(0.6)


def test_a_large_ridge_is_the_effective_one_and_leaves_the_target_unlearned():
    found = theory.replica(np.array([1.0, 0.1]), np.array([0.7, 0.3]), 10, 1e6)
    assert found.effective_ridge == pytest.approx(1e5, rel=1e-4)
    assert (found.error, found.gamma) == (pytest.approx(1, rel=1e-4), pytest.approx(0, abs=1e-9))


@pytest.mark.parametrize("chi", [0, 1, 3])
@pytest.mark.parametrize("ridge", [0.0, 0.5])
def test_closed_form_on_a_line_is_the_replica_theory_of_its_spectrum(spectra, chi, ridge):
    exact = theory.replica(*spectra[chi], 32, ridge)  # 1000 nodes resolve no more than so many points
    kappa, gamma = theory.line_effective_ridge(chi, 32, ridge, SIGMA)
    assert kappa == pytest.approx(exact.effective_ridge, rel=0.02)
    assert gamma == pytest.approx(exact.gamma, abs=0.02)
    assert theory.line_replica(chi, 32, ridge, SIGMA, 1000).error == pytest.approx(exact.error, rel=0.03)


@pytest.mark.parametrize("chi", [0, 1, 3])
def test_mean_predictor_of_the_equation_has_the_error_of_the_spectrum(spectra, chi):
    eigenvalues, squared = spectra[chi]
    for kappa in (1e-4, 1e-3):
        expected = np.sum(squared * (kappa / (eigenvalues + kappa)) ** 2)
        assert theory.mean_field(chi, kappa, SIGMA, 1000).error == pytest.approx(expected, rel=2e-3)


def test_reference_values_of_the_equation_and_of_the_closed_form():
    field = theory.mean_field(1, 1e-4, SIGMA, 2000)
    assert field.error == pytest.approx(0.014348, abs=1e-6)
    assert np.interp(0.2, field.nodes, field.predictor) == pytest.approx(0.68216, abs=1e-5)
    np.testing.assert_allclose(theory.line_effective_ridge(1, 256, 0.5, SIGMA), [1.97844e-3, 6.399e-3], rtol=1e-4)
    assert theory.line_effective_ridge(3, 1000, 0.0, SIGMA)[1] == pytest.approx(0.5)


@pytest.mark.parametrize("chi", [0, 1, 3])
def test_a_thin_layer_has_the_closed_form_of_its_error(chi):
    kappa = 2 * model.density_constant(chi) * 0.05 ** (2 + chi) / SIGMA
    assert theory.layer_width(chi, kappa, SIGMA) == pytest.approx(0.05)
    closed = model.density_constant(chi) * 0.05 ** (1 + chi) * theory.layer_constant(chi)
    assert theory.mean_field(chi, kappa, SIGMA, 4000).error == pytest.approx(closed, rel=0.01)


@pytest.mark.parametrize("chi", [0, 1, 3])
def test_the_mean_error_grows_with_the_effective_ridge_as_the_layer_does(chi):
    kappas = np.geomspace(1e-6, 1e-4, 5)
    errors = [theory.mean_field(chi, kappa, SIGMA, 4000).error for kappa in kappas]
    assert np.polyfit(np.log(kappas), np.log(errors), 1)[0] == pytest.approx((1 + chi) / (2 + chi), abs=0.01)


def test_both_ridgeless_exponents_agree_without_depletion_and_in_high_dimension_only():
    def ratio(dim, chi):
        return exponent("replica", dim, chi) / exponent("extremal_points", dim, chi)

    for dim in (1, 2, 5):
        assert ratio(dim, 0) == pytest.approx(1)
        for chi in (1, 3):
            assert ratio(dim, chi) == pytest.approx(1 + chi / (dim * (1 + dim + chi)))
            assert ratio(dim, chi) > ratio(dim + 1, chi) > 1
    assert ratio(20, 3) == pytest.approx(1.00625)
    assert exponent("ridge", 2, 3) == pytest.approx(2 / 3)


def test_the_spectrum_has_the_trace_of_the_kernel_and_all_of_the_target(spectra):
    for eigenvalues, squared in spectra.values():
        assert eigenvalues.sum() == pytest.approx(1, abs=1e-9)
        assert squared.sum() == pytest.approx(1, abs=1e-9)
        assert squared[0] == pytest.approx(0, abs=1e-12), "the first mode is even, the target odd"


def pool(n_points=200, dim=2, chi=1):
    x = model.draw(np.random.default_rng(8), n_points, dim, chi)
    return model.laplace_kernel(x, x, SIGMA), model.target(x)


def test_a_pool_has_the_trace_of_its_kernel_and_all_of_its_labels():
    eigenvalues, squared = pool_spectrum(*pool())
    assert eigenvalues.sum() == pytest.approx(1)
    assert squared.sum() == pytest.approx(1)


def test_errors_over_a_pool_count_training_points_once():
    kernel, labels = pool(30)
    chosen = np.array([4, 9, 2, 20])
    found = pool_errors(kernel, labels, chosen, [0.0, 0.2])
    for at, ridge in enumerate((0.0, 0.2)):
        inverse = np.linalg.inv(kernel[np.ix_(chosen, chosen)] + ridge * np.eye(4))
        squared = (labels - kernel[:, chosen] @ inverse @ labels[chosen]) ** 2
        assert found.pool[at] == pytest.approx(squared.mean(), rel=1e-6)
        assert found.outside[at] == pytest.approx((squared.sum() - squared[chosen].sum()) / 26, rel=1e-6)
    assert found.pool[0] == pytest.approx(found.outside[0] * 26 / 30, rel=1e-6), "without ridge training points are met"


def test_replica_theory_of_a_pool_is_right_at_a_large_ridge():
    kernel, labels = pool(300)
    rng = np.random.default_rng(9)
    errors = [pool_errors(kernel, labels, rng.choice(300, 60, replace=False), [3.0]).pool[0] for _ in range(100)]
    predicted = pool_replicas(kernel, labels, [(60, 3.0)])[0].error
    assert abs(np.mean(errors) - predicted) < 5 * np.std(errors) / 10 + predicted / 60  # a correction of order 1/P


def test_distances_by_products_are_the_euclidean_ones():
    points = np.random.default_rng(10).normal(size=(20, 7))
    np.testing.assert_allclose(pairwise_distances(points), cdist(points, points), atol=1e-7)
    kernel = scaled_kernel(points, 10.0)
    assert -1 / np.log(np.median(kernel[np.triu_indices(20, 1)])) == pytest.approx(10, rel=1e-6)


ONE = np.ones(3)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: model.density_constant(-0.5), "depletion_exponent must be 0 or more"),
        (lambda: model.draw(np.random.default_rng(0), 0, 1, 1), "n_points must be 1 or more"),
        (lambda: model.draw(np.random.default_rng(0), 5, 1, -1), "depletion_exponent must be 0 or more"),
        (lambda: model.ridge_of(-1.0, 10, 1, 1), "scaled_ridge must be 0 or more"),
        (lambda: model.ridge_of(1.0, 0, 1, 1), "n_train must be 1 or more"),
        (lambda: model.laplace_kernel(np.eye(2), np.eye(2), 0.0), "bandwidth must be positive"),
        (lambda: model.coefficients(np.eye(3), ONE, np.nan), "ridge must be 0 or more"),
        (lambda: model.coefficients(np.eye(3), ONE, 0.1, [4]), "sizes must be from 1 to 3"),
        (lambda: model.line_fits(np.array([0.0, 0.0]), ONE[:2], ONE, 1.0), "x must be numbers that ascend strictly"),
        (lambda: model.line_fits(np.array([0.0, np.nan]), ONE[:2], ONE, 1.0), "x must be numbers that ascend strictly"),
        (lambda: model.line_fits(np.array([0.0, 1.0]), ONE[:2], -ONE, 1.0), "ridges must be 0 or more"),
        (lambda: model.line_quadrature(1, 1), "points_per_side must be 2 or more"),
        (lambda: theory.replica(np.array([1.0, np.nan]), ONE[:2], 1, 0.1), "eigenvalues must be 0 or more"),
        (lambda: theory.replica(ONE, ONE, 3, 0.0), "n_train must be below the 3 eigenvalues above 0"),
        (lambda: theory.mean_field(1, 0.0, 1.0, 100), "effective_ridge must be positive"),
        (lambda: theory.mean_field(1, 1.0, 1.0, 1), "n_points must be 2 or more"),
        (lambda: theory.line_effective_ridge(1, 10, -1.0, 1.0), "ridge must be 0 or more"),
        (lambda: theory.layer_width(1, np.nan, 1.0), "effective_ridge must be positive"),
        (lambda: theory.layer_constant(-1), "depletion_exponent must be 0 or more"),
        (lambda: theory.extremal_constant(np.nan), "depletion_exponent must be 0 or more"),
        (lambda: exponent("replika", 1, 1), "law 'replika' is not one of extremal_points, replica, ridge"),
        (lambda: exponent("replica", 0, 1), "dim must be 1 or more"),
        (lambda: theory.line_spectrum(1, 1.0, uniform_points=3, log_points=3, n_ranks=99), "n_ranks must be from 1 to 12"),
        (lambda: pool_spectrum(np.eye(2), ONE), "kernel must have one row and one column a label, 3"),
        (lambda: pool_errors(np.eye(3), ONE, np.arange(3), [0.0]), "n_train must be at least 1 and below 3"),
        (lambda: scaled_kernel(np.eye(3), -1.0), "bandwidth_factor must be positive"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(call, told):
    with pytest.raises(ValueError, match=told):
        call()
