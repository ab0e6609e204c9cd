"""Two teachers, a two-headed student, its overlaps and errors [lee_maslow, E1–E4, E9].

Inputs x have N independent N(0, 1) entries, g(z) = erf(z/√2), fields are w·x/√N. The student has K hidden units with weights W
and one head a task; each teacher is a single unit with readout 1. A *state* holds everything that the learning equations follow:
an array of shape (..., K, 2 + F) whose first two columns are the heads of tasks 1 and 2, and whose others are the overlaps
w_k·w/N of every unit with all F fields: the K units (Q), teacher 1 (R), teacher 2 (U), then copies of units that no longer move.
What the fields beyond the units have in common, of shape (..., F − K, F − K), never changes and is called *fixed*.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks
from repro.gaussian import erf_i2
from repro.seeds import generator

Array = npt.NDArray[np.float64]

PAPER = "lee_maslow"
N_TASKS = 2


class Start(NamedTuple):
    """Initial student and a basis of the teachers of S seeds."""

    weights: Array
    """Shape (S, K, N)."""
    heads: Array
    """Shape (S, K, 2), one column a task."""
    basis: Array
    """Shape (S, 2, N): orthogonal vectors of norm √N; teacher 1 is the first."""


def random_start(seeds: Sequence[int], *, dim: int, width: int = 2, init_std: float = 1e-3) -> Start:
    """Student of small random weights and heads, and a random pair of orthogonal directions for the teachers.

    Parameters
    ----------
    seeds : sequence of S ints
    dim : N, 2 or more.
    width : hidden units K, 1 or more.
    init_std : standard deviation σ of all initial weights and heads.

    Raises
    ------
    ValueError   if `dim` or `width` is too small.
    """
    checks.at_least(N_TASKS, dim=dim)
    checks.at_least(1, width=width)
    streams = [generator(PAPER, "start", dim, width, seed=seed) for seed in seeds]
    drawn = [(*init_std * stream.standard_normal((width, dim)), *init_std * stream.standard_normal((width, N_TASKS))) for stream in streams]
    weights = np.stack([np.stack(of_seed[:width]) for of_seed in drawn])
    heads = np.stack([np.stack(of_seed[width:]) for of_seed in drawn])
    directions = np.stack([np.linalg.qr(stream.standard_normal((dim, N_TASKS)))[0].T for stream in streams])
    return Start(weights, heads, np.sqrt(dim) * directions)


def specialised_start(seeds: Sequence[int], *, dim: int = 1000, init_std: float = 1e-3) -> Array:
    """State of students with two units of which the first equals teacher 1 and the second is idle; overlaps in the basis of `Start`.

    Parameters
    ----------
    seeds : sequence of S ints
    dim : N, only through the overlaps of the idle unit, which are init_std / √N times N(0, 1).
    init_std : standard deviation σ of the idle unit's weights and of head 2.

    Returns
    -------
    ndarray, shape (S, 2, 6)
    """
    drawn = init_std * np.stack([generator(PAPER, "specialised", dim, seed=seed).standard_normal(4) for seed in seeds])
    along, across, head_main, head_idle = drawn.T / np.array([np.sqrt(dim), np.sqrt(dim), 1, 1])[:, None]
    one, zero = np.ones(len(seeds)), np.zeros(len(seeds))
    main = [one, head_main, one, along, one, zero]
    idle = [zero, head_idle, along, init_std**2 * one, along, across]
    return np.stack([np.stack(main, -1), np.stack(idle, -1)], -2)


def state_of(weights: Array, heads: Array, basis: Array) -> Array:
    """State of a student, from its weights [lee_maslow, E1].

    Parameters
    ----------
    weights : ndarray, shape (..., K, N)
    heads : ndarray, shape (..., K, 2)
    basis : ndarray, shape (..., 2, N)
        Teachers, or the directions from which `facing` makes them.

    Returns
    -------
    ndarray, shape (..., K, 2 + K + 2)
    """
    dim = weights.shape[-1]
    own, teachers = weights @ weights.swapaxes(-1, -2) / dim, weights @ basis.swapaxes(-1, -2) / dim
    return np.concatenate([heads, own, teachers], axis=-1)


def facing(state: Array, similarity: Array) -> Array:
    """State with the overlap with teacher 2 = V n₁ + √(1−V²) n₂ in place of that with n₂ [lee_maslow, E2].

    Parameters
    ----------
    state : ndarray, shape (..., K, 2 + K + 2)
        Its last two columns are overlaps with orthogonal n₁ and n₂.
    similarity : ndarray of V, broadcast against the leading dimensions of `state`.

    Raises
    ------
    ValueError   if a similarity is outside [−1, 1].
    """
    cosine = np.asarray(similarity, dtype=float)[..., None]
    checks.within("similarity", cosine, -1, 1)
    second = cosine * state[..., -2] + np.sqrt(1 - cosine**2) * state[..., -1]
    kept = np.broadcast_to(state[..., :-1], (*second.shape, state.shape[-1] - 1))
    return np.concatenate([kept, second[..., None]], axis=-1)


def teacher_overlaps(similarity: npt.ArrayLike) -> Array:
    """Overlaps of the two teachers with each other: 1 on the diagonal, V beside it; shape (..., 2, 2)."""
    cosine = np.asarray(similarity, dtype=float)
    one = np.ones_like(cosine)
    return np.stack([np.stack([one, cosine], -1), np.stack([cosine, one], -1)], -2)


def field_covariance(state: Array, fixed: Array) -> Array:
    """Covariance C of all fields, units first [lee_maslow, E1]; shape (..., F, F)."""
    width = state.shape[-2]
    cross = state[..., N_TASKS:]
    lower = np.concatenate([cross[..., width:].swapaxes(-1, -2), np.broadcast_to(fixed, (*state.shape[:-2], *fixed.shape[-2:]))], -1)
    return np.concatenate([cross, lower], axis=-2)


def errors(state: Array, fixed: Array) -> Array:
    """Errors ε₁ and ε₂ = ½⟨(student − teacher)²⟩ of both tasks [lee_maslow, E4].

    Returns
    -------
    ndarray, shape (..., 2)
    """
    width = state.shape[-2]
    covariance = field_covariance(state, fixed)
    found = []
    for task in range(N_TASKS):
        fields = active_fields(width, task)
        signal = np.append(state[..., task], -np.ones((*state.shape[:-2], 1)), axis=-1)
        averages = erf_i2(covariance[..., fields[:, None], fields])
        found.append(np.einsum("...c,...cd,...d->...", signal, averages, signal) / 2)
    return np.stack(found, axis=-1)


def active_fields(width: int, task: int) -> npt.NDArray[np.int64]:
    """Places of the fields that the error of a task depends on: all units and its teacher.

    Raises
    ------
    ValueError   if `task` is neither 0 nor 1.
    """
    checks.one_of("task", task, range(N_TASKS))
    return np.append(np.arange(width), width + task)


def reuse_damage(similarity: npt.ArrayLike) -> Array:
    """Forgetting when the unit of task 1 turns onto teacher 2 and nothing else changes: 1/3 − (2/π) arcsin(V/2) [lee_maslow, E9].

    Raises
    ------
    ValueError   if a similarity is outside [−1, 1].
    """
    cosine = np.asarray(similarity, dtype=float)
    checks.within("similarity", cosine, -1, 1)
    return np.asarray(1 / 3 - 2 / np.pi * np.arcsin(cosine / 2))


class NodeUse(NamedTuple):
    """What the idle unit does during task 2; arrays of the leading dimensions of the states."""

    main: npt.NDArray[np.int64]
    """Unit that carries task 1 at the switch."""
    activation: Array
    """Growth of the idle unit's squared norm."""
    share: Array
    """Part of task 2 that the idle unit carries at the end, in [0, 1]."""


def node_use(switch: Array, end: Array) -> NodeUse:
    """Which of two units carried task 1, and how far the other one serves task 2 [lee_maslow, E11].

    Parameters
    ----------
    switch, end : ndarray, shape (..., 2, 2 + F)
        States when task 2 begins and ends.

    Raises
    ------
    ValueError   if there are not two units, or an activity is not a number.
    """
    checks.one_of("width", switch.shape[-2], [2])
    before, after = _activity(switch, 0), _activity(end, 1)
    checks.finite(switch=before, end=after)
    main = before.argmax(axis=-1)
    idle = (1 - main)[..., None]
    growth = np.take_along_axis(squared_norms(end) - squared_norms(switch), idle, -1)[..., 0]
    share = np.take_along_axis(after / after.sum(axis=-1, keepdims=True), idle, -1)[..., 0]
    return NodeUse(main, growth, share)


def squared_norms(state: Array) -> Array:
    """Squared norms Q_kk of all units, shape (..., K)."""
    return np.diagonal(state[..., N_TASKS:], axis1=-2, axis2=-1)


def _activity(state: Array, task: int) -> Array:
    """|h_k| √Q_kk: how much each unit contributes to a task."""
    return np.abs(state[..., task]) * np.sqrt(squared_norms(state))
