"""Targets of the fits, knots and ribbons in R^3, where they start from, and a density on the circle [puthawala_flows, E3, E6, E10]."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from repro import checks

Array = npt.NDArray[np.float64]

KNOTS = ("unknot", "trefoil")
RIBBONS = ("wave", "twist1")


def equispaced(n: int) -> Array:
    """Angles 2πk/n of a full turn, shape (n,)."""
    checks.at_least(1, n=n)
    return 2 * np.pi * np.arange(n) / n


def circle(angle: Array) -> Array:
    """Points of the unit circle.

    Parameters
    ----------
    angle : ndarray, shape (...), radians

    Returns
    -------
    ndarray, shape (..., 2)
    """
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def knot(name: str, angle: Array) -> Array:
    """Points of a closed curve in R^3 [puthawala_flows, E3]; both curves have one planar projection.

    Parameters
    ----------
    name : {"unknot", "trefoil"}
    angle : ndarray, shape (...), radians

    Returns
    -------
    ndarray, shape (..., 3)

    Raises
    ------
    ValueError   for another name.
    """
    checks.one_of("name", name, KNOTS)
    plane = (np.sin(angle) + 2 * np.sin(2 * angle), np.cos(angle) - 2 * np.cos(2 * angle))
    height = -np.sin(3 * angle) if name == "trefoil" else 2 * np.sin(angle)
    return np.stack([*plane, height], axis=-1) / 3


def ribbon(name: str, radius: Array, angle: Array) -> Array:
    """Points of a ribbon in R^3 about the unit circle [puthawala_flows, E6].

    Parameters
    ----------
    name : {"wave", "twist1"}
        The ribbon turns about its core by π/2 · sin t, or by t: one full twist.
    radius, angle : ndarray, of shapes that broadcast; radians
        Polar coordinates of a point of the planar annulus.

    Returns
    -------
    ndarray, shape (..., 3)

    Raises
    ------
    ValueError   for another name.
    """
    checks.one_of("name", name, RIBBONS)
    turn = angle if name == "twist1" else np.pi / 2 * np.sin(angle)
    outward = 1 + (radius - 1) * np.cos(turn)
    return np.stack(np.broadcast_arrays(outward * np.cos(angle), outward * np.sin(angle), (radius - 1) * np.sin(turn)), axis=-1)


def annulus(half_width: float, n_radii: int, n_angles: int) -> tuple[Array, Array]:
    """Radii from 1 − w to 1 + w, ends included, and angles of a polar grid, each of shape (n_radii · n_angles,).

    Raises
    ------
    ValueError   if the half width is not above 0 and below 1, or there are fewer than two radii.
    """
    checks.within("half_width", half_width, 0, 1, open_at="both")
    checks.at_least(2, n_radii=n_radii)
    radius, angle = np.meshgrid(np.linspace(1 - half_width, 1 + half_width, n_radii), equispaced(n_angles), indexing="ij")
    return radius.ravel(), angle.ravel()


def padded(points: Array, ambient_dim: int) -> Array:
    """Points with zeros behind their coordinates: the injective layer R of the fits [puthawala_flows, E12].

    Parameters
    ----------
    points : ndarray, shape (..., n)
    ambient_dim : int, at least n

    Returns
    -------
    ndarray, shape (..., ambient_dim)

    Raises
    ------
    ValueError   if the ambient space is the smaller one.
    """
    checks.at_least(points.shape[-1], ambient_dim=ambient_dim)
    return np.concatenate([points, np.zeros((*points.shape[:-1], ambient_dim - points.shape[-1]))], axis=-1)


def draw_angles(rng: np.random.Generator, n: int, law: Sequence[Sequence[float]]) -> Array:
    """Angles in [0, 2π) from a mixture of von Mises laws, shape (n,).

    Parameters
    ----------
    law : one (weight, mean, concentration) a component, weights summing to 1, means in radians.

    Raises
    ------
    ValueError   if the weights are not a probability law or a concentration is negative.
    """
    weights, means, concentrations = np.asarray(law, dtype=float).T
    checks.at_least(0, weights=weights, concentrations=concentrations)
    if not np.isclose(weights.sum(), 1):
        raise ValueError(f"weights must sum to 1, not {weights.sum():g}")
    component = rng.choice(len(weights), size=n, p=weights / weights.sum())
    return np.mod(rng.vonmises(means[component], concentrations[component]), 2 * np.pi)
