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

from scripts.razin_htf import sweeps
from scripts.razin_htf.sweeps import KERNEL

BATCH_NORM_MOMENTUM = 0.1
SMALL = 1e-12


class Networks(NamedTuple):
    """Weights of G networks."""

    first: Tensor
    """(G, C, F)."""
    layers: Tensor
    """(n_layers, 3, G, C, C): taps for the left, own and right cell."""
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
        taps = layers.reshape(n_layers, channels, KERNEL, channels).swapaxes(1, 2)
        drawn.append((first, taps, rng.standard_normal(channels) / np.sqrt(channels)))
    first, layers, head = (torch.from_numpy(np.stack(parts)).float() for parts in zip(*drawn, strict=True))
    ones = torch.ones(1 + n_layers, len(drawn), channels)
    return Networks(first, layers.permute(1, 2, 0, 3, 4).contiguous(), ones, torch.zeros_like(ones), head, torch.zeros(len(drawn)))


def fresh_running(networks: Networks) -> Running:
    """Mean 0 and variance 1."""
    return Running(torch.zeros_like(networks.gains), torch.ones_like(networks.gains))


def tested_logits(networks: Networks, pre: Tensor, places: Tensor, running: Running) -> Tensor:
    """Outputs (G, B) from the first layer's values of both images (G, C, 2, B), with the running statistics."""
    scales = networks.gains * torch.rsqrt(running.variance + sweeps.EPSILON)
    shifts = networks.shifts - running.mean * scales
    cells = places[:, None] @ pre  # (G, C, T, B)
    hidden = sweeps.padded(torch.relu(cells * sweeps.wide(scales[0]) + sweeps.wide(shifts[0])))
    for taps, scale, shift in zip(networks.layers, scales[1:], shifts[1:], strict=True):
        mixed = sweeps.convolved(taps, hidden)
        hidden = sweeps.plus(hidden, torch.relu(mixed * sweeps.wide(scale) + sweeps.wide(shift)))
    pooled = sweeps.cells_of(hidden).mean(dim=-2)  # (G, C, B)
    return (networks.head[:, None] @ pooled)[:, 0] + networks.bias[:, None]


def first_layer(first: Tensor, task: Task, chosen: Tensor) -> Tensor:
    """Values of the first layer (G, C, F) on both images of the chosen pairs (G, B): (G, C, 2, B)."""
    images = task.images[task.pairs.gather(1, chosen[..., None].expand(-1, -1, 2)).transpose(1, 2)]  # (G, 2, B, F)
    return (first[:, None] @ images.transpose(-1, -2)).transpose(1, 2)


def with_exchange(pre: Tensor, region: Tensor) -> Tensor:
    """Two passes (G, 2, C, 2, B): the batch, and the batch in which the other image is that of the next pair.

    Parameters
    ----------
    region : Tensor of int64, shape (G,): which image is region I, 0 left or 1 right; the other one is exchanged.
    """
    other = torch.arange(2, device=pre.device) != region[:, None]  # (G, 2)
    exchanged = torch.where(other[:, None, :, None], pre.roll(-1, dims=-1), pre)
    return torch.stack([pre, exchanged], dim=1)


def regulariser(first: Tensor, slope: Tensor) -> Tensor:
    """R of E8 for every network, (G,), from the gradients of the outputs in the first layer's values at region I, (G, 2, C, B).

    The first layer is linear, so the gradient in the image's pixels is that in its values times the layer's weights: inner products
    of gradients follow from C numbers a pair and the C × C matrix of inner products of the weights.
    """
    metric = first @ first.transpose(-1, -2)
    before, after = slope[:, 0], slope[:, 1]
    product = ((metric @ before) * after).sum(1)
    squares = ((metric @ before) * before).sum(1) * ((metric @ after) * after).sum(1)
    return (product.abs() / (squares.clamp_min(SMALL**2).sqrt() + SMALL)).mean(-1)


class Batch(NamedTuple):
    """One mini-batch of every network."""

    pairs: Tensor
    """Places of pairs, (G, B)."""
    region: Tensor
    """Region I, (G,)."""


class Step(NamedTuple):
    """What is known after the derivatives of a mini-batch."""

    slopes: Networks
    accuracy: Tensor
    """(G,)."""
    regulariser: Tensor
    """R, (G,); not a number without it."""


def gradients(networks: Networks, running: Running, task: Task, batch: Batch, weights: Tensor) -> Step:
    """Gradients of cross-entropy plus λ R on a mini-batch; the running statistics move, in the order of the passes.

    Parameters
    ----------
    weights : Tensor, shape (G,)
        λ of every network; with 0 in all of them R is not computed.
    """
    first = networks.first.detach().requires_grad_()
    pre = first_layer(first, task, batch.pairs)
    pre = with_exchange(pre, batch.region) if weights.any() else pre[:, None]
    split = pre.shape[:2]
    top = Top(task.places.repeat_interleave(split[1], 0)[:, None], networks.head.repeat_interleave(split[1], 0))
    layers, hidden = _up(networks, top.places @ pre.detach().flatten(0, 1), split[1])
    _follow(running, layers, split)
    pooled = sweeps.cells_of(hidden).mean(dim=-2).unflatten(0, split)[:, 0]
    output = (networks.head[:, None] @ pooled)[:, 0] + networks.bias[:, None]
    wanted = task.same.gather(1, batch.pairs)
    misfit = (torch.sigmoid(output) - wanted) / wanted.shape[1]
    from_loss = misfit.new_zeros(*split, misfit.shape[1])
    from_loss[:, 0] = misfit  # the exchanged batch has no loss
    of_head = (pooled @ misfit[..., None])[..., 0]
    along, found, of_first = None, torch.full_like(weights, torch.nan), torch.zeros_like(first)
    if weights.any():
        along, of_derivative, found, of_first = _along(first, layers, top, batch.region, weights)
        of_head += of_derivative.unflatten(0, split).sum(1)
    slopes = sweeps.down(layers, _spread(top, from_loss.flatten(0, 1), layers[-1]), along)
    (through_pre,) = torch.autograd.grad(pre, first, _of_pre(top, slopes.cells).unflatten(0, split))
    of_layers = torch.stack(slopes.layers).unflatten(2, split).sum(3)
    of_gains, of_shifts = (torch.stack(part).unflatten(1, split).sum(2) for part in (slopes.gains, slopes.shifts))
    accuracy = ((output > 0) == (wanted > 0.5)).float().mean(-1)
    return Step(Networks(through_pre + of_first, of_layers, of_gains, of_shifts, of_head, misfit.sum(-1)), accuracy, found)


class Top(NamedTuple):
    """Both ends of the network, by pass."""

    places: Tensor
    """(N, 1, T, 2)."""
    head: Tensor
    """(N, C)."""


def _up(networks: Networks, cells: Tensor, n_passes: int) -> tuple[list[sweeps.Layer], Tensor]:
    taps = list(networks.layers.repeat_interleave(n_passes, dim=2))
    gains, shifts = (list(part.repeat_interleave(n_passes, dim=1)) for part in (networks.gains, networks.shifts))
    return sweeps.up(cells, taps, gains, shifts)


def _spread(top: Top, of_output: Tensor, layer: sweeps.Layer) -> Tensor:
    """Gradient of the outputs (N, B) at the top, (N, C, T, B): the mean over cells, and the head."""
    return (top.head[..., None] * of_output[:, None] / top.places.shape[2])[:, :, None].expand_as(layer.after)


def _of_pre(top: Top, of_cells: Tensor) -> Tensor:
    """Gradient of the cells at the two images, (N, C, 2, B)."""
    return top.places.transpose(-1, -2) @ of_cells


def _along(
    first: Tensor, layers: list[sweeps.Layer], top: Top, region: Tensor, weights: Tensor
) -> tuple[list[sweeps.Along], Tensor, Tensor, Tensor]:
    """R, (G,), the sweeps for its gradient, and that in the head, (N, C), and directly in the first layer, (G, C, F)."""
    n_pairs = layers[0].after.shape[-1]
    of_cells, kept = sweeps.down_for_inputs(layers, _spread(top, first.new_ones(len(top.head), n_pairs), layers[-1]))
    split, each = (len(region), 2), torch.arange(len(region), device=region.device)
    slope = _of_pre(top, of_cells).unflatten(0, split)[each, :, :, region].requires_grad_()  # (G, 2, C, B)
    found = regulariser(first, slope)
    direction, of_first = torch.autograd.grad((weights * found).sum(), [slope, first])
    change = first.new_zeros(*split, first.shape[1], 2, n_pairs)
    change[each, :, :, region] = direction
    along, hidden = sweeps.up_along(layers, top.places @ change.flatten(0, 1), kept)
    return along, sweeps.cells_of(hidden).mean(dim=-2).sum(-1), found.detach(), of_first


def _follow(running: Running, layers: list[sweeps.Layer], split: Sequence[int]) -> None:
    """Move the running statistics towards those of every pass."""
    n = layers[0].after[0, 0].numel()
    for at, layer in enumerate(layers):
        variance = (layer.scale**-2 - sweeps.EPSILON) * (n / (n - 1))
        for kept, found in ((running.mean[at], layer.mean), (running.variance[at], variance)):
            for of_pass in found.unflatten(0, split).unbind(1):
                kept.lerp_(of_pass, BATCH_NORM_MOMENTUM)


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
    networks = Networks(*(part.clone() for part in start))
    velocity = [torch.zeros_like(part) for part in networks]
    running = fresh_running(start)
    for order, regions in orders:
        totals = torch.zeros(2, len(weights), device=weights.device)
        for at, chosen in enumerate(order.split(descent.batch_size, dim=1)):
            step = gradients(networks, running, task, Batch(chosen, regions[:, at]), weights)
            for part, speed, slope in zip(networks, velocity, step.slopes, strict=True):
                part.sub_(speed.mul_(descent.momentum).add_(slope), alpha=descent.learning_rate)
            totals += chosen.shape[1] * torch.stack([step.accuracy, step.regulariser])
        yield networks, running, Epoch(*(totals / order.shape[1]).cpu())


@torch.no_grad()
def accuracy(networks: Networks, running: Running, task: Task) -> Tensor:
    """Share of pairs classified correctly with the running statistics, (G,)."""
    n_networks, n_pairs = task.same.shape
    everything = torch.arange(n_pairs, device=task.same.device).expand(n_networks, -1)
    output = tested_logits(networks, first_layer(networks.first, task, everything), task.places, running)
    return ((output > 0) == (task.same > 0.5)).float().mean(-1).cpu()
