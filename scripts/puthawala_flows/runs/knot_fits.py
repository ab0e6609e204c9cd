"""Flows of R^m fitted to knots from the planar circle, and the density step on their ranges [puthawala_flows, E1–E5, E10]."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import Progress, job
from repro.seeds import seeds
from scripts.puthawala_flows.inputs import circle, equispaced, knot, padded
from scripts.puthawala_flows.simulation import draws, errors, fits, image, transport
from scripts.puthawala_flows.theory import BOUND_POINTS, thickness
from scripts.puthawala_flows.training import Flow

RUN = "knot_fits"
TRANSPORT = ["ambient_dim", "seed", "step", "sup_error", "hausdorff", "projection_rms", "w2_density", "w2_uniform", "w2_floor"]


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """All cases, one after the other; the seeds of a case in one batch."""
    progress = Progress(len(p["cases"]) * p["n_steps"], "steps")
    parts = [_case(p, case["target"], case["ambient_dim"], progress) for case in p["cases"]]
    tables = {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in ("knot_errors", "knot_curves")}
    distances = [row for part in parts for row in part["distances"]]
    return tables | {"transport_distances": pd.DataFrame(distances, columns=TRANSPORT)}


def _case(p: Mapping, target: str, ambient_dim: int, progress: Progress) -> dict[str, Any]:
    """Rows of one target in one dimension."""
    train, test = equispaced(p["n_train"]), equispaced(p["n_test"])
    recorded = {*range(0, p["n_steps"], p["record_every"]), p["n_steps"]}
    dense = target == "trefoil" and ambient_dim in p["density_dims"]
    checkpoints = set(p["checkpoint_steps"]) if dense else set()
    drawn = [draws(RUN, p, seed) for seed in seeds(p)]
    samples = [tuple(padded(knot(target, angle), ambient_dim) for angle in own[:2]) for own in drawn]
    rows, distances = [], []
    for step, flow in enumerate(fits(RUN, p, ambient_dim, circle(train), knot(target, train))):
        if step in recorded | checkpoints:
            measured = errors(flow, circle(test), knot(target, test))
        if step in recorded:
            rows.append(measured)
        if step in checkpoints:
            found = transport(flow, drawn, samples, p["n_latent_grid"])
            own = zip(seeds(p), measured.sup, found, strict=True)
            distances += [{"ambient_dim": ambient_dim, "seed": seed, "step": step, "sup_error": sup, **row} for seed, sup, row in own]
        if step:
            progress.update()
    sup, rms = (np.stack(values) for values in zip(*rows, strict=True))
    table = tidy({"step": sorted(recorded), "seed": seeds(p)}, sup_error=sup, rms_error=rms)
    bound = thickness(knot(target, equispaced(BOUND_POINTS))) if (target, ambient_dim) == ("trefoil", 3) else np.nan
    case = {"target": target, "ambient_dim": ambient_dim}
    best = int(np.argmin(sup[-1]))
    curves = _curves(p, target, flow, best).assign(**case)
    return {"knot_errors": table.assign(**case, lower_bound=bound), "knot_curves": curves, "distances": distances}


def _curves(p: Mapping, target: str, flow: Flow, best: int) -> pd.DataFrame:
    """The target and the best fit's first three coordinates."""
    angle = equispaced(p["n_curve"])
    points = {"simulation": image(flow, circle(angle))[best, :, :3], "theory": knot(target, angle)}
    of_seed = {"simulation": seeds(p)[best], "theory": None}
    frames = [
        pd.DataFrame(found, columns=["x", "y", "z"]).assign(method=method, seed=of_seed[method], angle=angle)
        for method, found in points.items()
    ]
    return pd.concat([frame.astype({"seed": "Int64"}) for frame in frames], ignore_index=True)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
