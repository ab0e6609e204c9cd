"""Paired images and their encoders of huang_modality, on the embedded samples, against automatic derivatives and another solver."""

import numpy as np
import pytest
import torch

from repro.settings import ROOT, load_params, load_yaml
from scripts.datasets.sample import unpack
from scripts.huang_modality import images
from scripts.huang_modality.images import Encoders, Pairs, hidden_units, initial_encoders, pairs, probe, source, train_batch, with_constant
from scripts.huang_modality.runs import paired_images


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    registry = load_yaml(ROOT / "workflow" / "datasets.yaml")
    found = {name: tmp_path_factory.mktemp(name) for name in images.DATASETS}
    for name, place in found.items():
        unpack(name, ROOT / "workflow" / "samples" / f"{name}.npz", place, registry[name]["classes"])
    return found


def test_pairs_are_unit_images_of_both_datasets_with_the_label_of_the_pair(folders):
    found = pairs(source(folders, "train"), 30, [np.random.default_rng(seed) for seed in (0, 1)])
    assert found.images.shape == (2, 2, 30, 784)
    np.testing.assert_allclose(np.linalg.norm(found.images, axis=-1), 1, rtol=1e-5)
    for r, name in enumerate(images.DATASETS):
        pixels = np.load(folders[name] / "train_images.npy").reshape(-1, 784).astype(float)
        pixels /= np.linalg.norm(pixels, axis=1, keepdims=True)
        nearest = (found.images[1, r] @ pixels.T).argmax(axis=1)
        np.testing.assert_array_equal(np.load(folders[name] / "train_labels.npy")[nearest], found.labels[1])
    assert (found.labels[0] != found.labels[1]).any()


def small(n_lanes=3, dim=6, width=4, n=10):
    rng = np.random.default_rng(3)
    encoders = initial_encoders([np.random.default_rng([3, lane]) for lane in range(n_lanes)], dim=dim, width=width, init_std=0.5)
    batch = Pairs(rng.standard_normal((n_lanes, 2, n, dim)).astype(np.float32), rng.integers(10, size=(n_lanes, n)))
    return encoders, batch


def test_a_step_goes_down_the_gradient_of_each_lane_s_own_loss():
    encoders, batch = small()
    hidden, heads = (torch.tensor(part, dtype=torch.float64, requires_grad=True) for part in encoders)
    scores = torch.relu(torch.tensor(batch.images, dtype=torch.float64) @ hidden) @ heads
    labels, judge = torch.tensor(batch.labels), torch.nn.functional.cross_entropy
    loss = judge(scores[0].sum(0), labels[0]) + sum(judge(scores[lane, r], labels[lane]) for lane in (1, 2) for r in (0, 1))
    loss.backward()
    before = [part.copy() for part in encoders]
    train_batch(encoders, batch, 1, learning_rate=0.25)
    for old, new, tensor in zip(before, encoders, (hidden, heads), strict=True):
        np.testing.assert_allclose((old - new) / 0.25, tensor.grad.numpy(), atol=1e-6)


def test_the_probe_is_the_ridge_solution_with_labels_less_their_mean():
    rng = np.random.default_rng(4)
    hidden, labels, ridge = rng.random((50, 7)).astype(np.float32), rng.integers(10, size=50), 0.3
    found = probe(hidden, labels, ridge)
    penalty = np.sqrt(ridge * 50 * (hidden.astype(float) ** 2).mean())
    stacked = np.vstack([with_constant(hidden), penalty * np.eye(8)])
    targets = np.vstack([np.eye(10)[labels] - 0.1, np.zeros((8, 10))])
    np.testing.assert_allclose(found, np.linalg.lstsq(stacked, targets, rcond=None)[0], atol=1e-10)


@pytest.fixture(scope="module")
def params():
    return load_params("huang_modality", "paired_images", "smoke")


def test_both_trainings_begin_alike_and_each_predictor_has_its_rows(folders, params):
    untrained = paired_images.compute(params | {"n_epochs": 0}, folders)["encoder_errors"]
    both = untrained.pivot_table(index=["seed", "dataset", "predictor", "split"], columns="training", values="error")
    np.testing.assert_array_equal(both["joint"], both["uni"])
    assert len(both) == 2 * (2 + 2 + 1)


def test_several_sizes_are_trained_one_by_one_as_preset_paper_does(folders, params):
    wanted = {"train_sizes": [50, 200], "n_seeds": paired_images._SEEDS_AT_ONCE + 1, "n_epochs": 1, "n_test": 60, "width": 16}
    found = paired_images.compute(params | wanted, folders)["encoder_errors"]
    assert sorted(found["n_train"].unique()) == [50, 200]
    assert found.groupby("n_train")["seed"].nunique().tolist() == [paired_images._SEEDS_AT_ONCE + 1] * 2
    last = {**wanted, "train_sizes": [200], "n_seeds": 1}
    alone = paired_images.compute(params | last | {"seed_offset": paired_images._SEEDS_AT_ONCE}, folders)["encoder_errors"]
    keys = ["training", "dataset", "predictor", "split"]
    same = found.query(f"n_train == 200 and seed == {paired_images._SEEDS_AT_ONCE}").set_index(keys)["error"]
    np.testing.assert_allclose(same, alone.set_index(keys)["error"][same.index], atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pairs(None, 0, []), "n_pairs must be 1 or more"),
        (lambda: initial_encoders([np.random.default_rng(0)], dim=0), "dim must be 1 or more"),
        (lambda: initial_encoders([np.random.default_rng(0)], dim=4, init_std=0), "init_std must be positive"),
        (lambda: train_batch(*small(), 4), "n_joint must be from 0 to 3"),
        (lambda: train_batch(*small(), 1, 0), "learning_rate must be positive"),
        (lambda: probe(np.ones((3, 2), np.float32), np.zeros(3, int), 0), "ridge must be positive"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_hidden_units_are_rectified_products():
    encoders, batch = small()
    products = np.einsum("lrnd,lrdh->lrnh", batch.images, Encoders(*encoders).hidden)
    np.testing.assert_allclose(hidden_units(encoders, batch.images), np.maximum(products, 0), atol=1e-6)
