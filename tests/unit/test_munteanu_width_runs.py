"""Runs of munteanu_width: known data, tables that any split leaves alone, and slices of what preset paper alone computes."""

import numpy as np
import pandas as pd
import pytest

from repro import datasets
from repro.frames import select
from repro.settings import ROOT, load_params, load_yaml, shard
from scripts.datasets.sample import unpack
from scripts.munteanu_width import theory
from scripts.munteanu_width.model import alternating_circle, finite_kernel, initialize, preactivations, tangent_kernel
from scripts.munteanu_width.runs import circle_training, frozen_width, image_pairs, squared_loss, transfer_margin
from scripts.munteanu_width.training import train_logistic, train_squared

PAPER = "munteanu_width"


@pytest.fixture(scope="module")
def mnist(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mnist")
    classes = load_yaml(ROOT / "workflow" / "datasets.yaml")["mnist"]["classes"]
    unpack("mnist", ROOT / "workflow" / "samples" / "mnist.npz", folder, classes)
    return folder


@pytest.mark.parametrize(
    ("n", "dim", "least", "largest", "n_steps"),
    [
        (16, 16, 0.203830, 1.001600, 40),
        (32, 32, 0.210660, 1.148376, 44),
        (64, 64, 0.226668, 1.243764, 44),
        (32, 8, 0.070971, 2.121846, 240),
    ],
)
def test_random_vectors_are_the_specified_ones(n, dim, least, largest, n_steps):
    x, y = squared_loss.problem_data(n, dim, 0)
    np.testing.assert_allclose(np.linalg.eigvalsh(tangent_kernel(x))[[0, -1]], [least, largest], atol=2e-6)
    assert set(y) == {-1.0, 1.0}
    rate, steps = squared_loss.schedule(tangent_kernel(x), 1.0, 8.0)
    assert rate == pytest.approx(1 / largest, rel=1e-5)
    assert steps == n_steps


def test_the_initial_kernel_of_coupled_networks_is_that_of_independent_ones_of_half_the_width():
    found = squared_loss.compute(load_params(PAPER, "squared_loss", "smoke"))["kernel_stability"]
    keys = ["init_scale", "seed", "width"]
    coupled = found.query("initialization == 'coupled'").set_index(keys)["initial_eigenvalue_ratio"]
    independent = (
        found.query("initialization == 'independent'").assign(width=2 * found["width"]).set_index(keys)["initial_eigenvalue_ratio"]
    )
    both = pd.concat({"coupled": coupled, "independent": independent}, axis=1).dropna()
    assert len(both) == 8
    np.testing.assert_allclose(both["coupled"], both["independent"], atol=1e-12)


def test_loss_curves_start_at_their_bound_and_coupled_ones_at_the_mean_square_of_the_labels():
    curve = squared_loss.compute(load_params(PAPER, "squared_loss", "smoke"))["loss_curve"].query("step == 0")
    np.testing.assert_array_equal(curve["loss"], curve["bound"])
    np.testing.assert_allclose(curve.query("initialization == 'coupled'")["loss"], 1, atol=1e-12)


def test_any_split_of_the_blocks_gives_the_same_rows():
    p = load_params(PAPER, "circle_training", "smoke")
    whole = circle_training.compute(p)["circle_training_run"]
    parts = [circle_training.compute(shard(p, "blocks", index, 2))["circle_training_run"] for index in range(2)]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole)


def test_runs_of_one_seed_hit_alike_whether_they_stop_or_not_and_another_session_has_other_seeds():
    p = load_params(PAPER, "circle_training", "smoke")
    found = circle_training.compute(p)["circle_training_run"].query("width == 32 and init_scale == 1")
    stopping, going_on = (found[found["stops_at_hit"] == stops] for stops in (True, False))
    np.testing.assert_array_equal(stopping["hit_step"], going_on["hit_step"])
    other = circle_training.compute(p | {"seed_offset": 100})["circle_training_run"]
    assert set(other["seed"]) == {100, 101, 102, 103}


def test_a_block_may_have_steps_and_seeds_of_its_own():
    p = load_params(PAPER, "circle_training", "smoke")
    block = {"n_train": [48], "width": [22], "init_scale": [10.0], "stops_at_hit": True, "n_seeds": 2, "n_steps": 7}
    found = circle_training.compute(p | {"blocks": [block]})["circle_training_run"]
    assert len(found) == 4
    assert found["n_steps"].eq(7).all()
    assert found["hit_step"].eq(np.inf).all()


def test_frozen_widths_are_those_of_the_theory_at_the_largest_circle_of_preset_paper():
    p = load_params(PAPER, "frozen_width", "paper") | {"n_train": [256], "control_n_train": [14], "n_seeds": 1}
    tables = frozen_width.compute(p)
    found = tables["frozen_width"].set_index("n_train")
    assert found.loc[256, "cover_width"] <= found.loc[256, "frozen_width"] < np.inf
    assert found.loc[14, "frozen_width"] == np.inf
    margins = tables["circle_margin"].set_index("n_train")
    assert margins.loc[256, "margin_l2"] == pytest.approx(margins.loc[256, "margin"], abs=1e-6)
    assert margins.loc[14, "existence_width"] == np.inf


def test_transfer_rows_hold_every_width_once_with_the_relative_width_that_was_asked_for():
    p = load_params(PAPER, "transfer_margin", "paper") | {"n_train": [8, 192], "direct_n_train": [8, 48], "n_draws": 50}
    unit = float(theory.sufficient_width(8, theory.circle_margin(8)))
    p["direct_width"] = [4, round(unit)]
    found = transfer_margin.compute(p)["transfer_probability"]
    assert not found.duplicated(["n_train", "width", "event"]).any()
    of_8 = found.query("n_train == 8 and event == 'positive'").set_index("width")["relative_width"]
    assert of_8[round(unit)] == 1.0
    assert of_8[4] == pytest.approx(4 / unit)
    assert len(found.query("n_train == 48")) == 4
    assert found["probability"].between(0, 1).all()


def test_images_of_a_pair_keep_their_angles_and_labels(mnist):
    x, y = image_pairs.load_pair(mnist, "four_nine", 40)
    digits = datasets.labels(mnist, "train")
    places = np.flatnonzero((digits == 4) | (digits == 9))[:40]
    pixels = datasets.unit_norm(datasets.images(mnist, "train", dtype=np.float64)[places].reshape(40, -1))
    assert x.shape == (40, 40)
    np.testing.assert_allclose(x @ x.T, pixels @ pixels.T, atol=1e-12)
    np.testing.assert_array_equal(y, np.where(digits[places] == 4, 1, -1))


def test_more_images_than_there_are_is_an_error(mnist):
    with pytest.raises(ValueError, match="n_train 401 is more than the 400 images"):
        image_pairs.load_pair(mnist, "zero_one", 401)


@pytest.mark.slow
def test_all_pairs_and_sizes_of_preset_paper_are_trained(mnist):
    p = load_params(PAPER, "image_pairs", "paper") | {"width": [4], "n_seeds": 1, "n_steps": 2, "n_permutations": 2, "margin_n_train": [64]}
    tables = image_pairs.compute(p, {"mnist": mnist})
    assert len(tables["image_training_run"]) == 2 * 2 * 2 * 2
    margins = tables["image_margin"]
    assert margins.query("labels == 'original'")["seed"].isna().all()
    assert (margins["margin_l2"] >= margins["eigenvalue_margin"]).all()


def test_rows_on_the_circle_are_those_of_the_named_start_after_the_named_steps():
    block = {"n_train": [8], "width": [8], "init_scale": [1.0, 10.0], "stops_at_hit": False}
    found = circle_training.compute(load_params(PAPER, "circle_training", "smoke") | {"blocks": [block], "n_seeds": 2, "n_steps": 30})
    for row in found["circle_training_run"].itertuples():
        start = initialize(*circle_training._draw(8, 8, row.seed), row.initialization, 8, row.init_scale)
        ending = train_logistic(*alternating_circle(8), *(part[None] for part in start), learning_rate=4.0, n_steps=30, stops_at_hit=False)
        for name, value in ending._asdict().items():
            assert getattr(row, name) == pytest.approx(value[0], rel=1e-9), name


def test_the_rate_that_was_proved_and_flips_and_kernels_are_those_of_every_run():
    p = load_params(PAPER, "squared_loss", "smoke") | {"width": [16], "n_seeds": 1}
    tables = squared_loss.compute(p)
    x, y = squared_loss.problem_data(16, 16, 0)
    values = np.linalg.eigvalsh(tangent_kernel(x))
    curves = tables["loss_curve"].set_index(["init_scale", "initialization", "step"])
    for row in tables["kernel_stability"].itertuples():
        start = initialize(*squared_loss._draw(p["problems"][0], 1024, 0), row.initialization, 16, row.init_scale)
        weights, signs = (part[None] for part in start)
        course = train_squared(x, y, weights, signs, learning_rate=1 / values[-1], n_steps=row.n_steps)
        curve = curves.loc[(row.init_scale, row.initialization)]
        np.testing.assert_allclose(curve["loss"], course.loss[:, 0], rtol=1e-7)
        # the theorem: each step takes off at least half of η λ₀
        np.testing.assert_allclose(curve["bound"], course.loss[0, 0] * (1 - values[0] / values[-1] / 2) ** curve.index.to_numpy())
        least = np.linalg.eigvalsh(finite_kernel(x, course.final_fields)[0])[0]
        assert row.final_eigenvalue_ratio == pytest.approx(least / values[0], abs=1e-6)
        least = np.linalg.eigvalsh(finite_kernel(x, preactivations(x, weights))[0])[0]
        assert row.initial_eigenvalue_ratio == pytest.approx(least / values[0], abs=1e-6)
        assert row.flip_share == ((course.initial_fields > 0) != (course.final_fields > 0)).mean()


def test_enough_directions_keep_half_the_margin_and_shares_carry_their_binomial_error():
    p = load_params(PAPER, "transfer_margin", "smoke") | {"n_train": [], "direct_n_train": [8], "direct_width": [8, 4000], "n_draws": 400}
    found = transfer_margin.compute(p)["transfer_probability"]
    assert select(found, width=4000)["probability"].tolist() == [1, 1]
    draws = np.random.default_rng(0).binomial(400, select(found, width=8, event="positive")["probability"].item(), 4000) / 400
    assert select(found, width=8, event="positive")["std_error"].item() == pytest.approx(draws.std(), rel=0.1)


def test_margins_of_permuted_labels_differ_and_the_floor_is_that_of_the_kernel(mnist):
    p = load_params(PAPER, "image_pairs", "smoke") | {"margin_n_train": [16], "n_permutations": 3}
    x, y = image_pairs.load_pair(mnist, "zero_one", 16)
    margins = image_pairs._margins(p, "zero_one", x, y)
    assert margins["margin_l2"].nunique() == 4
    values = np.linalg.eigvalsh(tangent_kernel(x))
    # for labels along the last eigenvector alone the margin would be √(λ₀ / n)
    np.testing.assert_allclose(margins["eigenvalue_margin"] ** 2 * 16, values[0])


def test_a_network_exists_at_half_as_many_units_as_points():
    margins = frozen_width.compute(load_params(PAPER, "frozen_width", "smoke"))["circle_margin"].set_index("n_train")
    assert margins["existence_width"].to_dict() == {8: 4, 10: np.inf, 16: 8}
    for n in (8, 16):
        kernel = tangent_kernel(alternating_circle(n)[0])
        assert margins.loc[n, "kernel_eigenvalue_min"] == pytest.approx(np.linalg.eigvalsh(kernel)[0], abs=1e-12)
