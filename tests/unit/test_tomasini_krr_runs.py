"""Runs of tomasini_krr keep their contracts, whatever their split and their seeds."""

import inspect
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from repro import tables
from repro.frames import select
from repro.settings import ROOT, load_paper, load_params, load_yaml, shard, table_contract
from scripts.datasets.sample import unpack
from scripts.tomasini_krr import model, summaries, theory
from scripts.tomasini_krr.inputs import image_pool
from scripts.tomasini_krr.runs import crossover, high_dimension, image_pools, predictors, ridgeless_learning, toy_pools

PAPER = "tomasini_krr"
RUNS = load_paper(PAPER)["runs"]
DATASETS = ("mnist", "fashion_mnist", "cifar10")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    registry = load_yaml(ROOT / "workflow" / "datasets.yaml")
    found = {name: tmp_path_factory.mktemp(name) for name in DATASETS}
    for name, folder in found.items():
        unpack(name, ROOT / "workflow" / "samples" / f"{name}.npz", folder, registry[name]["classes"])
    return found


def compute(run, p, folders):
    function = import_module(f"scripts.{PAPER}.runs.{run}").compute
    return function(p, folders) if "datasets" in inspect.signature(function).parameters else function(p)


def smoke(run, **changed):
    return load_params(PAPER, run, "smoke") | changed


@pytest.mark.parametrize("run", RUNS)
def test_tables_of_smoke_keep_their_contract_and_repeat_themselves(run, folders, tmp_path):
    first, second = (compute(run, smoke(run), folders) for _ in range(2))
    for name, frame in first.items():
        tables.write(frame, tmp_path / f"{name}.parquet", table_contract(PAPER, name)["columns"], {})
        pd.testing.assert_frame_equal(frame, second[name])


@pytest.mark.parametrize("run", [run for run, entry in RUNS.items() if "shards" in entry])
def test_shards_joined_in_order_are_the_table_of_one_job(run, folders):
    p = smoke(run)
    axis = RUNS[run]["shards"]
    n_shards = len(p[axis])
    parts = [compute(run, shard(p, axis, index, n_shards), folders) for index in range(n_shards)]
    for name, whole in compute(run, p, folders).items():
        filled = [part[name] for part in parts if len(part[name])]
        pd.testing.assert_frame_equal(pd.concat(filled, ignore_index=True), whole)


@pytest.mark.parametrize("run", [run for run in RUNS if run != "kernel_spectrum"])
def test_a_shifted_session_draws_anew(run, folders):
    here, there = (compute(run, smoke(run, seed_offset=offset), folders) for offset in (0, 100))
    frame, shifted = (next(table for table in found.values() if "seed" in table).dropna(subset="seed") for found in (here, there))
    np.testing.assert_array_equal(frame["seed"] + 100, shifted["seed"])
    assert not np.isclose(frame["error"], shifted["error"]).any()


def test_one_draw_serves_all_ridges_on_a_line():
    p = smoke("crossover", depletion_exponents=[1], n_seeds=2)
    few = crossover.compute(p | {"n_scaled_ridges": 2})["crossover_errors"]
    many = crossover.compute(p)["crossover_errors"]
    for u in (1e-4, 100.0):
        pd.testing.assert_series_equal(*(select(found, scaled_ridge=u)["error"].reset_index(drop=True) for found in (few, many)))


def test_ridgeless_errors_of_a_tiny_ridge_are_those_without():
    p = smoke("crossover", depletion_exponents=[3], n_seeds=1, scaled_ridge_range=[1e-12, 1.0], n_scaled_ridges=2)
    x, fits = predictors.trained(smoke("predictors"), 3.0, np.array([0.0, 1e-13]), 0)
    np.testing.assert_allclose(fits[1], np.sign(x), atol=1e-5)
    assert select(crossover.compute(p)["crossover_errors"], method="replica")["gamma"].iloc[0] == pytest.approx(0.5, abs=1e-3)


def test_laws_of_a_depletion_exponent_that_only_paper_runs():
    found = ridgeless_learning.compute(smoke("ridgeless_learning", depletion_exponents=[2], n_train=[16, 131072], n_seeds=1))
    law = select(found["ridgeless_errors"], method="replica")["error"].to_numpy()
    np.testing.assert_allclose(law, 0.762760 * np.array([16.0, 131072.0]) ** -1.5, rtol=1e-5)
    runs = select(found["ridgeless_errors"], method="simulation")["error"].to_numpy()
    assert np.isfinite(runs).all()
    assert runs[1] < 1e-2 * runs[0]


def test_high_dimension_runs_where_only_paper_goes_and_in_blocks(monkeypatch):
    pairs = [{"dim": 10, "depletion_exponent": 2, "n_seeds": [2, 1]}, {"dim": 5, "depletion_exponent": 0, "n_seeds": [1, 1]}]
    p = smoke("high_dimension", pairs=pairs, n_train=[16, 32], fit_ranges=[[16, 32]])
    whole = high_dimension.compute(p)
    monkeypatch.setattr(high_dimension, "BLOCK", 100)
    for name, frame in high_dimension.compute(p).items():
        pd.testing.assert_frame_equal(frame, whole[name], rtol=1e-10)
    assert len(whole["high_dimension_errors"]) == 5
    assert whole["ridge_errors"].empty


def test_smaller_training_sets_are_leading_subsets_of_the_largest():
    p = smoke("high_dimension", pairs=[{"dim": 2, "depletion_exponent": 3, "n_seeds": [3, 1]}])
    setting = high_dimension.Setting(2, 3.0)
    long, short = (high_dimension.draw_points(p, setting, n_train, 0) for n_train in (128, 64))
    np.testing.assert_array_equal(long.train[:64], short.train)
    np.testing.assert_array_equal(long.test, short.test)
    assert high_dimension.sizes_of_draws(p, [3, 1]) == [[64, 128], [64], [64]]
    with pytest.raises(ValueError, match="none above the one before"):
        high_dimension.sizes_of_draws(p, [1, 3])


def test_a_vanishing_ridge_gives_the_ridgeless_error_of_the_same_draw():
    p = smoke("high_dimension", ridges_per_example=[1e-13, 1e-3])
    found = high_dimension.compute(p)
    ridgeless = select(found["high_dimension_errors"], dim=2, depletion_exponent=3.0, n_train=128)["error"]
    tiny = select(found["ridge_errors"], ridge_per_example=1e-13)["error"]
    np.testing.assert_allclose(tiny, ridgeless, rtol=1e-4)


def test_subsets_and_pools_are_shared_by_all_ridges():
    p = smoke("toy_pools", pairs=[[2, 1]])
    whole = toy_pools.compute(p)["toy_pool_errors"]
    alone = toy_pools.compute(p | {"scaled_ridges": [], "ridges": [0.1]})["toy_pool_errors"]
    same = select(whole, ridge=0.1, scaled_ridge=None)["error"].reset_index(drop=True)
    np.testing.assert_allclose(same, alone["error"], rtol=1e-12)


def test_an_image_pool_is_centred_and_of_mean_norm_one(folders):
    points, labels = image_pool(folders["cifar10"], "cifar10", np.random.default_rng(0), 50)
    assert points.shape == (50, 3072)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-12)
    assert np.linalg.norm(points, axis=1).mean() == pytest.approx(1)
    assert set(labels) == {-1.0, 1.0}
    with pytest.raises(ValueError, match="size must be from 2 to 2000"):
        image_pool(folders["mnist"], "mnist", np.random.default_rng(0), 10_000)


def test_images_have_the_labels_of_their_classes(folders):
    p = smoke("image_pools", image_sets=["mnist"], n_train=[8], ridges=[0.0], n_seeds=1)
    found = image_pools.compute(p, folders)["image_pool_errors"]
    assert list(found["method"]) == ["simulation", "replica"]
    assert (found["error"] < 1.5).all()


def test_a_mean_over_something_that_is_no_number_is_none():
    table = pd.DataFrame({"n_train": [1, 1, 2, 2], "error": [1.0, np.nan, 2.0, 4.0]})
    found = summaries.over_seeds(table, ["n_train"])
    assert np.isnan(found["mean"].iloc[0])
    assert found["mean"].iloc[1] == 3
    assert found["std_error"].iloc[1] == pytest.approx(1)


def test_errors_of_a_draw_on_a_line_are_averages_over_the_law_of_the_points():
    p = smoke("crossover")
    points, weights = model.line_quadrature(1.0, 4001)
    (found,) = crossover.errors_of_draw(p, (1.0, 64), np.array([0.1]), (points, weights), seed=3)
    x = np.sort(model.draw(crossover.generator(PAPER, "crossover", 1.0, 64, seed=3), 64, 1, 1.0)[:, 0])
    fresh = model.draw(np.random.default_rng(0), 100_000, 1, 1.0)[:, 0]
    fits = model.line_fits(x, np.sign(x), np.array([0.1]), p["bandwidth"])
    squares = (np.sign(fresh) - model.line_predictors(x, fits, fresh, p["bandwidth"])[0]) ** 2
    assert abs(squares.mean() - found) < 5 * squares.std() / np.sqrt(len(fresh))


def test_far_above_the_crossover_draws_have_the_error_of_replica_theory():
    """What is left of the distance there is a per cent; a ridge in other units would be factors off."""
    p = smoke("crossover", depletion_exponents=[1], scaled_ridge_range=[10.0, 100.0], n_scaled_ridges=2, n_seeds=20)
    table = crossover.compute(p)["crossover_errors"]
    draws, law = (select(table, method=method, scaled_ridge=100.0)["error"] for method in ("simulation", "replica"))
    assert abs(draws.mean() / law.item() - 1) < 5 * draws.std() / law.item() / np.sqrt(20) + 0.02


def test_errors_in_higher_dimension_are_averages_over_the_law_of_the_training_points():
    p, setting = smoke("high_dimension", n_test=40_000), high_dimension.Setting(2, 1.0)
    points = high_dimension.draw_points(p, setting, 64, 0)
    alike = high_dimension.draw_points(p, high_dimension.Setting(2, 0.0), 64, 0)  # of one law
    assert not np.isclose(*(np.abs(part[:64, 0]) for part in alike)).any(), "test points have a stream of their own"
    kernel = model.laplace_kernel(points.train, points.train, p["bandwidth"])
    (weights,) = model.coefficients(kernel, model.target(points.train), 0.3)
    ((error, wrong),) = high_dimension.errors_on_test(p, setting, points, [weights])
    fresh = model.draw(np.random.default_rng(1), 40_000, 2, 1.0)
    predicted = model.laplace_kernel(fresh, points.train, p["bandwidth"]) @ weights
    for found, values in ((error, (model.target(fresh) - predicted) ** 2), (wrong, model.target(fresh) * predicted < 0)):
        assert abs(values.mean() - found) < 2 * 5 * values.std() / np.sqrt(len(fresh)), "two samples, one of them weighted"


def test_the_ridge_of_a_row_is_that_of_the_sum_over_its_examples():
    found = high_dimension.compute(smoke("high_dimension", ridges_per_example=[0.02]))["ridge_errors"]
    assert found["ridge"].to_numpy() == pytest.approx(0.02 * 128)
    p = smoke("high_dimension")
    points = high_dimension.draw_points(p, high_dimension.Setting(2, 3.0), 128, 1)
    kernel, between = (model.laplace_kernel(x, points.train, p["bandwidth"]) for x in (points.train, points.test))
    predicted = between @ np.linalg.solve(kernel + 0.02 * 128 * np.eye(128), model.target(points.train))
    expected = np.mean(model.importance(points.test, 3.0) * (model.target(points.test) - predicted) ** 2)
    assert select(found, seed=1)["error"].item() == pytest.approx(expected)


def test_exponents_are_decays_of_mean_errors_with_the_error_of_these_means():
    scatter = np.array([0.9, 1.1])
    errors = pd.DataFrame({"n_train": np.repeat([16, 64], 2), "error": np.outer([16.0**-1.5, 64.0**-1.5], scatter).ravel()})
    (row,) = high_dimension.fits(errors, [[16, 64]]).to_dict("records")
    assert row["exponent"] == pytest.approx(1.5)
    assert row["std_error"] == pytest.approx(np.sqrt(2) * 0.1 / np.log(4))  # 0.1 = standard error of each mean, relative


def test_curves_and_marks_belong_to_the_effective_ridge_of_the_theory():
    tables = predictors.compute(smoke("predictors"))
    for u in (1e-4, 100.0):
        ridge = u * 64**-0.5
        kappa, _ = theory.line_effective_ridge(1, 64, ridge, 100.0)
        width = select(tables["boundary_marks"], mark="layer_width", scaled_ridge=u)["x"].item()
        assert width**3 * 2 * model.density_constant(1) == pytest.approx(kappa * 100)  # l^(2+χ) = κσ / 2c
        wide = select(tables["predictor_curves"], scaled_ridge=u).pivot_table(index="x", columns="curve", values="value")
        field = theory.mean_field(1, kappa, 100.0, 1000)
        np.testing.assert_allclose(wide["replica"], np.interp(wide.index, field.nodes, field.predictor), atol=1e-12)
        told = select(tables["predictor_spread"], scaled_ridge=u, seed=0)["sup_distance"].item()
        assert told >= (wide["sample"] - wide["replica"]).abs().max() - 0.01, "the largest distance, not a mean one"


def test_scaled_ridges_of_a_pool_are_in_units_of_its_own_crossover():
    table = toy_pools.compute(smoke("toy_pools", pairs=[[3, 3]], n_seeds=1, ridges=[]))["toy_pool_errors"]
    np.testing.assert_allclose(table["ridge"], table["scaled_ridge"] * table["n_train"] ** (-1 / 6))
    simulated = select(table, method="simulation")
    assert (simulated["error"] <= simulated["error_outside"]).all(), "training points are fitted better than others"
