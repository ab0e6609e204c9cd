"""Patches, whitening, nearest dictionary patches, k-means and the theorem's covers, against independent computations."""

from itertools import combinations, pairwise

import numpy as np
import pytest
import torch

from repro.linalg import haar_frame
from scripts.brutzkus_patches import clustering, inputs, model, theory
from scripts.brutzkus_patches.runs import patch_clustering


def images(n=6, side=12, channels=3, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).random((n, side, side, channels)).astype(np.float32))


def smooth_patches(n=4000, seed=1):
    """Correlated patches of dimension 12."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, 12)) @ np.linalg.qr(rng.standard_normal((12, 12)))[0] * np.geomspace(1, 1e-3, 12) + 0.3


def told(n_centroids=40, n_nearest=(7,), seed=2):
    rows = smooth_patches()
    own = model.basis(np.cov(rows.T, bias=True))
    centroids = np.random.default_rng(seed).standard_normal((n_centroids, 12))
    return torch.from_numpy(rows.astype(np.float32)), centroids, own, model.embedding(centroids, own.whitening, n_nearest)


@pytest.mark.parametrize(("size", "stride", "pool"), [(5, 1, 2), (5, 1, 4), (3, 1, 1), (4, 2, 1)])
def test_locations_are_slices_of_the_image_ordered_by_window(size, stride, pool):
    x = images()
    found = model.locations(x, size, stride, pool)
    side = (x.shape[1] - size) // stride + 1
    windows = side // pool
    assert found.shape == (6, windows**2, pool**2, size**2 * 3)
    for row, column in np.ndindex(side, side):
        window = (row // pool) * windows + column // pool
        inside = (row % pool) * pool + column % pool
        expected = x[:, row * stride : row * stride + size, column * stride : column * stride + size]
        assert torch.equal(found[:, window, inside], expected.reshape(6, -1))


def test_whitened_patches_have_the_variances_that_the_constant_leaves():
    rows = smooth_patches()
    covariance = np.cov(rows.T, bias=True)
    own = model.basis(covariance, 1e-2)
    left = np.cov((rows @ own.whitening).T, bias=True)
    values = np.linalg.eigvalsh(covariance)[::-1]
    assert left == pytest.approx(np.diag(values / (np.sqrt(values) + 1e-2) ** 2), abs=1e-9)


def test_unwhitening_undoes_whitening_and_turning_back_keeps_distances():
    rows = smooth_patches(50)
    own = model.basis(np.cov(rows.T, bias=True))
    white = rows @ own.whitening
    assert own.unwhitened(white) == pytest.approx(rows, abs=1e-9)
    turned = own.rotated_back(white)
    assert np.linalg.norm(turned[:-1] - turned[1:], axis=1) == pytest.approx(np.linalg.norm(white[:-1] - white[1:], axis=1))


def test_a_direction_without_variance_is_divided_by_the_constant():
    assert model.basis(np.diag([4.0, 1.0, -1e-12]), 0.5).scale == pytest.approx([2.5, 1.5, 0.5])


def test_convolution_and_offset_tell_whitened_distances_up_to_the_patch_itself():
    rows, centroids, own, embedding = told()
    delta = model.distances(rows, embedding).numpy()
    direct = ((rows.numpy() @ own.whitening)[:, None] - centroids) ** 2
    rest = delta - direct.sum(axis=2) / 2
    assert np.ptp(rest, axis=1).max() < 1e-4 * np.abs(delta).max()


def test_masks_mark_the_nearest_by_sorting_and_each_row_has_as_many_as_asked():
    rows, centroids, own, embedding = told(n_nearest=(7,))
    mask = model.masks(rows[:, None, None], embedding)[:, 0, 0].numpy()
    direct = (((rows.numpy().astype(float) @ own.whitening)[:, None] - centroids) ** 2).sum(axis=2)
    first = np.zeros_like(mask)
    np.put_along_axis(first, np.argsort(direct, axis=1)[:, :7], np.ones((1, 7), dtype=bool), axis=1)
    assert (mask == first).mean() > 1 - 1e-4  # near ties are decided by rounding
    assert mask.mean() == pytest.approx(7 / 40, abs=1e-3)


def test_several_settings_have_the_masks_of_each_alone():
    rows, centroids, own, _ = told()
    together = model.masks(rows[:, None, None], model.embedding(centroids, own.whitening, (1, 5, 40)))
    for at, k in enumerate((1, 5, 40)):
        alone = model.masks(rows[:, None, None], model.embedding(centroids, own.whitening, (k,)))
        assert torch.equal(together[..., 40 * at : 40 * (at + 1)], alone)
    assert together[..., 80:].all(), "with k = N every dictionary patch is near"


def test_equal_distances_at_the_last_place_all_count():
    delta = torch.tensor([[0.0, 1.0, 1.0, 2.0]])
    assert model.nearest(delta, (2,)).tolist() == [[[True, True, True, False]]]


def test_counts_are_sums_over_the_locations_of_a_window():
    mask = torch.rand(3, 4, 9, 5, generator=torch.Generator().manual_seed(0)) < 0.3
    assert torch.equal(model.counts(mask).int(), mask.int().sum(dim=2))


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: model.locations(images(), 13), "size"),
        (lambda: model.locations(images(), 5, 1, 3), "pool"),
        (lambda: model.locations(images(), 5, 0), "stride"),
        (lambda: model.basis(np.eye(2), 0.0), "epsilon"),
        (lambda: model.identity(0), "dim"),
        (lambda: model.embedding(np.ones((4, 2)), np.eye(2), (5,)), "n_nearest"),
        (lambda: model.nearest(torch.ones(2, 4), (0,)), "n_nearest"),
        (lambda: model.counts(torch.ones(1, 1, 256, 1, dtype=torch.bool)), "locations"),
        (lambda: clustering.lloyd(torch.ones(3, 2), 4, 1, np.random.default_rng(0)), "n_centroids"),
        (lambda: clustering.lloyd(torch.tensor([[1.0], [float("nan")]]), 1, 1, np.random.default_rng(0)), "points"),
        (lambda: inputs.dictionary(images(), None, inputs.Setting("cluster", 4), seed=0), "kind"),
        (lambda: inputs.sampled_patches(images(), 13, 5, np.random.default_rng(0)), "size"),
        (lambda: theory.frame(np.random.default_rng(0), 5, 1), "intrinsic_dim"),
        (lambda: theory.farthest_first(np.ones((3, 2)), 4), "n_centroids"),
        (lambda: theory.farthest_first(np.array([[0.0], [np.nan]]), 1), "points"),
        (
            lambda: theory.predicted("soft", theory.Target(np.ones((1, 2)), np.ones((1, 1))), np.ones((1, 1, 2)), np.ones((1, 1, 2))),
            "model",
        ),
        (lambda: theory.sphere(np.random.default_rng(0), 0, np.eye(2)), "n"),
        (lambda: patch_clustering.patches("natural", images(), {"drop_smallest": 0.01}, 0), "kind"),
        (lambda: patch_clustering.patches("original", images(), {"drop_smallest": 1.0}, 0), "drop_smallest"),
    ],
)
def test_words_and_sizes_that_make_no_sense_are_refused(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_assignment_is_that_of_all_distances():
    rng = np.random.default_rng(3)
    points, centroids = (torch.from_numpy(rng.standard_normal((n, 5)).astype(np.float32)) for n in (500, 30))
    labels, squared = clustering.assign(points, centroids)
    direct = torch.cdist(points.double(), centroids.double()) ** 2
    assert squared.double().numpy() == pytest.approx(direct.min(dim=1).values.numpy(), abs=1e-4)
    assert (direct.gather(1, labels[:, None])[:, 0] - direct.min(dim=1).values).max() < 1e-4


def test_k_means_finds_clusters_that_lie_apart_and_never_gets_worse():
    rng = np.random.default_rng(4)
    centres = 10 * np.eye(4)
    points = torch.from_numpy((np.repeat(centres, 50, axis=0) + 0.1 * rng.standard_normal((200, 4))).astype(np.float32))
    costs = [float(clustering.assign(points, clustering.lloyd(points, 4, n, np.random.default_rng(11)))[1].sum()) for n in range(12)]
    assert all(after <= before + 1e-3 for before, after in pairwise(costs))
    best = min(
        costs[-1],
        *(float(clustering.assign(points, clustering.lloyd(points, 4, 12, np.random.default_rng(s)))[1].sum()) for s in range(20)),
    )
    assert best == pytest.approx(sum(((cluster - cluster.mean(dim=0)) ** 2).sum().item() for cluster in points.split(50)), rel=1e-3)


def test_an_empty_cluster_starts_again_at_a_point():
    points = torch.tensor([[0.0], [0.0], [0.0], [0.0], [1.0]])
    for seed in range(5):
        centroids = clustering.lloyd(points, 4, 6, np.random.default_rng(seed))
        assert set(centroids.flatten().tolist()) <= {0.0, 1.0}
        assert torch.isfinite(centroids).all()


def test_covariance_is_that_of_all_patches():
    x = images(n=3)
    rows = model.locations(x, 5).flatten(0, 2).numpy().astype(float)
    assert inputs.covariance(x, 5) == pytest.approx(np.cov(rows.T, bias=True), abs=1e-12)


def test_sampled_patches_are_patches_of_the_images_and_none_is_black():
    x = images(n=2, side=8)
    x[1] = 0
    found = inputs.sampled_patches(x, 5, 300, np.random.default_rng(0))
    every = {tuple(row) for row in model.locations(x[:1], 5).flatten(0, 2).numpy().astype(float).round(6).tolist()}
    assert {tuple(row) for row in found.round(6).tolist()} == every
    assert 100 < len(found) < 200, "half of the images are black"


def test_augmented_images_are_crops_of_the_padded_image_or_of_its_mirror():
    x = images(n=40, side=6)
    found = inputs.augmented(x, np.random.default_rng(1))
    padded = np.pad(x.numpy(), ((0, 0), (4, 4), (4, 4), (0, 0)))
    flips = 0
    for image, frame in zip(found.numpy(), padded, strict=True):
        crops = [frame[a : a + 6, b : b + 6] for a, b in np.ndindex(9, 9)]
        plain = any(np.array_equal(image, crop) for crop in crops)
        mirrored = any(np.array_equal(image, crop[:, ::-1]) for crop in crops)
        assert plain or mirrored
        flips += mirrored
    assert 8 <= flips <= 32  # four standard deviations of forty coins


def test_a_dictionary_depends_on_its_seed_and_setting_alone():
    x = images(n=20, side=16)
    setting = inputs.Setting("clustered", 6, patches_per_centroid=20, lloyd_iterations=3)
    one, same, other = (inputs.dictionary(x, None, setting, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.centroids, same.centroids)
    assert not np.array_equal(one.centroids, other.centroids)
    drawn = inputs.dictionary(x, one.basis, setting._replace(kind="sampled"), seed=1)
    patches = inputs.sampled_patches(x, 5, 120, inputs.generator(inputs.PAPER, "dictionary", "patches", 6, seed=1))
    assert drawn.centroids == pytest.approx(patches[:6] @ one.basis.whitening)
    plain = inputs.dictionary(x, one.basis, setting._replace(whitened=False), seed=1)
    assert np.array_equal(plain.basis.whitening, np.eye(75))


def test_a_gaussian_dictionary_is_whitened_by_its_own_covariance():
    setting = inputs.Setting("gaussian", 8, patches_per_centroid=400, lloyd_iterations=1)
    whitening = inputs.dictionary(images(), model.basis(np.diag(np.arange(1.0, 76.0))), setting, seed=0).basis
    assert whitening.scale == pytest.approx(np.ones(75), abs=1.2 * np.sqrt(75 / 3200))  # the edge of their spectrum, and a fifth


def test_shuffling_permutes_within_rows_each_in_its_own_order():
    rows = np.tile(np.arange(75.0), (40, 1))
    found = patch_clustering.shuffled(rows, np.random.default_rng(0))
    assert np.array_equal(np.sort(found, axis=1), rows)
    assert len({tuple(row) for row in found.tolist()}) == 40


def test_clustered_vectors_have_norm_one_and_the_smallest_are_left_out():
    p = {"patch_size": 5, "n_patches": 200, "whitening_patches": 400, "whitening_epsilon": 1e-3, "drop_smallest": 0.05}
    for kind in patch_clustering.KINDS:
        rows = patch_clustering.patches(kind, images(), p, 0)
        assert rows.shape == (190, 75)
        assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(190))


def test_farthest_first_halves_the_arcs_of_a_circle():
    angle = 2 * np.pi * np.arange(4096) / 4096
    _, radii = theory.farthest_first(np.stack([np.cos(angle), np.sin(angle)], axis=1), 256)
    for n in (2, 4, 8, 64, 256):
        assert radii[n - 1] == pytest.approx(2 * np.sin(np.pi / (2 * n)), abs=2 * np.pi / 4096)


def test_farthest_first_is_the_definition_step_by_step():
    points = np.random.default_rng(5).standard_normal((50, 3))
    centres, radii = theory.farthest_first(points, 20)
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    chosen = [0]
    for step in range(20):
        assert radii[step] == pytest.approx(distances[:, chosen].min(axis=1).max())
        chosen.append(int(distances[:, chosen].min(axis=1).argmax()))
    assert centres.tolist() == chosen[:20]
    assert (np.diff(radii) <= 0).all()


def test_farthest_first_is_within_twice_the_best_cover():
    points = np.random.default_rng(6).standard_normal((12, 2))
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    best = min(distances[:, list(subset)].min(axis=1).max() for subset in combinations(range(12), 3))
    assert best <= theory.farthest_first(points, 3)[1][2] <= 2 * best


def synthetic(dim=3, n=200, seed=7):
    rng = np.random.default_rng(seed)
    subspace = haar_frame(rng, 9, dim)
    target = theory.random_target(rng, 5, 4, subspace)
    patches = theory.sphere(rng, 4 * n, subspace)
    return target, patches, theory.sphere(rng, 30, subspace)


def test_target_is_the_double_sum_over_patches_and_units():
    target, patches, _ = synthetic(n=3)
    x = patches.reshape(3, 4, -1)
    for image, value in zip(x, theory.target_value(target, x), strict=True):
        total = sum(target.output[i, j] * max(0.0, target.hidden[i] @ image[j]) for i in range(5) for j in range(4))
        assert value == pytest.approx(total)


def test_both_predictors_are_exact_where_every_patch_is_a_centre():
    target, patches, _ = synthetic()
    x = patches.reshape(-1, 4, 9)
    for name in theory.MODELS:
        assert theory.predicted(name, target, x, x) == pytest.approx(theory.target_value(target, x))


def test_locally_constant_errs_at_most_by_the_distance_and_locally_linear_only_where_a_sign_flips():
    target, patches, dictionary = synthetic()
    near = dictionary[theory.nearest(patches, dictionary)]
    assert np.linalg.norm(near - patches, axis=1) == pytest.approx(np.linalg.norm(patches[:, None] - dictionary, axis=2).min(axis=1))
    x, c = patches.reshape(-1, 4, 9), near.reshape(-1, 4, 9)
    truth = theory.target_value(target, x)
    bound = np.einsum("nj,hj->n", np.linalg.norm(x - c, axis=2), np.abs(target.output))
    assert (np.abs(theory.predicted("hard", target, x, c) - truth) <= bound + 1e-12).all()
    flips = ((x @ target.hidden.T > 0) != (c @ target.hidden.T > 0)).any(axis=(1, 2))
    full = theory.predicted("full", target, x, c)
    assert full[~flips] == pytest.approx(truth[~flips])
    assert 0 < flips.mean() < 1


def test_sphere_points_have_norm_one_and_lie_in_the_subspace():
    subspace = theory.frame(np.random.default_rng(8), 75, 4)
    points = theory.sphere(np.random.default_rng(9), 20_000, subspace)
    assert np.allclose(np.linalg.norm(points, axis=1), 1)
    assert np.allclose(points @ subspace @ subspace.T, points)
    inside = points @ subspace
    # each coordinate squared has mean 1/4 and, on this sphere, variance 1/16
    assert (inside**2).mean(axis=0) == pytest.approx(np.full(4, 0.25), abs=5 * 0.25 / np.sqrt(20_000))
