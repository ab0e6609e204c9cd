"""Matrix, tensor and hierarchical tensor factorisations: end tensors, gradients, component norms [razin_htf, E1, E5, E6, E9, E10].

Weights are a tuple of arrays; any leading dimensions, such as runs, come first in all of them. What a factorisation parametrises
is flattened to shape (..., P), P the number of its entries.

- mf: one array (..., depth, d, d), factors from left to right.
- tf: one array (..., 3, D, R), vectors of mode n as columns.
- htf: leaves (..., 4, D, R1), pairs (..., 2, R1, R2) for the nodes {1,2} and {3,4}, root (..., R2).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from repro import checks

Array = npt.NDArray[Any]
Weights = tuple[Array, ...]
Pull = Callable[[Array], Weights]
"""Gradient with respect to the end tensor, (..., P), to gradients with respect to the weights."""

PAPER = "razin_htf"
NODES = ("pair_12", "pair_34", "root")


def matrix_product(weights: Weights) -> tuple[Array, Pull]:
    """Product of the factors of a matrix factorisation, and its pull-back.

    Returns
    -------
    entries : ndarray, shape (..., d²)
    pull : gradient (..., d²) to the gradients of the factors.
    """
    (factors,) = weights
    depth = factors.shape[-3]
    single = [factors[..., at, :, :] for at in range(depth)]
    before, after = [single[0]], [single[-1]]
    for at in range(1, depth):
        before.append(before[-1] @ single[at])
        if at < depth - 1:
            after.append(single[-1 - at] @ after[-1])
    product = before.pop()

    def pull(slope: Array) -> Weights:
        slope = slope.reshape(product.shape)
        found = np.empty_like(factors)
        for at in range(depth):
            left = slope if at == 0 else before[at - 1].swapaxes(-1, -2) @ slope
            found[..., at, :, :] = left if at == depth - 1 else left @ after[depth - 2 - at].swapaxes(-1, -2)
        return (found,)

    return _flat(product, 2), pull


def tensor_sum(weights: Weights) -> tuple[Array, Pull]:
    """Sum of the components of a CP factorisation of order 3, and its pull-back; shapes (..., D³)."""
    (vectors,) = weights
    first, second, third = (vectors[..., mode, :, :] for mode in range(3))
    products = _khatri_rao(first, second)
    entries = products @ third.swapaxes(-1, -2)

    def pull(slope: Array) -> Weights:
        slope = slope.reshape(entries.shape)
        found = np.empty_like(vectors)
        found[..., 0, :, :], found[..., 1, :, :] = _khatri_rao_pull(slope @ third, first, second)
        found[..., 2, :, :] = slope.swapaxes(-1, -2) @ products
        return (found,)

    return _flat(entries, 2), pull


def hierarchy(weights: Weights) -> tuple[Array, Pull]:
    """End tensor of a hierarchical factorisation of order 4 [E1], and its pull-back; shapes (..., D⁴)."""
    leaves, pairs, root = weights
    children = leaves[..., 0::2, :, :], leaves[..., 1::2, :, :]
    products = _khatri_rao(*children)
    sides = products @ pairs
    left, right = sides[..., 0, :, :], sides[..., 1, :, :]
    scaled = left * root[..., None, :]
    entries = scaled @ right.swapaxes(-1, -2)

    def pull(slope: Array) -> Weights:
        slope = slope.reshape(entries.shape)
        of_sides = np.empty_like(sides)
        towards = slope @ right
        np.multiply(towards, root[..., None, :], out=of_sides[..., 0, :, :])
        np.matmul(slope.swapaxes(-1, -2), scaled, out=of_sides[..., 1, :, :])
        of_leaves = np.empty_like(leaves)
        of_leaves[..., 0::2, :, :], of_leaves[..., 1::2, :, :] = _khatri_rao_pull(of_sides @ pairs.swapaxes(-1, -2), *children)
        return of_leaves, products.swapaxes(-1, -2) @ of_sides, (left * towards).sum(axis=-2)

    return _flat(entries, 2), pull


FACTORISATIONS: dict[str, Callable[[Weights], tuple[Array, Pull]]] = {"mf": matrix_product, "tf": tensor_sum, "htf": hierarchy}


def weight_shapes(model: str, dim: int, width: int, depth: int = 3) -> tuple[tuple[int, ...], ...]:
    """Shapes of the weights of one run.

    Parameters
    ----------
    model : mf, tf or htf.
    dim : d of the matrices, or D of a mode.
    width : number of components R (tf), or R1 = R2 (htf); mf has none but `dim`.
    depth : number of matrices (mf).

    Raises
    ------
    ValueError   if the model is another, a size is below 1, or `depth` below 2.
    """
    checks.one_of("model", model, FACTORISATIONS)
    checks.at_least(1, dim=dim, width=width)
    checks.at_least(2, depth=depth)
    shapes: dict[str, tuple[tuple[int, ...], ...]] = {
        "mf": ((depth, dim, dim),),
        "tf": ((3, dim, width),),
        "htf": ((4, dim, width), (2, width, width), (width,)),
    }
    return shapes[model]


def component_norms(weights: Weights) -> Array:
    """Norms of the components of a CP factorisation, shape (..., R)."""
    (vectors,) = weights
    return np.linalg.norm(vectors, axis=-2).prod(axis=-2)


def squared_norms(weights: Weights) -> dict[str, Array]:
    """Squared norms of the three vectors of every local component of a hierarchical factorisation.

    Returns
    -------
    dict   node → ndarray, shape (..., 3, R): the children's columns, then the node's own row.
    """
    leaves, pairs, root = weights
    of_leaves, of_columns, of_rows = (leaves**2).sum(axis=-2), (pairs**2).sum(axis=-2), (pairs**2).sum(axis=-1)
    return {
        "pair_12": np.concatenate([of_leaves[..., :2, :], of_rows[..., :1, :]], axis=-2),
        "pair_34": np.concatenate([of_leaves[..., 2:, :], of_rows[..., 1:, :]], axis=-2),
        "root": np.concatenate([of_columns, root[..., None, :] ** 2], axis=-2),
    }


def local_norms(weights: Weights) -> dict[str, Array]:
    """Local component norms σ of a hierarchical factorisation: node → ndarray, shape (..., R)."""
    return {node: np.sqrt(squared).prod(axis=-2) for node, squared in squared_norms(weights).items()}


def unbalancedness(weights: Weights) -> Array:
    """Largest difference of squared norms within a local component of a hierarchical factorisation [E6], shape (...)."""
    spreads = [squared.max(axis=-2) - squared.min(axis=-2) for squared in squared_norms(weights).values()]
    return np.max([spread.max(axis=-1) for spread in spreads], axis=0)


def matricise(entries: Array, order: int, rows: Sequence[int]) -> Array:
    """A tensor as a matrix with some of its modes as rows, in their order, and the others as columns.

    Parameters
    ----------
    entries : ndarray, shape (..., D**order)
    rows : modes from 1.

    Raises
    ------
    ValueError   if the entries do not fill a tensor of that order, or a mode is not one of it or named twice.
    """
    dim = round(entries.shape[-1] ** (1 / order))
    if dim**order != entries.shape[-1]:
        raise ValueError(f"entries: {entries.shape[-1]} do not fill a tensor of order {order} with equal modes")
    for mode in rows:
        checks.one_of("rows", mode, range(1, order + 1))
    if len(set(rows)) != len(rows):
        raise ValueError(f"rows: a mode is named twice in {list(rows)}")
    lead = entries.ndim - 1
    axes = [*rows, *(mode for mode in range(1, order + 1) if mode not in rows)]
    tensor = entries.reshape(*entries.shape[:-1], *(dim,) * order)
    turned = tensor.transpose(*range(lead), *(lead + mode - 1 for mode in axes))
    return turned.reshape(*entries.shape[:-1], dim ** len(rows), -1)


def effective_rank(values: Array) -> Array:
    """Exponential of the entropy of singular values that are scaled to sum 1 [E10], along the last axis.

    Raises
    ------
    ValueError   if a value is negative or not a number, or all are 0.
    """
    checks.at_least(0, values=values)
    total = values.sum(axis=-1, keepdims=True)
    checks.positive(sum=total)
    share = values / total
    return np.exp(-np.sum(share * np.log(np.where(share > 0, share, 1)), axis=-1))


def reconstruction_error(entries: Array, target: Array) -> Array:
    """‖W − T‖ / ‖T‖ over all entries [E9], along the last axis."""
    return np.linalg.norm(entries - target, axis=-1) / np.linalg.norm(target, axis=-1)


def _flat(entries: Array, n_axes: int) -> Array:
    """The last axes as one."""
    return entries.reshape(*entries.shape[:-n_axes], -1)


def _khatri_rao(first: Array, second: Array) -> Array:
    """All products of rows of two matrices, (..., D, R) and (..., D, R) to (..., D², R)."""
    return (first[..., :, None, :] * second[..., None, :, :]).reshape(*first.shape[:-2], -1, first.shape[-1])


def _khatri_rao_pull(slope: Array, first: Array, second: Array) -> tuple[Array, Array]:
    """Gradients of both matrices from that of their products."""
    slope = slope.reshape(*first.shape[:-1], *second.shape[-2:])
    return np.einsum("...ijr,...jr->...ir", slope, second), np.einsum("...ijr,...ir->...jr", slope, first)
