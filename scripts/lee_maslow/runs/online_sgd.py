"""Online SGD with and without interventions, and the overlap equations from the same initial weights [lee_maslow, E3–E8, E10]."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from repro.frames import select, tidy
from repro.job import job
from repro.seeds import generator, seeds
from scripts.lee_maslow.model import PAPER, Array, Start, errors, facing, random_start, state_of, teacher_overlaps
from scripts.lee_maslow.simulation import Lanes, Students, begin, branch, fisher, free_lanes, held, sgd
from scripts.lee_maslow.theory import after_task_2, learning_flow, solve

RUN = "online_sgd"
# Replay as a mixture of two flows needs periods far below the dimension.
LONGEST_MIXED_PERIOD = 100

Intervention = tuple[str, float | None]


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Simulation and theory, one below the other."""
    own = seeds(p)
    start = random_start(own, dim=p["dim"], width=p["width"], init_std=p["init_std"])
    tables = [_simulation(p, own, start), _theory(p, own, start)]
    return {name: pd.concat([of_method[name] for of_method in tables], ignore_index=True) for name in tables[0]}


def _simulation(p: Mapping, own: Sequence[int], start: Start) -> dict[str, pd.DataFrame]:
    """Task 1 once a seed, then task 2 with every intervention and similarity as a lane."""
    streams = [generator(PAPER, RUN, "inputs", p["dim"], seed=seed) for seed in own]
    cosines, rate = np.array(p["similarities"]), p["learning_rate"]
    fixed = teacher_overlaps(cosines)
    learning = sgd(begin(start), start.basis, free_lanes(0.0), _steps(p), task=0, streams=streams, rate=rate)
    path = [facing(state_of(*start)[:, None], cosines)]
    for students in learning:
        path.append(facing(students.state(start.basis), cosines))
    switch = errors(path[-1], fixed)
    fresh = [generator(PAPER, RUN, "fisher", p["dim"], seed=seed) for seed in own]
    lanes = _lanes(p, students, fisher(students, start.basis, p["n_fisher"], fresh))
    many = _interventions(p)
    lanes_of_seed = branch(students, len(lanes.similarity))
    for students in sgd(lanes_of_seed, start.basis, lanes, _steps(p), task=1, streams=streams, rate=rate):
        state = facing(students.state(start.basis), lanes.similarity)
        path.append(state[:, : len(cosines)])
    ends = errors(state.reshape(len(own), len(many), len(cosines), *state.shape[-2:]), fixed)
    frames = [_forgetting(p, own, each, switch, ends[:, at]) for at, each in enumerate(many)]
    tables = {"sgd_forgetting": pd.concat(frames, ignore_index=True), "error_paths": _paths(p, own, np.stack(path))}
    return {name: frame.assign(method="simulation") for name, frame in tables.items()}


def _theory(p: Mapping, own: Sequence[int], start: Start) -> dict[str, pd.DataFrame]:
    """The equations from the overlaps of the initial weights, for interventions that they know."""
    cosines, rate, step = np.array(p["similarities"]), p["learning_rate"], p["time_step"]
    fixed, recorded = teacher_overlaps(cosines), {"duration": p["task_time"], "step": step, "every": p["record_every"]}
    begun = facing(state_of(*start)[:, None], cosines)
    first = solve(lambda now, other: learning_flow(now, other, 0, rate), begun, fixed, **recorded)
    second = solve(lambda now, other: learning_flow(now, other, 1, rate), first[-1], fixed, **recorded)
    frames = []
    for name, strength in _interventions(p):
        if name != "ewc" and not (name == "replay" and strength >= LONGEST_MIXED_PERIOD):
            end = after_task_2(first[-1], cosines, name, strength or 0.0, duration=p["task_time"], rate=rate, step=step)
            frames.append(_forgetting(p, own, (name, strength), errors(first[-1], fixed), errors(end, fixed)))
    paths = _paths(p, own, np.concatenate([first, second[1:]]))
    return {"sgd_forgetting": pd.concat(frames, ignore_index=True).assign(method="theory"), "error_paths": paths.assign(method="theory")}


def _interventions(p: Mapping) -> list[Intervention]:
    """All interventions of the run, `none` first, in the order of the lanes."""
    strengths = {"replay": p["replay_periods"], "node_consolidation": p["node_strengths"], "ewc": p["ewc_strengths"]}
    return [("none", None), *((name, strength) for name, values in strengths.items() for strength in values)]


def _lanes(p: Mapping, students: Students, sensitivity: Array) -> Lanes:
    """Every intervention at every similarity; penalties as the share of a displacement that a step takes back."""
    many, n = _interventions(p), len(p["similarities"])
    own_head = students.heads[0, :, :, :1].astype(float)
    pulls = {"node_consolidation": own_head**2 / p["dim"], "ewc": 2 * sensitivity}
    free = sum(name not in pulls for name, _ in many)
    groups = [(slice(0, free * n), None)]
    for at, (name, strength) in enumerate(many[free:], start=free):
        groups.append((slice(at * n, (at + 1) * n), held(p["learning_rate"] * strength * pulls[name])))
    periods = [strength if name == "replay" else 0 for name, strength in many]
    return Lanes(np.tile(p["similarities"], len(many)).astype(float), np.repeat(periods, n).astype(np.int64), groups)


def _steps(p: Mapping) -> list[int]:
    """Steps of a task at which errors are recorded."""
    return [round(at * p["record_every"] * p["dim"]) for at in range(1, round(p["task_time"] / p["record_every"]) + 1)]


def _forgetting(p: Mapping, own: Sequence[int], each: Intervention, switch: Array, end: Array) -> pd.DataFrame:
    """Forgetting of one intervention from errors (S, V, 2), a row a seed and similarity."""
    name, strength = each
    return tidy(
        {"seed": own, "similarity": p["similarities"]},
        intervention=name,
        strength=np.nan if strength is None else float(strength),
        forgetting=end[..., 0] - switch[..., 0],
        error_task2_end=end[..., 1],
    )


def _paths(p: Mapping, own: Sequence[int], path: Array) -> pd.DataFrame:
    """Errors of both tasks along a path of states (time, S, V, K, …), without intervention."""
    times = np.arange(len(path)) * p["record_every"]
    axes = {"time": times, "seed": own, "similarity": p["similarities"], "task": [1, 2]}
    return select(tidy(axes, error=errors(path, teacher_overlaps(p["similarities"]))), similarity=p["path_similarities"])


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
