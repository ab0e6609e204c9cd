"""Finite networks of neurons drawn from the ridgelet transform [sonoda_ridgelet, E9, E12]."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks
from scripts.sonoda_ridgelet.model import Array, Bumps, Points, composite_distance, neuron_values
from scripts.sonoda_ridgelet.ridgelets import STANDARD_GRID, RidgeGrid, Ridges, chunks, neighbours, tabulate

_CHUNK = 1024  # neurons evaluated at once: their values stay in the cache

Indices = npt.NDArray[np.int64]


class Neurons(NamedTuple):
    """Neurons a, arg u, b and their importance weights R/q, each of shape (n,)."""

    scale: Array
    angle: Array
    offset: Array
    weight: Array


@dataclass(frozen=True)
class Proposal:
    """Density q that neurons are drawn from, in tables [sonoda_ridgelet, E9].

    bumps : Bumps
    ridges : Ridges
        Of the scales |a|, which are drawn as they are: the sum over them stands for the integral.
    tilt : ndarray, shape (n_scales,), 1, or 1 + |a|
    mass : Z, so that |R/q| ≤ Z
    bump_share : ndarray, shape (n_centres,)
    angle_cdf : ndarray, shape (n_centres, n_angle_bins)
    scale_share : ndarray, shape (n_scales,)
    offset_cdf : ndarray, shape (n_scales, n_beta)
    """

    bumps: Bumps
    ridges: Ridges
    tilt: Array
    mass: float
    bump_share: Array
    angle_cdf: Array
    scale_share: Array
    offset_cdf: Array


def proposal(
    bumps: Bumps, order: int, scales: Array, *, tilted: bool = False, grid: RidgeGrid = STANDARD_GRID, n_angle_bins: int = 4096
) -> Proposal:
    """Density to draw neurons from [sonoda_ridgelet, E9].

    Parameters
    ----------
    bumps : Bumps
    order : k of ρ
    scales : ndarray, shape (n_scales,)
        Positive, equidistant in their logarithm.
    tilted : multiply the density by 1 + |a|, for an activation that grows.
    grid, n_angle_bins : of the tables

    Raises
    ------
    ValueError   if the scales do not ascend from above 0, or there is no angle.
    """
    checks.positive(scales=scales)
    checks.ascending("scales", scales)
    checks.at_least(2, n_angle_bins=n_angle_bins, n_scales=len(scales))
    ridges = tabulate(order, scales, bumps.heat_time, grid)
    tilt = 1 + scales if tilted else np.ones_like(scales)
    sizes = np.abs(ridges.values)
    per_scale = tilt * scales * np.log(scales[1] / scales[0]) * sizes.sum(axis=1) * grid.step * ridges.widths
    along = np.exp(composite_distance(bumps.points, 2 * np.pi * np.arange(n_angle_bins) / n_angle_bins) / 2)
    per_bump = np.abs(bumps.weights) * along.mean(axis=1)
    return Proposal(
        bumps=bumps,
        ridges=ridges,
        tilt=tilt,
        mass=float(2 * per_bump.sum() * per_scale.sum()),  # 2: both signs of a
        bump_share=per_bump / per_bump.sum(),
        angle_cdf=_cumulative(along),
        scale_share=per_scale / per_scale.sum(),
        offset_cdf=_cumulative(sizes),
    )


def draw(rng: np.random.Generator, q: Proposal, n: int) -> Neurons:
    """n independent neurons with their weights R/q [sonoda_ridgelet, E9].

    Offsets and angles are nodes of their tables plus triangular noise of one step: their density is then the table's linear
    interpolation, which the weights use as well.
    """
    checks.at_least(1, n=n)
    bump = rng.choice(len(q.bump_share), n, p=q.bump_share)
    angle = (_invert(q.angle_cdf, bump, rng.random(n)) + _triangular(rng, n)) * (2 * np.pi / q.angle_cdf.shape[1])
    row = rng.choice(len(q.scale_share), n, p=q.scale_share)
    sign = np.where(rng.random(n) < 0.5, -1.0, 1.0)
    grid = q.ridges.grid
    node = _invert(q.offset_cdf, row, rng.random(n)) + _triangular(rng, n)
    beta = (node * grid.step - grid.beta_limit) * q.ridges.widths[row]
    levels = composite_distance(q.bumps.points, angle)
    scale = sign * q.ridges.scales[row]
    offset = scale * levels[bump, np.arange(n)] + beta
    transform, bound = np.zeros(n), np.zeros(n)
    for weight, level in zip(q.bumps.weights, levels, strict=True):  # all bumps, whichever was drawn
        lower, upper, share = neighbours(q.ridges, row, offset - scale * level)
        height = weight * np.exp(level / 2)
        transform += height * ((1 - share) * lower + share * upper)
        bound += np.abs(height) * ((1 - share) * np.abs(lower) + share * np.abs(upper))
    return Neurons(scale, angle, offset, q.mass * transform / (bound * q.tilt[row]))


def network(points: Points, neurons: Neurons, activation: str, constant: float) -> Array:
    """f_n at points, shape (n_points,) [sonoda_ridgelet, E9].

    Parameters
    ----------
    constant : ((σ, ρ)), neither 0 nor infinite
    """
    _check_constant(constant)
    total = np.zeros(len(points))
    n = len(neurons.weight)
    for at in chunks(n, _CHUNK):
        part = Neurons(*(values[at] for values in neurons))
        total += neuron_values(points, part.scale, part.angle, part.offset, activation) @ part.weight
    return total / (n * constant)


def single_variance(points: Points, neurons: Neurons, activation: str, constant: float) -> Array:
    """Variance of a network of one neuron at points, from a sample of neurons, shape (n_points,) [sonoda_ridgelet, E12]."""
    _check_constant(constant)
    checks.at_least(2, n_neurons=len(neurons.weight))
    values = neuron_values(points, neurons.scale, neurons.angle, neurons.offset, activation) * neurons.weight / constant
    return values.var(axis=1, ddof=1)


def _check_constant(constant: float) -> None:
    checks.positive(**{"size of the constant": abs(constant)})


def _cumulative(densities: Array) -> Array:
    """Cumulative shares along the last axis; they end at 1 exactly."""
    total = np.cumsum(densities, axis=1)
    return total / total[:, -1:]


def _invert(cdf: Array, row: Indices, uniform: Array) -> Indices:
    """Node of each row's cumulative shares at which they pass a uniform number."""
    stacked = (cdf + np.arange(len(cdf))[:, None]).ravel()  # ascends over all rows
    node = np.searchsorted(stacked, row + uniform, side="right") - row * cdf.shape[1]
    return np.clip(node, 0, cdf.shape[1] - 1)


def _triangular(rng: np.random.Generator, n: int) -> Array:
    return rng.random(n) + rng.random(n) - 1
