"""Compute scripts of wu_last_iterate: known values, invariances, and simulation against the recursion."""

import numpy as np
import pytest

from repro.settings import ROOT, load_paper, load_params, table_contract
from repro.tables import read, write
from scripts.wu_last_iterate.model import risk_trajectory, spectrum
from scripts.wu_last_iterate.ratios import panel
from scripts.wu_last_iterate.runs import image_sgd, published_panel, risk_bounds, schedules, simulated_sgd, stepsizes
from scripts.wu_last_iterate.simulation import simulate
from scripts.wu_last_iterate.tuning import TUNED_FOR, mark_best

PAPER = "wu_last_iterate"

# Tuned risks at 2048 samples, natural logarithm.
# Columns: geometric s = 0, N/2; polynomial 0.25 s = 0, N/2; 0.5 s = 0, N/2; 1 s = 0; constant; averages.
TUNED = {
    ("power", "flat"): [0.02915, 0.02756, 0.04647, 0.03494, 0.04768, 0.03132, 0.15372, 0.05064, 0.02430, 0.02417],
    ("power", "inverse"): [0.00271, 0.00288, 0.00361, 0.00268, 0.00324, 0.00338, 0.01881, 0.00405, 0.00213, 0.00231],
    ("power", "inverse_square"): [0.00142, 0.00145, 0.00148, 0.00120, 0.00142, 0.00188, 0.01114, 0.00171, 0.00143, 0.00114],
    ("power_log", "flat"): [0.07161, 0.06104, 0.09839, 0.07648, 0.11767, 0.06911, 0.30917, 0.10716, 0.05946, 0.05530],
    ("power_log", "inverse"): [0.00327, 0.00340, 0.00497, 0.00349, 0.00450, 0.00380, 0.02894, 0.00559, 0.00259, 0.00273],
    ("power_log", "inverse_square"): [0.00159, 0.00162, 0.00198, 0.00139, 0.00185, 0.00210, 0.01480, 0.00220, 0.00156, 0.00128],
}
COLUMNS = [
    ("geometric", 0.0, 0),
    ("geometric", 0.0, 1024),
    ("polynomial", 0.25, 0),
    ("polynomial", 0.25, 1024),
    ("polynomial", 0.5, 0),
    ("polynomial", 0.5, 1024),
    ("polynomial", 1.0, 0),
    ("constant", 0.0, 0),
    ("iterate_average", 0.0, 0),
    ("tail_average", 0.0, 0),
]


def test_tuned_risks_at_2048_samples_have_the_known_values():
    frame = schedules.compute(load_params(PAPER, "schedules", "quick") | {"n_train": [2048], "log_base": np.e})["tuned_risk"]
    best = frame[frame["is_best"]].assign(decay_exponent=frame["decay_exponent"].fillna(0.0))
    risk = best.set_index(["spectrum", "target", "schedule", "decay_exponent", "constant_steps"])["risk"]
    for instance, values in TUNED.items():
        np.testing.assert_allclose([risk[(*instance, *column)] for column in COLUMNS], values, atol=5e-6, rtol=0)


def test_best_rows_are_one_a_setting_and_the_smallest():
    frame = schedules.compute(load_params(PAPER, "schedules", "smoke"))["tuned_risk"]
    smallest = frame.groupby(TUNED_FOR, dropna=False)["risk"].transform("min")
    assert frame.groupby(TUNED_FOR, dropna=False)["is_best"].sum().eq(1).all()
    assert (frame.loc[frame["is_best"], "risk"] == smallest[frame["is_best"]]).all()
    ends = frame["relative_stepsize"].isin([frame["relative_stepsize"].min(), frame["relative_stepsize"].max()])
    assert (frame["at_grid_edge"] == (frame["is_best"] & ends)).all()


def test_the_compatible_instance_is_near_the_published_points():
    """Twice our risk is 1.23 times the poster's on average; its curves rise by up to 21 % where they should fall, which is their noise."""
    p = load_params(PAPER, "published_panel", "quick") | {"n_train": [300, 1000, 2000], "spectra": ["power"], "targets": ["inverse"]}
    risk = panel(published_panel.compute(p)["panel_risk"]).droplevel([0, 1])
    for name, entry in load_paper(PAPER)["published"].items():
        read = dict(entry["points"])
        ratio = [2 * risk.loc[n, name] / read[n] for n in risk.index]
        assert abs(np.mean(ratio) - 1.23) < 3 * 0.21 / np.sqrt(3), name


def test_only_geometric_decay_is_computed_with_the_other_logarithm():
    frame = published_panel.compute(load_params(PAPER, "published_panel", "smoke"))["panel_risk"]
    assert set(frame[frame["log_base"] > 2]["schedule"]) == {"geometric"}
    assert frame.groupby([*TUNED_FOR, "log_base"], dropna=False)["is_best"].sum().eq(1).all()


def test_a_risk_that_is_no_number_is_never_passed_over():
    frame = schedules.compute(load_params(PAPER, "schedules", "smoke"))["tuned_risk"].drop(columns=["is_best", "at_grid_edge"])
    frame.loc[7, "risk"] = np.nan
    with pytest.raises(ValueError, match="risk: 1 values are not numbers"):
        mark_best(frame)


def test_diverged_stepsizes_are_infinite_and_never_best():
    p = load_params(PAPER, "schedules", "smoke") | {"n_train": [4096], "relative_stepsize_max": 30.0, "spectra": ["power"]}
    frame = schedules.compute(p)["tuned_risk"]
    assert np.isinf(frame["risk"]).any()
    assert not frame["risk"].isna().any()
    assert np.isfinite(frame.loc[frame["is_best"], "risk"]).all()


def test_scans_of_stepsize_and_horizon_agree_where_they_meet():
    p = load_params(PAPER, "stepsizes", "smoke") | {"horizon_relative_stepsize": 0.1, "n_stepsizes": 4, "horizon_n_train": [128]}
    found = stepsizes.compute(p)
    scan = found["stepsize_scan"]
    scan = scan[np.isclose(scan["relative_stepsize"], 0.1)].set_index(["schedule", "constant_steps"])
    for row in found["horizon_scan"].itertuples():
        same = scan.loc[row.schedule, row.constant_steps]
        assert (row.bias, row.variance) == pytest.approx((same["bias"], same["variance"]), rel=1e-12)


def test_sgd_on_errors_is_sgd_on_weights():
    rng = np.random.default_rng(0)
    optimum, steps = np.array([1.0, -2.0, 0.5]), np.array([0.3, 0.2, 0.1])
    samples = [(rng.standard_normal((4, 3)), rng.standard_normal(4)) for _ in steps]
    weights = np.zeros((4, 3))
    for step, (x, noise) in zip(steps, samples, strict=True):
        label = x @ optimum + noise
        weights -= step * (np.sum(weights * x, axis=1) - label)[:, None] * x
    eigenvalues = np.array([2.0, 1.0, 0.5])
    source = iter(samples)
    found = simulate(lambda _: next(source), 4, steps, eigenvalues, -optimum, recorded=[3])
    np.testing.assert_allclose(found, [0.5 * (weights - optimum) ** 2 @ eigenvalues])


@pytest.mark.parametrize(("law", "kurtosis"), simulated_sgd.KURTOSIS.items())
def test_mean_of_simulated_runs_is_the_recursion_within_five_standard_errors(law, kurtosis):
    eigenvalues, error, rng = spectrum("power", 4), -np.ones(4), np.random.default_rng(1)
    steps = np.full(8, 0.2 / eigenvalues.sum())
    risks = simulate(lambda n: simulated_sgd.sample(law, eigenvalues, 1.0, rng, n), 20_000, steps, eigenvalues, error, recorded=[8])[0]
    exact = risk_trajectory(steps, eigenvalues, error**2, 1.0, kurtosis)[-1]
    assert abs(risks.mean() - exact) < 5 * risks.std() / np.sqrt(len(risks))


@pytest.mark.parametrize(("law", "kurtosis"), simulated_sgd.KURTOSIS.items())
def test_features_have_variance_one_and_their_kurtosis(law, kurtosis):
    n = 200_000
    z = simulated_sgd.sample(law, np.ones(1), 1.0, np.random.default_rng(2), n)[0][:, 0]
    for power, moment in ((2, 1.0), (4, kurtosis)):
        assert abs(np.mean(z**power) - moment) <= 5 * np.std(z**power) / np.sqrt(n)


def test_simulation_repeats_itself_and_follows_the_offset_of_the_seed():
    p = load_params(PAPER, "simulated_sgd", "smoke") | {"dim": 4, "n_train": 8, "n_runs": 5, "kurtosis_n_train": 4}
    first, again = (simulated_sgd.compute(p)["risk_trajectories"] for _ in range(2))
    other = simulated_sgd.compute(p | {"seed_offset": 1})["risk_trajectories"]
    np.testing.assert_array_equal(first["simulated_risk"], again["simulated_risk"])
    run = first["simulated_risk"].notna()
    assert run.groupby(first["step"]).first().loc[[1, 8]].all()
    assert (first["simulated_risk"] != other["simulated_risk"])[run].all()
    np.testing.assert_array_equal(first["risk"], other["risk"])


def test_population_has_the_moments_that_the_recursion_assumes():
    rng = np.random.default_rng(3)
    pixels = rng.random((200, 12)) @ rng.random((12, 12))
    population = image_sgd.least_squares_population(pixels.astype(np.float32), np.sign(rng.standard_normal(200)), dim=5)
    second = population.features.T @ population.features / 200
    np.testing.assert_allclose(second, np.diag(population.eigenvalues), atol=1e-6)
    np.testing.assert_allclose(population.features.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(population.features.T @ population.noise / 200, 0, atol=1e-6)
    assert population.eigenvalues.sum() == pytest.approx(1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dataset", "leading", "noise_variance", "signal"),
    [
        ("mnist", [0.0984, 0.0720, 0.0626], 0.38757, 0.61215),
        ("fashion_mnist", [0.2983, 0.1824], 0.18862, 0.81138),
        ("cifar10", [0.3235, 0.1257], 0.73697, 0.22303),
    ],
)
def test_real_images_have_the_known_moments(dataset, leading, noise_variance, signal):
    folder = ROOT / "data" / "real" / dataset
    if not folder.is_dir():
        pytest.skip(f"{dataset} is not decoded")
    population = image_sgd.load_population(folder, dataset, 300)
    np.testing.assert_allclose(population.eigenvalues[: len(leading)], leading, atol=5e-5)
    assert np.mean(population.noise**2) == pytest.approx(noise_variance, abs=5e-6)
    assert population.eigenvalues @ population.optimum**2 == pytest.approx(signal, abs=5e-6)


def test_tables_keep_their_contract_on_images_of_any_kind(tmp_path):
    rng = np.random.default_rng(4)
    np.save(tmp_path / "train_images.npy", rng.integers(0, 256, (50, 3, 4, 4), dtype=np.uint8))
    np.save(tmp_path / "train_labels.npy", rng.integers(0, 10, 50))
    p = load_params(PAPER, "image_sgd", "smoke") | {"image_sets": ["cifar10"], "dim": 6, "n_train": [8, 16]}
    found = image_sgd.compute(p, {"cifar10": tmp_path})
    for run, computed in (
        ("image_sgd", found),
        ("risk_bounds", risk_bounds.compute(load_params(PAPER, "risk_bounds", "smoke"))),
        ("stepsizes", stepsizes.compute(load_params(PAPER, "stepsizes", "smoke"))),
        ("schedules", schedules.compute(load_params(PAPER, "schedules", "smoke"))),
        ("published_panel", published_panel.compute(load_params(PAPER, "published_panel", "smoke"))),
        ("simulated_sgd", simulated_sgd.compute(load_params(PAPER, "simulated_sgd", "smoke"))),
    ):
        for name, frame in computed.items():
            write(frame, tmp_path / f"{name}.parquet", table_contract(PAPER, name)["columns"], {"run": run})
            assert len(read(tmp_path / f"{name}.parquet")) == len(frame)
