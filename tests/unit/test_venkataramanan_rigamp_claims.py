"""Claims of venkataramanan_rigamp judge what they say, and its figures are drawn from any table that keeps its contract."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED, judge
from repro.settings import load_paper, load_params
from scripts.venkataramanan_rigamp import claims, comparison
from scripts.venkataramanan_rigamp.runs import run_times, sampling_ratio_sweep, simulation, state_evolution
from tests.unit.drawn import draw

PAPER = "venkataramanan_rigamp"
FIGURES = list(load_paper(PAPER)["figures"])

AT_END = "iteration == 10 and algorithm"
M2 = "model == 'm2' and past_iteration"
DOCTORED = [  # claim, part, table, rows, column, factor
    ("C1", "mse", "simulated_errors", "model == 'm6' and iteration == 3 and algorithm == 'rigamp'", "mse", 1.2),
    (
        "C1",
        "squared_correlation",
        "simulated_errors",
        "model == 'm6' and iteration == 3 and algorithm == 'rigamp'",
        "squared_correlation",
        1.2,
    ),
    (
        "C1",
        "diverged_seeds",
        "simulated_errors",
        "model == 'm1' and seed == 3 and iteration == 7 and algorithm == 'rigamp'",
        "is_diverged",
        True,
    ),
    ("C2", "relative_gap", "simulated_errors", f"model == 'm4' and {AT_END} == 'rigamp'", "mse", 1.1),
    ("C2b", "smallest_gap", "predicted_sweep", "sampling_ratio == 2 and algorithm == 'rigamp'", "mse", 0.99),
    ("C2c", "largest_model_gap", "predicted_errors", "model == 'm3' and algorithm == 'rigamp'", "mse", 1.2),
    ("C2c", "sweep_points_off", "predicted_sweep", "sampling_ratio == 2 and algorithm == 'rigamp'", "mse", 1.2),
    ("C3", "extra_iterations", "predicted_errors", "model == 'm3' and algorithm == 'vamp' and iteration < 20", "mse", 2),
    ("C3b", "dominance", "predicted_errors", "model == 'm3' and iteration == 2 and algorithm == 'vamp'", "mse", 10),
    ("C5", "largest_old_coefficient", "onsager_coefficients", "model == 'm5'", "past_iteration", 0),
    ("C5b", "smallest_old_coefficient", "onsager_coefficients", f"{M2} == 4", "value", 1e-9),
    ("C6", "off_own_prediction", "simulated_errors", f"model == 'm2' and {AT_END} == 'gaussian_amp'", "mse", 1e-2),
    ("C6", "worse_than_rigamp", "simulated_errors", f"model == 'm2' and {AT_END} == 'gaussian_amp'", "mse", 1e-2),
    ("C7", "svd_to_rigamp", "task_seconds", "dim == 1000 and computation == 'rigamp'", "seconds", 100),
    ("C11", "mse", "simulated_errors", "model == 'm3' and iteration == 1 and algorithm == 'vamp'", "mse", 1.3),
    (
        "C11",
        "diverged_seeds",
        "simulated_errors",
        "model == 'm3' and seed == 3 and iteration == 1 and algorithm == 'vamp'",
        "is_diverged",
        True,
    ),
]


def simulated(predicted):
    """Runs that scatter a little about their prediction; ordinary GAMP is ten times off."""
    early = predicted[predicted["iteration"] <= 10][["model", "algorithm", "iteration", "mse"]]
    frames = [early.assign(seed=seed, dim=1000, mse=early["mse"] * (1 + 0.01 * (-1) ** seed)) for seed in range(10)]
    runs = pd.concat(frames, ignore_index=True)
    runs["squared_correlation"] = 1 - runs["mse"]
    runs.loc[runs["algorithm"] == "gaussian_amp", "mse"] *= 10
    return runs.assign(is_diverged=False)


def sweep():
    """Predictions in which RI-GAMP ends on VAMP's limit."""
    settings = product(["gaussian", "beta"], ["linear", "sign"], [0.5, 0.7, 1.0, 1.3, 1.7, 2.0])
    cases = [(*setting, *end) for setting in settings for end in (("rigamp", 10, 0.11), ("rigamp", 25, 0.1), ("vamp", 60, 0.1))]
    return pd.DataFrame(cases, columns=["spectrum", "output_channel", "sampling_ratio", "algorithm", "iteration", "mse"])


def timings():
    seconds = {"svd": 1.0, "vamp": 0.04, "state_evolution": 0.03, "rigamp": 0.01}
    rows = [(dim, name, repeat, time) for dim, (name, time), repeat in product([500, 1000, 2000], seconds.items(), range(3))]
    return pd.DataFrame(rows, columns=["dim", "computation", "repeat", "seconds"])


@pytest.fixture(scope="module")
def quick():
    tables = state_evolution.compute(load_params(PAPER, "state_evolution", "quick"))
    runs = simulated(tables["predicted_errors"])
    dots = runs.head(1)[["dim", "seed", "mse", "is_diverged"]].assign(spectrum="beta", output_channel="sign", sampling_ratio=2.0)
    dots = pd.concat([dots.assign(algorithm="rigamp", iteration=10, is_diverged=True), dots.assign(algorithm="vamp", iteration=10)])
    return tables | {"simulated_errors": runs, "predicted_sweep": sweep(), "simulated_sweep": dots, "task_seconds": timings()}


@pytest.fixture(scope="module")
def smoke():
    tables = {}
    modules = {"state_evolution": state_evolution, "simulation": simulation, "sampling_ratio_sweep": sampling_ratio_sweep}
    for run, module in (modules | {"run_times": run_times}).items():
        tables |= module.compute(load_params(PAPER, run, "smoke"))
    return tables


def verdicts(tables):
    frame = judge(PAPER, vars(claims), load_paper(PAPER)["claims"], tables, base_preset="quick")
    return frame.set_index(["claim", "part"])["verdict"]


def test_every_claim_holds_where_runs_agree_with_their_prediction(quick):
    assert verdicts(quick).eq(REPRODUCED).all()


def test_every_part_of_every_claim_is_fed_a_doctored_table():
    parts = {(claim["claim"], part["part"]) for claim in load_paper(PAPER)["claims"] for part in claim["parts"]}
    assert {(claim, part) for claim, part, *_ in DOCTORED} == parts


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_doctored_table_is_not_reproduced(quick, case):
    claim, part, table, condition, column, factor = case
    doctored = quick[table].copy()
    rows = doctored.query(condition).index
    assert len(rows)
    doctored.loc[rows, column] = True if factor is True else doctored.loc[rows, column] * factor
    assert verdicts(quick | {table: doctored})[claim, part] == NOT_REPRODUCED


@pytest.mark.parametrize(
    ("claim", "part", "table", "condition"),
    [
        ("C1", "mse", "simulated_errors", "model == 'm6' and iteration == 10"),
        ("C2", "relative_gap", "simulated_errors", "model == 'm6'"),
        ("C2c", "sweep_points_off", "predicted_sweep", "spectrum == 'beta' and sampling_ratio == 2"),
        ("C3", "extra_iterations", "predicted_errors", "model == 'm3'"),
        ("C3b", "dominance", "predicted_errors", "iteration == 10"),
        ("C5", "largest_old_coefficient", "onsager_coefficients", "iteration == 10"),
        ("C6", "worse_than_rigamp", "simulated_errors", "model == 'm2' and iteration == 10"),
        ("C7", "svd_to_rigamp", "task_seconds", "dim >= 1000"),
        ("C11", "mse", "simulated_errors", "model == 'm3'"),
    ],
)
def test_a_claim_is_not_judged_without_all_its_rows(quick, claim, part, table, condition):
    frame = quick[table]
    assert verdicts(quick | {table: frame.drop(frame.query(condition).index)})[claim, part] == NOT_JUDGED


def test_an_error_that_is_no_number_never_counts_as_small(quick):
    runs = quick["simulated_errors"].copy()
    runs.loc[runs.query("seed == 2 and iteration == 10 and algorithm != 'gaussian_amp'").index, ["mse", "squared_correlation"]] = np.nan
    found = verdicts(quick | {"simulated_errors": runs})
    assert (found[[("C1", "mse"), ("C1", "squared_correlation"), ("C2", "relative_gap"), ("C11", "mse")]] == NOT_JUDGED).all()


def test_ordinary_gamp_that_overflows_counts_as_infinitely_wrong(quick):
    runs = quick["simulated_errors"].copy()
    runs.loc[runs.query("algorithm == 'gaussian_amp' and seed > 2").index, "mse"] = np.nan
    assert verdicts(quick | {"simulated_errors": runs})["C6", "off_own_prediction"] == REPRODUCED


def test_deviations_are_in_units_of_the_tolerance():
    runs = pd.DataFrame({"model": "m1", "algorithm": "vamp", "dim": 1000, "iteration": 1, "seed": [0, 1, 2], "mse": [0.4, 0.5, 0.6]})
    predicted = pd.DataFrame({"model": ["m1"], "algorithm": ["vamp"], "iteration": [1], "mse": [0.4]})
    assert comparison.deviations(runs, predicted, "vamp")["deviation"].item() == pytest.approx(0.1 / (4 * 0.1 / np.sqrt(3)))
    assert comparison.deviations(runs.assign(mse=0.406), predicted, "vamp")["deviation"].item() == pytest.approx(0.5)


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn_from_tables_that_hold(quick, name):
    assert draw(PAPER, name, quick).axes


def test_a_diverged_run_is_left_out_of_the_mean_and_counted_in_the_title(quick):
    runs = quick["simulated_errors"].copy()
    lost = runs.query("model == 'm3' and algorithm == 'rigamp' and seed == 4").index
    runs.loc[lost, ["mse", "is_diverged"]] = [1e6, True]
    ax = draw(PAPER, "fig1", {**quick, "simulated_errors": runs}).axes[2]
    assert "(9 of 10 runs)" in ax.get_title(loc="left")
    assert ax.get_ylim()[1] < 2
