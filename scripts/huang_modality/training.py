"""Full-batch gradient descent of all encoders of S seeds, jointly or each one alone [huang_modality, E1]."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks
from scripts.huang_modality.model import Activation, Array32, Labels, Samples

TRAININGS = ("joint", "uni")


class Moment(NamedTuple):
    """Where training stands; arrays are changed in place as it goes on."""

    weights: Array32
    """Shape (S, 2, K·m, d)."""
    scores: Array32
    """Logits of every encoder by itself on the training samples, shape (S, 2, n, K)."""


def train(
    start: Array32, given: Samples, steps: npt.NDArray[np.int64], *, training: str, learning_rate: float, activation: Activation
) -> Iterator[Moment]:
    """Weights and logits after given numbers of steps.

    Parameters
    ----------
    start : ndarray of float32, shape (S, 2, K·m, d)
    given : training samples of the S seeds
    steps : ascending numbers of steps, from 0 on.
    training : joint or uni.
    learning_rate : η, on the mean loss over samples.

    Yields
    ------
    Moment   with the same weights every time.

    Raises
    ------
    ValueError   if `training` is another word, the activation or the rate makes no sense, or the steps do not ascend.
    """
    checks.one_of("training", training, TRAININGS)
    checks.ascending("steps", steps)
    checks.positive(learning_rate=learning_rate)
    descent = Descent(given, start.shape[-2], activation.checked(), is_joint=training == "joint")
    weights, done = start.copy(), 0
    for stop in steps:
        for _ in range(stop - done):
            descent.step(weights, learning_rate)
        done = int(stop)
        yield Moment(weights, descent.scores(weights))


class Descent:
    """Gradient steps in buffers that are kept: to allocate them anew would cost more than to fill them."""

    def __init__(self, given: Samples, n_neurons: int, activation: Activation, *, is_joint: bool) -> None:
        n_classes = given.codes.shape[-1]
        self.inputs, self.activation, self.is_joint = given.inputs, activation, is_joint
        shape = (*given.inputs.shape[:-1], n_neurons)
        self.fields, self.values, self.slopes = (np.empty(shape, np.float32) for _ in range(3))
        self.gradient = np.empty((*shape[:-2], n_neurons, given.inputs.shape[-1]), np.float32)
        # a product with this matrix sums the neurons of each class, faster than a sum over short rows
        self.sum_of_class = np.repeat(np.eye(n_classes, dtype=np.float32), n_neurons // n_classes, axis=0)
        self.wanted = _onehot(given.labels, n_classes)

    def scores(self, weights: Array32) -> Array32:
        """Logits of every encoder by itself, shape (S, 2, n, K)."""
        np.matmul(self.inputs, weights.swapaxes(-1, -2), out=self.fields)
        self._activate()
        return self.values @ self.sum_of_class

    def step(self, weights: Array32, learning_rate: float) -> None:
        """One step, in place."""
        scores = self.scores(weights)
        if self.is_joint:
            scores = scores.sum(axis=1, keepdims=True)
        pull = _softmax(scores)
        pull -= self.wanted
        pull *= learning_rate / self.inputs.shape[-2]
        by_class = self.slopes.reshape(*self.slopes.shape[:-1], pull.shape[-1], -1)
        by_class *= pull[..., None]
        np.matmul(self.slopes.swapaxes(-1, -2), self.inputs, out=self.gradient)
        weights -= self.gradient

    def _activate(self) -> None:
        """Values and slopes of the activation at the fields, which are lost; powers by multiplication, many times cheaper."""
        share, (power, knee) = self.values, self.activation
        np.multiply(self.fields, 1 / knee, out=share)
        np.clip(share, 0, 1, out=share)
        np.multiply(share, share, out=self.slopes)
        for _ in range(power - 3):
            self.slopes *= share
        self.values *= self.slopes
        self.values *= knee / power
        self.fields -= knee
        np.maximum(self.fields, 0, out=self.fields)
        self.values += self.fields


def _softmax(scores: Array32) -> Array32:
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def _onehot(labels: Labels, n_classes: int) -> Array32:
    """One-hot labels of S seeds, shape (S, 1, n, K): the same for both modalities."""
    return np.eye(n_classes, dtype=np.float32)[labels][:, None]
