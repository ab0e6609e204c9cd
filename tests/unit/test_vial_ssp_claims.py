"""Claims of vial_ssp judge what they say, and its figures are drawn from any table that keeps its contract."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED, judge
from repro.settings import load_paper, load_params
from scripts.vial_ssp import claims, summaries
from scripts.vial_ssp.runs import bonus_scale, dimension, hard_instance, value_convergence
from tests.unit.drawn import draw

PAPER = "vial_ssp"
FIGURES = list(load_paper(PAPER)["figures"])
GAPS = [0.02, 0.04, 0.08, 0.16, 0.3]
EPISODES = [100, 400, 2000, 6000, 20000]
PLAYERS = ["optimistic", "greedy", "uniform"]

LAST = "episode == 20000 and method == 'simulation' and algorithm"
DOCTORED = [  # claim, part, table, rows, column, factor
    ("V1", "slope", "worst_case_regret", "algorithm == 'optimistic' and episode == 20000", "regret", 20),
    ("V1b", "slope", "worst_case_regret", "algorithm == 'optimistic' and episode == 20000", "regret", 0.2),
    ("V2", "slope_last_decade", "worst_case_regret", "algorithm == 'greedy' and episode == 20000", "regret", 0.5),
    ("V3", "ratio", "hard_regret", f"{LAST} == 'greedy' and gap == 0.04", "regret", 0.01),
    ("V4", "slope_deviation", "hard_regret", f"{LAST} == 'uniform' and gap == 0.3", "regret", 1.3),
    ("V4", "size_deviation", "hard_regret", f"{LAST} == 'uniform' and gap == 0.3", "regret", 1.02),
    ("V5", "largest_ratio", "hard_regret", f"{LAST} == 'optimistic' and gap == 0.16", "regret", 6),
    ("V5b", "smallest_ratio", "hard_regret", f"{LAST} == 'optimistic' and gap == 0.16", "regret", 0.4),
    ("V5b", "largest_ratio", "hard_regret", f"{LAST} == 'optimistic' and gap == 0.16", "regret", 1.5),
    ("V6", "hard_share", "hard_lanes", "algorithm == 'optimistic' and gap == 0.3", "optimism_violation", -10),
    ("V6", "chain_simplex_share", "value_updates", "algorithm == 'optimistic' and instance == 'simplex1'", "optimism_violation", -10),
    ("V7", "hard_share", "hard_lanes", "algorithm == 'greedy' and gap < 0.1", "optimism_violation", 0.01),
    ("V7", "chain_largest", "value_updates", "algorithm == 'greedy' and instance == 'chain'", "optimism_violation", 0.1),
    ("V7", "simplex_largest", "value_updates", "algorithm == 'greedy' and instance == 'simplex1'", "optimism_violation", 0.1),
    (
        "V8",
        "chain_slope",
        "fixed_instance_regret",
        "algorithm == 'optimistic' and instance == 'chain' and episode == 2000",
        "regret",
        4,
    ),
    (
        "V8",
        "simplex_slope",
        "fixed_instance_regret",
        "algorithm == 'optimistic' and instance == 'simplex1' and episode == 2000",
        "regret",
        9,
    ),
    ("V9", "largest_n_iterations", "value_updates", "algorithm == 'greedy' and instance == 'simplex0' and update == 2", "n_iterations", 10),
    ("V10", "no_bonus", "bonus_regret", "bonus_scale == 0", "regret", 0.1),
    ("V10", "large_bonus", "bonus_regret", "bonus_scale == 0.5", "regret", 0.3),
    ("V11", "slope", "dimension_regret", "method == 'simulation' and dim == 16", "regret", 3),
]


def hard_tables():
    """Regret that grows like a root for optimistic play, linearly for the others, a little scattered over the seeds."""
    size = {"optimistic": lambda gap, k: np.sqrt(k / gap), "greedy": lambda gap, k: 1.5 * k, "uniform": lambda gap, k: 10 * gap * k}
    rows = [
        ("simulation", gap, name, seed, k, int(5 * k), size[name](gap, k) * (1 + 1e-3 * (-1) ** seed))
        for gap, name, seed, k in product(GAPS, PLAYERS, range(4), EPISODES)
    ]
    rows += [("theory", gap, "uniform", None, k, None, size["uniform"](gap, k)) for gap, k in product(GAPS, EPISODES)]
    rows += [("theory", gap, "optimistic", None, 20000, None, size["optimistic"](gap, 20000) / 1.5) for gap in GAPS]
    regret = pd.DataFrame(rows, columns=["method", "gap", "algorithm", "seed", "episode", "step", "regret"])
    regret = regret.astype({"seed": "Int64", "step": "Int64"}).assign(realised_regret=regret["regret"])
    means = regret.query("method == 'simulation'").groupby(["algorithm", "episode", "gap"], as_index=False)["regret"].mean()
    worst = means.sort_values("regret").groupby(["algorithm", "episode"]).tail(1).sort_values(["algorithm", "episode"])
    violation = {"optimistic": -0.1, "greedy": 0.5, "uniform": np.nan}
    lanes = [(gap, name, seed, 60, violation[name]) for gap, name, seed in product(GAPS, PLAYERS, range(4))]
    return {
        "hard_regret": regret,
        "worst_case_regret": worst.assign(n_seeds=4).reset_index(drop=True),
        "hard_lanes": pd.DataFrame(lanes, columns=["gap", "algorithm", "seed", "n_updates", "optimism_violation"]),
    }


def value_tables():
    """Values from below with the bonus, beyond the optimal ones without; regret that hardly grows."""
    violation = {"optimistic": -0.1, "greedy": 0.5}
    lanes = list(product(["chain", "simplex0", "simplex1"], violation, range(3)))
    updates = [(*lane, at, 10**at, 0.5 * at, 2.0, violation[lane[1]], 30, 1e-4) for lane in lanes for at in (1, 2, 3)]
    names = ["update", "step", "start_value", "optimal_start_value", "optimism_violation", "n_iterations", "residual"]
    regret = [(*lane, k, k**0.2 * (1 + 0.01 * lane[2])) for lane in lanes for k in (10, 100, 200, 500, 2000)]
    keys = ["instance", "algorithm", "seed"]
    return {
        "value_updates": pd.DataFrame(updates, columns=[*keys, *names]),
        "fixed_instance_regret": pd.DataFrame(regret, columns=[*keys, "episode", "regret"]),
    }


def other_tables():
    size = {0.0: 5000.0, 0.02: 2000.0, 0.2: 500.0, 0.5: 2000.0, 1.0: 6000.0}
    bonus = [(scale, seed, level * (1 + 0.01 * seed), level, 0.3 - scale) for (scale, level), seed in product(size.items(), range(3))]
    law = [("theory", dim, None, 65.0 * (dim - 1)) for dim in (2, 4, 8, 16)]
    runs = [("simulation", dim, seed, (100.0 + seed) * (dim - 1)) for dim, seed in product((2, 4, 8, 16), range(3))]
    return {
        "bonus_regret": pd.DataFrame(bonus, columns=["bonus_scale", "seed", "regret", "realised_regret", "optimism_violation"]),
        "dimension_regret": pd.DataFrame(runs + law, columns=["method", "dim", "seed", "regret"]).astype({"seed": "Int64"}),
    }


@pytest.fixture(scope="module")
def quick():
    return {**hard_tables(), **value_tables(), **other_tables()}


@pytest.fixture(scope="module")
def smoke():
    tables = {}
    for run, module in {
        "hard_instance": hard_instance,
        "value_convergence": value_convergence,
        "bonus_scale": bonus_scale,
        "dimension": dimension,
    }.items():
        tables |= module.compute(load_params(PAPER, run, "smoke"))
    return tables


def verdicts(tables):
    paper = load_paper(PAPER)
    frame = judge(PAPER, vars(claims), paper["claims"], tables, base_preset="quick", published=paper["published"])
    return frame.set_index(["claim", "part"])["verdict"]


def test_every_claim_holds_on_tables_that_say_what_it_says(quick):
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
    doctored.loc[rows, column] = doctored.loc[rows, column] * factor
    assert verdicts(quick | {table: doctored})[claim, part] == NOT_REPRODUCED


@pytest.mark.parametrize("case", [case for case in DOCTORED if case[4] != "n_iterations"], ids=lambda case: f"{case[0]}-{case[1]}")
def test_what_is_no_number_is_never_good_news(quick, case):
    claim, part, table, condition, column, _ = case
    doctored = quick[table].copy()
    doctored.loc[doctored.query(condition).index[:1], column] = np.nan
    assert verdicts(quick | {table: doctored})[claim, part] == NOT_JUDGED


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_claim_is_not_judged_without_what_it_names(quick, case):
    claim, part, table, condition, *_ = case
    frame = quick[table]
    if claim == "V8":
        condition = condition.removesuffix(" and episode == 2000")
    doctored = frame.drop(frame.query(condition).index)
    if claim in ("V9", "V11"):  # these judge whatever updates and dimensions there are
        doctored = frame.head(0)
    assert verdicts(quick | {table: doctored})[claim, part] == NOT_JUDGED


def test_a_worst_case_that_begins_late_is_not_judged(quick):
    late = quick["worst_case_regret"].query("episode > 100")
    assert verdicts(quick | {"worst_case_regret": late})["V1", "slope"] == NOT_JUDGED


def test_other_gaps_and_instances_are_not_judged(quick):
    doctored = dict(quick)
    for table in ("hard_regret", "hard_lanes"):
        other = quick[table].query("gap == 0.02").assign(gap=0.005)
        column = "regret" if table == "hard_regret" else "optimism_violation"
        doctored[table] = pd.concat([quick[table], other.assign(**{column: 1e6})], ignore_index=True)
    assert verdicts(doctored).eq(REPRODUCED).all()


def test_a_value_is_in_force_until_the_next_update():
    lane = pd.DataFrame({"seed": 0, "step": [2, 10], "start_value": [1.0, 3.0], "optimal_start_value": 2.0})
    found = summaries.values_in_force(lane, 16, n_points=5).set_index("step")["mean"]
    assert found.to_dict() == {1: 0.0, 2: 0.5, 4: 0.5, 8: 0.5, 16: 1.5}


def test_the_error_of_a_ratio_is_that_of_many_draws():
    rng = np.random.default_rng(0)
    above, below = rng.gamma(9, 1, (800, 20)), rng.gamma(25, 1, (800, 20))
    found = [summaries.ratio_of_means(pd.DataFrame({"regret": a}), pd.DataFrame({"regret": b})) for a, b in zip(above, below, strict=True)]
    assert np.sqrt(np.mean(np.square([error for _, error in found]))) == pytest.approx(
        np.std([ratio for ratio, _ in found]), rel=5 / np.sqrt(2 * 800)
    )


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn_from_tables_that_hold(quick, name):
    assert draw(PAPER, name, quick).axes


@pytest.mark.parametrize("name", ["fig2", "fig3"])
def test_a_violation_that_is_no_number_is_not_drawn_as_a_share(quick, name):
    table = "hard_lanes" if name == "fig2" else "value_updates"
    doctored = quick[table].assign(optimism_violation=np.nan)
    fig = draw(PAPER, name, quick | {table: doctored})
    panel = next(ax for ax in fig.axes if "optimism lost" in ax.get_title(loc="left"))
    assert not np.isfinite(np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in panel.lines])).any()


@pytest.mark.parametrize(("name", "title"), [("fig1", "gap 0.04"), ("fig2", "worst gap")])
def test_regret_is_drawn_on_logarithmic_axes(quick, name, title):
    panel = next(ax for ax in draw(PAPER, name, quick).axes if title in ax.get_title(loc="left"))
    assert (panel.get_xscale(), panel.get_yscale()) == ("log", "log")
    assert "episode" in panel.get_xlabel()
