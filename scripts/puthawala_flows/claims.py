"""What the claims measure in the tables [puthawala_flows]; bounds and wording stand in the paper's yaml."""

from dataclasses import replace

import numpy as np
import pandas as pd

from repro.claims import Measured, MissingRows, Tables, largest, one, rows, smallest
from repro.job import job
from scripts.puthawala_flows import comparison


def c1(tables: Tables) -> dict[str, Measured]:
    """Nearest approach to the trefoil in R^3, in units of its thickness."""
    table = tables["knot_errors"]
    found = smallest(rows(table, target="trefoil", ambient_dim=3)["sup_error"])
    return {"least_over_thickness": replace(found, predicted=_lower_bound(table, "trefoil"))}


def c2(tables: Tables) -> dict[str, Measured]:
    """Best fit of the trefoil in R^4."""
    return {"best_over_thickness": _best_knot(tables, "trefoil", 4)}


def c3(tables: Tables) -> dict[str, Measured]:
    """Best fit of the trefoil in R^7."""
    return {"best_over_thickness": _best_knot(tables, "trefoil", 7)}


def n1(tables: Tables) -> dict[str, Measured]:
    """Best fit of the unknot in R^3."""
    return {"best": replace(_best_knot(tables, "unknot", 3), predicted=None)}


def c4(tables: Tables) -> dict[str, Measured]:
    """Nearest approach to the twisted ribbon in R^3, and how the boundaries are linked."""
    table = tables["ribbon_errors"]
    found = rows(table, target="twist1", ambient_dim=3)
    gap = comparison.linking_gaps(table, "twist1")
    known = gap.dropna()
    return {
        "least_over_bound": replace(smallest(found["sup_error"]), predicted=_lower_bound(table, "twist1")),
        "least_linking_gap": smallest(known),
        "largest_linking_gap": largest(known),
        "linking_known": Measured(len(known) / len(gap), n=len(gap)),
    }


def c5(tables: Tables) -> dict[str, Measured]:
    """Best fit of the twisted ribbon in R^4."""
    return {"best_over_bound": _best_ribbon(tables, "twist1", 4)}


def n2(tables: Tables) -> dict[str, Measured]:
    """Best fit of the wavy ribbon in R^3, and how the boundaries are linked."""
    gap = comparison.linking_gaps(tables["ribbon_errors"], "wave")
    return {"best_over_bound": _best_ribbon(tables, "wave", 3), "largest_linking_gap": largest(gap.dropna())}


def c6(tables: Tables) -> dict[str, Measured]:
    """Largest ratio of successive errors of the construction."""
    return {"largest_successive_ratio": largest(comparison.refinements(tables["construction_errors"]))}


def c6b(tables: Tables) -> dict[str, Measured]:
    """Errors of the construction at two sizes."""
    table = tables["construction_errors"]
    return {f"error_{n_nodes}": Measured(one(table, "sup_error", n_nodes=n_nodes)) for n_nodes in (48, 96)}


def c7(tables: Tables) -> dict[str, Measured]:
    """Least gain of the density step from the second checkpoint on."""
    return {"gain_from_second_checkpoint": _least_gain(tables, "C7")}


def c7b(tables: Tables) -> dict[str, Measured]:
    """Least gain of the density step from the fourth checkpoint on."""
    return {"gain_from_fourth_checkpoint": _least_gain(tables, "C7b")}


def c8(tables: Tables) -> dict[str, Measured]:
    """Distance after the density step on the best manifold, over its own floor."""
    last = comparison.last_step(_judged_distances(tables)).reset_index(drop=True)
    best = last.iloc[int(np.argmin(last["sup_error"].to_numpy(dtype=float)))]  # NumPy's: no number comes first, and is found out
    known = np.isfinite(best["sup_error"])
    return {"density_over_floor": Measured(float(best["w2_density"]) if known else np.nan, predicted=float(best["w2_floor"]), n=1)}


def n3(tables: Tables) -> dict[str, Measured]:
    """Distance without the density step, over the floor."""
    found = _judged_distances(tables)
    return {"uniform_over_floor": Measured(float(comparison.uniform_over_floor(found).iloc[-1]), n=found["seed"].nunique())}


def c9(tables: Tables) -> dict[str, Measured]:
    """Largest difference of the two distances from a range."""
    return {"largest_gap": largest(comparison.projection_gaps(tables["projection_distances"])["gap"].abs())}


def _best_knot(tables: Tables, target: str, ambient_dim: int) -> Measured:
    table = tables["knot_errors"]
    found = smallest(rows(comparison.last_step(table), target=target, ambient_dim=ambient_dim)["sup_error"])
    return replace(found, predicted=_lower_bound(table, "trefoil"))


def _best_ribbon(tables: Tables, target: str, ambient_dim: int) -> Measured:
    table = tables["ribbon_errors"]
    found = smallest(rows(table, target=target, ambient_dim=ambient_dim)["sup_error"])
    return replace(found, predicted=_lower_bound(table, "twist1"))


def _lower_bound(table: pd.DataFrame, target: str) -> float:
    """The bound that topology gives for a target in R^3; not a number if its rows do not agree."""
    found = rows(table, target=target, ambient_dim=3)["lower_bound"].unique()
    return float(found[0]) if len(found) == 1 else np.nan


def _judged_distances(tables: Tables) -> pd.DataFrame:
    return rows(tables["transport_distances"], ambient_dim=comparison.JUDGED_DIM)


def _least_gain(tables: Tables, claim: str) -> Measured:
    found = _judged_distances(tables)
    low = comparison.gains(found)["low"].iloc[comparison.GAIN_FROM[claim] :]
    if low.empty:
        raise MissingRows("no checkpoint from the first judged one on")
    return replace(smallest(low), n=found["seed"].nunique())


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
