"""Neurons on the disc, and horocycles of their normals [sonoda_ridgelet, E2]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.job import job
from scripts.sonoda_ridgelet.model import horocycle, neuron_values


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Values on a square grid inside the disc, and circles."""
    values, circles = [], []
    side = np.linspace(-p["grid_radius"], p["grid_radius"], p["n_grid"])
    grid = (side + 1j * side[:, None]).ravel()
    points = grid[np.abs(grid) < p["grid_radius"]]
    for panel, (scale, angle, offset) in enumerate(p["neurons"]):
        value = neuron_values(points, *(np.array([number]) for number in (scale, angle, offset)), "tanh")[:, 0]
        neuron = {"panel": panel, "scale": scale, "angle": angle, "offset": offset}
        values.append(pd.DataFrame({**neuron, "x": points.real, "y": points.imag, "value": value}))
        for level in p["levels"]:
            centre, radius = horocycle(level, angle)
            circles.append({"panel": panel, "level": level, "centre_x": centre.real, "centre_y": centre.imag, "radius": radius})
    return {"neuron_values": pd.concat(values, ignore_index=True), "horocycles": pd.DataFrame(circles)}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
