"""What topology forbids in R^3: thickness of a knot, distance of boundaries, linking numbers [puthawala_flows, E4, E5, E7, E8]."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

from repro import checks

Array = npt.NDArray[np.float64]

BOUND_POINTS = 1000  # of a target curve, for its lower bound: too large by 1e-5 at most


def thickness(points: Array) -> float:
    """Thickness τ of a closed curve, its global radius of curvature [puthawala_flows, E4].

    No flow of R^3 carries the planar circle nearer than τ, in sup distance, to a curve that is knotted [puthawala_flows, E5].

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        The curve at equispaced parameters; tangents are those of the trigonometric polynomial through them.

    Raises
    ------
    ValueError   if there are fewer than 8 points, or one is not finite.
    """
    checks.at_least(8, n_points=len(points))
    checks.finite(points=points)
    frequency = np.fft.fftfreq(len(points), 1 / len(points))[:, None]
    tangents = np.fft.ifft(1j * frequency * np.fft.fft(points, axis=0), axis=0).real
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    difference = points[None, :, :] - points[:, None, :]
    along = np.einsum("xyi,xi->xy", difference, tangents)
    off = np.linalg.norm(difference - along[..., None] * tangents[:, None, :], axis=-1)
    others = ~np.eye(len(points), dtype=bool)
    with np.errstate(divide="ignore"):  # a point on the tangent line is no limit to the thickness
        return float((np.sum(difference**2, axis=-1)[others] / (2 * off[others])).min())


def half_distance(first: Array, second: Array) -> float:
    """Half the least distance h of two curves, given as points [puthawala_flows, E7].

    While each stays within h of where it was, in sup distance, straight lines between old and new points keep the two apart,
    and with that their linking number.

    Parameters
    ----------
    first, second : ndarray, shape (n, 3) and (k, 3)
    """
    checks.finite(first=first, second=second)
    return float(cdist(first, second).min() / 2)


def linking_number(first: Array, second: Array) -> float:
    """Linking number of two closed polygons: an integer up to rounding [puthawala_flows, E8].

    Exact for polygons that do not meet; whether they stand for two curves is another question, see `refined_polygon`.

    Parameters
    ----------
    first, second : ndarray, shape (n, 3) and (k, 3)
        Corners in order; the last one is joined to the first.

    Raises
    ------
    ValueError   if a polygon has fewer than 3 corners, or one is not finite.
    """
    checks.at_least(3, n_corners=[len(first), len(second)])
    checks.finite(first=first, second=second)
    total = 0.0
    for block in np.array_split(np.arange(len(first)), -(-len(first) // 256)):  # 256 edges at once: memory
        start, end = first[block], np.roll(first, -1, axis=0)[block]
        total += _solid_angles(start, end, second, np.roll(second, -1, axis=0)).sum()
    return float(total / (4 * np.pi))


def _solid_angles(start: Array, end: Array, other_start: Array, other_end: Array) -> Array:
    """Signed solid angle of the directions from every edge of one polygon to every edge of the other."""
    r13, r14 = other_start - start[:, None], other_end - start[:, None]
    r23, r24 = other_start - end[:, None], other_end - end[:, None]
    normals = [_unit(np.cross(u, v)) for u, v in ((r13, r14), (r14, r24), (r24, r23), (r23, r13))]
    cosines = [np.einsum("abi,abi->ab", normals[k], normals[(k + 1) % 4]) for k in range(4)]
    size: Array = np.arcsin(np.clip(cosines, -1, 1)).sum(axis=0)
    turn = np.cross((other_end - other_start)[None], (end - start)[:, None])
    return size * np.sign(np.einsum("abi,abi->ab", turn, r13))


def _unit(vectors: Array) -> Array:
    """Vectors of length 1; those of length 0 stay."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)


def refined_polygon(
    curve: Callable[[Array], Array], *, start_points: int = 200, max_edge: float = 0.05, max_rounds: int = 30
) -> Array | None:
    """Corners of a polygon along a closed curve, fine enough for its linking number [puthawala_flows, E8].

    A flow can squeeze long stretches of a boundary into a short piece of the parameter: a polygon of equispaced angles jumps
    there, and its linking number is an integer, and the wrong one.

    Parameters
    ----------
    curve : angles of shape (n,), radians → points of shape (n, 3), periodic.
    start_points : int
        Equispaced angles to begin with.
    max_edge : float
        Every longer edge is halved in the angle, round after round.
    max_rounds : int

    Returns
    -------
    ndarray, shape (n, 3), or None where edges are still too long after the last round.
    """
    checks.at_least(3, start_points=start_points)
    checks.positive(max_edge=max_edge)
    checks.at_least(0, max_rounds=max_rounds)
    angles = 2 * np.pi * np.arange(start_points) / start_points
    points = curve(angles)
    for left in range(max_rounds, -1, -1):
        edges = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1)
        long = np.flatnonzero(~(edges <= max_edge))
        if not len(long):
            return points
        if left:
            middles = (angles[long] + np.append(angles[1:], 2 * np.pi)[long]) / 2
            angles = np.insert(angles, long + 1, middles)
            points = np.insert(points, long + 1, curve(middles), axis=0)
    return None
