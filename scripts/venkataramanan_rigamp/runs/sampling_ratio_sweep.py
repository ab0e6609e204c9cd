"""Final error against the sampling ratio, predicted and simulated [venkataramanan_rigamp, E1–E11]."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from repro.gaussian import NormalGrid
from repro.job import Progress, job
from repro.seeds import seeds
from scripts.venkataramanan_rigamp.inputs import free_cumulants
from scripts.venkataramanan_rigamp.model import Model
from scripts.venkataramanan_rigamp.simulation import errors, rigamp, seeded_design, seeded_instance, vamp
from scripts.venkataramanan_rigamp.theory import rigamp_evolution, vamp_evolution

RUN = "sampling_ratio_sweep"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """One spectrum and sampling ratio after the other; both channels share cumulants and designs."""
    predicted, simulated = [], []
    progress = Progress(len(p["spectra"]) * len(p["sampling_ratios"]), "spectra and ratios")
    for spectrum in p["spectra"]:
        for ratio in p["sampling_ratios"]:
            cumulants = free_cumulants(spectrum, ratio, p["n_cumulants"])
            models = {channel: Model(spectrum, p["prior"], channel, ratio, noise) for channel, noise in p["noise_std"].items()}
            predicted += [row for model in models.values() for row in _predicted(p, model, cumulants)]
            if ratio in p["simulated_ratios"]:
                simulated += list(_simulated(p, models, cumulants))
            progress.update()
    return {"predicted_sweep": pd.DataFrame(predicted), "simulated_sweep": pd.DataFrame(simulated)}


def _predicted(p: Mapping, model: Model, cumulants: np.ndarray) -> Iterator[dict]:
    """State evolution of RI-GAMP at two iterations, of VAMP at its last."""
    grid = NormalGrid(p["integration_points"], p["integration_half_width"])
    errors_of = rigamp_evolution(model, cumulants, p["rigamp_iterations"], grid, stop_eigenvalue_ratio=p["stop_eigenvalue_ratio"]).error
    for iteration in (p["n_iterations"], p["rigamp_iterations"]):
        yield {**_setting(model), "algorithm": "rigamp", "iteration": iteration, "mse": errors_of[:iteration][-1]}
    limit = vamp_evolution(model, p["vamp_iterations"], grid, spectrum_points=p["spectrum_points"])[-1]
    yield {**_setting(model), "algorithm": "vamp", "iteration": p["vamp_iterations"], "mse": limit}


def _simulated(p: Mapping, models: Mapping[str, Model], cumulants: np.ndarray) -> Iterator[dict]:
    """Last errors of RI-GAMP and VAMP on the instances of all seeds."""
    schedules = {channel: rigamp_evolution(model, cumulants, p["n_iterations"]) for channel, model in models.items()}
    for seed in seeds(p):
        design = None
        for channel, model in models.items():
            design = design or seeded_design(RUN, model, p["dim"], seed)
            instance = seeded_instance(RUN, f"{model.spectrum} {channel} {model.sampling_ratio}", model, design, seed)
            with np.errstate(over="ignore", invalid="ignore"):  # RI-GAMP may overflow at this size: the row then says so
                estimates = {"rigamp": rigamp(model, design.matrix, instance.output, schedules[channel], p["n_iterations"])}
            estimates["vamp"] = vamp(model, design, instance.output, p["n_iterations"])
            for algorithm, found in estimates.items():
                mse = errors(found, instance.signal).mse
                diverged = bool((~(mse <= p["diverged_above"])).any())
                last = {"dim": p["dim"], "seed": seed, "iteration": p["n_iterations"], "mse": mse[-1], "is_diverged": diverged}
                yield {**_setting(model), "algorithm": algorithm, **last}


def _setting(model: Model) -> dict:
    return {"spectrum": model.spectrum, "output_channel": model.output_channel, "sampling_ratio": float(model.sampling_ratio)}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
