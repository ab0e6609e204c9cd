"""One-pass SGD as it is run: many independent runs, one fresh sample a step [wu_last_iterate, E1]."""

from collections.abc import Callable, Collection

import numpy as np

from repro.checks import at_least, finite
from scripts.wu_last_iterate.model import Array, excess_risk

Draw = Callable[[int], tuple[Array, Array]]
"""Called with a number of runs: features x (n_runs, d) in the eigenbasis of H, and label noise ξ (n_runs,)."""

BLOCK = 500
"""Runs simulated at a time: bounds the memory, and keeps the errors in the processor's cache."""


def simulate(draw: Draw, n_runs: int, stepsizes: Array, eigenvalues: Array, error: Array, *, recorded: Collection[int]) -> Array:
    """Excess risk of simulated SGD at chosen steps.

    SGD is followed through its error e = w − w*: with the residual r = ⟨e, x⟩ − ξ, e ← e − γ_t r x. Schedules in the
    leading dimensions of `stepsizes` see the same samples.

    Parameters
    ----------
    draw : callable
        Source of samples, called once a step.
    n_runs : int
        Number of independent runs.
    stepsizes : ndarray, shape (..., N)
        Stepsizes γ_t, in units of 1/λ.
    eigenvalues : ndarray, shape (d,)
        Spectrum λ of H, which defines the risk.
    error : ndarray, shape (d,)
        Initial error e_0 = w_0 − w*.
    recorded : collection of int
        Steps t, 1 to N, after which the risk is recorded.

    Returns
    -------
    ndarray, shape (len(recorded), ..., n_runs)   risks, in ascending order of the steps.

    Raises
    ------
    ValueError   for no run, a step to record that is not made, or stepsizes that are not finite.
    """
    at_least(1, n_runs=n_runs)
    finite(stepsizes=stepsizes, eigenvalues=eigenvalues, error=error)
    if not set(recorded) <= set(range(1, stepsizes.shape[-1] + 1)):
        raise ValueError(f"recorded: steps must be from 1 to {stepsizes.shape[-1]}")
    blocks = []
    for start in range(0, n_runs, BLOCK):
        errors = np.broadcast_to(error, (min(BLOCK, n_runs - start), len(error)))
        blocks.append(_simulate_block(draw, stepsizes, eigenvalues, errors, set(recorded)))
    return np.concatenate(blocks, axis=-1)


def _simulate_block(draw: Draw, stepsizes: Array, eigenvalues: Array, errors: Array, recorded: set[int]) -> Array:
    """Risks (len(recorded), ..., runs) of runs that start with the given errors (runs, d)."""
    n_runs = len(errors)
    risks = []
    for t, stepsize in enumerate(np.moveaxis(stepsizes, -1, 0), start=1):
        features, noise = draw(n_runs)
        residual = np.einsum("...i,...i->...", errors, features) - noise
        errors = errors - (stepsize[..., None] * residual)[..., None] * features
        if t in recorded:
            risks.append(excess_risk(errors**2, eigenvalues))
    return np.array(risks)
