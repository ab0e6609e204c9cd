"""Gradient descent with one adaptive step for all weights, and completion of what half of the entries show [razin_htf, E2, E9]."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks
from repro.seeds import generator
from scripts.razin_htf.model import FACTORISATIONS, PAPER, Array, Pull, Weights, weight_shapes


class Rule(NamedTuple):
    """Settings of the descent."""

    learning_rate: float = 1e-2
    decay: float = 0.99
    """α of the mean of squared gradient norms."""
    epsilon: float = 1e-6


class Stop(NamedTuple):
    """When a run is recorded and ends."""

    limits: Sequence[int]
    """Last step of every run; multiples of `every`."""
    every: int = 25
    """Steps between two records."""
    tolerance: float = 5e-5
    patience: int = 100
    """A run ends after more than so many consecutive records with a loss below `tolerance`."""


class Completion(NamedTuple):
    """What B runs are to complete."""

    target: Array
    """Shape (B, P)."""
    observed: Array
    """Shape (B, P): 1 where an entry is observed, else 0; as many ones in every run."""


class Record(NamedTuple):
    """The runs that still go on, at one step."""

    step: int
    runs: npt.NDArray[np.int64]
    """Places of these runs, shape (B',)."""
    weights: Weights
    entries: Array
    """End tensors, shape (B', P)."""
    loss: Array
    """Mean squared difference over observed entries, shape (B',)."""


def rms_step(weights: Weights, slopes: Weights, moment: Array, step: int, rule: Rule) -> Array:
    """One step of the descent [E2], in place; slopes are used up.

    Parameters
    ----------
    weights, slopes : tuples of arrays with leading dimension B.
    moment : ndarray, shape (B,)
        Mean v of squared gradient norms before this step; 0 at the start.
    step : number t of this step, from 1.

    Returns
    -------
    ndarray, shape (B,)   v after this step.

    Raises
    ------
    ValueError   if `step` is below 1.
    """
    checks.at_least(1, step=step)
    flat = [slope.reshape(len(slope), -1) for slope in slopes]
    squared = np.sum([np.einsum("bi,bi->b", part, part) for part in flat], axis=0)
    moment = rule.decay * moment + (1 - rule.decay) * squared
    rates = rule.learning_rate / (np.sqrt(moment / (1 - rule.decay**step)) + rule.epsilon)
    for weight, slope in zip(weights, slopes, strict=True):
        np.multiply(slope, rates.reshape(-1, *(1,) * (slope.ndim - 1)).astype(slope.dtype), out=slope)
        np.subtract(weight, slope, out=weight)
    return moment


def complete(model: str, start: Weights, data: Completion, rule: Rule, stop: Stop) -> Iterator[Record]:
    """Descent on the loss over the observed entries [E9], recorded from step 0 on; all runs at once until each one ends.

    The arrays of a record change at the next step.

    Parameters
    ----------
    model : mf, tf or htf.
    start : weights with leading dimension B; they are not changed.

    Raises
    ------
    ValueError   if the model is another, a limit is no multiple of `stop.every`, or runs observe different numbers of entries.
    """
    checks.one_of("model", model, FACTORISATIONS)
    if any(limit < 0 or limit % stop.every for limit in stop.limits):
        raise ValueError(f"limits must be multiples of every = {stop.every}, not {list(stop.limits)}")
    linearise: Callable[[Weights], tuple[Array, Pull]] = FACTORISATIONS[model]
    weights, (target, observed) = tuple(part.copy() for part in start), data
    m, limits = _n_observed(data), np.asarray(stop.limits)
    runs, moment, low = np.arange(len(target)), np.zeros(len(target)), np.zeros(len(target), dtype=np.int64)
    for step in count():
        entries, pull = linearise(weights)
        residual = (entries - target) * observed
        if step % stop.every == 0:
            loss = np.einsum("bi,bi->b", residual, residual) / m
            yield Record(step, runs, weights, entries, loss)
            low = np.where(loss < stop.tolerance, low + 1, 0)
            going = (low <= stop.patience) & (step < limits)
            if not going.any():
                return
            if not going.all():
                weights = tuple(part[going] for part in weights)
                target, observed, limits, runs = target[going], observed[going], limits[going], runs[going]
                moment, low = moment[going], low[going]
                pull, residual = linearise(weights)[1], residual[going]
        residual *= np.asarray(2 / m, dtype=residual.dtype)
        moment = rms_step(weights, pull(residual), moment, step + 1, rule)


def _n_observed(data: Completion) -> int:
    """Number m of observed entries of a run."""
    found = np.unique(np.sum(data.observed, axis=1))
    if len(found) != 1 or found[0] < 1:
        raise ValueError("observed: every run must observe as many entries as the others, and one at least")
    return int(found[0])


def small_start(run: str, model: str, sizes: tuple[int, int, int], std: float, seed: int) -> Weights:
    """Independent N(0, std²) weights of one run, float32; starts of one seed differ by their scale only.

    Parameters
    ----------
    run : name of the run, part of the key of the stream.
    sizes : dim, width and depth, as in `weight_shapes`.
    """
    rng = generator(PAPER, run, "weights", model, sizes[1], seed=seed)
    return tuple((std * rng.standard_normal(shape)).astype(np.float32) for shape in weight_shapes(model, *sizes))


def random_target(rng: np.random.Generator, model: str, dim: int, rank: int, norm: float) -> Array:
    """End tensor of a factorisation of low rank with N(0, 1) weights, scaled to a norm; float64, shape (P,).

    Parameters
    ----------
    model : mf (a product of two factors), tf or htf (both widths equal to `rank`).

    Raises
    ------
    ValueError   if the model is another, a size is below 1 or `norm` is not positive.
    """
    checks.one_of("model", model, FACTORISATIONS)
    checks.at_least(1, dim=dim, rank=rank)
    checks.positive(norm=norm)
    if model == "mf":
        left, right = rng.standard_normal((2, dim, rank))
        entries = (left @ right.T).reshape(-1)
    else:
        entries, _ = FACTORISATIONS[model](tuple(rng.standard_normal(shape) for shape in weight_shapes(model, dim, rank)))
    return entries * (norm / np.linalg.norm(entries))


def random_mask(rng: np.random.Generator, n_entries: int, n_observed: int) -> Array:
    """1 at observed places, drawn without replacement, else 0; float64, shape (n_entries,).

    Raises
    ------
    ValueError   unless 1 ≤ `n_observed` ≤ `n_entries`.
    """
    checks.within("n_observed", n_observed, 1, n_entries)
    mask = np.zeros(n_entries)
    mask[rng.choice(n_entries, n_observed, replace=False)] = 1
    return mask
