"""Claims of razin_htf judge what they say, and its figures are drawn from any table that keeps its contract."""

import numpy as np
import pandas as pd
import pytest

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED, judge
from repro.frames import tidy
from repro.settings import load_paper, load_params
from scripts.razin_htf import claims
from scripts.razin_htf.measures import final_accuracy, rises
from scripts.razin_htf.runs import theorem_flow
from tests.unit.drawn import draw

PAPER = "razin_htf"
CONTRACT = load_paper(PAPER)
CLAIMS, FIGURES = CONTRACT["claims"], CONTRACT["figures"]
LARGE, FAR, WEIGHT = 0.3, 48, 3.0

MF = "model == 'mf' and init_std == 0.001"
ROOT = "quantity == 'local_norm_root' and init_std == 0.03"
PLAIN, REGULARISED = "regulariser_weight == 0", "regulariser_weight == 3"

DOCTORED = [  # claim, part, table, rows, column, factor
    ("C1_mf_incremental", "smallest_gap", "training_curves", f"{MF} and rank_index == 3 and step < 300", "value", 100),
    ("C1_mf_incremental", "tail", "training_curves", f"{MF} and rank_index == 6 and seed == 1", "value", 1e5),
    (
        "C2_tf_incremental",
        "smallest_gap",
        "training_curves",
        "quantity == 'component_norm' and rank_index == 2 and step < 200",
        "value",
        100,
    ),
    ("C2_tf_incremental", "tail", "training_curves", "quantity == 'component_norm' and rank_index == 6 and seed == 2", "value", 1e5),
    ("C3_recover", "mf_error", "fits", f"{MF} and seed == 2", "fit_reconstruction_error", 10),
    ("C3_recover", "tf_error", "fits", "model == 'tf' and init_std == 0.001 and seed == 0", "fit_reconstruction_error", 10),
    ("C4_htf_few", "count", "training_curves", f"{ROOT} and rank_index > 5 and step == 1000 and seed == 1", "value", 1e5),
    ("C4_htf_order", "first_gap", "training_curves", f"{ROOT} and rank_index == 2 and step < 200 and seed == 1", "value", 100),
    ("C4_htf_order", "second_gap", "training_curves", f"{ROOT} and rank_index == 3 and step < 300 and seed == 0", "value", 100),
    ("C4_htf_order", "seeds_with_two", "training_curves", f"{ROOT} and rank_index == 2 and step == 1000 and seed > 0", "value", 0.01),
    ("C5_mode_tree", "count", "training_curves", "quantity == 'matricisation_12' and init_std == 0.03 and rank_index > 5", "value", 1e5),
    (
        "C4n_large_init",
        "root_count",
        "training_curves",
        "quantity == 'local_norm_root' and init_std == 0.3 and rank_index > 5",
        "value",
        1e-6,
    ),
    (
        "C5n_large_init",
        "matricisation_count",
        "training_curves",
        "quantity == 'matricisation_12' and init_std == 0.3 and rank_index > 5",
        "value",
        1e-6,
    ),
    ("C6_theorem", "slope", "component_rates", "mode_set == 'root'", "rate_measured", 1.01),
    ("C6_theorem", "largest_deviation", "component_rates", "rate_measured == rate_measured.max()", "rate_measured", 1.01),
    ("C6n_wrong_exponent", "largest_deviation", "component_rates", "rate_measured == rate_measured.max()", "rate_measured", 1e9),
    ("C8_init", "mf_ratio", "fits", "model == 'mf' and init_std == 0.3", "fit_reconstruction_error", 0.01),
    ("C8_init", "tf_ratio", "fits", "model == 'tf' and init_std == 0.3", "fit_reconstruction_error", 0.01),
    ("C8_init", "fitted", "fits", "model == 'tf' and init_std == 0.3 and seed == 0", "fit_step", np.nan),
    ("C9_locality", "drop", "locality_curves", f"{PLAIN} and distance == 0 and split == 'test'", "accuracy", 0.7),
    ("C9_locality_size", "drop", "locality_curves", f"{PLAIN} and distance == 0 and split == 'test'", "accuracy", 0.7),
    ("C10_chance", "test_accuracy", "locality_curves", f"{PLAIN} and distance == 48 and split == 'test'", "accuracy", 1.3),
    ("C10_chance", "train_accuracy", "locality_curves", f"{PLAIN} and distance == 48 and split == 'train'", "accuracy", 0.7),
    ("C11_reg_far", "gain", "locality_curves", f"{REGULARISED} and distance == 48 and split == 'test'", "accuracy", 0.7),
    ("C12_reg_near", "difference", "locality_curves", f"{REGULARISED} and distance == 0 and split == 'test'", "accuracy", 0.9),
    ("C13_reg_active", "ratio", "regulariser_curves", f"{REGULARISED} and distance == 48 and seed == 102 and epoch == 6", "regulariser", 2),
    (
        "C14_reversed",
        "train_gap",
        "locality_curves",
        "regulariser_weight == -1 and split == 'train' and epoch == 4",
        "accuracy",
        1.3,
    ),
    ("C14_reversed", "regulariser", "regulariser_curves", "regulariser_weight == -1 and epoch == 4 and seed == 101", "regulariser", 0.5),
]


def staircase(model, quantity, std, n_large, seeds):
    """The first n values rise one after another to 30, 25, … and the others stay small."""
    steps, ranks = np.arange(0, 1001, 25), np.arange(1, 11)
    height = np.where(ranks <= n_large, 35.0 - 5 * np.minimum(ranks, 6), 1e-3)
    risen = steps[:, None] >= 100 * ranks
    value = np.where(risen | (ranks > n_large), height, 0.01 * height)
    return tidy({"seed": seeds, "step": steps, "rank_index": ranks}, model=model, quantity=quantity, width=64, init_std=std, value=value)


def locality_tables():
    """Accuracy and R as they would be if every claim held."""
    cases = [
        (0, 0.0, 0.78, 0.98, 6),
        (0, WEIGHT, 0.77, 0.8, 6),
        (FAR, 0.0, 0.51, 0.85, 6),
        (FAR, WEIGHT, 0.72, 0.75, 6),
        (0, -1.0, 0.75, 0.75, 4),
    ]
    curves, found = [], []
    for distance, weight, test, train, n_epochs in cases:
        axes = {"seed": [101, 102], "epoch": np.arange(1, n_epochs + 1)}
        keys = {"distance": distance, "regulariser_weight": weight}
        curves += [tidy(axes, **keys, split=split, accuracy=end) for split, end in (("train", train), ("test", test))]
        path = np.linspace(1.0, 0.45, n_epochs) if weight > 0 else np.full(n_epochs, 0.95)
        if weight:
            found.append(tidy(axes, **keys, regulariser=path))
    return {"locality_curves": pd.concat(curves, ignore_index=True), "regulariser_curves": pd.concat(found, ignore_index=True)}


@pytest.fixture(scope="module")
def quick():
    """A solved flow, staircases, fits and accuracies that reproduce every claim."""
    seeds, few = [0, 1, 2], [0, 1]
    curves = [
        staircase("mf", "singular_value", 0.001, 5, seeds),
        staircase("tf", "component_norm", 0.001, 5, seeds),
        *(staircase("htf", quantity, 0.03, 5, seeds) for quantity in ("local_norm_root", "local_norm_pair_12", "matricisation_12")),
        *(staircase("htf", quantity, LARGE, 10, few) for quantity in ("local_norm_root", "local_norm_pair_12", "matricisation_12")),
        *(staircase("htf", "matricisation_13", std, 10, few) for std in (0.03, LARGE)),
    ]
    fits = [
        tidy({"seed": own}, model=model, width=width, init_std=std, fit_step=4000.0, fit_loss=4e-5, fit_reconstruction_error=error)
        for model, width in (("mf", 64), ("tf", 256))
        for std, error, own in ((0.001, 0.01, seeds), (LARGE, 0.7, few))
    ]
    ends = {"end_step": 7000, "end_loss": 1e-6, "end_reconstruction_error": 0.01, "effective_rank": 5.0, "tail_ratio": 1e-5}
    flow = theorem_flow.compute(load_params(PAPER, "theorem_flow", "quick") | {"n_steps": 800})
    fitted = pd.concat(fits, ignore_index=True).assign(**ends)
    pathfinder = tidy(
        {"path_length": [3, 9], "regulariser_weight": [0.0, 9.0], "seed": [0, 1], "epoch": [1, 2], "split": ["train", "test"]}, accuracy=0.8
    )
    return {
        "training_curves": pd.concat(curves, ignore_index=True),
        "fits": fitted,
        "pathfinder_curves": pathfinder,
        **flow,
        **locality_tables(),
    }


def verdicts(tables, chosen=CLAIMS):
    found = judge(PAPER, vars(claims), chosen, tables, base_preset="quick", published=CONTRACT["published"])
    return found.set_index(["claim", "part"])["verdict"]


def own_claim(tables, claim):
    return verdicts(tables, [entry for entry in CLAIMS if entry["claim"] == claim])[claim]


def changed(tables, case, value=None):
    """Tables with some rows multiplied, or all but one of these left as they are and that one set to a value."""
    _, _, table, condition, column, factor = case
    doctored = tables[table].copy()
    places = doctored.query(condition).index
    assert len(places)
    if value is None:
        doctored.loc[places, column] *= factor
    else:
        doctored.loc[places[-1:], column] = value
    return tables | {table: doctored}


def test_every_claim_holds_where_everything_is_as_stated(quick):
    found = verdicts(quick)
    assert found[found != REPRODUCED].empty


def test_every_part_of_every_claim_is_fed_a_doctored_table():
    parts = {(claim["claim"], part["part"]) for claim in CLAIMS for part in claim["parts"]}
    assert {(claim, part) for claim, part, *_ in DOCTORED} == parts


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_doctored_table_is_not_reproduced(quick, case):
    if case[0] == "C6n_wrong_exponent":  # it must fail as stated: a right side that fits does not
        rates = quick["component_rates"]
        tables = quick | {"component_rates": rates.assign(rate_wrong_exponent=rates["rate_measured"])}
    else:
        tables = changed(quick, case)
    assert own_claim(tables, case[0])[case[1]] == NOT_REPRODUCED


@pytest.mark.parametrize("case", [case for case in DOCTORED if case[1] != "fitted"], ids=lambda case: f"{case[0]}-{case[1]}")
def test_not_a_number_or_a_missing_table_is_never_good_news(quick, case):
    assert own_claim(changed(quick, case, value=np.nan), case[0])[case[1]] == NOT_JUDGED
    assert own_claim(quick | {case[2]: quick[case[2]].iloc[:0]}, case[0])[case[1]] == NOT_JUDGED


def test_no_second_root_component_is_no_order_and_is_counted(quick):
    case = ("", "", "training_curves", f"{ROOT} and rank_index > 1", "value", 1e-3)
    found = own_claim(changed(quick, case), "C4_htf_order")
    assert found.to_dict() == {"first_gap": NOT_JUDGED, "second_gap": NOT_JUDGED, "seeds_with_two": NOT_REPRODUCED}


def test_a_value_rises_at_the_first_step_at_its_share_of_its_own_largest():
    values = pd.DataFrame({1: [0.0, 4.0, 10.0, 6.0], 2: [1.0, 1.0, 1.0, 8.0]}, index=[0, 25, 50, 75])
    assert rises(values, 2, 0.5).tolist() == [50, 75]
    assert rises(values, 2, 0.4).tolist() == [25, 75]


def test_accuracy_is_the_mean_of_the_last_epochs_of_each_training():
    curves = tidy({"seed": [0, 1], "epoch": [1, 2, 3, 4]}, distance=0, split="test", accuracy=np.array([[0.0, 1, 2, 3], [4, 5, 6, 7]]))
    short = curves[(curves["seed"] == 0) | (curves["epoch"] < 4)]
    assert final_accuracy(short, 2)["accuracy"].tolist() == [2.5, 5.5]


def test_a_difference_of_accuracies_is_taken_seed_by_seed(quick):
    curves = quick["locality_curves"].copy()
    curves.loc[curves.query(f"{PLAIN} and split == 'test' and seed == 102").index, "accuracy"] += 0.1
    found = claims.c9_locality(quick | {"locality_curves": curves})["drop"]
    assert found.value == pytest.approx(0.27)
    assert found.std_error == pytest.approx(0, abs=1e-12)
    lacking = curves.query(f"not ({PLAIN} and distance == 48 and seed == 102)")
    assert own_claim(quick | {"locality_curves": lacking}, "C9_locality")["drop"] == NOT_JUDGED


@pytest.mark.parametrize("name", FIGURES)
def test_figures_name_what_their_axes_show(quick, name):
    fig = draw(PAPER, name, quick, "paper")
    assert all(ax.get_xlabel() for ax in fig.axes)
    letters = [ax.get_title(loc="left").split("$")[1] for ax in fig.axes]
    assert letters == [f"\\bf{{{letter}}}" for letter in "abcdefghijkl"[: len(letters)]]


def test_a_strip_shows_every_value_before_its_bounds_and_the_published_one(quick):
    ax = draw(PAPER, "fig6", quick).axes[-2]
    assert len(ax.patches) == 5
    values = [line.get_xdata()[0] for line in ax.get_lines() if line.get_marker() == "o" and len(line.get_xdata())]
    for patch, value in zip(ax.patches, values, strict=True):
        assert patch.get_x() <= value <= patch.get_x() + patch.get_width()
    marks = {line.get_xdata()[0] for line in ax.get_lines() if line.get_marker() == "|" and line.get_markersize() == 11}
    assert marks == {0.108, 0.08, 0.0}


@pytest.mark.parametrize("claim", ["C1_mf_incremental", "C4_htf_few", "C4_htf_order", "C4n_large_init"])
def test_a_table_without_the_sixth_rank_is_not_judged(quick, claim):
    short = quick["training_curves"].query("rank_index < 6")
    assert set(own_claim(quick | {"training_curves": short}, claim)) == {NOT_JUDGED}
