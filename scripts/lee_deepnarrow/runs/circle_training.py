"""Deep narrow MLPs on the quarter circle, before and after training, beside kernel gradient descent [lee_deepnarrow, E1–E3, E6]."""

from collections.abc import Mapping
from itertools import repeat
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from repro.frames import tidy
from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.lee_deepnarrow import training
from scripts.lee_deepnarrow.model import PAPER, REFERENCE_ANGLE, Array, circle_angles, draw, on_circle, target
from scripts.lee_deepnarrow.theory import Stds, kernel_descent, limit_kernel

RUN = "circle_training"


class Descent(NamedTuple):
    """Kernel gradient descent on the circle."""

    losses: Array
    """After 0, 1, … steps."""
    outputs: Array
    """After the last step, shape (n_angles,)."""


class Trained(NamedTuple):
    """Networks of one depth; scales C and seeds S lead."""

    scales: list[float]
    kernels: Array
    """At the start and at the end, shape (2, C, S, n_angles)."""
    losses: Array
    """At recorded steps, shape (C, S, n)."""
    outputs: Array
    """Shape (C, S, n_angles)."""


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Networks of equal depth train together."""
    angles, own = circle_angles(p["n_angles"]), seeds(p)
    exact = _descent(p, angles)
    steps = np.arange(0, p["n_steps"] + 1, p["record_every"])
    limit = limit_kernel(on_circle([REFERENCE_ANGLE]), on_circle(angles), stds=Stds(p["weight_std"], p["bias_std"]))[0]
    tables = {
        "scaled_ntk": [tidy({"angle": angles}, kernel=limit, method="theory")],
        "kernel_drift": [],
        "learned_function": [
            tidy({"angle": angles}, output=target(on_circle(angles)), method="target"),
            tidy({"angle": angles}, output=exact.outputs, method="theory"),
        ],
        "circle_loss": [tidy({"step": steps}, loss=exact.losses[steps], method="theory")],
    }
    progress = Progress(len({setting["depth"] for setting in p["settings"]}) * p["n_steps"], "steps")
    for depth in dict.fromkeys(setting["depth"] for setting in p["settings"]):
        found = _train(p, depth, own, angles, progress)
        axes = {"scale": found.scales, "seed": own}
        tables["scaled_ntk"].append(
            tidy({"step": [0, p["n_steps"]], **axes, "angle": angles}, kernel=found.kernels, depth=depth, method="simulation")
        )
        tables["kernel_drift"].append(_ends(found, exact, angles, axes).assign(depth=depth))
        tables["learned_function"].append(tidy({**axes, "angle": angles}, output=found.outputs, depth=depth, method="simulation"))
        tables["circle_loss"].append(tidy({**axes, "step": steps}, loss=found.losses, depth=depth, method="simulation"))
    return {name: pd.concat(frames, ignore_index=True) for name, frames in tables.items()}


def _descent(p: Mapping, angles: Array) -> Descent:
    """Kernel gradient descent with the limit kernel."""
    x = on_circle(angles)
    y, kernel = target(x)[:, None], limit_kernel(x, x, stds=Stds(p["weight_std"], p["bias_std"]))
    losses = []
    for outputs in kernel_descent(kernel, y, p["scaled_learning_rate"], repeat(slice(None), p["n_steps"])):
        losses.append(np.mean((outputs - y) ** 2))
    return Descent(np.array(losses), outputs[:, 0].copy())


def _train(p: Mapping, depth: int, own: list[int], angles: Array, progress: Progress) -> Trained:
    """Networks of all scales and seeds of one depth; a seed has the same random numbers at every scale."""
    scales = [float(setting["scale"]) for setting in p["settings"] if setting["depth"] == depth]
    stds = {name: p[name] for name in ("weight_std", "bias_std")}
    draws = [draw(generator(PAPER, RUN, "network", depth, seed=seed), depth, 2, **stds) for seed in own]
    each = np.repeat(scales, len(own))
    network = training.deep_narrow(draws * len(scales), list(each), 1, dtype=torch.float64)
    x, factor = on_circle(angles), depth * each**2
    points = training.with_constant(np.vstack([on_circle([REFERENCE_ANGLE]), x]), dtype=torch.float64)
    batch = training.Batch(points[None, :, 1:], torch.from_numpy(target(x))[None, None])

    def shaped(values: torch.Tensor, divisor: Array | float = 1.0) -> Array:
        return (values.numpy() / divisor).reshape(len(scales), len(own), -1)

    kernels = [shaped(training.tangent_kernel(network, points)[:, 0, 1:], factor[:, None])]
    losses = []
    rates = torch.from_numpy(p["scaled_learning_rate"] / factor)
    for step, loss in enumerate(training.train(network, repeat(batch, p["n_steps"]), rates)):
        if step % p["record_every"] == 0:
            losses.append(loss)
        progress.update()
    outputs = training.outputs(network, batch.x[0])
    if p["n_steps"] % p["record_every"] == 0:
        losses.append((outputs - batch.targets).square().mean(dim=(1, 2)))
    kernels.append(shaped(training.tangent_kernel(network, points)[:, 0, 1:], factor[:, None]))
    return Trained(scales, np.stack(kernels), shaped(torch.stack(losses, dim=1)), shaped(outputs))


def _ends(found: Trained, exact: Descent, angles: Array, axes: Mapping) -> pd.DataFrame:
    """Change of the kernel and distance from kernel gradient descent, a row a network."""
    (start, end), y = found.kernels, found.outputs
    return tidy(
        axes,
        drift=np.abs(end - start).max(axis=-1) / np.abs(start).max(axis=-1),
        final_loss=np.mean((y - target(on_circle(angles))) ** 2, axis=-1),
        kernel_gd_loss=float(exact.losses[-1]),
        deviation=np.sqrt(np.mean((y - exact.outputs) ** 2, axis=-1)),
    )


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
