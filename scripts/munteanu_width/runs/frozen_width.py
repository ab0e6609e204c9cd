"""Margins of the alternating circle, and the width at which frozen features separate it [munteanu_width, E3–E8]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.job import Progress, job
from repro.seeds import generator, seeds
from scripts.munteanu_width import theory
from scripts.munteanu_width.model import PAPER, alternating_circle, eigenvalue_min, tangent_kernel

RUN = "frozen_width"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    learnable, controls = p["n_train"], p["control_n_train"]
    cases = [(n, seed) for n in learnable for seed in seeds(p)] + [(n, seeds(p)[0]) for n in controls]
    progress, widths = Progress(len(cases), "frozen widths"), []
    for n, seed in cases:
        widths.append(_widths(n, seed, p["max_width"], is_control=n in controls))
        progress.update()
    return {"circle_margin": pd.DataFrame([_margins(n) for n in sorted([*learnable, *controls])]), "frozen_width": pd.DataFrame(widths)}


def _margins(n: int) -> dict:
    x, y = alternating_circle(n)
    return {
        "n_train": n,
        "margin": theory.circle_margin(n),
        "margin_l2": theory.margin_l2(x, y),
        "kernel_eigenvalue_min": float(eigenvalue_min(tangent_kernel(x))),
        "existence_width": np.inf if n % 4 else n / 2,
    }


def _widths(n: int, seed: int, max_width: int, *, is_control: bool) -> dict:
    """Both widths of one sequence; a control is tried with all directions at once, which is the best that it can do."""
    x, y = alternating_circle(n)
    directions = generator(PAPER, RUN, n, seed=seed).standard_normal((max_width, 2))
    if is_control:
        frozen = float(max_width) if theory.is_separable(x, y, np.unique(directions @ x.T > 0, axis=0)) else np.inf
    else:
        frozen = theory.frozen_width(x, y, directions)
    return {"n_train": n, "seed": seed, "frozen_width": frozen, "cover_width": theory.cover_width(n, directions)}


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
