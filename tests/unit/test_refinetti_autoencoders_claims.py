"""Every claim of refinetti_autoencoders holds in ideal tables and fails when they are doctored."""

import numpy as np
import pandas as pd
import pytest

from repro.claims import judge
from repro.settings import load_paper
from scripts.refinetti_autoencoders import claims
from scripts.refinetti_autoencoders.curves import tidy

PAPER = "refinetti_autoencoders"
CLAIMS = load_paper(PAPER)["claims"]


def paired(axes, theory, ratio=1.02, **columns):
    """Theory, and simulation that differs from it by a factor."""
    both = [("theory", theory), ("simulation", ratio * theory)]
    return pd.concat([tidy(axes, error=error, method=method, **columns) for method, error in both], ignore_index=True)


def learning_curves():
    times = np.array([0.0, 10, 300])
    axes, theory = {"time": times, "seed": [0, 1, 2]}, 1 / (1 + times)[:, None]
    return pd.concat([paired(axes, theory, activation=name) for name in ("erf", "linear", "relu")], ignore_index=True)


def finite_size_deviation():
    dims, scatter = np.array([100, 200, 400, 800]), np.array([0.8, 1.2, 0.9, 1.1])
    return tidy({"dim": dims, "seed": range(4)}, rms_log=0.35 / np.sqrt(dims)[:, None] * scatter)


def long_times():
    times = np.array([1e4, 1e6])
    excess = times ** (-2 / 3)
    columns = {"excess_error": excess, "predicted_excess": excess}
    norms = {"encoder_norm": times ** (-1 / 6), "decoder_norm": times ** (1 / 6)}
    return tidy({"time": times}, problem="one_mode", **columns, **norms)


def tied_weights():
    axes = {"time": np.array([10.0, 1e3, 1e4]), "seed": [0, 1]}
    about = {"tying": "tied", "decoder_scale": 1.0, "pca_error": 0.0024}
    erf = paired(axes, np.array([[0.3], [0.0142], [0.0142]]), activation="erf", **about)
    linear = paired(axes, np.array([[0.3], [0.0024], [0.0024]]), activation="linear", **about)
    return pd.concat([erf, linear, erf.assign(decoder_scale=3.0, error=9.0)], ignore_index=True)


def relu_plateaus():
    levels = {0: 1.0, 1: 0.2864, 2: 0.0864, 3: 0.0247, 4: 0.00245}
    rows = []
    for width in range(1, 7):
        for mode, k in (("none", width // 2), ("trained", min(width - 1, 4))):
            row = {"bias_mode": mode, "width": width, "seed": 0, "n_components": k, "mean_bias": float(mode == "trained")}
            rows.append(row | {"error": levels[k], "predicted_error": levels[k]})
    return pd.DataFrame(rows)


def decoder_alignment():
    axes, about = {"seed": [0, 1], "unit": range(1, 5), "component": range(1, 5)}, {"inputs": "spiked", "method": "simulation"}
    mixed = np.full((4, 4), 0.45) + 0.2 * np.eye(4)
    rules = (("truncated", np.eye(4)), ("vanilla", mixed))
    return pd.concat([tidy(axes, rule=rule, alignment=values, subspace_overlap=1.0, **about) for rule, values in rules], ignore_index=True)


def truncated_curves():
    axes, theory = {"time": np.array([0.0, 10, 400, 1000]), "seed": [0, 1, 2]}, np.array([[1.0], [0.3], [0.01], [0.004]])
    slower = np.array([1.10, 1.11, 1.12])
    rules = (("vanilla", theory * np.ones(3)), ("truncated", theory * slower))
    return pd.concat([paired(axes, values, rule=rule, inputs="spiked") for rule, values in rules], ignore_index=True)


def image_curves():
    axes, theory = {"time": np.array([0.0, 50, 150]), "seed": [0]}, np.array([[0.25], [0.12], [0.115]])
    about = {"rule": "vanilla", "width": 4, "pca_error": 0.1129}
    frames = []
    for dataset in ("cifar10", "fashion_mnist"):
        for inputs, method, ratio in (("population", "theory", 1), ("gaussian", "simulation", 1.001), ("images", "simulation", 0.999)):
            frames.append(tidy(axes, error=ratio * theory, inputs=inputs, method=method, dataset=dataset, **about))
    return pd.concat(frames, ignore_index=True)


@pytest.fixture
def ideal():
    eigenvalues = np.array([0.7, 0.2, 0.06, 0.02, 1e-6, 9e-7])
    seeds, components = [0, 1], np.arange(1, 5)
    late = [tidy({"seed": seeds}, activation=name, excess_error=0.95e-3, predicted_excess=1e-3) for name in ("erf", "linear")]
    return {
        "sample_spectrum": tidy({"rank": range(1, 7)}, eigenvalue=eigenvalues, bulk_edge=1e-6),
        "learning_curves": learning_curves(),
        "finite_size_deviation": finite_size_deviation(),
        "learning_times": tidy({"seed": seeds, "component": components}, activation="erf", learning_time=4.0**components),
        "late_excess": pd.concat(late, ignore_index=True),
        "long_times": long_times(),
        "tied_weights": tied_weights(),
        "relu_plateaus": relu_plateaus(),
        "last_plateaus": tidy({"time": [1000.0, 2e4], "seed": range(3)}, error=0.0247, predicted_error=0.0247),
        "decoder_alignment": decoder_alignment(),
        "truncated_curves": truncated_curves(),
        "image_curves": image_curves(),
    }


def verdicts(tables):
    """Verdict of every (claim, part)."""
    judged = judge(PAPER, vars(claims), CLAIMS, tables, base_preset="quick", published=load_paper(PAPER)["published"])
    return judged.set_index(["claim", "part"])


def doctored(tables, table, query, column, factor):
    """Tables in which the chosen rows of one column are multiplied by a factor."""
    frame = tables[table].copy()
    frame[column] = frame[column].astype(float)
    frame.loc[frame.query(query).index, column] *= factor
    return {**tables, table: frame}


DOCTORED = [
    ("RA0", "n_outliers", "sample_spectrum", "rank == 4", "eigenvalue", 1e-5),
    ("RA1", "erf", "learning_curves", "activation == 'erf' and method == 'simulation' and seed == 1", "error", 1.2),
    ("RA1", "linear", "learning_curves", "activation == 'linear' and method == 'simulation' and seed == 1", "error", 0.8),
    ("RA2", "slope_z", "finite_size_deviation", "dim >= 400", "rms_log", 0.2),
    ("RA2", "decrease", "finite_size_deviation", "dim >= 400", "rms_log", 2),
    ("RA2b", "slope", "finite_size_deviation", "dim >= 400", "rms_log", 0.4),
    ("RA2b", "smallest_scaled", "finite_size_deviation", "dim == 200", "rms_log", 0.3),
    ("RA2b", "largest_scaled", "finite_size_deviation", "dim == 200", "rms_log", 3),
    ("RA3", "ordered_share", "learning_times", "seed == 1 and component == 3", "learning_time", 10),
    ("RA4", "erf_smallest", "late_excess", "activation == 'erf' and seed == 1", "excess_error", 0.7),
    ("RA4", "erf_largest", "late_excess", "activation == 'erf' and seed == 1", "excess_error", 1.5),
    ("RA4", "linear_smallest", "late_excess", "activation == 'linear' and seed == 1", "excess_error", 0.7),
    ("RA4", "linear_largest", "late_excess", "activation == 'linear' and seed == 1", "excess_error", 1.5),
    ("RA5", "excess", "long_times", "time > 1e5", "excess_error", 1.2),
    ("RA5", "encoder", "long_times", "time > 1e5", "encoder_norm", 1.2),
    ("RA5", "decoder", "long_times", "time > 1e5", "decoder_norm", 0.8),
    ("RA6", "ratio_at_end", "long_times", "time > 1e5", "excess_error", 1.03),
    ("RA7", "distance", "tied_weights", "activation == 'erf' and seed == 1", "error", 0.2),
    ("RA7", "drift", "tied_weights", "activation == 'erf' and seed == 1 and time == 1e4", "error", 0.9),
    ("RA8", "ratio", "tied_weights", "activation == 'linear' and seed == 1", "error", 1.05),
    *[("RA9", f"width_{k}", "relu_plateaus", f"bias_mode == 'none' and width == {k}", "error", 0.95) for k in (1, 2, 4, 6)],
    ("RA10", "share", "relu_plateaus", "bias_mode == 'trained' and width == 5", "n_components", 0.75),
    ("RA10b", "to_plateau", "relu_plateaus", "bias_mode == 'trained' and width == 4", "error", 1.1),
    ("RA10b", "to_no_bias", "relu_plateaus", "bias_mode == 'trained' and width == 4", "error", 2),
    ("RA10b", "mean_bias", "relu_plateaus", "bias_mode == 'trained' and width == 4", "mean_bias", 0.3),
    ("RA11", "median_rms", "learning_curves", "activation == 'relu' and method == 'simulation' and seed > 0", "error", 1.3),
    ("RA11", "median_end", "learning_curves", "activation == 'relu' and method == 'theory' and time == 300", "error", 1.1),
    ("RA12", "share", "decoder_alignment", "rule == 'truncated' and seed == 1 and unit == 2 and component == 2", "alignment", 0),
    ("RA12b", "smallest", "decoder_alignment", "rule == 'truncated' and seed == 1 and unit == 4", "alignment", 0.9),
    ("RA13", "mixture", "decoder_alignment", "rule == 'vanilla' and seed == 1 and unit == component", "alignment", 1.5),
    ("RA13", "subspace", "decoder_alignment", "rule == 'vanilla' and seed == 1", "subspace_overlap", 0.9),
    ("RA14", "rms", "truncated_curves", "rule == 'truncated' and method == 'simulation' and seed == 1", "error", 1.5),
    ("RA14", "slower", "truncated_curves", "rule == 'truncated' and method == 'theory' and seed == 1", "error", 0.5),
    (
        "RA14",
        "end_smallest",
        "truncated_curves",
        "rule == 'truncated' and method == 'theory' and seed == 1 and time == 1000",
        "error",
        0.8,
    ),
    (
        "RA14",
        "end_largest",
        "truncated_curves",
        "rule == 'truncated' and method == 'theory' and seed == 1 and time == 1000",
        "error",
        2,
    ),
    ("RA15", "cifar10_mean", "image_curves", "dataset == 'cifar10' and inputs == 'images'", "error", 1.02),
    ("RA15", "cifar10_max", "image_curves", "dataset == 'cifar10' and inputs == 'gaussian' and time == 50", "error", 1.04),
    ("RA15", "fashion_mean", "image_curves", "dataset == 'fashion_mnist' and inputs == 'gaussian'", "error", 1.02),
    ("RA15", "fashion_max", "image_curves", "dataset == 'fashion_mnist' and inputs == 'images' and time == 50", "error", 0.96),
    ("RA16", "ratio", "image_curves", "dataset == 'cifar10' and inputs == 'images' and time == 150", "error", 1.05),
    ("RA18", "erf", "tied_weights", "activation == 'erf' and method == 'simulation' and seed == 1", "error", 1.3),
    ("RA18", "linear", "tied_weights", "activation == 'linear' and method == 'simulation' and seed == 1", "error", 1.3),
]


def test_every_part_is_doctored():
    assert {(claim, part) for claim, part, *_ in DOCTORED} == {
        (claim["claim"], part["part"]) for claim in CLAIMS for part in claim["parts"]
    }


def test_ideal_tables_reproduce_every_claim(ideal):
    judged = verdicts(ideal)
    assert judged.index[judged["verdict"] != "reproduced"].tolist() == [], judged["note"].tolist()


@pytest.mark.parametrize(("claim", "part", "edit"), [(claim, part, edit) for claim, part, *edit in DOCTORED])
def test_doctored_tables_do_not_reproduce_the_claim(ideal, claim, part, edit):
    assert verdicts(doctored(ideal, *edit)).loc[(claim, part), "verdict"] == "not_reproduced"


@pytest.mark.parametrize(
    ("claim", "table", "query"),
    [
        ("RA1", "learning_curves", "method == 'theory'"),
        ("RA6", "long_times", "time < 1e5"),
        ("RA7", "tied_weights", "time < 1e4"),
        ("RA14", "truncated_curves", "time < 1000"),
        ("RA16", "image_curves", "time < 150"),
    ],
)
def test_missing_rows_leave_a_claim_not_judged(ideal, claim, table, query):
    judged = verdicts({**ideal, table: ideal[table].query(query)}).loc[claim]
    assert (judged["verdict"] == "not_judged").all()
    assert judged["note"].str.contains("no row|no time").all()


def test_scaling_exponent_of_an_exact_power_is_found_without_error():
    exact = tidy({"dim": np.array([100, 200, 400]), "seed": range(3)}, rms_log=np.array([[1.0], [0.5], [0.25]]))
    measured = claims.ra2b({"finite_size_deviation": exact})["slope"]
    assert measured.value == pytest.approx(-1)
    assert measured.std_error == pytest.approx(0, abs=1e-12)


def test_scaling_error_is_the_scatter_of_repeated_experiments():
    rng, slopes, errors = np.random.default_rng(0), [], []
    for _ in range(400):
        noise = 1 + 0.3 * rng.standard_normal((4, 16))
        rows = tidy({"dim": np.array([100, 200, 400, 800]), "seed": range(16)}, rms_log=noise / np.sqrt([[1], [2], [4], [8]]))
        measured = claims.ra2b({"finite_size_deviation": rows})["slope"]
        slopes.append(measured.value)
        errors.append(measured.std_error)
    # The standard deviation of 400 normal draws is known to 1/√800; five of those, and 16 seeds bias it by 1/64 at most.
    assert np.mean(errors) == pytest.approx(np.std(slopes), rel=5 / np.sqrt(800) + 1 / 64)
    assert np.mean(slopes) == pytest.approx(-0.5, abs=5 * np.std(slopes) / 20)


SPOILT = [  # of every claim some rows, never all, in which a column is not a number
    ("RA0", "sample_spectrum", "rank == 6", "eigenvalue"),
    ("RA1", "learning_curves", "method == 'simulation' and seed == 1 and time == 10", "error"),
    ("RA2", "finite_size_deviation", "dim == 200 and seed == 1", "rms_log"),
    ("RA2b", "finite_size_deviation", "dim == 200 and seed == 1", "rms_log"),
    ("RA3", "learning_times", "seed == 1 and component == 3", "learning_time"),
    ("RA4", "late_excess", "seed == 1", "excess_error"),
    ("RA5", "long_times", "time > 1e5", ["excess_error", "encoder_norm", "decoder_norm"]),
    ("RA6", "long_times", "time > 1e5", "predicted_excess"),
    ("RA7", "tied_weights", "seed == 1 and method == 'theory'", "error"),
    ("RA8", "tied_weights", "seed == 1 and method == 'theory'", "error"),
    ("RA9", "relu_plateaus", "bias_mode == 'none' and seed == 1", "error"),
    ("RA10", "relu_plateaus", "bias_mode == 'trained' and width == 3", "error"),
    ("RA10b", "relu_plateaus", "bias_mode == 'trained' and seed == 1", ["error", "mean_bias"]),
    ("RA11", "learning_curves", "method == 'theory' and seed == 1 and time == 300", "error"),
    ("RA12", "decoder_alignment", "rule == 'truncated' and seed == 1 and unit == component", "alignment"),
    ("RA12b", "decoder_alignment", "rule == 'truncated' and seed == 1 and unit == component", "alignment"),
    ("RA13", "decoder_alignment", "rule == 'vanilla' and seed == 1 and unit == 2", ["alignment", "subspace_overlap"]),
    ("RA14", "truncated_curves", "rule == 'truncated' and seed == 1 and time > 10", "error"),
    ("RA15", "image_curves", "inputs == 'gaussian' and time == 50", "error"),
    ("RA16", "image_curves", "inputs == 'images' and time == 150", "error"),
    ("RA18", "tied_weights", "method == 'simulation' and seed == 1 and time == 10", "error"),
]


def test_every_claim_is_spoilt():
    assert [claim for claim, *_ in SPOILT] == [claim["claim"] for claim in CLAIMS]


@pytest.mark.parametrize(("claim", "table", "query", "column"), SPOILT)
def test_what_is_not_a_number_is_never_skipped(ideal, claim, table, query, column):
    frame = ideal[table].copy()
    if table == "relu_plateaus":  # a second seed: one is what a selection could skip
        frame = pd.concat([frame, frame.assign(seed=1)], ignore_index=True)
    frame.loc[frame.query(query).index, column] = np.nan
    judged = verdicts({**ideal, table: frame}).loc[claim]
    assert set(judged["verdict"]) == {"not_judged"}, judged[["measured", "note"]]
    assert set(judged["note"]) == {"not a number"}


def test_the_remark_on_late_plateaus_takes_its_numbers_from_the_table(ideal):
    late = ideal["last_plateaus"].copy()
    late.loc[(late["seed"] == 0) & (late["time"] == 1000.0), "error"] *= 1.5
    late.loc[(late["seed"] == 2) & (late["time"] == 2e4), "error"] *= 1.25
    judged = verdicts({**doctored(ideal, "relu_plateaus", "bias_mode == 'none' and width == 6", "error", 1.02), "last_plateaus": late})
    assert judged.loc["RA9", "verdict"].tolist() == ["reproduced"] * 3 + ["not_reproduced"]
    note = judged.loc[("RA9", "width_6"), "note"]
    for told in ("3 starts", "1.5000 times the level at time 1000", "1.0000 times at time 20000", "1.0000 and 1.0000", "1.500 and 1.250"):
        assert told in note
    assert "{" not in note


def test_more_starts_do_not_change_the_verdict_on_the_judged_one(ideal):
    late = ideal["last_plateaus"].assign(error=9.0)
    assert (verdicts({**ideal, "last_plateaus": late}).loc["RA9", "verdict"] == "reproduced").all()
