"""Measured values of the claims, from the tables alone [wu_last_iterate].

Words: an instance is a spectrum and a target; a tuned risk is that of the best stepsize of the grid; geo is
the smaller of the two tuned risks of geometric decay, poly the smallest of the eight of polynomial decay.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from repro.claims import Measured, MissingRows, Tables, largest, one, rows, smallest
from repro.job import job
from scripts.wu_last_iterate.bounds import ALPHA
from scripts.wu_last_iterate.ratios import (
    CONSTANT,
    GEOMETRIC,
    GEOMETRIC_TAIL,
    POLYNOMIAL_HALF,
    POLYNOMIAL_ONE,
    SPECTRA,
    TAIL_AVERAGE,
    TARGETS,
    best_geometric,
    comparison,
    geometric_over_polynomial,
    growth,
    panel,
    side_by_side,
)

LARGE = [512, 1024, 2048]
PUBLISHED = [1000, 1500, 2000, 2500, 3000, 4000]
DECAYING_TARGETS = ["inverse", "inverse_square"]


def c1(tables: Tables) -> dict[str, Measured]:
    """z-scores and relative precision of simulated SGD at its last step."""
    trajectories = tables["risk_trajectories"]
    last = _exactly(6, trajectories, step=int(trajectories["step"].max()))
    return {
        "largest_z": largest(last["z_score"].abs()),
        "precision": largest(last["std_error"] / last["risk"]),
    }


def c2(tables: Tables) -> dict[str, Measured]:
    """Variance over effective dimension, geometric decay."""
    found = rows(tables["risk_bounds"], schedule="geometric")
    ratio = found["scaled_variance"] / found["effective_dimension"]
    return {"smallest_ratio": smallest(ratio), "largest_ratio": largest(ratio)}


def c4(tables: Tables) -> dict[str, Measured]:
    """Bias over the decay term of its lower bound."""
    found = rows(tables["risk_bounds"], schedule="geometric")
    return {"smallest_ratio": smallest(found["scaled_bias"] / found["bias_lower_decay"])}


def c4b(tables: Tables) -> dict[str, Measured]:
    """What the decay terms leave of the bias, over the second terms of the bounds."""
    found = rows(tables["risk_bounds"], schedule="geometric")
    return {
        "lower_constant": smallest((found["scaled_bias"] - found["bias_lower_decay"]) / found["bias_lower_tail"]),
        "upper_constant": largest((found["scaled_bias"] - found["bias_upper_decay"]) / found["bias_upper_tail"]),
    }


def c5(tables: Tables) -> dict[str, Measured]:
    """geo / poly where w* is flat."""
    return {"largest_ratio": largest(geometric_over_polynomial(_tuned(tables, LARGE)).xs("flat", level="target"))}


def c5b(tables: Tables) -> dict[str, Measured]:
    """geo / poly where w* is flat, at 2048 samples."""
    return {"ratio_at_2048": largest(geometric_over_polynomial(_tuned(tables, [2048])).xs("flat", level="target"))}


def c6(tables: Tables) -> dict[str, Measured]:
    """Growth of the largest geo / poly from 512 to 2048 samples."""
    worst = geometric_over_polynomial(_tuned(tables, LARGE)).groupby("n_train").max()
    return {"growth": Measured(worst[2048] / worst[512], n=len(SPECTRA) * len(TARGETS))}


def c6b(tables: Tables) -> dict[str, Measured]:
    """geo / poly on all instances."""
    return {"largest_ratio": largest(geometric_over_polynomial(_tuned(tables, LARGE)))}


def c7(tables: Tables) -> dict[str, Measured]:
    """geo over the last iterate of constant stepsize."""
    risk = _tuned(tables, LARGE)
    return {"largest_ratio": largest(best_geometric(risk) / risk[CONSTANT])}


def c8(tables: Tables) -> dict[str, Measured]:
    """Growth of polynomial decay with a = 1 over geo, from each sample size to the next."""
    risk = _tuned(tables, LARGE)
    ratio = risk[POLYNOMIAL_ONE] / best_geometric(risk)
    return {"smallest_growth": smallest([growth(ratio, 512, 1024), growth(ratio, 1024, 2048)])}


def c8b(tables: Tables) -> dict[str, Measured]:
    """Polynomial decay with a = 1 over geo at 512 samples."""
    risk = _tuned(tables, [512])
    return {"ratio_at_512": smallest(risk[POLYNOMIAL_ONE] / best_geometric(risk))}


def c9(tables: Tables) -> dict[str, Measured]:
    """Geometric decay after N/2 constant steps over geometric decay at once."""
    risk = _tuned(tables, LARGE)
    ratio = risk[GEOMETRIC_TAIL] / risk[GEOMETRIC]
    return {
        "hard_bias": largest(ratio.xs("flat", level="target")),
        "easy_bias": largest(ratio.xs("inverse_square", level="target")),
    }


def c10(tables: Tables) -> dict[str, Measured]:
    """geo over tail averaging."""
    risk = _tuned(tables, LARGE)
    ratio = best_geometric(risk) / risk[TAIL_AVERAGE]
    return {"smallest_ratio": smallest(ratio), "largest_ratio": largest(ratio)}


def c11(tables: Tables) -> dict[str, Measured]:
    """Differences between the slopes of risk against sample size."""
    slope = _slopes(tables)
    return {
        "geometric_first": Measured(slope[[GEOMETRIC, GEOMETRIC_TAIL]].max() - slope[POLYNOMIAL_HALF]),
        "half_before_one": Measured(slope[POLYNOMIAL_HALF] - slope[POLYNOMIAL_ONE]),
    }


def c11b(tables: Tables) -> dict[str, Measured]:
    """Slopes of risk against sample size."""
    slope = _slopes(tables)
    return {
        "geometric": Measured(slope[GEOMETRIC]),
        "geometric_tail": Measured(slope[GEOMETRIC_TAIL]),
        "polynomial_half": Measured(slope[POLYNOMIAL_HALF]),
        "polynomial_one": Measured(slope[POLYNOMIAL_ONE]),
    }


def c12(tables: Tables) -> dict[str, Measured]:
    """Risk against the stationary floor at the longest horizon."""
    scan = tables["horizon_scan"]
    floor = one(scan, "floor", schedule="constant", n_train=65536)
    constant = one(scan, "risk", schedule="constant", n_train=65536)
    geometric = _exactly(2, scan, schedule="geometric", n_train=65536)["risk"]
    return {
        "constant_to_floor": Measured(constant, predicted=floor),
        "geometric_to_floor": replace(largest(geometric), predicted=floor),
    }


def c13(tables: Tables) -> dict[str, Measured]:
    """Variance over effective dimension, polynomial decay."""
    found = rows(tables["risk_bounds"], schedule="polynomial")
    return {"smallest_ratio": smallest(found["scaled_variance"] / found["effective_dimension"])}


def c14(tables: Tables) -> dict[str, Measured]:
    """Deviation of SGD on images from the Gaussian prediction, less three standard errors."""
    decaying = rows(tables["image_risk"], schedule=["geometric", "polynomial"])
    constant = rows(tables["image_risk"], schedule="constant")
    return {
        "decaying": _worst_deviation(decaying),
        "constant": _worst_deviation(constant),
        "precision": largest(decaying["std_error"] / decaying["risk"]),
    }


def c15(tables: Tables) -> dict[str, Measured]:
    """Fall of the best stepsize for one target over that for another, λ = i^-2."""
    change = _stepsize_change(tables)["power"]
    return {
        "inverse_to_flat": Measured(change["inverse"] / change["flat"]),
        "inverse_square_to_inverse": Measured(change["inverse_square"] / change["inverse"]),
    }


def c15b(tables: Tables) -> dict[str, Measured]:
    """Fall of the best stepsize from 64 to 2048 samples."""
    change = _stepsize_change(tables)
    return {"flat": smallest(change.xs("flat", level="target")), "decaying": largest(change.drop("flat", level="target"))}


def c16(tables: Tables) -> dict[str, Measured]:
    """z-scores of the recursion with the kurtosis of the features."""
    test = tables["kurtosis_test"]
    found = _exactly(3, test[test["model_kurtosis"] == test["true_kurtosis"]])
    return {"largest_z": largest(found["z_score"].abs())}


def c17(tables: Tables) -> dict[str, Measured]:
    """Each method of the published panel over the next."""
    risk = _whole(panel(tables["panel_risk"]), PUBLISHED)
    return {
        "average_first": largest(risk["tail_average"] / risk["tail_exp"]),
        "tail_before_exp": largest(risk["tail_exp"] / risk["exp"]),
        "exp_before_poly": largest(risk["exp"] / risk["tail_poly"]),
    }


def c18(tables: Tables) -> dict[str, Measured]:
    """Geometric risk over the bound that polynomial risk gives it, equal stepsizes, half of the steps constant."""
    share = comparison(tables["risk_bounds"])
    within = share[share["relative_stepsize"] < share["theorem_stepsize"]]
    return {"within_theorem": largest(rows(within)["share"]), "all_stepsizes": largest(rows(share)["share"])}


def c19(tables: Tables) -> dict[str, Measured]:
    """Bias over its upper bound."""
    found = rows(tables["risk_bounds"], schedule="geometric")
    bound = found["bias_upper_decay"] + ALPHA * np.log(found["n_train"]) * found["bias_upper_tail"]
    return {"largest_ratio": largest(found["scaled_bias"] / bound)}


def c20(tables: Tables) -> dict[str, Measured]:
    """Geometric over polynomial decay with a = 1/2, both from the start."""
    risk = _tuned(tables, LARGE)
    ratio = risk[GEOMETRIC] / risk[POLYNOMIAL_HALF]
    return {
        "hard_bias": largest(ratio.xs("flat", level="target")),
        "easy_bias": smallest(ratio.xs("inverse_square", level="target")),
    }


def n1(tables: Tables) -> dict[str, Measured]:
    """z-scores with a wrong kurtosis."""
    test = tables["kurtosis_test"]
    return {
        "rademacher_as_gaussian": Measured(one(test, "z_score", features="rademacher", model_kurtosis=3.0)),
        "gaussian_as_laplace": Measured(one(test, "z_score", features="gaussian", model_kurtosis=6.0)),
    }


def n2(tables: Tables) -> dict[str, Measured]:
    """Variance over d / K."""
    found = rows(tables["risk_bounds"], schedule="geometric", dim=256, n_train=2048, constant_steps=0, relative_stepsize=0.33)
    return {"largest_ratio": largest(found["scaled_variance"] / found["dimension_bound"])}


def n3(tables: Tables) -> dict[str, Measured]:
    """Geometric decay after N/2 constant steps over geometric decay at once, natural logarithm."""
    risk = _whole(panel(tables["panel_risk"], natural=True)[["tail_exp", "exp"]], PUBLISHED)
    ratio = risk["tail_exp"] / risk["exp"]
    return {"smallest_ratio": smallest(ratio[ratio.index.isin(DECAYING_TARGETS, level="target")])}


def _tuned(tables: Tables, n_train: Iterable[int], column: str = "risk") -> pd.DataFrame:
    """A column of the best rows at some sample sizes, by instance (rows) and method (columns)."""
    return _whole(side_by_side(tables["tuned_risk"], column), n_train)


def _whole(table: pd.DataFrame, n_train: Iterable[int]) -> pd.DataFrame:
    """All instances at some sample sizes; MissingRows if a value is not there."""
    wanted = pd.MultiIndex.from_product([SPECTRA, TARGETS, n_train], names=table.index.names)
    table = table.reindex(index=wanted)
    for method, values in table.items():
        if values.isna().any():
            raise MissingRows(f"no best row of {method} with {', '.join(map(str, values.isna().idxmax()))}")
    return table


def _slopes(tables: Tables) -> pd.Series:
    """Slope of ln risk against ln n_train from 512 to 2048, by method; λ = i^-2 and w* flat."""
    risk = _tuned(tables, [512, 2048]).loc["power", "flat"]
    return np.log(risk.loc[2048] / risk.loc[512]) / np.log(4)


def _stepsize_change(tables: Tables) -> pd.Series:
    """Best relative stepsize of geometric decay at 2048 samples over that at 64, by spectrum and target."""
    return growth(_tuned(tables, [64, 2048], "relative_stepsize")[GEOMETRIC], 64, 2048)


def _worst_deviation(images: pd.DataFrame) -> Measured:
    """Largest distance of the risk ratio from 1 beyond three standard errors e, with the e of that row."""
    std_error = images["std_error"] / images["risk"]
    beyond = (images["risk_ratio"] - 1).abs() - 3 * std_error
    return Measured(float(beyond.max(skipna=False)), std_error=float(std_error.iloc[beyond.argmax()]), n=len(images))


def _exactly(n: int, table: pd.DataFrame, **equal: object) -> pd.DataFrame:
    """The n rows that equal the given values; MissingRows if there are not n of them."""
    found = rows(table, **equal) if equal else table
    if len(found) != n:
        raise MissingRows(f"{len(found)} rows in place of {n} with {equal}")
    return found


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
