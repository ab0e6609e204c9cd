"""Helgason–Fourier inversion, and the constant of the reconstruction theorem [sonoda_ridgelet, E1, E5, E8]."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from repro import checks
from scripts.sonoda_ridgelet.model import ACTIVATIONS, Array, Bumps, Points, composite_distance

VARIANTS = ("exact", "no_tanh", "no_c_function", "no_horocycle_weight")

_ZERO_ORDER = {"gaussian": 0, "tanh": -1, "relu": -2}  # power of ω with which σ♯ begins at 0
_IS_EVEN = {"gaussian": True, "tanh": False, "relu": True}
_PAIRING_LIMIT = 14.0  # e^(−ω²/2) is below 1e-42 there
_PAIRING_NODES = 300
_CHUNK = 20_000  # rows of a matrix of cosines


def plancherel_density(frequency: npt.ArrayLike) -> Array:
    """D(λ) = λ tanh(πλ)/4π, the density of the inversion on the hyperbolic plane, elementwise [sonoda_ridgelet, E1]."""
    lam = np.asarray(frequency, dtype=float)
    return lam * np.tanh(np.pi * lam) / (4 * np.pi)


def fourier(bumps: Bumps, frequency: npt.ArrayLike, angle: npt.ArrayLike) -> Points:
    """Helgason–Fourier transform f̂(λ, u) of the target [sonoda_ridgelet, E6]; arguments broadcast."""
    lam, theta = np.broadcast_arrays(np.asarray(frequency, dtype=float), np.asarray(angle, dtype=float))
    level = np.moveaxis(composite_distance(bumps.points, theta), 0, -1)
    waves = np.exp((-1j * lam[..., None] + 0.5) * level) @ np.asarray(bumps.weights)
    return np.exp(-bumps.heat_time * (lam**2 + 0.25)) * waves


def is_admissible(activation: str, order: int, rank: int = 1) -> bool:
    """Whether the integral of the constant converges at frequency 0 [sonoda_ridgelet, E8]."""
    _check_case(activation, order, rank)
    return order + _ZERO_ORDER[activation] - rank > -1


def pairing(activation: str, order: int, rank: int = 1) -> float:
    """The constant ((σ, ρ)) with ρ the derivative of e^{−t²/2} of some order [sonoda_ridgelet, E5, E8].

    Parameters
    ----------
    activation : one of `ACTIVATIONS`
    order : k ≥ 1
    rank : r, 1 for the hyperbolic plane, 2 for the positive definite matrices

    Returns
    -------
    float   0 where σ and ρ have different parity, for ReLU in the sense of a principal value; not a number where it diverges.
    """
    if not is_admissible(activation, order, rank):
        return float("nan")
    if (order % 2 == 0) != _IS_EVEN[activation]:
        return 0.0
    nodes, weights = np.polynomial.legendre.leggauss(_PAIRING_NODES)
    omega = (nodes + 1) * _PAIRING_LIMIT / 2
    size = np.sqrt(2 * np.pi) * np.exp(-(omega**2) / 2)
    # conj ρ♯ = (−iω)^k size: for an odd σ its factor −i joins in, so that the product is real
    sign = (-1.0) ** (order // 2) if _IS_EVEN[activation] else (-1.0) ** ((order + 1) // 2)
    transform = {"gaussian": size, "tanh": np.pi / np.sinh(np.pi * omega / 2), "relu": -(omega**-2.0)}[activation]
    integral = (transform * size * omega ** (order - rank)) @ (weights * _PAIRING_LIMIT / 2)
    return float(sign * integral / np.pi)


def invert(bumps: Bumps, heat_times: Sequence[float], points: Points, *, n_lambda: int, lambda_limit: float, n_angles: int) -> Array:
    """The target from its Helgason–Fourier transform, with all ingredients and with one removed [sonoda_ridgelet, E1].

    Parameters
    ----------
    bumps : Bumps
        Centres and weights; its heat time is replaced by each of `heat_times`.
    points : ndarray, shape (n_points,)
    n_lambda, lambda_limit : midpoint rule on [0, lambda_limit], doubled by symmetry
    n_angles : equispaced normals

    Returns
    -------
    ndarray, shape (n_times, n_variants, n_points)   variants as in `VARIANTS`.
    """
    checks.positive(heat_times=heat_times, lambda_limit=lambda_limit)
    checks.at_least(1, n_lambda=n_lambda, n_angles=n_angles)
    lam = (np.arange(n_lambda) + 0.5) * lambda_limit / n_lambda
    flat = np.full_like(lam, 1 / (4 * np.pi))
    densities = np.stack([plancherel_density(lam), lam * flat, flat])
    decay = np.exp(-np.asarray(heat_times)[:, None] * (lam**2 + 0.25))
    spectra = 2 * lambda_limit / n_lambda * decay[:, None] * densities
    angles = 2 * np.pi * np.arange(n_angles) / n_angles
    at_points, at_centres = composite_distance(points, angles), composite_distance(bumps.points, angles)
    waves = _cosines(at_points[:, None] - at_centres, lam, spectra.reshape(-1, n_lambda))
    analysis = np.asarray(bumps.weights)[:, None] * np.exp(at_centres / 2) / n_angles
    synthesis = np.exp(at_points / 2)
    weighted = np.einsum("spkt,kt,pt->sp", waves, analysis, synthesis).reshape(len(decay), len(densities), -1)
    bare = np.einsum("spkt,kt->sp", waves[:: len(densities)], analysis)
    return np.concatenate([weighted, bare[:, None]], axis=1)


def _cosines(shifts: Array, frequencies: Array, spectra: Array) -> Array:
    """Σ_λ spectrum(λ) cos(λ shift), shape (n_spectra, *shape of `shifts`)."""
    flat = shifts.ravel()
    parts = [np.cos(np.outer(flat[at : at + _CHUNK], frequencies)) @ spectra.T for at in range(0, len(flat), _CHUNK)]
    return np.concatenate(parts).T.reshape(len(spectra), *shifts.shape)


def _check_case(activation: str, order: int, rank: int) -> None:
    checks.one_of("activation", activation, ACTIVATIONS)
    checks.at_least(1, order=order)
    checks.one_of("rank", rank, (1, 2))
