"""Gradient flow from balanced weights: measured and predicted speed of every local component norm [razin_htf, E3, E6, E7]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import generator
from scripts.razin_htf.model import NODES, PAPER, local_norms, unbalancedness
from scripts.razin_htf.theory import balanced_start, completion_flow, measured_rates, predicted_rates
from scripts.razin_htf.training import random_mask, random_target

RUN = "theorem_flow"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """All seeds flow at once; rows by time, seed, node and component."""
    own = [seed + p["seed_offset"] for seed in p["seeds"]]
    streams = [generator(PAPER, RUN, p["dim"], p["width"], seed=seed) for seed in own]
    targets = np.stack([random_target(rng, "htf", p["dim"], p["target_width"], p["target_norm"]) for rng in streams])
    masks = np.stack([random_mask(rng, targets.shape[1], p["n_observed"]) for rng in streams])
    starts = [balanced_start(rng, p["dim"], p["width"], p["init_scale"]) for rng in streams]
    start = tuple(np.stack(parts) for parts in zip(*starts, strict=True))
    times = p["time_step"] * np.arange(0, p["n_steps"] + 1, p["record_every"])
    flow = completion_flow(start, targets, masks, times, p["time_step"])
    frames = []
    for time, (weights, slope) in zip(times, flow, strict=True):
        rates = {
            "component_norm": local_norms(weights),
            "rate_measured": measured_rates(weights, slope, p["difference_step"]),
            "rate_predicted": predicted_rates(weights, slope),
            "rate_wrong_exponent": predicted_rates(weights, slope, order=p["wrong_order"]),
        }
        columns = {name: np.stack([of_node[node] for node in NODES], axis=1) for name, of_node in rates.items()}
        axes = {"seed": own, "mode_set": NODES, "component": np.arange(1, p["width"] + 1)}
        of_seed = {"unbalancedness": unbalancedness(weights), "loss": 0.5 * (slope**2).sum(axis=1)}
        frames.append(tidy(axes, time=float(time), **columns, **{name: value[:, None, None] for name, value in of_seed.items()}))
    return {"component_rates": pd.concat(frames, ignore_index=True)}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
