"""What each claim of brutzkus_patches measures; statements, bounds and sources are in workflow/papers/brutzkus_patches/claims.yaml."""

from typing import Any

import numpy as np
import pandas as pd

from repro.claims import Measured, MissingRows, Tables, largest, rows, smallest
from repro.job import job
from scripts.brutzkus_patches import measures
from scripts.brutzkus_patches.measures import gain, reported


def b1(tables: Tables) -> dict[str, Measured]:
    return {
        "whitened_shuffled_gap": _smallest_gap(tables, "whitened_shuffled", "whitened"),
        "random_gap": _smallest_gap(tables, "random", "whitened"),
        "shuffled_gap": _smallest_gap(tables, "shuffled", "original"),
    }


def b1_shuffled(tables: Tables) -> dict[str, Measured]:
    return {"gap": _smallest_gap(tables, "random", "whitened_shuffled")}


def b2(tables: Tables) -> dict[str, Measured]:
    means = {kind: _distances(tables, kind) for kind in ("original", "shuffled")}
    slope = {kind: _slope_to_512(mean) for kind, mean in means.items()}
    return {"slope_ratio": Measured(slope["original"] / slope["shuffled"])}


def _distances(tables: Tables, kind: str) -> pd.Series:
    """Mean over seeds of the mean distance, by number of centroids."""
    found = rows(tables["centroid_distance"], patch_kind=kind)
    return found.groupby("n_centroids")["mean_distance"].agg(lambda values: np.mean(values.to_numpy(dtype=float)))


def _slope_to_512(mean: pd.Series) -> float:
    kept = mean[(mean.index >= measures.SLOPE_FROM) & (mean.index <= 512)]
    return measures.slope(kept.index, kept)


def _smallest_gap(tables: Tables, far: str, near: str) -> Measured:
    """Smallest difference of the mean distances of two kinds of patch at equal numbers of centroids, from 8 on."""
    gap = _distances(tables, far) - _distances(tables, near)
    return smallest(gap[gap.index >= 8])


def b3(tables: Tables) -> dict[str, Measured]:
    return {"gain": gain(_hard(tables, dictionary="clustered"), _hard(tables, dictionary="gaussian"))}


def b4(tables: Tables) -> dict[str, Measured]:
    at = {"model": "full", **measures.base(tables["filter_accuracy"])}
    found = {name: rows(reported(tables["filter_accuracy"]), dictionary=name, **at) for name in ("clustered", "gaussian")}
    return {"gain": gain(found["clustered"], found["gaussian"])}


def b5(tables: Tables) -> dict[str, Measured]:
    n = measures.base(tables["hard_accuracy"])["n_centroids"]
    vanilla = rows(reported(tables["filter_accuracy"]), model="vanilla", n_centroids=n, pooled=True, bottleneck=True)
    return {"gain": gain(_hard(tables, dictionary="clustered"), vanilla)}


def b6(tables: Tables) -> dict[str, Measured]:
    plain = rows(reported(tables["hard_accuracy"]), whitened=False)
    (n, k), *others = plain[["n_centroids", "n_nearest"]].drop_duplicates().to_numpy()
    if others:
        raise MissingRows("several settings without whitening in place of one")
    return {"loss_without_whitening": gain(_hard(tables, dictionary="clustered", n_centroids=n, n_nearest=k), plain)}


def b7(tables: Tables) -> dict[str, Measured]:
    return {"gain": gain(_hard(tables, dictionary="clustered"), _hard(tables, dictionary="sampled"))}


def b8(tables: Tables) -> dict[str, Measured]:
    one, few, most = (_hard(tables, dictionary="clustered", n_nearest=k) for k in (1, 8, 120))
    return {"above_one": gain(few, one), "above_most": gain(few, most)}


def b10(tables: Tables) -> dict[str, Measured]:
    found = measures.sweep(tables["hard_accuracy"])
    small, large = (rows(found, n_centroids=n) for n in (32, 256))
    judged = rows(found, n_centroids=[16, 32, 64, 128, 256])
    mean = judged.groupby("n_centroids")["accuracy"].agg(lambda values: np.mean(values.to_numpy(dtype=float)))
    return {"gain": gain(large, small), "smallest_step": smallest(np.diff(mean))}


def _hard(tables: Tables, **setting: Any) -> pd.DataFrame:
    """Reported accuracies of Φ_hard, whitened, at the base setting but for what is said."""
    at = {"whitened": True, **measures.base(tables["hard_accuracy"]), **setting}
    return rows(reported(tables["hard_accuracy"]), **at)


def b11(tables: Tables) -> dict[str, Measured]:
    slope = _mean_slopes(tables["cover_radius"], "cover_radius", ["intrinsic_dim", "seed"])
    return {"implied_dimension": largest([abs(1 - 1 / _at(slope, dim) - dim) for dim in (2, 4)])}


def b11_eight(tables: Tables) -> dict[str, Measured]:
    slope = _mean_slopes(tables["cover_radius"], "cover_radius", ["intrinsic_dim", "seed"])
    return {"slope_ratio": Measured(_at(slope, 8) * (1 - 8))}


def b12(tables: Tables) -> dict[str, Measured]:
    table = tables["predictor_error"]
    keys = ["intrinsic_dim", "n_centroids", "seed"]
    hard, full = (rows(table, model=model).set_index(keys)["relative_error"] for model in ("hard", "full"))
    slope = _mean_slopes(table, "relative_error", ["model", "intrinsic_dim", "seed"])
    ratio = {dim: _at(slope, ("full", dim)) / _at(slope, ("hard", dim)) for dim in (2, 4)}
    return {
        "error_ratio": largest(full.reindex(hard.index) / hard),
        "exponent_ratio_two": Measured(ratio[2]),
        "exponent_ratio_four": Measured(ratio[4]),
    }


def _mean_slopes(table: pd.DataFrame, column: str, by: list[str]) -> pd.Series:
    """Mean over seeds, the last of the keys, of the slope of log column on log N; not a number where one of them is none."""
    found = measures.slopes(table, column, by)
    return found.groupby(by[:-1]).agg(lambda values: np.mean(values.to_numpy()))


def _at(slope: pd.Series, key: Any) -> float:
    if key not in slope.index:
        raise MissingRows(f"no slope at {key}")
    return float(slope[key])


def b13(tables: Tables) -> dict[str, Measured]:
    found = reported(tables["depth_accuracy"])
    return {"gain": gain(rows(found, model="full", depth=2), rows(found, model="full", depth=1))}


def b14(tables: Tables) -> dict[str, Measured]:
    found = rows(reported(tables["depth_accuracy"]), depth=2, lower_model="hard", whitening_epsilon=0.001)
    return {"gain": gain(rows(found, model="full"), rows(found, model="hard"))}


def b15(tables: Tables) -> dict[str, Measured]:
    found = rows(reported(tables["depth_accuracy"]), depth=2, model="hard")
    return {"gap": gain(rows(found, whitening_epsilon=1.0), rows(found, whitening_epsilon=0.001))}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
