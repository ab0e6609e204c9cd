"""Claims of wu_last_iterate judge what they say, and its figures are drawn from any table that keeps its contract."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED, judge
from repro.settings import figure_about, load_paper, load_params
from scripts.wu_last_iterate import claims
from scripts.wu_last_iterate.figures import fig1, fig2, fig3, fig4, fig5, fig6, fig7, fig8
from scripts.wu_last_iterate.runs import published_panel, risk_bounds, schedules, stepsizes
from tests.unit.drawn import draw

PAPER = "wu_last_iterate"
FIGURES = {module.__name__.rsplit(".", 1)[-1]: module for module in (fig1, fig2, fig3, fig4, fig5, fig6, fig7, fig8)}
RUNS = {"schedules": schedules, "published_panel": published_panel, "risk_bounds": risk_bounds, "stepsizes": stepsizes}

AT_2048 = "n_train == 2048 and schedule"
DECAYING = "schedule != 'constant'"
DOCTORED = [  # claim, part, table, rows, column, factor
    ("C1", "largest_z", "risk_trajectories", "step == 1024", "z_score", 10),
    ("C1", "precision", "risk_trajectories", "step == 1024", "std_error", 100),
    ("C2", "smallest_ratio", "risk_bounds", "schedule == 'geometric'", "scaled_variance", 0.1),
    ("C2", "largest_ratio", "risk_bounds", "schedule == 'geometric'", "scaled_variance", 10),
    ("C4", "smallest_ratio", "risk_bounds", "schedule == 'geometric'", "scaled_bias", 0.5),
    ("C4b", "lower_constant", "risk_bounds", "schedule == 'geometric'", "scaled_bias", 0.5),
    ("C4b", "upper_constant", "risk_bounds", "schedule == 'geometric'", "scaled_bias", 100),
    ("C5", "largest_ratio", "tuned_risk", "schedule == 'geometric'", "risk", 2),
    ("C5b", "ratio_at_2048", "tuned_risk", "schedule == 'geometric'", "risk", 2),
    ("C6", "growth", "tuned_risk", f"{AT_2048} == 'geometric'", "risk", 2),
    ("C6b", "largest_ratio", "tuned_risk", "schedule == 'geometric'", "risk", 2),
    ("C7", "largest_ratio", "tuned_risk", "schedule == 'geometric'", "risk", 2),
    ("C8", "smallest_growth", "tuned_risk", f"{AT_2048} == 'polynomial' and decay_exponent == 1", "risk", 0.1),
    ("C8b", "ratio_at_512", "tuned_risk", "schedule == 'polynomial' and decay_exponent == 1", "risk", 0.1),
    ("C9", "hard_bias", "tuned_risk", "schedule == 'geometric' and constant_steps > 0", "risk", 2),
    ("C9", "easy_bias", "tuned_risk", "schedule == 'geometric' and constant_steps > 0", "risk", 2),
    ("C10", "smallest_ratio", "tuned_risk", "schedule == 'tail_average'", "risk", 2),
    ("C10", "largest_ratio", "tuned_risk", "schedule == 'tail_average'", "risk", 0.5),
    ("C11", "geometric_first", "tuned_risk", f"{AT_2048} == 'geometric'", "risk", 2),
    ("C11", "half_before_one", "tuned_risk", f"{AT_2048} == 'polynomial' and decay_exponent == 0.5", "risk", 2),
    ("C11b", "geometric", "tuned_risk", f"{AT_2048} == 'geometric'", "risk", 2),
    ("C11b", "geometric_tail", "tuned_risk", f"{AT_2048} == 'geometric'", "risk", 0.5),
    ("C11b", "polynomial_half", "tuned_risk", f"{AT_2048} == 'polynomial'", "risk", 2),
    ("C11b", "polynomial_one", "tuned_risk", f"{AT_2048} == 'polynomial'", "risk", 0.5),
    ("C12", "constant_to_floor", "horizon_scan", "schedule == 'constant'", "risk", 1.1),
    ("C12", "geometric_to_floor", "horizon_scan", "schedule == 'geometric'", "risk", 10),
    ("C13", "smallest_ratio", "risk_bounds", "schedule == 'polynomial'", "scaled_variance", 0.1),
    ("C14", "decaying", "image_risk", DECAYING, "risk_ratio", 1.5),
    ("C14", "constant", "image_risk", "schedule == 'constant'", "risk_ratio", 1.5),
    ("C14", "precision", "image_risk", DECAYING, "std_error", 10),
    ("C15", "inverse_to_flat", "tuned_risk", f"{AT_2048} == 'geometric' and target == 'inverse'", "relative_stepsize", 10),
    ("C15", "inverse_square_to_inverse", "tuned_risk", f"{AT_2048} == 'geometric' and target == 'inverse_square'", "relative_stepsize", 10),
    ("C15b", "flat", "tuned_risk", f"{AT_2048} == 'geometric'", "relative_stepsize", 0.1),
    ("C15b", "decaying", "tuned_risk", f"{AT_2048} == 'geometric'", "relative_stepsize", 10),
    ("C16", "largest_z", "kurtosis_test", "true_kurtosis == model_kurtosis", "z_score", 10),
    ("C17", "average_first", "panel_risk", "schedule == 'tail_average'", "risk", 2),
    ("C17", "tail_before_exp", "panel_risk", "schedule == 'geometric' and constant_steps > 0", "risk", 2),
    ("C17", "exp_before_poly", "panel_risk", "schedule == 'geometric' and constant_steps == 0", "risk", 3),
    (
        "C18",
        "within_theorem",
        "risk_bounds",
        "schedule == 'geometric' and relative_stepsize < 0.005",
        ["scaled_bias", "scaled_variance"],
        20,
    ),
    ("C18", "all_stepsizes", "risk_bounds", "schedule == 'geometric' and relative_stepsize > 0.1", ["scaled_bias", "scaled_variance"], 20),
    ("C19", "largest_ratio", "risk_bounds", "schedule == 'geometric'", "scaled_bias", 2),
    ("C20", "hard_bias", "tuned_risk", "schedule == 'geometric' and target == 'flat'", "risk", 2),
    ("C20", "easy_bias", "tuned_risk", "schedule == 'geometric' and target == 'inverse_square'", "risk", 0.5),
    ("N1", "rademacher_as_gaussian", "kurtosis_test", "features == 'rademacher'", "z_score", 0.1),
    ("N1", "gaussian_as_laplace", "kurtosis_test", "features == 'gaussian'", "z_score", 0.1),
    ("N2", "largest_ratio", "risk_bounds", "schedule == 'geometric'", "dimension_bound", 0.01),
    ("N3", "smallest_ratio", "panel_risk", "log_base > 2.5 and constant_steps > 0", "risk", 0.9),
]


def simulated_tables():
    """Tables of the Monte-Carlo runs as they would be if simulation and theory agreed."""
    six = [("geometric", None, 0), ("geometric", None, 512), ("polynomial", 0.5, 0), ("polynomial", 0.5, 512), ("polynomial", 1.0, 0)]
    four = [("geometric", None, 0), ("geometric", None, 128), ("polynomial", 0.5, 0), ("constant", None, 0)]
    schedule = ["schedule", "decay_exponent", "constant_steps"]
    trajectories = pd.DataFrame([(*s, t) for s in [*six, ("constant", None, 0)] for t in (1, 1024)], columns=[*schedule, "step"])
    z = {True: 1.0, False: -9.0}
    laws = {"rademacher": 1.0, "gaussian": 3.0, "laplace": 6.0}
    pairs = [(law, true, model, z[true == model]) for (law, true), model in product(laws.items(), laws.values())]
    images = pd.DataFrame([(*s, d, n) for s in four for d in fig5.DATASETS for n in (256, 1024)], columns=[*schedule, "dataset", "n_train"])
    return {
        "risk_trajectories": trajectories.assign(n_runs=500, risk=0.1, simulated_risk=0.101, std_error=0.001, z_score=1.0),
        "kurtosis_test": pd.DataFrame(pairs, columns=["features", "true_kurtosis", "model_kurtosis", "z_score"]),
        "image_risk": images.assign(risk=0.1, simulated_risk=0.101, std_error=0.001, risk_ratio=1.01),
    }


def tables_at(preset, simulated):
    """Tables of the exact runs at a preset, beside those of simulated runs."""
    tables = dict(simulated)
    for run, module in RUNS.items():
        tables |= module.compute(load_params(PAPER, run, preset))
    return tables


@pytest.fixture(scope="module")
def quick():
    return tables_at("quick", simulated_tables())


@pytest.fixture(scope="module")
def smoke():
    return tables_at("smoke", {name: table.iloc[:0] for name, table in simulated_tables().items()})


def verdicts(tables):
    paper = load_paper(PAPER)
    frame = judge(PAPER, vars(claims), paper["claims"], tables, base_preset="quick", published=paper["published"])
    return frame.set_index(["claim", "part"])["verdict"]


def test_every_claim_holds_on_exact_tables_and_on_simulations_that_agree(quick):
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
    doctored.loc[rows, column] *= factor
    assert verdicts(quick | {table: doctored})[claim, part] == NOT_REPRODUCED


@pytest.mark.parametrize("condition", ["n_train == 2048", "schedule == 'polynomial' and decay_exponent == 0.25 and constant_steps > 0"])
def test_tuned_claims_are_not_judged_without_all_their_rows(quick, condition):
    table = quick["tuned_risk"]
    found = verdicts(quick | {"tuned_risk": table.drop(table.query(condition).index)})
    assert found["C5", "largest_ratio"] == NOT_JUDGED
    assert found["C2", "largest_ratio"] == REPRODUCED


def test_a_missing_schedule_or_law_is_not_judged(quick):
    trajectories, kurtosis = quick["risk_trajectories"], quick["kurtosis_test"]
    found = verdicts(quick | {"risk_trajectories": trajectories.query(DECAYING), "kurtosis_test": kurtosis.query("features != 'laplace'")})
    assert found["C1", "largest_z"] == NOT_JUDGED
    assert found["C16", "largest_z"] == NOT_JUDGED


@pytest.mark.parametrize("condition", ["n_train == 4000", "spectrum == 'power_log' and log_base > 2.5"])
def test_the_published_order_is_not_judged_without_all_its_rows(quick, condition):
    table = quick["panel_risk"]
    found = verdicts(quick | {"panel_risk": table.drop(table.query(condition).index)})
    assert found["N3", "smallest_ratio"] == NOT_JUDGED


def test_what_is_no_number_is_never_the_largest_or_smallest(quick):
    """A nan in any row that a claim reads takes away its verdict, whichever way its bound points."""
    for table, column, claim in [
        ("risk_bounds", "scaled_variance", "C2"),
        ("risk_bounds", "scaled_bias", "C19"),
        ("risk_bounds", "scaled_bias", "C18"),
        ("panel_risk", "risk", "C17"),
        ("tuned_risk", "risk", "C5"),
        ("horizon_scan", "risk", "C12"),
        ("image_risk", "risk_ratio", "C14"),
    ]:
        damaged = quick[table].copy()
        rows = damaged.query("is_best" if "is_best" in damaged else "schedule == 'geometric'").index
        damaged.loc[rows, column] = np.nan
        assert NOT_JUDGED in set(verdicts(quick | {table: damaged})[claim]), (table, claim)


@pytest.mark.parametrize("name", FIGURES)
def test_outer_panels_of_figures_name_both_quantities(quick, name):
    for ax in draw(PAPER, name, quick).axes:
        place = ax.get_subplotspec()
        assert ax.get_xlabel() or ax.get_xticklabels() or not place.is_last_row()
        assert ax.get_ylabel() or not place.is_first_col()


def test_the_published_points_are_halved_beside_the_curves_of_their_colour(quick):
    """The poster has no ½ in its risk."""
    about = figure_about(PAPER, "fig1", "quick")
    ax = fig1.draw(quick, about).axes[-1]
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "linear")
    dashes = [line for line in ax.get_lines() if line.get_marker() == "_" and len(line.get_xdata())]
    for line, (name, (_, color)) in zip(dashes, fig1.CURVES.items(), strict=True):
        assert line.get_color() == color
        np.testing.assert_allclose(line.get_xydata() * [1, 2], about["published"][name]["points"])


def test_bounds_that_move_in_the_yaml_move_in_the_figure(quick):
    about = figure_about(PAPER, "fig7", "quick")
    about["claims"]["C7"]["largest_ratio"] = {"lower": None, "upper": 0.7, "strict": False}
    (area,) = fig7.draw(quick, about).axes[2].patches
    assert area.get_bbox().y1 == pytest.approx(0.7)


def test_ends_of_the_grid_are_marked_where_polynomial_decay_is_best_there(quick):
    ax = fig7.draw(quick, figure_about(PAPER, "fig7", "quick")).axes[3]
    (squares,) = [line for line in ax.get_lines() if line.get_marker() == "s"]
    ends = quick["tuned_risk"].query("at_grid_edge and schedule == 'polynomial' and decay_exponent == 1 and constant_steps == 0")
    assert len(squares.get_xdata()) == len(ends) > 0


def test_images_are_drawn_with_markers_for_simulation_and_lines_for_theory(quick):
    ax = draw(PAPER, "fig5", quick).axes[0]
    lines = [line for line in ax.get_lines() if len(line.get_xdata())]
    assert sum(line.get_marker() == "o" for line in lines) == 4
    assert sum(line.get_linestyle() == "-" for line in lines) == 4
