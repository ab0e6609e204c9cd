"""Networks on patches and their training by SGD [brutzkus_patches, E3 to E7].

Settings that share images and dictionary and differ by k are a leading dimension of all weights: patches, distances and products
are then formed once for all of them. A single setting fills a processor at the sizes of the paper, so seeds, which have images of
their own, are trained one after another.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from repro.checks import at_least, one_of, positive, within

N_CLASSES = 10
MODELS = ("hard", "full", "vanilla", "unconstrained")

Inputs = tuple[Tensor, ...]
Feed = Callable[[Tensor], Inputs]
"""Places of images → what a network is given of them."""

ROWS = {"cpu": 2048, "cuda": 2**62}
"""Rows of a product made at a time: on a CPU they stay in its cache until they are pooled."""


class Shape(NamedTuple):
    """Sizes of a network."""

    n_settings: int
    """G settings that train together."""
    n_channels: int
    """N filters or dictionary patches of each."""
    n_windows: int
    """L pooling windows of an image."""
    patch_dim: int
    """d numbers of a patch."""


class Parts(NamedTuple):
    """Switches of the head: Table 3 of the paper."""

    normalised: bool = True
    """Batch normalisation, which goes with pooling."""
    bottleneck: int = 32
    """Width of the bottleneck; 0 for none."""


class Schedule(NamedTuple):
    """Stochastic gradient descent with momentum [brutzkus_patches, E7]."""

    learning_rate: float = 3e-3
    momentum: float = 0.9
    batch_size: int = 64
    epochs: int = 200
    decay_epochs: Sequence[int] = (100, 150)
    """Epochs after which the learning rate falls to a tenth."""

    def checked(self) -> "Schedule":
        """Itself; ValueError for a rate or a size that makes no sense."""
        positive(learning_rate=self.learning_rate)
        within("momentum", self.momentum, 0, 1, open_at="upper")
        at_least(1, batch_size=self.batch_size, epochs=self.epochs)
        return self


class Scores(NamedTuple):
    """Cross-entropy in nats, and share classified correctly, of every setting; both of shape (G,)."""

    loss: Tensor
    accuracy: Tensor


class PooledFilters(torch.autograd.Function):
    """Means over windows of filters times a gate: a ReLU's own, or a fixed mask [brutzkus_patches, E4, E6]."""

    @staticmethod
    def forward(ctx: Any, patches: Tensor, mask: Tensor | None, weight: Tensor, bias: Tensor) -> Tensor:
        """Patches (B, L, w, d), mask (B, L, w, C) or None for a ReLU, weight (d, C), bias (C,); shape (B, L, C)."""
        rows, gates = _rows(patches), None if mask is None else _rows(mask)
        n_windows, per_window = rows.shape[0] // patches.shape[2], patches.shape[2]
        pooled = rows.new_empty(n_windows, weight.shape[1])
        kept = rows.new_empty(len(rows), weight.shape[1]) if gates is None else rows.new_empty(0)
        for at in _slices(n_windows, per_window, rows.device.type):
            own = slice(at.start * per_window, at.stop * per_window)
            value = torch.addmm(bias, rows[own], weight)
            if gates is None:
                value = torch.clamp(value, min=0, out=kept[own])
            else:
                value.mul_(gates[own])
            torch.mean(value.view(-1, per_window, value.shape[1]), dim=1, out=pooled[at])
        ctx.save_for_backward(rows, kept if gates is None else gates, torch.tensor(gates is None), torch.tensor(per_window))
        return pooled.view(*patches.shape[:2], -1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[None, None, Tensor, Tensor]:
        """Gradients of weight and bias; patches are data."""
        rows, gates, is_relu, per_window = ctx.saved_tensors
        n, signal = int(per_window), grads[0].flatten(0, 1) / int(per_window)
        weight, bias = signal.new_zeros(rows.shape[1], signal.shape[1]), signal.new_zeros(signal.shape[1])
        for at in _slices(len(signal), n, rows.device.type):
            own = slice(at.start * n, at.stop * n)
            spread = signal[at, None].expand(-1, n, -1)
            gate = gates[own].view(spread.shape)
            push = (torch.ops.aten.threshold_backward(spread, gate, 0.0) if is_relu else spread * gate).view(-1, signal.shape[1])
            weight.addmm_(rows[own].T, push)
            bias += push.sum(dim=0)
        return None, None, weight, bias


def _rows(x: Tensor) -> Tensor:
    return x.reshape(-1, x.shape[-1])


def _slices(n_windows: int, per_window: int, device: str) -> Iterator[slice]:
    step = max(1, ROWS[device] // per_window)
    for start in range(0, n_windows, step):
        yield slice(start, min(start + step, n_windows))


class Normalisation(nn.Module):
    """Batch normalisation, told as a factor and a shift of every channel: the linear map behind it takes both over."""

    mean: Tensor
    variance: Tensor

    def __init__(self, n_channels: int, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.momentum, self.epsilon = momentum, epsilon
        self.weight, self.bias = nn.Parameter(torch.ones(n_channels)), nn.Parameter(torch.zeros(n_channels))
        self.register_buffer("mean", torch.zeros(n_channels))
        self.register_buffer("variance", torch.ones(n_channels))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Factor and shift, shape (C,), of inputs (R, C): by their own moments in training, by the running ones after it."""
        mean, variance = self.mean, self.variance
        if self.training:
            mean = x.mean(dim=0)
            variance = (x.square().mean(dim=0) - mean.square()).clamp(min=0)
            with torch.no_grad():
                self.mean.lerp_(mean, self.momentum)
                self.variance.lerp_(variance * (len(x) / max(1, len(x) - 1)), self.momentum)
        factor = self.weight * torch.rsqrt(variance + self.epsilon)
        return factor, self.bias - mean * factor


class Head(nn.Module):
    """From pooled features to scores: normalisation, bottleneck, linear map [brutzkus_patches, E5]."""

    def __init__(self, shape: Shape, parts: Parts, streams: Sequence[torch.Generator]) -> None:
        super().__init__()
        self.shape, n = shape, shape.n_channels
        self.norm = Normalisation(shape.n_settings * n) if parts.normalised else None
        self.narrow = _linear(streams, n, parts.bottleneck) if parts.bottleneck else None
        self.linear = _linear(streams, shape.n_windows * (parts.bottleneck or n), N_CLASSES)

    def narrowed(self, features: Tensor) -> Tensor:
        """Features (B, L, G N), normalised, through the bottleneck: (G, B L, its width)."""
        assert self.narrow is not None
        x = features.flatten(0, 1)
        return _apply(x.view(len(x), self.shape.n_settings, -1).transpose(0, 1), *self._folded(x, self.narrow, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Scores (G, B, 10) of features (B, L, G N)."""
        n_settings, n_images = self.shape.n_settings, len(features)
        if self.narrow is not None:
            return _apply(self.narrowed(features).reshape(n_settings, n_images, -1), *self.linear)
        weight, bias = self._folded(features.flatten(0, 1), self.linear, self.shape.n_windows)
        x = features.view(n_images, -1, n_settings, self.shape.n_channels).permute(2, 0, 1, 3)
        return _apply(x.reshape(n_settings, n_images, -1), weight, bias)

    def _folded(self, x: Tensor, linear: nn.ParameterList, n_windows: int) -> tuple[Tensor, Tensor]:
        """Weights and offsets of a linear map on channels, or on channels of every window, that normalise its inputs too."""
        weight, bias = linear
        if self.norm is None:
            return weight, bias
        factor, shift = (part.view(self.shape.n_settings, -1).repeat(1, n_windows) for part in self.norm(x))
        return weight * factor[:, :, None], torch.baddbmm(bias, shift[:, None], weight)


def _linear(streams: Sequence[torch.Generator], n_in: int, n_out: int) -> nn.ParameterList:
    """Weights (G, n_in, n_out) and offsets (G, 1, n_out), uniform in ±1/√n_in, each setting from its own stream."""
    drawn = [[torch.rand(n, n_out, generator=stream) for n in (n_in, 1)] for stream in streams]
    return nn.ParameterList([nn.Parameter((2 * torch.stack(part) - 1) / n_in**0.5) for part in zip(*drawn, strict=True)])


def _apply(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.baddbmm(bias, x, weight)


class HardNet(nn.Module):
    """A head on pooled masks, Φ_hard [brutzkus_patches, E3]."""

    def __init__(self, shape: Shape, parts: Parts, streams: Sequence[torch.Generator], per_window: int) -> None:
        super().__init__()
        self.head, self.per_window = Head(shape, parts, streams), per_window

    def features(self, count: Tensor) -> Tensor:
        """Share of a window's locations at which a dictionary patch is near."""
        share = count.to(torch.float32)
        return share.div_(self.per_window) if self.per_window > 1 else share

    def forward(self, count: Tensor) -> Tensor:
        """Scores (G, B, 10) of counts (B, L, G N)."""
        return self.head(self.features(count))


class FilterNet(nn.Module):
    """A head on trained filters behind a ReLU (the vanilla CNN) or behind fixed masks (Φ_full) [brutzkus_patches, E4, E6]."""

    def __init__(self, shape: Shape, parts: Parts, streams: Sequence[torch.Generator]) -> None:
        super().__init__()
        self.filters = _linear(streams, shape.patch_dim, shape.n_channels)
        self.head = Head(shape, parts, streams)

    def features(self, patches: Tensor, mask: Tensor | None = None) -> Tensor:
        """Pooled filters (B, L, G N)."""
        weight, bias = self.filters[0].transpose(0, 1).flatten(1), self.filters[1].flatten()
        return PooledFilters.apply(patches, mask, weight, bias)  # type: ignore[no-untyped-call]

    def forward(self, patches: Tensor, mask: Tensor | None = None) -> Tensor:
        """Scores (G, B, 10)."""
        return self.head(self.features(patches, mask))


class FreeMap(nn.Module):
    """A free linear map of Φ_full: a weight for every dictionary patch, patch entry, location and class [brutzkus_patches, E3]."""

    def __init__(self, shape: Shape, streams: Sequence[torch.Generator]) -> None:
        super().__init__()
        self.linear = _linear(streams, shape.n_windows * shape.n_channels * shape.patch_dim, N_CLASSES)

    def forward(self, patches: Tensor, mask: Tensor) -> Tensor:
        """Scores (1, B, 10); the embedding is made a batch at a time."""
        features = mask.to(patches.dtype).unsqueeze(-1) * patches.unsqueeze(-2)
        return _apply(features.reshape(1, len(patches), -1), *self.linear)


def network(model: str, shape: Shape, parts: Parts, streams: Sequence[torch.Generator], per_window: int) -> nn.Module:
    """A hard, full, vanilla or unconstrained network, weights drawn on the CPU; `per_window` locations in a pooling window.

    Raises
    ------
    ValueError   for another model, or if streams and settings differ in number.
    """
    one_of("model", model, MODELS)
    at_least(1, n_channels=shape.n_channels, n_windows=shape.n_windows, patch_dim=shape.patch_dim)
    within("streams", len(streams), shape.n_settings, shape.n_settings)
    if model == "hard":
        return HardNet(shape, parts, streams, per_window)
    return FreeMap(shape, streams) if model == "unconstrained" else FilterNet(shape, parts, streams)


def train(
    net: nn.Module, feeds: Mapping[str, Feed], labels: Mapping[str, Tensor], schedule: Schedule, order: np.random.Generator
) -> Iterator[Scores]:
    """Train; after each epoch the scores on the training images as they came, before each step. ValueError as `Schedule.checked`."""
    schedule = schedule.checked()
    of_train, rate = labels["train"], schedule.learning_rate
    weights = list(net.parameters())
    velocities = [torch.zeros_like(weight) for weight in weights]
    for epoch in range(schedule.epochs):
        if epoch in schedule.decay_epochs:
            rate *= 0.1
        net.train()
        sums = []
        for places in torch.split(torch.from_numpy(order.permutation(len(of_train))).to(of_train.device), schedule.batch_size):
            loss, right = _sums(net(*feeds["train"](places)), of_train[places])
            gradients = torch.autograd.grad(loss.sum() / len(places), weights)
            _step(weights, velocities, gradients, rate, schedule.momentum)
            sums.append(torch.stack([loss.detach(), right]))
        yield Scores(*(torch.stack(sums).sum(dim=0) / len(of_train)).cpu())


@torch.no_grad()
def _step(weights: Sequence[Tensor], velocities: Sequence[Tensor], gradients: Sequence[Tensor], rate: float, momentum: float) -> None:
    """One step of SGD with momentum, in place. torch.optim would do it too, but takes two seconds to import what it compiles with."""
    for weight, velocity, gradient in zip(weights, velocities, gradients, strict=True):
        velocity.mul_(momentum).add_(gradient)
        weight.sub_(velocity, alpha=rate)


@torch.no_grad()
def evaluate(net: nn.Module, feed: Feed, labels: Tensor, batch_size: int) -> Scores:
    """Scores on images that the network is not trained on."""
    net.eval()
    places = torch.split(torch.arange(len(labels), device=labels.device), batch_size)
    sums = [torch.stack(_sums(net(*feed(at)), labels[at])) for at in places]
    return Scores(*(torch.stack(sums).sum(dim=0) / len(labels)).cpu())


def _sums(scores: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Summed cross-entropy and number of right answers of every setting, from scores (G, B, 10)."""
    chosen = labels.expand(len(scores), -1)
    loss = nn.functional.cross_entropy(scores.transpose(1, 2), chosen, reduction="none").sum(dim=1)
    return loss, (scores.argmax(dim=2) == chosen).sum(dim=1).to(scores.dtype)
