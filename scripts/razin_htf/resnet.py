"""ResNet on images with the locality regulariser, one network at a time [razin_htf, E8]."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from repro.checks import one_of
from scripts.razin_htf.inputs import Region

BLOCKS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3)}
SMALL = 1e-12


class Block(nn.Module):
    """Two 3 × 3 convolutions beside a short cut."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False)
        self.first_norm, self.second_norm = nn.BatchNorm2d(n_out), nn.BatchNorm2d(n_out)
        shorten = stride != 1 or n_in != n_out
        self.short_cut = nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out)) if shorten else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Output of the block."""
        inner = torch.relu(self.first_norm(self.first(x)))
        return torch.relu(self.second_norm(self.second(inner)) + self.short_cut(x))


class ResNet(nn.Module):
    """ResNet with the stem for large images (7 × 7 with stride 2, max-pool) and one output."""

    def __init__(self, name: str, n_channels: int) -> None:
        super().__init__()
        one_of("name", name, BLOCKS)
        layers: list[nn.Module] = [nn.Conv2d(n_channels, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        n_in = 64
        for stage, n_blocks in enumerate(BLOCKS[name]):
            n_out = 64 * 2**stage
            for at in range(n_blocks):
                layers.append(Block(n_in, n_out, 2 if stage and not at else 1))
                n_in = n_out
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(n_in, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B,) of images (B, channels, height, width)."""
        return self.head(self.layers(x).mean(dim=(-2, -1)))[:, 0]


def initial_resnet(name: str, n_channels: int, seed: int) -> ResNet:
    """Network with N(0, 2 / fan_out) convolutions and torch's own head, the same on every device.

    Parameters
    ----------
    name : resnet18 or resnet34.
    seed : of torch's generator, which is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = ResNet(name, n_channels)
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return network


def regulariser(network: Callable[[Tensor], Tensor], x: Tensor, inside: Region, other: Region) -> tuple[Tensor, Tensor]:
    """Outputs of a network on a batch, and R of E8 with a graph that can be differentiated.

    Parameters
    ----------
    network : takes images (B, channels, height, width), returns (B,); it is called twice.
    inside, other : regions I and J.
    """
    exchanged = x.clone()
    other.cut(exchanged)[...] = other.cut(x.roll(-1, dims=0))
    outputs, slopes = [], []
    for batch in (x, exchanged):
        batch = batch.detach().requires_grad_()  # noqa: PLW2901 - a leaf, so that the gradient is taken in the pixels
        outputs.append(network(batch))
        (slope,) = torch.autograd.grad(outputs[-1].sum(), batch, create_graph=True)
        slopes.append(inside.cut(slope).flatten(1))
    before, after = slopes
    norms = torch.linalg.vector_norm(before, dim=1) * torch.linalg.vector_norm(after, dim=1)
    return outputs[0], ((before * after).sum(1).abs() / (norms + SMALL)).mean()


class Examples(NamedTuple):
    """Images of one split, made when they are asked for."""

    batch: Callable[[Tensor], Tensor]
    """Places (B,) to images (B, channels, height, width) on the device."""
    labels: Tensor
    """0 or 1, float32, (n,), on the device."""


class Schedule(NamedTuple):
    """Settings of training."""

    learning_rate: float
    momentum: float
    batch_size: int
    epochs: int
    stop_after_fit: int | None
    """Epochs after the train accuracy first is 1; null: all epochs."""
    weight: float
    """λ."""


class Epoch(NamedTuple):
    """What is known after an epoch."""

    train_accuracy: float
    test_accuracy: float
    regulariser: float
    """Not a number where λ = 0."""


def train(
    network: nn.Module, examples: tuple[Examples, Examples], orders: Iterator[tuple[Tensor, list[tuple[Region, Region]]]], s: Schedule
) -> Iterator[Epoch]:
    """SGD with momentum on cross-entropy plus λ R, one item an epoch; the network is changed in place.

    Parameters
    ----------
    examples : of training and of test.
    orders : for every epoch the order of the examples and regions I and J of every mini-batch.
    """
    trained, tested = examples
    optimiser = torch.optim.SGD(network.parameters(), s.learning_rate, s.momentum)
    left = s.epochs
    for order, regions in orders:
        network.train()
        totals = torch.zeros(2)
        for chosen, (inside, other) in zip(order.split(s.batch_size), regions, strict=True):
            images, wanted = trained.batch(chosen), trained.labels[chosen]
            if s.weight:
                output, found = regulariser(network, images, inside, other)
            else:
                output, found = network(images), torch.tensor(torch.nan)
            loss = functional.binary_cross_entropy_with_logits(output, wanted)
            optimiser.zero_grad()
            (loss + s.weight * found if s.weight else loss).backward()
            optimiser.step()
            right = ((output > 0) == (wanted > 0.5)).sum()
            totals += torch.stack([right.cpu(), found.detach().cpu() * len(chosen)])
        fitted, mean = (totals / len(order)).tolist()
        left -= 1
        if fitted == 1 and s.stop_after_fit is not None:
            left = min(left, s.stop_after_fit)
            s = s._replace(stop_after_fit=None)  # counted from the first epoch that fits
        yield Epoch(fitted, accuracy(network, tested, s.batch_size), mean)
        if left == 0:
            return


@torch.no_grad()
def accuracy(network: nn.Module, examples: Examples, batch_size: int) -> float:
    """Share of examples classified correctly with the running statistics."""
    network.eval()
    places = torch.arange(len(examples.labels), device=examples.labels.device).split(batch_size)
    right = sum(((network(examples.batch(chosen)) > 0) == (examples.labels[chosen] > 0.5)).sum().item() for chosen in places)
    return right / len(examples.labels)
