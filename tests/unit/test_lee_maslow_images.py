"""Mixed image pairs of lee_maslow, their whitening, and the networks that learn them."""

import numpy as np
import pytest

from repro.frames import select
from repro.settings import ROOT, load_params, load_yaml
from scripts.datasets.sample import unpack
from scripts.lee_maslow.inputs import components, mix, pairs, resize, whitening
from scripts.lee_maslow.runs import mixed_images
from scripts.lee_maslow.training import Networks, Rule, initial_networks, outputs, scores, train


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("fashion_mnist")
    classes = load_yaml(ROOT / "workflow" / "datasets.yaml")["fashion_mnist"]["classes"]
    unpack("fashion_mnist", ROOT / "workflow" / "samples" / "fashion_mnist.npz", place, classes)
    return place


def test_pairs_are_images_of_the_named_classes_in_file_order(folder):
    images, labels = pairs(folder, "train", 20, 28)
    pixels, classes = np.load(folder / "train_images.npy"), np.load(folder / "train_labels.npy")
    assert images.shape == (2, 40, 784)
    np.testing.assert_array_equal(labels, [0] * 20 + [1] * 20)
    for task, (zero, one) in enumerate(((0, 5), (2, 7))):
        for half, label in enumerate((zero, one)):
            expected = pixels[classes == label][:20].reshape(20, -1) / 255
            np.testing.assert_allclose(images[task, 20 * half : 20 * (half + 1)], expected, atol=1e-6)


def test_mixtures_run_from_the_other_task_to_the_first():
    images = np.random.default_rng(0).random((2, 3, 4))
    np.testing.assert_array_equal(mix(images, 1.0), images[0])
    np.testing.assert_array_equal(mix(images, 0.0), images[1])
    np.testing.assert_allclose(mix(images, 0.25), (images[0] + 3 * images[1]) / 4)


def test_resizing_keeps_planes_between_the_outer_centres_and_means_over_blocks():
    rows, columns = np.indices((28, 28)) + 0.5
    plane = (0.01 * rows + 0.02 * columns)[None].astype(np.float32)
    rows, columns = (np.indices((32, 32)) + 0.5) * 28 / 32
    expected = 0.01 * np.clip(rows, 0.5, 27.5) + 0.02 * np.clip(columns, 0.5, 27.5)
    np.testing.assert_allclose(resize(plane, 32)[0], expected, atol=1e-5)
    np.testing.assert_allclose(resize(plane, 14)[0, 0, 0], plane[0, :2, :2].mean(), atol=1e-6)


@pytest.mark.parametrize("kind", ["own_basis", "own_basis_raw_sign", "zca"])
def test_whitened_images_have_the_covariance_of_noise(kind):
    rng = np.random.default_rng(1)
    images = (rng.standard_normal((400, 6)) @ rng.standard_normal((6, 6)) + 3).astype(np.float32)
    white = images @ whitening(images, kind, 1e-9)
    np.testing.assert_allclose(np.cov(white.T), np.eye(6), atol=2e-3)
    assert np.abs(white.mean(axis=0)).max() > 0.1, "images are not centred"


def test_zca_is_symmetric_and_aligned_signs_follow_the_first_task():
    rng = np.random.default_rng(2)
    first = (rng.standard_normal((300, 5)) * [5, 4, 3, 2, 1]).astype(np.float32)
    near = first + 0.05 * rng.standard_normal((300, 5)).astype(np.float32)
    zca = whitening(first, "zca")
    np.testing.assert_allclose(zca, zca.T, atol=1e-6)
    aligned, own = whitening(near, "own_basis", signs_of=components(first)[1]), whitening(first, "own_basis")
    assert (np.sum(aligned * own, axis=0) > 0).all()
    flipped = whitening(near, "own_basis", signs_of=components(-first)[1])
    np.testing.assert_array_equal(aligned, flipped)


def test_pixels_that_do_not_vary_are_bounded_by_the_floor():
    images = np.random.default_rng(3).standard_normal((50, 4)).astype(np.float32)
    images[:, 2] = 0
    assert np.abs(whitening(images, "own_basis", 1e-4)).max() <= 100.001


def networks(biased=True, dim=5, n_seeds=2):
    streams = [np.random.default_rng([9, seed]) for seed in range(n_seeds)]
    return initial_networks(streams, dim=dim, width=3, biased=biased)


@pytest.mark.parametrize(("activation", "biased"), [("sigmoid", True), ("relu", False)])
@pytest.mark.parametrize("task", [0, 1])
def test_a_step_goes_down_the_gradient_of_the_mean_squared_difference(activation, biased, task):
    rng, small, rate = np.random.default_rng(4), 1e-5, 0.05
    nets = Networks(*(part.astype(np.float64) for part in networks(biased).copy(2)))
    inputs, labels = rng.standard_normal((2, 6, 5)), (np.arange(6) % 2).astype(float)
    before = nets.copy()
    train(nets, inputs, labels, np.arange(6), task=task, rule=Rule(activation, biased, rate, 6))
    for name in Networks._fields if biased else ("weights", "heads"):
        start, end = getattr(before, name), getattr(nets, name)
        for at in rng.permutation(list(np.ndindex(start.shape)))[:6]:
            moved = []
            for sign in (1, -1):
                shifted = before.copy()
                getattr(shifted, name)[tuple(at)] += sign * small
                moved.append(scores(shifted, inputs, labels, task, activation)[0].sum())
            gradient = (moved[0] - moved[1]) / (2 * small)
            assert end[tuple(at)] - start[tuple(at)] == pytest.approx(-rate * gradient, abs=1e-7), (name, at)
    if not biased:
        assert not nets.biases.any()
        assert not nets.offsets.any()


def test_networks_are_trained_together_as_they_are_alone():
    rng = np.random.default_rng(5)
    inputs, labels = rng.standard_normal((3, 20, 5)).astype(np.float32), (np.arange(20) % 2).astype(np.float32)
    rule, order = Rule("sigmoid", True, 0.1, 4), rng.permutation(20)
    together = networks().copy(3)
    train(together, inputs, labels, order, task=0, rule=rule)
    alone = networks(n_seeds=1)
    train(alone, inputs[1:2], labels, order, task=0, rule=rule)
    np.testing.assert_allclose(outputs(together, inputs, 0, "sigmoid")[1, 0], outputs(alone, inputs[1:2], 0, "sigmoid")[0, 0], atol=1e-5)


def test_chosen_seeds_are_taken_over_and_others_kept():
    mine, theirs = networks(), networks(n_seeds=4)
    theirs = Networks(*(part.take([2, 3], axis=axis) for part, axis in zip(theirs, (1, 1, 2, 2), strict=True)))
    kept = mine.copy()
    mine.take_over(theirs, np.array([True, False]))
    for part, old, new, axis in zip(mine, kept, theirs, (1, 1, 2, 2), strict=True):
        np.testing.assert_array_equal(part.take(0, axis=axis), new.take(0, axis=axis))
        np.testing.assert_array_equal(part.take(1, axis=axis), old.take(1, axis=axis))


@pytest.fixture(scope="module")
def tables(folder):
    kept = {"variants": ["pca_own", "pca_own_rawsign"], "learning_rates": [0.02, 0.02], "n_seeds": [2, 2], "n_per_class": 50, "n_epochs": 2}
    params = load_params("lee_maslow", "mixed_images", "smoke") | kept
    return {early: mixed_images.compute(params | {"early_stopping": early}, {"fashion_mnist": folder}) for early in (False, True)}


def test_forgetting_is_the_change_of_loss_from_the_switch_to_the_end(tables):
    curves = select(tables[False]["mixing_curves"], task=1)
    end, switch = (select(curves, epoch=epoch).set_index(["variant", "mixing", "seed"])["loss"] for epoch in (4, 2))
    forgetting = tables[False]["mixing_forgetting"].set_index(["variant", "mixing", "seed"])["forgetting"]
    np.testing.assert_allclose((end - switch)[forgetting.index], forgetting, atol=1e-12)


def test_early_stopping_begins_task_2_from_the_lowest_loss_of_task_1(tables):
    curves = select(tables[True]["mixing_curves"], task=1)
    lowest = curves[(curves["task_trained"] == 1) & (curves["epoch"] > 0)].groupby(["variant", "mixing", "seed"])["loss"].min()
    end = select(curves, epoch=4).set_index(["variant", "mixing", "seed"])["loss"]
    forgetting = tables[True]["mixing_forgetting"].set_index(["variant", "mixing", "seed"])["forgetting"]
    np.testing.assert_allclose((end - lowest)[forgetting.index], forgetting, atol=1e-12)


def test_task_1_is_the_same_for_all_mixings_and_both_sign_rules(tables):
    first = select(tables[False]["mixing_curves"], task=1, task_trained=1)
    assert (first.groupby(["variant", "seed", "epoch"])["loss"].nunique() == 1).all()
    aligned, raw = (select(first, variant=name)["loss"].to_numpy() for name in ("pca_own", "pca_own_rawsign"))
    np.testing.assert_array_equal(aligned, raw)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mix(np.zeros((2, 1, 1)), 1.5), "mixing must be from 0 to 1"),
        (lambda: whitening(np.ones((3, 2), np.float32), "pca"), "kind 'pca' is not one of"),
        (lambda: whitening(np.ones((3, 2), np.float32), "zca", 0), "floor must be positive"),
        (lambda: resize(np.zeros((1, 4, 4), np.float32), 0), "size must be 1 or more"),
        (lambda: Rule("tanh").checked(), "activation 'tanh' is not one of"),
        (lambda: Rule(learning_rate=0).checked(), "learning_rate must be positive"),
        (lambda: Rule(batch_size=0).checked(), "batch_size must be 1 or more"),
        (lambda: train(networks(), np.zeros((1, 1, 5)), np.zeros(1), np.arange(1), task=2, rule=Rule()), "task 2 is not one of"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_more_images_than_a_class_has_are_refused(folder):
    with pytest.raises(ValueError, match="n_per_class must be at most"):
        pairs(folder, "test", 10_000, 14)
