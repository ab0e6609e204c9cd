"""The main theorem: how fast local component norms move under gradient flow [razin_htf, E3, E3a, E5, E7]."""

from collections.abc import Iterator, Sequence

import numpy as np

from repro import checks
from repro.linalg import haar_frame
from repro.ode import rk4
from scripts.razin_htf.model import NODES, Array, Weights, hierarchy, local_norms, squared_norms


def balanced_start(rng: np.random.Generator, dim: int, width: int, scale: float) -> Weights:
    """Weights whose local components all consist of vectors of one norm [E7], without leading dimensions.

    Parameters
    ----------
    dim : D of a mode.
    width : R1 = R2.
    scale : α, the norm of every vector; all local component norms are α³.

    Raises
    ------
    ValueError   if a size is below 1 or `scale` not positive.
    """
    checks.at_least(1, dim=dim, width=width)
    checks.positive(scale=scale)
    leaves = rng.standard_normal((4, dim, width))
    leaves /= np.linalg.norm(leaves, axis=-2, keepdims=True)
    pairs = np.stack([haar_frame(rng, width, width) for _ in range(2)])
    return scale * leaves, scale * pairs, scale * rng.choice([-1.0, 1.0], width)


def component_tensors(weights: Weights, node: str) -> Array:
    """C of every local component of a node: what is left of the end tensor when its vectors have norm 1 and the node has no other [E3].

    Parameters
    ----------
    node : pair_12, pair_34 or root.

    Returns
    -------
    ndarray, shape (..., R, D⁴)   0 for a component of norm 0.

    Raises
    ------
    ValueError   if the node is another.
    """
    checks.one_of("node", node, NODES)
    leaves, pairs, root = weights
    at = 1 if node == "pair_34" else 0
    products = leaves[..., 0::2, :, None, :] * leaves[..., 1::2, None, :, :]
    products = products.reshape(*products.shape[:-3], -1, products.shape[-1])
    sides = products @ pairs
    if node == "root":
        parts = np.einsum("...r,...xr,...yr->...rxy", root, sides[..., 0, :, :], sides[..., 1, :, :])
    else:  # component r: the products of the leaves' columns r, times the combination that row r makes of the other side
        other = np.einsum("...rs,...s,...ys->...yr", pairs[..., at, :, :], root, sides[..., 1 - at, :, :])
        own = products[..., at, :, :]
        left, right = (own, other) if at == 0 else (other, own)
        parts = np.einsum("...xr,...yr->...rxy", left, right)
    norms = local_norms(weights)[node]
    return parts.reshape(*norms.shape, -1) / np.where(norms > 0, norms, np.inf)[..., None]


def alignments(weights: Weights, slope: Array) -> dict[str, Array]:
    """⟨−∇ℓ, C⟩ of every local component [E3]: node → ndarray, shape (..., R).

    Parameters
    ----------
    slope : ndarray, shape (..., D⁴)
        Gradient ∇ℓ of the loss with respect to the end tensor.
    """
    return {node: -np.einsum("...rp,...p->...r", component_tensors(weights, node), slope) for node in NODES}


def predicted_rates(weights: Weights, slope: Array, order: int = 3) -> dict[str, Array]:
    """Right side of the main theorem [E3], L σ^(2 − 2/L) ⟨−∇ℓ, C⟩, for balanced weights: node → ndarray, shape (..., R).

    Parameters
    ----------
    slope : ndarray, shape (..., D⁴)
    order : L, the number of vectors of a local component: 3; another one as a control.

    Raises
    ------
    ValueError   if `order` is below 1.
    """
    checks.at_least(1, order=order)
    aligned = alignments(weights, slope)
    return {node: order * norms ** (2 - 2 / order) * aligned[node] for node, norms in local_norms(weights).items()}


def general_rates(weights: Weights, slope: Array) -> dict[str, Array]:
    """Speed of local component norms for weights of any balance [E3a]: node → ndarray, shape (..., R); no vector may be 0."""
    aligned, norms, squared = alignments(weights, slope), local_norms(weights), squared_norms(weights)
    return {node: norms[node] ** 2 * aligned[node] * (1 / squared[node]).sum(axis=-2) for node in NODES}


def measured_rates(weights: Weights, slope: Array, step: float = 1e-6) -> dict[str, Array]:
    """Speed of local component norms along the negative gradient, by a central difference: node → ndarray, shape (..., R).

    Parameters
    ----------
    slope : ndarray, shape (..., D⁴)
    step : time before and after.
    """
    checks.positive(step=step)
    downwards = hierarchy(weights)[1](-slope)
    after, before = (local_norms(tuple(w + by * d for w, d in zip(weights, downwards, strict=True))) for by in (step, -step))
    return {node: (after[node] - before[node]) / (2 * step) for node in NODES}


def completion_flow(
    start: Weights, target: Array, observed: Array, times: Sequence[float], time_step: float
) -> Iterator[tuple[Weights, Array]]:
    """Gradient flow on half the sum of squared differences over observed entries, by Runge–Kutta.

    Parameters
    ----------
    start : weights with leading dimension S, float64.
    target, observed : ndarray, shape (S, D⁴)
        Tensor to be completed; 1 where an entry is observed, else 0.
    times : equidistant, a whole number of steps apart.

    Yields
    ------
    weights, and the gradient of the loss with respect to the end tensor, shape (S, D⁴); one pair a time.

    Raises
    ------
    ValueError   if `time_step` is not positive.
    """
    checks.positive(time_step=time_step)

    def flow(_: float, state: Array) -> Array:
        weights = _unpacked(state, start)
        entries, pull = hierarchy(weights)
        return -_packed(pull((entries - target) * observed))

    n_substeps = max(1, round((times[1] - times[0]) / time_step)) if len(times) > 1 else 1
    for state in rk4(flow, _packed(start), times, n_substeps):
        weights = _unpacked(state, start)
        yield weights, (hierarchy(weights)[0] - target) * observed


def _packed(weights: Weights) -> Array:
    """Weights as one array (S, number of weights)."""
    return np.concatenate([part.reshape(len(part), -1) for part in weights], axis=1)


def _unpacked(state: Array, like: Weights) -> Weights:
    ends = np.cumsum([part[0].size for part in like])[:-1]
    return tuple(part.reshape(shape.shape) for part, shape in zip(np.split(state, ends, axis=1), like, strict=True))
