"""The clean trick in closed form: two couplings of R^5 that carry the planar circle to the trefoil [puthawala_flows, E3, E9]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.job import job
from scripts.puthawala_flows.inputs import circle, equispaced, knot, padded
from scripts.puthawala_flows.model import CleanTrick, gaussian_interpolant


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Errors of the image and of the way back, one row a number of nodes."""
    test = equispaced(p["n_test"])
    source, target = circle(test), knot("trefoil", test)
    start = padded(source, source.shape[1] + target.shape[1])
    rows = []
    for n_nodes in p["node_counts"]:
        flow = _construction(n_nodes, p)
        image = flow.forward(start, source.shape[1])
        wanted = np.concatenate([np.zeros_like(source), target], axis=1)
        error = np.linalg.norm(image - wanted, axis=1).max()
        back = np.abs(flow.inverse(image, source.shape[1]) - start).max()
        rows.append({"n_nodes": n_nodes, "sup_error": error, "inverse_error": back})
    return {"construction_errors": pd.DataFrame(rows)}


def _construction(n_nodes: int, p: Mapping) -> CleanTrick:
    """Extensions of the embedding and of its inverse from equispaced nodes."""
    angle = equispaced(n_nodes)
    latent, embedded = circle(angle), knot("trefoil", angle)
    return CleanTrick(
        extension=gaussian_interpolant(latent, embedded, p["forward_width"], p["ridge"]),
        inverse_extension=gaussian_interpolant(embedded, latent, p["inverse_width"], p["ridge"]),
    )


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
