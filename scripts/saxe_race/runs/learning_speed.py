"""Half-learning times against the number of domains, by quadrature and by decoupled gradient descent [saxe_race, E5, E7, E8]."""

from collections.abc import Mapping
from itertools import islice

import numpy as np
import pandas as pd

from repro.job import job
from repro.seeds import generator
from scripts.saxe_race import simulation, theory, timing
from scripts.saxe_race.model import PAPER, gate_matrix, toy_data

RUN = "learning_speed"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    target = toy_data()
    modes = np.linalg.svd(target, compute_uv=False)
    rate = theory.rate_constant(p["learning_rate"], *target.shape)
    frames = []
    for rule in p["outputs_rules"]:
        for n_domains in p["domains"]:
            routing = theory.Routing(n_domains, n_domains if rule == "all" else 1, rate)
            exact = timing.theory_rows(modes, p["decoupled_scale"], routing)
            frames.append(exact.assign(n_domains=n_domains, n_trained_outputs=routing.n_outputs))
            if rule == "all" and n_domains in p["simulated_domains"]:
                n_epochs = round(p["run_factor"] * exact["half_time"].iloc[-1])
                found = timing.simulation_rows(modes, _strengths(p, target, n_domains, n_epochs))
                frames.append(found.assign(n_domains=n_domains, n_trained_outputs=n_domains))
    table = pd.concat(frames, ignore_index=True).drop(columns="mode_strength")
    return {"half_learning_times": table.assign(learning_rate=p["learning_rate"])}


def _strengths(p: Mapping, target: np.ndarray, n_domains: int, n_epochs: int) -> np.ndarray:
    """Strengths after 0 … n_epochs epochs with all pairs trained; times do not depend on the rotations that are drawn."""
    gate = gate_matrix("plus_minus", n_domains, n_domains)
    start = simulation.decoupled_network(generator(PAPER, RUN, n_domains, seed=0), n_domains, p["width"], target, p["decoupled_scale"])
    path = islice(simulation.descend(start.network, target, gate, p["learning_rate"]), n_epochs + 1)
    return np.stack([simulation.mode_strengths(network, start) for network, _ in path])


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
