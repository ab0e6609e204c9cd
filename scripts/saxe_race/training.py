"""Routing networks on images: linear layers with biases, cross-entropy, SGD with momentum [saxe_race, E1].

Seeds S and settings G are leading dimensions, so that all networks of a job train at once, on the CPU or on CUDA. Shapes: S
seeds, G settings (gain, learning rate, gate), M domains, H width, D features, C classes, B images. Images are columns. All M²
pairs are computed and the untrained ones masked: one product a layer in place of one for every pair.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from scripts.saxe_race.inputs import N_CLASSES, Split


class Weights(NamedTuple):
    """Weights and biases of a batch of routing networks, float32."""

    encoders: Tensor  # (S, M, G, H, D)
    encoder_bias: Tensor  # (S, M, G, H, 1)
    hidden: Tensor  # (S, G, H, H)
    hidden_bias: Tensor  # (S, G, H, 1)
    decoders: Tensor  # (S, G, M·C, H)
    decoder_bias: Tensor  # (S, G, M·C, 1)


class Task(NamedTuple):
    """What the networks learn, on the device of their weights."""

    gate: Tensor
    """float32, (S, G, M, M): 1 where the pair [input, output] is trained; as many ones in every network of a setting."""
    classes: Tensor
    """int64, (M, C): class that output domain j gives to each label."""
    learning_rate: Tensor
    """(G,)."""
    momentum: float


def initial_weights(streams: list[list[torch.Generator]], gains: list[float], sizes: tuple[int, int, int]) -> Weights:
    """Xavier-uniform weights, ~ U(−a, a) with a = γ √(6 / (fan_in + fan_out)), and biases 0.

    Parameters
    ----------
    streams : S lists of G generators
        One a network, on the CPU: the same weights for every device.
    gains : G numbers
        γ.
    sizes : (M, H, D)
    """
    n_domains, width, dim = sizes
    shapes = ((n_domains, width, dim), (width, width), (n_domains, N_CLASSES, width))
    encoders, hidden, decoders = (
        torch.empty(len(streams), len(gains), *shape) for shape in shapes
    )  # (S, G, …), so that each network is one block
    for s, of_seed in enumerate(streams):
        for g, (stream, gain) in enumerate(zip(of_seed, gains, strict=True)):
            for part in (encoders, hidden, decoders):
                edge = gain * (6 / sum(part.shape[-2:])) ** 0.5
                part[s, g].uniform_(-edge, edge, generator=stream)
    lead = (len(streams), len(gains))
    return Weights(
        encoders.transpose(1, 2).contiguous(),
        torch.zeros(lead[0], n_domains, lead[1], width, 1),
        hidden,
        torch.zeros(*lead, width, 1),
        decoders.flatten(2, 3),
        torch.zeros(*lead, n_domains * N_CLASSES, 1),
    )


class Activity(NamedTuple):
    """Activity of the layers."""

    encoded: Tensor  # (S, G, H, M·B)
    hidden: Tensor  # (S, G, H, M·B)
    logits: Tensor  # (S, G, M, C, M·B): output domains, classes, images of all input domains


def forward(weights: Weights, x: Tensor) -> Activity:
    """Activity on images x of shape (S, M or 1, B, D)."""
    n_seeds, n_domains, n_settings, width, dim = weights.encoders.shape
    flat = weights.encoders.view(n_seeds, x.shape[1], -1, dim) @ x.transpose(-1, -2)
    encoded = flat.view(n_seeds, n_domains, n_settings, width, -1) + weights.encoder_bias
    encoded = encoded.permute(0, 2, 3, 1, 4).reshape(n_seeds, n_settings, width, -1)
    hidden = (weights.hidden @ encoded).add_(weights.hidden_bias)
    logits = (weights.decoders @ hidden).add_(weights.decoder_bias)
    return Activity(encoded, hidden, logits.view(n_seeds, n_settings, n_domains, N_CLASSES, -1))


def gradients(weights: Weights, x: Tensor, labels: Tensor, task: Task) -> Weights:
    """Gradient of the loss, the mean over trained pairs of a pair's mean cross-entropy.

    Parameters
    ----------
    x : Tensor, shape (S, M or 1, B, D)
    labels : Tensor of int64, shape (S, B)
    """
    n_seeds, n_domains, n_settings, width, _ = weights.encoders.shape
    activity = forward(weights, x)
    share = task.gate / task.gate.sum(dim=(-1, -2), keepdim=True) / labels.shape[1]
    pull = torch.softmax(activity.logits, dim=3)
    pull = pull.view(*pull.shape[:-1], n_domains, -1)
    wanted = torch.nn.functional.one_hot(task.classes[:, labels], N_CLASSES)  # (M, S, B, C)
    pull.sub_(wanted.permute(1, 0, 3, 2)[:, None, :, :, None, :]).mul_(share.transpose(-1, -2)[:, :, :, None, :, None])
    signal = pull.view(n_seeds, n_settings, n_domains * N_CLASSES, -1)
    to_hidden = weights.decoders.transpose(-1, -2) @ signal
    to_encoded = (weights.hidden.transpose(-1, -2) @ to_hidden).view(n_seeds, n_settings, width, n_domains, -1)
    to_encoded = to_encoded.permute(0, 3, 1, 2, 4).contiguous()
    flat = to_encoded.view(n_seeds, x.shape[1], -1, x.shape[2])
    return Weights(
        (flat @ x).view(weights.encoders.shape),
        to_encoded.sum(-1, keepdim=True),
        to_hidden @ activity.encoded.transpose(-1, -2),
        to_hidden.sum(-1, keepdim=True),
        signal @ activity.hidden.transpose(-1, -2),
        signal.sum(-1, keepdim=True),
    )


def train(start: Weights, data: Split, batches: Iterator[Tensor], task: Task) -> Iterator[Weights]:
    """Weights after 1, 2, … steps of SGD, v ← μ v + g and θ ← θ − η v; the same object every time, changed in place.

    Parameters
    ----------
    batches : iterator of int64 tensors, shape (S, B)
        Places of the images of each seed's mini-batch, which all its settings and pairs share.
    """
    weights = Weights(*(part.clone() for part in start))
    velocity = Weights(*(torch.zeros_like(part) for part in start))
    rates = task.learning_rate[:, None, None]  # settings are the last dimension but two of every weight
    for chosen in batches:
        slope = gradients(weights, data.batch(chosen), data.labels[chosen], task)
        for part, speed, along in zip(weights, velocity, slope, strict=True):
            speed.mul_(task.momentum).add_(along)
            part.addcmul_(speed, rates, value=-1)
        yield weights


def evaluate(weights: Weights, data: Split, task: Task, block: int = 250) -> tuple[Tensor, Tensor]:
    """Accuracy and cross-entropy of every pair over all images of a split.

    Parameters
    ----------
    block : int
        Images looked at together.

    Returns
    -------
    accuracy, loss : Tensors of float64 on the CPU, shape (S, G, M, M)   [input domain, output domain].
    """
    n_seeds, n_domains = weights.encoders.shape[:2]
    totals = torch.zeros(2, *task.gate.shape, dtype=torch.float64)
    for places in torch.split(torch.arange(len(data.labels), device=data.labels.device), block):
        logits = forward(weights, data.batch(places.expand(n_seeds, -1))).logits
        logits = logits.view(*logits.shape[:-1], n_domains, -1)
        wanted = task.classes[:, data.labels[places]]  # (M, B)
        right = (logits.argmax(dim=3) == wanted[:, None, :]).sum(-1)
        at = wanted[None, None, :, None, None, :].expand(*logits.shape[:3], 1, *logits.shape[4:])
        surprise = (torch.logsumexp(logits, dim=3) - logits.gather(3, at)[:, :, :, 0]).sum(-1, dtype=torch.float64)
        totals[0] += right.transpose(-1, -2).cpu()
        totals[1] += surprise.transpose(-1, -2).cpu()
    accuracy, loss = totals / len(data.labels)
    return accuracy, loss
