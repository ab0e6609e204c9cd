"""What the claims measure in the tables [sonoda_ridgelet]; bounds and wording stand in the paper's yaml."""

import numpy as np
import pandas as pd

from repro.claims import Measured, MissingRows, Tables, largest, one, rows, smallest
from repro.job import job
from scripts.sonoda_ridgelet import measures
from scripts.sonoda_ridgelet.measures import CASES, SPD_CASES, WRONG_PARITY, WRONG_PARITY_RELU, Case


def r1(tables: Tables) -> dict[str, Measured]:
    """Error of the exact inversion."""
    return {"error": largest(_at_all_times(tables, "exact", "error"))}


def r2(tables: Tables) -> dict[str, Measured]:
    """Reconstruction projected on the target, beside the constant in closed form."""
    table = tables["quadrature_constant"]
    return {_name(case): Measured(_of(table, case, "ratio"), predicted=_of(table, case, "pairing")) for case in CASES}


def r3(tables: Tables) -> dict[str, Measured]:
    """Exponents on the hyperbolic plane."""
    return {_name(case): _exponent(tables["network_error"], case) for case in CASES}


def r4(tables: Tables) -> dict[str, Measured]:
    """Mean errors of wide networks."""
    return {_name(case): _mean(tables["network_error"], case, measures.LAST_WIDTH) for case in CASES}


def r4b(tables: Tables) -> dict[str, Measured]:
    """Errors in units of the predicted ones; the pair that is furthest on each side."""
    table, found = tables["network_error"], {}
    for width in measures.WIDTHS:
        n_seeds = [_mean(table, case, width).n for case in CASES]
        ratios = [measures.over_prediction(table, case, width) for case in CASES]
        for side, choose in (("smallest", np.argmin), ("largest", np.argmax)):
            at = int(choose(ratios))  # what is no number is chosen first
            size = float(measures.at_width(table, CASES[at], width)["root_mean_square"])
            found[f"{side}_at_{width}"] = Measured(size, predicted=measures.predicted(table, CASES[at], width), n=n_seeds[at])
    return found


def r6(tables: Tables) -> dict[str, Measured]:
    """Exponents and decrease on the positive definite matrices."""
    table = tables["spd_network_error"]
    slopes = {f"slope_{_name(case)}": _exponent(table, case) for case in SPD_CASES}
    n_seeds = {case: _mean(table, case, measures.LAST_WIDTH).n for case in SPD_CASES}
    return slopes | {f"decrease_{_name(case)}": Measured(measures.decrease(table, case), n=n_seeds[case]) for case in SPD_CASES}


def r7(tables: Tables) -> dict[str, Measured]:
    """What pairs of the wrong parity reconstruct."""
    return {"largest_value": largest([_of(tables["quadrature_constant"], case, "largest_value") for case in WRONG_PARITY])}


def r7b(tables: Tables) -> dict[str, Measured]:
    """What ReLU reconstructs with an odd order."""
    return {"largest_value": Measured(_of(tables["quadrature_constant"], WRONG_PARITY_RELU, "largest_value"))}


def r8(tables: Tables) -> dict[str, Measured]:
    """Best multiple of the inversion without the c-function."""
    return {"smallest_error_rescaled": smallest(_at_all_times(tables, "no_c_function", "error_rescaled"))}


def r9(tables: Tables) -> dict[str, Measured]:
    """Inversion without the tanh of the density."""
    return {"smallest_error": smallest(_at_all_times(tables, "no_tanh", "error"))}


def r10(tables: Tables) -> dict[str, Measured]:
    """Inversion without the horocycle weight."""
    return {"smallest_error": smallest(_at_all_times(tables, "no_horocycle_weight", "error"))}


def _name(case: Case) -> str:
    return f"{case[0]}_{case[1]}"


def _of(table: pd.DataFrame, case: Case, column: str) -> float:
    return one(table, column, activation=case[0], derivative_order=case[1])


def _at_all_times(tables: Tables, variant: str, column: str) -> np.ndarray:
    """A column of one variant at each heat time of the table; MissingRows where a time has none."""
    table = tables["inversion_error"]
    found = rows(table, variant=variant)
    if len(found) != table["heat_time"].nunique() or len(found) < 2:
        raise MissingRows(f"not every heat time, or fewer than two, with variant = {variant}")
    return found[column].to_numpy(dtype=float)


def _mean(table: pd.DataFrame, case: Case, width: int) -> Measured:
    """Mean error over seeds at one width; MissingRows without any."""
    found = measures.at_width(table, case, width)
    if np.isnan(found["n_seeds"]):
        raise MissingRows(f"no row with activation = {case[0]}, derivative_order = {case[1]}, width = {width}")
    return Measured(float(found["mean"]), std_error=float(found["std_error"]), n=int(found["n_seeds"]))


def _exponent(table: pd.DataFrame, case: Case) -> Measured:
    """Slope over the judged widths, which reach from the first to the last; its number is that of the widths."""
    for width in (measures.FIRST_WIDTH, measures.LAST_WIDTH):
        _mean(table, case, width)
    value, n = measures.exponent(table, case)
    return Measured(value, n=n)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
