"""What each claim of razin_htf measures; statements, bounds and sources are in workflow/papers/razin_htf/claims.yaml."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from repro.claims import Measured, MissingRows, Tables, largest, rows, smallest
from repro.job import job
from scripts.razin_htf.measures import (
    LAST_EPOCHS,
    LEARNED,
    NEGLIGIBLE,
    RISE_SHARE,
    RISEN,
    TARGET_RANK,
    at_start,
    by_step,
    final_accuracy,
    rises,
)

Wide = dict[int, pd.DataFrame]
"""Seed → values by step and rank."""


def c1_mf_incremental(tables: Tables) -> dict[str, Measured]:
    return _incremental(tables, "mf")


def c2_tf_incremental(tables: Tables) -> dict[str, Measured]:
    return _incremental(tables, "tf")


def c3_recover(tables: Tables) -> dict[str, Measured]:
    found = {model: at_start(rows(tables["fits"], model=model), min) for model in ("mf", "tf")}
    return {f"{model}_error": largest(_numbers(table["fit_reconstruction_error"])) for model, table in found.items()}


def c4_htf_few(tables: Tables) -> dict[str, Measured]:
    last = _last(_wide(tables, "htf", "local_norm_root", min))
    return {
        "count": largest(_counts(last, "local_norm_root")),
        "sixth_share": largest([values[TARGET_RANK] / values[0] for values in last]),
    }


def c4_htf_order(tables: Tables) -> dict[str, Measured]:
    wide = _wide(tables, "htf", "local_norm_root", min)
    second = np.array([values[1] for values in _last(wide)])
    n_risen = math.nan if np.isnan(second).any() else float((second > RISEN).sum())
    return {
        "first_gap": _gap(wide, 2),
        "second_gap": _gap(wide, 3),
        "seeds_with_two": Measured(n_risen, n=len(second)),
    }


def c5_mode_tree(tables: Tables) -> dict[str, Measured]:
    return {"count": largest(_counts(_last(_wide(tables, "htf", "matricisation_12", min)), "matricisation_12"))}


def c4n_large_init(tables: Tables) -> dict[str, Measured]:
    return {"root_count": smallest(_counts(_last(_wide(tables, "htf", "local_norm_root", max)), "local_norm_root"))}


def c5n_large_init(tables: Tables) -> dict[str, Measured]:
    return {"matricisation_count": smallest(_counts(_last(_wide(tables, "htf", "matricisation_12", max)), "matricisation_12"))}


def c6_theorem(tables: Tables) -> dict[str, Measured]:
    measured, predicted = _rates(tables, "rate_predicted")
    slope = float((measured * predicted).sum() / (predicted**2).sum()) - 1
    return {"slope": Measured(slope, n=len(measured)), "largest_deviation": _deviation(measured, predicted)}


def c6n_wrong_exponent(tables: Tables) -> dict[str, Measured]:
    return {"largest_deviation": _deviation(*_rates(tables, "rate_wrong_exponent"))}


def c8_init(tables: Tables) -> dict[str, Measured]:
    of_model = {model: rows(tables["fits"], model=model) for model in ("mf", "tf")}
    large = pd.concat([at_start(table, max) for table in of_model.values()])
    ratios = {f"{model}_ratio": smallest(_ratio_of_starts(table)) for model, table in of_model.items()}
    return {**ratios, "fitted": Measured(float(large["fit_step"].notna().mean()), n=len(large))}


def c9_locality(tables: Tables) -> dict[str, Measured]:
    return {"drop": _difference(_accuracy(tables, 0, 0.0), _accuracy(tables, _far(tables), 0.0))}


def c9_locality_size(tables: Tables) -> dict[str, Measured]:
    return c9_locality(tables)


def c10_chance(tables: Tables) -> dict[str, Measured]:
    far = _far(tables)
    return {
        "test_accuracy": _mean(_accuracy(tables, far, 0.0)),
        "train_accuracy": _mean(_accuracy(tables, far, 0.0, split="train", n_epochs=1)),
    }


def c11_reg_far(tables: Tables) -> dict[str, Measured]:
    far = _far(tables)
    return {"gain": _difference(_accuracy(tables, far, _strongest(tables)), _accuracy(tables, far, 0.0))}


def c12_reg_near(tables: Tables) -> dict[str, Measured]:
    return {"difference": _difference(_accuracy(tables, 0, _strongest(tables)), _accuracy(tables, 0, 0.0))}


def c13_reg_active(tables: Tables) -> dict[str, Measured]:
    found = rows(tables["regulariser_curves"], distance=_far(tables), regulariser_weight=_strongest(tables))
    paths = [of_seed.sort_values("epoch")["regulariser"].to_numpy(dtype=float) for _, of_seed in found.groupby("seed")]
    return {"ratio": largest([path[-1] / path[0] for path in paths])}


def c14_reversed(tables: Tables) -> dict[str, Measured]:
    found = rows(tables["regulariser_curves"], distance=0)
    reversed_ = found[found["regulariser_weight"] < 0]
    if reversed_.empty:
        raise MissingRows("no row with a negative weight")
    weight, epoch = float(reversed_["regulariser_weight"].min()), int(reversed_["epoch"].max())
    train = rows(tables["locality_curves"], distance=0, split="train", epoch=epoch)
    gap = _difference(*(rows(train, regulariser_weight=each).set_index("seed")["accuracy"] for each in (0.0, weight)))
    ends = rows(reversed_, regulariser_weight=weight, epoch=epoch)
    return {"train_gap": gap, "regulariser": smallest(ends["regulariser"])}


def _incremental(tables: Tables, model: str) -> dict[str, Measured]:
    """Gaps between the rises of the target's rank many values, and what comes after them."""
    wide = _wide(tables, model, LEARNED[model], min)
    gaps = [np.diff(rises(of_seed, TARGET_RANK, RISE_SHARE[model])).min() for of_seed in wide.values()]
    tails = [values[TARGET_RANK] / values[TARGET_RANK - 1] for values in _last(wide)]
    return {"smallest_gap": smallest(gaps), "tail": largest(tails), "smallest_tail": smallest(tails)}


def _wide(tables: Tables, model: str, quantity: str, choose: Callable[..., float]) -> Wide:
    """Values of a quantity by step and rank, seed by seed, at the smallest or the largest scale of the start."""
    found = at_start(rows(tables["training_curves"], model=model, quantity=quantity), choose)
    wide = {seed: by_step(of_seed) for seed, of_seed in found.groupby("seed")}
    if any(TARGET_RANK + 1 not in values for values in wide.values()):
        raise MissingRows(f"no row with model = {model}, quantity = {quantity}, rank_index = {TARGET_RANK + 1}")
    return wide


def _last(wide: Wide) -> list[np.ndarray]:
    """Values of every seed at its last step, the largest first."""
    return [of_seed.iloc[-1].to_numpy(dtype=float) for of_seed in wide.values()]


def _gap(wide: Wide, rank: int) -> Measured:
    """Smallest gap between the rises of a root norm and of the one before, over the seeds in which it has been learned."""
    gaps = []
    for of_seed, values in zip(wide.values(), _last(wide), strict=True):
        if not values[rank - 1] <= RISEN:  # a value that is no number counts, and comes out as one
            gaps.append(np.diff(rises(of_seed, rank, RISE_SHARE["htf"]))[-1])
    return smallest(gaps) if gaps else Measured(math.nan, n=0)


def _counts(last: Sequence[np.ndarray], quantity: str) -> list[float]:
    """How many of the recorded values are not negligible, seed by seed."""
    share = NEGLIGIBLE[quantity]
    return [math.nan if np.isnan(values).any() else float((values > share * values[0]).sum()) for values in last]


def _rates(tables: Tables, predicted: str) -> tuple[np.ndarray, np.ndarray]:
    table = rows(tables["component_rates"])
    if table.empty:
        raise MissingRows("no row of component_rates")
    return table["rate_measured"].to_numpy(dtype=float), table[predicted].to_numpy(dtype=float)


def _deviation(measured: np.ndarray, predicted: np.ndarray) -> Measured:
    return Measured(float(np.abs(measured - predicted).max() / np.abs(measured).max()), n=len(measured))


def _numbers(values: pd.Series) -> np.ndarray:
    return values.to_numpy(dtype=float, na_value=math.nan)


def _ratio_of_starts(table: pd.DataFrame) -> np.ndarray:
    """Error at the first fit from the largest start over that from the smallest, seeds that have both."""
    large, small = (at_start(table, choose).set_index("seed")["fit_reconstruction_error"] for choose in (max, min))
    both = large.index.intersection(small.index)
    return _numbers(large[both]) / _numbers(small[both])


def _far(tables: Tables) -> int:
    return int(_some(tables)["distance"].max())


def _strongest(tables: Tables) -> float:
    return float(_some(tables)["regulariser_weight"].max())


def _some(tables: Tables) -> pd.DataFrame:
    if tables["locality_curves"].empty:
        raise MissingRows("no row of locality_curves")
    return tables["locality_curves"]


def _accuracy(tables: Tables, distance: int, weight: float, *, split: str = "test", n_epochs: int = LAST_EPOCHS) -> pd.Series:
    """Mean over the last epochs, by seed."""
    found = rows(tables["locality_curves"], distance=distance, regulariser_weight=weight, split=split)
    return final_accuracy(found, n_epochs).set_index("seed")["accuracy"]


def _mean(values: pd.Series) -> Measured:
    """Mean over seeds with its standard error; not a number if one of them is none."""
    numbers = values.to_numpy(dtype=float)
    error = float(np.std(numbers, ddof=1) / math.sqrt(len(numbers))) if len(numbers) > 1 else None
    return Measured(float(np.mean(numbers)), std_error=error, n=len(numbers))


def _difference(over: pd.Series, under: pd.Series) -> Measured:
    """Mean over seeds of a difference, seed by seed."""
    if set(over.index) != set(under.index):
        raise MissingRows("the two trainings that are compared have not the same seeds")
    return _mean(over - under)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
