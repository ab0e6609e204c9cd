"""Overlap equations from random and from specialised starts over a grid of similarities [lee_maslow, E2, E4–E6, E9, E11].

Forgetting, final errors, what the idle unit does, and the units' overlaps with both teachers before and after task 2.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import job
from repro.seeds import seeds
from scripts.lee_maslow.model import (
    Array,
    errors,
    facing,
    node_use,
    random_start,
    reuse_damage,
    specialised_start,
    squared_norms,
    teacher_overlaps,
)
from scripts.lee_maslow.theory import after_task_1, after_task_2


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Both starts, one below the other, and the closed form of re-use."""
    rate, step, cosines = p["learning_rate"], p["time_step"], np.array(p["similarities"])
    random, specialised = seeds(p, "random_seeds"), seeds(p, "specialised_seeds")
    start_of_all = random_start(random, dim=p["dim"], width=p["width"], init_std=p["init_std"])
    learned = after_task_1(start_of_all, cosines, duration=p["random_time"], rate=rate, step=step)
    given = facing(specialised_start(specialised, dim=p["dim"], init_std=p["init_std"])[:, None], cosines)
    tables: dict[str, list[pd.DataFrame]] = {"node_reuse": [], "node_overlaps": []}
    for start, own, switch in (("random", random, learned), ("specialised", specialised, given)):
        end = after_task_2(switch, cosines, duration=p[f"{start}_time"], rate=rate, step=step)
        tables["node_reuse"].append(_reuse(p, own, switch, end).assign(start=start))
        tables["node_overlaps"].append(_overlaps(p, own, switch, end).assign(start=start))
    frames = {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}
    formula = pd.DataFrame({"similarity": p["similarities"], "forgetting": reuse_damage(p["similarities"])})
    return frames | {"reuse_formula": formula}


def _reuse(p: Mapping, own: Sequence[int], switch: Array, end: Array) -> pd.DataFrame:
    """Errors and the idle unit, a row a seed and similarity."""
    fixed = teacher_overlaps(p["similarities"])
    before, after, use = errors(switch, fixed), errors(end, fixed), node_use(switch, end)
    return tidy(
        {"seed": own, "similarity": p["similarities"]},
        forgetting=after[..., 0] - before[..., 0],
        error_task1_switch=before[..., 0],
        error_task2_end=after[..., 1],
        idle_activation=use.activation,
        idle_share=use.share,
    )


def _overlaps(p: Mapping, own: Sequence[int], switch: Array, end: Array) -> pd.DataFrame:
    """Norms and overlaps of both units at the switch and at the end, for the similarities that are drawn."""
    drawn = np.flatnonzero(np.isin(p["similarities"], p["overlap_similarities"]))
    states = np.stack([switch, end], axis=2)[:, drawn]
    main = node_use(switch, end).main[:, drawn, None, None] == np.arange(2)
    axes = {"seed": own, "similarity": np.asarray(p["similarities"])[drawn], "moment": ["switch", "end"], "node": [1, 2]}
    return tidy(
        axes,
        is_main=np.broadcast_to(main, states.shape[:-1]),
        squared_norm=squared_norms(states),
        overlap_task1=states[..., -2],
        overlap_task2=states[..., -1],
    )


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
