"""Factorisations, their gradients and the main theorem of razin_htf against finite differences, closed forms and conservation laws."""

import numpy as np
import pytest

from repro.settings import load_params
from scripts.razin_htf.model import (
    FACTORISATIONS,
    NODES,
    component_norms,
    effective_rank,
    hierarchy,
    local_norms,
    matricise,
    matrix_product,
    reconstruction_error,
    squared_norms,
    tensor_sum,
    unbalancedness,
    weight_shapes,
)
from scripts.razin_htf.runs import theorem_flow
from scripts.razin_htf.theory import (
    alignments,
    balanced_start,
    completion_flow,
    component_tensors,
    general_rates,
    measured_rates,
    predicted_rates,
)
from scripts.razin_htf.training import random_mask, random_target

SIZES = {"mf": (5, 5, 4), "tf": (4, 6, 3), "htf": (3, 4, 3)}


def random_weights(model, seed=0, lead=()):
    rng = np.random.default_rng(seed)
    return tuple(rng.standard_normal((*lead, *shape)) for shape in weight_shapes(model, *SIZES[model]))


def test_end_tensors_are_the_sums_and_products_of_their_definitions():
    (factors,) = random_weights("mf")
    np.testing.assert_allclose(matrix_product((factors,))[0].reshape(5, 5), np.linalg.multi_dot(factors), rtol=1e-12)
    (vectors,) = random_weights("tf")
    np.testing.assert_allclose(tensor_sum((vectors,))[0], np.einsum("ir,jr,kr->ijk", *vectors).ravel(), rtol=1e-12)
    leaves, pairs, root = random_weights("htf")
    expected = np.einsum("is,js,sr,kt,lt,tr,r->ijkl", *leaves[:2], pairs[0], *leaves[2:], pairs[1], root)
    np.testing.assert_allclose(hierarchy((leaves, pairs, root))[0], expected.ravel(), rtol=1e-11)


@pytest.mark.parametrize("model", FACTORISATIONS)
def test_pull_backs_agree_with_central_differences(model):
    weights = random_weights(model, lead=(2,))
    entries, pull = FACTORISATIONS[model](weights)
    slope = np.random.default_rng(1).standard_normal(entries.shape)
    found = pull(slope)
    for part, gradient in zip(weights, found, strict=True):
        direction = np.random.default_rng(2).standard_normal(part.shape)
        shifted = [
            FACTORISATIONS[model](tuple(other + by * direction if other is part else other for other in weights))[0] for by in (1e-6, -1e-6)
        ]
        expected = ((shifted[0] - shifted[1]) / 2e-6 * slope).sum()
        np.testing.assert_allclose((gradient * direction).sum(), expected, rtol=1e-7)


@pytest.mark.parametrize("model", FACTORISATIONS)
def test_runs_in_the_leading_dimension_do_not_touch_each_other(model):
    both = [random_weights(model, seed) for seed in (0, 1)]
    together = FACTORISATIONS[model](tuple(np.stack(parts) for parts in zip(*both, strict=True)))
    for at, weights in enumerate(both):
        entries, pull = FACTORISATIONS[model](weights)
        np.testing.assert_allclose(together[0][at], entries, rtol=1e-12)
        for whole, own in zip(together[1](together[0]), pull(entries), strict=True):
            np.testing.assert_allclose(whole[at], own, rtol=1e-11)


def test_matricisation_puts_the_named_modes_into_rows():
    tensor = np.random.default_rng(0).standard_normal((3, 3, 3, 3))
    np.testing.assert_array_equal(matricise(tensor.ravel(), 4, [1, 2]), tensor.reshape(9, 9))
    np.testing.assert_array_equal(matricise(tensor.ravel(), 4, [1, 3]), tensor.transpose(0, 2, 1, 3).reshape(9, 9))
    np.testing.assert_array_equal(matricise(tensor.ravel(), 4, [2]), tensor.transpose(1, 0, 2, 3).reshape(3, 27))


@pytest.mark.parametrize("node", NODES)
def test_the_tensor_is_the_sum_of_the_components_of_any_node(node):
    weights = random_weights("htf", lead=(2,))
    parts = local_norms(weights)[node][..., None] * component_tensors(weights, node)
    np.testing.assert_allclose(parts.sum(axis=-2), hierarchy(weights)[0], rtol=1e-10, atol=1e-12)


def test_components_that_are_not_zero_bound_the_rank_and_what_is_cut_off_bounds_the_error():
    leaves, pairs, root = random_weights("htf")
    root[2:] = 0
    assert np.linalg.matrix_rank(matricise(hierarchy((leaves, pairs, root))[0], 4, [1, 2])) == 2
    leaves, pairs, root = random_weights("htf", seed=3)
    norms, tensors = local_norms((leaves, pairs, root))["root"], component_tensors((leaves, pairs, root), "root")
    kept = root.copy()
    kept[1] = 0
    error = np.linalg.norm(hierarchy((leaves, pairs, root))[0] - hierarchy((leaves, pairs, kept))[0])
    assert error <= norms[1] * np.linalg.norm(tensors[1]) * (1 + 1e-12)


def test_a_component_of_norm_zero_has_no_tensor():
    leaves, pairs, root = random_weights("htf")
    root[0] = 0
    assert not component_tensors((leaves, pairs, root), "root")[0].any()


def test_component_norms_of_a_tensor_factorisation_are_those_of_its_rank_one_tensors():
    (vectors,) = random_weights("tf")
    tensors = np.einsum("ir,jr,kr->rijk", *vectors)
    np.testing.assert_allclose(component_norms((vectors,)), np.linalg.norm(tensors.reshape(6, -1), axis=1), rtol=1e-12)


def test_general_rates_agree_with_central_differences_without_balance():
    weights = random_weights("htf", lead=(3,))
    slope = np.random.default_rng(1).standard_normal((3, 81))
    measured, predicted = measured_rates(weights, slope), general_rates(weights, slope)
    for node in NODES:
        np.testing.assert_allclose(predicted[node], measured[node], rtol=1e-6, atol=1e-7 * np.abs(measured[node]).max())


def test_the_main_theorem_is_the_general_law_for_balanced_weights():
    weights = balanced_start(np.random.default_rng(0), dim=4, width=3, scale=0.7)
    slope = np.random.default_rng(1).standard_normal(256)
    theorem, general = predicted_rates(weights, slope), general_rates(weights, slope)
    for node in NODES:
        np.testing.assert_allclose(theorem[node], general[node], rtol=1e-10)


def test_singular_values_of_a_product_of_three_balanced_matrices_follow_their_law():
    """Factors with W_l' W_l = W_{l+1} W_{l+1}' : U S, S, S V' with S the cube root of the singular values."""
    rng = np.random.default_rng(0)
    left, right = (np.linalg.qr(rng.standard_normal((5, 5)))[0] for _ in range(2))
    values = np.array([2.0, 1.5, 1.0, 0.6, 0.3])
    root = np.diag(np.cbrt(values))
    weights = (np.stack([left @ root, root, root @ right.T]),)
    slope = rng.standard_normal(25)
    _, pull = matrix_product(weights)
    shifted = [np.linalg.svd(matrix_product((weights[0] - by * pull(slope)[0],))[0].reshape(5, 5))[1] for by in (1e-6, -1e-6)]
    aligned = -np.einsum("ir,ij,jr->r", left, slope.reshape(5, 5), right)
    np.testing.assert_allclose((shifted[0] - shifted[1]) / 2e-6, 3 * values ** (2 - 2 / 3) * aligned, rtol=1e-6)


def test_norms_of_balanced_cp_components_follow_their_law():
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((3, 4, 5))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    tensors = np.einsum("ir,jr,kr->rijk", *vectors).reshape(5, -1)
    scales = rng.uniform(0.5, 1.5, 5)
    slope = rng.standard_normal(64)
    weights = (vectors * scales,)
    (down,) = tensor_sum(weights)[1](-slope)
    shifted = [component_norms((weights[0] + by * down,)) for by in (1e-6, -1e-6)]
    np.testing.assert_allclose((shifted[0] - shifted[1]) / 2e-6, 3 * (scales**3) ** (2 - 2 / 3) * -(tensors @ slope), rtol=1e-6)


def test_unbalanced_components_keep_to_the_two_sided_bounds():
    """ε of E6: with positive alignment the speed is between σ²/(σ^(2/L) + ε) L⟨−∇ℓ,C⟩ and (σ^(2/L) + ε)^(L−1) L⟨−∇ℓ,C⟩, else reversed."""
    weights = random_weights("htf", lead=(20,))
    slope = np.random.default_rng(1).standard_normal((20, 81))
    epsilon, norms = unbalancedness(weights)[:, None], local_norms(weights)
    rates, aligned = general_rates(weights, slope), alignments(weights, slope)
    n_seen = 0
    for node in NODES:
        base = norms[node] ** (2 / 3) + epsilon
        bounds = np.sort([norms[node] ** 2 / base * 3 * aligned[node], base**2 * 3 * aligned[node]], axis=0)
        assert (bounds[0] <= rates[node] + 1e-12).all()
        assert (rates[node] <= bounds[1] + 1e-12).all()
        n_seen += rates[node].size
    assert n_seen == 240


def test_balanced_starts_have_equal_vectors_and_norms_of_the_cubed_scale():
    weights = balanced_start(np.random.default_rng(0), dim=6, width=8, scale=0.5)
    for node in NODES:
        np.testing.assert_allclose(local_norms(weights)[node], 0.125, rtol=1e-12)
        np.testing.assert_allclose(squared_norms(weights)[node], 0.25, rtol=1e-12)
    assert unbalancedness(weights) < 1e-12


def test_gradient_flow_conserves_balance_and_lowers_the_loss():
    frame = theorem_flow.compute(load_params("razin_htf", "theorem_flow", "smoke"))["component_rates"]
    assert frame["unbalancedness"].max() < 1e-6
    loss = frame.groupby("time")["loss"].first().to_numpy()
    assert (np.diff(loss) < 0).all()


def test_gradient_flow_conserves_differences_of_squared_norms_without_balance():
    start = tuple(0.8 * part for part in random_weights("htf", lead=(1,)))
    target, observed = np.random.default_rng(1).standard_normal((1, 81)), np.ones((1, 81))
    (begun, _), (ended, _) = completion_flow(start, target, observed, [0.0, 0.5], time_step=0.002)
    moved = [np.abs(after - before).max() for before, after in zip(begun, ended, strict=True)]
    assert max(moved) > 0.1
    for node in NODES:
        before, after = squared_norms(begun)[node], squared_norms(ended)[node]
        np.testing.assert_allclose(np.diff(after, axis=-2), np.diff(before, axis=-2), atol=1e-6)


def test_effective_rank_counts_equal_values_and_ignores_zeros():
    assert effective_rank(np.array([2.0, 2.0, 2.0, 0.0])) == pytest.approx(3)
    assert effective_rank(np.array([5.0, 0.0])) == pytest.approx(1)


def test_reconstruction_error_of_nothing_is_one():
    target = np.random.default_rng(0).standard_normal((2, 10))
    np.testing.assert_allclose(reconstruction_error(np.zeros((2, 10)), target), 1)


def test_targets_have_their_rank_and_norm():
    rng = np.random.default_rng(0)
    matrix = random_target(rng, "mf", 10, 3, 7.0)
    assert np.linalg.matrix_rank(matrix.reshape(10, 10)) == 3
    tensor = random_target(rng, "htf", 4, 2, 7.0)
    assert np.linalg.matrix_rank(matricise(tensor, 4, [1, 2])) == 2
    assert np.linalg.norm(tensor) == pytest.approx(7)
    assert random_mask(rng, 50, 20).sum() == 20


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: weight_shapes("cp", 3, 3), "model 'cp' is not one of mf, tf, htf"),
        (lambda: weight_shapes("mf", 0, 3), "dim must be 1 or more"),
        (lambda: weight_shapes("mf", 3, 3, depth=1), "depth must be 2 or more"),
        (lambda: matricise(np.zeros(80), 4, [1]), "do not fill a tensor"),
        (lambda: matricise(np.zeros(81), 4, [5]), "rows 5 is not one of"),
        (lambda: matricise(np.zeros(81), 4, [1, 1]), "named twice"),
        (lambda: effective_rank(np.array([1.0, np.nan])), "values must be 0 or more"),
        (lambda: effective_rank(np.zeros(3)), "sum must be positive"),
        (lambda: balanced_start(np.random.default_rng(0), 0, 3, 1.0), "dim must be 1 or more"),
        (lambda: balanced_start(np.random.default_rng(0), 3, 3, 0.0), "scale must be positive"),
        (lambda: component_tensors(random_weights("htf"), "leaf"), "node 'leaf' is not one of"),
        (lambda: predicted_rates(random_weights("htf"), np.zeros(81), order=0), "order must be 1 or more"),
        (lambda: measured_rates(random_weights("htf"), np.zeros(81), step=0.0), "step must be positive"),
        (lambda: next(completion_flow(random_weights("htf", lead=(1,)), np.zeros((1, 81)), np.zeros((1, 81)), [0.0], 0.0)), "time_step"),
        (lambda: random_target(np.random.default_rng(0), "ht", 3, 2, 1.0), "model 'ht' is not one of"),
        (lambda: random_target(np.random.default_rng(0), "mf", 3, 2, np.nan), "norm must be positive"),
        (lambda: random_mask(np.random.default_rng(0), 5, 6), "n_observed must be from 1 to 5"),
    ],
)
def test_what_makes_no_sense_is_refused(call, told):
    with pytest.raises(ValueError, match=told.replace("(", r"\(")):
        call()
