"""Rows of the runs of venkataramanan_rigamp beside the same iterations made one by one, and summaries of hand-made tables."""

import numpy as np
import pandas as pd
import pytest

from repro.frames import select
from repro.settings import load_params
from scripts.venkataramanan_rigamp import comparison
from scripts.venkataramanan_rigamp.inputs import free_cumulants
from scripts.venkataramanan_rigamp.model import Model
from scripts.venkataramanan_rigamp.runs import sampling_ratio_sweep, simulation, state_evolution
from scripts.venkataramanan_rigamp.simulation import errors, rigamp, seeded_design, seeded_instance, vamp
from scripts.venkataramanan_rigamp.theory import gaussian_cumulants, rigamp_evolution, vamp_evolution

PAPER = "venkataramanan_rigamp"


def smoke(run, **changed):
    return load_params(PAPER, run, "smoke") | changed


def kappa(model):
    return free_cumulants(model.spectrum, model.sampling_ratio, 18)


@pytest.fixture(scope="module")
def sweep():
    return sampling_ratio_sweep.compute(smoke("sampling_ratio_sweep", spectra=["beta"], sampling_ratios=[1.3], n_seeds=1))


@pytest.mark.parametrize(("channel", "noise"), [("linear", 0.4), ("sign", 0.1)])
def test_a_point_of_the_sweep_has_the_errors_of_its_own_channel_at_the_named_iterations(sweep, channel, noise):
    model = Model("beta", "rademacher", channel, 1.3, noise)
    predicted = select(sweep["predicted_sweep"], output_channel=channel).set_index(["algorithm", "iteration"])["mse"]
    of_rigamp = rigamp_evolution(model, kappa(model), 6).error
    assert predicted["rigamp", 4] == pytest.approx(of_rigamp[3], rel=1e-9)
    assert predicted["rigamp", 6] == pytest.approx(of_rigamp[5], rel=1e-9)
    assert predicted["vamp", 10] == pytest.approx(vamp_evolution(model, 10, spectrum_points=2000)[-1], rel=1e-9)
    design = seeded_design("sampling_ratio_sweep", model, 200, 0)
    instance = seeded_instance("sampling_ratio_sweep", f"beta {channel} 1.3", model, design, 0)
    for algorithm, estimates in (
        ("rigamp", rigamp(model, design.matrix, instance.output, rigamp_evolution(model, kappa(model), 4), 4)),
        ("vamp", vamp(model, design, instance.output, 4)),
    ):
        found = select(sweep["simulated_sweep"], output_channel=channel, algorithm=algorithm)
        assert found["mse"].item() == pytest.approx(errors(estimates, instance.signal).mse[-1], rel=1e-9)


def test_a_run_counts_as_diverged_by_any_of_its_iterations(monkeypatch):
    mse = np.array([0.5, 3.0, 0.3, 0.4])
    monkeypatch.setattr(sampling_ratio_sweep, "errors", lambda *_: simulation.Errors(mse, mse))
    found = sampling_ratio_sweep.compute(smoke("sampling_ratio_sweep", spectra=["beta"], sampling_ratios=[1.3], n_seeds=1, dim=20))
    assert found["simulated_sweep"]["is_diverged"].all()
    assert found["simulated_sweep"]["mse"].eq(0.4).all(), "the last one, not the least"


def test_ordinary_gamp_runs_with_coefficients_of_its_own_and_iterations_count_from_one():
    models = {"m2": smoke("simulation")["models"]["m2"]}
    found = simulation.compute(smoke("simulation", models=models, n_seeds=1))["simulated_errors"]
    model = Model(**models["m2"])
    instance = seeded_instance("simulation", "m2", model, seeded_design("simulation", model, 200, 0), 0)
    for algorithm, cumulants in (("rigamp", kappa(model)), ("gaussian_amp", gaussian_cumulants(kappa(model)))):
        expected = errors(rigamp(model, instance.design.matrix, instance.output, rigamp_evolution(model, cumulants, 4), 4), instance.signal)
        rows = select(found, algorithm=algorithm)
        assert rows["iteration"].tolist() == [1, 2, 3, 4]
        np.testing.assert_allclose(rows["mse"], expected.mse, rtol=1e-9)


def test_predicted_rows_hold_the_correlation_of_a_posterior_mean_and_coefficients_of_past_iterations():
    models = {"m2": smoke("state_evolution")["models"]["m2"]}
    tables = state_evolution.compute(smoke("state_evolution", models=models, gaussian_amp_models=[], onsager_models=["m2"]))
    predicted = tables["predicted_errors"]
    np.testing.assert_allclose(predicted["squared_correlation"] + predicted["mse"], 1)
    assert not predicted["is_stopped"].any()
    schedule = rigamp_evolution(Model(**models["m2"]), kappa(Model(**models["m2"])), 6)
    for name in ("alpha", "beta"):
        rows = select(tables["onsager_coefficients"], coefficient=name)
        assert [getattr(schedule, name)[row.iteration, row.past_iteration] for row in rows.itertuples()] == rows["value"].tolist()
        assert rows["value"].abs().min() > 0


def test_summaries_of_a_hand_made_table():
    mse = {("rigamp", 0): 3.0, ("rigamp", 1): 5.0, ("vamp", 0): 1.0, ("vamp", 1): 2.0}
    rows = [{"model": "m1", "algorithm": name, "seed": seed, "iteration": 10, "mse": value} for (name, seed), value in mse.items()]
    gap = comparison.relative_gaps(pd.DataFrame(rows)).loc["m1"]
    assert gap.to_dict() == pytest.approx({"gap": 2.5 / 1.5, "std_error": np.std([2, 3], ddof=1) / np.sqrt(2) / 1.5})
    predicted = pd.DataFrame(
        {"model": "m1", "algorithm": ["rigamp"] * 3 + ["vamp"] * 3, "iteration": [1, 2, 3] * 2, "mse": [0.9, 0.5, 0.1, 0.4, 0.1, 0.1]}
    )
    assert comparison.lead(predicted).loc["m1"].tolist() == pytest.approx([-0.5, -0.4, 0])
    assert comparison.extra_iterations(predicted)["m1"] == 1
    seconds = pd.DataFrame({"dim": 10, "computation": "svd", "seconds": [3.0, 1.0, 2.0]})
    assert comparison.fastest(seconds).loc[10, "svd"] == 1
    runs = pd.DataFrame({"model": "m1", "algorithm": "rigamp", "seed": [0, 0, 1, 1], "iteration": [1, 2] * 2, "mse": [0.1, 9.0, 0.1, 0.2]})
    assert comparison.diverged_seeds(runs.assign(is_diverged=runs["mse"] > 2), "rigamp", ["m1"])["m1"] == 1
    assert comparison.median_over_seeds(pd.DataFrame(rows), "vamp")["m1", 10] == 1.5
