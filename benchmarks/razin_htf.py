"""Time of a completion run at the authors' settings: ours, with a mask, against the dense formulation with stored measurements.

    python -m benchmarks.razin_htf

Both are timed on one CPU core, a few iterations each, from the same starts. The dense formulation is ours, written after their
description: an observed entry is a measurement tensor of its own, zero but for one entry, and every iteration collates all of them
into one batch and takes inner products with it. A hierarchical factorisation of width 512 uses one-hot indices per mode in place
of whole tensors, as rank-one measurements. Their checks every 25 iterations are left out on both sides.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from repro.seeds import generator
from repro.settings import load_params
from scripts.razin_htf.model import FACTORISATIONS, PAPER, Array, Weights
from scripts.razin_htf.runs.factorisations import RUN, _sizes
from scripts.razin_htf.training import Rule, random_mask, random_target, rms_step, small_start

# iterations of the published run, read off the ends of its axes; how many are timed: ours, dense
ITERATIONS = {"mf": (5400, 400, 10), "tf": (6900, 200, 20), "htf": (32000, 20, 4)}
Step = Callable[[Weights], Weights]


def problem(p: Any, model: str) -> tuple[Weights, Array, Array]:
    """Start, target and places of the observed entries, float32."""
    sizes = _sizes(p, model)
    rng = generator(PAPER, RUN, "data", model, seed=0)
    target = random_target(rng, model, sizes[0], p["target_rank"], p["target_norm"])
    places = np.flatnonzero(random_mask(rng, len(target), p["n_observed"]))
    start = small_start(RUN, model, sizes, 0.01 if model == "htf" else 1e-3, seed=0)
    return tuple(part[None] for part in start), target.astype(np.float32), places


def masked(model: str, target: Array, places: Array) -> Step:
    """Gradients as we take them."""
    mask = np.zeros((1, len(target)), np.float32)
    mask[0, places] = 1

    def gradients(weights: Weights) -> Weights:
        entries, pull = FACTORISATIONS[model](weights)
        return pull((entries - target) * mask * np.float32(2 / len(places)))

    return gradients


def dense_matrix(target: Array, places: Array) -> Step:
    """Stored measurement matrices, collated anew at every iteration."""
    stored = [np.eye(1, len(target), place, dtype=np.float32)[0] for place in places]

    def gradients(weights: Weights) -> Weights:
        batch = np.stack(stored)
        entries, pull = FACTORISATIONS["mf"](weights)
        residual = batch @ entries[0] - batch @ target
        return pull((np.float32(2 / len(places)) * (residual @ batch))[None])

    return gradients


def one_hots(places: Array, dim: int, order: int) -> Array:
    """Measurement vectors of every mode, (order, m, dim)."""
    index = np.stack(np.unravel_index(places, (dim,) * order))
    return np.eye(dim, dtype=np.float32)[index]


def rank_one_tensor(target: Array, places: Array) -> Step:
    """Inner products of rank-one measurements with every component, and their gradients."""
    modes, wanted = one_hots(places, 16, 3), target[places]

    def gradients(weights: Weights) -> Weights:
        seen = modes @ weights[0][0]  # (3, m, R)
        residual = np.float32(2 / len(places)) * (seen.prod(axis=0).sum(axis=1) - wanted)
        others = np.stack([seen[1] * seen[2], seen[0] * seen[2], seen[0] * seen[1]])
        return ((modes.transpose(0, 2, 1) @ (residual[:, None] * others))[None],)

    return gradients


def rank_one_hierarchy(target: Array, places: Array) -> Step:
    """The same through the tree: every measurement is an input of its own."""
    modes, wanted = one_hots(places, 8, 4), target[places]

    def gradients(weights: Weights) -> Weights:
        leaves, pairs, root = (part[0] for part in weights)
        seen = modes @ leaves  # (4, m, R1)
        products = np.stack([seen[0] * seen[1], seen[2] * seen[3]])
        sides = products @ pairs
        residual = np.float32(2 / len(places)) * ((sides[0] * sides[1]) @ root - wanted)
        of_sides = residual[:, None] * root * sides[::-1]
        of_products = of_sides @ pairs.transpose(0, 2, 1)
        others = np.stack([of_products[at // 2] * seen[at ^ 1] for at in range(4)])
        of_leaves = modes.transpose(0, 2, 1) @ others
        of_pairs = products.transpose(0, 2, 1) @ of_sides
        return of_leaves[None], of_pairs[None], ((sides[0] * sides[1]).T @ residual)[None]

    return gradients


DENSE = {"mf": dense_matrix, "tf": rank_one_tensor, "htf": rank_one_hierarchy}


def seconds(gradients: Step, start: Weights, n_steps: int) -> float:
    """CPU seconds of an iteration, after a first one that is not counted."""
    weights, moment = tuple(part.copy() for part in start), np.zeros(1)
    for step in range(n_steps + 1):
        if step == 1:
            began = time.process_time()
        moment = rms_step(weights, gradients(weights), moment, step + 1, Rule())
    return (time.process_time() - began) / n_steps


def main() -> None:
    """Print a line a model and one for all: both times and their ratio, after a check that both take the same gradient."""
    p = load_params(PAPER, "factorisations", "paper")
    totals = np.zeros(2)
    for model, (n_published, n_ours, n_dense) in ITERATIONS.items():
        start, target, places = problem(p, model)
        ours, dense = masked(model, target, places), DENSE[model](target, places)
        larger = tuple(30 * part for part in start)
        for one, other in zip(ours(larger), dense(larger), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-2, atol=1e-3 * np.abs(one).max())
        times = seconds(ours, start, n_ours), seconds(dense, start, n_dense)
        totals += n_published * np.array(times)
        told = [f"{1e3 * each:.3g} ms an iteration, {n_published * each:.3g} s for {n_published} of them" for each in times]
        print(f"{model}: ours {told[0]}; dense {told[1]}; ratio {times[1] / times[0]:.0f}")  # noqa: T201 - its answer
    print(f"the published figure: ours {totals[0]:.0f} s; dense {totals[1]:.0f} s; ratio {totals[1] / totals[0]:.0f}")  # noqa: T201


if __name__ == "__main__":
    main()
