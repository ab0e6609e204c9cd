"""The hyperbolic plane as a disc: distances, horocycles, neurons and targets [sonoda_ridgelet, E2, E6]."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from repro import checks

Array = npt.NDArray[np.float64]
Points = npt.NDArray[np.complex128]

ACTIVATIONS = ("gaussian", "tanh", "relu")

_KERNEL_NODES = 200


@dataclass(frozen=True)
class Bumps:
    """Target f: heat kernels of one time around some centres [sonoda_ridgelet, E6].

    heat_time : t > 0
    centres : (x, y) of each centre p_j, inside the unit disc
    weights : w_j, one a centre
    """

    heat_time: float
    centres: Sequence[Sequence[float]]
    weights: Sequence[float]

    def __post_init__(self) -> None:
        """Refuse what is no target."""
        checks.positive(heat_time=self.heat_time)
        checks.finite(weights=self.weights)
        in_disc("centres", self.points)
        if len(self.centres) != len(self.weights) or not self.weights:
            raise ValueError(f"weights must be one for each of {len(self.centres)} centres, and there must be one, not {len(self.weights)}")

    @property
    def points(self) -> Points:
        """Centres as points of the disc, shape (n_centres,)."""
        return np.array([complex(x, y) for x, y in self.centres])

    def values(self, points: Points) -> Array:
        """f at points of the disc, same shape."""
        around = zip(self.weights, self.points, strict=True)
        return np.sum([weight * heat_kernel(distance(points, centre), self.heat_time) for weight, centre in around], axis=0)


def in_disc(name: str, points: npt.ArrayLike) -> None:
    """ValueError unless all points are inside the unit disc."""
    checks.within(f"|{name}|", np.abs(points), 0.0, 1.0, open_at="upper")


def distance(first: Points | complex, second: Points | complex) -> Array:
    """Hyperbolic distance of points of the disc, curvature −1; arguments broadcast."""
    first, second = np.asarray(first), np.asarray(second)
    return 2 * np.arctanh(np.abs((first - second) / (1 - np.conj(second) * first)))


def composite_distance(points: Points, angles: npt.ArrayLike) -> Array:
    """⟨z, u⟩: signed distance from the origin to the horocycle through z with normal u = e^{iθ} [sonoda_ridgelet, E2].

    Parameters
    ----------
    points : ndarray, any shape
        Points z of the open unit disc.
    angles : any shape
        θ in radians.

    Returns
    -------
    ndarray, shape of `points` followed by that of `angles`; positive toward the normal.

    Raises
    ------
    ValueError   if a point is not inside the disc.
    """
    in_disc("points", points)
    z, theta = np.asarray(points, dtype=complex), np.asarray(angles, dtype=float)
    z = z.reshape(z.shape + (1,) * theta.ndim)
    squared = np.abs(z) ** 2
    return np.log((1 - squared) / (1 + squared - 2 * (z.real * np.cos(theta) + z.imag * np.sin(theta))))


def horocycle(level: float, angle: float) -> tuple[complex, float]:
    """Centre and Euclidean radius of the circle ⟨z, u⟩ = level, u = e^{i angle}."""
    checks.finite(level=level, angle=angle)
    shift = (1 + np.tanh(level / 2)) / 2
    return complex(shift * np.exp(1j * angle)), float(1 - shift)


def activate(activation: str, values: Array) -> Array:
    """σ, elementwise: "gaussian" is exp(−t²/2).

    Raises
    ------
    ValueError   if the activation is not one of `ACTIVATIONS`.
    """
    checks.one_of("activation", activation, ACTIVATIONS)
    if activation == "gaussian":
        return np.exp(-(values**2) / 2)
    return np.tanh(values) if activation == "tanh" else np.maximum(values, 0.0)


def neuron_values(points: Points, scale: Array, angle: Array, offset: Array, activation: str) -> Array:
    """σ(a⟨z, u⟩ − b) e^{⟨z, u⟩/2}, every neuron at every point [sonoda_ridgelet, E2].

    Parameters
    ----------
    points : ndarray, shape (n_points,)
    scale, angle, offset : ndarray, shape (n_neurons,)
        a, arg u and b.
    activation : one of `ACTIVATIONS`

    Returns
    -------
    ndarray, shape (n_points, n_neurons)
    """
    level = composite_distance(points, angle)
    return activate(activation, scale * level - offset) * np.exp(level / 2)


def random_points(rng: np.random.Generator, n_points: int, radius: float) -> Points:
    """Points of the disc, uniform in the geodesic ball of a radius around the origin; all radii are drawn first."""
    checks.at_least(1, n_points=n_points)
    checks.positive(radius=radius)
    distances = np.arccosh(1 + rng.random(n_points) * (np.cosh(radius) - 1))
    return np.tanh(distances / 2) * np.exp(2j * np.pi * rng.random(n_points))


def heat_kernel(distances: npt.ArrayLike, time: float) -> Array:
    """Heat kernel h_t of the hyperbolic plane at geodesic distances [sonoda_ridgelet, E6].

    McKean's integral with s = r + q², which takes the root out of the denominator.

    Parameters
    ----------
    distances : r ≥ 0, any shape
    time : t > 0

    Returns
    -------
    ndarray, shape of `distances`
    """
    checks.at_least(0, distances=distances)
    checks.positive(time=time)
    end = np.sqrt(np.sqrt(160 * time) + 2)
    nodes, weights = np.polynomial.legendre.leggauss(_KERNEL_NODES)
    q = (nodes + 1) * end / 2
    r = np.asarray(distances, dtype=float)[..., None]
    root = np.sqrt(2 * np.sinh(r + q**2 / 2) * np.sinh(q**2 / 2))
    integrand = 2 * (r + q**2) * np.exp(-((r + q**2) ** 2) / (4 * time)) * q / root
    return np.sqrt(2) * np.exp(-time / 4) * (4 * np.pi * time) ** -1.5 * (integrand @ (weights * end / 2))


def relative_error(found: Array, target: Array) -> float:
    """Root mean square of found − target in units of that of the target."""
    return float(np.sqrt(np.mean((found - target) ** 2) / np.mean(target**2)))
