"""Measured values of the claims, from the tables alone [wu_last_iterate].

Words used below: an instance is a spectrum and a target; a tuned risk is that of the best stepsize of the grid; geo is
the smaller of the two tuned risks of geometric decay, poly the smallest of the eight of polynomial decay.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from repro.claims import Measured, MissingRows, Tables, one, rows
from repro.job import job

SPECTRA = ["power", "power_log"]
TARGETS = ["flat", "inverse", "inverse_square"]
LARGE = [512, 1024, 2048]

# Columns of `_tuned`: schedule, decay exponent (0 where there is none), share of constant steps.
GEOMETRIC, GEOMETRIC_TAIL = ("geometric", 0.0, 0.0), ("geometric", 0.0, 0.5)
POLYNOMIAL_HALF, POLYNOMIAL_ONE = ("polynomial", 0.5, 0.0), ("polynomial", 1.0, 0.0)
POLYNOMIAL = [("polynomial", a, s) for a in (0.25, 0.5, 0.75, 1.0) for s in (0.0, 0.5)]
CONSTANT, TAIL_AVERAGE = ("constant", 0.0, 0.0), ("tail_average", 0.0, 0.0)
METHODS = [GEOMETRIC, GEOMETRIC_TAIL, *POLYNOMIAL, CONSTANT, TAIL_AVERAGE]


def c1(tables: Tables) -> dict[str, Measured]:
    """z-scores and relative precision of simulated SGD at its last step."""
    trajectories = tables["risk_trajectories"]
    last = _exactly(6, trajectories, step=int(trajectories["step"].max()))
    return {
        "largest_z": _largest(last["z_score"].abs()),
        "precision": _largest(last["std_error"] / last["risk"]),
    }


def c2(tables: Tables) -> dict[str, Measured]:
    """Variance over effective dimension, geometric decay."""
    found = rows(tables["risk_bounds"], schedule="geometric")
    ratio = found["scaled_variance"] / found["effective_dimension"]
    return {"smallest_ratio": _smallest(ratio), "largest_ratio": _largest(ratio)}


def c4(tables: Tables) -> dict[str, Measured]:
    """Bias over the decay term of its lower bound."""
    found = rows(tables["risk_bounds"], schedule="geometric")
    return {"smallest_ratio": _smallest(found["scaled_bias"] / found["bias_lower_decay"])}


def c4b(tables: Tables) -> dict[str, Measured]:
    """What the decay terms leave of the bias, over the second terms of the bounds."""
    found = rows(tables["risk_bounds"], schedule="geometric")
    return {
        "lower_constant": _smallest((found["scaled_bias"] - found["bias_lower_decay"]) / found["bias_lower_tail"]),
        "upper_constant": _largest((found["scaled_bias"] - found["bias_upper_decay"]) / found["bias_upper_tail"]),
    }


def c5(tables: Tables) -> dict[str, Measured]:
    """geo / poly where w* is flat."""
    return {"largest_ratio": _largest(_geo_over_poly(_tuned(tables, LARGE)).xs("flat", level="target"))}


def c5b(tables: Tables) -> dict[str, Measured]:
    """geo / poly where w* is flat, at 2048 samples."""
    return {"ratio_at_2048": _largest(_geo_over_poly(_tuned(tables, [2048])).xs("flat", level="target"))}


def c6(tables: Tables) -> dict[str, Measured]:
    """Growth of the largest geo / poly from 512 to 2048 samples."""
    worst = _geo_over_poly(_tuned(tables, LARGE)).groupby("n_train").max()
    return {"growth": Measured(worst[2048] / worst[512], n=len(SPECTRA) * len(TARGETS))}


def c6b(tables: Tables) -> dict[str, Measured]:
    """geo / poly on all instances."""
    return {"largest_ratio": _largest(_geo_over_poly(_tuned(tables, LARGE)))}


def c7(tables: Tables) -> dict[str, Measured]:
    """geo over the last iterate of constant stepsize."""
    risk = _tuned(tables, LARGE)
    return {"largest_ratio": _largest(_geo(risk) / risk[CONSTANT])}


def c8(tables: Tables) -> dict[str, Measured]:
    """Growth of polynomial decay with a = 1 over geo, from each sample size to the next."""
    risk = _tuned(tables, LARGE)
    ratio = risk[POLYNOMIAL_ONE] / _geo(risk)
    return {"smallest_growth": _smallest([_growth(ratio, 512, 1024), _growth(ratio, 1024, 2048)])}


def c8b(tables: Tables) -> dict[str, Measured]:
    """Polynomial decay with a = 1 over geo at 512 samples."""
    risk = _tuned(tables, [512])
    return {"ratio_at_512": _smallest(risk[POLYNOMIAL_ONE] / _geo(risk))}


def c9(tables: Tables) -> dict[str, Measured]:
    """Geometric decay after N/2 constant steps over geometric decay at once."""
    risk = _tuned(tables, LARGE)
    ratio = risk[GEOMETRIC_TAIL] / risk[GEOMETRIC]
    return {
        "hard_bias": _largest(ratio.xs("flat", level="target")),
        "easy_bias": _smallest(ratio.xs("inverse_square", level="target")),
    }


def c10(tables: Tables) -> dict[str, Measured]:
    """geo over tail averaging."""
    risk = _tuned(tables, LARGE)
    ratio = _geo(risk) / risk[TAIL_AVERAGE]
    return {"smallest_ratio": _smallest(ratio), "largest_ratio": _largest(ratio)}


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
        "geometric_to_floor": Measured(geometric.max(), predicted=floor, n=len(geometric)),
    }


def c13(tables: Tables) -> dict[str, Measured]:
    """Variance over effective dimension, polynomial decay."""
    found = rows(tables["risk_bounds"], schedule="polynomial")
    return {"smallest_ratio": _smallest(found["scaled_variance"] / found["effective_dimension"])}


def c14(tables: Tables) -> dict[str, Measured]:
    """Deviation of SGD on images from the Gaussian prediction, less three standard errors."""
    decaying = rows(tables["image_risk"], schedule=["geometric", "polynomial"])
    constant = rows(tables["image_risk"], schedule="constant")
    return {
        "decaying": _worst_deviation(decaying),
        "constant": _worst_deviation(constant),
        "precision": _largest(decaying["std_error"] / decaying["risk"]),
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
    return {"flat": _smallest(change.xs("flat", level="target")), "decaying": _largest(change.drop("flat", level="target"))}


def c16(tables: Tables) -> dict[str, Measured]:
    """z-scores of the recursion with the kurtosis of the features."""
    test = tables["kurtosis_test"]
    found = _exactly(3, test[test["model_kurtosis"] == test["true_kurtosis"]])
    return {"largest_z": _largest(found["z_score"].abs())}


def n1(tables: Tables) -> dict[str, Measured]:
    """z-scores of the recursion with a wrong kurtosis."""
    test = tables["kurtosis_test"]
    return {
        "rademacher_as_gaussian": Measured(one(test, "z_score", features="rademacher", model_kurtosis=3.0)),
        "gaussian_as_laplace": Measured(one(test, "z_score", features="gaussian", model_kurtosis=6.0)),
    }


def n2(tables: Tables) -> dict[str, Measured]:
    """Variance over d / K."""
    found = rows(tables["risk_bounds"], schedule="geometric", dim=256, n_train=2048, constant_steps=0, relative_stepsize=0.33)
    return {"largest_ratio": _largest(found["scaled_variance"] / found["dimension_bound"])}


def _tuned(tables: Tables, n_train: Iterable[int], column: str = "risk") -> pd.DataFrame:
    """A column of the best rows, by spectrum, target and n_train (rows) and METHODS (columns); MissingRows if not whole."""
    best = rows(tables["tuned_risk"], is_best=True)
    best = best.assign(decay_exponent=best["decay_exponent"].fillna(0.0), share=best["constant_steps"] / best["n_train"])
    table = best.pivot_table(index=["spectrum", "target", "n_train"], columns=["schedule", "decay_exponent", "share"], values=column)
    wanted = pd.MultiIndex.from_product([SPECTRA, TARGETS, n_train], names=table.index.names)
    table = table.reindex(index=wanted, columns=pd.MultiIndex.from_tuples(METHODS))
    missing = table.isna()
    if missing.any(axis=None):
        spectrum, target, n = missing.any(axis=1).idxmax()
        schedule, exponent, share = missing.loc[(spectrum, target, n)].idxmax()
        raise MissingRows(f"no best row of {schedule} ({exponent:g}, s = {share:g} N) with {spectrum}, {target}, n_train = {n}")
    return table


def _geo(risk: pd.DataFrame) -> pd.Series:
    """Smaller of the two tuned risks of geometric decay."""
    return risk[[GEOMETRIC, GEOMETRIC_TAIL]].min(axis=1)


def _geo_over_poly(risk: pd.DataFrame) -> pd.Series:
    """Tuned geometric over the best tuned polynomial decay."""
    return _geo(risk) / risk[POLYNOMIAL].min(axis=1)


def _slopes(tables: Tables) -> pd.Series:
    """Slope of ln risk against ln n_train from 512 to 2048, by method; λ = i^-2 and w* flat."""
    risk = _tuned(tables, [512, 2048]).loc["power", "flat"]
    return np.log(risk.loc[2048] / risk.loc[512]) / np.log(4)


def _stepsize_change(tables: Tables) -> pd.Series:
    """Best relative stepsize of geometric decay at 2048 samples over that at 64, by spectrum and target."""
    return _growth(_tuned(tables, [64, 2048], "relative_stepsize")[GEOMETRIC], 64, 2048)


def _growth(values: pd.Series, first: int, last: int) -> pd.Series:
    """Values at one sample size over those at another, by the other levels of the index."""
    return values.xs(last, level="n_train") / values.xs(first, level="n_train")


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


def _largest(values: npt.ArrayLike) -> Measured:
    """The largest of some values (nan if one is nan), and how many they are."""
    return Measured(float(np.max(np.asarray(values))), n=np.size(values))


def _smallest(values: npt.ArrayLike) -> Measured:
    """The smallest of some values (nan if one is nan), and how many they are."""
    return Measured(float(np.min(np.asarray(values))), n=np.size(values))


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
