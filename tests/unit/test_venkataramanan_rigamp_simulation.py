"""RI-GAMP and VAMP of venkataramanan_rigamp on instances, and the tables of its runs."""

import numpy as np
import pandas as pd
import pytest

from repro.settings import load_params, shard, table_contract
from scripts.venkataramanan_rigamp.inputs import Design, free_cumulants, gaussian_matrix
from scripts.venkataramanan_rigamp.model import Model, draw_output, draw_signal, signal_posterior
from scripts.venkataramanan_rigamp.runs import run_times, sampling_ratio_sweep, simulation, state_evolution
from scripts.venkataramanan_rigamp.simulation import errors, rigamp, seeded_design, seeded_instance, vamp
from scripts.venkataramanan_rigamp.theory import gaussian_cumulants, rigamp_evolution, vamp_evolution

PAPER = "venkataramanan_rigamp"
RUNS = {"state_evolution": state_evolution, "simulation": simulation, "sampling_ratio_sweep": sampling_ratio_sweep, "run_times": run_times}
GAUSSIAN = Model("gaussian", "rademacher", "linear", 0.8, 0.5)
BETA = Model("beta", "rademacher", "linear", 1.3, 0.6)
ONE_BIT = Model("beta", "gaussian", "sign", 2.0, 0.1)


def schedule(model, n_iterations=6):
    return rigamp_evolution(model, free_cumulants(model.spectrum, model.sampling_ratio, 2 * n_iterations + 6), n_iterations)


def gaussian_instance(dim=300):
    rng = np.random.default_rng(3)
    matrix = gaussian_matrix(rng, round(0.8 * dim), dim)
    signal = draw_signal(rng, GAUSSIAN, dim)
    return matrix, signal, draw_output(rng, GAUSSIAN, matrix @ signal)


def test_on_a_gaussian_design_rigamp_is_textbook_amp():
    """AMP in its own form: one Onsager term, and the residual in place of scores."""
    matrix, _, output = gaussian_instance()
    found = rigamp(GAUSSIAN, matrix, output, schedule(GAUSSIAN), 6)
    estimate, residual, error = np.zeros(matrix.shape[1]), output, 1.0
    for t in range(6):
        noise = GAUSSIAN.noise_std**2 + error / GAUSSIAN.sampling_ratio
        estimate, _ = signal_posterior(GAUSSIAN, estimate + matrix.T @ residual, noise)
        error = schedule(GAUSSIAN).error[t]
        np.testing.assert_allclose(found[t], estimate, atol=1e-9)
        residual = output - matrix @ estimate + residual * (error / noise / GAUSSIAN.sampling_ratio)


def test_on_a_gaussian_design_ordinary_gamp_is_rigamp():
    matrix, _, output = gaussian_instance()
    own = schedule(GAUSSIAN)
    same = rigamp_evolution(GAUSSIAN, gaussian_cumulants(free_cumulants("gaussian", 0.8, 18)), 6)
    np.testing.assert_allclose(rigamp(GAUSSIAN, matrix, output, own, 6), rigamp(GAUSSIAN, matrix, output, same, 6), rtol=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("model", [BETA, ONE_BIT], ids=["linear", "one bit"])
@pytest.mark.parametrize("algorithm", ["rigamp", "vamp"])
def test_mean_errors_follow_state_evolution(model, algorithm):
    found = []
    for seed in range(12):
        instance = seeded_instance("test", "a", model, seeded_design("test", model, 400, seed), seed)
        if algorithm == "rigamp":
            estimates = rigamp(model, instance.design.matrix, instance.output, schedule(model), 6)
        else:
            estimates = vamp(model, instance.design, instance.output, 6)
        found.append(errors(estimates, instance.signal))
    predicted = schedule(model).error if algorithm == "rigamp" else vamp_evolution(model, 6)
    for values, target in (
        (np.array([e.mse for e in found]), predicted),
        (np.array([e.squared_correlation for e in found]), 1 - predicted),
    ):
        error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
        assert (np.abs(values.mean(axis=0) - target) < 4 * error + 12 / 400).all()


def test_without_old_corrections_the_iteration_leaves_state_evolution():
    instance = seeded_instance("test", "a", BETA, seeded_design("test", BETA, 400, 0), 0)
    wrong = rigamp_evolution(BETA, gaussian_cumulants(free_cumulants("beta", 1.3, 26)), 10)
    found = errors(rigamp(BETA, instance.design.matrix, instance.output, wrong, 10), instance.signal).mse
    assert found[-1] > 2 * wrong.error[-1]


def test_vamp_solves_ridge_regression_in_one_iteration():
    model = Model("beta", "gaussian", "linear", 1.3, 0.3)
    instance = seeded_instance("test", "a", model, seeded_design("test", model, 120, 0), 0)
    matrix = instance.design.matrix
    expected = np.linalg.solve(matrix.T @ matrix + 0.09 * np.eye(120), matrix.T @ instance.output)
    for estimate in vamp(model, instance.design, instance.output, 3):
        np.testing.assert_allclose(estimate, expected, atol=1e-8)


def test_a_schedule_that_ends_early_repeats_the_last_estimate():
    matrix, _, output = gaussian_instance()
    found = rigamp(GAUSSIAN, matrix, output, schedule(GAUSSIAN, 3), 5)
    np.testing.assert_array_equal(found[3], found[2])
    np.testing.assert_array_equal(found[4], found[2])


def test_errors_of_a_scaled_signal_are_known():
    signal = np.array([1.0, -1.0, 1.0, 1.0])
    found = errors(np.array([signal, 0.5 * signal]), signal)
    np.testing.assert_allclose(found.mse, [0, 0.25])
    np.testing.assert_allclose(found.squared_correlation, 1)


def test_designs_are_shared_by_models_of_one_spectrum_and_ratio():
    one_bit = Model("beta", "gaussian", "sign", 1.3, 0.1)
    np.testing.assert_array_equal(seeded_design("test", BETA, 50, 1).matrix, seeded_design("test", one_bit, 50, 1).matrix)
    assert not np.array_equal(seeded_design("test", BETA, 50, 1).matrix, seeded_design("test", BETA, 50, 2).matrix)


def test_sizes_that_do_not_fit_are_refused():
    design = Design(np.zeros((3, 2)), np.zeros((3, 2)), np.zeros(2), np.zeros((2, 2)))
    with pytest.raises(ValueError, match="output must have one entry for each of 3 rows"):
        vamp(BETA, design, np.zeros(2), 1)
    with pytest.raises(ValueError, match="n_iterations"):
        rigamp(BETA, design.matrix, np.zeros(3), schedule(BETA, 1), 0)


@pytest.fixture(scope="module")
def smoke():
    return {run: module.compute(load_params(PAPER, run, "smoke")) for run, module in RUNS.items()}


def test_tables_have_the_columns_of_their_contract(smoke):
    for tables in smoke.values():
        for name, frame in tables.items():
            assert set(frame.columns) == set(table_contract(PAPER, name)["columns"]), name


@pytest.mark.slow
def test_shards_of_the_simulation_join_to_the_whole(smoke):
    params = load_params(PAPER, "simulation", "smoke")
    parts = [simulation.compute(shard(params, "n_seeds", index, 2))["simulated_errors"] for index in range(2)]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), smoke["simulation"]["simulated_errors"])


def test_a_stopped_recursion_repeats_its_last_error():
    np.testing.assert_array_equal(state_evolution.repeat_last(np.array([0.5, 0.3]), 4), [0.5, 0.3, 0.3, 0.3])
