"""Deep narrow CNNs, trained by plain gradient descent, several at once, on the CPU or on CUDA [lee_deepnarrow, E7].

Shapes: K networks, c channels, h pixels a side, B examples, which are the last dimension. Activities carry their zero padding, so
that the nine shifted views of a layer are copied in long runs; a layer is then one product, with the bias as last column.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from repro import checks
from scripts.lee_deepnarrow.model import Draws
from scripts.lee_deepnarrow.theory import N_TAPS
from scripts.lee_deepnarrow.training import Batch

Filters = list[Tensor]
"""One tensor a layer, shape (K, channels above, 9 · channels below + 1)."""

_CENTRE = N_TAPS // 2


def deep_narrow(draws: Sequence[Draws], scale: float, n_outputs: int, *, dtype: torch.dtype, device: str = "cpu") -> Filters:
    """The paper's initialisation of the CNN, a network for all draws, which are of nine taps [lee_deepnarrow, E7].

    Raises
    ------
    ValueError   if `scale` is not positive, `n_outputs` is below 1, or the filters have other than nine taps.
    """
    checks.positive(scale=scale)
    checks.at_least(1, n_outputs=n_outputs)
    depth, n_taps = draws[0].weights.shape
    checks.one_of("number of taps", n_taps, (N_TAPS,))
    width = n_outputs + 2
    below = [1, *[width] * depth]
    filters = [torch.zeros(len(draws), width, N_TAPS * n + 1, dtype=dtype, device=device) for n in below[:-1]]
    filters.append(torch.zeros(len(draws), n_outputs, N_TAPS * below[-1] + 1, dtype=dtype, device=device))
    random = [torch.from_numpy(np.stack(parts)).to(filters[0]) for parts in zip(*draws, strict=True)]
    for at, layer in enumerate(filters[:-1]):
        layer[:, 0, _CENTRE] = 1 if at else scale
        layer[:, 1, :N_TAPS] = random[0][:, at]
        layer[:, 1, -1] = scale * random[1][:, at]
        for j in range(2, width):
            if at:
                layer[:, j, j * N_TAPS + _CENTRE] = 1
            else:
                layer[:, j, -1] = scale
    for j in range(n_outputs):
        filters[-1][:, j, (j + 2) * N_TAPS + _CENTRE] = 1
        filters[-1][:, j, -1] = -scale
    return filters


def padded(images: npt.NDArray[np.float64], *, dtype: torch.dtype, device: str = "cpu") -> Tensor:
    """Images (N, h, h) with a border of zeros, examples last: shape (1, h + 2, h + 2, N)."""
    bordered = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    return torch.from_numpy(np.moveaxis(bordered, 0, -1)[None].copy()).to(device=device, dtype=dtype)


def outputs(filters: Filters, x: Tensor, block: int = 500) -> Tensor:
    """Outputs of all networks on images (1, h + 2, h + 2, N), in blocks of examples; shape (K, n_outputs, N)."""
    found = []
    for part in torch.split(x, block, dim=-1):
        shape = len(filters[0]), filters[0].shape[1], *part.shape[1:]
        activity, spare = part.expand(shape[0], -1, -1, -1, -1), part.new_zeros(2, *shape)
        columns = _columns(filters, part)
        for at, layer in enumerate(filters[:-1]):
            activity = _activate(_apply(layer, activity, columns), spare[at % 2])
        found.append(_by_pixel(_apply(filters[-1], activity, columns), part.shape[-1]).mean(dim=2))
    return torch.cat(found, dim=-1)


def train(filters: Filters, batches: Iterable[Batch], rate: float) -> Iterator[Tensor]:
    """Steps of gradient descent, in place, on the mean over examples and outputs of the squared residual.

    Parameters
    ----------
    batches : of equal size, x of shape (K or 1, 1, h + 2, h + 2, B).
    rate : learning rate.

    Yields
    ------
    Tensor, shape (K,)   loss of each batch before the step that it makes.
    """
    activities: Tensor | None = None
    for batch in batches:
        x = batch.x
        if activities is None:
            shape = len(filters[0]), filters[0].shape[1], *x.shape[2:]
            activities = x.new_zeros(len(filters) - 1, *shape)
            columns, signals = _columns(filters, x[0]), x.new_zeros(shape)
        path = [x.expand(len(filters[0]), -1, -1, -1, -1), *activities]
        for layer, below, above in zip(filters, path, path[1:], strict=False):
            _activate(_apply(layer, below, columns), above)
        by_pixel = _by_pixel(_apply(filters[-1], path[-1], columns), x.shape[-1])
        residual = by_pixel.mean(dim=2) - batch.targets
        yield residual.square().mean(dim=(1, 2))
        residual.mul_(-2 * rate / residual[0].numel() / by_pixel.shape[2])
        _backward(filters, path, residual[:, :, None].expand_as(by_pixel).flatten(2), columns, signals)


def _backward(filters: Filters, path: list[Tensor], signal: Tensor, columns: Tensor, signals: Tensor) -> None:
    """Add to the filters what a signal at all pixels of the output, times the step, asks for."""
    for at in range(len(filters) - 1, -1, -1):
        layer, below = filters[at], path[at]
        turned = _turned(layer) if at else None  # before the filters change
        n_below = below.shape[1]
        _fill(columns, below)
        layer.baddbmm_(signal, columns[:, -(N_TAPS * n_below + 1) :].mT)
        if turned is None:
            return
        n_above, size = signal.shape[1], below.shape[-1]
        inner = _inner(signals[:, :n_above])
        inner.copy_(signal.view(inner.shape))
        _fill(columns, signals[:, :n_above])
        sent = torch.bmm(turned, columns[:, -(N_TAPS * n_above + 1) : -1])
        shape = len(sent), n_below, *inner.shape[2:4], size
        signal = torch.ops.aten.threshold_backward(sent.view(shape), _inner(below), 0).flatten(2)


def _columns(filters: Filters, x: Tensor) -> Tensor:
    """Memory for the shifted views of the widest layer and, last, the constant 1."""
    n_pixels = (x.shape[-3] - 2) * (x.shape[-2] - 2) * x.shape[-1]
    return x.new_ones(len(filters[0]), filters[-1].shape[-1], n_pixels)


def _fill(columns: Tensor, activity: Tensor) -> None:
    """Copy the nine shifted views of every channel above the constant."""
    k, c, tall, wide, size = activity.shape
    strides = activity.stride()
    shape = (k, c, 3, 3, tall - 2, wide - 2, size)
    views = activity.as_strided(shape, (*strides[:2], *strides[2:4], *strides[2:]), activity.storage_offset())
    columns[:, -(N_TAPS * c + 1) : -1].view(shape).copy_(views)


def _apply(layer: Tensor, activity: Tensor, columns: Tensor) -> Tensor:
    """Fields of a layer at all pixels, shape (K, channels, h² · B)."""
    _fill(columns, activity)
    return torch.bmm(layer, columns[:, -layer.shape[-1] :])


def _by_pixel(fields: Tensor, size: int) -> Tensor:
    """Fields with pixels and examples apart, shape (K, channels, h², B)."""
    return fields.view(*fields.shape[:2], -1, size)


def _activate(fields: Tensor, above: Tensor) -> Tensor:
    """ReLU of fields, into the inner part of padded activities."""
    inner = _inner(above)
    torch.clamp_min(fields.view(inner.shape), 0, out=inner)
    return above


def _inner(activity: Tensor) -> Tensor:
    return activity[:, :, 1:-1, 1:-1]


def _turned(layer: Tensor) -> Tensor:
    """Filters that carry a signal down: taps in reverse order, channels exchanged; shape (K, channels below, 9 · channels above)."""
    taps = layer[..., :-1].reshape(*layer.shape[:2], -1, N_TAPS)
    return taps.flip(-1).transpose(1, 2).flatten(2)
