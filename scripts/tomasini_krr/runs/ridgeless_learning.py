"""Learning curves on a line without ridge, and the two laws for them [tomasini_krr, E2, E5, E5b, E8]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.tomasini_krr.laws import exponent
from scripts.tomasini_krr.model import Array, draw, line_predictors, line_quadrature
from scripts.tomasini_krr.theory import extremal_constant, replica_constant


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Simulated errors and both laws, one depletion exponent after the other."""
    exponents = [float(chi) for chi in p["depletion_exponents"]]
    progress = Progress(len(exponents) * len(p["n_train"]), "learning curves")
    frames = []
    for chi in exponents:
        simulated = np.empty((len(p["n_train"]), len(seeds(p))))
        quadrature = line_quadrature(chi, p["quadrature_points"])
        for row, n_train in enumerate(p["n_train"]):
            simulated[row] = [ridgeless_error(p, chi, n_train, seed, quadrature) for seed in seeds(p)]
            progress.update()
        frames.append(tidy({"n_train": p["n_train"], "seed": seeds(p)}, error=simulated, method="simulation", depletion_exponent=chi))
        frames.append(laws(chi, p["n_train"]))
    table = pd.concat(frames, ignore_index=True)
    return {"ridgeless_errors": table.astype({"seed": "Int64"})}


def ridgeless_error(p: Mapping, chi: float, n_train: int, seed: int, quadrature: tuple[Array, Array]) -> float:
    """Test error of one draw: without ridge the predictor meets every label."""
    points, weights = quadrature
    x = np.sort(draw(generator("tomasini_krr", "ridgeless_learning", chi, n_train, seed=seed), n_train, 1, chi)[:, 0])
    return float((np.sign(points) - line_predictors(x, np.sign(x)[None], points, p["bandwidth"])[0]) ** 2 @ weights)


def laws(chi: float, sizes: list[int]) -> pd.DataFrame:
    """Error by the two extremal points, and by replica theory."""
    constants = {"extremal_points": extremal_constant(chi), "replica": replica_constant(chi)}
    errors = [[constant * n_train ** -exponent(law, 1, chi) for n_train in sizes] for law, constant in constants.items()]
    return tidy({"method": list(constants), "n_train": sizes}, error=np.array(errors), depletion_exponent=chi, seed=pd.NA)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
