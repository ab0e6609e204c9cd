"""Ordinary differential equations for many trajectories at once."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def rk4(flow: Callable[[float, Array], Array], state: Array, times: npt.ArrayLike, n_substeps: int = 1) -> Iterator[Array]:
    """States of dy/dt = flow(t, y) at increasing times, by the classical Runge–Kutta rule of order 4.

    Parameters
    ----------
    flow : (t, y) → dy/dt; y has any shape, so that seeds and settings are leading dimensions.
    state : ndarray, y at ``times[0]``; it is not changed.
    times : the first is where `state` holds; each gap is crossed in `n_substeps` equal steps, error O(step⁴).

    Yields
    ------
    ndarray, shape of `state`   one a time, the first being `state` itself.

    Raises
    ------
    ValueError   if `times` do not increase or `n_substeps` is below 1.
    """
    grid = np.asarray(times, dtype=float)
    if grid.ndim != 1 or (np.diff(grid) <= 0).any():
        raise ValueError("rk4: times must increase")
    if n_substeps < 1:
        raise ValueError(f"rk4: n_substeps must be 1 or more, not {n_substeps}")
    yield state
    for start, stop in pairwise(grid):
        step = (stop - start) / n_substeps
        for at in start + step * np.arange(n_substeps):
            state = _step(flow, float(at), state, step)
        yield state


def _step(flow: Callable[[float, Array], Array], t: float, y: Array, step: float) -> Array:
    k1 = flow(t, y)
    k2 = flow(t + step / 2, y + step / 2 * k1)
    k3 = flow(t + step / 2, y + step / 2 * k2)
    k4 = flow(t + step, y + step * k3)
    return y + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
