"""The two-layer network, its tangent kernel and the worst-case data [munteanu_width, E1, E2, E3, E5].

Arrays of a batch of L networks put points first, (n, L, m): one product with the points then serves all networks.
"""

from collections.abc import Iterable
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from repro import checks

Array = npt.NDArray[np.float64]

PAPER = "munteanu_width"
INITIALIZATIONS = ("coupled", "independent")


def alternating_circle(n_train: int) -> tuple[Array, Array]:
    """Equidistant points on the unit circle whose labels alternate [munteanu_width, E5].

    Parameters
    ----------
    n_train : int
        n, even and 4 or more; only multiples of 4 can be learned.

    Returns
    -------
    x : ndarray, shape (n, 2)
    y : ndarray, shape (n,)   +1, −1, +1, …

    Raises
    ------
    ValueError   if n is odd or below 4.
    """
    checks.at_least(4, n_train=n_train)
    if n_train % 2:
        raise ValueError(f"n_train must be even, not {n_train}: the labels alternate around the circle")
    angle = 2 * np.pi * np.arange(n_train) / n_train
    return np.stack([np.cos(angle), np.sin(angle)], axis=1), np.where(np.arange(n_train) % 2, -1.0, 1.0)


def initialize(directions: Array, signs: Array, initialization: str, width: int, init_scale: float = 1.0) -> tuple[Array, Array]:
    """Initial weights and output signs of a network, from directions that several networks may share [munteanu_width, E2].

    Parameters
    ----------
    directions : ndarray, shape (m or more, d)
        Standard normal; "independent" takes the first m, "coupled" the first m/2, each twice.
    signs : ndarray, shape (m or more,)
        ±1; "coupled" gives the second of a pair the opposite one.
    initialization : {"coupled", "independent"}
    width : int
        m, even.
    init_scale : float
        κ.

    Returns
    -------
    weights : ndarray, shape (m, d)
    signs : ndarray, shape (m,)

    Raises
    ------
    ValueError   if the initialization is another one, m is odd or exceeds what was drawn, or κ is not positive.
    """
    checks.one_of("initialization", initialization, INITIALIZATIONS)
    checks.positive(init_scale=init_scale)
    if width < 2 or width % 2:
        raise ValueError(f"width must be even and 2 or more, not {width}")
    n_drawn = width // 2 if initialization == "coupled" else width
    if min(len(directions), len(signs)) < n_drawn:
        raise ValueError(f"directions and signs must be {n_drawn} or more for {initialization} width {width}, not {len(directions)}")
    weights, output = init_scale * directions[:n_drawn], signs[:n_drawn]
    if initialization == "independent":
        return weights, output.copy()
    return np.repeat(weights, 2, axis=0), np.stack([output, -output], axis=1).ravel()


def initialize_all(drawn: Iterable[tuple[Array, Array]], width: int, init_scales: Iterable[float]) -> tuple[Array, Array]:
    """Initial weights and signs of every scale, initialization and seed, in this order, as one batch; directions and signs a seed.

    Scales and initializations share what a seed has drawn: they are then compared like with like.

    Returns
    -------
    weights : ndarray, shape (L, m, d)
    signs : ndarray, shape (L, m)
    """
    cases = product(init_scales, INITIALIZATIONS, list(drawn))
    starts = [initialize(*directions_signs, initialization, width, scale) for scale, initialization, directions_signs in cases]
    weights, signs = zip(*starts, strict=True)
    return np.stack(weights), np.stack(signs)


def preactivations(x: Array, weights: Array) -> Array:
    """⟨w_r, x_i⟩ of points (n, d) and networks (L, m, d); shape (n, L, m)."""
    n_networks, width, dim = weights.shape
    return (x @ weights.reshape(-1, dim).T).reshape(-1, n_networks, width)


def output(fields: Array, signs: Array) -> Array:
    """Outputs f of networks, from their preactivations (n, L, m) and signs (L, m); shape (n, L) [munteanu_width, E1]."""
    return np.vecdot(np.maximum(fields, 0), signs) / np.sqrt(signs.shape[-1])


def gradient(x: Array, fields: Array, signs: Array, slopes: Array) -> Array:
    """Gradient of the loss with respect to the weights [munteanu_width, E1].

    Parameters
    ----------
    x : ndarray, shape (n, d)
    fields : ndarray, shape (n, L, m)
        Preactivations. At exactly 0 a unit is off.
    signs : ndarray, shape (L, m)
    slopes : ndarray, shape (n, L)
        Derivative of the loss with respect to each output.

    Returns
    -------
    ndarray, shape (L, m, d)
    """
    pull = np.multiply(fields > 0, slopes[..., None]).reshape(len(x), -1)
    return (pull.T @ x).reshape(*signs.shape, -1) * (signs / np.sqrt(signs.shape[-1]))[..., None]


def logistic_slopes(y: Array, outputs: Array) -> Array:
    """Derivative of the mean of ln(1 + e^(−y f)) with respect to outputs of shape (n, L); labels (n,)."""
    return -y[:, None] * expit(-y[:, None] * outputs) / len(y)


def logistic_risk(y: Array, outputs: Array) -> Array:
    """Mean of ln(1 + e^(−y f)) over the points, shape (L,)."""
    return np.logaddexp(0, -y[:, None] * outputs).mean(axis=0)


def tangent_kernel(x: Array) -> Array:
    """Kernel H^∞ of the hidden layer at infinite width, shape (n, n), for rows of norm 1 [munteanu_width, E3].

    Raises
    ------
    ValueError   if a row has another norm.
    """
    norm = np.linalg.norm(x, axis=1)
    if not np.allclose(norm, 1, rtol=0, atol=1e-9):
        raise ValueError(f"x must have rows of norm 1, not {norm[np.argmax(np.abs(norm - 1))]:.6g}")
    cosine = np.clip(x @ x.T, -1, 1)
    np.fill_diagonal(cosine, 1.0)  # arccos has an infinite slope there
    return cosine * (np.pi - np.arccos(cosine)) / (2 * np.pi)


def finite_kernel(x: Array, fields: Array) -> Array:
    """Kernels H(W) of finite networks, from preactivations (n, L, m); shape (L, n, n) [munteanu_width, E3]."""
    active = (fields > 0).astype(float).transpose(1, 0, 2)
    return (x @ x.T) * (active @ active.transpose(0, 2, 1)) / fields.shape[-1]


def eigenvalue_min(kernel: Array) -> Array:
    """Smallest eigenvalue of symmetric matrices (..., n, n)."""
    return np.asarray(np.linalg.eigvalsh(kernel)[..., 0], dtype=np.float64)
