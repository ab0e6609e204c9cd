"""Flows of R^m fitted to ribbons from the planar annulus, and how their boundaries are linked [puthawala_flows, E1, E2, E6, E7, E8]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import Progress, job
from repro.seeds import seeds
from scripts.puthawala_flows.inputs import annulus, circle, equispaced, ribbon
from scripts.puthawala_flows.simulation import boundary_linking, curves_linking, errors, fits, image
from scripts.puthawala_flows.theory import BOUND_POINTS, half_distance
from scripts.puthawala_flows.training import Flow

RUN = "ribbon_fits"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """All cases, one after the other; the seeds of a case in one batch."""
    progress = Progress(len(p["cases"]) * p["n_steps"], "steps")
    parts = [_case(p, case["target"], case["ambient_dim"], progress) for case in p["cases"]]
    return {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in ("ribbon_errors", "ribbon_curves")}


def _case(p: Mapping, target: str, ambient_dim: int, progress: Progress) -> dict[str, pd.DataFrame]:
    """Rows of one target in one dimension."""
    train, test = (annulus(p["half_width"], p[f"n_{part}_radii"], p[f"n_{part}_angles"]) for part in ("train", "test"))
    for step, flow in enumerate(fits(RUN, p, ambient_dim, _planar(*train), ribbon(target, *train))):  # noqa: B007 - the last one is used
        if step:
            progress.update()
    measured = errors(flow, _planar(*test), ribbon(target, *test))
    radii = (1 - p["half_width"], 1 + p["half_width"])
    linking = [boundary_linking(flow, s, radii, p) if ambient_dim == 3 else np.nan for s in range(p["n_seeds"])]
    table = tidy({"seed": seeds(p)}, sup_error=measured.sup, rms_error=measured.rms, model_linking=np.array(linking))
    curves = [lambda angle, r=r: ribbon(target, np.array(r), angle) for r in radii]
    bound = np.nan
    if (target, ambient_dim) == ("twist1", 3):
        bound = half_distance(*(curve(equispaced(BOUND_POINTS)) for curve in curves))
    case = {"target": target, "ambient_dim": ambient_dim}
    table = table.assign(**case, lower_bound=bound, target_linking=curves_linking(curves, p))
    best = int(np.argmin(measured.sup))
    return {"ribbon_errors": table, "ribbon_curves": _curves(p, target, flow, best).assign(**case)}


def _planar(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Points of the annulus in the plane."""
    return radius[:, None] * circle(angle)


def _curves(p: Mapping, target: str, flow: Flow, best: int) -> pd.DataFrame:
    """Both boundaries of the target and of the best fit, first three coordinates."""
    angle, frames = equispaced(p["n_curve"]), []
    for boundary, r in (("inner", 1 - p["half_width"]), ("outer", 1 + p["half_width"])):
        fitted = image(flow, r * circle(angle))[best, :, :3]
        for method, points, seed in (("simulation", fitted, seeds(p)[best]), ("theory", ribbon(target, np.array(r), angle), None)):
            frame = pd.DataFrame(points, columns=["x", "y", "z"])
            frames.append(frame.assign(method=method, seed=seed, boundary=boundary, angle=angle).astype({"seed": "Int64"}))
    return pd.concat(frames, ignore_index=True)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
