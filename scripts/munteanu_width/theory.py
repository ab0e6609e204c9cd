"""Margins, separability by frozen features and the transfer of the margin [munteanu_width, E4–E9]."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog, nnls

from repro import checks
from scripts.munteanu_width.model import Array, alternating_circle, tangent_kernel

POSITIVE = 1e-12  # a sample without an active direction has margin 0 exactly, others are above rounding


def circle_margin(n_train: int) -> float:
    """γ of the alternating circle in closed form, 0 where n is no multiple of 4 [munteanu_width, E5].

    Raises
    ------
    ValueError   if n is odd or below 4.
    """
    alternating_circle(n_train)
    return 0.0 if n_train % 4 else 1 / (n_train * np.cos(np.pi / n_train))


def margin_l2(x: Array, y: Array) -> float:
    """γ₂: least norm of a convex combination of the signed tangent features, by non-negative least squares [munteanu_width, E4].

    Parameters
    ----------
    x : ndarray, shape (n, d), rows of norm 1
    y : ndarray, shape (n,), ±1

    Raises
    ------
    ValueError   if a row has another norm, or a label is not ±1.
    """
    if not np.isin(y, (-1, 1)).all():
        raise ValueError("y must be labels −1 and 1")
    values, vectors = np.linalg.eigh(tangent_kernel(x) * np.outer(y, y))
    root = np.sqrt(np.maximum(values, 0))[:, None] * vectors.T
    weights, _ = nnls(np.vstack([root, np.ones(len(y))]), np.append(np.zeros(len(y)), 1.0))
    return float(np.linalg.norm(root @ (weights / weights.sum())))


def is_separable(x: Array, y: Array, active: npt.NDArray[np.bool_]) -> bool:
    """Whether the tangent features of m directions separate the points, by a linear program [munteanu_width, E7].

    Parameters
    ----------
    x : ndarray, shape (n, d)
    y : ndarray, shape (n,)
    active : ndarray of bool, shape (m, n)
        Points on the positive side of each direction.

    Raises
    ------
    RuntimeError   if the solver comes to no answer.
    """
    features = np.einsum("i,mi,id->imd", y, active, x).reshape(len(y), -1)
    found = linprog(np.zeros(features.shape[1]), A_ub=-features, b_ub=-np.ones(len(y)), bounds=(None, None), method="highs")
    if found.status not in (0, 2):
        raise RuntimeError(f"the linear program of {features.shape} came to no answer: {found.message}")
    return bool(found.status == 0)


def frozen_width(x: Array, y: Array, directions: Array) -> float:
    """Smallest number of leading directions whose features separate the points; infinite if all do not [munteanu_width, E7].

    Parameters
    ----------
    x : ndarray, shape (n, d)
    y : ndarray, shape (n,)
    directions : ndarray, shape (M, d)

    Raises
    ------
    ValueError   if there is no direction.
    """
    checks.at_least(1, n_directions=len(directions))
    n_seen = min(len(x), len(directions))
    while True:
        active = directions[:n_seen] @ x.T > 0
        news = _first_occurrences(active)  # a direction with the pattern of an earlier one adds no feature
        if is_separable(x, y, active[news]):
            break
        if n_seen == len(directions):
            return np.inf
        n_seen = min(2 * n_seen, len(directions))
    low, high = 0, len(news)  # the first `high` new patterns separate, the first `low` do not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_separable(x, y, active[news[:middle]]) else (middle, high)
    return float(news[high - 1] + 1)


def _first_occurrences(active: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Places of the rows that equal no earlier row."""
    return np.sort(np.unique(np.packbits(active, axis=1), axis=0, return_index=True)[1])


def cover_width(n_train: int, directions: Array) -> float:
    """Smallest number of leading directions that leave no two neighbouring arcs of the circle empty [munteanu_width, E8].

    The activation boundary of a direction is a line through the origin; modulo π the n points cut the circle into n/2 arcs.

    Parameters
    ----------
    n_train : int
    directions : ndarray, shape (M, 2)

    Returns
    -------
    float   infinite if all directions leave such a pair.

    Raises
    ------
    ValueError   if n is odd or below 4, or directions are not in the plane.
    """
    alternating_circle(n_train)
    if directions.ndim != 2 or directions.shape[1] != 2:
        raise ValueError(f"directions must be of shape (M, 2), not {directions.shape}")
    boundary = np.mod(np.arctan2(directions[:, 1], directions[:, 0]) + np.pi / 2, np.pi)
    arc = np.minimum((boundary * n_train / (2 * np.pi)).astype(int), n_train // 2 - 1)
    first = np.full(n_train // 2, np.inf)
    np.minimum.at(first, arc, np.arange(1, len(directions) + 1))
    return float(np.minimum(first, np.roll(first, -1)).max())


def cover_median(n_train: npt.ArrayLike) -> Array:
    """Predicted median of the cover width for n points [munteanu_width, E8]; elementwise."""
    n = np.asarray(n_train, dtype=float)
    checks.at_least(4, n_train=n)
    return n / 4 * (np.log(n / 2) - np.log(np.log(2)))


def cover_median_error(n_train: npt.ArrayLike, n_seeds: npt.ArrayLike) -> Array:
    """Standard error of a median of cover widths over seeds: that of a Gumbel variable of scale n/4 [munteanu_width, E8]."""
    checks.at_least(1, n_seeds=n_seeds)
    return np.asarray(n_train, dtype=float) / 4 / (np.log(2) * np.sqrt(np.asarray(n_seeds, dtype=float)))


def transfer_features(n_train: int) -> Array:
    """What a direction in each arc adds to each point's margin, with the optimal feature map [munteanu_width, E9].

    The points cut the circle of directions into n arcs of equal chance in which the activations are constant.

    Returns
    -------
    ndarray, shape (n arcs, n points)   y_i ⟨v, x_i⟩ 1[⟨x_i, z⟩ > 0]; the mean over the arcs is γ for every point.

    Raises
    ------
    ValueError   if n is no multiple of 4: the margin is 0, and no feature map optimal.
    """
    x, y = alternating_circle(n_train)
    if n_train % 4:
        raise ValueError(f"n_train must be a multiple of 4, not {n_train}")
    middle = 2 * np.pi * (np.arange(n_train) + 0.5) / n_train
    active = np.stack([np.cos(middle), np.sin(middle)], axis=1) @ x.T > 0
    toward = (active * y) @ x
    optimal = toward / np.linalg.norm(toward, axis=1, keepdims=True)
    return active * y * (optimal @ x.T)


def transfer_margins(rng: np.random.Generator, n_train: int, width: int, n_draws: int) -> Array:
    """Sampled margins γ̂ of m random directions on the circle, exact in law [munteanu_width, E9].

    Parameters
    ----------
    rng : Generator
    n_train : int
    width : int
        m.
    n_draws : int

    Returns
    -------
    ndarray, shape (n_draws,)

    Raises
    ------
    ValueError   if n is no multiple of 4, or there is no direction or no draw.
    """
    checks.at_least(1, width=width, n_draws=n_draws)
    features = transfer_features(n_train)
    counts = rng.multinomial(width, np.full(n_train, 1 / n_train), size=n_draws)
    return (counts @ features).min(axis=1) / width


def sufficient_width(n_train: npt.ArrayLike, margin: npt.ArrayLike) -> Array:
    """γ⁻² ln n, the width of the coupled theorem without its constant [munteanu_width, E10]; elementwise."""
    checks.positive(margin=margin)
    return np.log(np.asarray(n_train, dtype=float)) / np.asarray(margin, dtype=float) ** 2
