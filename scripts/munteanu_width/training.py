"""Gradient descent on batches of networks [munteanu_width, E1]."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks
from scripts.munteanu_width.model import Array, gradient, logistic_risk, logistic_slopes, output, preactivations

_CACHED = 65_536  # entries of (n, L, m) that are trained together: what stays in a processor's cache


class Ending(NamedTuple):
    """How L networks ended; all entries of shape (L,)."""

    hit_step: Array
    """First step t ≥ 1 after which all signs are right, infinite if there is none."""
    initial_output_max: Array
    """Largest |f(W₀, x_i)|."""
    flip_share: Array
    """Share of pairs of point and unit whose activation is not the initial one."""
    movement_max: Array
    """Largest distance of a unit's weights from the initial ones."""
    risk: Array
    """Mean logistic loss."""


class Course(NamedTuple):
    """Squared loss of L networks on the way, and their preactivations at both ends."""

    loss: Array
    """Sum of (f − y)² over n, shape (n_steps + 1, L)."""
    initial_fields: Array
    """Shape (n, L, m)."""
    final_fields: Array
    """Shape (n, L, m)."""


def train_logistic(x: Array, y: Array, weights: Array, signs: Array, *, learning_rate: float, n_steps: int, stops_at_hit: bool) -> Ending:
    """Full-batch gradient descent on the mean logistic loss [munteanu_width, E1].

    Parameters
    ----------
    x : ndarray, shape (n, d)
    y : ndarray, shape (n,), ±1
    weights : ndarray, shape (L, m, d)
        Initial ones; they are not changed.
    signs : ndarray, shape (L, m)
    learning_rate : float
        η, of the mean loss.
    n_steps : int
        Steps at most.
    stops_at_hit : bool
        End a network at its first hit, in place of making all steps.

    Returns
    -------
    Ending

    Raises
    ------
    ValueError   if η is not positive, or there is no step.
    """
    checks.positive(learning_rate=learning_rate)
    checks.at_least(1, n_steps=n_steps)
    shares = _shares(len(x), signs)
    parts = [_Descent(x, y, weights[share], signs[share]).run(learning_rate, n_steps, stops_at_hit=stops_at_hit) for share in shares]
    return Ending(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _shares(n: int, signs: Array) -> list[slice]:
    """Parts of a batch of networks that stay in the cache, one after the other."""
    size = max(1, _CACHED // (n * signs.shape[1]))
    return [slice(start, start + size) for start in range(0, len(signs), size)]


class _Descent:
    """Networks under way; those that have ended leave the arrays."""

    def __init__(self, x: Array, y: Array, weights: Array, signs: Array) -> None:
        self.x, self.y = x, y
        self.start, self.weights, self.signs = weights, weights.copy(), signs
        self.left = np.arange(len(signs))  # places of the networks in the whole batch
        self.initially = preactivations(x, weights) > 0
        self.ending = Ending(*(np.full(len(signs), np.inf) for _ in Ending._fields))

    def run(self, learning_rate: float, n_steps: int, *, stops_at_hit: bool) -> Ending:
        """All steps."""
        for step in range(n_steps + 1):
            fields = preactivations(self.x, self.weights)
            found = output(fields, self.signs)
            if step == 0:
                self.ending.initial_output_max[:] = np.abs(found).max(axis=0)
            else:
                hit = (self.y[:, None] * found > 0).all(axis=0)
                first = self.left[hit]
                self.ending.hit_step[first] = np.minimum(self.ending.hit_step[first], step)
                ends = np.full_like(hit, step == n_steps) | (hit & stops_at_hit)
                if ends.any():
                    self._end(ends, fields, found)
                    fields, found = fields[:, ~ends], found[:, ~ends]
                if not len(self.left):
                    break
            self.weights -= learning_rate * gradient(self.x, fields, self.signs, logistic_slopes(self.y, found))
        return self.ending

    def _end(self, ends: npt.NDArray[np.bool_], fields: Array, found: Array) -> None:
        """Note what has become of some networks, and go on without them."""
        places = self.left[ends]
        self.ending.flip_share[places] = ((fields[:, ends] > 0) != self.initially[:, ends]).mean(axis=(0, 2))
        self.ending.movement_max[places] = np.linalg.norm(self.weights[ends] - self.start[ends], axis=-1).max(axis=-1)
        self.ending.risk[places] = logistic_risk(self.y, found[:, ends])
        keep = ~ends
        self.left, self.start, self.weights, self.signs = self.left[keep], self.start[keep], self.weights[keep], self.signs[keep]
        self.initially = self.initially[:, keep]


def train_squared(x: Array, y: Array, weights: Array, signs: Array, *, learning_rate: float, n_steps: int) -> Course:
    """Full-batch gradient descent on ½ Σ (f − y)²; parameters as in `train_logistic`, η of this sum [munteanu_width, E1].

    Raises
    ------
    ValueError   if η is not positive, or there is no step.
    """
    checks.positive(learning_rate=learning_rate)
    checks.at_least(1, n_steps=n_steps)
    steps: dict[str, Any] = {"learning_rate": learning_rate, "n_steps": n_steps}
    parts = [_descend_squared(x, y, weights[share].copy(), signs[share], **steps) for share in _shares(len(x), signs)]
    return Course(*(np.concatenate(columns, axis=1) for columns in zip(*parts, strict=True)))


def _descend_squared(x: Array, y: Array, weights: Array, signs: Array, *, learning_rate: float, n_steps: int) -> Course:
    """All steps of some networks, whose weights are changed in place."""
    initial = fields = preactivations(x, weights)
    loss = np.empty((n_steps + 1, len(signs)))
    for step in range(n_steps + 1):
        slopes = output(fields, signs) - y[:, None]
        loss[step] = (slopes**2).mean(axis=0)
        if step < n_steps:
            weights -= learning_rate * gradient(x, fields, signs, slopes)
            fields = preactivations(x, weights)
    return Course(loss, initial, fields)
