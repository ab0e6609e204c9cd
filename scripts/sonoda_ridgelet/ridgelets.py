"""Ridgelet transform of the targets, tabulated, and the integral over all of its neurons [sonoda_ridgelet, E7, E10]."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks
from scripts.sonoda_ridgelet.model import Array, Bumps, Points, activate, composite_distance

_CHUNK = 4096  # rows of a matrix of waves


class RidgeGrid(NamedTuple):
    """Points β/W of a tabulated ridge, and the frequencies ω W behind them, W the width of the ridge.

    n_beta, beta_limit : points from −beta_limit to beta_limit
    n_omega, omega_limit : trapezoidal rule on [0, omega_limit]
    """

    n_beta: int = 2401
    beta_limit: float = 12.0
    n_omega: int = 2001
    omega_limit: float = 10.0

    @property
    def step(self) -> float:
        """Distance of the points β/W."""
        return 2 * self.beta_limit / (self.n_beta - 1)


STANDARD_GRID = RidgeGrid()


class Ridges(NamedTuple):
    """Ridges G_a of one derivative order, tabulated [sonoda_ridgelet, E7].

    scales : ndarray, shape (n_scales,), a
    widths : ndarray, shape (n_scales,), W
    values : ndarray, shape (n_scales, n_beta), G_a(W y) at the grid's points y
    grid : RidgeGrid
    """

    scales: Array
    widths: Array
    values: Array
    grid: RidgeGrid


def log_grid(lower: float, upper: float, n_points: int) -> tuple[Array, Array]:
    """Scales from `lower` to `upper`, equidistant in their logarithm, and the weights of the trapezoidal rule in it."""
    checks.positive(lower=lower)
    checks.at_least(2, n_points=n_points)
    if not lower < upper < np.inf:
        raise ValueError(f"upper must be above lower = {lower:g} and finite, not {upper:g}")
    scales = np.geomspace(lower, upper, n_points)
    weights = scales * np.log(upper / lower) / (n_points - 1)
    weights[[0, -1]] /= 2
    return scales, weights


def ridge_widths(scales: npt.ArrayLike, heat_time: float) -> Array:
    """W = √(1 + 2ta²), the scale on which G_a varies."""
    return np.sqrt(1 + 2 * heat_time * np.asarray(scales, dtype=float) ** 2)


def spectra(order: int, scales: Array, widths: Array, omega: Array) -> Array:
    """Spectrum of ω^k √(2π) e^{−W²ω²/2} aω tanh(πaω)/π at ω = `omega`/W, times dω, with its sign [sonoda_ridgelet, E7].

    Summed against `waves` at β/W, it gives Re ∫_0^∞ (−iω)^k … e^{iωβ} dω / π; other factors do not depend on ω.

    Parameters
    ----------
    order : k ≥ 1
    scales, widths : ndarray, shape (n,)
    omega : ndarray, shape (n_omega,), equidistant from 0

    Returns
    -------
    ndarray, shape (n, n_omega)
    """
    checks.at_least(1, order=order)
    sign = (1.0, 1.0, -1.0, -1.0)[order % 4]
    relative = (scales / widths)[:, None] * omega
    weights = np.full(len(omega), omega[1])
    weights[[0, -1]] /= 2
    common = sign * np.sqrt(2 / np.pi) * omega**order * np.exp(-(omega**2) / 2) * weights
    return common * relative * np.tanh(np.pi * relative) / widths[:, None] ** (order + 1)


def waves(order: int, phases: Array) -> Array:
    """What is left of e^{iωβ} beside (−i)^k in the real part: cosine for even orders, sine for odd ones."""
    return np.cos(phases) if order % 2 == 0 else np.sin(phases)


def ridge(order: int, scales: Array, betas: Array, heat_time: float, grid: RidgeGrid = STANDARD_GRID) -> Array:
    """G_a(β), one value for each pair of a scale and a β, by direct quadrature [sonoda_ridgelet, E7]."""
    checks.positive(heat_time=heat_time)
    omega = np.linspace(0, grid.omega_limit, grid.n_omega)
    widths = ridge_widths(scales, heat_time)
    parts = [
        np.einsum("nw,nw->n", spectra(order, scales[at], widths[at], omega), waves(order, np.outer(betas[at] / widths[at], omega)))
        for at in chunks(len(scales), _CHUNK)
    ]
    return np.exp(-heat_time / 4) / (4 * np.pi) * np.concatenate(parts)


def tabulate(order: int, scales: npt.ArrayLike, heat_time: float, grid: RidgeGrid = STANDARD_GRID) -> Ridges:
    """Ridges of some scales [sonoda_ridgelet, E7].

    Raises
    ------
    ValueError   if the order is below 1, the time not positive, or a scale not finite.
    """
    checks.finite(scales=scales)
    checks.positive(heat_time=heat_time)
    scales = np.asarray(scales, dtype=float)
    widths = ridge_widths(scales, heat_time)
    omega = np.linspace(0, grid.omega_limit, grid.n_omega)
    y = np.linspace(-grid.beta_limit, grid.beta_limit, grid.n_beta)
    values = spectra(order, scales, widths, omega) @ waves(order, np.outer(omega, y))
    return Ridges(scales, widths, np.exp(-heat_time / 4) / (4 * np.pi) * values, grid)


def neighbours(ridges: Ridges, row: npt.NDArray[np.int64], beta: Array) -> tuple[Array, Array, Array]:
    """Tabulated values on the two sides of β in given rows, and the share of the upper one; all 0 beyond the table."""
    grid = ridges.grid
    place = (beta / ridges.widths[row] + grid.beta_limit) / grid.step
    inside = (place >= 0) & (place < grid.n_beta - 1)
    place = np.where(inside, place, 0.0)
    below = place.astype(np.int64)
    flat, at = ridges.values.ravel(), row * grid.n_beta + below
    return np.where(inside, flat[at], 0.0), np.where(inside, flat[at + 1], 0.0), place - below


def ridgelet(bumps: Bumps, order: int, scales: npt.ArrayLike, angles: npt.ArrayLike, offsets: npt.ArrayLike) -> Array:
    """R(a, u, b) of the target, by direct quadrature; arguments broadcast [sonoda_ridgelet, E7]."""
    arguments = (np.asarray(values, dtype=float) for values in (scales, angles, offsets))
    scale, angle, offset = np.broadcast_arrays(*arguments)
    level = composite_distance(bumps.points, angle)
    beta = offset - scale * level
    values = ridge(order, np.broadcast_to(scale, beta.shape).ravel(), beta.ravel(), bumps.heat_time).reshape(beta.shape)
    return np.tensordot(np.asarray(bumps.weights), np.exp(level / 2) * values, axes=1)


def ridgelet_table(bumps: Bumps, ridges: Ridges, angle: float, offsets: Array) -> Array:
    """R(a, u, b) for all tabulated scales and some offsets, from the table; shape (n_scales, n_offsets) [sonoda_ridgelet, E7]."""
    total = np.zeros((len(ridges.scales), len(offsets)))
    row = np.broadcast_to(np.arange(len(ridges.scales))[:, None], total.shape)
    for weight, level in zip(bumps.weights, composite_distance(bumps.points, angle), strict=True):
        lower, upper, share = neighbours(ridges, row, offsets - ridges.scales[:, None] * level)
        total += weight * np.exp(level / 2) * ((1 - share) * lower + share * upper)
    return total


def responses(ridges: Ridges, activation: str, limit: float) -> Array:
    """H_a(s) = ∫ G_a(β) σ(s − β) dβ at s/W from −limit to limit in the table's steps [sonoda_ridgelet, E10].

    Returns
    -------
    ndarray, shape (n_scales, n), n = 2 limit/step + 1
    """
    grid = ridges.grid
    n_side = round(limit / grid.step)
    n_longer = round((limit + grid.beta_limit) / grid.step)
    shifts = grid.step * np.arange(-n_longer, n_longer + 1)
    size = 1 << int(np.ceil(np.log2(len(shifts))))  # wraps round into values that are not kept
    response = activate(activation, ridges.widths[:, None] * shifts)
    product = np.fft.rfft(ridges.values, size) * np.fft.rfft(response, size)
    kept = np.fft.irfft(product, size)[:, grid.n_beta - 1 : grid.n_beta + 2 * n_side]
    return kept * (grid.step * ridges.widths[:, None])


def reconstruct(
    bumps: Bumps, ridges: Ridges, scale_weights: Array, activation: str, points: Points, *, n_angles: int, limit: float
) -> Array:
    """S[R[f; ρ]] at points, without random numbers [sonoda_ridgelet, E10].

    Parameters
    ----------
    ridges : Ridges
        Of positive scales; negative ones follow by symmetry.
    scale_weights : ndarray, shape (n_scales,)
        Of the quadrature over scales.
    points : ndarray, shape (n_points,)
    n_angles : equispaced normals
    limit : of s/W in the table of H

    Returns
    -------
    ndarray, shape (n_points,)

    Raises
    ------
    ValueError   if the points or the normals are none, or a point needs s/W beyond `limit`.
    """
    checks.at_least(1, n_angles=n_angles, n_points=len(points))
    angles = 2 * np.pi * np.arange(n_angles) / n_angles
    at_points, at_centres = composite_distance(points, angles), composite_distance(bumps.points, angles)
    shift = at_points[:, None] - at_centres
    weight = np.asarray(bumps.weights)[:, None] * np.exp((at_points[:, None] + at_centres) / 2) / n_angles
    relative = ridges.scales / ridges.widths
    if np.abs(shift).max() * relative.max() > limit:
        raise ValueError(f"limit must be {np.abs(shift).max() * relative.max():.1f} or more for these points, not {limit:g}")
    table = responses(ridges, activation, limit)
    places = np.linspace(-limit, limit, table.shape[1])
    total = np.zeros(len(points))
    for row, per_width, scale_weight in zip(table, relative, scale_weights, strict=True):
        both = np.interp(per_width * shift, places, row + row[::-1])  # G of −a is that of a
        total += scale_weight * (weight * both).sum(axis=(1, 2))
    return total


def chunks(n: int, size: int) -> list[slice]:
    """Slices of at most `size` that cover n rows."""
    return [slice(at, min(at + size, n)) for at in range(0, n, size)]
