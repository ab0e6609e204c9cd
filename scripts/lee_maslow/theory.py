"""Learning equations of the overlaps for N → ∞, with and without interventions [lee_maslow, E5–E8].

Flows map a state (see model.py) and what is fixed to the state's change a unit of time (N steps). A flow trains one head, or for
replay both; leading dimensions are seeds and settings. `solve` integrates any of them.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from repro import checks
from repro.gaussian import erf_i2, erf_i3, erf_i4
from repro.ode import rk4
from scripts.lee_maslow.model import N_TASKS, Array, Start, active_fields, facing, field_covariance, state_of, teacher_overlaps

Flow = Callable[[Array, Array], Array]


def learning_flow(state: Array, fixed: Array, task: int, rate: float = 1.0) -> Array:
    """Online SGD on one task [lee_maslow, E5, E6].

    Parameters
    ----------
    state : ndarray, shape (..., K, 2 + F)
    fixed : ndarray, shape (..., F − K, F − K)
    task : 0 or 1; its head learns, the other one rests.
    rate : learning rate η: of the weights as such, of the heads η / N.

    Returns
    -------
    ndarray, shape of `state`

    Raises
    ------
    ValueError   if `task` is neither 0 nor 1.
    """
    width = state.shape[-2]
    fields = active_fields(width, task)
    covariance = field_covariance(state, fixed)
    head = state[..., task]
    signal = np.append(head, -np.ones((*head.shape[:-1], 1)), axis=-1)
    of_signal = covariance[..., fields[:, None], fields]
    slopes, values = erf_i4(of_signal, width), erf_i2(of_signal)[..., :width, :]
    pull = np.einsum("...ijc,...c->...ij", erf_i3(covariance, width)[..., fields], signal)
    noise = np.einsum("...ikcd,...c,...d->...ik", slopes, signal, signal)
    flow = np.zeros_like(state)
    flow[..., task] = -rate * np.einsum("...ic,...c->...i", values, signal)
    flow[..., N_TASKS:] = -rate * head[..., None] * pull
    _both_sides(flow)
    flow[..., N_TASKS : N_TASKS + width] += rate**2 * head[..., :, None] * head[..., None, :] * noise
    return flow


def replay_flow(state: Array, fixed: Array, period: npt.ArrayLike, rate: float = 1.0) -> Array:
    """After every `period` steps of task 2 one of task 1, `period` ≪ N; steps of both count as time [lee_maslow, E7].

    Parameters
    ----------
    period : p, one number or an array that is broadcast against the leading dimensions.

    Raises
    ------
    ValueError   if a period is not positive.
    """
    checks.positive(period=period)
    share = np.asarray(period, dtype=float)
    share = (share / (share + 1))[..., None, None]
    return share * learning_flow(state, fixed, 1, rate) + (1 - share) * learning_flow(state, fixed, 0, rate)


def frozen_flow(state: Array, fixed: Array, rate: float = 1.0) -> Array:
    """Task 2 with resting features: only head 2 learns."""
    flow = learning_flow(state, fixed, 1, rate)
    flow[..., N_TASKS:] = 0
    return flow


def consolidated_flow(state: Array, fixed: Array, strength: npt.ArrayLike, rate: float = 1.0) -> Array:
    """Task 2 with every unit drawn to its copy from the switch, by λ times its squared head 1 [lee_maslow, E8].

    Parameters
    ----------
    state, fixed : as `with_copies` gives them, copies last.
    strength : λ, one number or an array that is broadcast against the leading dimensions.

    Raises
    ------
    ValueError   if a strength is negative.
    """
    checks.at_least(0, strength=strength)
    lam = np.asarray(strength, dtype=float)[..., None, None]
    width = state.shape[-2]
    covariance = field_covariance(state, fixed)
    drawn = np.zeros_like(state)
    drawn[..., N_TASKS:] = -rate * lam * state[..., :1] ** 2 * (covariance[..., :width, :] - covariance[..., -width:, :])
    _both_sides(drawn)
    return learning_flow(state, fixed, 1, rate) + drawn


def with_copies(state: Array, fixed: Array) -> tuple[Array, Array]:
    """State and fixed overlaps with copies of the units, as they are now, as further fields."""
    width = state.shape[-2]
    resting = np.append(np.arange(width, width + N_TASKS), np.arange(width))
    copied = state[..., N_TASKS : N_TASKS + width]
    return np.concatenate([state, copied], axis=-1), field_covariance(state, fixed)[..., resting[:, None], resting]


def solve(flow: Flow, state: Array, fixed: Array, *, duration: float, step: float = 0.5, every: float | None = None) -> Array:
    """States along a flow, by the rule of Runge and Kutta.

    Parameters
    ----------
    duration : time from the first state to the last.
    step : longest step; 0.5 / η leaves four digits of the errors.
    every : time between two states that are kept; by default only the last one is.

    Returns
    -------
    ndarray, shape of `state`, or (n, *shape) with `every`: at times 0, every, … up to `duration`.

    Raises
    ------
    ValueError   if `duration`, `step` or `every` is not positive.
    """
    gap = duration if every is None else every
    checks.positive(duration=duration, step=step, every=gap)
    times = np.arange(round(duration / gap) + 1) * gap
    path = rk4(lambda _, now: flow(now, fixed), state, times, n_substeps=int(np.ceil(gap / step - 1e-9)))
    if every is not None:
        return np.stack(list(path))
    *_, last = path
    return last


def after_task_1(start: Start, similarities: npt.ArrayLike, *, duration: float, rate: float = 1.0, step: float = 0.5) -> Array:
    """States at the switch, for every similarity of the second teacher [lee_maslow, E2, E5, E6].

    Task 1 is the same for all of them: the equations are linear in the overlaps with a teacher that is not yet learned.

    Returns
    -------
    ndarray, shape (S, V, K, 2 + K + 2)
    """
    fixed = teacher_overlaps(0.0)
    learned = solve(lambda now, other: learning_flow(now, other, 0, rate), state_of(*start), fixed, duration=duration, step=step)
    return facing(learned[:, None], np.asarray(similarities))


def after_task_2(
    switch: Array,
    similarities: npt.ArrayLike,
    intervention: str = "none",
    strength: float = 0.0,
    *,
    duration: float,
    rate: float = 1.0,
    step: float = 0.5,
) -> Array:
    """States at the end of task 2.

    Parameters
    ----------
    switch : ndarray, shape (..., V, K, 2 + K + 2)
        States when task 2 begins, one a similarity.
    intervention : none, freeze, replay (strength is the period) or node_consolidation (strength is λ).

    Returns
    -------
    ndarray, shape of `switch`

    Raises
    ------
    ValueError   if `intervention` is another word.
    """
    flows: dict[str, Flow] = {
        "none": lambda now, fixed: learning_flow(now, fixed, 1, rate),
        "freeze": lambda now, fixed: frozen_flow(now, fixed, rate),
        "replay": lambda now, fixed: replay_flow(now, fixed, strength, rate),
        "node_consolidation": lambda now, fixed: consolidated_flow(now, fixed, strength, rate),
    }
    checks.one_of("intervention", intervention, flows)
    state, fixed = switch, teacher_overlaps(similarities)
    if intervention == "node_consolidation":
        state, fixed = with_copies(state, fixed)
    return solve(flows[intervention], state, fixed, duration=duration, step=step)[..., : switch.shape[-1]]


def _both_sides(flow: Array) -> None:
    """Add to the change of each overlap of two units the change that the other one brings, in place."""
    width = flow.shape[-2]
    own = flow[..., N_TASKS : N_TASKS + width]
    flow[..., N_TASKS : N_TASKS + width] = own + own.swapaxes(-1, -2)
