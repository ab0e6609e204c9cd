"""Claims of lee_maslow judge what they say, and its figures are drawn from any table that keeps its contract."""

import numpy as np
import pandas as pd
import pytest

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED, judge
from repro.frames import tidy
from repro.settings import load_paper, load_params
from scripts.lee_maslow import claims
from scripts.lee_maslow.runs import node_dynamics, ode_interventions
from tests.unit.drawn import draw

PAPER = "lee_maslow"
CLAIMS = load_paper(PAPER)["claims"]
FIGURES = load_paper(PAPER)["figures"]

DOCTORED = [  # claim, part, table, rows, column, factor
    ("L1", "largest_deviation", "sgd_forgetting", "intervention == 'none' and method == 'simulation'", "forgetting", 1.5),
    ("L2", "excess_over_dissimilar", "node_reuse", "similarity == 0", "forgetting", 100),
    ("L2", "excess_over_identical", "node_reuse", "similarity == 1", "forgetting", 1000),
    ("L2b", "worst_similarity", "node_reuse", "similarity == 0.8", "forgetting", 10),
    ("L3", "dissimilar_share", "node_reuse", "similarity == 0", "forgetting", 5),
    ("L3", "identical_share", "node_reuse", "similarity == 1", "forgetting", 50),
    ("L4", "at_0_2", "node_reuse", "similarity == 0.2", "forgetting", 1.5),
    ("L4", "at_0_4", "node_reuse", "similarity == 0.4", "forgetting", 0.8),
    ("L4", "at_0_6", "node_reuse", "similarity == 0.6", "forgetting", 1.1),
    ("L4", "at_0_8", "node_reuse", "similarity == 0.8", "forgetting", 1.1),
    ("L5", "task1_at_switch", "node_reuse", "seed == 3", "error_task1_switch", 100),
    ("L5", "task2_at_end", "node_reuse", "similarity == 0", "error_task2_end", 100),
    ("L6", "largest_deviation", "reuse_formula", "similarity == 0.5", "forgetting", 1.1),
    ("L7", "at_0", "node_reuse", "start == 'specialised' and similarity == 0", "forgetting", 1e4),
    ("L7", "at_0_2", "node_reuse", "start == 'specialised' and similarity == 0.2", "forgetting", 0.8),
    ("L8", "share_falls", "node_reuse", "similarity == 0", "idle_share", 0.1),
    ("L8", "activation_falls", "node_reuse", "similarity == 0", "idle_activation", 0.1),
    ("L8b", "share_increases", "node_reuse", "similarity == 0.7", "idle_share", 1.3),
    ("L8b", "activation_increases", "node_reuse", "similarity == 0.7", "idle_activation", 1.4),
    ("L8b", "share_at_0", "node_reuse", "similarity == 0", "idle_share", 0.8),
    ("L8b", "share_at_1", "node_reuse", "similarity == 1", "idle_share", 2),
    ("L9", "task2_dissimilar", "intervention_forgetting", "intervention == 'freeze' and similarity == 0", "error_task2_end", 0.9),
    ("L9", "task2_identical", "intervention_forgetting", "intervention == 'freeze' and similarity == 1", "error_task2_end", 100),
    ("L10", "reduction_at_9", "intervention_forgetting", "strength == 9 and similarity == 0.4", "forgetting", 10),
    ("L10", "task2_at_9", "intervention_forgetting", "strength == 9 and similarity == 0.4", "error_task2_end", 10),
    ("L10", "reduction_at_999", "intervention_forgetting", "strength == 999 and similarity == 0.4", "forgetting", 0.5),
    ("L11", "replay_9", "sgd_forgetting", "intervention == 'replay' and method == 'theory'", "forgetting", 3),
    ("L11", "node_1", "sgd_forgetting", "intervention == 'node_consolidation' and method == 'theory'", "forgetting", 3),
    (
        "L12",
        "worst_similarity",
        "intervention_forgetting",
        "start == 'specialised' and strength == 0.1 and similarity == 0.2",
        "forgetting",
        1e4,
    ),
    ("L12", "shift", "intervention_forgetting", "start == 'specialised' and strength == 0.1 and similarity == 0.1", "forgetting", 1e6),
    ("L12", "reduction", "intervention_forgetting", "start == 'specialised' and strength == 0.1 and similarity == 0.8", "forgetting", 10),
    ("L13", "error_increases", "intervention_forgetting", "strength == 1 and similarity == 0.6", "error_task2_end", 2),
    ("L13b", "largest_forgetting", "intervention_forgetting", "strength == 1 and similarity == 0.4", "forgetting", 5),
    ("L14", "z_over_different", "mixing_forgetting", "variant == 'pca_own' and mixing == 0", "forgetting", 3),
    ("L14", "z_over_identical", "mixing_forgetting", "variant == 'pca_own' and mixing == 1", "forgetting", 5),
    ("L15", "task1_at_switch", "mixing_curves", "task == 1 and epoch == 2", "accuracy", 0.95),
    ("L15", "task2_at_end", "mixing_curves", "task == 2 and epoch == 4 and mixing == 0.4", "accuracy", 0.95),
    ("L16", "z_none_relu", "mixing_forgetting", "variant == 'none_relu' and mixing == 0", "forgetting", 0.1),
    ("L16", "z_zca", "mixing_forgetting", "variant == 'zca' and mixing == 0", "forgetting", 0.1),
    ("L17", "node_best_similarity", "intervention_forgetting", "intervention == 'none' and similarity == 1", "forgetting", 1e5),
    ("L17", "replay_best_similarity", "intervention_forgetting", "intervention == 'none' and similarity == 0", "forgetting", 1e3),
    ("L17b", "largest_best_similarity", "intervention_forgetting", "intervention == 'none' and similarity == 0.6", "forgetting", 2),
    ("L17b", "smallest_best_similarity", "intervention_forgetting", "intervention == 'none' and similarity == 0.6", "forgetting", 2),
    ("L17b", "benefit_dissimilar", "intervention_forgetting", "intervention == 'none' and similarity == 0", "forgetting", 10),
    ("L17b", "benefit_identical", "intervention_forgetting", "intervention == 'none' and similarity == 1", "forgetting", 100),
    ("L18", "weak_worst_similarity", "sgd_forgetting", "strength == 100 and similarity == 0", "forgetting", 100),
    ("L18", "weak_ratio", "sgd_forgetting", "strength == 100 and similarity == 0.4", "forgetting", 1.5),
    ("L18", "strong_largest_forgetting", "sgd_forgetting", "strength == 10000 and similarity == 0.6", "forgetting", 10),
    ("L18", "strong_task2_dissimilar", "sgd_forgetting", "strength == 10000 and similarity == 0", "error_task2_end", 0.2),
    ("L18", "strong_order_low", "sgd_forgetting", "strength == 10000 and similarity == 0.6", "error_task2_end", 3),
    ("L18", "strong_order_high", "sgd_forgetting", "strength == 10000 and similarity == 1", "error_task2_end", 100),
]


def simulated_tables():
    """Tables of training as they would be if it agreed with the equations and with the claims."""
    six, seeds = np.array([0, 0.2, 0.4, 0.6, 0.8, 1]), np.arange(5)
    axes, spread = {"seed": seeds, "similarity": six}, 1 + 0.01 * seeds[:, None]
    hump, price = np.array([0.02, 0.2, 0.2, 0.15, 0.08, 0.001]), np.array([0.05, 0.04, 0.03, 0.025, 0.02, 0.0003])
    cases = [("none", None, 1), ("replay", 9, 0.1), ("node_consolidation", 1, 0.02), ("ewc", 100, 0.7), ("ewc", 10000, 0.03)]
    sgd = [
        tidy(axes, method=method, intervention=name, strength=np.nan if strength is None else float(strength), **columns)
        for name, strength, share in cases
        for method in ("simulation", "theory")
        if not (method == "theory" and name == "ewc")
        for columns in [{"forgetting": share * hump * spread, "error_task2_end": price * spread}]
    ]
    times = {"time": np.arange(5.0), "seed": seeds, "similarity": [0.0, 0.4, 1.0], "task": [1, 2]}
    paths = [tidy(times, method=method, error=0.1 * np.exp(-times["time"])[:, None, None, None]) for method in ("simulation", "theory")]
    own, falling = np.array([0.022, 0.028, 0.036, 0.042, 0.02, 0.012]), np.array([0.05, 0.04, 0.03, 0.02, 0.01, 0.01])
    variants = {"pca_own": own, "none_relu": falling, "zca": falling, "pca_own_rawsign": own}
    mixed = {"seed": seeds, "mixing": six}
    images = [tidy(mixed, variant=name, forgetting=mean * spread, accuracy_change=-mean * spread) for name, mean in variants.items()]
    epochs = {"epoch": np.arange(5), "seed": seeds, "mixing": six, "task": [1, 2]}
    curves = tidy(epochs, variant="pca_own", loss=0.1, accuracy=0.99)
    return {
        "sgd_forgetting": pd.concat(sgd, ignore_index=True),
        "error_paths": pd.concat(paths, ignore_index=True),
        "mixing_forgetting": pd.concat(images, ignore_index=True),
        "mixing_curves": curves.assign(task_trained=np.where(curves["epoch"] > 2, 2, 1)),
        "node_fisher": tidy({**mixed, "task": [1, 2], "node": range(1, 9)}, variant="pca_own", fisher=1e-3),
    }


@pytest.fixture(scope="module")
def quick():
    """Solved equations of preset quick, and simulations that agree."""
    params = load_params(PAPER, "ode_interventions", "quick") | {
        "random_seeds": 4,
        "replay_periods": [9, 999],
        "node_strengths": [0.1, 1.0],
    }
    return simulated_tables() | node_dynamics.compute(load_params(PAPER, "node_dynamics", "quick")) | ode_interventions.compute(params)


def verdicts(tables):
    return judge(PAPER, vars(claims), CLAIMS, tables, base_preset="quick").set_index(["claim", "part"])["verdict"]


def test_every_claim_holds_on_solved_equations_and_on_simulations_that_agree(quick):
    found = verdicts(quick)
    assert found[found != REPRODUCED].empty


def test_every_part_of_every_claim_is_fed_a_doctored_table():
    parts = {(claim["claim"], part["part"]) for claim in CLAIMS for part in claim["parts"]}
    assert {(claim, part) for claim, part, *_ in DOCTORED} == parts


def own_claim(tables, claim):
    (entry,) = [entry for entry in CLAIMS if entry["claim"] == claim]
    return judge(PAPER, vars(claims), [entry], tables, base_preset="quick").set_index("part")["verdict"]


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_doctored_table_is_not_reproduced(quick, case):
    claim, part, table, condition, column, factor = case
    doctored = quick[table].copy()
    rows = doctored.query(condition).index
    assert len(rows)
    doctored.loc[rows, column] *= factor
    assert own_claim(quick | {table: doctored}, claim)[part] == NOT_REPRODUCED


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_not_a_number_or_a_missing_row_is_never_good_news(quick, case):
    claim, part, table, condition, column, _ = case
    doctored = quick[table].copy()
    doctored.loc[doctored.query(condition).index[:1], column] = np.nan
    assert own_claim(quick | {table: doctored}, claim)[part] == NOT_JUDGED
    assert own_claim(quick | {table: quick[table].iloc[:0]}, claim)[part] == NOT_JUDGED


def test_mean_deviation_of_sgd_is_taken_seed_by_seed(quick):
    table = quick["sgd_forgetting"].copy()
    table.loc[table.query("method == 'simulation' and intervention == 'none' and seed == 2 and similarity == 0").index, "forgetting"] += 0.2
    measured = claims.l1(quick | {"sgd_forgetting": table})
    assert measured["largest_deviation"].value == pytest.approx(0.04)
    assert measured["dissimilar"].value == pytest.approx(0.04)
    assert measured["elsewhere"].value == pytest.approx(0, abs=1e-15)


def test_a_gap_between_mixings_is_measured_in_its_standard_error():
    gaps = np.array([0.01, 0.03])
    frames = [
        tidy({"seed": [0, 1]}, variant="zca", mixing=mixing, forgetting=values)
        for mixing, values in ((0.0, -gaps), (0.4, 0 * gaps), (0.6, 0 * gaps))
    ]
    measured = claims._z_over({"mixing_forgetting": pd.concat(frames)}, "zca", 0.0)
    assert measured.value == pytest.approx(0.02 / (gaps.std(ddof=1) / np.sqrt(2)))
    assert measured.n == 2


@pytest.mark.parametrize("name", FIGURES)
def test_figures_name_what_their_axes_show(quick, name):
    fig = draw(PAPER, name, quick)
    assert all(ax.get_xlabel() for ax in fig.axes)
    letters = [ax.get_title(loc="left").split("$")[1] for ax in fig.axes]
    assert letters == [f"\\bf{{{letter}}}" for letter in "abcdefghijkl"[: len(letters)]]


def test_a_strip_shows_every_value_before_its_bounds(quick):
    fig = draw(PAPER, "fig_data_mixing", quick)
    ax = fig.axes[-2]
    assert len(ax.patches) == 4
    values = [x for x, _ in sorted(np.concatenate([line.get_xydata() for line in ax.get_lines()]).tolist(), key=lambda point: point[1])]
    for patch, value in zip(ax.patches, values, strict=True):
        assert patch.get_x() <= value <= patch.get_x() + patch.get_width()
