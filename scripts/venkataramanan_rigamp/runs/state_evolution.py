"""State evolution of the algorithms for each model, and Onsager coefficients [venkataramanan_rigamp, E2, E4–E9, E11]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.gaussian import NormalGrid
from repro.job import job
from scripts.venkataramanan_rigamp.inputs import free_cumulants
from scripts.venkataramanan_rigamp.model import Model
from scripts.venkataramanan_rigamp.theory import Schedule, gaussian_cumulants, rigamp_evolution, vamp_evolution


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Predicted errors and coefficients, one model after the other."""
    grid = NormalGrid(p["integration_points"], p["integration_half_width"])
    predicted, coefficients = [], []
    for name, entry in p["models"].items():
        model = Model(**entry)
        cumulants = free_cumulants(model.spectrum, model.sampling_ratio, p["n_cumulants"])
        stop = p["stop_eigenvalue_ratio"]
        schedule = rigamp_evolution(model, cumulants, p["rigamp_iterations"], grid, stop_eigenvalue_ratio=stop)
        errors = {"rigamp": repeat_last(schedule.error, p["rigamp_iterations"])}
        errors["vamp"] = vamp_evolution(model, p["vamp_iterations"], grid, spectrum_points=p["spectrum_points"])
        if name in p["gaussian_amp_models"]:
            wrong = rigamp_evolution(model, gaussian_cumulants(cumulants), p["n_iterations"], grid, stop_eigenvalue_ratio=stop)
            errors["gaussian_amp"] = repeat_last(wrong.error, p["n_iterations"])
        made = {"rigamp": schedule.n_iterations, "vamp": p["vamp_iterations"], "gaussian_amp": p["n_iterations"]}
        predicted += [_errors(name, entry, algorithm, mse, made[algorithm]) for algorithm, mse in errors.items()]
        if name in p["onsager_models"]:
            coefficients.append(_coefficients(schedule, p["n_iterations"]).assign(model=name))
    return {
        "predicted_errors": pd.concat(predicted, ignore_index=True).astype({"sparsity": float}),
        "onsager_coefficients": pd.concat(coefficients, ignore_index=True),
    }


def repeat_last(errors: np.ndarray, n_iterations: int) -> np.ndarray:
    """Errors of a recursion that may have stopped early, its last one repeated to the end."""
    return np.pad(errors, (0, n_iterations - len(errors)), mode="edge")


def _errors(name: str, entry: Mapping, algorithm: str, mse: np.ndarray, n_made: int) -> pd.DataFrame:
    """Predicted error of one algorithm at every iteration."""
    iteration = np.arange(1, len(mse) + 1)
    values = {"algorithm": algorithm, "iteration": iteration, "mse": mse, "squared_correlation": 1 - mse, "is_stopped": iteration > n_made}
    return pd.DataFrame({"model": name, **entry, **values})


def _coefficients(schedule: Schedule, n_iterations: int) -> pd.DataFrame:
    """Coefficients of all pairs of an iteration and a past one, this one among them for α."""
    pairs = [(t, i) for t in range(1, min(n_iterations, schedule.n_iterations) + 1) for i in range(1, t + 1)]
    rows = [("alpha", t, i, schedule.alpha[t, i]) for t, i in pairs]
    rows += [("beta", t, i, schedule.beta[t, i]) for t, i in pairs if i < t]
    return pd.DataFrame(rows, columns=["coefficient", "iteration", "past_iteration", "value"])


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
