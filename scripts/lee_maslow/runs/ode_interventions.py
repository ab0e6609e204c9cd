"""Forgetting and what it costs task 2 when something is done about it, by the overlap equations [lee_maslow, E5–E8].

From random starts: nothing, features frozen, replay of several periods, consolidation of several strengths; from specialised
starts: nothing and consolidation.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import seeds
from scripts.lee_maslow.model import Array, errors, facing, random_start, specialised_start, teacher_overlaps
from scripts.lee_maslow.theory import after_task_1, after_task_2

Intervention = tuple[str, float | None]


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Both starts, one below the other."""
    random, specialised = seeds(p, "random_seeds"), seeds(p, "specialised_seeds")
    start = random_start(random, dim=p["dim"], width=p["width"], init_std=p["init_std"])
    learned = after_task_1(start, p["random_similarities"], duration=p["task_time"], rate=p["learning_rate"], step=p["time_step"])
    cosines = np.array(p["specialised_similarities"])
    given = facing(specialised_start(specialised, dim=p["dim"], init_std=p["init_std"])[:, None], cosines)
    many = [("none", None), ("freeze", None), *(("replay", period) for period in p["replay_periods"])]
    nodes, few = ([("node_consolidation", lam) for lam in p[name]] for name in ("node_strengths", "specialised_node_strengths"))
    frames = [
        *(_ends(p, "random", random, learned, each) for each in [*many, *nodes]),
        *(_ends(p, "specialised", specialised, given, each) for each in [("none", None), *few]),
    ]
    return {"intervention_forgetting": pd.concat(frames, ignore_index=True)}


def _ends(p: Mapping, start: str, own: Sequence[int], switch: Array, each: Intervention) -> pd.DataFrame:
    """Task 2 under one intervention, a row a seed and similarity."""
    name, strength = each
    stiff = name == "node_consolidation" and strength is not None and strength >= p["strong_threshold"]
    step, cosines = p["strong_time_step" if stiff else "time_step"], p[f"{start}_similarities"]
    end = after_task_2(switch, cosines, name, strength or 0.0, duration=p["task_time"], rate=p["learning_rate"], step=step)
    before, after = errors(switch, teacher_overlaps(cosines)), errors(end, teacher_overlaps(cosines))
    return tidy(
        {"seed": own, "similarity": cosines},
        start=start,
        intervention=name,
        strength=np.nan if strength is None else float(strength),
        forgetting=after[..., 0] - before[..., 0],
        error_task2_end=after[..., 1],
    )


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
