"""Deep narrow MLPs and kernel gradient descent on both sides of the largest stable step [lee_deepnarrow, E1, E3, E6]."""

import math
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.lee_deepnarrow import inputs, training
from scripts.lee_deepnarrow.inputs import Examples
from scripts.lee_deepnarrow.model import PAPER, Array, draw
from scripts.lee_deepnarrow.theory import kernel_descent, largest_stable_rate, limit_kernel

RUN = "step_size_sweep"


def compute(p: Mapping, datasets: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """All networks train together; a seed has the same random numbers and mini-batches at every scale and step size."""
    train, own = inputs.mnist(datasets["mnist"], "train", p["n_train"], pooling=p["pooling"]), seeds(p)
    kernel = limit_kernel(train.flat, train.flat, n_outputs=10)
    edge = largest_stable_rate(kernel, n_outputs=10)
    places = {seed: list(islice(inputs.batches(RUN, len(train.labels), p["batch_size"], seed), p["n_steps"])) for seed in own}
    rows = _networks(p, train, places)
    for rate in p["scaled_learning_rates"]:
        rows += [{"seed": seed, "scaled_learning_rate": rate, **_exact(kernel, train, rate, places[seed])} for seed in own]
    table = pd.DataFrame(rows).assign(depth=p["depth"])
    return {"stability": table.assign(relative_learning_rate=table["scaled_learning_rate"] / edge)}


def _networks(p: Mapping, train: Examples, places: Mapping[int, list[Array]]) -> list[dict[str, Any]]:
    """Rows of the networks of all scales, step sizes and seeds."""
    dtype = getattr(torch, p["precision"])
    keys = [(scale, rate, seed) for scale in p["scales"] for rate in p["scaled_learning_rates"] for seed in places]
    dim = train.flat.shape[1]
    draws = {seed: draw(generator(PAPER, RUN, "network", p["depth"], dim, seed=seed), p["depth"], dim) for seed in places}
    network = training.deep_narrow([draws[seed] for *_, seed in keys], [scale for scale, *_ in keys], 10, dtype=dtype)
    x = training.with_constant(train.flat, dtype=dtype)
    y = torch.from_numpy(train.targets.T).to(x)

    def batch(step: int) -> training.Batch:
        chosen = [torch.from_numpy(places[seed][step]) for *_, seed in keys]
        return training.Batch(*(torch.stack([part[:, at] for at in chosen]) for part in (x, y)))

    rates = torch.tensor([rate / (p["depth"] * scale**2) for scale, rate, _ in keys], dtype=dtype)
    progress, losses = Progress(p["n_steps"], "steps"), []
    for loss in training.train(network, map(batch, range(p["n_steps"])), rates):
        losses.append(loss)
        progress.update()
    final = torch.full(rates.shape, torch.inf, dtype=dtype)
    alive = torch.isfinite(losses[-1])
    if alive.any():
        final[alive] = (training.outputs(network, x) - y).square().mean(dim=(1, 2))
    peak = torch.stack(losses).amax(dim=0)
    return [
        {
            "model": "deep_narrow",
            "scale": scale,
            "scaled_learning_rate": rate,
            "seed": seed,
            "peak_loss": float(peak[at]),
            "final_loss": _finite(float(final[at])),
        }
        for at, (scale, rate, seed) in enumerate(keys)
    ]


def _exact(kernel: Array, train: Examples, rate: float, places: list[Array]) -> dict[str, Any]:
    """Losses of kernel gradient descent."""
    losses = []
    for step, outputs in enumerate(kernel_descent(kernel, train.targets, rate, iter(places))):
        residual = outputs - train.targets
        losses.append(np.mean((residual[places[step]] if step < len(places) else residual) ** 2))
    return {"model": "limit_kernel", "scale": math.nan, "peak_loss": float(np.max(losses[:-1])), "final_loss": _finite(losses[-1])}


def _finite(loss: float) -> float:
    """A loss, infinite where it is no number."""
    return float(loss) if math.isfinite(loss) else math.inf


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets))
