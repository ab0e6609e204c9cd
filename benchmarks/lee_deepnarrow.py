"""Time of the quarter circle at the authors' settings: one trial at a time by autograd, as their program does, and ours, ten at once.

    python -m benchmarks.lee_deepnarrow

Settings (their published command): depths 100 and 10000, 10 trials, 2000 iterations on 200 points in float64, and the kernel
between 201 points before and after training, which their program takes from one backward pass a point. Their side is written anew
here in that shape: their program asks for a GPU by name and has no licence. Both sides run a slice on one CPU core; times are
extrapolated in proportion to depth, iterations, trials and passes.
"""

import time
from collections.abc import Callable
from itertools import repeat

import numpy as np
import torch

from scripts.lee_deepnarrow import training
from scripts.lee_deepnarrow.model import circle_angles, draw, on_circle, target

DEPTHS, N_TRIALS, N_STEPS, N_POINTS = (100, 10_000), 10, 2000, 201
SLICE_DEPTH, SLICE_STEPS, SLICE_PASSES = 1000, 5, 5
SCALE, RATE = 50.0, 0.25 / (1000 * 50.0**2)


def seconds(work: Callable[[], None]) -> float:
    """CPU seconds of some work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def autograd_seconds() -> tuple[float, float]:
    """One iteration of one trial, and one backward pass of one point, both per layer."""
    layers = [torch.nn.Linear(fan_in, 4, dtype=torch.float64) for fan_in in [2] + [4] * (SLICE_DEPTH - 1)]
    model = torch.nn.Sequential(
        *(part for layer in layers for part in (layer, torch.nn.ReLU())), torch.nn.Linear(4, 1, dtype=torch.float64)
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    x = torch.from_numpy(on_circle(circle_angles()))
    y = torch.from_numpy(target(on_circle(circle_angles())))[:, None]

    def steps() -> None:
        for _ in range(SLICE_STEPS):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()

    def passes() -> None:
        for point in x[:SLICE_PASSES]:
            torch.autograd.grad(model(point[None])[0, 0], list(model.parameters()))

    steps()
    return seconds(steps) / SLICE_STEPS / SLICE_DEPTH, seconds(passes) / SLICE_PASSES / SLICE_DEPTH


def batched_seconds() -> tuple[float, float]:
    """One iteration of all trials, and the kernel of all trials at once, both per layer."""
    draws = [draw(np.random.default_rng(seed), SLICE_DEPTH, 2) for seed in range(N_TRIALS)]
    network = training.deep_narrow(draws, [SCALE] * N_TRIALS, 1, dtype=torch.float64)
    x = on_circle(circle_angles(N_POINTS - 1))
    columns = training.with_constant(x, dtype=torch.float64)
    batch = training.Batch(columns[None], torch.from_numpy(target(x))[None, None])
    rates = torch.full((N_TRIALS,), RATE, dtype=torch.float64)
    list(training.train(network, [batch], rates))
    step = seconds(lambda: list(training.train(network, repeat(batch, 3 * SLICE_STEPS), rates)) and None) / (3 * SLICE_STEPS)
    kernel = seconds(lambda: training.tangent_kernel(network, columns) is None)
    return step / SLICE_DEPTH, kernel / SLICE_DEPTH


def main() -> None:
    """Print both times, extrapolated, and their ratio."""
    torch.set_num_threads(1)
    layers = sum(DEPTHS)
    (step, one), (step_of_all, kernel_of_all) = autograd_seconds(), batched_seconds()
    theirs = layers * N_TRIALS * (N_STEPS * step + 2 * N_POINTS * one)
    ours = layers * (N_STEPS * step_of_all + 2 * kernel_of_all)
    lines = [
        f"slices: {SLICE_DEPTH} layers; times for depths {', '.join(map(str, DEPTHS))} are extrapolated",
        f"one trial at a time by autograd: {1e6 * step:.0f} µs a layer and iteration, {theirs / 3600:.1f} h in all",
        f"ours: {1e6 * step_of_all / N_TRIALS:.1f} µs a layer, iteration and trial ({N_TRIALS} at once), {ours / 60:.0f} min in all",
        f"ratio: {theirs / ours:.0f}",
    ]
    print("\n".join(lines))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
