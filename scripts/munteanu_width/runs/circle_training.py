"""Training on the alternating circle from coupled and independent starts until all signs are right [munteanu_width, E1, E2, E5]."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.munteanu_width.model import INITIALIZATIONS, PAPER, alternating_circle, initialize_all
from scripts.munteanu_width.training import train_logistic

RUN = "circle_training"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    cases = [({**p, **block}, n, width) for block in p["blocks"] for n, width in product(block["n_train"], block["width"])]
    progress, frames = Progress(len(cases), "sizes"), []
    for block, n, width in cases:
        frames.append(_runs(block, n, width))
        progress.update()
    return {"circle_training_run": pd.concat(frames, ignore_index=True)}


def _runs(p: Mapping, n: int, width: int) -> pd.DataFrame:
    """All scales, initializations and seeds of one size, trained as one batch."""
    own = seeds(p)
    axes = {"init_scale": p["init_scale"], "initialization": INITIALIZATIONS, "seed": own}
    weights, signs = initialize_all((_draw(n, width, seed) for seed in own), width, p["init_scale"])
    same = {name: p[name] for name in ("learning_rate", "n_steps", "stops_at_hit")}
    ending = train_logistic(*alternating_circle(n), weights, signs, **same)
    shape = tuple(map(len, axes.values()))
    found = {name: values.reshape(shape) for name, values in ending._asdict().items()}
    return tidy(axes, **found, **same, n_train=n, width=width)


def _draw(n: int, width: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = generator(PAPER, RUN, n, width, seed=seed)
    return rng.standard_normal((width, 2)), rng.choice([-1.0, 1.0], width)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
