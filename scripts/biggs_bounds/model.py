"""The two networks and the randomised networks whose mean they are [biggs_bounds, E1 to E4, E7].

Everywhere `inputs` are rows of Euclidean norm 1, there are no biases, and the preactivation is z = x·u (before the
factor β). A classifier's prediction is the largest of its scores.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from repro.checks import at_least, one_of
from scripts.biggs_bounds.bounds import MODELS

CHUNK = {"cpu": 2**20, "cuda": 2**24}
"""Hidden units drawn at a time, by the kind of device: the noise of one chunk fits into a processor's cache, or keeps a GPU busy."""


class Network(NamedTuple):
    """Weights of a network with one hidden layer."""

    hidden: Tensor
    """U, shape (width, dim)."""
    output: Tensor
    """V, shape (n_classes, width)."""


class RandomNetwork(NamedTuple):
    """The randomised network: the PAC-Bayes posterior around a trained network."""

    model: str
    """shel or gelu."""
    output: Tensor
    """Mean V of the output weights, shape (n_classes, width)."""
    beta: float
    """Inverse scale β of the noise that decides the units' signs."""
    sigma_hidden: float
    """σ_U of the open units' values; NaN for SHEL, which has none."""
    sigma_output: tuple[float, ...]
    """Values of σ_V that share a draw of the hidden units."""


def initial_network(width: int, dim: int, n_classes: int, init_std: float, generator: torch.Generator) -> Network:
    """Network with all weights drawn from N(0, init_std²): the prior mean (U⁰, V⁰) of the full bound [biggs_bounds, E10].

    Raises
    ------
    ValueError   if a size is below 1, or init_std negative.
    """
    at_least(1, width=width, dim=dim, n_classes=n_classes)
    at_least(0, init_std=init_std)
    hidden = torch.randn(width, dim, generator=generator) * init_std
    return Network(hidden, torch.randn(n_classes, width, generator=generator) * init_std)


def activation(model: str, t: Tensor) -> tuple[Tensor, Tensor]:
    """Activation φ and its slope φ′, elementwise.

    Parameters
    ----------
    model : "shel" for φ(t) = erf(t), "gelu" for φ(t) = t Φ(t) with the normal distribution function Φ.
    t : Tensor, any shape
        β times the preactivation.

    Returns
    -------
    value, slope : two Tensors of the shape of `t`.

    Raises
    ------
    ValueError   for another model.
    """
    one_of("model", model, MODELS)
    if model == "shel":
        return torch.erf(t), t.square().neg_().exp_().mul_(2 / math.sqrt(math.pi))
    gate = torch.erf(t * (1 / math.sqrt(2))).add_(1).mul_(0.5)
    density = t.square().mul_(-0.5).exp_().mul_(1 / math.sqrt(2 * math.pi))
    return t * gate, density.mul_(t).add_(gate)


def mean_mistakes(model: str, output: Tensor, z: Tensor, labels: Tensor, beta: float) -> Tensor:
    """Where the deterministic network V φ(β z) errs: bool, shape (n,), from preactivations of shape (n, width)."""
    chunks = [(activation(model, beta * z[rows])[0] @ output.T).argmax(dim=1) for rows in _chunks(z)]
    return torch.cat(chunks) != labels


def hidden_draw(random: RandomNetwork, z: Tensor, generator: torch.Generator) -> Tensor:
    """One draw of the random hidden units at every example, fresh for each of them [biggs_bounds, E1, E2].

    SHEL: the sign of w·x with w ~ N(u, I/(2β²)), of mean erf(β z). GELU: w′·x where w·x ≥ 0 and else 0, with
    w ~ N(u, I/β²) and w′ ~ N(u, σ_U² I), of mean GELU(β z)/β. Preactivations z and units: shape (n, width).

    Raises
    ------
    ValueError   for another model, or a σ_U of the GELU network that is not a number of at least 0.
    """
    one_of("model", random.model, MODELS)
    noise = torch.randn(z.shape, generator=generator, device=z.device)
    if random.model == "shel":
        return noise.mul_(1 / (math.sqrt(2) * random.beta)).add_(z).sign_()
    at_least(0, sigma_hidden=random.sigma_hidden)
    is_open = noise.mul_(1 / random.beta).add_(z) >= 0
    value = torch.randn(z.shape, generator=generator, device=z.device)
    return value.mul_(random.sigma_hidden).add_(z).mul_(is_open)


def random_scores(random: RandomNetwork, h: Tensor, generator: torch.Generator) -> Tensor:
    """Scores V′h with the rows of V′ drawn from N(V, σ_V² I), fresh for every example [biggs_bounds, E3].

    Hidden units h of shape (n, width) are shared by the S values of σ_V; returns V h + σ_V ‖h‖₂ ε, which has the law
    of V′h, in shape (S, n, n_classes).
    """
    scores = h @ random.output.T
    noise = torch.randn((len(random.sigma_output), *scores.shape), generator=generator, device=h.device)
    scale = h.new_tensor(random.sigma_output)[:, None] * torch.linalg.vector_norm(h, dim=1)
    return noise.mul_(scale[..., None]).add_(scores)


def mistakes(random: RandomNetwork, z: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """Where the random network errs, one draw an example [biggs_bounds, E4]: bool, shape (S, n) for S values of σ_V.

    Raises
    ------
    ValueError   if a σ_V is not a number of at least 0, or as `hidden_draw`.
    """
    at_least(0, sigma_output=random.sigma_output)
    draws = []
    for rows in _chunks(z):
        scores = random_scores(random, hidden_draw(random, z[rows], generator), generator)
        draws.append(scores.argmax(dim=-1) != labels[rows])
    return torch.cat(draws, dim=1)


def mistake_share(random: RandomNetwork, z: Tensor, labels: Tensor, generator: torch.Generator, n_draws: int) -> Tensor:
    """Share of `n_draws` draws in which the random network of one σ_V errs at each example, shape (n,); ValueError if there is no draw."""
    at_least(1, n_draws=n_draws)
    count = torch.zeros(len(z), device=z.device)
    for _ in range(n_draws):
        count += mistakes(random, z, labels, generator)[0]
    return count / n_draws


def _chunks(z: Tensor) -> Iterator[slice]:
    """Slices of the rows of z with at most `CHUNK` units each."""
    step = max(1, CHUNK[z.device.type] // z.shape[1])
    for start in range(0, len(z), step):
        yield slice(start, start + step)
