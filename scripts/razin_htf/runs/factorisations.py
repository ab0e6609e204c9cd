"""Completion of a matrix, a CP tensor and a hierarchical tensor by descent from small and larger starts [razin_htf, E1, E2, E5, E9, E10].

`training_curves` holds the ten largest singular values or component norms at every recorded step, `fits` what a training came to.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from repro.job import Progress, job
from repro.seeds import generator
from scripts.razin_htf.model import (
    FACTORISATIONS,
    PAPER,
    Array,
    Weights,
    component_norms,
    effective_rank,
    local_norms,
    matricise,
    reconstruction_error,
)
from scripts.razin_htf.training import Completion, Record, Rule, Stop, complete, random_mask, random_target, small_start

RUN = "factorisations"
N_RECORDED = 10
TAIL = 5  # rank of the targets: what comes after it is the tail


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    """Trainings in the order of the parameters, each by step, quantity and rank."""
    trainings = [
        {**entry, "seed": seed + p["seed_offset"], "place": (at, seed)}
        for at, entry in enumerate(p["trainings"])
        for seed in entry["seeds"]
    ]
    found: list[tuple[Any, pd.DataFrame, dict[str, Any]]] = []
    for model in FACTORISATIONS:
        own = [training for training in trainings if training["model"] == model]
        if own:
            found += _trained(p, model, own)
    found.sort(key=lambda each: each[0])
    curves = pd.concat([curve for _, curve, _ in found], ignore_index=True)
    fits = pd.DataFrame([fit for *_, fit in found]).astype({"fit_step": "Int64"})
    return {"training_curves": curves, "fits": fits}


def _sizes(p: Mapping, model: str) -> tuple[int, int, int]:
    """Dim, width and depth."""
    return {
        "mf": (p["matrix_dim"], p["matrix_dim"], p["matrix_depth"]),
        "tf": (p["tensor_dim"], p["tensor_components"], 3),
        "htf": (p["hierarchical_dim"], p["hierarchical_width"], 3),
    }[model]


def _data(p: Mapping, model: str, own: list[dict[str, Any]]) -> Completion:
    """Targets and observed entries; they depend on the seed only, not on the scale of the start."""
    targets, masks = [], []
    for training in own:
        rng = generator(PAPER, RUN, "data", model, seed=training["seed"])
        targets.append(random_target(rng, model, _sizes(p, model)[0], p["target_rank"], p["target_norm"]))
        masks.append(random_mask(rng, len(targets[-1]), p["n_observed"]))
    return Completion(np.stack(targets).astype(np.float32), np.stack(masks).astype(np.float32))


def _trained(p: Mapping, model: str, own: list[dict[str, Any]]) -> list[tuple[Any, pd.DataFrame, dict[str, Any]]]:
    """All trainings of a model at once: (place, curve, row of fits) of each."""
    data, sizes = _data(p, model, own), _sizes(p, model)
    starts = [small_start(RUN, model, sizes, training["init_std"], training["seed"]) for training in own]
    start: Weights = tuple(np.stack(parts) for parts in zip(*starts, strict=True))
    rule = Rule(p["learning_rate"], p["rms_decay"], p["rms_epsilon"])
    stop = Stop([training["max_steps"] for training in own], p["record_every"], p["fit_tolerance"], p["stop_checks"])
    progress = Progress(max(stop.limits), f"steps, {model}")
    steps: list[list[int]] = [[] for _ in own]
    values: list[list[Array]] = [[] for _ in own]
    rows = [_row(model, sizes[1], training) for training in own]
    for record in complete(model, start, data, rule, stop):
        quantities = _quantities(model, record)
        errors = reconstruction_error(record.entries, data.target[record.runs])
        for at, run in enumerate(record.runs):
            steps[run].append(record.step)
            values[run].append(np.stack([of_kind[at, :N_RECORDED] for of_kind in quantities.values()]))
            _note(rows[run], record, at, errors[at], p["fit_tolerance"])
            rows[run] |= _ends(model, next(iter(quantities.values()))[at])
        progress.update(p["record_every"] if record.step else 0)
    names = list(quantities)
    return [
        (training["place"], _curve(row, step, np.stack(value), names), row)
        for training, row, step, value in zip(own, rows, steps, values, strict=True)
    ]


def _quantities(model: str, record: Record) -> dict[str, Array]:
    """What is recorded of every run, sorted downwards, shape (B, at least 10); the first one is what the model learns step by step."""
    if model == "mf":
        return {"singular_value": np.linalg.svd(matricise(record.entries, 2, [1]), compute_uv=False)}
    if model == "tf":
        return {"component_norm": _sorted(component_norms(record.weights))}
    norms = local_norms(record.weights)
    of_sides = {f"matricisation_1{j}": np.linalg.svd(matricise(record.entries, 4, [1, j]), compute_uv=False) for j in (2, 3)}
    return {"local_norm_root": _sorted(norms["root"]), "local_norm_pair_12": _sorted(norms["pair_12"]), **of_sides}


def _sorted(values: Array) -> Array:
    return -np.sort(-values, axis=-1)


def _row(model: str, width: int, training: Mapping[str, Any]) -> dict[str, Any]:
    keys = {"model": model, "width": width, "init_std": training["init_std"], "seed": training["seed"]}
    return {**keys, "fit_step": None, "fit_loss": np.nan, "fit_reconstruction_error": np.nan}


def _note(row: dict[str, Any], record: Record, at: int, error: float, tolerance: float) -> None:
    """First record below the tolerance, and the last one so far."""
    loss = float(record.loss[at])
    if row["fit_step"] is None and loss < tolerance:
        row |= {"fit_step": record.step, "fit_loss": loss, "fit_reconstruction_error": float(error)}
    row |= {"end_step": record.step, "end_loss": loss, "end_reconstruction_error": float(error)}


def _ends(model: str, values: Array) -> dict[str, float]:
    """Effective rank of a matrix, and what comes after the target's rank relative to the last within it."""
    rank = float(effective_rank(values.astype(float))) if model == "mf" else np.nan
    return {"effective_rank": rank, "tail_ratio": float(values[TAIL] / values[TAIL - 1])}


def _curve(row: Mapping[str, Any], steps: list[int], values: Array, names: list[str]) -> pd.DataFrame:
    """Rows of `training_curves` of one training from values (steps, quantities, ranks)."""
    n_steps, n_names, n_ranks = values.shape
    return pd.DataFrame(
        {
            **{key: row[key] for key in ("model", "width", "init_std", "seed")},
            "step": np.repeat(steps, n_names * n_ranks),
            "quantity": np.tile(np.repeat(names, n_ranks), n_steps),
            "rank_index": np.tile(np.arange(1, n_ranks + 1), n_steps * n_names),
            "value": values.reshape(-1).astype(float),
        }
    )


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
