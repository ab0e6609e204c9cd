"""Errors of trained and untrained pairs against K, shared or private hidden layers, and at the edge of stability [saxe_race, E1, E8]."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from repro.frames import tidy
from repro.job import Progress, job
from repro.seeds import seeds
from scripts.saxe_race import simulation, theory
from scripts.saxe_race.model import Network, gate_matrix, split_errors, squared_errors, toy_data

RUN = "generalization_sweep"


def compute(p: Mapping) -> dict[str, pd.DataFrame]:
    target = toy_data()
    counts, private = p["n_trained_outputs"], p["private_outputs"]
    progress = Progress(len(counts) + len(private), "numbers of trained outputs")
    frames = []
    for model, run, tried in (("shared", _shared, counts), ("private", _private, private)):
        for n_outputs in tried:
            frames.append(run(p, target, n_outputs).assign(model=model, n_trained_outputs=n_outputs, learning_rate=_rate(p, n_outputs)))
            progress.update()
    errors = pd.concat(frames, ignore_index=True).assign(n_domains=p["n_domains"])
    return {"zero_shot_error": errors, "stability": _stability(p, target), "gate_matrix": _shown_gate(p)}


def _rate(p: Mapping, n_outputs: int) -> float:
    """Learning rate that stays stable as K grows [E8]."""
    return p["learning_rate"] * min(1.0, p["full_rate_outputs"] / n_outputs)


def _start(p: Mapping, own: list[int], target: np.ndarray, *setting: float) -> Network:
    sizes = {"n_domains": p["n_domains"], "width": p["width"]}
    return simulation.random_networks(RUN, own, *setting, target=target, scale=p["initial_scale"], **sizes)


def _errors(own: list[int], squared: np.ndarray, gate: np.ndarray) -> pd.DataFrame:
    """Rows of both splits, of every seed."""
    splits = split_errors(squared, gate)
    return tidy({"split": splits, "seed": own}, error=np.stack(list(splits.values())))


def _shared(p: Mapping, target: np.ndarray, n_outputs: int) -> pd.DataFrame:
    own, gate = seeds(p), gate_matrix(p["gate"], p["n_domains"], n_outputs)
    _, output = simulation.train(_start(p, own, target, n_outputs), target, gate, _rate(p, n_outputs), p["n_epochs"])
    return _errors(own, squared_errors(output, target), gate)


def _private(p: Mapping, target: np.ndarray, n_outputs: int) -> pd.DataFrame:
    """Negative control: from the encoders and decoders of the shared network, with a hidden matrix of its own for every pair."""
    own, gate = seeds(p, "private_n_seeds"), gate_matrix(p["gate"], p["n_domains"], n_outputs)
    start = _start(p, own, target, n_outputs)
    hidden = simulation.random_hidden(RUN, own, n_outputs, n_domains=p["n_domains"], width=p["width"], scale=p["initial_scale"])
    squared = simulation.train_private(start._replace(hidden=hidden), target, gate, _rate(p, n_outputs), p["n_epochs"])
    return _errors(own, squared, gate)


def _stability(p: Mapping, target: np.ndarray) -> pd.DataFrame:
    """All rates and seeds as one batch; the same starts at every rate."""
    own, relative, n_outputs = seeds(p, "stability_n_seeds"), np.array(p["relative_learning_rates"]), p["stability_outputs"]
    gate = gate_matrix(p["gate"], p["n_domains"], n_outputs)
    strongest = np.linalg.svd(target, compute_uv=False)[0]
    rates = relative * theory.largest_stable_rate(strongest, p["n_domains"], n_outputs, target.size)
    start = Network(*(np.broadcast_to(part, (len(rates), *part.shape)) for part in _start(p, own, target, n_outputs)))
    _, output = simulation.train(start, target, gate, np.broadcast_to(rates[:, None], (len(rates), len(own))), p["n_epochs"])
    with np.errstate(over="ignore", invalid="ignore"):
        splits = split_errors(squared_errors(output, target), gate)
    errors = np.nan_to_num(np.stack(list(splits.values())), nan=np.inf, posinf=np.inf)
    axes = {"split": splits, "relative_learning_rate": relative, "seed": own}
    about = {"n_domains": p["n_domains"], "n_trained_outputs": n_outputs}
    return tidy(axes, error=errors, learning_rate=rates[:, None], **about)


def _shown_gate(p: Mapping) -> pd.DataFrame:
    n_domains, n_outputs = p["shown_n_domains"], p["shown_n_trained_outputs"]
    axes = {"input_domain": range(n_domains), "output_domain": range(n_domains)}
    return tidy(axes, is_trained=gate_matrix(p["gate"], n_domains, n_outputs), n_domains=n_domains, n_trained_outputs=n_outputs)


if "snakemake" in globals():
    with job(snakemake) as j:
        j.write(compute(snakemake.params.p))
