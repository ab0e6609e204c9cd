"""Claims of munteanu_width judge what they say."""

import numpy as np
import pandas as pd
import pytest

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED, judge
from repro.settings import load_paper
from scripts.munteanu_width import claims, comparison
from tests.unit.munteanu_width_tables import tables_that_hold

PAPER = "munteanu_width"

STOPS, GOES_ON = "stops_at_hit and ", "not stops_at_hit and "
COUPLED, INDEPENDENT = "initialization == 'coupled' and ", "initialization == 'independent' and "
DOCTORED = [  # claim, part, table, rows, column, value
    ("C3", "hits_below", "circle_training_run", "n_train == 12 and width == 4 and seed == 0", "hit_step", 5.0),
    ("C3", "rows_below", "circle_training_run", "width < n_train / 2 and n_train > 12", "width", 128),
    ("C4", "below_cover", "frozen_width", "n_train == 8 and seed == 1", "frozen_width", 1.0),
    ("C4_law", "median_z", "frozen_width", "n_train == 64", "frozen_width", 80.0),
    ("C4_equal", "equal_share", "frozen_width", "n_train == 32 and seed < 3", "frozen_width", 90.0),
    ("C5", "lowest_at_1", "transfer_probability", "n_train == 24 and relative_width == 1", "probability", 0.4),
    ("C5", "highest_at_1", "transfer_probability", "n_train == 24 and relative_width == 1", "probability", 0.85),
    ("C5", "lowest_at_4", "transfer_probability", "n_train == 24 and relative_width == 4", "probability", 0.96),
    ("C5", "highest_at_quarter", "transfer_probability", "n_train == 24 and relative_width == 0.25", "probability", 0.2),
    ("C6", "largest_ratio", "circle_training_run", f"{COUPLED}n_train == 24 and width == 192 and init_scale == 1", "hit_step", 60.0),
    ("C6_half", "scale_1", "circle_training_run", f"{COUPLED}n_train == 24 and width == 384 and init_scale == 1", "hit_step", 31.0),
    ("C6_half", "scale_10", "circle_training_run", f"{COUPLED}n_train == 24 and width == 192 and init_scale == 10", "hit_step", 31.0),
    ("C7", "coupled", "circle_training_run", f"{GOES_ON}{COUPLED}init_scale == 30", "hit_step", 16.0),
    ("C7", "independent", "circle_training_run", f"{GOES_ON}{INDEPENDENT}init_scale == 30", "hit_step", 50.0),
    ("C8", "coupled", "kernel_stability", f"{COUPLED}init_scale == 10 and dim == 32 and width == 1024", "flip_share", 0.03),
    ("C8", "independent", "kernel_stability", f"{INDEPENDENT}init_scale == 10 and dim == 32 and width == 1024", "flip_share", 0.02),
    ("C9", "largest_excess", "loss_curve", f"{COUPLED}width == 64 and seed == 1 and step == 2", "loss", 1.0),
    ("C11", "margin_ratio", "image_margin", "pair == 'zero_one' and n_train == 256 and seed == 3", "margin_l2", 0.1),
    ("C12", "coupled", "image_training_run", f"{COUPLED}init_scale == 10 and width == 128", "hit_step", 31.0),
    ("C12", "independent", "image_training_run", f"{INDEPENDENT}init_scale == 10 and width == 128", "hit_step", 40.0),
    ("C13", "coupled", "circle_training_run", f"{COUPLED}n_train == 8 and width == 64 and init_scale == 1", "hit_step", 2.0),
    ("C13", "independent", "circle_training_run", f"{INDEPENDENT}n_train == 8 and width == 256 and init_scale == 10", "hit_step", 7.0),
    ("C14", "pooled_z", "circle_training_run", f"{STOPS}{COUPLED}init_scale == 10 and width in (16, 32)", "hit_step", 1.0),
    ("N1", "margin", "circle_margin", "n_train == 10", "margin_l2", 0.01),
    ("N1", "separable", "frozen_width", "n_train == 14", "frozen_width", 100.0),
    ("N1", "hits", "circle_training_run", "n_train == 10 and seed == 2", "hit_step", 5.0),
    ("N2", "trained_over_theory", "circle_training_run", f"{STOPS}{COUPLED}n_train == 16 and width < 256", "hit_step", np.inf),
    ("N3", "pooled_z", "circle_training_run", f"{STOPS}{INDEPENDENT}init_scale == 10 and n_train in (8, 16)", "hit_step", 1.0),
    ("N4", "broken_share", "loss_curve", f"{COUPLED}width == 8", "loss", 0.0),
]


@pytest.fixture(scope="module")
def quick():
    return tables_that_hold()


def judged(tables):
    return judge(PAPER, vars(claims), load_paper(PAPER)["claims"], tables, base_preset="quick").set_index(["claim", "part"])


def verdicts(tables):
    return judged(tables)["verdict"]


def changed(tables, table, condition, column, value):
    frame = tables[table].copy()
    rows = frame.query(condition).index
    assert len(rows)
    frame.loc[rows, column] = value
    return tables | {table: frame}


def test_every_claim_holds_on_tables_made_to_hold(quick):
    assert verdicts(quick).eq(REPRODUCED).all()


def test_every_part_of_every_claim_is_fed_a_doctored_table():
    parts = {(claim["claim"], part["part"]) for claim in load_paper(PAPER)["claims"] for part in claim["parts"]}
    assert {(claim, part) for claim, part, *_ in DOCTORED} == parts


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_doctored_table_is_not_reproduced(quick, case):
    claim, part, *change = case
    found = judged(changed(quick, *change)).loc[(claim, part)]
    assert found["verdict"] == NOT_REPRODUCED
    assert "{" not in found["note"]


@pytest.mark.parametrize(
    ("claim", "part", "table", "condition"),
    [
        ("C4", "below_cover", "frozen_width", "n_train % 4 == 0"),
        ("C4_law", "median_z", "frozen_width", "n_train >= 16"),
        ("C5", "lowest_at_4", "transfer_probability", "relative_width == 4"),
        ("C6", "largest_ratio", "circle_training_run", "n_train == 20"),
        ("C6_half", "scale_1", "circle_training_run", "width == 384"),
        ("C7", "coupled", "circle_training_run", "init_scale == 30"),
        ("C8", "independent", "kernel_stability", "width == 1024"),
        ("C9", "largest_excess", "loss_curve", "width >= 64"),
        ("C11", "margin_ratio", "image_margin", "n_train == 256"),
        ("C12", "independent", "image_training_run", "width == 128"),
        ("C13", "coupled", "circle_training_run", "n_train == 8 and width == 128"),
        ("C14", "pooled_z", "circle_training_run", "n_train == 16 and width == 64"),
        ("C14", "pooled_z", "transfer_probability", "width == 16 and event == 'positive'"),
        ("N1", "separable", "frozen_width", "n_train == 14"),
        ("N2", "trained_over_theory", "circle_training_run", "n_train == 16 and width == 2"),
        ("N3", "pooled_z", "circle_training_run", "n_train == 8 and width == 4"),
        ("N4", "broken_share", "loss_curve", "width == 8"),
    ],
)
def test_a_claim_is_not_judged_without_all_its_rows(quick, claim, part, table, condition):
    frame = quick[table]
    left = frame.drop(frame.query(condition).index)
    assert verdicts(quick | {table: left})[claim, part] == NOT_JUDGED


@pytest.mark.parametrize(
    "case",
    [
        ("C3", "hits_below", "circle_training_run", "width == 4 and n_train == 12 and seed == 3", "hit_step"),
        ("C4", "below_cover", "frozen_width", "n_train == 24 and seed == 3", "cover_width"),
        ("C4_equal", "equal_share", "frozen_width", "n_train == 24 and seed == 3", "cover_width"),
        ("C4_law", "median_z", "frozen_width", "n_train == 24 and seed == 3", "frozen_width"),
        ("C5", "lowest_at_1", "transfer_probability", "n_train == 24 and relative_width == 1", "probability"),
        ("C6", "largest_ratio", "circle_training_run", "n_train == 24 and width == 192 and seed == 3", "hit_step"),
        ("C8", "coupled", "kernel_stability", "dim == 32 and width == 1024 and seed == 1", "flip_share"),
        ("C9", "largest_excess", "loss_curve", "width == 128 and step == 1", "loss"),
        ("C11", "margin_ratio", "image_margin", "labels == 'permuted' and seed == 4", "margin_l2"),
        ("C12", "coupled", "image_training_run", "width == 128 and seed == 1", "hit_step"),
        ("C13", "independent", "circle_training_run", "n_train == 8 and width == 64 and seed == 3", "hit_step"),
        ("C14", "pooled_z", "circle_training_run", "n_train == 8 and width == 64 and seed == 3", "hit_step"),
        ("N1", "margin", "circle_margin", "n_train == 10", "margin_l2"),
        ("N1", "separable", "frozen_width", "n_train == 14", "frozen_width"),
        ("N2", "trained_over_theory", "circle_training_run", "n_train == 16 and width == 64 and seed == 3", "hit_step"),
        ("N4", "broken_share", "loss_curve", "width == 8 and step == 2 and seed == 1", "loss"),
    ],
)
def test_what_is_no_number_never_counts(quick, case):
    claim, part, *change = case
    assert verdicts(changed(quick, *change, np.nan))[claim, part] == NOT_JUDGED


def test_infinite_medians_count_as_the_claims_say(quick):
    wide = "stops_at_hit and n_train == 24 and width == 192 and init_scale == 1"
    never = changed(quick, "circle_training_run", f"{wide} and initialization == 'independent'", "hit_step", np.inf)
    assert judged(never).loc[("C6", "largest_ratio"), "verdict"] == REPRODUCED
    assert (
        comparison.hit_ratios(never["circle_training_run"]).query("n_train == 24 and width == 192 and init_scale == 1")["ratio"].item() == 0
    )
    both = changed(never, "circle_training_run", f"{wide} and initialization == 'coupled'", "hit_step", np.inf)
    assert judged(both).loc[("C6", "largest_ratio"), "measured"] == np.inf
    assert judged(both).loc[("C6", "largest_ratio"), "verdict"] == NOT_REPRODUCED
    lost = changed(quick, "image_training_run", f"{INDEPENDENT}width == 128", "hit_step", np.inf)
    assert judged(lost).loc[("C12", "independent"), "verdict"] == REPRODUCED


def test_the_pooled_z_has_the_spread_of_its_counts():
    """Counts drawn from the law, chances estimated from as many draws as the table says: z is standard normal."""
    rng, z = np.random.default_rng(0), []
    truth, n_seeds, n_draws = np.array([0.2, 0.5, 0.9, 0.6]), 20, 100
    for _ in range(300):
        chance = rng.binomial(n_draws, truth) / n_draws
        observed = rng.binomial(n_seeds, truth)
        z.append(comparison.pooled_z(pd.DataFrame({"observed": observed, "n_seeds": n_seeds, "chance": chance, "n_draws": n_draws})))
    assert abs(np.mean(z)) < 5 / np.sqrt(300)
    assert np.std(z) == pytest.approx(1, abs=5 / np.sqrt(600))


def test_a_trained_width_is_the_smallest_with_enough_seeds(quick):
    setting = {"n_train": 16, "initialization": "coupled", "init_scale": 1.0}
    assert comparison.trained_width(quick["circle_training_run"], **setting) == 8
    runs = quick["circle_training_run"]
    few = "n_train == 16 and width == 8 and initialization == 'coupled' and init_scale == 1 and seed"
    assert (
        comparison.trained_width(changed(quick, "circle_training_run", f"{few} < 2", "hit_step", np.inf)["circle_training_run"], **setting)
        == 8
    )
    assert (
        comparison.trained_width(changed(quick, "circle_training_run", f"{few} < 3", "hit_step", np.inf)["circle_training_run"], **setting)
        == 16
    )
    assert comparison.trained_width(runs.assign(hit_step=np.inf), **setting) == np.inf
    assert np.isnan(comparison.trained_width(runs, n_train=12, initialization="coupled", init_scale=1.0))
