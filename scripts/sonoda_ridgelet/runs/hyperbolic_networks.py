"""Networks of random neurons on the hyperbolic plane: their errors, the predicted ones, and one on a grid [sonoda_ridgelet, E9, E12]."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.sonoda_ridgelet.inputs import bumps_of, grid_of, points_of
from scripts.sonoda_ridgelet.model import Array, Points, relative_error
from scripts.sonoda_ridgelet.ridgelets import log_grid
from scripts.sonoda_ridgelet.simulation import Proposal, draw, network, proposal, single_variance
from scripts.sonoda_ridgelet.theory import pairing

PAPER, RUN = "sonoda_ridgelet", "hyperbolic_networks"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Errors of all activations, widths and seeds; target and networks on a grid."""
    points = points_of(p)
    target = bumps_of(p).values(points)
    cases = list(zip(p["activations"], p["derivative_orders"], strict=True))
    progress = Progress(len(cases) * int(np.dot(p["widths"], p["n_seeds"])), "neurons")
    rows = []
    for activation, order in cases:
        case = {"activation": activation, "derivative_order": order}
        q = _proposal(p, activation, order)
        variance = _variance(p, q, activation, order, points)
        for width in p["widths"]:
            size = np.sqrt(variance / width / np.mean(target**2))
            rows.append({"method": "theory", **case, "width": width, "seed": None, "error": size})
        for width, seed, values in _networks(p, q, activation, order, points):
            rows.append({"method": "simulation", **case, "width": width, "seed": seed, "error": relative_error(values, target)})
            progress.update(width)
    return {"network_error": pd.DataFrame(rows).astype({"seed": "Int64"}), "reconstruction": _reconstruction(p)}


def _proposal(p: Mapping, activation: str, order: int) -> Proposal:
    """Density to draw from; neurons of ReLU grow with their scale, so that large scales are drawn more often."""
    scales, _ = log_grid(p["scale_min"], p["scale_max"], p["n_scale"])
    tables = {"grid": grid_of(p), "n_angle_bins": p["n_angle_bins"]}
    return proposal(bumps_of(p), order, scales, tilted=activation == "relu", **tables)


def _variance(p: Mapping, q: Proposal, activation: str, order: int, points: Points) -> float:
    """Variance of a network of one neuron, mean over the test points."""
    rng = generator(PAPER, RUN, activation, order, "variance", seed=p["variance_seed"] + p["seed_offset"])
    return float(single_variance(points, draw(rng, q, p["n_variance"]), activation, pairing(activation, order)).mean())


def _networks(p: Mapping, q: Proposal, activation: str, order: int, points: Points) -> Iterator[tuple[int, int, Array]]:
    """Width, seed and values of each network."""
    constant = pairing(activation, order)
    for width, n_seeds in zip(p["widths"], p["n_seeds"], strict=True):
        for seed in seeds({**p, "n_seeds": n_seeds}):
            neurons = draw(generator(PAPER, RUN, activation, order, width, seed=seed), q, width)
            yield width, seed, network(points, neurons, activation, constant)


def _reconstruction(p: Mapping) -> pd.DataFrame:
    """Target and networks on the grid points of the geodesic ball of radius 2."""
    activation, order = p["reconstruction_activation"], p["reconstruction_order"]
    side = np.linspace(-np.tanh(1), np.tanh(1), p["reconstruction_grid"])
    grid = (side + 1j * side[:, None]).ravel()
    points = grid[np.abs(grid) <= np.tanh(1)]
    q, seed = _proposal(p, activation, order), p["reconstruction_seed"] + p["seed_offset"]
    frames = [pd.DataFrame({"method": "theory", "width": None, "x": points.real, "y": points.imag, "value": q.bumps.values(points)})]
    for width in p["reconstruction_widths"]:
        neurons = draw(generator(PAPER, RUN, "reconstruction", activation, order, width, seed=seed), q, width)
        value = network(points, neurons, activation, pairing(activation, order))
        frames.append(pd.DataFrame({"method": "simulation", "width": width, "x": points.real, "y": points.imag, "value": value}))
    return pd.concat([frame.astype({"width": "Int64"}) for frame in frames], ignore_index=True)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
