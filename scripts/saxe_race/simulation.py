"""Full-batch gradient descent of routing networks on the toy data, and its initial weights [saxe_race, E1].

The loss is the mean squared error of a pair, ‖Y − Ŷ‖² / (n_in n_out), summed over the trained pairs and without ½.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro.seeds import generator
from scripts.saxe_race.model import PAPER, Array, Bools, Network

Ints = npt.NDArray[np.int64]


def descend(network: Network, target: Array, gate: Bools, learning_rate: Array | float) -> Iterator[tuple[Network, Array]]:
    """Endless gradient descent: weights and outputs of all pairs after 0, 1, 2, … epochs.

    Parameters
    ----------
    network : Network
        Start; it is not changed.
    target : ndarray, shape (n_out, n_in)
        Y, the same for every pair.
    gate : ndarray of bool, shape (M, M) or (..., M, M)
    learning_rate : float, or ndarray of shape (...)
        η per epoch.

    Yields
    ------
    network, output : the network is the same object every time, changed in place; output of shape (..., M·n_out, M·n_in).
    """
    now = Network(*(np.array(part, dtype=float) for part in network))
    mask = np.repeat(np.repeat(np.swapaxes(gate, -1, -2), target.shape[0], axis=-2), target.shape[1], axis=-1)
    rate = 2 / target.size * np.asarray(learning_rate, dtype=float)[..., None, None]
    wanted = np.tile(target, gate.shape[-2:])
    while True:
        encoded = now.hidden @ now.encoders
        output = now.decoders @ encoded
        yield now, output
        pull = rate * mask * (wanted - output)
        back = np.swapaxes(now.decoders, -1, -2) @ pull
        np.add(now.decoders, pull @ np.swapaxes(encoded, -1, -2), out=now.decoders)
        to_encoders = np.swapaxes(now.hidden, -1, -2) @ back
        np.add(now.hidden, back @ np.swapaxes(now.encoders, -1, -2), out=now.hidden)
        np.add(now.encoders, to_encoders, out=now.encoders)


def train(network: Network, target: Array, gate: Bools, learning_rate: Array | float, n_epochs: int) -> tuple[Network, Array]:
    """Weights and outputs of all pairs after n_epochs of `descend`; a run may diverge, to infinity or to no number."""
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch, (now, output) in enumerate(descend(network, target, gate, learning_rate)):
            if epoch == n_epochs:
                return now, output
    raise AssertionError("descent never ends by itself")


def orthogonal(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """Matrix with orthonormal columns, or rows where it is wide, uniform under rotations."""
    tall = rng.standard_normal((max(rows, columns), min(rows, columns)))
    basis, triangle = np.linalg.qr(tall)
    basis = basis * np.sign(np.diagonal(triangle))
    return basis if rows >= columns else basis.T


def random_network(rng: np.random.Generator, n_domains: int, width: int, target: Array, scale: float) -> Network:
    """Every matrix orthogonal (semi-orthogonal if rectangular) times σ0, each drawn by itself.

    Parameters
    ----------
    n_domains, width : int
        M and N_h; N_h at least n_in and n_out.
    target : ndarray, shape (n_out, n_in)
    scale : float
        σ0.
    """
    n_out, n_in = target.shape
    if width < max(n_out, n_in):
        raise ValueError(f"random_network: width must be at least {max(n_out, n_in)}, the larger side of the target, not {width}")
    encoders = [orthogonal(rng, width, n_in) for _ in range(n_domains)]
    decoders = [orthogonal(rng, n_out, width) for _ in range(n_domains)]
    hidden = orthogonal(rng, width, width)
    return Network(scale * np.hstack(encoders), scale * hidden, scale * np.vstack(decoders))


def random_networks(run: str, seeds: Sequence[int], *setting: float, n_domains: int, width: int, target: Array, scale: float) -> Network:
    """A batch of `random_network`, one a seed, each from its own stream; shape (S, ...)."""
    drawn = [random_network(generator(PAPER, run, "weights", *setting, seed=seed), n_domains, width, target, scale) for seed in seeds]
    return Network(*(np.stack(parts) for parts in zip(*drawn, strict=True)))


def random_hidden(run: str, seeds: Sequence[int], *setting: float, n_domains: int, width: int, scale: float) -> Array:
    """A hidden matrix for every pair, orthogonal times σ0, each seed from its own stream; shape (S, M, M, N_h, N_h)."""
    streams = [generator(PAPER, run, "private", *setting, seed=seed) for seed in seeds]
    drawn = [[orthogonal(rng, width, width) for _ in range(n_domains**2)] for rng in streams]
    return scale * np.array(drawn).reshape(len(seeds), n_domains, n_domains, width, width)


class Decoupled(NamedTuple):
    """A network that starts aligned with the modes of the data, and the bases in which its weights stay diagonal."""

    network: Network
    left: Array  # N_h × n_modes: where the hidden layer sends the modes
    right: Array  # N_h × n_modes: where the encoders put them
    into: Array  # V, n_in × n_modes
    out: Array  # U, n_out × n_modes


def decoupled_network(rng: np.random.Generator, n_domains: int, width: int, target: Array, scale: float) -> Decoupled:
    """Decoupled start: A_i = r1ᵀ b0 Vᵀ, H = r2 b0 r1, O_j = U b0 r2ᵀ with the same orthogonal r1, r2 in all domains.

    Parameters
    ----------
    scale : float
        b0, the strength of every mode in every layer.
    """
    n_out, n_in = target.shape
    n_modes = min(n_out, n_in)
    if width < n_out:
        raise ValueError(f"decoupled_network: width must be at least {n_out} (n_out), not {width}")
    out, _, into = np.linalg.svd(target, full_matrices=False)
    first, second = orthogonal(rng, width, width), orthogonal(rng, width, width)
    encoder = scale * first.T[:, :n_modes] @ into
    decoder = scale * out @ second.T[:n_modes]
    network = Network(np.tile(encoder, n_domains), scale * second @ first, np.tile(decoder, (n_domains, 1)))
    return Decoupled(network, second[:, :n_modes], first.T[:, :n_modes], into.T, out)


def mode_strengths(network: Network, start: Decoupled) -> Array:
    """Strengths b1, b2, b3 of every mode in a decoupled network, shape (3, n_modes), by the bases it started in; those of domain 0."""
    n_in, n_out = len(start.into), len(start.out)
    encoder = start.right.T @ network.encoders[:, :n_in] @ start.into
    hidden = start.left.T @ network.hidden @ start.right
    decoder = start.out.T @ network.decoders[:n_out] @ start.left
    return np.stack([np.diagonal(part) for part in (encoder, hidden, decoder)])


def singular_values(network: Network, n_in: int, n_out: int, n_modes: int) -> Array:
    """Leading singular values of encoder, hidden layer and decoder, mean over the domains.

    Returns
    -------
    ndarray, shape (..., 3, n_modes)   descending.
    """
    encoders, hidden, decoders = network
    width, lead = hidden.shape[-1], hidden.shape[:-2]
    by_output = decoders.reshape(*lead, -1, n_out, width)
    parts = [
        _leading(_by_domain(encoders, n_in), n_modes).mean(axis=-2),
        _leading(hidden, n_modes),
        _leading(by_output, n_modes).mean(axis=-2),
    ]
    return np.stack(parts, axis=-2)


def _leading(matrices: Array, n_modes: int) -> Array:
    """Leading singular values, from the eigenvalues of the smaller Gram matrix: three times as fast as a decomposition."""
    transposed = np.swapaxes(matrices, -1, -2)
    gram = transposed @ matrices if matrices.shape[-1] <= matrices.shape[-2] else matrices @ transposed
    return np.sqrt(np.maximum(np.linalg.eigvalsh(gram)[..., : -n_modes - 1 : -1], 0.0))


def train_private(networks: Network, target: Array, gate: Bools, learning_rate: float, n_epochs: int) -> Array:
    """Squared errors of all pairs after training with a hidden matrix of its own for every pair.

    Parameters
    ----------
    networks : Network
        A batch, shape (S, ...); hidden of shape (S, M, M, N_h, N_h), [i, j] for input domain i and output domain j.
    gate : ndarray of bool, shape (M, M)
        K true entries in every row and column, circulant.

    Returns
    -------
    ndarray, shape (S, M, M)   ‖Y − Ŷ‖²; the hidden matrix of an untrained pair never moves.
    """
    (n_out, n_in), n_domains = target.shape, len(gate)
    rate = 2 / target.size * learning_rate
    partner = _partners(gate)
    encoders = _by_domain(networks.encoders, n_in).copy()
    decoders = networks.decoders.reshape(-1, n_domains, n_out, networks.decoders.shape[-1]).copy()
    rows = np.arange(n_domains)[:, None]
    hidden = networks.hidden[:, rows, partner].copy()
    for _ in range(n_epochs):
        ends = decoders[:, partner]
        encoded = hidden @ encoders[:, :, None]
        pull = rate * (target - ends @ encoded)
        back = np.swapaxes(ends, -1, -2) @ pull
        to_decoders = pull @ np.swapaxes(encoded, -1, -2)
        to_encoders = np.sum(np.swapaxes(hidden, -1, -2) @ back, axis=2)
        hidden += back @ np.swapaxes(encoders, -1, -2)[:, :, None]
        encoders += to_encoders
        for k in range(partner.shape[1]):
            decoders[:, partner[:, k]] += to_decoders[:, :, k]
    every = networks.hidden.copy()
    every[:, rows, partner] = hidden
    answer = decoders[:, None] @ (every @ encoders[:, :, None])
    return np.sum((answer - target) ** 2, axis=(-1, -2))


def _partners(gate: Bools) -> Ints:
    """Output domains that input domain i is trained with, shape (M, K); each column is a permutation of the domains."""
    n_domains = len(gate)
    offsets = np.flatnonzero(gate[0])
    partner = (np.arange(n_domains)[:, None] + offsets) % n_domains
    if not np.take_along_axis(gate, partner, axis=1).all() or gate.sum() != partner.size:
        raise ValueError("train_private: gate must be circulant")
    return partner


def _by_domain(encoders: Array, n_in: int) -> Array:
    """Stacked encoders, (..., N_h, M·n_in), one by one: (..., M, N_h, n_in)."""
    *lead, width, _ = encoders.shape
    return np.moveaxis(encoders.reshape(*lead, width, -1, n_in), -2, -3)
