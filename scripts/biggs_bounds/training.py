"""SGD on the two networks, and the prior that follows it on a part of the data [biggs_bounds, eqs. 10, 11].

Heavy ball v ← μ v − η g, θ ← θ + v on the mean cross-entropy; mini-batches are consecutive slices of the training
set in file order, never shuffled, so that a network and its prior make the same steps for as long as possible.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from scripts.biggs_bounds.model import Network, activation


class Descent(NamedTuple):
    """Settings of gradient descent."""

    model: str
    """shel or gelu."""
    beta: float
    """β in the activation φ(β U x)."""
    learning_rate: float
    """η, one for both layers."""
    momentum: float
    """μ."""
    batch_size: int


class Trained(NamedTuple):
    """A network and how its training ended."""

    network: Network
    n_epochs: int
    stopped: bool
    """Whether the loss rule fired, not the cap on the epochs."""
    last_batch_loss: float
    """Cross-entropy of the last mini-batch, nats."""


class Priors(NamedTuple):
    """Prior means that follow a trained network."""

    best: Network
    last: Network
    n_epochs: int


def loss_and_gradients(network: Network, x: Tensor, labels: Tensor, model: str, beta: float) -> tuple[Tensor, Network]:
    """Mean cross-entropy of a mini-batch in nats, and its gradient in both layers.

    Parameters
    ----------
    x : Tensor, shape (B, dim)
        Inputs of norm 1.
    labels : Tensor of int64, shape (B,)

    Returns
    -------
    loss : Tensor, shape ()
    gradient : Network   ∂loss/∂U, ∂loss/∂V.
    """
    value, slope = activation(model, (x @ network.hidden.T).mul_(beta))
    log_p = torch.log_softmax(value @ network.output.T, dim=1)
    loss = torch.nn.functional.nll_loss(log_p, labels)
    residual = log_p.exp()
    residual[torch.arange(len(x), device=x.device), labels] -= 1
    residual.div_(len(x))
    signal = (residual @ network.output).mul_(slope).mul_(beta)
    return loss, Network(signal.T @ x, residual.T @ value)


def epochs(initial: Network, x: Tensor, labels: Tensor, descent: Descent) -> Iterator[tuple[Network, Tensor]]:
    """Endless training: the network after each epoch and the loss of the epoch's last mini-batch, before its step.

    The network is the same object every time, changed in place: copy what is to be kept.
    """
    network = Network(*(weights.clone() for weights in initial))
    velocity = Network(*(torch.zeros_like(weights) for weights in initial))
    batches = list(zip(torch.split(x, descent.batch_size), torch.split(labels, descent.batch_size), strict=True))
    while True:
        for batch in batches:
            loss, gradient = loss_and_gradients(network, *batch, descent.model, descent.beta)
            for weights, speed, slope in zip(network, velocity, gradient, strict=True):
                speed.mul_(descent.momentum).sub_(slope, alpha=descent.learning_rate)
                weights.add_(speed)
        yield network, loss


def train(initial: Network, x: Tensor, labels: Tensor, descent: Descent, *, loss_stop: float, max_epochs: int) -> Trained:
    """Train until the last mini-batch's loss is below `loss_stop`, at most `max_epochs`.

    A `loss_stop` of −inf trains for exactly `max_epochs`.
    """
    for n_epochs, (network, loss) in enumerate(epochs(initial, x, labels, descent), start=1):
        stopped = bool(loss < loss_stop)
        if stopped or n_epochs == max_epochs:
            return Trained(network, n_epochs, stopped, float(loss))
    raise AssertionError("training never ends by itself")


def train_prior(
    initial: Network,
    x: Tensor,
    labels: Tensor,
    descent: Descent,
    *,
    naive_bound: Callable[[Network], float],
    max_epochs: int,
) -> Priors:
    """Train the prior on its share of the data until the bound it gives has risen twice in a row [eq. 11].

    The best prior is then the one two epochs back, whether or not an earlier one was better; at the cap of
    `max_epochs` it is the one of the smallest bound.

    Parameters
    ----------
    naive_bound : callable
        Smallest naive bound (eq. 8) of the trained network with a given prior mean.
    """
    recent: deque[tuple[float, Network]] = deque(maxlen=3)
    smallest, best = math.inf, initial
    for n_epochs, (network, _) in enumerate(epochs(initial, x, labels, descent), start=1):
        last = Network(*(weights.clone() for weights in network))
        recent.append((naive_bound(last), last))
        if recent[-1][0] < smallest:
            smallest, best = recent[-1]
        if len(recent) == recent.maxlen and recent[0][0] < recent[1][0] < recent[2][0]:
            return Priors(recent[0][1], last, n_epochs)
        if n_epochs == max_epochs:
            return Priors(best, last, n_epochs)
    raise AssertionError("training never ends by itself")


def squared_distance(a: Tensor, b: Tensor) -> float:
    """Squared Frobenius distance of two matrices, accumulated in float64."""
    return float((a - b).double().square().sum())
