"""One step of SGD for many networks at once [biggs_bounds, E10].

Heavy ball v ← μ v − η g, θ ← θ + v on the mean cross-entropy of a mini-batch. The networks see the same mini-batch and have the same
width, so their hidden layers lie side by side as one wide layer: the two large products of a step are one product for all of them.
Pixels after the last one that is lit take no part in these: in the mini-batch on a CPU, in all of the data on a GPU, where every step
must have one shape: it is captured once as a CUDA graph, since launching it costs more than computing it.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from repro.checks import at_least, one_of, positive, within
from scripts.biggs_bounds.bounds import MODELS
from scripts.biggs_bounds.model import Network, activation


class Descent(NamedTuple):
    """Settings of gradient descent of one network."""

    model: str
    """shel or gelu."""
    beta: float
    """β in the activation φ(β U x); one for networks that train at once."""
    learning_rate: float
    """η, one for both layers."""
    momentum: float
    """μ; one for networks that train at once."""
    batch_size: int
    """Examples of a mini-batch; one number for networks that train at once."""


class Batch(NamedTuple):
    """One mini-batch."""

    x: Tensor
    """Inputs up to the last pixel that is not zero in all of them, shape (B, at most dim)."""
    targets: Tensor
    """One-hot labels, shape (B, n_classes)."""


class Motion(NamedTuple):
    """Weights on their way, changed in place: U of shape (N, width, dim), V of shape (N, n_classes, width) for N networks."""

    network: Network
    velocity: Network

    def at(self, networks: Any) -> "Motion":
        """Those of some networks, or of one if `networks` is its number."""
        return Motion(*(Network(*(part[networks] for part in pair)) for pair in self))

    def copy(self) -> "Motion":
        """Weights and velocity as they are now."""
        return Motion(*(Network(*(part.clone() for part in pair)) for pair in self))


def side_by_side(networks: Iterable[Network]) -> Network:
    """Networks of equal width as one, with a leading dimension; copies."""
    return Network(*(torch.stack(parts) for parts in zip(*networks, strict=True)))


def at_rest(initials: Iterable[Network]) -> Motion:
    """A copy of the initial weights, with no velocity."""
    network = side_by_side(initials)
    return Motion(network, Network(*(torch.zeros_like(weights) for weights in network)))


def check(descents: Sequence[Descent]) -> None:
    """Raise ValueError for settings that make no sense, or that networks which train at once cannot differ in."""
    for descent in descents:
        one_of("model", descent.model, MODELS)
        positive(beta=descent.beta)
        positive(learning_rate=descent.learning_rate)
        within("momentum", descent.momentum, 0, 1, open_at="upper")
    for name in ("beta", "momentum", "batch_size"):
        if len({getattr(descent, name) for descent in descents}) > 1:
            raise ValueError(f"{name} must be one for networks that train at once")


def spans(descents: Sequence[Descent], name: str) -> list[tuple[Any, slice]]:
    """Values of one setting with the networks that have it: neighbours only."""
    found, start = [], 0
    for value, group in itertools.groupby(getattr(descent, name) for descent in descents):
        stop = start + len(list(group))
        found.append((value, slice(start, stop)))
        start = stop
    return found


def step(motion: Motion, batch: Batch, descents: Sequence[Descent]) -> Tensor:
    """One step of every network on the mean cross-entropy of a mini-batch, in place; the scores (N, B, n_classes) before it."""
    network, velocity = motion
    n, width, dim = network.hidden.shape
    size, n_lit = batch.x.shape
    beta, momentum = descents[0].beta, descents[0].momentum
    hidden, moving = (part.hidden.view(n * width, dim)[:, :n_lit] for part in motion)
    value, slope = _activations(descents, (batch.x @ hidden.T).mul_(beta), width)
    value = value.view(size, n, width).transpose(0, 1)
    scores = value @ network.output.transpose(1, 2)
    residual = torch.softmax(scores, dim=2).sub_(batch.targets)
    signal = (residual @ network.output).transpose(0, 1).reshape(size, n * width).mul_(slope)
    velocity.hidden[..., n_lit:].mul_(momentum)  # the other pixels' velocity decays with its product
    for rate, at in spans(descents, "learning_rate"):
        units = slice(at.start * width, at.stop * width)
        moving[units].addmm_(signal[:, units].T, batch.x, beta=momentum, alpha=-rate / size * beta)
        velocity.output[at].baddbmm_(residual[at].transpose(1, 2), value[at], beta=momentum, alpha=-rate / size)
    network.hidden.add_(velocity.hidden)
    network.output.add_(velocity.output)
    return scores


def _activations(descents: Sequence[Descent], t: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """Activations and slopes of all networks' units side by side, from β times the preactivations (B, N · width)."""
    pieces = [activation(model, t[:, at.start * width : at.stop * width]) for model, at in spans(descents, "model")]
    value, slope = pieces[0] if len(pieces) == 1 else (torch.cat(parts, dim=1) for parts in zip(*pieces, strict=True))
    return value, slope


def mini_batches(x: Tensor, labels: Tensor, batch_size: int, n_classes: int) -> list[Batch]:
    """Consecutive slices of the inputs with their labels, cut after the last pixel that is lit: in the slice, on a GPU in all inputs.

    Raises
    ------
    ValueError   if there are no inputs, or a mini-batch would be empty.
    """
    at_least(1, n_train=len(x))
    at_least(1, batch_size=batch_size)
    targets = torch.nn.functional.one_hot(labels, n_classes).to(x.dtype)
    if x.is_cuda:
        x = x[:, : _n_lit(x)]
    slices = zip(torch.split(x, batch_size), torch.split(targets, batch_size), strict=True)
    return [Batch(part if x.is_cuda else part[:, : _n_lit(part)], target) for part, target in slices]


def _n_lit(x: Tensor) -> int:
    """Number of leading columns that hold all that is not zero."""
    return int(torch.count_nonzero(x.abs().amax(dim=0).flip(0).cumsum(0)))


def stepper(motion: Motion, descents: Sequence[Descent], like: Batch) -> Callable[[Batch], Tensor]:
    """`step` of these networks as a function of the mini-batch; on a GPU captured for mini-batches of the shape of `like`.

    The scores that it returns hold until the next step.
    """
    return captured(motion, descents, like) if like.x.is_cuda else lambda batch: step(motion, batch, descents)


def captured(motion: Motion, descents: Sequence[Descent], like: Batch) -> Callable[[Batch], Tensor]:
    """`step` as a CUDA graph that is replayed on mini-batches of the shape of `like`; others are stepped on as they are."""
    slot = Batch(*(part.new_zeros(part.shape) for part in like))
    aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):  # libraries set themselves up at a first call, which a capture must not see
        step(motion.copy(), slot, descents)
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        scores = step(motion, slot, descents)

    def replay(batch: Batch) -> Tensor:
        if batch.x.shape != slot.x.shape:  # the last mini-batch may be short
            return step(motion, batch, descents)
        for part, values in zip(slot, batch, strict=True):
            part.copy_(values)
        graph.replay()
        return scores

    return replay
