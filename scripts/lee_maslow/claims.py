"""What each claim of lee_maslow measures; statements, bounds and sources are in workflow/papers/lee_maslow/claims.yaml."""

import math
from typing import Any

import numpy as np
import pandas as pd

from repro.claims import Measured, MissingRows, Tables, largest, one, rows, smallest
from repro.job import job


def l1(tables: Tables) -> dict[str, Measured]:
    gap = _deviation(tables, "none", None)
    return {
        "largest_deviation": largest(gap.abs()),
        "dissimilar": Measured(_at(gap, 0.0), n=1),
        "elsewhere": largest(gap.drop(index=gap.index.min()).abs()),
    }


def l2(tables: Tables) -> dict[str, Measured]:
    mean = _mean(tables["node_reuse"], "forgetting", start="random")
    between = mean[(mean.index > 0) & (mean.index < 1)]
    if between.empty:
        raise MissingRows("no row with similarity between 0 and 1")
    worst = largest(between).value
    return {
        "excess_over_dissimilar": Measured(worst - _at(mean, 0.0), n=len(mean)),
        "excess_over_identical": Measured(worst - _at(mean, 1.0), n=len(mean)),
    }


def l2b(tables: Tables) -> dict[str, Measured]:
    return {"worst_similarity": _worst(_mean(tables["node_reuse"], "forgetting", start="random"))}


def l3(tables: Tables) -> dict[str, Measured]:
    mean = _mean(tables["node_reuse"], "forgetting", start="random")
    worst = largest(mean).value
    return {"dissimilar_share": Measured(_at(mean, 0.0) / worst), "identical_share": Measured(_at(mean, 1.0) / worst)}


def l4(tables: Tables) -> dict[str, Measured]:
    found = rows(tables["node_reuse"], start="random")
    return {f"at_0_{tenths}": _seed_mean(found, "forgetting", similarity=tenths / 10) for tenths in (2, 4, 6, 8)}


def l5(tables: Tables) -> dict[str, Measured]:
    found = rows(tables["node_reuse"], start="random")
    return {
        "task1_at_switch": largest(found["error_task1_switch"]),
        "task2_at_end": largest(_mean(found, "error_task2_end")),
    }


def l6(tables: Tables) -> dict[str, Measured]:
    mean = _mean(tables["node_reuse"], "forgetting", start="specialised")
    high = mean[mean.index >= 0.3]
    formula = [one(tables["reuse_formula"], "forgetting", similarity=float(similarity)) for similarity in high.index]
    if not formula:
        raise MissingRows("no row with similarity of 0.3 or more")
    return {"largest_deviation": largest(np.abs(high.to_numpy() - formula))}


def l7(tables: Tables) -> dict[str, Measured]:
    found = rows(tables["node_reuse"], start="specialised")
    return {"at_0": _seed_mean(found, "forgetting", similarity=0.0), "at_0_2": _seed_mean(found, "forgetting", similarity=0.2)}


def l8(tables: Tables) -> dict[str, Measured]:
    share, activation = (_mean(tables["node_reuse"], name, start="random") for name in ("idle_share", "idle_activation"))
    return {
        "share_falls": Measured(_at(share, 0.0) - _at(share, 1.0), n=len(share)),
        "activation_falls": Measured(_at(activation, 0.0) - _at(activation, 1.0), n=len(activation)),
    }


def l8b(tables: Tables) -> dict[str, Measured]:
    share, activation = (_mean(tables["node_reuse"], name, start="random") for name in ("idle_share", "idle_activation"))
    return {
        "share_increases": _increases(share[share.index > 0.1 - 1e-9]),
        "activation_increases": _increases(activation[activation.index > 0.2 - 1e-9]),
        "share_at_0": Measured(_at(share, 0.0)),
        "share_at_1": Measured(_at(share, 1.0)),
    }


def l9(tables: Tables) -> dict[str, Measured]:
    mean = _of_ode(tables, "freeze", None, column="error_task2_end")
    return {"task2_dissimilar": Measured(_at(mean, 0.0) - 1 / 6), "task2_identical": Measured(_at(mean, 1.0))}


def l10(tables: Tables) -> dict[str, Measured]:
    none, often, seldom = (_at(_of_ode(tables, *each), 0.4) for each in (("none", None), ("replay", 9.0), ("replay", 999.0)))
    return {
        "reduction_at_9": Measured(_ratio(none, often)),
        "task2_at_9": Measured(_at(_of_ode(tables, "replay", 9.0, column="error_task2_end"), 0.4)),
        "reduction_at_999": Measured(1 - _ratio(seldom, none)),
    }


def l11(tables: Tables) -> dict[str, Measured]:
    return {
        "replay_9": largest(_deviation(tables, "replay", 9.0).abs()),
        "node_1": largest(_deviation(tables, "node_consolidation", 1.0).abs()),
    }


def l12(tables: Tables) -> dict[str, Measured]:
    none, held = (_of_ode(tables, *each, start="specialised") for each in (("none", None), ("node_consolidation", 0.1)))
    worst = _worst(held)
    return {
        "worst_similarity": worst,
        "shift": Measured(worst.value - _worst(none).value, n=len(none)),
        "reduction": Measured(_ratio(largest(none).value, largest(held).value)),
    }


def l13(tables: Tables) -> dict[str, Measured]:
    return {"error_increases": _increases(_of_ode(tables, "node_consolidation", 1.0, column="error_task2_end"))}


def l13b(tables: Tables) -> dict[str, Measured]:
    return {"largest_forgetting": largest(_of_ode(tables, "node_consolidation", 1.0))}


def l14(tables: Tables) -> dict[str, Measured]:
    return {name: _z_over(tables, "pca_own", end) for name, end in (("z_over_different", 0.0), ("z_over_identical", 1.0))}


def l15(tables: Tables) -> dict[str, Measured]:
    found = rows(tables["mixing_curves"], variant="pca_own")
    ends = {task: rows(found, task=task, task_trained=task) for task in (1, 2)}
    ends = {task: rows(frame, epoch=int(frame["epoch"].max())) for task, frame in ends.items()}
    return {
        "task1_at_switch": Measured(_finite_mean(ends[1]["accuracy"]), n=ends[1]["seed"].nunique()),
        "task2_at_end": smallest(ends[2].groupby("mixing")["accuracy"].apply(_finite_mean)),
    }


def l16(tables: Tables) -> dict[str, Measured]:
    return {f"z_{variant}": _z_over(tables, variant, 0.0) for variant in ("none_relu", "zca")}


def l17(tables: Tables) -> dict[str, Measured]:
    node, replay = (_worst(benefit) for benefit in _benefits(tables))
    return {"node_best_similarity": node, "replay_best_similarity": replay}


def l17b(tables: Tables) -> dict[str, Measured]:
    benefits = _benefits(tables)
    best = [_worst(benefit).value for benefit in benefits]
    return {
        "largest_best_similarity": largest(best),
        "smallest_best_similarity": smallest(best),
        "benefit_dissimilar": largest([_at(benefit, 0.0) for benefit in benefits]),
        "benefit_identical": largest([_at(benefit, 1.0) for benefit in benefits]),
    }


def l18(tables: Tables) -> dict[str, Measured]:
    none, weak, strong = (_of_sgd(tables, *each) for each in (("none", None), ("ewc", 100.0), ("ewc", 10000.0)))
    cost = _of_sgd(tables, "ewc", 10000.0, column="error_task2_end")
    return {
        "weak_worst_similarity": _worst(weak),
        "weak_ratio": Measured(_ratio(_at(weak, 0.4), _at(none, 0.4))),
        "strong_largest_forgetting": largest(strong),
        "strong_task2_dissimilar": Measured(_at(cost, 0.0)),
        "strong_order_low": Measured(_at(cost, 0.0) - _at(cost, 0.6)),
        "strong_order_high": Measured(_at(cost, 0.6) - _at(cost, 1.0)),
    }


def _mean(table: pd.DataFrame, column: str, **equal: Any) -> pd.Series:
    """Mean over seeds by similarity; not a number where one of them is none."""
    return rows(table, **equal).groupby("similarity")[column].apply(_finite_mean)


def _finite_mean(values: pd.Series) -> float:
    return float(np.mean(values.to_numpy(dtype=float, na_value=math.nan)))


def _seed_mean(table: pd.DataFrame, column: str, **equal: Any) -> Measured:
    """Mean over seeds at one similarity, with its standard error."""
    found = rows(table, **equal)[column]
    return Measured(_finite_mean(found), std_error=float(found.sem()) if len(found) > 1 else None, n=len(found))


def _at(mean: pd.Series, similarity: float) -> float:
    """The value at one similarity; MissingRows if there is none."""
    found = mean[np.isclose(mean.index, similarity, atol=1e-9)]
    if len(found) != 1:
        raise MissingRows(f"no row with similarity = {similarity}")
    return float(found.iloc[0])


def _worst(mean: pd.Series) -> Measured:
    """Where a mean over seeds is largest; not a number if one of the means is none."""
    values = mean.to_numpy(dtype=float)
    return Measured(math.nan if np.isnan(values).any() else float(mean.index[values.argmax()]), n=len(values))


def _increases(mean: pd.Series) -> Measured:
    """How often the next similarity has a larger mean; not a number if one of the means is none."""
    values = mean.to_numpy(dtype=float)
    if len(values) < 2:
        raise MissingRows("fewer than two similarities to compare")
    return Measured(math.nan if np.isnan(values).any() else float(np.sum(np.diff(values) > 0)), n=len(values))


def _ratio(over: float, under: float) -> float:
    return over / under if under else math.nan


def _of_ode(tables: Tables, intervention: str, strength: float | None, *, start: str = "random", column: str = "forgetting") -> pd.Series:
    """Mean over seeds by similarity of the equations under an intervention."""
    return _mean(tables["intervention_forgetting"], column, start=start, intervention=intervention, strength=strength)


def _of_sgd(
    tables: Tables, intervention: str, strength: float | None, *, column: str = "forgetting", method: str = "simulation"
) -> pd.Series:
    """Mean over seeds by similarity of SGD under an intervention."""
    return _mean(tables["sgd_forgetting"], column, method=method, intervention=intervention, strength=strength)


def _deviation(tables: Tables, intervention: str, strength: float | None) -> pd.Series:
    """Mean over seeds of the forgetting of SGD minus that of the equations of the same seed, by similarity."""
    found = rows(tables["sgd_forgetting"], intervention=intervention, strength=strength)
    pairs = found.pivot_table(index=["similarity", "seed"], columns="method", values="forgetting", dropna=False)
    if not {"simulation", "theory"} <= set(pairs):
        raise MissingRows(f"no row of simulation, or none of theory, with intervention = {intervention}")
    return (pairs["simulation"] - pairs["theory"]).groupby("similarity").apply(_finite_mean)


def _benefits(tables: Tables) -> list[pd.Series]:
    """What node consolidation of 0.1 and replay after every 9 steps take off forgetting, by similarity."""
    none = _of_ode(tables, "none", None)
    return [none - _of_ode(tables, *each) for each in (("node_consolidation", 0.1), ("replay", 9.0))]


def _z_over(tables: Tables, variant: str, end: float) -> Measured:
    """Forgetting between the tasks minus that at one end of the mixing, over its standard error."""
    found = rows(tables["mixing_forgetting"], variant=variant)
    before, after, ending = (rows(found, mixing=mixing).set_index("seed")["forgetting"] for mixing in (0.4, 0.6, end))
    gap = (before + after) / 2 - ending
    if len(gap) < 2:
        raise MissingRows("fewer than two seeds")
    return Measured(_finite_mean(gap) / (float(np.std(gap.to_numpy(), ddof=1)) / math.sqrt(len(gap))), n=len(gap))


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
