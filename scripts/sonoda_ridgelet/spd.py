"""Positive definite 2×2 matrices: coordinates, target, ridgelet transform and random neurons [sonoda_ridgelet, E11].

A matrix Y = e^τ Y° is given by τ and the point z of the disc that stands for Y°, of determinant 1. A neuron needs of it
a · ⟨Y, u⟩ − b = ατ − a₁⟨z, u⟩ − b with α = a₁ + 2a₂, and its weight e^{ϱ · ⟨Y, u⟩} = e^{⟨z, u⟩/2}.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
import numpy.typing as npt

from repro import checks
from scripts.sonoda_ridgelet.model import Array, Points, activate, composite_distance, distance, heat_kernel, in_disc
from scripts.sonoda_ridgelet.ridgelets import chunks, spectra, waves

_CHUNK = 4096  # neurons at once
_SPREAD = 1.5  # of the draws, in units of the ridge's width and of the typical scale


@dataclass(frozen=True)
class Target:
    """f(Y) = e^{−τ²/2s²} h_t(d(z, p)) [sonoda_ridgelet, E11].

    heat_time : t > 0
    spread : s > 0
    centre : (x, y) of p, inside the unit disc
    """

    heat_time: float
    spread: float
    centre: Sequence[float]

    def __post_init__(self) -> None:
        """Refuse what is no target."""
        checks.positive(heat_time=self.heat_time, spread=self.spread)
        in_disc("centre", self.point)

    @property
    def point(self) -> complex:
        """p as a point of the disc."""
        return complex(*self.centre)

    def values(self, points: Points, log_scale: Array) -> Array:
        """f at matrices given by z and τ, of one shape."""
        return np.exp(-(log_scale**2) / (2 * self.spread**2)) * heat_kernel(distance(points, self.point), self.heat_time)


@dataclass(frozen=True)
class SpdNeurons:
    """Neurons and their importance weights R/q, each of shape (n,).

    first_scale : a₁
    joint_scale : α = a₁ + 2a₂, what multiplies τ
    angle : arg u
    offset : b
    weight : R/q
    """

    first_scale: Array
    joint_scale: Array
    angle: Array
    offset: Array
    weight: Array


def matrices(points: Points, log_scale: npt.ArrayLike) -> Array:
    """Y = e^τ Y° from z and τ, shape (..., 2, 2), by way of the upper half plane."""
    in_disc("points", points)
    w = 1j * (1 + np.asarray(points)) / (1 - np.asarray(points))
    unit = np.stack([np.stack([np.ones_like(w.real), -w.real], -1), np.stack([-w.real, np.abs(w) ** 2], -1)], -2)
    return np.exp(np.asarray(log_scale, dtype=float))[..., None, None] * unit / w.imag[..., None, None]


def ridgelet(
    target: Target, order: int, scales: Array, angles: Array, offsets: Array, *, n_omega: int = 361, omega_limit: float = 9.0
) -> Array:
    """R(a, u, b) of the target by direct quadrature [sonoda_ridgelet, E3, E11].

    Parameters
    ----------
    order : k of ρ
    scales : ndarray, shape (n, 2), (a₁, α)
    angles, offsets : ndarray, shape (n,)
    n_omega, omega_limit : trapezoidal rule in ω times the width of the ridge

    Returns
    -------
    ndarray, shape (n,)
    """
    checks.at_least(2, n_omega=n_omega)
    checks.positive(omega_limit=omega_limit)
    omega = np.linspace(0, omega_limit, n_omega)
    level = composite_distance(np.array([target.point]), angles)[0]
    widths = ridge_widths(target, scales)
    beta = offsets + scales[:, 0] * level
    parts = [
        np.einsum("nw,nw->n", spectra(order, scales[at, 0], widths[at], omega), waves(order, np.outer(beta[at] / widths[at], omega)))
        for at in chunks(len(beta), _CHUNK)
    ]
    factor = 2 * sqrt(2 * pi) * target.spread * np.exp(-target.heat_time / 4) / (8 * pi**2)
    return factor * np.exp(level / 2) * np.concatenate(parts)


def ridge_widths(target: Target, scales: Array) -> Array:
    """W = √(1 + 2ta₁² + s²α²), the scale on which the transform varies with b; `scales` of shape (n, 2) hold a₁ and α."""
    return np.sqrt(1 + 2 * target.heat_time * scales[:, 0] ** 2 + target.spread**2 * scales[:, 1] ** 2)


def draw(rng: np.random.Generator, target: Target, order: int, n: int, *, n_omega: int = 361, omega_limit: float = 9.0) -> SpdNeurons:
    """n independent neurons: (a₁, α) isotropic with a heavy tail, b about its ridge by Student's t with 4 degrees [sonoda_ridgelet, E9]."""
    checks.at_least(1, n=n)
    uniform = rng.random(n)
    radius = _SPREAD * np.sqrt(uniform / (1 - uniform))
    direction = 2 * pi * rng.random(n)
    scales = np.stack([radius * np.cos(direction), radius * np.sin(direction)], axis=1)
    angles = 2 * pi * rng.random(n)
    student = rng.standard_t(4, n)
    widths = _SPREAD * ridge_widths(target, scales)
    offsets = widths * student - scales[:, 0] * composite_distance(np.array([target.point]), angles)[0]
    # 2: the density is one in (a₁, a₂), and dα = 2 da₂
    density = 2 * _SPREAD**2 / (pi * (radius**2 + _SPREAD**2) ** 2) * 0.375 * (1 + student**2 / 4) ** -2.5 / widths
    transform = ridgelet(target, order, scales, angles, offsets, n_omega=n_omega, omega_limit=omega_limit)
    return SpdNeurons(scales[:, 0], scales[:, 1], angles, offsets, transform / density)


def network(points: Points, log_scale: Array, neurons: SpdNeurons, activation: str, constant: float) -> Array:
    """f_n at matrices given by z and τ, shape (n_points,) [sonoda_ridgelet, E9, E11].

    Parameters
    ----------
    points, log_scale : ndarray, shape (n_points,)
    constant : ((σ, ρ)) of rank 2, neither 0 nor infinite
    """
    checks.positive(**{"size of the constant": abs(constant)})
    total = np.zeros(len(points))
    for at in chunks(len(neurons.weight), _CHUNK):
        level = composite_distance(points, neurons.angle[at])
        field = log_scale[:, None] * neurons.joint_scale[at] - level * neurons.first_scale[at] - neurons.offset[at]
        total += (activate(activation, field) * np.exp(level / 2)) @ neurons.weight[at]
    return total / (len(neurons.weight) * constant)
