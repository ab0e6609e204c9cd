"""Loss and singular values of the routing network from both starts, beside the reduction and the exact times [saxe_race, E1–E6]."""

from collections.abc import Mapping
from itertools import islice

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import generator, seeds
from scripts.saxe_race import simulation, theory, timing
from scripts.saxe_race.model import PAPER, gate_matrix, squared_errors, toy_data, training_loss

RUN = "routing_dynamics"
LAYERS = ("encoder", "hidden", "decoder")

Curves = dict[str, pd.DataFrame]


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    target = toy_data()
    modes = np.linalg.svd(target, compute_uv=False)
    random = _random(p, target)
    decoupled, strengths = _decoupled(p, target)
    reduction, routing = _reduction(p, target, modes)
    times = [timing.simulation_rows(modes, strengths), timing.theory_rows(modes, p["decoupled_scale"], routing)]
    curves = {name: pd.concat([part[name] for part in (random, decoupled, reduction)], ignore_index=True) for name in random}
    return {**curves, "routing_half_times": pd.concat(times, ignore_index=True), "mode_predictions": _predictions(p, modes, routing)}


def _random(p: Mapping, target: np.ndarray) -> Curves:
    """Gradient descent from scaled orthogonal matrices, all seeds as one batch."""
    gate, own, n_epochs = _gate(p), seeds(p), p["n_epochs"]
    sizes = {"n_domains": p["n_domains"], "width": p["width"]}
    start = simulation.random_networks(RUN, own, target=target, scale=p["initial_scale"], **sizes)
    logged = sorted({*range(0, n_epochs, p["log_every_random"]), n_epochs - 1})
    loss, values = [], []
    for epoch, (network, output) in enumerate(islice(simulation.descend(start, target, gate, p["learning_rate"]), n_epochs)):
        loss.append(training_loss(squared_errors(output, target), gate, target))
        if epoch in logged:
            values.append(simulation.singular_values(network, target.shape[1], target.shape[0], min(target.shape)))
    return _curves(np.stack(loss, axis=1), np.stack(values, axis=1), own, logged, method="simulation", initialization="random")


def _decoupled(p: Mapping, target: np.ndarray) -> tuple[Curves, np.ndarray]:
    """Gradient descent from the decoupled start, which is the same for every seed but for a rotation; and its strengths."""
    gate, own, n_epochs = _gate(p), seeds(p)[:1], p["n_epochs"]
    rng = generator(PAPER, RUN, "decoupled", seed=own[0])
    start = simulation.decoupled_network(rng, p["n_domains"], p["width"], target, p["decoupled_scale"])
    loss, strengths = [], []
    for network, output in islice(simulation.descend(start.network, target, gate, p["learning_rate"]), n_epochs):
        loss.append(training_loss(squared_errors(output, target), gate, target))
        strengths.append(simulation.mode_strengths(network, start))
    path, logged = np.stack(strengths), range(0, n_epochs, p["log_every_decoupled"])
    about = {"method": "simulation", "initialization": "decoupled"}
    return _curves(np.array(loss)[None], path[logged][None], own, logged, **about), path


def _reduction(p: Mapping, target: np.ndarray, modes: np.ndarray) -> tuple[Curves, theory.Routing]:
    """The scalar equations from the decoupled start."""
    routing = theory.Routing(p["n_domains"], p["n_trained_outputs"], theory.rate_constant(p["learning_rate"], *target.shape))
    path = theory.routing_path(modes, p["decoupled_scale"], p["n_epochs"], routing, p["theory_step"])
    loss, logged = theory.predicted_loss(path, modes, routing, target.size), range(0, p["n_epochs"], p["log_every_decoupled"])
    about = {"method": "theory", "initialization": "decoupled"}
    return _curves(loss[None], path[logged][None], [None], logged, **about), routing


def _predictions(p: Mapping, modes: np.ndarray, routing: theory.Routing) -> pd.DataFrame:
    encoder, hidden = theory.final_strengths(modes, routing.n_domains)
    return tidy(
        {"mode": range(1, len(modes) + 1)},
        mode_strength=modes,
        n_domains=routing.n_domains,
        initial_scale=p["initial_scale"],
        loss_weight=routing.n_domains * routing.n_outputs / toy_data().size,
        final_encoder=encoder,
        final_hidden=hidden,
        predicted_drift=np.array([theory.drift_of_descent(mode, routing) for mode in modes]),
    )


def _gate(p: Mapping) -> np.ndarray:
    return gate_matrix(p["gate"], p["n_domains"], p["n_trained_outputs"])


def _curves(loss: np.ndarray, values: np.ndarray, own: list, logged: list[int] | range, **about: str) -> Curves:
    """Rows of both tables: loss of shape (S, n_epochs), values of shape (S, n_logged, 3, n_modes)."""
    modes = range(1, values.shape[-1] + 1)
    return {
        "routing_loss": tidy({"seed": own, "epoch": range(loss.shape[1])}, loss=loss, **about),
        "singular_values": tidy({"seed": own, "epoch": logged, "layer": LAYERS, "mode": modes}, singular_value=values, **about),
    }


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
