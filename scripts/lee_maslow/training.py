"""Small two-headed networks of biases, sigmoids or ReLUs, trained by SGD on one task after another, many at once [lee_maslow, E14].

Networks that differ by their inputs (A mixings) and by their seed (S) are the leading dimensions; all see pairs of images in the
same order, so that a step is a product of matrices.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from repro import checks

Array32 = npt.NDArray[np.float32]

ACTIVATIONS = ("sigmoid", "relu")


class Networks(NamedTuple):
    """Parameters of A × S networks; `train` changes them in place."""

    weights: Array32
    """Shape (A, S, K, D)."""
    biases: Array32
    """Shape (A, S, K, 1)."""
    heads: Array32
    """Shape (2, A, S, K), one of the two a task."""
    offsets: Array32
    """Shape (2, A, S)."""

    def copy(self, n: int = 1) -> "Networks":
        """Networks of one mixing, n times; without n a plain copy."""
        return Networks(*(np.repeat(part, n, axis=axis) for part, axis in zip(self, (0, 0, 1, 1), strict=True)))

    def take_over(self, other: "Networks", chosen: npt.NDArray[np.bool_]) -> None:
        """Copy the parameters of the chosen seeds (S,) from other networks."""
        for mine, theirs, axis in zip(self, other, (1, 1, 2, 2), strict=True):
            shape = np.ones(mine.ndim, dtype=int)
            shape[axis] = len(chosen)
            np.copyto(mine, theirs, where=chosen.reshape(shape))


class Rule(NamedTuple):
    """How a network computes and learns."""

    activation: str = "sigmoid"
    biased: bool = True
    learning_rate: float = 0.01
    batch_size: int = 1

    def checked(self) -> "Rule":
        """Itself; ValueError for an unknown activation, or a rate or batch size that makes no sense."""
        checks.one_of("activation", self.activation, ACTIVATIONS)
        checks.positive(learning_rate=self.learning_rate)
        checks.at_least(1, batch_size=self.batch_size)
        return self


def initial_networks(streams: list[np.random.Generator], *, dim: int, width: int, biased: bool = True) -> Networks:
    """Networks of one mixing, a stream a seed, with parameters uniform in ±1/√(number of inputs of the layer)."""
    parts: list[list[Array32]] = [[], [], [], []]
    for stream in streams:
        bounds = ((width, dim), dim), ((width, 1), dim), ((2, width), width), ((2,), width)
        for part, (shape, fan_in) in zip(parts, bounds, strict=True):
            part.append(stream.uniform(-1, 1, shape).astype(np.float32) / np.float32(np.sqrt(fan_in)))
    weights, biases, heads, offsets = (np.stack(part) for part in parts)
    scale = np.float32(biased)
    return Networks(weights[None], scale * biases[None], heads.swapaxes(0, 1)[:, None].copy(), scale * offsets.T[:, None].copy())


def train(networks: Networks, inputs: Array32, labels: Array32, order: npt.NDArray[np.int64], *, task: int, rule: Rule) -> None:
    """One pass over the training pairs in a given order, in place; the loss is the mean of (output − label)² over a batch.

    Parameters
    ----------
    inputs : ndarray, shape (A, P, D)
    labels : ndarray, shape (P,)
    order : ndarray of int, shape (P,)
    task : 0 or 1; only its head learns.

    Raises
    ------
    ValueError   if `task` is neither 0 nor 1, or the rule makes no sense.
    """
    checks.one_of("task", task, (0, 1))
    rule = rule.checked()
    n_inputs, n_seeds, width, dim = networks.weights.shape
    flat, biases = networks.weights.reshape(n_inputs, -1, dim), networks.biases.reshape(n_inputs, -1, 1)
    head, offset = networks.heads[task], networks.offsets[task]
    for start in range(0, len(order), rule.batch_size):
        batch = order[start : start + rule.batch_size]
        x = inputs[:, batch]
        hidden, slope = _activate(flat @ x.swapaxes(-1, -2) + biases, rule.activation)
        by_unit = hidden.reshape(n_inputs, n_seeds, width, -1)
        residual = np.einsum("ask,askb->asb", head, by_unit) + offset[..., None] - labels[batch]
        residual *= np.float32(2 * rule.learning_rate / len(batch))
        slope = slope.reshape(by_unit.shape)
        slope *= head[..., None] * residual[:, :, None]
        push = slope.reshape(hidden.shape)
        head -= np.einsum("asb,askb->ask", residual, by_unit)
        flat -= push @ x
        if rule.biased:
            offset -= residual.sum(axis=-1)
            biases -= push.sum(axis=-1, keepdims=True)


def outputs(networks: Networks, inputs: Array32, task: int, activation: str) -> Array32:
    """What every network says about inputs (A, P, D); a leading 1 there or of the networks stands for all. Shape (A, S, P)."""
    n_networks, n_seeds, width, dim = networks.weights.shape
    fields = networks.weights.reshape(n_networks, -1, dim) @ inputs.swapaxes(-1, -2) + networks.biases.reshape(n_networks, -1, 1)
    hidden = _activate(fields, activation)[0].reshape(-1, n_seeds, width, inputs.shape[-2])
    return np.asarray(np.einsum("ask,askp->asp", networks.heads[task], hidden) + networks.offsets[task][..., None])


def scores(networks: Networks, inputs: Array32, labels: Array32, task: int, activation: str) -> tuple[Array32, Array32]:
    """Mean of (output − label)² and share with output > ½ where the label is 1, for every network; both of shape (A, S)."""
    said = outputs(networks, inputs, task, activation)
    return ((said - labels) ** 2).mean(axis=-1), ((said > 0.5) == (labels > 0.5)).mean(axis=-1)


def _activate(fields: Array32, activation: str) -> tuple[Array32, Array32]:
    """Value and slope of the hidden units."""
    if activation == "relu":
        return np.maximum(fields, 0), (fields > 0).astype(fields.dtype)
    value = expit(fields)
    return value, value * (1 - value)
