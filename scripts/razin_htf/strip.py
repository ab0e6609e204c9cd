"""IsSameClass with a small residual network over a strip of cells, many networks at once [razin_htf, E8].

The strip is a row of T cells as large as an image; two of them hold the images, the others are 0. The first layer sees one cell at
a time, so it is applied to the two images only. Shapes: G networks (leading dimension of all weights), C channels, F numbers an
image, P passes (1, or 2 with the regulariser: the batch, and the batch with exchanged region J), B pairs.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

KERNEL = 3
BATCH_NORM_EPSILON = 1e-5
BATCH_NORM_MOMENTUM = 0.1
SMALL = 1e-12


class Networks(NamedTuple):
    """Weights of G networks."""

    first: Tensor
    """(G, C, F)."""
    layers: Tensor
    """(n_layers, G, C, 3 C): left, own and right cell."""
    gains: Tensor
    """γ of every batch normalisation, (1 + n_layers, G, C)."""
    shifts: Tensor
    """β, (1 + n_layers, G, C)."""
    head: Tensor
    """(G, C)."""
    bias: Tensor
    """(G,)."""


class Running(NamedTuple):
    """Running mean and variance of every batch normalisation, (1 + n_layers, G, C); changed in place."""

    mean: Tensor
    variance: Tensor


class Task(NamedTuple):
    """What G networks learn."""

    images: Tensor
    """Flattened images, (n_images, F)."""
    pairs: Tensor
    """Places of left and right image, (G, n_pairs, 2)."""
    same: Tensor
    """1 for one class, (G, n_pairs)."""
    places: Tensor
    """(G, T, 2): 1 where a cell holds the left or the right image."""


class Descent(NamedTuple):
    """Settings of SGD."""

    learning_rate: float
    momentum: float
    batch_size: int


class Epoch(NamedTuple):
    """Means over the mini-batches of an epoch, (G,) each."""

    accuracy: Tensor
    regulariser: Tensor
    """Not a number without the regulariser."""


def initial_networks(streams: Sequence[np.random.Generator], n_inputs: int, channels: int, n_layers: int) -> Networks:
    """Weights N(0, 2 / fan_in), head N(0, 1 / C), γ = 1, biases 0; one stream a network."""
    drawn = []
    for rng in streams:
        first = rng.standard_normal((channels, n_inputs)) * np.sqrt(2 / n_inputs)
        layers = rng.standard_normal((n_layers, channels, KERNEL * channels)) * np.sqrt(2 / (KERNEL * channels))
        drawn.append((first, layers, rng.standard_normal(channels) / np.sqrt(channels)))
    first, layers, head = (torch.from_numpy(np.stack(parts)).float() for parts in zip(*drawn, strict=True))
    ones = torch.ones(1 + n_layers, len(drawn), channels)
    return Networks(first, layers.transpose(0, 1).contiguous(), ones, torch.zeros_like(ones), head, torch.zeros(len(drawn)))


def fresh_running(networks: Networks) -> Running:
    """Mean 0 and variance 1."""
    return Running(torch.zeros_like(networks.gains), torch.ones_like(networks.gains))


def logits(networks: Networks, pre: Tensor, places: Tensor, running: Running, *, training: bool) -> Tensor:
    """Outputs (G, P, B) from the first layer's values of both images.

    Parameters
    ----------
    pre : Tensor, shape (G, C, P, 2, B)
    places : Tensor, shape (G, T, 2)
    training : with the statistics of each pass, which move the running ones in the order of the passes; else with the running ones.
    """
    n_networks, n_channels, n_passes, _, n_pairs = pre.shape
    cells = places[:, None, None] @ pre  # (G, C, P, T, B)
    hidden = torch.relu(_normalised(cells, networks, running, 0, training=training))
    for at, layer in enumerate(networks.layers, start=1):
        around = torch.cat([functional.pad(hidden, (0, 0, 1, -1)), hidden, functional.pad(hidden, (0, 0, -1, 1))], dim=1)
        mixed = (layer @ around.view(n_networks, KERNEL * n_channels, -1)).view_as(hidden)
        hidden = hidden + torch.relu(_normalised(mixed, networks, running, at, training=training))
    pooled = hidden.mean(dim=-2).view(n_networks, n_channels, -1)
    return (networks.head[:, None] @ pooled).view(n_networks, n_passes, n_pairs) + networks.bias[:, None, None]


def _normalised(cells: Tensor, networks: Networks, running: Running, at: int, *, training: bool) -> Tensor:
    """Batch normalisation over the cells and pairs of a pass."""
    n_passes = cells.shape[2]
    gain, shift = (part[at][..., None].expand(-1, -1, n_passes).reshape(-1) for part in (networks.gains, networks.shifts))
    flat = cells.reshape(1, len(gain), *cells.shape[-2:])
    if training:
        mean, variance = torch.zeros_like(gain), torch.zeros_like(gain)
        out = functional.batch_norm(flat, mean, variance, gain, shift, training=True, momentum=1.0, eps=BATCH_NORM_EPSILON)
        for kept, found in ((running.mean[at], mean), (running.variance[at], variance)):
            for of_pass in found.detach().view(*kept.shape, n_passes).unbind(-1):
                kept.lerp_(of_pass, BATCH_NORM_MOMENTUM)
    else:
        mean, variance = running.mean[at].reshape(-1), running.variance[at].reshape(-1)
        out = functional.batch_norm(flat, mean, variance, gain, shift, eps=BATCH_NORM_EPSILON)
    return out.view(cells.shape)


def first_layer(networks: Networks, task: Task, chosen: Tensor) -> Tensor:
    """Values of the first layer on both images of the chosen pairs (G, B): (G, C, 1, 2, B)."""
    images = task.images[task.pairs.gather(1, chosen[..., None].expand(-1, -1, 2)).transpose(1, 2)]  # (G, 2, B, F)
    return (networks.first[:, None] @ images.transpose(-1, -2)).transpose(1, 2)[:, :, None]


def with_exchange(pre: Tensor, region: Tensor) -> Tensor:
    """A second pass beside the first, in which the other image is that of the next pair of the batch: (G, C, 2, 2, B).

    Parameters
    ----------
    region : Tensor of int64, shape (G,): which image is region I, 0 left or 1 right; the other one is exchanged.
    """
    other = torch.arange(2, device=pre.device) != region[:, None]  # (G, 2)
    exchanged = torch.where(other[:, None, None, :, None], pre.roll(-1, dims=-1), pre)
    return torch.cat([pre, exchanged], dim=2)


def regulariser(networks: Networks, output: Tensor, pre: Tensor, region: Tensor) -> Tensor:
    """R of E8 for every network, (G,), with a graph that can be differentiated.

    The first layer is linear, so the gradient in the image's pixels is that in its values times the layer's weights: inner products
    of gradients follow from C numbers a pair and the C × C matrix of inner products of the weights.
    """
    (slope,) = torch.autograd.grad(output.sum(), pre, create_graph=True)
    inside = slope[torch.arange(len(region), device=region.device), :, :, region]  # (G, C, P, B)
    before, after = inside[:, :, 0], inside[:, :, 1]
    metric = networks.first @ networks.first.transpose(-1, -2)
    turned = metric @ before
    product = (turned * after).sum(1)
    squares = (turned * before).sum(1) * ((metric @ after) * after).sum(1)
    return (product.abs() / (squares.clamp_min(SMALL**2).sqrt() + SMALL)).mean(-1)


def train(
    start: Networks, task: Task, orders: Iterator[tuple[Tensor, Tensor]], weights: Tensor, descent: Descent
) -> Iterator[tuple[Networks, Running, Epoch]]:
    """Networks after 1, 2, … epochs of SGD with momentum on cross-entropy plus λ R; changed in place.

    Parameters
    ----------
    orders : for every epoch the order of the pairs (G, n_pairs), and region I of every mini-batch (G, n_batches).
    weights : Tensor, shape (G,)
        λ of every network; with 0 in all of them R is not computed.
    """
    networks = Networks(*(part.clone().requires_grad_() for part in start))
    velocity = [torch.zeros_like(part) for part in networks]
    running = fresh_running(start)
    for order, regions in orders:
        totals = torch.zeros(2, len(weights), device=weights.device)
        batches = order.split(descent.batch_size, dim=1)
        for at, chosen in enumerate(batches):
            loss, accuracy, found = _loss(networks, running, task, Batch(chosen, regions[:, at]), weights)
            slopes = torch.autograd.grad(loss, networks)
            with torch.no_grad():
                for part, speed, slope in zip(networks, velocity, slopes, strict=True):
                    part.sub_(speed.mul_(descent.momentum).add_(slope), alpha=descent.learning_rate)
                totals += torch.stack([accuracy * chosen.shape[1], found * chosen.shape[1]])
        yield networks, running, Epoch(*(totals / order.shape[1]).cpu())


class Batch(NamedTuple):
    """One mini-batch of every network."""

    pairs: Tensor
    """Places of pairs, (G, B)."""
    region: Tensor
    """Region I, (G,)."""


def _loss(networks: Networks, running: Running, task: Task, batch: Batch, weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Sum over networks of what each minimises on a mini-batch, and its accuracy and R, (G,) each."""
    chosen, region = batch
    pre = first_layer(networks, task, chosen)
    wanted = task.same.gather(1, chosen)
    regularised = bool(weights.any())
    if regularised:
        pre = with_exchange(pre, region)
    output = logits(networks, pre, task.places, running, training=True)
    loss = functional.binary_cross_entropy_with_logits(output[:, 0], wanted, reduction="none").mean(-1)
    found = regulariser(networks, output, pre, region) if regularised else torch.full_like(loss, torch.nan)
    total = loss + weights * found if regularised else loss
    accuracy = ((output[:, 0] > 0) == (wanted > 0.5)).float().mean(-1)
    return total.sum(), accuracy, found.detach()


@torch.no_grad()
def accuracy(networks: Networks, running: Running, task: Task) -> Tensor:
    """Share of pairs classified correctly with the running statistics, (G,)."""
    n_networks, n_pairs = task.same.shape
    everything = torch.arange(n_pairs, device=task.same.device).expand(n_networks, -1)
    output = logits(networks, first_layer(networks, task, everything), task.places, running, training=False)
    return ((output[:, 0] > 0) == (task.same > 0.5)).float().mean(-1).cpu()
