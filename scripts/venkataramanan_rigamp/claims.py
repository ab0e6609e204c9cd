"""What the claims measure in the tables [venkataramanan_rigamp]; bounds and wording stand in the paper's yaml."""

from dataclasses import replace

import numpy as np
import pandas as pd

from repro.claims import Measured, MissingRows, Tables, largest, one, rows, smallest
from repro.job import job
from scripts.venkataramanan_rigamp import comparison
from scripts.venkataramanan_rigamp.comparison import ITERATIONS, JUDGED, MODELS


def c1(tables: Tables) -> dict[str, Measured]:
    """Distance of RI-GAMP from state evolution."""
    return {
        "mse": _largest_deviation(tables, "rigamp", "mse", JUDGED),
        "squared_correlation": _largest_deviation(tables, "rigamp", "squared_correlation", JUDGED),
        "diverged_seeds": _diverged(tables, "rigamp", JUDGED),
    }


def c2(tables: Tables) -> dict[str, Measured]:
    """Relative gap between RI-GAMP and VAMP on the same instances."""
    found = comparison.relative_gaps(tables["simulated_errors"])
    widest = largest(_of_models(found["gap"], JUDGED))
    where = int(np.argmax(_of_models(found["gap"], JUDGED)))
    n_seeds = tables["simulated_errors"]["seed"].nunique()
    return {"relative_gap": replace(widest, std_error=float(found["std_error"][JUDGED[where]]), n=n_seeds)}


def c2b(tables: Tables) -> dict[str, Measured]:
    """Smallest distance of RI-GAMP's last predicted error from VAMP's limit, models and sweep."""
    models, sweep = _model_gaps(tables), _sweep_gaps(tables)
    return {"smallest_gap": smallest(np.concatenate([models, sweep["gap"]]))}


def c2c(tables: Tables) -> dict[str, Measured]:
    """Largest such distance of the models, and how many points of the sweep are off."""
    sweep = _sweep_gaps(tables)
    off = _known(sweep["gap"] > comparison.NOTICEABLE * sweep["vamp"], sweep["gap"])
    return {"largest_model_gap": largest(_model_gaps(tables)), "sweep_points_off": Measured(float(off.sum()), n=len(off))}


def c3(tables: Tables) -> dict[str, Measured]:
    """Iterations that RI-GAMP needs beyond VAMP's."""
    return {"extra_iterations": smallest(_of_models(comparison.extra_iterations(tables["predicted_errors"]), MODELS))}


def c3b(tables: Tables) -> dict[str, Measured]:
    """Largest lead of RI-GAMP over VAMP at an early iteration."""
    lead = comparison.lead(tables["predicted_errors"])
    if lead.shape[1] < ITERATIONS:
        raise MissingRows(f"fewer than {ITERATIONS} iterations")
    return {"dominance": largest(np.concatenate([_of_models(lead[t], MODELS) for t in lead]))}


def c5(tables: Tables) -> dict[str, Measured]:
    """Largest coefficient of an old iterate, Gaussian design."""
    return {"largest_old_coefficient": largest(_old(tables, "m5"))}


def c5b(tables: Tables) -> dict[str, Measured]:
    """Smallest coefficient of an old iterate, beta spectrum."""
    return {"smallest_old_coefficient": smallest(_old(tables, "m2"))}


def c6(tables: Tables) -> dict[str, Measured]:
    """Ordinary GAMP in units of its own prediction and of RI-GAMP."""
    simulated, predicted = tables["simulated_errors"], tables["predicted_errors"]
    wrong, right = (comparison.median_over_seeds(simulated, algorithm) for algorithm in ("gaussian_amp", "rigamp"))
    models = sorted(rows(predicted, algorithm="gaussian_amp")["model"].unique())
    own = [one(predicted, "mse", algorithm="gaussian_amp", model=model, iteration=ITERATIONS) for model in models]
    medians = {name: _at_end(found, models) for name, found in (("wrong", wrong), ("right", right))}
    n_seeds = simulated["seed"].nunique()
    return {
        "off_own_prediction": replace(smallest(medians["wrong"] / own), n=n_seeds),
        "worse_than_rigamp": replace(smallest(medians["wrong"] / medians["right"]), n=n_seeds),
    }


def c7(tables: Tables) -> dict[str, Measured]:
    """Seconds of the decomposition in units of RI-GAMP's, large sizes."""
    seconds = comparison.fastest(tables["task_seconds"])
    large = seconds[seconds.index >= 1000]
    return {"svd_to_rigamp": smallest(large["svd"] / large["rigamp"])}


def c11(tables: Tables) -> dict[str, Measured]:
    """Distance of VAMP from its state evolution."""
    return {"mse": _largest_deviation(tables, "vamp", "mse", MODELS), "diverged_seeds": _diverged(tables, "vamp", MODELS)}


def _largest_deviation(tables: Tables, algorithm: str, column: str, models: list[str]) -> Measured:
    """Largest distance from state evolution in tolerances, all models and judged iterations."""
    found = comparison.deviations(tables["simulated_errors"], tables["predicted_errors"], algorithm, column)
    grid = found.pivot_table(index="model", columns="iteration", values="deviation", dropna=False, aggfunc="first")
    wanted = grid.reindex(index=models, columns=range(1, ITERATIONS + 1))
    if len(rows(found, model=models, iteration=list(range(1, ITERATIONS + 1)))) != wanted.size:
        raise MissingRows(f"not all of {len(models)} models and {ITERATIONS} iterations")
    return largest(np.abs(wanted.to_numpy(dtype=float)))


def _diverged(tables: Tables, algorithm: str, models: list[str]) -> Measured:
    """Number of models and seeds that diverged."""
    found = comparison.diverged_seeds(tables["simulated_errors"], algorithm, models)
    n = len(rows(tables["simulated_errors"], algorithm=algorithm, model=models).drop_duplicates(["model", "seed"]))
    return Measured(float(_of_models(found, models).sum()), n=n)


def _model_gaps(tables: Tables) -> np.ndarray:
    found = comparison.limits(tables["predicted_errors"])
    return _of_models(found["rigamp"] - found["vamp"], MODELS)


def _sweep_gaps(tables: Tables) -> pd.DataFrame:
    found = comparison.sweep_limits(tables["predicted_sweep"])
    if len(found) != np.prod([len(found.index.unique(level)) for level in range(found.index.nlevels)]):
        raise MissingRows("not every spectrum and channel at every sampling ratio")
    return found.assign(gap=found["rigamp"] - found["vamp"])


def _old(tables: Tables, model: str) -> np.ndarray:
    """Sizes of the coefficients of old iterates up to the last judged iteration."""
    found = rows(tables["onsager_coefficients"], model=model)
    early = comparison.old_coefficients(found[found["iteration"] <= ITERATIONS])
    if found["iteration"].max() < ITERATIONS:
        raise MissingRows(f"fewer than {ITERATIONS} iterations")
    return early["value"].abs().to_numpy()


def _of_models(values: "pd.Series[float]", models: list[str]) -> np.ndarray:
    """Values of these models in their order; MissingRows if one is not there."""
    absent = [model for model in models if model not in values.index]
    if absent:
        raise MissingRows(f"no row of {', '.join(absent)}")
    return values.reindex(models).to_numpy(dtype=float)


def _at_end(medians: "pd.Series[float]", models: list[str]) -> np.ndarray:
    """Medians at the last judged iteration."""
    return _of_models(medians[medians.index.get_level_values("iteration") == ITERATIONS].droplevel("iteration"), models)


def _known(flags: pd.Series, values: pd.Series) -> np.ndarray:
    """Flags as numbers, not a number where what they rest on is not."""
    return np.where(values.isna(), np.nan, flags.astype(float))


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write_claims(globals())
