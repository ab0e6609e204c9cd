"""XOR: losses of the three networks and of the closed form, strengths of the pathways, weights of the ReLU network [saxe_race, E9]."""

from collections.abc import Mapping
from itertools import islice

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import generator, seeds
from scripts.saxe_race import xor
from scripts.saxe_race.model import PAPER

RUN = "xor_training"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    own, rate, n_epochs = seeds(p), p["learning_rate"], p["n_epochs"]
    starts = {model: _start(p, model, own) for model in xor.MODELS}
    frames, relu = [], None
    for model, start in starts.items():
        loss, end = _descent(model, start, rate, n_epochs)
        frames.append(_losses(own, loss, model=model, method="simulation", learning_rate=rate))
        if model == "relu":
            relu = end
            crossing = rate * xor.crossing_time(loss)
            theory = xor.shifted_loss(crossing, rate * np.arange(n_epochs + 1)[:, None])
            frames.append(_losses(own, theory, model=model, method="theory", learning_rate=rate))
    strengths = xor.initial_strengths(starts["gdln"])
    refined = p["refined_learning_rate"]
    n_refined = round(n_epochs * rate / refined)
    loss, _ = _descent("gdln", starts["gdln"], refined, n_refined)
    frames.append(_losses(own, loss, model="gdln", method="simulation", learning_rate=refined))
    for step, n in ((rate, n_epochs), (refined, n_refined)):
        theory = xor.pathway_loss(strengths, step * np.arange(n + 1)[:, None, None]).mean(axis=-1)
        frames.append(_losses(own, theory, model="gdln", method="theory", learning_rate=step))
    return {
        "xor_loss": pd.concat(frames, ignore_index=True),
        "xor_pathways": tidy({"seed": own, "pathway": range(4)}, initial_strength=strengths),
        "xor_units": _units(own, relu),
    }


def _start(p: Mapping, model: str, own: list[int]) -> xor.Layers:
    """Normal weights of standard deviation σ, drawn for every network by itself."""
    drawn = [p["initial_std"] * generator(PAPER, RUN, model, seed=seed).standard_normal((p["n_hidden"], 3)) for seed in own]
    weights = np.stack(drawn)
    return xor.Layers(weights[..., :2], weights[..., 2])


def _descent(model: str, start: xor.Layers, learning_rate: float, n_epochs: int) -> tuple[np.ndarray, xor.Layers]:
    """Losses after 0 … n_epochs epochs, shape (n_epochs + 1, S), and the last weights."""
    path = list(islice(xor.descend(model, start, learning_rate), n_epochs + 1))
    return np.stack([loss for _, loss in path]), path[-1][0]


def _losses(own: list[int], loss: np.ndarray, **about: object) -> pd.DataFrame:
    return tidy({"seed": own, "epoch": range(len(loss))}, loss=loss.T, **about)


def _units(own: list[int], end: xor.Layers) -> pd.DataFrame:
    return tidy(
        {"seed": own, "unit": range(end.second.shape[-1])},
        weight_1=end.first[..., 0],
        weight_2=end.first[..., 1],
        output_weight=end.second,
        corner_cosine=xor.corner_cosine(end.first),
    )


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
