"""Claims of puthawala_flows judge what they say, and its figures are drawn from any table that keeps its contract."""

import numpy as np
import pandas as pd
import pytest

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED, judge
from repro.frames import tidy
from repro.settings import load_paper, load_params
from scripts.puthawala_flows import claims, comparison
from scripts.puthawala_flows.runs import coupling_construction, knot_fits, range_projection, ribbon_fits
from tests.unit.drawn import draw

PAPER = "puthawala_flows"
FIGURES = list(load_paper(PAPER)["figures"])
SEEDS = range(8)
CHECKPOINTS = [0, 50, 100, 200, 900]

TREFOIL = "target == 'trefoil' and ambient_dim =="
TWIST = "target == 'twist1' and ambient_dim =="
DOCTORED = [  # claim, part, table, rows, column, value
    ("C1", "least_over_thickness", "knot_errors", f"{TREFOIL} 3 and seed == 3 and step == 450", "sup_error", 0.2),
    ("C2", "best_over_thickness", "knot_errors", f"{TREFOIL} 4 and step == 900", "sup_error", 0.11),
    ("C3", "best_over_thickness", "knot_errors", f"{TREFOIL} 7 and step == 900", "sup_error", 0.11),
    ("N1", "best", "knot_errors", "target == 'unknot' and step == 900", "sup_error", 0.11),
    ("C4", "least_over_bound", "ribbon_errors", f"{TWIST} 3 and seed == 5", "sup_error", 0.39),
    ("C4", "least_linking_gap", "ribbon_errors", f"{TWIST} 3 and seed == 5", "model_linking", 1.0),
    ("C4", "largest_linking_gap", "ribbon_errors", f"{TWIST} 3 and seed == 5", "model_linking", 3.0),
    ("C4", "linking_known", "ribbon_errors", f"{TWIST} 3 and seed < 5", "model_linking", np.nan),
    ("C5", "best_over_bound", "ribbon_errors", f"{TWIST} 4", "sup_error", 0.21),
    ("N2", "best_over_bound", "ribbon_errors", "target == 'wave'", "sup_error", 0.41),
    ("N2", "largest_linking_gap", "ribbon_errors", "target == 'wave' and seed == 2", "model_linking", -1.0),
    ("C6", "largest_successive_ratio", "construction_errors", "n_nodes == 64", "sup_error", 2e-5),
    ("C6b", "error_48", "construction_errors", "n_nodes == 48", "sup_error", 2e-4),
    ("C6b", "error_96", "construction_errors", "n_nodes == 96", "sup_error", 5e-9),
    ("C7", "gain_from_second_checkpoint", "transport_distances", "step == 50", "w2_uniform", 0.1),
    ("C7b", "gain_from_fourth_checkpoint", "transport_distances", "step == 200", "w2_uniform", 0.2),
    ("C8", "density_over_floor", "transport_distances", "step == 900 and seed == 0", "w2_density", 0.2),
    ("N3", "uniform_over_floor", "transport_distances", "step == 900", "w2_uniform", 0.2),
    ("C9", "largest_gap", "projection_distances", "method == 'closed_form' and trial == 17", "range_distance", 0.5),
]


def knots():
    cases = {("unknot", 3): 0.03, ("trefoil", 3): 0.25, ("trefoil", 4): 0.03, ("trefoil", 7): 0.02}
    frames = []
    for (target, dim), least in cases.items():
        steps = [0, 450, 900]
        sup = np.multiply.outer([8.0, 2.0, 1.0], least * (1 + 0.1 * np.arange(8)))
        bound = 0.2024 if (target, dim) == ("trefoil", 3) else np.nan
        frames.append(
            tidy({"step": steps, "seed": SEEDS}, sup_error=sup, rms_error=sup / 3, target=target, ambient_dim=dim, lower_bound=bound)
        )
    return pd.concat(frames, ignore_index=True)


def ribbons():
    cases = {("wave", 3): 0.1, ("twist1", 3): 0.43, ("twist1", 4): 0.06, ("twist1", 7): 0.05}
    frames = []
    for (target, dim), least in cases.items():
        sup = least * (1 + 0.1 * np.arange(8))
        bound, lk = (0.4 if (target, dim) == ("twist1", 3) else np.nan), (0.0 if dim == 3 else np.nan)
        values = {"lower_bound": bound, "target_linking": -1.0 if target == "twist1" else 0.0, "model_linking": lk}
        frames.append(tidy({"seed": SEEDS}, sup_error=sup, rms_error=sup / 3, target=target, ambient_dim=dim, **values))
    return pd.concat(frames, ignore_index=True)


def distances():
    """Samples of each seed fluctuate; the density step takes half of the distance off."""
    floor = 0.14 + 0.005 * np.arange(8)
    table = tidy({"step": CHECKPOINTS, "seed": SEEDS}, ambient_dim=4, w2_floor=np.broadcast_to(floor, (5, 8)))
    table["sup_error"] = 0.03 * (1 + table["seed"]) * (1 + 900 / (1 + table["step"]))
    return table.assign(hausdorff=0.05, projection_rms=0.02, w2_density=table["w2_floor"] * 1.01, w2_uniform=2.3 * table["w2_floor"])


def smoke_run(module):
    name = module.__name__.rsplit(".", maxsplit=1)[-1]
    return module.compute(load_params(PAPER, name, "smoke"))


@pytest.fixture(scope="module")
def smoke():
    return {
        name: table for run in (knot_fits, ribbon_fits, coupling_construction, range_projection) for name, table in smoke_run(run).items()
    }


@pytest.fixture(scope="module")
def quick(smoke):
    made = {"knot_errors": knots(), "ribbon_errors": ribbons(), "transport_distances": distances()}
    return smoke | made  # the closed forms are the same at every preset


def verdicts(tables):
    return judge(PAPER, vars(claims), load_paper(PAPER)["claims"], tables, base_preset="quick").set_index(["claim", "part"])


def test_every_claim_holds_where_tables_are_as_the_theory_says(quick):
    found = verdicts(quick)["verdict"]
    assert found.eq(REPRODUCED).all(), found[found.ne(REPRODUCED)]


def test_every_part_of_every_claim_is_fed_a_doctored_table():
    parts = {(claim["claim"], part["part"]) for claim in load_paper(PAPER)["claims"] for part in claim["parts"]}
    assert {(claim, part) for claim, part, *_ in DOCTORED} == parts


def doctored(tables, table, condition, column, value):
    frame = tables[table].copy()
    rows = frame.query(condition).index
    assert len(rows)
    frame.loc[rows, column] = value
    return tables | {table: frame}


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_doctored_table_is_not_reproduced(quick, case):
    claim, part, *change = case
    assert verdicts(doctored(quick, *change))["verdict"][claim, part] == NOT_REPRODUCED


@pytest.mark.parametrize("case", [case for case in DOCTORED if case[4] != "model_linking"], ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_number_that_is_none_is_never_good_news(quick, case):
    claim, part, table, condition, column, _ = case
    assert verdicts(doctored(quick, table, condition, column, np.nan))["verdict"][claim, part] == NOT_JUDGED


@pytest.mark.parametrize(
    ("claim", "part", "table", "condition"),
    [
        ("C1", "least_over_thickness", "knot_errors", f"{TREFOIL} 3"),
        ("C2", "best_over_thickness", "knot_errors", f"{TREFOIL} 3"),
        ("C3", "best_over_thickness", "knot_errors", f"{TREFOIL} 7"),
        ("C4", "least_over_bound", "ribbon_errors", f"{TWIST} 3"),
        ("C5", "best_over_bound", "ribbon_errors", f"{TWIST} 3"),
        ("C6", "largest_successive_ratio", "construction_errors", "n_nodes > 16"),
        ("C6b", "error_96", "construction_errors", "n_nodes == 96"),
        ("C7b", "gain_from_fourth_checkpoint", "transport_distances", "step > 100"),
        ("C8", "density_over_floor", "transport_distances", "ambient_dim == 4"),
        ("C7", "gain_from_second_checkpoint", "transport_distances", "seed > 0"),
        ("C9", "largest_gap", "projection_distances", "method == 'brute_force'"),
    ],
)
def test_a_claim_is_not_judged_without_its_rows(quick, claim, part, table, condition):
    frame = quick[table]
    assert verdicts(quick | {table: frame.drop(frame.query(condition).index)})["verdict"][claim, part] == NOT_JUDGED


def test_a_fit_whose_sup_error_is_no_number_is_not_taken_for_the_best(quick):
    tables = doctored(quick, "transport_distances", "step == 900 and seed == 4", "sup_error", np.nan)
    assert verdicts(tables)["verdict"]["C8", "density_over_floor"] == NOT_JUDGED


def test_the_best_fit_is_that_of_the_last_step(quick):
    tables = doctored(quick, "knot_errors", f"{TREFOIL} 4 and step == 450", "sup_error", 1e-3)
    assert verdicts(tables)["measured"]["C2", "best_over_thickness"] == pytest.approx(0.03)


def test_gains_are_means_less_three_standard_errors():
    table = pd.DataFrame({"step": 50, "seed": [0, 1, 2], "w2_uniform": [0.4, 0.5, 0.6], "w2_density": 0.1})
    assert comparison.gains(table)["low"].item() == pytest.approx(0.4 - 3 * 0.1 / np.sqrt(3))
    assert np.isnan(comparison.gains(table.head(1))["low"].item())


def test_the_construction_is_at_its_known_values_at_every_preset(smoke):
    known = {8: 1.16, 12: 0.59, 16: 0.47, 24: 0.067, 32: 5.6e-3, 48: 1.5e-5, 64: 2.2e-7, 96: 4.5e-10}
    found = smoke["construction_errors"].set_index("n_nodes")
    np.testing.assert_allclose(found["sup_error"], [known[n] for n in found.index], rtol=0.02)
    assert (found["inverse_error"] < 1e-12).all()


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn_from_tables_that_hold(quick, name):
    assert draw(PAPER, name, quick).axes


def test_drawings_of_targets_are_broken_where_they_pass_beneath_themselves(smoke):
    """Three crossings of each knot, two of the boundaries of the twisted ribbon, none of the wave's."""

    def breaks(name, tables, letters):
        axes = {ax.get_title(loc="left").split("}$")[0][-1]: ax for ax in draw(PAPER, name, tables).axes}
        return [sum(_n_gaps(line.get_xdata()) for line in axes[letter].get_lines() if line.get_label() == "target") for letter in letters]

    def _n_gaps(x):
        hidden = np.isnan(np.asarray(x)[:-1])
        return int((hidden & ~np.roll(hidden, 1)).sum())

    assert breaks("fig_knot", smoke, "fi") == [3, 3]
    assert breaks("fig_ribbon", smoke, "hk") == [2, 0]


def test_a_dimension_of_the_published_scale_is_drawn_beside_the_others(quick):
    more = quick["transport_distances"]
    tables = {"transport_distances": pd.concat([more.assign(ambient_dim=3), more, more.assign(ambient_dim=7)])}
    labels = [tick.get_text() for tick in draw(PAPER, "fig_reverse", tables).axes[5].get_xticklabels()]
    assert labels == ["ℝ³", "ℝ⁴", "ℝ⁷"]
    errors = pd.concat([quick["knot_errors"], quick["knot_errors"].query(f"{TREFOIL} 4").assign(ambient_dim=5)])
    fig = draw(PAPER, "fig_knot", {"knot_errors": errors, "knot_curves": quick["knot_curves"]})
    assert "trefoil in ℝ⁵" in {text.get_text() for text in fig.legends[0].get_texts()}
