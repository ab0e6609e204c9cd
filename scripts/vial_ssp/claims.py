"""What the claims measure in the tables [vial_ssp]; bounds and wording stand in the paper's yaml."""

import numpy as np
import pandas as pd

from repro.claims import Measured, MissingRows, Tables, largest, rows, smallest
from repro.job import job
from scripts.vial_ssp import summaries
from scripts.vial_ssp.summaries import DECADE, FIRST, GAP, GAPS, LARGE_SCALE, LAST, SCALE


def v1(tables: Tables) -> dict[str, Measured]:
    """Growth of the worst regret of optimistic play."""
    return {"slope": _worst_slope(tables, "optimistic", FIRST)}


def v1b(tables: Tables) -> dict[str, Measured]:
    """The slope of the claim before, against the square root."""
    return v1(tables)


def v2(tables: Tables) -> dict[str, Measured]:
    """Growth of the worst regret of greedy play over the last decade."""
    return {"slope_last_decade": _worst_slope(tables, "greedy", DECADE)}


def v3(tables: Tables) -> dict[str, Measured]:
    """Greedy over optimistic regret at one gap."""
    at = rows(tables["hard_regret"], method="simulation", gap=GAP, episode=LAST)
    return {"ratio": _ratio(rows(at, algorithm="greedy"), rows(at, algorithm="optimistic"))}


def v4(tables: Tables) -> dict[str, Measured]:
    """Uniform play: slope, and size in units of the exact one."""
    uniform = rows(tables["hard_regret"], method="simulation", algorithm="uniform")
    for gap in GAPS:
        _reaches(rows(uniform, gap=gap), FIRST)
    return {
        "slope_deviation": largest((summaries.uniform_slopes(uniform, GAPS) - 1).abs()),
        "size_deviation": largest(np.abs(_over_theory(tables, "uniform") - 1)),
    }


def v5(tables: Tables) -> dict[str, Measured]:
    """Largest optimistic regret in units of the law."""
    return {"largest_ratio": largest(_over_theory(tables, "optimistic"))}


def v5b(tables: Tables) -> dict[str, Measured]:
    """Optimistic regret in units of the law, from below and above."""
    ratios = _over_theory(tables, "optimistic")
    return {"smallest_ratio": smallest(ratios), "largest_ratio": largest(ratios)}


def v6(tables: Tables) -> dict[str, Measured]:
    """Lanes that lose optimism although they have the bonus."""
    fixed = summaries.largest_violations(rows(tables["value_updates"], algorithm="optimistic"))
    for instance in ("chain", *summaries.JUDGED_SIMPLEX):
        rows(fixed, instance=instance)
    return {"hard_share": _hard_share(tables, "optimistic"), "chain_simplex_share": _share(fixed["optimism_violation"])}


def v7(tables: Tables) -> dict[str, Measured]:
    """Lanes, and violations of the optimal value, without the bonus."""
    greedy = summaries.largest_violations(rows(tables["value_updates"], algorithm="greedy"))
    worst = {name: largest(rows(greedy, instance=name)["optimism_violation"]) for name in ("chain", *summaries.JUDGED_SIMPLEX)}
    return {
        "hard_share": _hard_share(tables, "greedy"),
        "chain_largest": worst["chain"],
        "simplex_largest": smallest([worst[name].value for name in summaries.JUDGED_SIMPLEX]),
    }


def v8(tables: Tables) -> dict[str, Measured]:
    """Growth of optimistic regret on the fixed instances."""
    regret = rows(tables["fixed_instance_regret"], algorithm="optimistic")
    for instance in ("chain", *summaries.JUDGED_SIMPLEX):
        rows(regret, instance=instance)
    return {
        "chain_slope": _slope(summaries.fixed_instance_slope(regret, "chain")),
        "simplex_slope": largest([summaries.fixed_instance_slope(regret, name)[0] for name in summaries.simplex_instances(regret)]),
    }


def v9(tables: Tables) -> dict[str, Measured]:
    """Iterations to the fixed point with general features."""
    updates = tables["value_updates"]
    return {"largest_n_iterations": largest(updates.loc[updates["instance"].str.startswith("simplex"), "n_iterations"])}


def v10(tables: Tables) -> dict[str, Measured]:
    """Regret without a bonus and with a large one, in units of that with the bonus of all other runs."""
    at = {scale: rows(tables["bonus_regret"], bonus_scale=scale) for scale in (0.0, SCALE, LARGE_SCALE)}
    return {"no_bonus": _ratio(at[0.0], at[SCALE]), "large_bonus": _ratio(at[LARGE_SCALE], at[SCALE])}


def v11(tables: Tables) -> dict[str, Measured]:
    """Growth of regret with the number of bad arms."""
    return {"slope": _slope(summaries.dimension_slope(rows(tables["dimension_regret"], method="simulation")))}


def _worst_slope(tables: Tables, algorithm: str, first: int) -> Measured:
    _reaches(rows(tables["worst_case_regret"], algorithm=algorithm), first)
    return _slope(summaries.worst_case_slope(tables["worst_case_regret"], algorithm, first))


def _reaches(table: pd.DataFrame, first: int) -> None:
    """MissingRows unless the table begins with the first judged episode or earlier, and has the last."""
    rows(table, episode=LAST)
    if table["episode"].min() > first:
        raise MissingRows(f"no row with an episode up to {first}")


def _slope(found: tuple[float, int]) -> Measured:
    return Measured(found[0], n=found[1])


def _ratio(above: pd.DataFrame, below: pd.DataFrame) -> Measured:
    ratio, std_error = summaries.ratio_of_means(above, below)
    return Measured(ratio, std_error=std_error, n=len(above))


def _over_theory(tables: Tables, algorithm: str) -> np.ndarray:
    """Mean regret over theory at all judged gaps."""
    found = summaries.over_theory(tables["hard_regret"], algorithm, algorithm)
    return np.array([float(rows(found, gap=gap)["ratio"].iloc[0]) for gap in GAPS])


def _hard_share(tables: Tables, algorithm: str) -> Measured:
    """Share of the lanes of all judged gaps that lose optimism."""
    lanes = [rows(tables["hard_lanes"], algorithm=algorithm, gap=gap) for gap in GAPS]
    return _share(pd.concat(lanes)["optimism_violation"])


def _share(violations: "pd.Series[float]") -> Measured:
    share, std_error = summaries.share_lost(violations)
    return Measured(share, std_error=std_error, n=len(violations))


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
