"""Derivatives of strip networks in training, by sweeps over the layers in place of automatic differentiation twice [razin_htf, E8].

The gradient of R needs that of a gradient: with v = ∂R/∂u at the gradients u of the summed outputs, it is the gradient of the
directional derivative of the outputs along v. So one sweep down gives u, one up the directional derivative, one down the rest; what the
first sweep left is used again. Shapes: N = G · P passes, C channels, T cells, B pairs; hidden values have an empty cell at both ends,
so that the three taps of a convolution are views. In a batch normalisation x̂ = (a − mean) r, and J x = r (x − mean x − x̂ mean(x x̂)) is
its derivative, which is symmetric.
"""

from typing import NamedTuple

import torch
from torch import Tensor

EPSILON = 1e-5
KERNEL = 3


class Layer(NamedTuple):
    """What is kept of a layer: convolution, batch normalisation, ReLU."""

    taps: Tensor | None
    """(3, N, C, C), for the left, own and right cell; null for the first layer, which has no convolution here."""
    gain: Tensor
    """(N, C)."""
    before: Tensor
    """a: (N, C, T, B)."""
    after: Tensor
    """ReLU of the normalised values, (N, C, T, B)."""
    mean: Tensor
    """(N, C)."""
    scale: Tensor
    """r, one over the standard deviation, (N, C)."""
    below: Tensor | None
    """Hidden values that the convolution reads, (N, C, T + 2, B)."""


class Along(NamedTuple):
    """What the sweeps for R leave of a layer; J q and J ȧ, with q the gradient of the summed outputs and ȧ the derivative along v."""

    pulled: Tensor
    """J q̂, (N, C, T + 2, B)."""
    moved: Tensor
    """J ȧ, (N, C, T, B)."""
    below: Tensor | None
    """Derivative along v of the hidden values below, (N, C, T + 2, B)."""
    of_pull: Tensor
    """mean(q̂ x̂), (N, C)."""
    of_move: Tensor
    """mean(ȧ x̂), (N, C)."""
    of_both: Tensor
    """Sum of the gradient before the gain times J ȧ, (N, C)."""


class Slopes(NamedTuple):
    """Gradients of a sweep down, by pass."""

    cells: Tensor
    """(N, C, T, B)."""
    layers: list[Tensor]
    """(3, N, C, C) each."""
    gains: list[Tensor]
    """(N, C) each."""
    shifts: list[Tensor]
    """(N, C) each."""


def up(cells: Tensor, taps: list[Tensor], gains: list[Tensor], shifts: list[Tensor]) -> tuple[list[Layer], Tensor]:
    """All layers from the values of the first one, and the hidden values at the top.

    Parameters
    ----------
    cells : Tensor, shape (N, C, T, B)
    taps : one a convolution, (3, N, C, C).
    gains, shifts : one a layer, the first one included, (N, C).
    """
    layers, hidden = [], None
    for at, (gain, shift) in enumerate(zip(gains, shifts, strict=True)):
        before = cells if hidden is None else convolved(taps[at - 1], hidden)
        flat = before.view(1, -1, *before.shape[2:])
        out, mean, scale = torch.native_batch_norm(flat, gain.reshape(-1), shift.reshape(-1), None, None, True, 0.0, EPSILON)
        after = out.view_as(before).relu_()
        layers.append(Layer(taps[at - 1] if at else None, gain, before, after, mean.view_as(gain), scale.view_as(gain), hidden))
        hidden = padded(after) if hidden is None else plus(hidden, after)
    return layers, hidden


def down_for_inputs(layers: list[Layer], top: Tensor) -> tuple[Tensor, list[tuple[Tensor, Tensor, Tensor]]]:
    """Gradient of the summed outputs in the first layer's values, and J q̂, mean(q̂ x̂) and the gradient before the gain of every layer.

    Parameters
    ----------
    top : Tensor, shape (N, C, T, B)   gradient at the top.
    """
    kept = []
    for layer in reversed(layers):
        masked = torch.ops.aten.threshold_backward(top, layer.after, 0.0)
        slope, of_gain, _ = normal_pull(layer, masked, layer.gain)
        kept.append((padded(slope), layer.gain * of_gain / masked[0, 0].numel(), masked))
        if layer.taps is not None:
            top = top + convolved(layer.taps.flip(0).transpose(-1, -2), kept[-1][0])
    return slope, kept[::-1]


def up_along(layers: list[Layer], cells: Tensor, kept: list[tuple[Tensor, Tensor, Tensor]]) -> tuple[list[Along], Tensor]:
    """Derivative of all layers along a change of the first one's values, and that of the hidden values at the top."""
    found, hidden = [], None
    for layer, (pulled, of_pull, masked) in zip(layers, kept, strict=True):
        change = cells if hidden is None else convolved(layer.taps, hidden)
        moved, of_move, _ = normal_pull(layer, change, torch.ones_like(layer.gain))
        of_both = (masked * moved).sum(dim=(-2, -1))
        found.append(Along(pulled, moved, hidden, of_pull, of_move / masked[0, 0].numel(), of_both))
        after = torch.ops.aten.threshold_backward(moved * wide(layer.gain), layer.after, 0.0)
        hidden = padded(after) if hidden is None else plus(hidden, after)
    return found, hidden


def down(layers: list[Layer], top: Tensor, along: list[Along] | None) -> Slopes:
    """Gradients of what is minimised: the gradient of the loss from the top, and that of the derivative along v where there is one."""
    slopes = Slopes(top, [], [], [])
    for at in reversed(range(len(layers))):
        layer = layers[at]
        slope, of_gain, of_shift = normal_pull(layer, torch.ops.aten.threshold_backward(top, layer.after, 0.0), layer.gain)
        if along is not None:
            with_ = along[at]
            of_gain = of_gain + with_.of_both
            of_scale = layer.gain * with_.of_both / top[0, 0].numel()
            # J c of c = −r (q̂ mean(ȧ x̂) + ȧ mean(q̂ x̂)), and what hangs on r itself
            slope.addcmul_(cells_of(with_.pulled), wide(-layer.scale * with_.of_move))
            slope.addcmul_(with_.moved, wide(-layer.scale * with_.of_pull))
            slope.addcmul_(layer.before - wide(layer.mean), wide(-(layer.scale**2) * of_scale))
        slopes.gains.insert(0, of_gain)
        slopes.shifts.insert(0, of_shift)
        if layer.taps is not None:
            around = padded(slope)
            found = tap_slopes(slope, layer.below)
            slopes.layers.insert(0, found if along is None else found + tap_slopes(cells_of(with_.pulled), with_.below))
            top = top + convolved(layer.taps.flip(0).transpose(-1, -2), around)
    return slopes._replace(cells=slope)


def normal_pull(layer: Layer, slope: Tensor, gain: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """J (gain · slope), and the sums of slope · x̂ and of slope over cells and pairs."""
    flat = (1, -1, *slope.shape[2:])
    found = torch.ops.aten.native_batch_norm_backward(
        slope.reshape(flat),
        layer.before.view(flat),
        gain.reshape(-1),
        None,
        None,
        layer.mean.view(-1),
        layer.scale.view(-1),
        True,
        EPSILON,
        [True, True, True],
    )
    return found[0].view_as(slope), found[1].view_as(gain), found[2].view_as(gain)


def convolved(taps: Tensor, hidden: Tensor) -> Tensor:
    """Convolution over the cells, (3, N, C, C) on (N, C, T + 2, B): (N, C, T, B)."""
    out = torch.bmm(taps[0], tap(hidden, 0))
    for at in range(1, KERNEL):
        out.baddbmm_(taps[at], tap(hidden, at))
    return out.view(*hidden.shape[:2], -1, hidden.shape[3])


def tap_slopes(slope: Tensor, hidden: Tensor) -> Tensor:
    """Gradient of the taps from that of the convolution, (3, N, C, C)."""
    flat = slope.flatten(2)
    return torch.stack([torch.bmm(flat, tap(hidden, at).transpose(1, 2)) for at in range(KERNEL)])


def tap(hidden: Tensor, at: int) -> Tensor:
    """Hidden values as one tap sees them, (N, C, T · B): a view."""
    n_pairs = hidden.shape[3]
    return hidden.flatten(2)[:, :, at * n_pairs : hidden.shape[2] * n_pairs - (KERNEL - 1 - at) * n_pairs]


def padded(cells: Tensor) -> Tensor:
    """Values with an empty cell at both ends."""
    out = cells.new_zeros(*cells.shape[:2], cells.shape[2] + 2, cells.shape[3])
    cells_of(out).copy_(cells)
    return out


def plus(hidden: Tensor, cells: Tensor) -> Tensor:
    """Hidden values with something added, in new memory."""
    out = hidden.clone()
    cells_of(out).add_(cells)
    return out


def cells_of(hidden: Tensor) -> Tensor:
    """Hidden values without the empty cells: a view."""
    return hidden[:, :, 1:-1]


def wide(of_channel: Tensor) -> Tensor:
    """(N, C) to (N, C, 1, 1)."""
    return of_channel[..., None, None]
