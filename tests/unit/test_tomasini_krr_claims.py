"""Claims of tomasini_krr judge what they say, and its figures are drawn from any table that keeps its contract."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED, judge
from repro.frames import tidy
from repro.settings import figure_about, load_paper, load_params
from scripts.tomasini_krr import claims
from scripts.tomasini_krr.laws import exponent
from scripts.tomasini_krr.runs import kernel_spectrum, predictors
from scripts.tomasini_krr.theory import extremal_constant, replica_constant
from tests.unit.drawn import draw

PAPER = "tomasini_krr"
CLAIMS = load_paper(PAPER)["claims"]
FIGURES = load_paper(PAPER)["figures"]
PAIRS = [(2, 1.0), (2, 3.0), (3, 3.0)]
FAR = "method == 'simulation' and scaled_ridge == 1e-4"
TOY = "method == 'simulation' and dim == 2 and depletion_exponent == 3"
RUNS = "method == 'simulation'"

DOCTORED = [  # claim, part, table, rows, column, factor
    ("T1", "prefactor", "ridgeless_errors", f"{RUNS} and depletion_exponent == 1 and n_train >= 1024", "error", 1.2),
    ("T2", "exponent", "ridgeless_errors", f"{RUNS} and depletion_exponent == 3 and n_train == 64", "error", 2),
    ("T3", "replica_minus_measured", "ridgeless_errors", f"{RUNS} and depletion_exponent == 1 and n_train == 64", "error", 4),
    ("T4", "exponent", "ridgeless_errors", f"{RUNS} and depletion_exponent == 0 and n_train == 64", "error", 1.5),
    ("T5", "above_to_below", "crossover_errors", f"{RUNS} and scaled_ridge == 100 and depletion_exponent == 1", "error", 20),
    ("T5b", "at_crossover", "crossover_errors", f"{RUNS} and scaled_ridge == 1 and n_train == 2048", "error", 1.2),
    ("T5b", "above_crossover", "crossover_errors", f"{RUNS} and scaled_ridge == 100 and depletion_exponent == 0", "error", 1.05),
    ("T6", "ratio_at_256", "crossover_errors", f"{FAR} and depletion_exponent == 1 and n_train == 256", "error", 0.5),
    ("T6", "growth", "crossover_errors", f"{FAR} and depletion_exponent == 3 and n_train == 16384", "error", 0.4),
    ("T6", "every_step", "crossover_errors", f"{FAR} and depletion_exponent == 1 and n_train == 2048", "error", 3),
    ("T7", "off_limit", "crossover_errors", f"{FAR} and depletion_exponent == 0 and n_train == 2048", "error", 1.4),
    ("T7", "growth", "crossover_errors", f"{FAR} and depletion_exponent == 0 and n_train == 16384", "error", 1.5),
    ("T8", "spread_ratio", "predictor_spread", "scaled_ridge == 100 and seed == 1 and depletion_exponent == 3", "error", 1.5),
    ("T8b", "spread_below", "predictor_spread", "scaled_ridge == 1e-4 and seed in (0, 2) and depletion_exponent == 3", "error", 0.15),
    ("T8b", "spread_above", "predictor_spread", "scaled_ridge == 100 and seed == 1 and depletion_exponent == 3", "error", 1.5),
    ("T8b", "distance_below", "predictor_spread", "scaled_ridge == 1e-4 and depletion_exponent == 3", "sup_distance", 0.5),
    ("T8b", "distance_above", "predictor_spread", "scaled_ridge == 100 and depletion_exponent == 1", "sup_distance", 5),
    ("T9", "measured_minus_replica", "learning_exponents", "dim == 2 and depletion_exponent == 3 and fit_from == 64", "exponent", 1.2),
    ("T9b", "two_pairs", "learning_exponents", "dim == 3 and depletion_exponent == 3 and fit_from == 256", "exponent", 1.2),
    ("T9b", "strongest_pair", "learning_exponents", "dim == 2 and depletion_exponent == 3 and fit_from == 64", "exponent", 0.85),
    ("T10", "exponent", "learning_exponents", "dim == 3 and depletion_exponent == 0 and fit_from == 256", "exponent", 1.3),
    ("T11", "growth_rate", "toy_pool_errors", f"{FAR} and dim == 2 and depletion_exponent == 1 and n_train == 512", "error", 0.7),
    ("T11b", "above_crossover", "toy_pool_errors", f"{RUNS} and scaled_ridge == 10 and n_train == 128", "error", 1.1),
    ("T11b", "growth", "toy_pool_errors", f"{FAR} and dim == 3 and n_train == 32", "error", 1.6),
    ("T11b", "strongest_pair", "toy_pool_errors", f"{TOY} and scaled_ridge == 1e-4 and n_train == 512", "error", 0.6),
    ("T11b", "other_pairs", "toy_pool_errors", f"{FAR} and dim == 3 and n_train == 512", "error", 0.6),
    ("T12", "slope", "ridge_errors", "dim == 3 and ridge_per_example == 1e-4", "error", 1.5),
    ("T14", "images_to_toy", "image_pool_errors", f"{RUNS} and dataset == 'mnist' and n_train == 512 and ridge == 0", "error", 5),
    ("T14b", "images", "image_pool_errors", f"{RUNS} and dataset == 'cifar10' and n_train == 32 and ridge == 0", "error", 1.2),
    ("T14c", "ratio_at_512", "toy_pool_errors", f"{TOY} and scaled_ridge != scaled_ridge and n_train == 512", "error", 0.5),
    ("T14c", "growth", "toy_pool_errors", f"{TOY} and scaled_ridge != scaled_ridge and n_train == 32", "error", 3),
    ("T15", "eigenvalues", "eigenmodes", "depletion_exponent == 3 and rank > 100", "eigenvalue", 1.3),
    ("T15", "tail", "eigenmodes", "depletion_exponent == 1 and rank > 100", "tail", 1.3),
]


def around(frame, column="error", share=0.01):
    """Four draws that scatter about a mean by a share."""
    return pd.concat([frame.assign(seed=seed, **{column: frame[column] * (1 + share * (-1) ** seed)}) for seed in range(4)])


def ridgeless():
    frames = []
    sizes = np.array([64, 256, 1024, 4096, 16384])
    for chi in (0.0, 1.0, 3.0):
        laws = {"extremal_points": extremal_constant(chi) / sizes, "replica": replica_constant(chi) * sizes ** -exponent("replica", 1, chi)}
        common = {"n_train": sizes, "depletion_exponent": chi}
        frames.append(around(pd.DataFrame(common | {"error": laws["extremal_points"], "method": "simulation"})))
        frames += [pd.DataFrame(common | {"error": law, "method": method, "seed": pd.NA}) for method, law in laws.items()]
    return pd.concat(frames, ignore_index=True).astype({"seed": "Int64"})


def with_replica(frame):
    """Simulated rows about the column ratio, beside predictions of one."""
    frame = frame.assign(error=frame["ratio"]).drop(columns="ratio")
    predicted = frame.assign(error=1.0, seed=pd.NA, method="replica", effective_ridge=0.1, gamma=0.2)
    both = pd.concat([around(frame).assign(method="simulation"), predicted], ignore_index=True)
    return both.astype({"seed": "Int64"})


def crossing():
    rows = []
    for chi, n_train, u in product((0.0, 1.0, 3.0), (256, 2048, 16384), (1e-4, 1e-2, 1.0, 100.0)):
        growth = {0.0: 0.0, 1.0: 0.3, 3.0: 0.35}[chi]
        ratio = (0.943 if chi == 0 else 3.2) * (n_train / 256) ** growth
        rows.append((chi, n_train, u, 0.1, ratio if u == 1e-4 else 1.01))
    return with_replica(pd.DataFrame(rows, columns=["depletion_exponent", "n_train", "scaled_ridge", "ridge", "ratio"]))


def toy():
    rows = []
    for (dim, chi), pool, n_train in product(PAIRS, (0, 1), (32, 128, 512)):
        law = exponent("replica", dim, chi) - exponent("extremal_points", dim, chi)
        far = 1.2 * (n_train / 32) ** (1.6 * law)
        cases = [(1e-4, 1e-5, far), (1.0, 0.3, 1.01), (10.0, 4.0, 1.01), (np.nan, 0.0, far), (np.nan, 0.1, 1.0), (np.nan, 3.0, 1.0)]
        rows += [(dim, chi, pool, n_train, *case) for case in cases]
    columns = ["dim", "depletion_exponent", "pool", "n_train", "scaled_ridge", "ridge", "ratio"]
    return with_replica(pd.DataFrame(rows, columns=columns))


def images():
    axes = {"dataset": ["mnist", "fashion_mnist", "cifar10"], "pool": [0, 1], "n_train": [32, 128, 512], "ridge": [0.0, 0.1, 3.0]}
    return with_replica(tidy(axes, ratio=1.02))


def exponents():
    pairs = [(2, 0.0), (3, 0.0), *PAIRS]
    cases = [(dim, chi, start, 2048, exponent("extremal_points", dim, chi) + 0.02, 0.01) for dim, chi in pairs for start in (64, 256)]
    return pd.DataFrame(cases, columns=["dim", "depletion_exponent", "fit_from", "fit_to", "exponent", "std_error"])


def curves():
    sizes = np.array([64, 256, 1024, 2048])
    pairs = [(2, 0.0), (3, 0.0), *PAIRS]
    frames = [
        around(
            pd.DataFrame({"n_train": sizes, "dim": d, "depletion_exponent": chi, "error": sizes ** -exponent("extremal_points", d, chi)})
        )
        for d, chi in pairs
    ]
    return pd.concat(frames, ignore_index=True).assign(misclassified=0.01)


def ridged():
    ratios = np.array([1e-4, 3e-4, 1e-3, 3e-3])
    frames = [pd.DataFrame({"dim": d, "depletion_exponent": chi, "ridge_per_example": ratios, "n_train": 2048}) for d, chi in PAIRS]
    together = pd.concat(frames, ignore_index=True)
    slopes = [exponent("ridge", d, chi) for d, chi in zip(together["dim"], together["depletion_exponent"], strict=True)]
    ratio = together["ridge_per_example"]
    return around(together.assign(ridge=2048 * ratio, error=ratio ** np.array(slopes)))


def modes():
    ranks = np.arange(1, 301)
    frames = [
        pd.DataFrame(
            {"depletion_exponent": chi, "rank": ranks, "eigenvalue": 1.0 / ranks**2, "tail": ranks ** -exponent("replica", 1, chi)}
        )
        for chi in (0.0, 1.0, 3.0)
    ]
    return pd.concat(frames, ignore_index=True).assign(squared_coefficient=0.01)


def spread():
    below, above = (tidy({"depletion_exponent": [1.0, 3.0]}, error=0.1, scaled_ridge=u) for u in (1e-4, 100.0))
    both = [around(below, share=0.8).assign(sup_distance=0.6), around(above, share=0.01).assign(sup_distance=0.01)]
    return pd.concat(both, ignore_index=True).assign(n_train=4096, ridge=0.1)


@pytest.fixture(scope="module")
def quick():
    tables = predictors.compute(load_params(PAPER, "predictors", "smoke")) | {"predictor_spread": spread()}
    tables |= kernel_spectrum.compute(load_params(PAPER, "kernel_spectrum", "smoke")) | {"eigenmodes": modes()}
    tables |= {"ridgeless_errors": ridgeless(), "crossover_errors": crossing(), "toy_pool_errors": toy(), "image_pool_errors": images()}
    return tables | {"learning_exponents": exponents(), "high_dimension_errors": curves(), "ridge_errors": ridged()}


def verdicts(tables, *names):
    """Verdicts of the named claims, of all by default."""
    asked = [claim for claim in CLAIMS if not names or claim["claim"] in names]
    return judge(PAPER, vars(claims), asked, tables, base_preset="quick").set_index(["claim", "part"])["verdict"]


def test_every_claim_holds_where_tables_follow_the_theory(quick):
    assert verdicts(quick).eq(REPRODUCED).all()


def test_every_part_of_every_claim_is_fed_a_doctored_table():
    assert {(claim, part) for claim, part, *_ in DOCTORED} == {(c["claim"], part["part"]) for c in CLAIMS for part in c["parts"]}


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_doctored_table_is_not_reproduced(quick, case):
    claim, part, table, condition, column, factor = case
    doctored = quick[table].copy()
    chosen = doctored.query(condition).index
    assert len(chosen)
    doctored.loc[chosen, column] *= factor
    assert verdicts(quick | {table: doctored}, claim)[claim, part] == NOT_REPRODUCED


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_what_is_no_number_is_never_good_news(quick, case):
    claim, part, table, condition, column, _ = case
    doctored = quick[table].copy()
    doctored.loc[doctored.query(condition).index[:1], column] = np.nan
    assert verdicts(quick | {table: doctored}, claim)[claim, part] == NOT_JUDGED


@pytest.mark.parametrize(
    ("claim", "part", "table", "condition"),
    [
        ("T3", "replica_minus_measured", "ridgeless_errors", "depletion_exponent == 3"),
        ("T4", "exponent", "ridgeless_errors", "depletion_exponent == 0"),
        ("T5", "above_to_below", "crossover_errors", "n_train == 16384 and depletion_exponent == 1"),
        ("T6", "every_step", "crossover_errors", "n_train == 2048"),
        ("T7", "off_limit", "crossover_errors", "depletion_exponent == 0 and n_train == 256"),
        ("T8", "spread_ratio", "predictor_spread", "scaled_ridge == 100"),
        ("T9", "measured_minus_replica", "scaling_exponents", "law == 'replica' and dim == 2"),
        ("T9b", "two_pairs", "learning_exponents", "dim == 3 and fit_from == 256"),
        ("T10", "exponent", "learning_exponents", "dim == 3 and depletion_exponent == 0"),
        ("T11", "growth_rate", "toy_pool_errors", "dim == 3 and n_train == 32"),
        ("T11b", "above_crossover", "toy_pool_errors", "dim == 2 and n_train == 128"),
        ("T12", "slope", "ridge_errors", "dim == 3"),
        ("T14", "images_to_toy", "image_pool_errors", "dataset == 'mnist'"),
        ("T14b", "images", "image_pool_errors", "n_train == 128"),
        ("T14c", "growth", "toy_pool_errors", "dim == 2 and scaled_ridge != scaled_ridge"),
        ("T15", "tail", "eigenmodes", "depletion_exponent == 1"),
    ],
)
def test_a_claim_is_not_judged_without_all_its_rows(quick, claim, part, table, condition):
    frame = quick[table]
    assert verdicts(quick | {table: frame.drop(frame.query(condition).index)}, claim)[claim, part] == NOT_JUDGED


def test_a_ratio_is_the_mean_over_pools_of_each_pools_own_ratio(quick):
    pools = quick["toy_pool_errors"].copy()
    of_toy = pools.query("dim == 2 and depletion_exponent == 3 and n_train == 512 and scaled_ridge == 1e-4")
    pools.loc[of_toy.query("method == 'simulation' and pool == 0").index, "error"] = 6.0
    pools.loc[of_toy.query("method == 'replica' and pool == 0").index, "error"] = 2.0
    pools.loc[of_toy.query("method == 'simulation' and pool == 1").index, "error"] = 5.0
    assert claims.t11b({"toy_pool_errors": pools})["strongest_pair"].value == pytest.approx((6 / 2 + 5 / 1) / 2)


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn_from_tables_that_hold(quick, name):
    assert draw(PAPER, name, quick).axes


def test_judged_numbers_stand_on_the_bounds_of_their_part(quick):
    ax = draw(PAPER, "fig2", quick).axes[3]
    lower = figure_about(PAPER, "fig2")["claims"]["T3"]["replica_minus_measured"]["lower"]
    assert [patch.get_y() for patch in ax.patches] == [lower, lower]
    heights = [line.get_ydata()[0] for line in ax.get_lines() if line.get_marker() == "o"]
    np.testing.assert_allclose(heights, [1 / 3, 3 / 5], atol=1e-6)
