"""Online SGD of two-headed students on random inputs, with and without interventions [lee_maslow, E3, E7, E8, E10].

Task 1 is trained once a seed. In task 2 every intervention and similarity is a *lane*, and all lanes of a seed see the same inputs.
A student is kept as its displacement from reference weights that lanes share: those at the start, in task 2 those at the switch,
where penalties are centred. A penalty then multiplies the displacement D by a factor f a step, weight by weight.

Steps are taken in blocks, with the same result as one by one: at step s of a block, with pushes c_r along the inputs x_r before it,

    D x_s = (D_0 − Σ_{r<s} c_r x_r / f^(r+1)) (f^s x_s),

so that the long vectors enter as products of matrices, and a single step handles numbers that are N times fewer.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from repro import checks
from repro.job import Progress
from scripts.lee_maslow.model import N_TASKS, Array, Start, state_of

Array32 = npt.NDArray[np.float32]
Streams = Sequence[np.random.Generator]

_BLOCK = 16
# f^(−_BLOCK) must stay a float32; a weight that a step draws back to less than a hundredth is back all the same.
_SMALLEST_FACTOR = 0.01


class Students(NamedTuple):
    """Students of S seeds and L lanes; `sgd` changes displacement and heads in place."""

    reference: Array32
    """Shape (S, K, N), weights that all lanes of a seed share."""
    displacement: Array32
    """Shape (S, K, L, N), what a lane's weights have beyond."""
    heads: Array32
    """Shape (2, S, K, L)."""

    def state(self, basis: Array) -> Array:
        """State of every student, overlaps with `basis` (S, 2, N); shape (S, L, K, 2 + K + 2)."""
        weights = self.reference[:, None] + self.displacement.swapaxes(1, 2).astype(np.float64)
        return state_of(np.asarray(weights, dtype=np.float64), self.heads.transpose(1, 3, 2, 0).astype(np.float64), basis[:, None])


class Lanes(NamedTuple):
    """What distinguishes the lanes of a seed."""

    similarity: Array
    """V of the lane's teacher 2, shape (L,)."""
    replay: npt.NDArray[np.int64]
    """Steps of task 2 between two of task 1, shape (L,); 0 for no replay."""
    groups: Sequence[tuple[slice, Array32 | None]]
    """All lanes in groups, and the factor f of each group, shape (S, K, N) or (S, K, 1); None is 1."""


def free_lanes(similarity: npt.ArrayLike) -> Lanes:
    """Lanes without intervention."""
    cosine = np.atleast_1d(np.asarray(similarity, dtype=float))
    return Lanes(cosine, np.zeros(len(cosine), dtype=np.int64), [(slice(0, len(cosine)), None)])


def begin(start: Start) -> Students:
    """Students of one lane at their initial weights."""
    weights, heads = start.weights.astype(np.float32), start.heads.astype(np.float32)
    return Students(weights, np.zeros_like(weights)[:, :, None], heads.transpose(2, 0, 1)[..., None].copy())


def branch(students: Students, n_lanes: int) -> Students:
    """Students of one lane as the common beginning of many, with its weights as the new reference."""
    weights = students.reference + students.displacement[:, :, 0]
    moved = np.zeros((*weights.shape[:2], n_lanes, weights.shape[-1]), np.float32)
    return Students(weights, moved, np.repeat(students.heads, n_lanes, axis=-1))


def held(pull: npt.ArrayLike) -> Array32:
    """Factor f of a step that draws a displacement back by the share `pull` of it."""
    factor = 1 - np.asarray(pull, dtype=float)
    floor = np.copysign(_SMALLEST_FACTOR, factor)
    return np.where(np.abs(factor) < _SMALLEST_FACTOR, floor, factor).astype(np.float32)


def sgd(
    students: Students, basis: Array, lanes: Lanes, steps: Iterable[int], *, task: int, streams: Streams, rate: float = 1.0
) -> Iterator[Students]:
    """Train on one task, with replay of task 1 where a lane has it, one input a step.

    Parameters
    ----------
    students : Students, changed in place
    basis : ndarray, shape (S, 2, N); teacher 1 and the direction in which teacher 2 differs.
    lanes : Lanes
    steps : ascending numbers of updates after which the students are yielded.
    task : 0 or 1; 0 has no replay.
    streams : one generator of inputs a seed.
    rate : learning rate η of the weights; the heads have η / N.

    Yields
    ------
    Students   the same object every time.

    Raises
    ------
    ValueError   if `task` is neither 0 nor 1, or task 1 has lanes with replay.
    """
    checks.one_of("task", task, range(N_TASKS))
    if task == 0 and lanes.replay.any():
        raise ValueError("task 0 has nothing to replay: lanes.replay must be 0")
    groups = [(which, None if factor is None else _powers(factor)) for which, factor in lanes.groups]
    steps = list(steps)
    done, progress = 0, Progress(steps[-1], f"SGD of task {task + 1}")
    for stop in steps:
        while done < stop:
            n = min(_BLOCK, stop - done)
            trained = np.where(_replays(lanes.replay, np.arange(done, done + n)), 0, task)
            block = _next_block(basis, lanes.similarity, trained, streams)
            _take_block(students, groups, block, rate)
            done += n
            progress.update(n)
        yield students


def _replays(period: npt.NDArray[np.int64], steps: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether each step (row) of each lane (column) is one of task 1: the last of every period + 1."""
    return (period > 0) & (steps[:, None] % (period + 1) == period)


def _powers(factor: Array32) -> Array32:
    """f^0, f^1, … for the steps of a block, shape (S, K, 1 + _BLOCK, N or 1)."""
    return factor[:, :, None] ** np.arange(1 + _BLOCK, dtype=np.float32)[:, None]


class _Block(NamedTuple):
    """What the next n steps are made of."""

    inputs: Array32
    """Over √N, shape (S, n, N)."""
    trained: npt.NDArray[np.int64]
    """Task that a lane learns in a step, shape (n, L)."""
    targets: Array32
    """What the teacher of that task says, shape (n, S, L)."""


def _next_block(basis: Array, similarity: Array, trained: npt.NDArray[np.int64], streams: Streams) -> _Block:
    """Fresh inputs, and what the teachers say about them."""
    shape = len(trained), basis.shape[-1]
    inputs = np.stack([stream.standard_normal(shape, dtype=np.float32) for stream in streams]) / np.float32(np.sqrt(shape[1]))
    first, across = np.split(inputs @ basis.astype(np.float32).swapaxes(-1, -2), 2, axis=-1)
    cosine = similarity.astype(np.float32)
    second = cosine * first + np.sqrt(1 - cosine**2) * across
    return _Block(inputs, trained, _erf(np.where(trained == 0, first, second)).swapaxes(0, 1))


def _take_block(students: Students, groups: Sequence[tuple[slice, Array32 | None]], block: _Block, rate: float) -> None:
    """Change students in place by the steps of a block."""
    inputs, n_steps = block.inputs, len(block.trained)
    fields = np.empty((n_steps, *students.heads.shape[1:]), np.float32)
    gram = np.empty((n_steps, *fields.shape), np.float32)
    prepared = []
    for which, powers in groups:
        ahead = behind = inputs[:, None]
        if powers is not None:
            ahead, behind = ahead * powers[:, :, :n_steps], behind / powers[:, :, 1 : n_steps + 1]
        seen = ahead.swapaxes(-1, -2)
        fields[..., which] = np.moveaxis(students.displacement[:, :, which] @ seen, -1, 0)
        gram[..., which] = np.moveaxis(behind @ seen, (-2, -1), (0, 1))[..., None]
        prepared.append((which, behind, None if powers is None else powers[:, :, n_steps, None]))
    fields += np.moveaxis(students.reference @ inputs.swapaxes(-1, -2), -1, 0)[..., None]
    pushes = _pushes(fields, gram, students.heads, block, rate)
    for which, behind, factor in prepared:
        part = students.displacement[:, :, which]
        part -= np.moveaxis(pushes[..., which], 0, -1) @ behind
        if factor is not None:
            part *= factor


def _pushes(fields: Array32, gram: Array32, heads: Array32, block: _Block, rate: float) -> Array32:
    """Changes the heads in place, and returns how far each step pushes the weights along its input, shape (n, S, K, L)."""
    weight_rate, head_rate = np.float32(rate * np.sqrt(2 / np.pi)), np.float32(rate / block.inputs.shape[-1])
    pushes = np.empty_like(fields)
    for at, (field, first) in enumerate(zip(fields, block.trained == 0, strict=True)):
        head = np.where(first, heads[0], heads[1])
        value = _erf(field)
        residual = (np.einsum("skl,skl->sl", head, value) - block.targets[at])[:, None]
        push = np.exp(np.float32(-0.5) * field * field)
        push *= weight_rate * residual * head
        head -= head_rate * residual * value
        np.copyto(heads[0], head, where=first)
        np.copyto(heads[1], head, where=~first)
        fields[at + 1 :] -= push * gram[at, at + 1 :]
        pushes[at] = push
    return pushes


def fisher(students: Students, basis: Array, n_inputs: int, streams: Sequence[np.random.Generator]) -> Array:
    """Mean squared derivative of ½e² of task 1 in every weight, over fresh inputs; e is what is left of the error [lee_maslow, E10].

    Parameters
    ----------
    students : Students of one lane
    n_inputs : 1 or more, for each seed.
    streams : one generator a seed.

    Returns
    -------
    ndarray, shape (S, K, N)

    Raises
    ------
    ValueError   if `n_inputs` is below 1.
    """
    checks.at_least(1, n_inputs=n_inputs)
    weights, heads = (students.reference + students.displacement[:, :, 0]).astype(float), students.heads[0, :, :, 0].astype(float)
    total = np.zeros(weights.shape)
    for done in range(0, n_inputs, 1000):
        shape = (min(1000, n_inputs - done), weights.shape[-1])
        for seed, stream in enumerate(streams):
            inputs = stream.standard_normal(shape) / np.sqrt(shape[1])
            fields = inputs @ weights[seed].T
            residual = _erf(fields) @ heads[seed] - _erf(inputs @ basis[seed, 0])
            slopes = np.sqrt(2 / np.pi) * np.exp(-(fields**2) / 2) * heads[seed] * residual[:, None]
            total[seed] += (slopes**2).T @ inputs**2
    return total / n_inputs


def _erf(field: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """g(z) = erf(z/√2), in the precision of `field`."""
    return erf(field * field.dtype.type(np.sqrt(0.5)))
