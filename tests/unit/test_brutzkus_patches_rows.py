"""Rows of brutzkus_patches' runs against direct computations, pictures of filters, and summaries of hand-made tables."""

import numpy as np
import pandas as pd
import pytest
import torch

from repro.frames import select
from repro.seeds import generator
from repro.settings import load_params
from scripts.brutzkus_patches import clustering, features, inputs, measures, model, stacking, theory, training, variants
from scripts.brutzkus_patches.runs import covering, layers, patch_clustering

PAPER = "brutzkus_patches"


def stream(seed=0):
    return torch.Generator().manual_seed(seed)


def smoke(run, **changed):
    return load_params(PAPER, run, "smoke") | changed


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Forty and twenty random images of the shape of CIFAR-10; each one's first pixel tells its label."""
    path, rng = tmp_path_factory.mktemp("cifar10"), np.random.default_rng(0)
    for split, n in (("train", 40), ("test", 20)):
        pixels, labels = rng.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8), rng.permutation(n) % 10
        pixels[:, 0, 0, 0] = labels
        np.save(path / f"{split}_images.npy", pixels)
        np.save(path / f"{split}_labels.npy", labels)
    return path


def test_images_keep_their_labels_and_no_image_is_drawn_twice(folder):
    for part in inputs.load(folder, {"n_train": 40, "n_test": 12}, 3).values():
        np.testing.assert_array_equal((part.x[:, 0, 0, 0] * 255).round().int(), part.labels)
        assert len({tuple(row) for row in part.x.flatten(1)[:, :50].tolist()}) == len(part.x)


def test_distances_of_clusters_are_means_of_distances_and_of_their_squares(folder):
    p = smoke(
        "patch_clustering", n_patches=60, whitening_patches=200, n_centroids=[4], patch_kinds=["original", "whitened"], drop_smallest=0.2
    )
    found = patch_clustering.compute(p, {"cifar10": folder})["centroid_distance"].set_index("patch_kind")
    images = torch.from_numpy(np.load(folder / "test_images.npy").transpose(0, 2, 3, 1) / 255).float()
    for kind in ("original", "whitened"):
        points = torch.from_numpy(patch_clustering.patches(kind, images, p, 0)).float()
        centroids = clustering.lloyd(points, 4, 15, generator(PAPER, "patch_clustering", kind, 4, seed=0))
        distances = torch.cdist(points.double(), centroids.double()).amin(dim=1)
        assert found.loc[kind, "mean_distance"] == pytest.approx(distances.mean().item(), rel=1e-4)
        assert found.loc[kind, "mean_squared_distance"] == pytest.approx((distances**2).mean().item(), rel=1e-4)
        assert found.loc[kind, "n_patches"] == 48


def test_the_smallest_patches_are_left_out_and_whitened_ones_have_no_preferred_direction():
    rng = np.random.default_rng(0)
    pixels = rng.random((30, 12, 13, 1)) * np.linspace(0.05, 1, 30)[:, None, None, None]
    images = torch.from_numpy(((pixels[:, :, 1:] + pixels[:, :, :-1]) / 2).astype(np.float32))  # neighbours are correlated
    p = {"patch_size": 3, "n_patches": 3000, "whitening_patches": 10**9, "whitening_epsilon": 1e-6, "drop_smallest": 0.5}
    drawn = inputs.sampled_patches(images, 3, 3000, generator(PAPER, "patch_clustering", "patches", seed=0))
    norms = np.linalg.norm(drawn, axis=1)
    large = drawn[norms > np.median(norms)] / norms[norms > np.median(norms), None]
    np.testing.assert_allclose(patch_clustering.patches("original", images, p, 0), large)
    white = patch_clustering.patches("whitened", images, p | {"drop_smallest": 0.0}, 0)
    _, *spread = np.linalg.eigvalsh(np.cov(white.T))  # along the mean patch norm 1 leaves little
    assert max(spread) < 2 * min(spread), "six times without whitening"


def test_covers_and_errors_belong_to_dictionaries_of_the_named_size():
    p = smoke("covering", intrinsic_dims=[3], n_centroids=[3, 9], n_unlabelled=300, n_test=20)
    tables, rng = covering.compute(p), generator(PAPER, "covering", 3, seed=0)
    subspace = theory.frame(rng, 75, 3)
    unlabelled = theory.sphere(rng, 300, subspace)
    target = theory.random_target(rng, 20, 8, subspace)
    patches = theory.sphere(rng, 160, subspace)
    centres, _ = theory.farthest_first(unlabelled, 9)
    truth = theory.target_value(target, patches.reshape(20, 8, 75))
    for n in (3, 9):
        words = unlabelled[centres[:n]]
        apart = np.linalg.norm(unlabelled[:, None] - words, axis=2)
        assert select(tables["cover_radius"], n_centroids=n)["cover_radius"].item() == pytest.approx(apart.min(axis=1).max())
        near = words[np.linalg.norm(patches[:, None] - words, axis=2).argmin(axis=1)].reshape(20, 8, 75)
        for name in ("hard", "full"):
            error = theory.predicted(name, target, patches.reshape(20, 8, 75), near) - truth
            row = select(tables["predictor_error"], n_centroids=n, model=name)
            assert row["relative_error"].item() == pytest.approx(np.sqrt((error**2).mean() / truth.var()))


def test_output_weights_of_a_target_have_the_variance_of_their_number():
    output = theory.random_target(np.random.default_rng(0), 60, 50, np.eye(75)[:, :4]).output
    assert (output**2).mean() == pytest.approx(1 / 3000, abs=5 / 3000 * np.sqrt(2 / 3000))


@pytest.fixture(scope="module")
def part():
    x = torch.rand(30, 12, 12, 3, generator=stream(1))
    return {"train": inputs.Images(x[:20], torch.arange(20) % 10), "test": inputs.Images(x[20:], torch.arange(10))}


def test_scores_are_of_their_own_split_and_of_the_last_epochs(part):
    told = model.embedding(np.random.default_rng(0).standard_normal((6, 75)), np.eye(75), (2,))
    prepared = features.prepare("hard", features.View(5, 1, 4), told)
    net = training.network("hard", training.Shape(1, 6, 4, 75), training.Parts(bottleneck=3), [stream()], 16)
    plan = training.Schedule(0.1, 0.9, 8, 3, ())
    found = list(features.epochs_of(net, features.feeds(prepared, part, None), part, plan, 0, last=2))
    assert [(epoch, split) for epoch, split, _ in found] == [(2, "train"), (2, "test"), (3, "train"), (3, "test")]
    net.eval()
    scores = net(*prepared(part["test"].x))[0]
    loss = torch.nn.functional.cross_entropy(scores, part["test"].labels)
    assert found[-1][2].loss.item() == pytest.approx(loss.item(), rel=1e-5)
    assert found[-1][2].accuracy.item() == pytest.approx((scores.argmax(dim=1) == part["test"].labels).float().mean().item())


def test_networks_are_given_pixels_between_minus_one_and_one_and_test_images_as_they_are(part):
    (patches,) = features.prepare("vanilla", features.View(5, 1, 4), None)(part["test"].x)
    torch.testing.assert_close(patches, model.locations(2 * part["test"].x - 1, 5, 1, 4))
    (above,) = features.prepare("vanilla", features.View(5, 1, 4, signed=False), None)(part["test"].x)
    torch.testing.assert_close(above, model.locations(part["test"].x, 5, 1, 4))
    fed = features.feeds(lambda images: (images,), part, np.random.default_rng(0))
    torch.testing.assert_close(fed["test"](torch.arange(10))[0], part["test"].x)
    assert not torch.equal(fed["train"](torch.arange(20))[0], part["train"].x), "only training images are cropped"


def test_features_of_a_hard_network_are_shares_of_a_window():
    net = training.network("hard", training.Shape(1, 6, 4, 75), training.Parts(), [stream()], 16)
    assert net.features(torch.full((1, 4, 6), 12, dtype=torch.uint8)).unique().item() == 0.75


@pytest.fixture(scope="module")
def stack(part):
    p = smoke(
        "layers", n_centroids=4, n_nearest=[2, 2, 2], patch_sizes=[5, 3, 2], pools=[2, 1, 1], patches_per_centroid=8, bottleneck_width=5
    )
    p |= {"whitening_epsilons_hard": [0.001, 1.0], "learning_rate": 0.1, "batch_size": 10}
    return stacking.Stack(p, part, 0, "cpu")


def test_layers_stand_on_all_frozen_ones_beneath_and_pixels_alone_are_given_signs(stack, part):
    lower = [stack.layer("hard", 1, 0.001), stack.layer("hard", 2, 0.001)]
    images = part["test"].x
    for at, layer in enumerate(lower):
        told = layer.prepared(images)
        layer.net.eval()
        images = layer.net.head.narrowed(layer.net.features(*told))[0].detach().reshape(10, layer.side, layer.side, 5)
        torch.testing.assert_close(stack._outputs("hard", at + 2)["test"].x, images)
    assert stack._outputs("hard", 3)["train"].labels.tolist() == part["train"].labels.tolist()
    assert (images < 0).any(), "above the first layer images are no pixels"
    assert stack.layer("cnn_layerwise", 1, None).prepared(part["test"].x)[0].min() < 0
    above = stack._outputs("cnn_layerwise", 2)["test"].x
    torch.testing.assert_close(stack.layer("cnn_layerwise", 2, None).prepared(above)[0], model.locations(above, 3, 1, 1))


def test_full_networks_stand_on_hard_layers_where_the_run_says_so(stack, part):
    assert {row["lower_model"] for row in stack.rows("full", 2)} == {"hard"}
    alone = stacking.Stack({**stack.p, "full_on_hard": False}, part, 0, "cpu")
    assert {row["lower_model"] for row in alone.rows("full", 2)} == {"full"}


def test_a_cnn_of_any_depth_has_as_many_scores_as_classes_whatever_it_pools():
    p = {"patch_sizes": [5, 3], "pools": [2, 1], "n_centroids": 4, "stride": 1, "bottleneck_width": 3}
    for depth, side in ((1, 4), (2, 2)):
        net = stacking.cnn(p, depth, 0, (12, 12, 3))
        assert net(torch.rand(2, 12, 12, 3)).shape == (1, 2, 10)
        assert net.layers[-1].in_features == 3 * side**2


def test_depths_of_a_model_are_those_of_the_run():
    p = {"full_depths": [2, 4], "max_depth": 3}
    assert (layers._depths("full", p), layers._depths("hard", p)) == ([2, 4], [1, 2, 3])


def test_pictures_are_pixels_of_filters_by_falling_bottleneck_norm():
    net = training.network("full", training.Shape(1, 5, 4, 75), training.Parts(bottleneck=3), [stream(4)], 16)
    rows = np.random.default_rng(0).random((400, 75))
    basis = model.basis(np.cov(rows.T, bias=True))
    words = inputs.Dictionary(rows[:5] @ basis.whitening, basis)
    norms = np.linalg.norm(net.head.narrow[0][0].detach().numpy(), axis=1)
    order = np.argsort(norms)[::-1]
    found = variants._pictures(net, words, 5)
    axes = ["filter_index", "pixel_row", "pixel_column", "channel"]
    for kind, expected in (("centroid_pixel", rows[:5]), ("centroid_zca", words.centroids @ basis.vectors.T)):
        table = select(found, filter_kind=kind).sort_values(axes)
        np.testing.assert_allclose(table["value"].to_numpy().reshape(5, 75), expected[order], atol=1e-6)
        np.testing.assert_allclose(table["bottleneck_norm"].to_numpy()[::75], norms[order], rtol=1e-6)


def test_every_seed_has_a_whitening_of_its_own_images(folder):
    shelf = variants.Shelf(smoke("hard_features", n_train=10, n_test=5, patches_per_centroid=8, lloyd_iterations=1), folder, "cpu")
    variant = {"dictionary": "sampled", "whitened": True, "n_centroids": 4}
    for seed in (0, 1):
        own = model.basis(inputs.covariance(shelf.of_seed(seed)["train"].x, 5), 1e-3)
        np.testing.assert_allclose(shelf.dictionary(variant, seed).basis.scale, own.scale)


def test_summaries_of_hand_made_tables():
    table = pd.DataFrame({"seed": 0, "model": "hard", "epoch": [1, 2, 3], "split": "test", "accuracy": [0.3, 0.5, 0.4]})
    assert measures.reported(table)["accuracy"].tolist() == [0.5]
    better, worse = (pd.DataFrame({"seed": [0, 1], "accuracy": values}) for values in ([0.5, 0.9], [0.4, 0.6]))
    found = measures.gain(better, worse)
    assert (found.value, found.std_error) == pytest.approx((0.2, 0.1))
    law = pd.DataFrame({"n_centroids": [8, 16, 32, 64], "radius": [9.0, 1.0, 0.5, 0.25], "seed": 0})
    assert measures.slopes(law, "radius", ["seed"]).tolist() == pytest.approx([-1])
