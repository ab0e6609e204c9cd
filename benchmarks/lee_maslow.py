"""Time of one trajectory of the overlap equations at the authors' settings: theirs by Euler, ours by Runge–Kutta, many at once.

    python -m benchmarks.lee_maslow

Settings (their default configuration of February 2022): N = 1000, two units, η = 0.1, σ = 0.001, task 2 after 250 of 500 units of
time. Ours are solved in steps of 0.5/η; the error of that is measured against steps of a tenth and printed. Both figures are for
one CPU core, on machines that differ.
"""

import time
from typing import Any

import numpy as np

from scripts.lee_maslow.model import errors, facing, random_start, state_of, teacher_overlaps
from scripts.lee_maslow.theory import learning_flow, solve

# Measured by us on their Python ODE solver (seblee97/student_teacher_catastrophic, MIT), two units and one similarity.
PEER_SECONDS_PER_EULER_STEP = 3.8e-3
PEER_STEP = 0.01
RATE, TASK_TIME, STEP = 0.1, 250.0, 5.0


def trajectories(seeds: range, similarities: np.ndarray, step: float) -> np.ndarray:
    """Errors of both tasks at the switch and at the end, shape (2, S, V, 2)."""
    state = facing(state_of(*random_start(seeds, dim=1000))[:, None], similarities)
    fixed: Any = teacher_overlaps(similarities)
    switch = solve(lambda now, other: learning_flow(now, other, 0, RATE), state, fixed, duration=TASK_TIME, step=step)
    end = solve(lambda now, other: learning_flow(now, other, 1, RATE), switch, fixed, duration=TASK_TIME, step=step)
    return np.stack([errors(switch, fixed), errors(end, fixed)])


def main() -> None:
    """Print both times, their ratio and the error of our steps."""
    seeds, similarities = range(100), np.linspace(0, 1, 11)
    start = time.process_time()
    ours = trajectories(seeds, similarities, STEP)
    each = (time.process_time() - start) / (len(seeds) * len(similarities))
    exact = trajectories(seeds[:2], similarities, STEP / 10)
    n_steps, n_evaluations = round(2 * TASK_TIME / PEER_STEP), round(4 * 2 * TASK_TIME / STEP)
    theirs = n_steps * PEER_SECONDS_PER_EULER_STEP
    lines = [
        f"authors' solver: {n_steps} Euler steps of {1e3 * PEER_SECONDS_PER_EULER_STEP} ms, {theirs:.0f} s a trajectory (one at a time)",
        f"ours: {n_evaluations} right-hand sides of {1e6 * each / n_evaluations:.2f} µs, {1e3 * each:.2f} CPU ms a trajectory",
        f"      ({ours[0, ..., 0].size} at once), largest error in ε {np.abs(ours[:, :2] - exact).max():.1g}",
        f"ratio: {theirs / each:.0f} a trajectory, {PEER_SECONDS_PER_EULER_STEP * n_evaluations / each:.0f} a right-hand side",
    ]
    print("\n".join(lines))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
