"""What the claims measure in the tables [tomasini_krr]; bounds and wording stand in the paper's yaml."""

from collections.abc import Iterable
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from repro.claims import Measured, MissingRows, Tables, largest, one, rows, smallest
from repro.job import job
from scripts.tomasini_krr import summaries
from scripts.tomasini_krr.laws import exponent
from scripts.tomasini_krr.summaries import ABOVE, AT, BELOW, DEPLETED, PAIRS, POOL_SIZES, SIZES, TOY

OTHER_PAIRS = [pair for pair in PAIRS if pair != TOY]
EARLY, LATE = (64, 2048), (256, 2048)  # ranges of the fits in higher dimension


def t1(tables: Tables) -> dict[str, Measured]:
    """Prefactor of the law of the two extremal points."""
    found = summaries.prefactors(tables["ridgeless_errors"])
    return {"prefactor": _worst(found.assign(distance=(found["mean"] - 1).abs()), "distance")}


def t2(tables: Tables) -> dict[str, Measured]:
    """Exponent with depletion."""
    found = summaries.line_exponents(tables["ridgeless_errors"])
    depleted = found[found["depletion_exponent"] > 0]
    return {"exponent": _worst(depleted.assign(distance=(depleted["exponent"] - 1).abs()), "distance")}


def t3(tables: Tables) -> dict[str, Measured]:
    """Replica exponent minus the measured one."""
    found = _every(summaries.line_exponents(tables["ridgeless_errors"]), depletion_exponent=DEPLETED)
    law = np.array([exponent("replica", 1, chi) for chi in found["depletion_exponent"]])
    return {"replica_minus_measured": smallest(law - found["exponent"])}


def t4(tables: Tables) -> dict[str, Measured]:
    """Exponent without depletion."""
    found = rows(summaries.line_exponents(tables["ridgeless_errors"]), depletion_exponent=0)
    return {"exponent": _worst(found.assign(distance=(found["exponent"] - 1).abs()), "distance")}


def t5(tables: Tables) -> dict[str, Measured]:
    """Distance from replica theory above in units of that below."""
    above, below = (np.abs(np.log(_line(tables, DEPLETED, u)["ratio"])) for u in (ABOVE, BELOW))
    return {"above_to_below": Measured(largest(above).value / smallest(below).value, n=len(above))}


def t5b(tables: Tables) -> dict[str, Measured]:
    """Deviations at and above the cross-over."""
    ratios = summaries.crossover_ratios(tables["crossover_errors"])
    found = {"at_crossover": AT, "above_crossover": ABOVE}
    return {part: largest((rows(ratios, scaled_ridge=u)["ratio"] - 1).abs()) for part, u in found.items()}


def t6(tables: Tables) -> dict[str, Measured]:
    """How replica theory fails below the cross-over, and ever more so."""
    by_size = _by_size(_line(tables, DEPLETED, BELOW))
    return {
        "ratio_at_256": smallest(by_size[:, 0]),
        "growth": smallest(by_size[:, -1] / by_size[:, 0]),
        "every_step": smallest(by_size[:, 1:] / by_size[:, :-1]),
    }


def t7(tables: Tables) -> dict[str, Measured]:
    """The ratio below the cross-over without depletion."""
    by_size = _by_size(_line(tables, [0.0], BELOW))
    return {
        "off_limit": largest(np.abs(by_size - summaries.WITHOUT_DEPLETION)),
        "growth": Measured(float(by_size[0, -1] / by_size[0, 0])),
    }


def t8(tables: Tables) -> dict[str, Measured]:
    """Spread below over spread above."""
    return {"spread_ratio": smallest(_spread(tables, BELOW, "spread") / _spread(tables, ABOVE, "spread"))}


def t8b(tables: Tables) -> dict[str, Measured]:
    """Spread, and distance to the mean predictor of replica theory."""
    return {
        "spread_below": smallest(_spread(tables, BELOW, "spread")),
        "spread_above": largest(_spread(tables, ABOVE, "spread")),
        "distance_below": smallest(_spread(tables, BELOW, "distance")),
        "distance_above": largest(_spread(tables, ABOVE, "distance")),
    }


def t9(tables: Tables) -> dict[str, Measured]:
    """Measured against the replica exponent where they are furthest apart."""
    return {"measured_minus_replica": _against(tables, TOY, EARLY, "replica")}


def t9b(tables: Tables) -> dict[str, Measured]:
    """Measured against the true exponents."""
    found = [_against(tables, pair, LATE, "extremal_points") for pair in OTHER_PAIRS]
    return {
        "two_pairs": largest([abs(fit.value - fit.predicted) for fit in found if fit.predicted is not None]),
        "strongest_pair": _against(tables, TOY, EARLY, "extremal_points"),
    }


def t10(tables: Tables) -> dict[str, Measured]:
    """Exponents without depletion."""
    fits = {dim: _fit(tables, (dim, 0.0), LATE, "exponent") for dim in (2, 3)}
    return {"exponent": largest([abs(fit - 1 / dim) for dim, fit in fits.items()])}


def t11(tables: Tables) -> dict[str, Measured]:
    """Growth of the ratio below the cross-over in units of the law."""
    rates = []
    for (dim, chi), ratios in zip(PAIRS, _pool_growth(tables), strict=True):
        law = exponent("replica", dim, chi) - exponent("extremal_points", dim, chi)
        rates.append(np.log(ratios[-1] / ratios[0]) / (law * np.log(POOL_SIZES[-1] / POOL_SIZES[0])))
    return {"growth_rate": smallest(rates)}


def t11b(tables: Tables) -> dict[str, Measured]:
    """Sizes of agreement and failure in higher dimension."""
    above = _pool_ratios(tables, PAIRS, scaled_ridge=summaries.ABOVE_POOLS, n_train=POOL_SIZES)
    ratios = _pool_growth(tables)
    strongest = PAIRS.index(TOY)
    return {
        "above_crossover": largest((above - 1).abs()),
        "growth": smallest(ratios[:, -1] - ratios[:, 0]),
        "strongest_pair": Measured(float(ratios[strongest, -1])),
        "other_pairs": smallest(np.delete(ratios[:, -1], strongest)),
    }


def t12(tables: Tables) -> dict[str, Measured]:
    """Growth of the error with the ridge per example."""
    found = summaries.ridge_slopes(tables["ridge_errors"])
    slopes = [one(found, "exponent", dim=dim, depletion_exponent=chi) for dim, chi in PAIRS]
    return {"slope": largest([abs(slope - exponent("ridge", *pair)) for slope, pair in zip(slopes, PAIRS, strict=True)])}


def t14(tables: Tables) -> dict[str, Measured]:
    """Images against the depleted toy."""
    images = np.abs(np.log(_images(tables, POOL_SIZES[-1:])))
    return {"images_to_toy": Measured(largest(images).value / abs(np.log(_toy(tables)[-1])), n=len(images))}


def t14b(tables: Tables) -> dict[str, Measured]:
    """Deviations on images."""
    return {"images": largest((_images(tables, POOL_SIZES) - 1).abs())}


def t14c(tables: Tables) -> dict[str, Measured]:
    """The toy by the protocol of the images."""
    ratios = _toy(tables)
    return {"ratio_at_512": Measured(float(ratios[-1])), "growth": Measured(float(ratios[-1] / ratios[0]))}


def t15(tables: Tables) -> dict[str, Measured]:
    """Slopes of the spectrum and of the target's tail."""
    found = _every(summaries.spectral_slopes(tables["eigenmodes"]), depletion_exponent=[0.0, *DEPLETED])
    tails = np.array([exponent("replica", 1, chi) for chi in found["depletion_exponent"]])
    return {"eigenvalues": largest((found["eigenvalue"] + 2).abs()), "tail": largest((found["tail"] + tails).abs())}


def _every(table: pd.DataFrame, **lists: Iterable[Any]) -> pd.DataFrame:
    """Rows of all combinations of the lists' members, in their order; MissingRows if one is not there, or is there twice."""
    parts = []
    for values in product(*lists.values()):
        equal = dict(zip(lists, values, strict=True))
        found = rows(table, **equal)
        if len(found) > 1:
            raise MissingRows(f"{len(found)} rows in place of one with {equal}")
        parts.append(found)
    return pd.concat(parts, ignore_index=True)


def _worst(found: pd.DataFrame, column: str) -> Measured:
    """Largest value of a column with the standard error and the number of observations of its row; not a number if one is none."""
    value = largest(found[column])
    if np.isnan(value.value):
        return value
    row = found.loc[found[column].idxmax()]
    return Measured(value.value, std_error=float(row["std_error"]), n=int(row["n"]))


def _line(tables: Tables, exponents: list[float], scaled_ridge: float) -> pd.DataFrame:
    """Ratios on a line at the judged sizes."""
    ratios = summaries.crossover_ratios(tables["crossover_errors"])
    return _every(ratios, depletion_exponent=exponents, n_train=SIZES, scaled_ridge=[scaled_ridge])


def _by_size(ratios: pd.DataFrame) -> np.ndarray:
    """Ratios, one row a depletion exponent, one column a size."""
    return ratios["ratio"].to_numpy().reshape(-1, len(SIZES))


def _spread(tables: Tables, scaled_ridge: float, column: str) -> np.ndarray:
    """A measure of spread at one ridge, one number a depletion exponent."""
    return rows(summaries.spreads(tables["predictor_spread"]), scaled_ridge=scaled_ridge)[column].to_numpy()


def _fit(tables: Tables, pair: tuple[int, float], fit: tuple[int, int], column: str) -> float:
    dim, chi = pair
    return one(tables["learning_exponents"], column, dim=dim, depletion_exponent=chi, fit_from=fit[0], fit_to=fit[1])


def _against(tables: Tables, pair: tuple[int, float], fit: tuple[int, int], law: str) -> Measured:
    """Measured exponent beside that of a law."""
    predicted = one(tables["scaling_exponents"], "exponent", law=law, dim=pair[0], depletion_exponent=pair[1])
    return Measured(_fit(tables, pair, fit, "exponent"), predicted=predicted, std_error=_fit(tables, pair, fit, "std_error"))


def _pool_ratios(tables: Tables, pairs: list[tuple[int, float]], **lists: Iterable[Any]) -> "pd.Series[float]":
    ratios = summaries.pool_ratios(tables["toy_pool_errors"], ["dim", "depletion_exponent"])
    return pd.concat([_every(ratios, dim=[dim], depletion_exponent=[chi], **lists) for dim, chi in pairs])["ratio"]


def _pool_growth(tables: Tables) -> np.ndarray:
    """Ratios below the cross-over, one row a pair, one column a size."""
    ratios = _pool_ratios(tables, PAIRS, scaled_ridge=[summaries.FAR_BELOW_POOLS], n_train=POOL_SIZES)
    return ratios.to_numpy().reshape(len(PAIRS), len(POOL_SIZES))


def _toy(tables: Tables) -> np.ndarray:
    """Ratios of the toy without ridge, one a size; its scaled ridge is null, as the ridge was given itself."""
    return _pool_ratios(tables, [TOY], scaled_ridge=[None], ridge=[0.0], n_train=POOL_SIZES).to_numpy()


def _images(tables: Tables, sizes: list[int]) -> "pd.Series[float]":
    """Ratios on the three datasets without ridge."""
    ratios = summaries.pool_ratios(tables["image_pool_errors"], ["dataset"])
    return _every(ratios, dataset=["mnist", "fashion_mnist", "cifar10"], n_train=sizes, ridge=[0.0])["ratio"]


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
