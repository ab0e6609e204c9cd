"""Chance that random directions keep half the margin of the circle, or any of it [munteanu_width, E9]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.job import job
from repro.seeds import generator
from scripts.munteanu_width import theory
from scripts.munteanu_width.model import PAPER

RUN = "transfer_margin"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    seed = p["draw_seed"] + p["seed_offset"]
    rows = []
    for n in sorted({*p["n_train"], *p["direct_n_train"]}):
        for width, relative in _widths(n, p).items():
            rows += _probabilities(n, width, relative, p["n_draws"], seed)
    return {"transfer_probability": pd.DataFrame(rows)}


def _widths(n: int, p: Mapping) -> dict[int, float]:
    """Width → relative width, the one asked for where both lists have the width."""
    unit = float(theory.sufficient_width(n, theory.circle_margin(n)))
    asked = {round(2.0**c * unit): 2.0**c for c in p["log2_relative_width"]} if n in p["n_train"] else {}
    direct = {width: width / unit for width in p["direct_width"]} if n in p["direct_n_train"] else {}
    return direct | asked


def _probabilities(n: int, width: int, relative: float, n_draws: int, seed: int) -> list[dict]:
    margin = theory.circle_margin(n)
    drawn = theory.transfer_margins(generator(PAPER, RUN, n, width, seed=seed), n, width, n_draws)
    about = {"n_train": n, "margin": margin, "relative_width": relative, "width": width}
    shares = {"half_margin": float((drawn >= margin / 2).mean()), "positive": float((drawn > theory.POSITIVE).mean())}
    return [
        {**about, "event": event, "probability": share, "std_error": np.sqrt(share * (1 - share) / n_draws), "n_draws": n_draws}
        for event, share in shares.items()
    ]


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
