"""Simulated SGD beside the exact recursion, w* flat and λ = i^-2.

Tables [wu_last_iterate, E1, E4]: `risk_trajectories`, six schedules over time with Gaussian features, the recursion at
every step and the runs at some of them; `kurtosis_test`, three feature laws at constant stepsize against recursions with three kurtoses.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from repro.checks import one_of
from repro.job import Progress, job
from repro.seeds import generator
from scripts.wu_last_iterate.model import (
    Array,
    Schedule,
    decaying_schedules,
    risk_trajectory,
    spectrum,
    stepsize_factors,
    target,
)
from scripts.wu_last_iterate.simulation import simulate

KURTOSIS = {"rademacher": 1.0, "gaussian": 3.0, "laplace": 6.0}


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Tables of the run from its parameters."""
    return {"risk_trajectories": risk_trajectories(p), "kurtosis_test": kurtosis_test(p)}


def risk_trajectories(p: Mapping) -> pd.DataFrame:
    """Exact and simulated risk of six schedules, Gaussian features: exact at every step, simulated at logarithmically spaced ones."""
    n_train = p["n_train"]
    eigenvalues, error = spectrum("power", p["dim"]), -target("flat", p["dim"])
    steps = np.unique(np.geomspace(1, n_train, p["n_times"]).round().astype(int))
    schedules = [
        *decaying_schedules(n_train, [0.5], p["constant_fractions"]),
        Schedule("polynomial", decay_exponent=1.0),
        Schedule("constant"),
    ]
    progress = Progress(len(schedules), "schedules")
    frames = []
    for schedule in schedules:
        factors = stepsize_factors(schedule, n_train, p["log_base"])
        stepsizes = factors * p["relative_stepsize"] / eigenvalues.sum()
        rng = generator("wu_last_iterate", "simulated_sgd", *map(str, schedule), seed=p["seed"] + p["seed_offset"])
        draw = partial(sample, "gaussian", eigenvalues, p["noise_variance"], rng)
        risks = simulate(draw, p["n_runs"], stepsizes, eigenvalues, error, recorded=steps)
        exact = risk_trajectory(stepsizes, eigenvalues, error**2, p["noise_variance"], KURTOSIS["gaussian"])
        frame = pd.DataFrame({"risk": exact}, index=pd.RangeIndex(1, n_train + 1, name="step"))
        compare = pd.DataFrame(compared(exact[steps - 1], risks), index=steps).drop(columns="risk")
        frames.append(frame.join(compare).reset_index().assign(**schedule._asdict(), n_runs=p["n_runs"]))
        progress.update()
    return pd.concat(frames, ignore_index=True).astype({"decay_exponent": float})


def kurtosis_test(p: Mapping) -> pd.DataFrame:
    """Risk of the last iterate of constant stepsize: each feature law against each kurtosis in the recursion."""
    n_train, n_runs = p["kurtosis_n_train"], p["kurtosis_n_runs"]
    eigenvalues, error = spectrum("power", p["kurtosis_dim"]), -target("flat", p["kurtosis_dim"])
    stepsizes = np.full(n_train, p["relative_stepsize"] / eigenvalues.sum())
    model_kurtosis = np.array(list(KURTOSIS.values()))
    exact = risk_trajectory(stepsizes, eigenvalues, error**2, p["noise_variance"], model_kurtosis)[:, -1]
    frames = []
    for law, true_kurtosis in KURTOSIS.items():
        rng = generator("wu_last_iterate", "simulated_sgd", law, seed=p["seed"] + p["seed_offset"])
        draw = partial(sample, law, eigenvalues, p["noise_variance"], rng)
        (risks,) = simulate(draw, n_runs, stepsizes, eigenvalues, error, recorded=[n_train])
        frame = pd.DataFrame({"model_kurtosis": model_kurtosis, **compared(exact, risks)})
        frames.append(frame.assign(features=law, true_kurtosis=true_kurtosis, n_runs=n_runs))
    return pd.concat(frames, ignore_index=True)


def sample(law: str, eigenvalues: Array, noise_variance: float, rng: np.random.Generator, n_runs: int) -> tuple[Array, Array]:
    """One fresh sample a run: features √λ_i z_i with z of a law of variance 1, shape (n_runs, d), and Gaussian noise.

    ValueError for a law that is not one of KURTOSIS.
    """
    one_of("law", law, KURTOSIS)
    shape = (n_runs, len(eigenvalues))
    match law:
        case "rademacher":
            standard = rng.choice([-1.0, 1.0], size=shape)
        case "gaussian":
            standard = rng.standard_normal(shape)
        case "laplace":
            standard = rng.laplace(scale=np.sqrt(0.5), size=shape)
    return np.sqrt(eigenvalues) * standard, np.sqrt(noise_variance) * rng.standard_normal(n_runs)


def compared(risk: Array, simulated: Array) -> dict[str, Array]:
    """Columns that set the mean of simulated risks (..., n_runs) beside exact ones of a shape that broadcasts."""
    mean, std_error = simulated.mean(axis=-1), simulated.std(axis=-1) / np.sqrt(simulated.shape[-1])
    return {"risk": risk, "simulated_risk": mean, "std_error": std_error, "z_score": (mean - risk) / std_error}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
