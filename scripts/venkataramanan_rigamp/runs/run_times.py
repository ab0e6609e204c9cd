"""Seconds of the SVD, of VAMP after it, of the coefficients and of RI-GAMP [venkataramanan_rigamp, E3, E4, E10]."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from repro.job import Progress, job
from repro.seeds import generator
from scripts.venkataramanan_rigamp.inputs import Design, free_cumulants, gaussian_matrix, n_measurements
from scripts.venkataramanan_rigamp.model import Model, draw_output, draw_signal
from scripts.venkataramanan_rigamp.simulation import PAPER, rigamp, vamp
from scripts.venkataramanan_rigamp.theory import Schedule, rigamp_evolution

RUN = "run_times"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Every computation at every size, several times."""
    model = Model("gaussian", p["prior"], p["output_channel"], p["sampling_ratio"], p["noise_std"])
    progress = Progress(len(p["dims"]) * p["n_repeats"], "repeats")
    rows = []
    for dim in p["dims"]:
        for repeat in range(p["n_repeats"]):
            rows += [{"dim": dim, "repeat": repeat, **row} for row in _repeat(p, model, dim, repeat)]
            progress.update()
    return {"task_seconds": pd.DataFrame(rows)}


def _repeat(p: Mapping, model: Model, dim: int, repeat: int) -> list[dict]:
    """All computations once, on one instance."""
    rng = generator(PAPER, RUN, dim, seed=repeat)
    matrix = gaussian_matrix(rng, n_measurements(model.sampling_ratio, dim), dim)
    output = draw_output(rng, model, matrix @ draw_signal(rng, model, dim))
    rows: list[dict] = []

    def timed(computation: str, task: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        result = task()
        rows.append({"computation": computation, "seconds": time.perf_counter() - began})
        return result

    design = Design(matrix, *timed("svd", lambda: np.linalg.svd(matrix, full_matrices=False)))
    timed("vamp", lambda: vamp(model, design, output, p["n_iterations"]))
    schedule = timed("state_evolution", lambda: _schedule(p, model))
    timed("rigamp", lambda: rigamp(model, matrix, output, schedule, p["n_iterations"]))
    return rows


def _schedule(p: Mapping, model: Model) -> Schedule:
    """Cumulants and all coefficients."""
    return rigamp_evolution(model, free_cumulants(model.spectrum, model.sampling_ratio, p["n_cumulants"]), p["n_iterations"])


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
