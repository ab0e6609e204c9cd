"""ReLU, gated linear and linear networks on XOR, and the closed form of a gated pathway [saxe_race, E9].

Four examples x in {±1}², target y = x₁x₂, loss ½ · mean (y − ŷ)², ŷ = Σ_units v · f(w·x). Arrays: first layer w of shape
(S, n_hidden, 2), second v of shape (S, n_hidden), S seeds.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from scripts.saxe_race.model import Array

CORNERS: Array = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
TARGET: Array = CORNERS[:, 0] * CORNERS[:, 1]
MODELS = ("relu", "gdln", "linear")

STRENGTH = np.sqrt(2) / 4
"""s, input-output correlation of an example, of the four."""
CORRELATION = 0.5
"""d, input correlation of an example."""


class Layers(NamedTuple):
    """Weights of the two layers."""

    first: Array
    second: Array


def descend(model: str, start: Layers, learning_rate: float) -> Iterator[tuple[Layers, Array]]:
    """Endless full-batch gradient descent: weights and loss of every seed after 0, 1, 2, … epochs.

    Parameters
    ----------
    model : {"relu", "gdln", "linear"}
        In the gdln the first quarter of the units is on for the first example only, and so on.

    Raises
    ------
    ValueError   for another model, or a gdln whose units do not fall into four equal groups.
    """
    gates = _gates(model, start.second.shape[-1])
    first, second = (np.array(part) for part in start)
    while True:
        field = first @ CORNERS.T
        on = (field > 0).astype(float) if model == "relu" else gates
        active = field * on
        residual = TARGET - (second[:, None, :] @ active)[:, 0]
        yield Layers(first, second), np.mean(residual**2, axis=-1) / 2
        pull = learning_rate / 4 * residual[:, None, :]
        to_second = np.sum(pull * active, axis=-1)
        first = first + (second[..., None] * pull * on) @ CORNERS
        second = second + to_second


def _gates(model: str, n_hidden: int) -> Array:
    """1 where a unit is on at an example whatever its weights, shape (n_hidden, 4)."""
    if model not in MODELS:
        raise ValueError(f"descend: model {model!r} is not one of {', '.join(MODELS)}")
    if model != "gdln":
        return np.ones((n_hidden, 4))
    if n_hidden % 4:
        raise ValueError(f"descend: n_hidden must be a multiple of 4 for the gdln, not {n_hidden}")
    return np.repeat(np.eye(4), n_hidden // 4, axis=0)


def initial_strengths(start: Layers) -> Array:
    """a0 = Σ_units ((w·x̂ + y v) / 2)² of the four pathways: only the growing combination of the layers counts; shape (S, 4) [E9]."""
    along = np.einsum("suk,pk->sup", start.first, CORNERS / np.sqrt(2))
    growing = (along + TARGET * start.second[..., None]) / 2
    return np.sum(growing**2 * _gates("gdln", growing.shape[1]), axis=1)


def pathway_loss(initial_strength: Array, time: Array) -> Array:
    """Loss ½ (1 − √2 a)² of a pathway, a(t) = (s/d) / (1 + (s/(d a0) − 1) e^{−2 s t}), t in units of τ = 1/η [E9].

    Parameters
    ----------
    initial_strength, time : ndarrays that broadcast
    """
    end = STRENGTH / CORRELATION
    if not np.all(np.asarray(initial_strength) > 0):
        raise ValueError("pathway_loss: initial_strength must be above 0")
    strength = end / (1 + (end / initial_strength - 1) * np.exp(-2 * STRENGTH * time))
    return (1 - np.sqrt(2) * strength) ** 2 / 2


def shifted_loss(crossing: Array, time: Array) -> Array:
    """Loss of a pathway of vanishing start, shifted so that it is an eighth at the time `crossing`; times in units of τ [E9]."""
    return (1 - 1 / (1 + np.exp(2 * STRENGTH * (crossing - time)))) ** 2 / 2


def crossing_time(loss: Array, level: float = 0.125) -> Array:
    """First epoch at which the loss falls below a level, interpolated between epochs; not a number if it does not.

    Parameters
    ----------
    loss : ndarray, shape (n_epochs, S)

    Returns
    -------
    ndarray, shape (S,)
    """
    below = loss < level
    found = below.any(axis=0)
    at = np.where(found, below.argmax(axis=0), 1)
    after, before = (np.take_along_axis(loss, place[None], axis=0)[0] for place in (at, at - 1))
    return np.where(found, at - (level - after) / np.where(found, before - after, 1.0), np.nan)


def corner_cosine(first: Array) -> Array:
    """Largest cosine of a unit's input weights with a data point, shape (S, n_hidden)."""
    return np.max(first @ CORNERS.T, axis=-1) / (np.sqrt(2) * np.linalg.norm(first, axis=-1))


def descent_bound(initial_strength: float, learning_rate: float) -> float:
    """First-order distance of descent from the flow at most: ln(s/(d a0)) · (η s / 2) · 4/27 [E9]."""
    growth = np.log(STRENGTH / (CORRELATION * initial_strength))
    return float(growth * learning_rate * STRENGTH / 2 * 4 / 27)
