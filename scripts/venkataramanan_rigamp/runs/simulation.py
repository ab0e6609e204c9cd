"""RI-GAMP, VAMP and ordinary GAMP on random instances of each model [venkataramanan_rigamp, E1–E4, E6, E8–E10]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.job import Progress, job
from repro.seeds import seeds
from scripts.venkataramanan_rigamp.inputs import free_cumulants
from scripts.venkataramanan_rigamp.model import Model
from scripts.venkataramanan_rigamp.simulation import Errors, errors, rigamp, seeded_design, seeded_instance, vamp
from scripts.venkataramanan_rigamp.theory import Schedule, gaussian_cumulants, rigamp_evolution

RUN = "simulation"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Errors of all algorithms on the instances of all seeds."""
    own = seeds(p)
    models = {name: Model(**entry) for name, entry in p["models"].items()}
    schedules = {name: _schedules(p, name, model) for name, model in models.items()}
    progress = Progress(len(own) * len(models), "instances")
    frames = []
    for seed in own:  # outermost, so that the tables of shards follow one another as in one job
        for name, model in models.items():
            for algorithm, found in _errors(p, name, model, schedules[name], seed=seed).items():
                frames.append(_rows(found, p["diverged_above"]).assign(model=name, algorithm=algorithm, dim=p["dim"], seed=seed))
            progress.update()
    return {"simulated_errors": pd.concat(frames, ignore_index=True)}


def _schedules(p: Mapping, name: str, model: Model) -> dict[str, Schedule]:
    """Coefficients of RI-GAMP, and of ordinary GAMP, which takes the design for a Gaussian one."""
    cumulants = {"rigamp": free_cumulants(model.spectrum, model.sampling_ratio, p["n_cumulants"])}
    if name in p["gaussian_amp_models"]:
        cumulants["gaussian_amp"] = gaussian_cumulants(cumulants["rigamp"])
    return {algorithm: rigamp_evolution(model, known, p["n_iterations"]) for algorithm, known in cumulants.items()}


def _errors(p: Mapping, name: str, model: Model, schedules: Mapping[str, Schedule], *, seed: int) -> dict[str, Errors]:
    """Errors of every algorithm on one instance."""
    instance = seeded_instance(RUN, name, model, seeded_design(RUN, model, p["dim"], seed), seed)
    design, signal, output = instance
    with np.errstate(over="ignore", invalid="ignore"):  # ordinary GAMP may overflow on such designs: that is what it is run for
        found = {
            algorithm: errors(rigamp(model, design.matrix, output, schedule, p["n_iterations"]), signal)
            for algorithm, schedule in schedules.items()
        }
    return found | {"vamp": errors(vamp(model, design, output, p["n_iterations"]), signal)}


def _rows(found: Errors, diverged_above: float) -> pd.DataFrame:
    """Errors at every iteration."""
    mse = found.mse
    return pd.DataFrame(
        {
            "iteration": np.arange(1, len(mse) + 1),
            "mse": mse,
            "squared_correlation": found.squared_correlation,
            "is_diverged": ~(mse <= diverged_above),
        }
    )


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
