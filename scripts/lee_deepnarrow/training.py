"""Deep MLPs of any initialisation, trained by plain gradient descent, many at once, on the CPU or on CUDA [lee_deepnarrow, E1, E2].

A network is a list of matrices, one a layer, with networks K as their first dimension and the biases as their last column; every
layer but the last has a further row that passes a constant 1 on, so that a layer is one product. Examples are columns.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from repro import checks
from scripts.lee_deepnarrow.model import Draws

Network = list[Tensor]

INITIALISATIONS = ("he_uniform", "framework_default")


class Batch(NamedTuple):
    """Examples of one step; a first dimension of 1 stands for all networks."""

    x: Tensor
    """Shape (K or 1, d + 1, B), last row 1."""
    targets: Tensor
    """Shape (K or 1, K_out, B)."""


def deep_narrow(draws: Sequence[Draws], scales: Sequence[float], n_outputs: int, *, dtype: torch.dtype, device: str = "cpu") -> Network:
    """The paper's initialisation, one network for every pair of draws and scale [lee_deepnarrow, E1].

    Raises
    ------
    ValueError   if a scale is not positive, `n_outputs` is below 1, or draws and scales are not as many.
    """
    checks.positive(scale=list(scales))
    checks.at_least(1, n_outputs=n_outputs)
    checks.one_of("number of scales", len(scales), (len(draws),))
    depth, dim = draws[0].weights.shape
    network = _empty(len(draws), depth, (dim, dim + n_outputs + 1, n_outputs), dtype, device)
    first, *later, last = network
    c = torch.tensor(list(scales), dtype=dtype, device=device)[:, None]
    copies, accumulators = range(dim), range(dim + 1, dim + 1 + n_outputs)
    first[:, copies, copies] = c
    first[:, accumulators, dim] = c
    for k, (own, scale) in enumerate(zip(draws, scales, strict=True)):
        rows = torch.from_numpy(np.column_stack([own.weights, scale * own.biases]))
        first[k, dim, :] = rows[0]
        for weights, row in zip(later, rows[1:], strict=True):
            weights[k, dim, copies] = row[:-1].to(weights)
            weights[k, dim, -1] = row[-1]
    passing = [*copies, *accumulators]
    for weights in later:
        weights[:, passing, passing] = 1
    last[:, range(n_outputs), accumulators] = 1
    last[:, :, -1] = -c
    return network


def standard(
    streams: Sequence[np.random.Generator], initialisation: str, depth: int, sizes: tuple[int, int, int], *, dtype: torch.dtype, device: str
) -> Network:
    """Networks with independent weights of all layers, a stream a network.

    Parameters
    ----------
    initialisation : he_uniform, weights in ±√(6 / fan_in), or framework_default, ±1/√fan_in; biases in ±1/√fan_in in both.
    sizes : inputs, width, outputs.

    Raises
    ------
    ValueError   if `initialisation` is another word or `depth` below 1.
    """
    checks.one_of("initialisation", initialisation, INITIALISATIONS)
    checks.at_least(1, depth=depth)
    network = _empty(len(streams), depth, sizes, dtype, device)
    fan_outs = [sizes[1]] * depth + [sizes[2]]
    for weights, fan_out in zip(network, fan_outs, strict=True):
        fan_in = weights.shape[-1] - 1
        gain = np.sqrt(6) if initialisation == "he_uniform" else 1.0
        edges = np.append(np.full(fan_in, gain), 1.0) / np.sqrt(fan_in)
        for k, stream in enumerate(streams):
            weights[k, :fan_out] = torch.from_numpy(stream.uniform(-1, 1, (fan_out, fan_in + 1)) * edges)
    return network


def together(networks: Iterable[Network]) -> Network:
    """Networks of equal sizes, one after the other along the first dimension."""
    return [torch.cat(parts) for parts in zip(*networks, strict=True)]


def with_constant(x: npt.NDArray[np.float64], *, dtype: torch.dtype, device: str = "cpu") -> Tensor:
    """Inputs (N, d) as columns with a row of ones below, shape (d + 1, N)."""
    columns = np.vstack([x.T, np.ones(len(x))])
    return torch.from_numpy(columns).to(device=device, dtype=dtype)


def outputs(network: Network, x: Tensor, block: int = 1000) -> Tensor:
    """Outputs of all networks on inputs (d + 1, N), in blocks of examples; shape (K, n_outputs, N)."""
    found = []
    for part in torch.split(x, block, dim=1):
        activity = part.expand(len(network[0]), -1, -1)
        for weights in network[:-1]:
            activity = torch.bmm(weights, activity).clamp_min_(0)
        found.append(torch.bmm(network[-1], activity))
    return torch.cat(found, dim=2)


def train(network: Network, batches: Iterable[Batch], rates: Tensor) -> Iterator[Tensor]:
    """Steps of gradient descent, in place, on the mean over examples and outputs of the squared residual.

    Networks whose loss is no longer finite are taken out of the list's matrices: at the end it holds the others.

    Parameters
    ----------
    batches : of equal size.
    rates : Tensor, shape (K,)
        Learning rate of every network.

    Yields
    ------
    Tensor, shape (K,)   loss of each batch before the step that it makes, on the CPU; infinite for those taken out.
    """
    alive = torch.ones(len(rates), dtype=torch.bool)
    tape: list[_Layer] = []
    for batch in batches:
        losses = torch.full(alive.shape, torch.inf, dtype=rates.dtype)
        residual = torch.empty(0)
        while alive.any():
            tape = tape or _tape(network, batch.x.shape[-1])
            residual = _forward(tape, _of(batch.x, alive)) - _of(batch.targets, alive)
            losses[alive] = residual.square().mean(dim=(1, 2)).cpu()
            kept = torch.isfinite(losses[alive])
            if kept.all():
                break
            losses[~torch.isfinite(losses)] = torch.inf
            network[:] = [weights[kept.to(weights.device)] for weights in network]
            alive &= torch.isfinite(losses)
            tape = []
        yield losses
        if alive.any():
            scaled = -2 * rates[alive.to(rates.device)] / residual[0].numel()
            _backward(tape, residual.mul_(scaled[:, None, None]))


def tangent_kernel(network: Network, x: Tensor, n_rows: int = 1) -> Tensor:
    """Kernel of the first output between the first inputs and all, not scaled [lee_deepnarrow, E2].

    Parameters
    ----------
    x : Tensor, shape (d + 1, N)

    Returns
    -------
    Tensor, shape (K, n_rows, N)
    """
    tape = _tape(network, x.shape[-1])
    signal = torch.zeros_like(_forward(tape, x[None]))
    signal[:, 0] = 1
    kernel = signal.new_zeros(len(signal), n_rows, signal.shape[-1])
    for at, layer in enumerate(reversed(tape), start=1):
        activities, signals = (torch.bmm(each[..., :n_rows].mT, each) for each in (layer.below, signal))
        kernel.addcmul_(activities, signals)
        if at < len(tape):
            signal = _through(layer, signal)
    return kernel


class _Layer(NamedTuple):
    """One layer with its views and the activity below and above: views are made once, not at every step."""

    weights: Tensor
    learned: Tensor
    """Without the row of the constant."""
    backward: Tensor
    """Transposed, without the biases."""
    below: Tensor
    below_transposed: Tensor
    below_inner: Tensor
    """Without the constant."""
    above: Tensor


def _of(part: Tensor, alive: Tensor) -> Tensor:
    """What the networks that are left see of a batch."""
    return part if len(part) == 1 else part[alive.to(part.device)]


def _tape(network: Network, size: int) -> list[_Layer]:
    n = len(network[0])
    below = network[0].new_empty(n, network[0].shape[-1], size)
    tape = []
    for at, weights in enumerate(network, start=1):
        n_learned = weights.shape[1] - (at < len(network))
        above = weights.new_empty(n, weights.shape[1], size)
        learned = weights[:, :n_learned]
        tape.append(_Layer(weights, learned, learned[..., :-1].mT, below, below.mT, below[:, :-1], above))
        below = above
    return tape


def _forward(tape: list[_Layer], x: Tensor) -> Tensor:
    """Outputs, the last activity of the tape."""
    tape[0].below.copy_(x.expand_as(tape[0].below))
    for layer in tape[:-1]:
        torch.bmm(layer.weights, layer.below, out=layer.above)
        layer.above.clamp_min_(0)
    return torch.bmm(tape[-1].weights, tape[-1].below, out=tape[-1].above)


def _backward(tape: list[_Layer], signal: Tensor) -> None:
    """Add to the weights what a signal at the output, times the step, asks for."""
    for layer in reversed(tape[1:]):
        sent = _through(layer, signal)  # before the weights change
        # not baddbmm_: into a part of a matrix it costs twice as much
        layer.learned.add_(torch.bmm(signal, layer.below_transposed))
        signal = sent
    tape[0].learned.add_(torch.bmm(signal, tape[0].below_transposed))


def _through(layer: _Layer, signal: Tensor) -> Tensor:
    """Signal below a layer, zero where the ReLU there was."""
    return torch.ops.aten.threshold_backward(torch.bmm(layer.backward, signal), layer.below_inner, 0)


def _empty(n: int, depth: int, sizes: tuple[int, int, int], dtype: torch.dtype, device: str) -> Network:
    """Zero weights of all layers, with the rows that pass the constant on."""
    dim, width, n_outputs = sizes
    fan_ins = [dim, *[width] * depth]
    network = [torch.zeros(n, width + 1, fan_in + 1, dtype=dtype, device=device) for fan_in in fan_ins[:-1]]
    for weights in network:
        weights[:, -1, -1] = 1
    return [*network, torch.zeros(n, n_outputs, fan_ins[-1] + 1, dtype=dtype, device=device)]
