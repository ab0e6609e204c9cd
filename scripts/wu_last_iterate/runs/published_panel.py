"""The four methods of the published panel at its sample sizes, and its geometric decay with another logarithm.

Table `panel_risk` [wu_last_iterate, E2, E3, E5, E6]: exact risk on a grid of initial stepsizes, every instance, so that
the published order can be looked for where it was not published.
"""

from collections.abc import Mapping

import pandas as pd

from repro.job import Progress, job
from scripts.wu_last_iterate.model import Schedule
from scripts.wu_last_iterate.tuning import TUNED_FOR, last_iterate, mark_best, risk_on_grid, tail_average


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Tables of the run from its parameters."""
    progress = Progress(sum(p["n_train"]), "steps of the recursion")
    frames = []
    for n_train in p["n_train"]:
        frames += risk_of_panel(n_train, p)
        progress.update(n_train)
    return {"panel_risk": mark_best(pd.concat(frames, ignore_index=True), [*TUNED_FOR, "log_base"])}


def risk_of_panel(n_train: int, p: Mapping) -> list[pd.DataFrame]:
    """Risks at one sample size: the four methods, and geometric decay alone with the other logarithm."""
    geometric = [last_iterate(Schedule("geometric", constant_steps=s)) for s in (0, n_train // 2)]
    polynomial = last_iterate(Schedule("polynomial", p["decay_exponent"], n_train // 2))
    published = [*geometric, polynomial, tail_average(n_train)]
    return [risk_on_grid(n_train, published, p["log_base"], p), risk_on_grid(n_train, geometric, p["other_log_base"], p)]


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
