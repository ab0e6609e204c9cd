"""The routing network on the hierarchical toy data: gates, output, errors, similarity [saxe_race, E1].

M input domains have an encoder A_i each, M output domains a decoder O_j each, and all share one hidden matrix H; pair (i, j)
computes O_j H A_i X. Networks are stacked: the encoders side by side, (..., N_h, M·n_in), the decoders one below the other,
(..., M·n_out, N_h), so that one product holds the outputs of all pairs. Leading dimensions are settings and seeds. X is the
identity in every domain.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PAPER = "saxe_race"
GATES = ("plus_minus", "plus")


class Network(NamedTuple):
    """Weights of a routing network, or of a batch of them."""

    encoders: Array  # A, shape (..., N_h, M·n_in)
    hidden: Array  # H, shape (..., N_h, N_h)
    decoders: Array  # O, shape (..., M·n_out, N_h)


def toy_data() -> Array:
    """Targets Y of the four items, shape (n_out, n_in) = (7, 4): one property of all, two of halves, four of single items."""
    shared = [[6, 6, 6, 6], [4, 4, 0, 0], [0, 0, 4, 4]]
    return np.concatenate([np.array(shared, dtype=float), 3 * np.eye(4)])


def gate_matrix(pattern: str, n_domains: int, n_outputs: int, columns: npt.NDArray[np.int64] | None = None) -> Bools:
    """Pairs that are trained: G_ij is true for K output domains j of every input domain i, and K inputs of every output.

    Parameters
    ----------
    pattern : {"plus_minus", "plus"}
        j from i − ⌊(K−1)/2⌋ to i + ⌊K/2⌋, or from i to i + K − 1, modulo M.
    n_domains, n_outputs : int
        M and K, 1 ≤ K ≤ M.
    columns : ndarray of int, shape (M,), optional
        Permutation of the output domains that follows.

    Returns
    -------
    ndarray of bool, shape (M, M)

    Raises
    ------
    ValueError   for another pattern, or K outside 1 … M.
    """
    if pattern not in GATES:
        raise ValueError(f"gate_matrix: pattern {pattern!r} is not one of {', '.join(GATES)}")
    if not 1 <= n_outputs <= n_domains:
        raise ValueError(f"gate_matrix: n_outputs must be 1 to {n_domains} (n_domains), not {n_outputs}")
    first = -((n_outputs - 1) // 2) if pattern == "plus_minus" else 0
    inputs, outputs = np.indices((n_domains, n_domains))
    gate = (outputs - inputs - first) % n_domains < n_outputs
    return gate if columns is None else gate[:, columns]


def outputs(network: Network) -> Array:
    """Outputs Ŷ of all pairs in blocks, shape (..., M·n_out, M·n_in): output domains down, input domains across."""
    return network.decoders @ (network.hidden @ network.encoders)


def squared_errors(output: Array, target: Array) -> Array:
    """Squared Frobenius distance ‖Y − Ŷ‖² of every pair.

    Parameters
    ----------
    output : ndarray, shape (..., M·n_out, M·n_in)
    target : ndarray, shape (n_out, n_in)

    Returns
    -------
    ndarray, shape (..., M, M)   [i, j]: input domain i, output domain j.
    """
    n_out, n_in = target.shape
    m_out, m_in = output.shape[-2] // n_out, output.shape[-1] // n_in
    blocks = output.reshape(*output.shape[:-2], m_out, n_out, m_in, n_in) - target[:, None, :]
    return np.swapaxes(np.sum(blocks**2, axis=(-3, -1)), -1, -2)


def training_loss(squared: Array, gate: Bools, target: Array) -> Array:
    """Mean squared error of a pair, summed over the trained pairs: Σ_G ‖Y − Ŷ‖² / (n_in n_out); shape (...)."""
    return np.sum(squared * gate, axis=(-1, -2)) / target.size


def split_errors(squared: Array, gate: Bools) -> dict[str, Array]:
    """½‖Y − Ŷ‖² as the mean over the trained and over the untrained pairs, each of shape (...); no entry for a split without pairs.

    Parameters
    ----------
    squared : ndarray, shape (..., M, M)
    gate : ndarray of bool, shape (M, M) or (..., M, M)
        As many trained pairs in every network of the batch.
    """
    found = {}
    for split, pairs in (("trained", gate), ("untrained", ~gate)):
        n_pairs = np.sum(pairs, axis=(-1, -2))
        if np.all(n_pairs > 0):
            found[split] = np.sum(np.where(pairs, squared, 0.0), axis=(-1, -2)) / (2 * n_pairs)
    return found


def encoder_similarity(encoders: Array, n_items: int) -> Array:
    """Inner products of the encodings of items, (A_i X)ᵀ A_j X with X the identity.

    Parameters
    ----------
    encoders : ndarray, shape (..., N_h, M·n_in)
    n_items : int
        n_in.

    Returns
    -------
    ndarray, shape (..., M, M, n_in, n_in)   [i, j, item of i, item of j].
    """
    gram = np.swapaxes(encoders, -1, -2) @ encoders
    n_domains = gram.shape[-1] // n_items
    return np.swapaxes(gram.reshape(*gram.shape[:-2], n_domains, n_items, n_domains, n_items), -3, -2)


def compare_panels(similarity: Array) -> tuple[Array, Array]:
    """Cosine between panel (i, j) and panel (i, i) of `encoder_similarity`, and the ratio of their Frobenius norms.

    Returns
    -------
    cosine, norm_ratio : ndarrays, shape (..., M, M)   1 where i = j.
    """
    flat = similarity.reshape(*similarity.shape[:-2], -1)
    norm = np.linalg.norm(flat, axis=-1)
    own = np.diagonal(norm, axis1=-2, axis2=-1)[..., None]
    within = np.swapaxes(np.diagonal(flat, axis1=-3, axis2=-2), -1, -2)[..., None, :]
    return np.sum(flat * within, axis=-1) / (norm * own), norm / own
