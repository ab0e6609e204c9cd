"""Claims of sonoda_ridgelet judge what they say, its runs keep their contract, and its figures are drawn from any table that does."""

import importlib
from itertools import product

import numpy as np
import pandas as pd
import pytest

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED, judge
from repro.settings import load_paper, load_params, table_contract
from scripts.sonoda_ridgelet import claims, measures
from scripts.sonoda_ridgelet.runs import hyperbolic_networks, hyperbolic_neurons, reconstruction_constant, ridgelet_spectrum
from scripts.sonoda_ridgelet.theory import VARIANTS, is_admissible, pairing
from tests.unit.drawn import draw

PAPER = "sonoda_ridgelet"
FIGURES = list(load_paper(PAPER)["figures"])
RUNS = list(load_paper(PAPER)["runs"])

WIDTHS = [100, 300, 1000, 3000, 10000]


def errors_of(cases, n_seeds):
    """Errors that fall like the root of the width, a little about their prediction."""
    rows = [
        {
            "activation": activation,
            "derivative_order": order,
            "width": width,
            "seed": seed,
            "error": (1 + 0.1 * (-1) ** seed) * 8 / width**0.5,
        }
        for (activation, order), width, seed in product(cases, WIDTHS, range(n_seeds))
    ]
    return pd.DataFrame(rows).astype({"seed": "Int64"})


def network_error():
    runs = errors_of(measures.CASES, 10).assign(method="simulation")
    theory = runs[runs["seed"] == 0].assign(method="theory", seed=pd.NA, error=8 / runs["width"] ** 0.5)
    return pd.concat([runs, theory], ignore_index=True)


def quadrature_constant():
    rows = []
    for activation, order in product(("gaussian", "tanh", "relu"), range(2, 8)):
        constant = pairing(activation, order)
        found = {"pairing": constant, "ratio": 3.3 if np.isnan(constant) else constant, "largest_value": abs(constant) / 4}
        rows.append({"activation": activation, "derivative_order": order, "admissible": is_admissible(activation, order), **found})
    table = pd.DataFrame(rows)
    return table.assign(error=np.where(table["pairing"].abs() > 0, 1e-4, np.nan))


def inversion_error():
    sizes = dict(zip(VARIANTS, (1e-14, 0.05, 0.4, 0.07), strict=True))
    rows = [(time, variant, size, 0.9 * size) for time, (variant, size) in product((0.3, 1.0), sizes.items())]
    return pd.DataFrame(rows, columns=["heat_time", "variant", "error", "error_rescaled"])


@pytest.fixture(scope="module")
def good():
    tables = hyperbolic_neurons.compute(load_params(PAPER, "hyperbolic_neurons", "smoke"))
    tables |= ridgelet_spectrum.compute(load_params(PAPER, "ridgelet_spectrum", "smoke"))
    grid = tables["neuron_values"].query("panel == 0")[["x", "y", "value"]]
    images = [grid.assign(method="simulation", width=width, value=grid["value"] * 1.1) for width in (100, 1000)]
    images = pd.concat([grid.assign(method="theory", width=pd.NA), *images], ignore_index=True).astype({"width": "Int64"})
    spd = errors_of(measures.SPD_CASES, 8)
    found = {"network_error": network_error(), "spd_network_error": spd, "quadrature_constant": quadrature_constant()}
    return tables | found | {"inversion_error": inversion_error(), "reconstruction": images}


@pytest.fixture(scope="module")
def smoke():
    tables = {}
    for run in RUNS:
        tables |= importlib.import_module(f"scripts.{PAPER}.runs.{run}").compute(load_params(PAPER, run, "smoke"))
    return tables


def verdicts(tables):
    frame = judge(PAPER, vars(claims), load_paper(PAPER)["claims"], tables, base_preset="quick")
    return frame.set_index(["claim", "part"])["verdict"]


def of(activation, order, more="method == 'simulation'"):
    return f"activation == '{activation}' and derivative_order == {order} and {more}"


LAST, FIRST = "width == 10000", "width == 100"
RUN_LAST, RUN_1000 = "method == 'simulation' and width == 10000", "method == 'simulation' and width == 1000"
DOCTORED = [  # claim, part, table, rows, column, factor
    ("R1", "error", "inversion_error", "variant == 'exact' and heat_time == 1", "error", 1e7),
    ("R2", "gaussian_4", "quadrature_constant", of("gaussian", 4, "ratio < 9"), "ratio", 1.004),
    ("R2", "tanh_5", "quadrature_constant", of("tanh", 5, "ratio < 9"), "ratio", 0.996),
    ("R2", "tanh_3", "quadrature_constant", of("tanh", 3, "ratio < 9"), "ratio", 1.011),
    ("R2", "relu_4", "quadrature_constant", of("relu", 4, "ratio < 9"), "ratio", -1),
    *(("R3", f"{a}_{k}", "network_error", of(a, k, f"{LAST} and method == 'simulation'"), "error", 10) for a, k in measures.CASES),
    *(("R4", f"{a}_{k}", "network_error", of(a, k, f"{LAST} and method == 'simulation'"), "error", 12) for a, k in measures.CASES),
    ("R4b", "smallest_at_1000", "network_error", f"activation == 'relu' and {RUN_1000}", "error", 0.6),
    ("R4b", "largest_at_1000", "network_error", f"activation == 'relu' and {RUN_1000}", "error", 1.4),
    ("R4b", "smallest_at_10000", "network_error", f"activation == 'gaussian' and {RUN_LAST}", "error", 0.35),
    ("R4b", "largest_at_10000", "network_error", f"activation == 'gaussian' and {RUN_LAST}", "error", 1.8),
    ("R6", "slope_gaussian_4", "spd_network_error", of("gaussian", 4, LAST), "error", 6),
    ("R6", "slope_tanh_5", "spd_network_error", of("tanh", 5, LAST), "error", 0.1),
    ("R6", "decrease_gaussian_4", "spd_network_error", of("gaussian", 4, FIRST), "error", 0.2),
    ("R6", "decrease_tanh_5", "spd_network_error", of("tanh", 5, LAST), "error", 4),
    ("R7", "largest_value", "quadrature_constant", of("gaussian", 3, "ratio < 9"), "largest_value", 1e-9),
    ("R7b", "largest_value", "quadrature_constant", of("relu", 3, "ratio < 9"), "largest_value", 0.01),
    ("R8", "smallest_error_rescaled", "inversion_error", "variant == 'no_c_function' and heat_time == 1", "error_rescaled", 0.5),
    ("R9", "smallest_error", "inversion_error", "variant == 'no_tanh' and heat_time == 0.3", "error", 0.3),
    ("R10", "smallest_error", "inversion_error", "variant == 'no_horocycle_weight' and heat_time == 1", "error", 0.5),
]


def test_every_claim_holds_where_the_theorem_does(good):
    assert verdicts(good).eq(REPRODUCED).all()


def test_every_part_of_every_claim_is_fed_a_doctored_table():
    parts = {(claim["claim"], part["part"]) for claim in load_paper(PAPER)["claims"] for part in claim["parts"]}
    assert {(claim, part) for claim, part, *_ in DOCTORED} == parts


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_doctored_table_is_not_reproduced(good, case):
    claim, part, table, condition, column, factor = case
    doctored = good[table].copy()
    chosen = doctored.query(condition).index
    assert len(chosen)
    doctored.loc[chosen, column] = factor if claim in ("R7", "R7b") else doctored.loc[chosen, column] * factor
    assert verdicts(good | {table: doctored})[claim, part] == NOT_REPRODUCED


@pytest.mark.parametrize("case", DOCTORED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_claim_is_not_judged_without_its_rows_or_from_what_is_no_number(good, case):
    claim, part, table, condition, column, _ = case
    frame = good[table]
    assert verdicts(good | {table: frame.drop(frame.query(condition).index)})[claim, part] == NOT_JUDGED
    unknown = frame.copy()
    unknown.loc[frame.query(condition).index[:1], column] = np.nan
    assert verdicts(good | {table: unknown})[claim, part] == NOT_JUDGED


def test_an_exponent_is_that_of_the_judged_widths():
    runs = errors_of([("tanh", 3)], 4)
    beyond = runs[runs["width"] == 10000].assign(width=30000, error=7.0)
    slope, n = measures.exponent(pd.concat([runs, beyond]), ("tanh", 3))
    assert slope == pytest.approx(-0.5, abs=1e-12)
    assert n == len(WIDTHS)


def test_a_control_that_still_reconstructs_does_not_fail_as_stated(good):
    inverted = good["inversion_error"].assign(error=1e-14, error_rescaled=1e-14)
    found = verdicts(good | {"inversion_error": inverted})
    assert (found[["R8", "R9", "R10"]] == NOT_REPRODUCED).all()


def test_tables_have_the_columns_of_their_contract(smoke):
    for name, frame in smoke.items():
        assert set(frame.columns) == set(table_contract(PAPER, name)["columns"]), name


def test_more_seeds_and_widths_leave_the_rows_of_the_others_as_they_are(smoke):
    """As preset paper does, on a slice of it."""
    p = load_params(PAPER, "hyperbolic_networks", "smoke") | {"widths": [300, 2000], "n_seeds": [3, 1], "reconstruction_widths": [100]}
    found = hyperbolic_networks.compute(p)["network_error"].query("method == 'simulation'")
    assert found["seed"].tolist() == [0, 1, 2, 0]
    known = smoke["network_error"].query("method == 'simulation' and width == 300")["error"]
    np.testing.assert_array_equal(found.query("width == 300")["error"][:2], known)


def test_a_shifted_session_draws_other_networks():
    p = load_params(PAPER, "hyperbolic_networks", "smoke") | {"widths": [100], "n_seeds": [2], "reconstruction_widths": [100]}
    first, shifted = (hyperbolic_networks.compute(p | {"seed_offset": offset}) for offset in (0, 1000))
    assert shifted["network_error"]["seed"].dropna().tolist() == [1000, 1001]
    assert not first["network_error"]["error"].isin(shifted["network_error"]["error"]).any()


def test_a_table_of_other_steps_is_refused():
    p = load_params(PAPER, "reconstruction_constant", "smoke") | {"profile_step": 0.02}
    with pytest.raises(ValueError, match=r"profile_step must be that of the table of ridges, 0\.01, not 0\.02"):
        reconstruction_constant.compute(p)


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn_from_tables_that_hold(good, name):
    assert draw(PAPER, name, good).axes


def test_every_judged_pair_has_its_marker_inside_the_axes(good):
    fig = draw(PAPER, "fig4", {table: good[table] for table in load_paper(PAPER)["figures"]["fig4"]["tables"]})
    for ax, n in zip(fig.axes[5:9], (6, 4, 8, 2), strict=True):
        heights = [y for line in ax.get_lines() for y in np.atleast_1d(line.get_ydata()) if line.get_marker() == "o"]
        assert len(heights) == n
        assert (np.array(heights) > ax.get_ylim()[0]).all()
        assert (np.array(heights) < ax.get_ylim()[1]).all()
