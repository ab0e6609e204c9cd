"""SGD on the two networks, and the prior that follows it on a part of the data [biggs_bounds, E10, E11].

Heavy ball v ← μ v − η g, θ ← θ + v on the mean cross-entropy; mini-batches are consecutive slices of the training
set in file order, never shuffled, so that a network and its prior make the same steps for as long as possible: in the
first epoch, until the prior's data end. These steps are made once.

Pixels after the last one that is lit in a mini-batch take no part in its products.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from repro.checks import at_least, one_of, positive, within
from scripts.biggs_bounds.bounds import MODELS
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


class Batch(NamedTuple):
    """One mini-batch."""

    x: Tensor
    """Inputs up to the last pixel that is not zero in all of them, shape (B, at most dim)."""
    targets: Tensor
    """One-hot labels, shape (B, n_classes)."""


class Motion(NamedTuple):
    """Weights on their way, changed in place."""

    network: Network
    velocity: Network

    def copy(self) -> "Motion":
        """Weights and velocity as they are now."""
        return Motion(*(Network(*(part.clone() for part in pair)) for pair in self))


class Trained(NamedTuple):
    """A network and how its training ended."""

    network: Network
    n_epochs: int
    stopped: bool
    """Whether the loss rule fired, not the cap on the epochs."""
    last_batch_loss: float
    """Cross-entropy of the last mini-batch, nats."""
    shared: Motion | None
    """State after the first epoch's steps on the prior's data; null where no mini-batch ends with them."""


class Priors(NamedTuple):
    """Prior means that follow a trained network."""

    best: Network
    last: Network
    n_epochs: int


def at_rest(initial: Network) -> Motion:
    """A copy of the initial weights, with no velocity."""
    return Motion(initial, Network(*(torch.zeros_like(weights) for weights in initial))).copy()


def step(motion: Motion, batch: Batch, descent: Descent) -> Tensor:
    """One step on the mean cross-entropy of a mini-batch, in place; the scores (B, n_classes) before it."""
    network, velocity = motion
    n_lit = batch.x.shape[1]
    value, slope = activation(descent.model, (batch.x @ network.hidden[:, :n_lit].T).mul_(descent.beta))
    scores = value @ network.output.T
    residual = torch.softmax(scores, dim=1).sub_(batch.targets)
    signal = (residual @ network.output).mul_(slope)
    rate = -descent.learning_rate / len(residual)
    velocity.hidden.mul_(descent.momentum)
    velocity.hidden[:, :n_lit].addmm_(signal.T, batch.x, alpha=rate * descent.beta)
    velocity.output.addmm_(residual.T, value, beta=descent.momentum, alpha=rate)
    network.hidden.add_(velocity.hidden)
    network.output.add_(velocity.output)
    return scores


def mini_batches(x: Tensor, labels: Tensor, batch_size: int, n_classes: int) -> list[Batch]:
    """Consecutive slices of the inputs, cut after the last pixel that is lit, with their labels.

    Raises
    ------
    ValueError   if there are no inputs, or a mini-batch would be empty.
    """
    at_least(1, n_train=len(x))
    at_least(1, batch_size=batch_size)
    targets = torch.nn.functional.one_hot(labels, n_classes).to(x.dtype)
    slices = zip(torch.split(x, batch_size), torch.split(targets, batch_size), strict=True)
    return [Batch(part[:, : _n_lit(part)], target) for part, target in slices]


def _n_lit(x: Tensor) -> int:
    """Number of leading columns that hold all that is not zero."""
    return int(torch.count_nonzero(x.abs().amax(dim=0).flip(0).cumsum(0)))


def epochs(motion: Motion, batches: Sequence[Batch], descent: Descent) -> Iterator[Tensor]:
    """Endless training of a network in place: after each epoch the loss of its last mini-batch in nats, before that one's step."""
    while True:
        for batch in batches:
            scores = step(motion, batch, descent)
        yield torch.nn.functional.cross_entropy(scores, batches[-1].targets)


def train(initial: Network, x: Tensor, labels: Tensor, descent: Descent, *, loss_stop: float, max_epochs: int, n_prior: int = 0) -> Trained:
    """Train until the last mini-batch's loss is below `loss_stop`, at most `max_epochs`.

    Parameters
    ----------
    loss_stop : float
        Nats; −inf trains for exactly `max_epochs`.
    n_prior : int
        Examples of the prior: the state after them in the first epoch is kept for `train_prior`.

    Raises
    ------
    ValueError   for another model, a size or rate that makes no sense, or if training diverges: the loss is not finite.
    """
    check(descent, max_epochs)
    within("n_prior", n_prior, 0, len(x) - 1)
    motion, batches = at_rest(initial), mini_batches(x, labels, descent.batch_size, len(initial.output))
    n_shared = n_prior // descent.batch_size if n_prior % descent.batch_size == 0 else 0
    for batch in batches[:n_shared]:
        step(motion, batch, descent)
    shared = motion.copy() if n_shared else None
    first = epochs(motion, batches[n_shared:], descent)
    later = epochs(motion, batches, descent)
    for n_epochs in range(1, max_epochs + 1):
        loss = float(next(first if n_epochs == 1 else later))
        if not math.isfinite(loss):
            raise ValueError(f"learning_rate {descent.learning_rate:g}: training diverged in epoch {n_epochs}")
        if loss < loss_stop or n_epochs == max_epochs:
            break
    return Trained(motion.network, n_epochs, loss < loss_stop, loss, shared)


def check(descent: Descent, max_epochs: int) -> None:
    """Raise ValueError for settings that make no sense."""
    one_of("model", descent.model, MODELS)
    positive(beta=descent.beta)
    positive(learning_rate=descent.learning_rate)
    within("momentum", descent.momentum, 0, 1, open_at="upper")
    at_least(1, max_epochs=max_epochs)


def train_prior(
    initial: Network,
    x: Tensor,
    labels: Tensor,
    descent: Descent,
    *,
    naive_bound: Callable[[Network], float],
    max_epochs: int,
    after_one: Motion | None = None,
) -> Priors:
    """Train the prior on its share of the data until the bound it gives has risen twice in a row [biggs_bounds, E11].

    The best prior is then the one two epochs back, whether or not an earlier one was better; at the cap of
    `max_epochs` it is the one of the smallest bound.

    Parameters
    ----------
    naive_bound : callable
        Smallest naive bound (E8) of the trained network with a given prior mean.
    after_one : Motion, optional
        The state after the first epoch, where the network's own training went through it.

    Raises
    ------
    ValueError   as `train`, and if a bound is not a number: such a prior must not be taken for the best.
    """
    check(descent, max_epochs)
    batches = mini_batches(x, labels, descent.batch_size, len(initial.output))
    motion = after_one.copy() if after_one else at_rest(initial)
    training = epochs(motion, batches, descent)
    recent: deque[tuple[float, Network]] = deque(maxlen=3)
    smallest, best = math.inf, initial
    for n_epochs in range(1, max_epochs + 1):
        if n_epochs > 1 or after_one is None:
            next(training)
        recent.append((_number(naive_bound(motion.network), n_epochs), motion.copy().network))
        if recent[-1][0] < smallest:
            smallest, best = recent[-1]
        if len(recent) == recent.maxlen and recent[0][0] < recent[1][0] < recent[2][0]:
            best = recent[0][1]
            break
    return Priors(best, recent[-1][1], n_epochs)


def _number(bound: float, n_epochs: int) -> float:
    if math.isnan(bound):
        raise ValueError(f"naive_bound: not a number for the prior after epoch {n_epochs}")
    return bound


def squared_distance(a: Tensor, b: Tensor) -> float:
    """Squared Frobenius distance of two matrices, accumulated in float64."""
    return float((a - b).double().square().sum())
