"""What each claim of lee_deepnarrow measures; statements, bounds and sources are in workflow/papers/lee_deepnarrow/claims.yaml."""

import math
from itertools import pairwise

import numpy as np

from repro.claims import Measured, Tables, largest, one, rows, smallest
from repro.job import job
from repro.stats import log_slope
from scripts.lee_deepnarrow import measures
from scripts.lee_deepnarrow.measures import over_seeds


def c1(tables: Tables) -> dict[str, Measured]:
    table = tables["initial_kernel_error"]
    means = [over_seeds(table, "error", depth=depth) for depth in (100, 1000, 10000)]
    return {part: Measured(_ratio(*pair)) for part, pair in zip(("first_decade", "second_decade"), pairwise(means), strict=True)}


def c3(tables: Tables) -> dict[str, Measured]:
    table = tables["kernel_fluctuation"]
    found = rows(table[table["depth"] >= 100], method="simulation")
    theory = np.array([one(table, "scaled_std", method="theory", depth=int(depth)) for depth in found["depth"]])
    ratio = found["scaled_std"].to_numpy() / theory
    if np.isnan(ratio).any():
        return dict.fromkeys(("smallest_ratio", "largest_ratio"), Measured(math.nan))
    places = {"smallest_ratio": ratio.argmin(), "largest_ratio": ratio.argmax()}
    n = int(found["n_seeds"].min())
    return {part: Measured(float(found["scaled_std"].iloc[at]), predicted=float(theory[at]), n=n) for part, at in places.items()}


def c4(tables: Tables) -> dict[str, Measured]:
    return {"smallest_ratio": smallest(measures.drift_ratios(tables["kernel_drift"]))}


def c4b(tables: Tables) -> dict[str, Measured]:
    drift = tables["kernel_drift"]
    scales, depths = measures.LADDER[1:], measures.DEPTHS
    by_scale = [over_seeds(drift, "drift", depth=measures.LADDER_DEPTH, scale=scale) for scale in scales]
    by_depth = [over_seeds(drift, "drift", depth=depth, scale=measures.SHARED_SCALE) for depth in depths]
    wide = drift[drift["scale"] >= measures.SHARED_SCALE]
    return {
        "scale_exponent": Measured(log_slope(scales, by_scale)[0]),
        "largest_drift": largest(measures.by_setting(rows(wide))["drift"]),
        "depth_exponent": Measured(log_slope(depths, by_depth)[0]),
    }


def c5(tables: Tables) -> dict[str, Measured]:
    return {"smallest_ratio": smallest(measures.deviation_ratios(tables["kernel_drift"]))}


def c5b(tables: Tables) -> dict[str, Measured]:
    found = measures.deep_and_wide(rows(tables["kernel_drift"]))
    return {
        "smallest_loss_ratio": smallest(found["loss_ratio"]),
        "largest_loss_ratio": largest(found["loss_ratio"]),
        "deviation": largest(found["deviation"]),
    }


def c7(tables: Tables) -> dict[str, Measured]:
    table, found = tables["mlp_final"], {}
    for part, split in (("loss", "train"), ("accuracy", "test")):
        own = over_seeds(table, part, model="deep_narrow", depth=measures.deepest(table), split=split)
        found[part] = Measured(_ratio(own, over_seeds(table, part, model="constant", split=split)))
    return found


def c7b(tables: Tables) -> dict[str, Measured]:
    found = rows(tables["mlp_final"], model="deep_narrow", depth=400)
    return {part: Measured(over_seeds(found, part, split=split)) for part, split in (("loss", "train"), ("accuracy", "test"))}


def c8(tables: Tables) -> dict[str, Measured]:
    return {"deviation": largest(rows(tables["mlp_final"], model="deep_narrow", split="train")["deviation"])}


def c9(tables: Tables) -> dict[str, Measured]:
    return {"smallest_loss": smallest(rows(measures.standard_ratios(tables["mlp_final"]))["ratio"])}


def c9b(tables: Tables) -> dict[str, Measured]:
    return {"largest_accuracy": largest(rows(tables["mlp_final"], model="he_uniform", split="test")["accuracy"])}


def c10(tables: Tables) -> dict[str, Measured]:
    table, own = tables["cnn_evaluation"], c10b(tables)
    constant = rows(table, model="constant", n_classes=2)
    return {
        part: Measured(_ratio(own[part].value, one(constant, part, split=split)), n=own[part].n)
        for part, split in (("loss", "train"), ("accuracy", "test"))
    }


def c10b(tables: Tables) -> dict[str, Measured]:
    table = tables["cnn_evaluation"]
    accuracy = measures.cnn_path(table, "test", "accuracy")
    late = accuracy[accuracy.index >= 100].to_numpy(dtype=float)
    return {
        "loss": smallest(measures.cnn_path(table, "train", "loss")),
        "accuracy": Measured(float(np.median(late)) if len(late) else math.nan, n=len(late)),
    }


def c11(tables: Tables) -> dict[str, Measured]:
    drift = tables["kernel_drift"]
    unscaled, scaled = (rows(drift, depth=measures.LADDER_DEPTH, scale=scale) for scale in (1.0, measures.SHARED_SCALE))
    return {
        "drift": Measured(over_seeds(unscaled, "drift"), n=len(unscaled)),
        "drift_ratio": Measured(_ratio(over_seeds(unscaled, "drift"), over_seeds(scaled, "drift"))),
        "deviation_ratio": Measured(_ratio(over_seeds(unscaled, "deviation"), over_seeds(scaled, "deviation"))),
    }


def c12(tables: Tables) -> dict[str, Measured]:
    both = rows(tables["cnn_kernel_draws"]), rows(tables["cnn_kernel_mean"])
    return {part: largest(kind(*both)["z"].abs()) for part, kind in (("entries", measures.entries), ("contrasts", measures.contrasts))}


def c12b(tables: Tables) -> dict[str, Measured]:
    found = rows(measures.entries(tables["cnn_kernel_draws"], tables["cnn_kernel_mean"]), depth=1000, scale=30.0)
    return {"excess": largest((found["mean"] - found["limit"]).abs() - 3 * found["std_error"])}


def c13(tables: Tables) -> dict[str, Measured]:
    found = measures.stability_gaps(rows(tables["stability"]))
    gap = np.log(found["exact"]) - np.log(found["final_loss"])  # no number where both diverged
    above = found["relative_learning_rate"] > 1
    return {"above": smallest(gap[above] / math.log(10)), "below": largest(gap[~above].abs())}


def _ratio(over: float, under: float) -> float:
    return over / under if under else math.nan


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
