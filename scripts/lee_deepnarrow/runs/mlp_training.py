"""Very deep narrow MLPs on MNIST, kernel gradient descent on their mini-batches, and standard networks [lee_deepnarrow, E1, E3, E6]."""

import math
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch

from repro.frames import tidy
from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.lee_deepnarrow import inputs, training
from scripts.lee_deepnarrow.inputs import Examples
from scripts.lee_deepnarrow.model import PAPER, Array, draw
from scripts.lee_deepnarrow.theory import kernel_descent, limit_kernel

RUN = "mlp_training"
SPLITS = ("train", "test")
Splits = tuple[Examples, Examples]


class Setting(NamedTuple):
    """One network but for its seed."""

    model: str
    depth: int
    scale: float
    learning_rate: float
    scaled_learning_rate: float
    n_steps: int


class Exact(NamedTuple):
    """Kernel gradient descent of one seed."""

    losses: list[float]
    """Of every mini-batch, before its step."""
    after: dict[int, Array]
    """Number of steps → outputs on training and test images."""


def compute(p: Mapping, datasets: Mapping[str, Path], device: str = "cpu") -> dict[str, pd.DataFrame]:
    """Networks of equal depth and number of steps train together."""
    own, settings = seeds(p), _settings(p)
    train, test = (inputs.mnist(datasets["mnist"], split, p[f"n_{split}"], pooling=p["pooling"]) for split in SPLITS)
    lengths = sorted({setting.n_steps for setting in settings if setting.model == "deep_narrow"})
    exact = {seed: _kernel_descent(p, seed, train, test, lengths) for seed in own} if p["kernel_gd"] else {}
    curves = [_kernel_curve(p, seed, each) for seed, each in exact.items()]
    final = [_constant(train, test, own), *(_kernel_final(seed, each, settings, train, test) for seed, each in exact.items())]
    shapes = list(dict.fromkeys((setting.depth, setting.n_steps) for setting in settings))
    progress = Progress(sum(depth * n_steps for depth, n_steps in shapes), "layers of a step")
    for depth, n_steps in shapes:
        group = [setting for setting in settings if (setting.depth, setting.n_steps) == (depth, n_steps)]
        losses, outputs = _train(p, group, (train, test), device, progress)
        for at, setting in enumerate(group):
            curve, *ends = _rows(setting, (losses[:, at], outputs[at]), exact, own, (train, test))
            curves.append(curve)
            final += ends
    return {"mlp_curves": _joined(curves), "mlp_final": _joined(final)}


def _settings(p: Mapping) -> list[Setting]:
    """Deep narrow networks, then the controls."""
    narrow = [
        Setting(
            "deep_narrow",
            n["depth"],
            n["scale"],
            p["scaled_learning_rate"] / (n["depth"] * n["scale"] ** 2),
            p["scaled_learning_rate"],
            n["n_steps"],
        )
        for n in p["networks"]
    ]
    controls = [
        Setting(model, p["control_depth"], math.nan, float(rate), math.nan, p["control_n_steps"])
        for model, rates in (("he_uniform", p["he_learning_rates"]), ("framework_default", p["default_learning_rates"]))
        for rate in rates
    ]
    return narrow + controls


def _network(p: Mapping, setting: Setting, own: list[int], dim: int, device: str) -> training.Network:
    """Initial networks of all seeds; a standard one is the same at every learning rate."""
    dtype, model = getattr(torch, p["precision"]), setting.model
    streams = [generator(PAPER, RUN, model, setting.depth, dim, seed=seed) for seed in own]
    if model == "deep_narrow":
        draws = [draw(stream, setting.depth, dim) for stream in streams]
        return training.deep_narrow(draws, [setting.scale] * len(own), 10, dtype=dtype, device=device)
    return training.standard(streams, model, setting.depth, (dim, dim + 11, 10), dtype=dtype, device=device)


def _train(p: Mapping, group: list[Setting], splits: Splits, device: str, progress: Progress) -> tuple[Array, Array]:
    """Losses (n_steps, G, S) of all steps, and outputs (G, S, n_train + n_test, 10) after the last; not a number where it diverged."""
    own = seeds(p)
    train, dtype = splits[0], getattr(torch, p["precision"])
    depth, n_steps = group[0].depth, group[0].n_steps
    network = training.together([_network(p, setting, own, train.flat.shape[1], device) for setting in group])
    rates = torch.tensor([setting.learning_rate for setting in group for _ in own], dtype=dtype, device=device)
    losses = []
    for loss in training.train(network, islice(_batches(p, own, len(group), train, device), n_steps), rates):
        losses.append(loss.numpy().astype(float))
        progress.update(depth)
    x = training.with_constant(np.concatenate([each.flat for each in splits]), dtype=dtype, device=device)
    outputs = np.full((len(rates), x.shape[1], 10), np.nan)
    alive = np.isfinite(losses[-1])
    if alive.any():
        outputs[alive] = training.outputs(network, x).mT.cpu().numpy()
    shape = len(group), len(own)
    return np.array(losses).reshape(-1, *shape), outputs.reshape(*shape, *outputs.shape[1:])


def _batches(p: Mapping, own: list[int], n_settings: int, train: Examples, device: str) -> Iterator[training.Batch]:
    """Mini-batches of all networks: those of a seed, whatever the setting."""
    dtype = getattr(torch, p["precision"])
    x = training.with_constant(train.flat, dtype=dtype, device=device).T.contiguous()
    y = torch.from_numpy(train.targets).to(x)
    streams = [inputs.batches(RUN, len(train.labels), p["batch_size"], seed) for seed in own]
    while True:
        places = torch.from_numpy(np.stack([next(stream) for stream in streams])).to(device)
        yield training.Batch(*(part[places].mT.repeat(n_settings, 1, 1) for part in (x, y)))


def _kernel_descent(p: Mapping, seed: int, train: Examples, test: Examples, lengths: list[int]) -> Exact:
    """Kernel gradient descent on the mini-batches of a seed."""
    kernel = limit_kernel(train.flat, np.concatenate([train.flat, test.flat]), n_outputs=10)
    places = list(islice(inputs.batches(RUN, len(train.labels), p["batch_size"], seed), lengths[-1]))
    losses, after = [], {}
    for step, outputs in enumerate(kernel_descent(kernel, train.targets, p["scaled_learning_rate"], iter(places))):
        if step in lengths:
            after[step] = outputs.copy()
        if step < lengths[-1]:
            losses.append(float(np.mean((outputs[: len(train.labels)] - train.targets)[places[step]] ** 2)))
    return Exact(losses, after)


def _kernel_curve(p: Mapping, seed: int, exact: Exact) -> pd.DataFrame:
    steps = {"step": range(len(exact.losses))}
    return tidy(steps, loss=np.array(exact.losses), model="limit_kernel", seed=seed, scaled_learning_rate=p["scaled_learning_rate"])


def _kernel_final(seed: int, exact: Exact, settings: list[Setting], train: Examples, test: Examples) -> pd.DataFrame:
    """One row for every network that is compared with it, and split."""
    rows = [
        {"model": "limit_kernel", "depth": s.depth, "seed": seed, "n_steps": s.n_steps, **end}
        for s in settings
        if s.model == "deep_narrow"
        for end in _ends(exact.after[s.n_steps], train, test)
    ]
    return pd.DataFrame(rows)


def _constant(train: Examples, test: Examples, own: list[int]) -> pd.DataFrame:
    """The best constant predictor of the training labels, and the most frequent class."""
    rows = [
        {
            "model": "constant",
            "seed": own[0],
            "split": split,
            "n_steps": 0,
            "loss": inputs.constant_loss(each.targets, train.targets),
            "accuracy": inputs.constant_accuracy(each.labels, train.labels),
        }
        for split, each in zip(SPLITS, (train, test), strict=True)
    ]
    return pd.DataFrame(rows)


def _rows(setting: Setting, trained: tuple[Array, Array], exact: Mapping[int, Exact], own: list[int], splits: Splits) -> list[pd.DataFrame]:
    """Curve of one setting from its losses and outputs, and its rows after the last step, a frame a seed."""
    losses, outputs = trained
    keys = {"model": setting.model, "depth": setting.depth, "scale": setting.scale, "learning_rate": setting.learning_rate}
    curve = tidy({"step": range(len(losses)), "seed": own}, loss=losses, scaled_learning_rate=setting.scaled_learning_rate, **keys)
    frames = []
    for seed, found in zip(own, outputs, strict=True):
        wanted = exact[seed].after[setting.n_steps] if setting.model == "deep_narrow" and seed in exact else None
        ends = _ends(found, *splits, wanted)
        frames.append(pd.DataFrame([{**keys, "seed": seed, "n_steps": setting.n_steps, **end} for end in ends]))
    return [curve, *frames]


def _ends(outputs: Array, train: Examples, test: Examples, wanted: Array | None = None) -> list[dict[str, Any]]:
    """Loss, accuracy and distance from other outputs on both splits."""
    n, rows = len(train.labels), []
    for split, each, part in zip(SPLITS, (train, test), (slice(None, n), slice(n, None)), strict=True):
        found = outputs[part]
        with np.errstate(over="ignore"):
            loss = float(np.mean((found - each.targets) ** 2))
        diverged = not math.isfinite(loss)
        guess = np.zeros_like(each.labels) if diverged else found.argmax(axis=1)
        rows.append(
            {
                "split": split,
                "loss": math.inf if diverged else loss,
                "accuracy": float(np.mean(guess == each.labels)),
                "deviation": math.nan if wanted is None else float(np.sqrt(np.mean((found - wanted[part]) ** 2))),
            }
        )
    return rows


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """All rows, with whole depths that may be null."""
    columns = dict.fromkeys(name for frame in frames for name in frame)
    filled = [frame.reindex(columns=list(columns)) for frame in frames]
    whole = [frame.astype({"depth": "Int64"} | dict.fromkeys(("scale", "learning_rate"), float)) for frame in filled]
    return pd.concat(whole, ignore_index=True)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p, j.datasets, device=j.device))
