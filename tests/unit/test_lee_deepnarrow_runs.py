"""Runs of lee_deepnarrow: what they read, that networks trained together are those trained alone, and the code of preset paper."""

import numpy as np
import pandas as pd
import pytest
import torch

from repro.frames import select
from repro.settings import ROOT, load_params, load_yaml
from scripts.datasets.sample import unpack
from scripts.lee_deepnarrow import inputs
from scripts.lee_deepnarrow.runs import circle_training, cnn_kernel, cnn_training, initial_kernel, mlp_training, step_size_sweep

PAPER = "lee_deepnarrow"


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    place = tmp_path_factory.mktemp("mnist")
    unpack("mnist", ROOT / "workflow" / "samples" / "mnist.npz", place, load_yaml(ROOT / "workflow" / "datasets.yaml")["mnist"]["classes"])
    return {"mnist": place}


def smoke(run, **changes):
    return load_params(PAPER, run, "smoke") | changes


def test_two_classes_are_the_first_images_of_the_digits_0_and_1(datasets):
    found = inputs.mnist(datasets["mnist"], "train", 30, pooling=4, n_classes=2)
    labels = np.load(datasets["mnist"] / "train_labels.npy")
    places = np.flatnonzero(labels < 2)[:30]
    np.testing.assert_array_equal(found.labels, labels[places])
    np.testing.assert_array_equal(found.targets[:, 0], labels[places])
    pixels = np.load(datasets["mnist"] / "train_images.npy")[places, 0] / 255
    np.testing.assert_allclose(found.images[:, 0, 1], pixels[:, :4, 4:8].mean(axis=(1, 2)))
    with pytest.raises(ValueError, match="n_classes 3 is not one of 2, 10"):
        inputs.mnist(datasets["mnist"], "train", 30, pooling=4, n_classes=3)


def test_the_best_constant_is_the_mean_and_the_most_frequent_class():
    labels = np.array([0, 1, 1, 2])
    targets = np.eye(3)[labels]
    for shift in (0.01, -0.01):
        assert np.mean((targets - targets.mean(axis=0) - shift) ** 2) > inputs.constant_loss(targets, targets)
    assert inputs.constant_accuracy(np.array([1, 0]), labels) == 0.5


def test_a_seed_on_the_circle_does_not_depend_on_what_trains_beside_it():
    settings = [{"depth": 8, "scale": 5.0}, {"depth": 12, "scale": 5.0}, {"depth": 8, "scale": 50.0}]
    whole = circle_training.compute(smoke("circle_training", settings=settings, n_steps=10))
    alone = circle_training.compute(smoke("circle_training", settings=settings[2:], n_steps=10, n_seeds=1))
    pairs = ((select(each["scaled_ntk"], depth=8, scale=50.0, seed=0)["kernel"].to_numpy()) for each in (whole, alone))
    np.testing.assert_allclose(*pairs, rtol=1e-12)
    assert len(select(whole["circle_loss"], method="simulation")) == 3 * 2 * 3
    drift = whole["kernel_drift"].groupby("scale")["drift"].mean()
    assert drift[50.0] < drift[5.0]


def test_theory_on_the_circle_has_no_network_of_its_own():
    table = circle_training.compute(smoke("circle_training"))["scaled_ntk"]
    assert select(table, method="theory")[["depth", "scale", "seed", "step"]].isna().all(axis=None)


def test_errors_at_the_start_fall_with_depth_and_draws_have_their_spread():
    found = initial_kernel.compute(smoke("initial_kernel", error_settings=[{"depth": 20, "n_seeds": 50}, {"depth": 2000, "n_seeds": 50}]))
    mean = found["initial_kernel_error"].groupby("depth")["error"].mean()
    assert 10 / 1.6 < mean[20] / mean[2000] < 10 * 1.6  # 50 draws that scatter by 64 %: 9 % a mean, five of these
    spread = found["kernel_fluctuation"].pivot_table(index="depth", columns="method", values="scaled_std")
    assert np.allclose(spread["simulation"], spread["theory"], rtol=0.3)


def test_pairs_of_images_are_unordered_and_have_mean_and_limit():
    found = cnn_kernel.compute(smoke("cnn_kernel"))
    assert len(found["cnn_kernel_mean"]) == 10
    assert len(found["cnn_kernel_draws"]) == 10 * 10
    assert (found["cnn_kernel_draws"]["image"] <= found["cnn_kernel_draws"]["other_image"]).all()


def test_networks_follow_kernel_descent_on_mnist_and_controls_share_their_start(datasets):
    found = mlp_training.compute(smoke("mlp_training", he_learning_rates=[1e-4, 1e6]), datasets)
    curves, final = found["mlp_curves"], found["mlp_final"]
    narrow, exact = (select(curves, model=model)["loss"].to_numpy() for model in ("deep_narrow", "limit_kernel"))
    np.testing.assert_allclose(narrow, exact, rtol=0.02)
    start = select(curves, model="he_uniform", step=0)["loss"]
    assert len(set(start)) == 1
    wild = select(final, model="he_uniform", learning_rate=1e6)
    assert np.isinf(wild["loss"]).all()
    classes = inputs.mnist(datasets["mnist"], "test", 500, pooling=4).labels
    assert select(wild, split="test")["accuracy"].iloc[0] == np.mean(classes == 0)
    assert select(final, model="he_uniform")["deviation"].isna().all()
    assert select(final, model="deep_narrow")["deviation"].between(0, 0.01).all()


def test_an_mlp_of_preset_paper_sees_whole_images_and_needs_no_kernel(datasets):
    changes = {"pooling": 1, "kernel_gd": False, "n_seeds": 2, "batch_size": 16, "scaled_learning_rate": 0.64}
    changes |= {"networks": [{"depth": 3, "scale": 4.0, "n_steps": 2}], "control_depth": 2, "control_n_steps": 3}
    found = mlp_training.compute(smoke("mlp_training", **changes), datasets)
    assert set(found["mlp_curves"]["model"]) == {"deep_narrow", "he_uniform", "framework_default"}
    assert len(select(found["mlp_final"], model="deep_narrow")) == 2 * 2
    assert found["mlp_final"]["deviation"].isna().all()


@pytest.mark.slow
def test_convolutional_networks_of_preset_paper_take_ten_classes_and_float64(datasets):
    both = [
        {"n_classes": 2, "depth": 3, "scale": 12.0, "scaled_learning_rate": 0.01, "n_steps": 4, "precision": "float64"},
        {"n_classes": 10, "depth": 4, "scale": 4.0, "scaled_learning_rate": 0.1, "n_steps": 4, "precision": "float32"},
    ]
    params = smoke("cnn_training", networks=both, eval_every=2, n_seeds=2, batch_size=32)
    whole = cnn_training.compute(params, datasets)
    parts = [cnn_training.compute(params | {"networks": [net]}, datasets) for net in both]
    for name, table in whole.items():
        pd.testing.assert_frame_equal(table, pd.concat([part[name] for part in parts], ignore_index=True))
    evaluation = whole["cnn_evaluation"]
    assert sorted(select(evaluation, n_classes=10, model="deep_narrow")["step"].unique()) == [0, 2, 4]
    assert select(evaluation, n_classes=10)["rounded_accuracy"].isna().all()
    start = select(evaluation, model="deep_narrow", n_classes=2, step=0, split="train")
    ones = np.mean(inputs.mnist(datasets["mnist"], "train", 2000, pooling=4, n_classes=2).labels)
    np.testing.assert_allclose(start["loss"], ones)  # the output is 0 at the start


def test_a_convolutional_network_that_diverges_has_an_infinite_loss(datasets):
    wild = [{"n_classes": 2, "depth": 3, "scale": 4.0, "scaled_learning_rate": 1e9, "n_steps": 10, "precision": "float32"}]
    found = cnn_training.compute(smoke("cnn_training", networks=wild), datasets)
    assert np.isinf(found["cnn_curves"]["loss"].iloc[-1])
    assert np.isinf(select(found["cnn_evaluation"], step=10)["loss"]).all()


@pytest.mark.slow
def test_steps_beyond_the_stable_one_break_kernel_descent_only(datasets):
    table = step_size_sweep.compute(smoke("step_size_sweep", scaled_learning_rates=[0.5, 2.46], n_steps=20), datasets)["stability"]
    final = table.pivot_table(index="scaled_learning_rate", columns="model", values="final_loss")
    assert final["deep_narrow"][0.5] == pytest.approx(final["limit_kernel"][0.5], rel=0.05)
    assert final["limit_kernel"][2.46] > 100 * final["deep_narrow"][2.46]
    assert (table["peak_loss"] > 0).all()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_trains_the_same_networks(datasets):
    for run, table, column in ((mlp_training, "mlp_curves", "loss"), (cnn_training, "cnn_curves", "loss")):
        params = load_params(PAPER, run.RUN, "smoke")
        on_cpu, on_gpu = (run.compute(params, datasets, device=device)[table][column] for device in ("cpu", "cuda"))
        np.testing.assert_allclose(on_gpu, on_cpu, rtol=1e-2)
