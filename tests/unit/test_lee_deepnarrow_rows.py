"""Rows of lee_deepnarrow's runs against hand-made networks, and against what their own equations give."""

from itertools import islice

import numpy as np
import pandas as pd
import pytest

from repro.settings import ROOT, load_params, load_yaml
from scripts.datasets.sample import unpack
from scripts.lee_deepnarrow import inputs, measures
from scripts.lee_deepnarrow.model import circle_angles, draw, on_circle, target
from scripts.lee_deepnarrow.runs import circle_training, cnn_kernel, cnn_training, initial_kernel, mlp_training, step_size_sweep
from scripts.lee_deepnarrow.simulation import cnn_kernels, mlp_kernel_row
from scripts.lee_deepnarrow.theory import N_TAPS, Stds, limit_kernel

PAPER = "lee_deepnarrow"


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    place = tmp_path_factory.mktemp("mnist")
    unpack("mnist", ROOT / "workflow" / "samples" / "mnist.npz", place, load_yaml(ROOT / "workflow" / "datasets.yaml")["mnist"]["classes"])
    return {"mnist": place}


def smoke(run, **changes):
    return load_params(PAPER, run, "smoke") | changes


def examples(labels):
    labels = np.array(labels)
    return inputs.Examples(np.zeros((len(labels), 2, 2)), labels, np.eye(3)[labels])


def test_the_best_constant_is_that_of_the_training_labels_on_either_split():
    train, test = examples([0, 0, 1]), examples([2, 2, 0])
    assert inputs.constant_loss(test.targets, train.targets) == pytest.approx(np.mean([4 / 9, 1 / 9, 1, 4 / 9, 1 / 9, 1, 1 / 9, 1 / 9, 0]))
    assert inputs.constant_accuracy(test.labels, train.labels) == pytest.approx(1 / 3)
    rows = mlp_training._constant(train, test, [0]).set_index("split")
    assert rows["loss"]["test"] == inputs.constant_loss(test.targets, train.targets)
    assert rows["loss"]["train"] == inputs.constant_loss(train.targets, train.targets)


def test_ends_tell_both_splits_apart_and_the_root_of_the_mean_squared_distance():
    train, test = examples([0, 1, 2, 2]), examples([1, 0])
    right = np.concatenate([train.targets, test.targets])
    for end in mlp_training._ends(right, train, test, right + np.array([3.0, 4.0, 0.0])):
        assert (end["loss"], end["accuracy"]) == (0, 1)
        assert end["deviation"] == pytest.approx(5 / np.sqrt(3))


def test_drift_and_deviations_on_the_circle_are_those_of_their_definitions():
    angles = circle_angles(3)
    y = target(on_circle(angles))
    kernels = np.array([[2.0, -4.0, 1.0], [2.0, -3.0, 1.5]])[:, None, None]
    exact = circle_training.Descent(np.array([0.5, 0.2, 0.1]), y + 0.3)
    found = circle_training.Trained([5.0], kernels, np.zeros((1, 1, 1)), (y + np.array([0.3, 0.3, 0.6]))[None, None])
    row = circle_training._ends(found, exact, angles, {"scale": [5.0], "seed": [0]}).iloc[0]
    assert row["drift"] == pytest.approx(1 / 4), "largest change over largest entry"
    assert row["final_loss"] == pytest.approx((2 * 0.09 + 0.36) / 3)
    assert row["kernel_gd_loss"] == 0.1
    assert row["deviation"] == pytest.approx(0.3 / np.sqrt(3))


def test_errors_at_the_start_are_largest_distances_from_the_limit_and_the_spread_follows_the_constants():
    changes = {"fluctuation_n_seeds": 5000, "fluctuation_depths": [100], "error_settings": [{"depth": 12, "n_seeds": 1}]}
    p = smoke("initial_kernel", weight_std=1.5, bias_std=0.4, **changes)
    found = initial_kernel.compute(p)
    stds, points = Stds(1.5, 0.4), on_circle([np.pi / 4, *circle_angles(200)])
    draws = draw(initial_kernel.generator(PAPER, "initial_kernel", "error", 12, seed=0), 12, 2, weight_std=1.5, bias_std=0.4)
    gap = np.abs(mlp_kernel_row(draws, points, scale=20.0)[1:] - limit_kernel(points[:1], points[1:], stds=stds)[0])
    assert found["initial_kernel_error"]["error"].item() == pytest.approx(gap.max())
    spread = found["kernel_fluctuation"].pivot_table(index="depth", columns="method", values="scaled_std")
    # a sum of a hundred is nearly normal, and of n draws its spread is known to √(1/2n); its first layer is left out at leading order
    np.testing.assert_allclose(spread["simulation"], spread["theory"], rtol=5 / np.sqrt(10_000) + 0.01)


@pytest.mark.slow
def test_peaks_and_relative_steps_of_the_sweep_are_in_units_of_the_edge_of_stability(datasets):
    p = smoke("step_size_sweep", n_train=200, batch_size=50, scaled_learning_rates=[0.05], n_steps=6)
    found = step_size_sweep.compute(p, datasets)["stability"].set_index("model")
    x = inputs.mnist(datasets["mnist"], "train", 200, pooling=4).flat
    largest = np.linalg.eigvalsh(limit_kernel(x, x, n_outputs=10))[-1]
    assert found["relative_learning_rate"].to_numpy() == pytest.approx(0.05 * largest / (10 * 200))
    assert found["peak_loss"].to_numpy() == pytest.approx(0.1, rel=1e-5), "the first batch: one of ten targets is 1, all outputs are 0"
    assert (found["final_loss"] < 0.095).all()


def test_a_first_step_of_the_convolutional_network_is_that_of_its_kernel_at_the_scaled_rate(datasets):
    net = {"n_classes": 2, "depth": 4, "scale": 50.0, "scaled_learning_rate": 0.02, "n_steps": 2, "precision": "float64"}
    p = smoke("cnn_training", networks=[net], n_train=60, n_test=10, batch_size=20)
    losses = cnn_training.compute(p, datasets)["cnn_curves"]["loss"]
    train = inputs.mnist(datasets["mnist"], "train", 60, pooling=4, n_classes=2)
    draws = draw(cnn_training.generator(PAPER, "cnn_training", "network", 2, 4, seed=0), 4, N_TAPS)
    (kernel,) = cnn_kernels(draws, train.images, [50.0])
    first, second = islice(inputs.batches("cnn_training", 60, 20, 0), 2)
    y = train.targets[:, 0]
    after = 2 * 0.02 / 20 * kernel[:, first] @ y[first]
    assert losses[0] == pytest.approx(np.mean(y[first] ** 2))
    assert losses[1] == pytest.approx(np.mean((after - y)[second] ** 2), rel=1e-2)


def test_outputs_of_two_classes_are_judged_at_one_half_and_rounded_ones_at_the_whole_numbers(monkeypatch):
    said = np.array([-0.7, 0.2, 0.3, 0.6, 1.2, 1.8])
    labels = np.array([0, 0, 0, 1, 1, 1])
    monkeypatch.setattr(cnn_training.convolution, "outputs", lambda *_: cnn_training.torch.from_numpy(said)[None, None])
    each = inputs.Examples(np.zeros((6, 2, 2)), labels, labels[:, None].astype(float))
    row = cnn_training._evaluated([], [None, None], [each, each], [0], 3)[0]
    assert (row["accuracy"], row["rounded_accuracy"]) == pytest.approx((1, 4 / 6))
    assert row["loss"] == pytest.approx(np.mean((said - labels) ** 2))


def test_means_of_the_convolutional_kernel_are_those_of_as_many_outputs_as_its_draws():
    p = smoke("cnn_kernel", n_outputs=3, n_seeds=200, image_size=4, n_images=2, settings=[{"depth": 6, "scale": 2.0}])
    tables = cnn_kernel.compute(p)
    found = measures.entries(tables["cnn_kernel_draws"], tables["cnn_kernel_mean"])
    assert found["z"].abs().max() < 5
    assert (found["expected"] > found["limit"]).all(), "copies and constants of finite scale are left"


def test_summaries_of_hand_made_tables():
    drift = pd.DataFrame({"depth": 100, "scale": [5.0, 20.0, 100.0, 400.0], "seed": 0, "drift": [8.0, 4.0, 1.0, 0.5]})
    assert measures.drift_ratios(drift) == [2, 4, 2]
    pairs = {"depth": 9, "scale": 2.0, "image": [0, 0, 1], "other_image": [0, 1, 1]}
    draws = pd.concat([pd.DataFrame({**pairs, "kernel": [5.0, 2.0 + seed, 4.0], "seed": seed}) for seed in (0, 1)])
    means = pd.DataFrame({**pairs, "expected": [5.0, 2.0, 4.0], "limit": [1.0, 1.0, 1.0]})
    row = measures.contrasts(draws, means).iloc[0]
    assert (row["mean"], row["expected"], row["std_error"], row["z"]) == pytest.approx((4, 5, 1, -1))
    final = pd.DataFrame({"model": ["constant"] * 2 + ["he_uniform"] * 2, "split": ["train", "test"] * 2, "learning_rate": 0.1, "seed": 0})
    ratios = measures.standard_ratios(final.assign(loss=[0.5, 0.25, 0.1, 0.2], accuracy=0.3))
    assert ratios["ratio"].tolist() == pytest.approx([0.2])
