"""Training of networks, and of the priors that follow them on a part of the data, many at once [biggs_bounds, E10, E11].

Mini-batches are consecutive slices of the training set in file order, never shuffled, so that a network and its prior make the same
steps for as long as possible: in the first epoch, until the prior's data end. These steps are made once.

Each network stops by its own rule. It then leaves the others, at once on a CPU; on a GPU, where a smaller batch is captured anew,
with the next ones that stop.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from repro.checks import at_least, within
from scripts.biggs_bounds.model import Network
from scripts.biggs_bounds.steps import Batch, Descent, Motion, at_rest, check, mini_batches, side_by_side, stepper

RUNNING = {"cpu": 1.0, "cuda": 0.75}
"""Share of the networks in a batch that still train, below or at which the batch is made smaller."""

NaiveBounds = Callable[[Sequence[int], Sequence[Network]], Sequence[float]]


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


class Training:
    """Networks that train at once, in place, each until it is finished."""

    def __init__(self, motion: Motion, batches: Sequence[Batch], descents: Sequence[Descent]) -> None:
        self.batches = batches
        self.numbers = list(range(len(descents)))
        """Number of the network in each slot of the batch."""
        self.running = set(self.numbers)
        self._take(motion, list(descents))

    def _take(self, motion: Motion, descents: list[Descent]) -> None:
        self.motion, self.descents = motion, descents
        self._step = stepper(motion, descents, self.batches[0])

    def epoch(self, start: int = 0, stop: int | None = None) -> list[float]:
        """Steps on all mini-batches or some: each slot's loss on the last of them before its step, in nats."""
        for batch in self.batches[start:stop]:
            scores = self._step(batch)
        return torch.stack([torch.nn.functional.cross_entropy(own, batch.targets) for own in scores]).tolist()

    def copies(self) -> list[Network]:
        """The network of each slot as it is now."""
        return [Network(*parts) for parts in zip(*(part.clone() for part in self.motion.network), strict=True)]

    def finish(self, numbers: Iterable[int]) -> None:
        """Stop training these networks."""
        self.running.difference_update(numbers)
        share = RUNNING[self.motion.network.hidden.device.type]
        if not self.running or len(self.running) == len(self.numbers) or len(self.running) > share * len(self.numbers):
            return
        slots = [slot for slot, number in enumerate(self.numbers) if number in self.running]
        self.numbers = [self.numbers[slot] for slot in slots]
        del self._step  # with its graph, whose memory the next one can use
        self._take(self.motion.at(slots), [self.descents[slot] for slot in slots])


def train(
    initials: Sequence[Network],
    x: Tensor,
    labels: Tensor,
    descents: Sequence[Descent],
    *,
    loss_stop: float,
    max_epochs: int,
    n_prior: int = 0,
) -> list[Trained]:
    """Train each network until its loss on the last mini-batch is below `loss_stop`, at most `max_epochs`.

    Parameters
    ----------
    initials, descents : one a network; of equal width, β, momentum and batch size.
    loss_stop : float
        Nats; −inf trains for exactly `max_epochs`.
    n_prior : int
        Examples of the prior: the state after them in the first epoch is kept for `train_priors`.

    Raises
    ------
    ValueError   for another model, a size or rate that makes no sense, or if training diverges: the loss is not finite.
    """
    check(descents)
    at_least(1, max_epochs=max_epochs)
    within("n_prior", n_prior, 0, len(x) - 1)
    batch_size = descents[0].batch_size
    training = Training(at_rest(initials), mini_batches(x, labels, batch_size, len(initials[0].output)), descents)
    n_shared = n_prior // batch_size if n_prior % batch_size == 0 else 0
    shared = _after(training, n_shared)
    found: dict[int, Trained] = {}
    for n_epochs in range(1, max_epochs + 1):
        losses = dict(zip(training.numbers, training.epoch(n_shared if n_epochs == 1 else 0), strict=True))
        _refuse_divergence({number: losses[number] for number in training.running}, descents, n_epochs)
        done = [number for number in training.running if losses[number] < loss_stop or n_epochs == max_epochs]
        for number in done:
            weights = training.motion.at(training.numbers.index(number)).copy().network
            before = shared.at(number) if shared else None
            found[number] = Trained(weights, n_epochs, losses[number] < loss_stop, losses[number], before)
        training.finish(done)
        if not training.running:
            break
    return [found[number] for number in range(len(descents))]


def _after(training: Training, n_batches: int) -> Motion | None:
    """State after the first mini-batches; null if there are none."""
    if not n_batches:
        return None
    training.epoch(0, n_batches)
    return training.motion.copy()


def _refuse_divergence(losses: dict[int, float], descents: Sequence[Descent], n_epochs: int) -> None:
    for number, loss in losses.items():
        if not math.isfinite(loss):
            raise ValueError(f"learning_rate {descents[number].learning_rate:g}: training diverged in epoch {n_epochs}")


def train_priors(
    initials: Sequence[Network],
    x: Tensor,
    labels: Tensor,
    descents: Sequence[Descent],
    *,
    naive_bounds: NaiveBounds,
    max_epochs: int,
    after_one: Sequence[Motion] | None = None,
) -> list[Priors]:
    """Train each prior on its share of the data until the bound it gives has risen twice in a row [biggs_bounds, E11].

    The best prior is then the one two epochs back, whether or not an earlier one was better; at the cap of
    `max_epochs` it is the one of the smallest bound.

    Parameters
    ----------
    naive_bounds : callable
        Smallest naive bound (E8) of trained networks, given by their numbers, with these prior means.
    after_one : sequence of Motion, optional
        The states after the first epoch, where the networks' own training went through it.

    Raises
    ------
    ValueError   as `train`, and if a bound is not a number: such a prior must not be taken for the best.
    """
    check(descents)
    at_least(1, max_epochs=max_epochs)
    batches = mini_batches(x, labels, descents[0].batch_size, len(initials[0].output))
    start = Motion(*map(side_by_side, zip(*after_one, strict=True))) if after_one else at_rest(initials)
    training = Training(start, batches, descents)
    watches = [Watch(initial) for initial in initials]
    for n_epochs in range(1, max_epochs + 1):
        if n_epochs > 1 or after_one is None:
            training.epoch()
        priors = training.copies()
        values = naive_bounds(training.numbers, priors)
        for number, value, prior in zip(training.numbers, values, priors, strict=True):
            if number in training.running:
                watches[number].see(value, prior, n_epochs)
        training.finish(number for number, watch in enumerate(watches) if watch.ended)
        if not training.running:
            break
    return [watch.priors() for watch in watches]


class Watch:
    """The rule by which a prior's training ends, and what it keeps."""

    def __init__(self, initial: Network) -> None:
        self.recent: deque[tuple[float, Network]] = deque(maxlen=3)
        self.smallest, self.best = math.inf, initial
        self.n_epochs = 0
        self.ended = False

    def see(self, bound: float, prior: Network, n_epochs: int) -> None:
        """Take note of the prior after an epoch and of the bound it gives."""
        if math.isnan(bound):
            raise ValueError(f"naive_bounds: not a number for a prior after epoch {n_epochs}")
        self.n_epochs = n_epochs
        self.recent.append((bound, prior))
        if bound < self.smallest:
            self.smallest, self.best = bound, _own(prior)
        if len(self.recent) == self.recent.maxlen and self.recent[0][0] < self.recent[1][0] < self.recent[2][0]:
            self.best, self.ended = self.recent[0][1], True
            self.end()

    def end(self) -> None:
        """Keep the best and the last prior and let go of what holds the others of their batch."""
        self.best = _own(self.best)
        self.recent = deque([(self.recent[-1][0], _own(self.recent[-1][1]))], maxlen=3)

    def priors(self) -> Priors:
        """What the rule chose."""
        return Priors(self.best, self.recent[-1][1], self.n_epochs)


def _own(network: Network) -> Network:
    """A copy: a network of `Training.copies` holds all those of its batch in memory."""
    return Network(*(weights.clone() for weights in network))


def squared_distance(a: Tensor, b: Tensor) -> Tensor:
    """Squared Frobenius distance of two matrices, accumulated in float64, where they are."""
    return (a - b).double().square().sum()
