"""The theorem on synthetic patches: farthest-first covers, and predictors that nothing has trained [brutzkus_patches, E9, E10]."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro.checks import at_least, finite, one_of, within
from repro.linalg import haar_frame

Array = npt.NDArray[np.float64]

MODELS = ("hard", "full")


class Target(NamedTuple):
    """A network with one hidden layer of ReLUs over patches."""

    hidden: Array
    """w, shape (h, D), of norm 1."""
    output: Array
    """U, shape (h, P)."""


def sphere(rng: np.random.Generator, n: int, frame: Array) -> Array:
    """Points (n, D), uniform on the unit sphere of the subspace that the orthonormal columns of a frame (D, d₀) span."""
    at_least(1, n=n)
    points = rng.standard_normal((n, frame.shape[1]))
    return points / np.linalg.norm(points, axis=1, keepdims=True) @ frame.T


def frame(rng: np.random.Generator, ambient_dim: int, intrinsic_dim: int) -> Array:
    """Orthonormal basis of a uniform random subspace, shape (D, d₀); ValueError unless 2 ≤ d₀ ≤ D: a line holds no sphere."""
    within("intrinsic_dim", intrinsic_dim, 2, ambient_dim)
    return haar_frame(rng, ambient_dim, intrinsic_dim)


def random_target(rng: np.random.Generator, n_hidden: int, n_patches: int, subspace: Array) -> Target:
    """Hidden weights uniform on the sphere of the subspace, output weights of variance 1 / (h P)."""
    at_least(1, n_hidden=n_hidden, n_patches=n_patches)
    output = rng.standard_normal((n_hidden, n_patches)) / np.sqrt(n_hidden * n_patches)
    return Target(sphere(rng, n_hidden, subspace), output)


def farthest_first(points: Array, n_centroids: int) -> tuple[npt.NDArray[np.int64], Array]:
    """Farthest-first traversal from the first point [brutzkus_patches, E9].

    Parameters
    ----------
    points : ndarray, shape (n, D)
    n_centroids : int
        From 1 to n.

    Returns
    -------
    centres : ndarray of int, shape (n_centroids,)   the first N of them are the dictionary of size N.
    radii : ndarray, shape (n_centroids,)   cover radius r_N of the first N; does not increase.

    Raises
    ------
    ValueError   if there are more centroids than points, or a coordinate is not finite.
    """
    within("n_centroids", n_centroids, 1, len(points))
    finite(points=points)
    centres = np.zeros(n_centroids, dtype=np.int64)
    radii, squares = np.empty(n_centroids), (points**2).sum(axis=1)
    distance = np.full(len(points), np.inf)
    for step in range(n_centroids):
        centres[step] = distance.argmax() if step else 0
        squared = squares + squares[centres[step]] - 2 * points @ points[centres[step]]
        np.minimum(distance, np.sqrt(np.maximum(squared, 0)), out=distance)
        radii[step] = distance.max()
    return centres, radii


def nearest(points: Array, centres: Array) -> npt.NDArray[np.int64]:
    """Index of the nearest centre (N, D) of every point (n, D), shape (n,)."""
    return np.argmin((centres**2).sum(axis=1) / 2 - points @ centres.T, axis=1)


def target_value(target: Target, patches: Array) -> Array:
    """f(x) = Σ_j Σ_i U_ij ReLU(w_i · p_j) of images given as patches (n, P, D); shape (n,)."""
    return np.asarray(np.einsum("njh,hj->n", np.maximum(patches @ target.hidden.T, 0), target.output))


def predicted(model: str, target: Target, patches: Array, centres: Array) -> Array:
    """What the target's own weights predict from the dictionary [brutzkus_patches, E10].

    Parameters
    ----------
    model : hard (the target at the nearest centre of every patch) or full (the patch itself, with the sign pattern of the centre).
    patches, centres : ndarray, shape (n, P, D)
        Every patch and its nearest centre.

    Raises
    ------
    ValueError   for another model.
    """
    one_of("model", model, MODELS)
    if model == "hard":
        return target_value(target, centres)
    opened = np.where(centres @ target.hidden.T > 0, patches @ target.hidden.T, 0)
    return np.asarray(np.einsum("njh,hj->n", opened, target.output))


def relative_error(prediction: Array, truth: Array) -> float:
    """Root mean square of the error over the standard deviation of the truth."""
    return float(np.sqrt(np.mean((prediction - truth) ** 2)) / truth.std())
