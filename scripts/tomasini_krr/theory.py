"""Replica theory of ridge regression, on any spectrum and on a line, and the law of the extremal points [tomasini_krr, E3–E5b]."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.integrate import quad
from scipy.linalg import eigh, solveh_banded
from scipy.optimize import brentq
from scipy.special import gamma, kv

from repro import checks
from scripts.tomasini_krr.model import Array, density, density_constant

THIN_LAYER = 0.1
"""Width l below which the closed form of the layer is good to one per cent; wider layers are solved for."""


class Replica(NamedTuple):
    """Prediction of replica theory: test error ε_B, effective ridge κ, and γ, the share of the error that is variance."""

    error: float
    effective_ridge: float
    gamma: float


class MeanField(NamedTuple):
    """Mean predictor of replica theory on nodes of a line, shape (n,), and the error of this mean."""

    nodes: Array
    predictor: Array
    error: float


def replica(eigenvalues: Array, squared_coefficients: Array, n_train: int, ridge: float) -> Replica:
    """Replica prediction from the spectrum of the population [tomasini_krr, E3].

    Parameters
    ----------
    eigenvalues : ndarray, shape (M,), λ_r ≥ 0 of the kernel under the law of the data.
    squared_coefficients : ndarray, shape (M,), c_r² of the target in its eigenfunctions.
    n_train : P.
    ridge : λ ≥ 0, of the sum of squared errors.

    Raises
    ------
    ValueError   for a negative or undefined number, or without ridge where P is not below the number of eigenvalues above 0.
    """
    checks.at_least(0, eigenvalues=eigenvalues, squared_coefficients=squared_coefficients, ridge=ridge)
    checks.at_least(1, n_train=n_train)
    ordered = np.sort(eigenvalues)[::-1]
    lowest = ridge / n_train
    if not ridge:
        rank = int(np.count_nonzero(ordered))
        if n_train >= rank:
            raise ValueError(f"n_train must be below the {rank} eigenvalues above 0 where ridge is 0, not {n_train}")
        # With R modes N1 is at least R λ_R / (λ_R + κ), which is P at this κ.
        modes = min(2 * n_train, rank)
        lowest = ordered[modes - 1] * (modes / n_train - 1)
    highest = (ridge + ordered.sum()) / n_train

    def excess(log_kappa: float) -> float:
        kappa = np.exp(log_kappa)
        return float((ridge / kappa + np.sum(eigenvalues / (eigenvalues + kappa))) / n_train - 1)

    kappa = float(np.exp(brentq(excess, np.log(lowest) - 1e-6, np.log(highest) + 1e-6, xtol=1e-12)))
    share = float(np.sum((eigenvalues / (eigenvalues + kappa)) ** 2)) / n_train
    bias = float(np.sum(squared_coefficients * (kappa / (eigenvalues + kappa)) ** 2))
    return Replica(bias / (1 - share), kappa, share)


def mean_field(depletion_exponent: float, effective_ridge: float, bandwidth: float, n_points: int) -> MeanField:
    """Mean predictor on a line, from its differential equation by finite elements [tomasini_krr, E4].

    Parameters
    ----------
    depletion_exponent : χ ≥ 0.
    effective_ridge : κ > 0.
    bandwidth : σ > 0.
    n_points : nodes a side that are spaced by their logarithm, and as many of equal spacing.

    Returns
    -------
    MeanField   error is Σ p (f* − f)², the numerator of ε_B.
    """
    checks.positive(effective_ridge=effective_ridge, bandwidth=bandwidth)
    checks.at_least(2, n_points=n_points)
    end = np.sqrt(40 + 5 * depletion_exponent)
    nodes = _mirrored(np.geomspace(1e-7, end, n_points), np.linspace(0, end, n_points + 1)[1:])
    gaps, lengths = np.diff(nodes), _lengths(nodes)
    mass = density(nodes, depletion_exponent) * lengths
    banded = np.zeros((2, len(nodes)))
    banded[1] = lengths / bandwidth
    banded[1, :-1] += bandwidth / gaps
    banded[1, 1:] += bandwidth / gaps
    banded[0, 1:] = -bandwidth / gaps
    banded[1, [0, -1]] += 1  # f′ = ∓ f / σ at the ends
    banded *= effective_ridge / 2
    banded[1] += mass
    predictor = solveh_banded(banded, mass * np.sign(nodes))
    return MeanField(nodes, predictor, float(mass @ (np.sign(nodes) - predictor) ** 2))


def line_effective_ridge(depletion_exponent: float, n_train: int, ridge: float, bandwidth: float) -> tuple[float, float]:
    """Closed form of κ and γ on a line, for a bandwidth far above 1 and κσ far below 1 [tomasini_krr, E5]."""
    checks.at_least(1, n_train=n_train)
    checks.at_least(0, ridge=ridge)
    checks.positive(bandwidth=bandwidth)
    ridgeless = _root_density(depletion_exponent) ** 2 / (2 * bandwidth * n_train**2)
    kappa = (np.sqrt(ridgeless) + np.sqrt(ridgeless + 4 * ridge / n_train)) ** 2 / 4
    return float(kappa), float(np.sqrt(ridgeless / kappa) / 2)


def layer_width(depletion_exponent: float, effective_ridge: float, bandwidth: float) -> float:
    """Width l of the layer at the boundary in which the mean predictor turns, in units of x [tomasini_krr, E5]."""
    checks.positive(effective_ridge=effective_ridge, bandwidth=bandwidth)
    slow = effective_ridge * bandwidth / (2 * density_constant(depletion_exponent))
    return float(slow ** (1 / (2 + depletion_exponent)))


def line_replica(depletion_exponent: float, n_train: int, ridge: float, bandwidth: float, n_points: int) -> Replica:
    """Replica prediction on a line: κ and γ in closed form, the mean error of a thin layer in closed form, else solved for.

    [tomasini_krr, E4, E5]; arguments as in `line_effective_ridge` and `mean_field`.
    """
    kappa, share = line_effective_ridge(depletion_exponent, n_train, ridge, bandwidth)
    width = layer_width(depletion_exponent, kappa, bandwidth)
    if width < THIN_LAYER:
        error = density_constant(depletion_exponent) * width ** (1 + depletion_exponent) * layer_constant(depletion_exponent)
    else:
        error = mean_field(depletion_exponent, kappa, bandwidth, n_points).error
    return Replica(error / (1 - share), kappa, share)


def layer_constant(depletion_exponent: float) -> float:
    """A_χ = 2 ∫ z^χ g² dz of the layer's profile g [tomasini_krr, E5]."""
    checks.at_least(0, depletion_exponent=depletion_exponent)
    chi = depletion_exponent
    nu = 1 / (2 + chi)

    def profile(z: float) -> float:
        return float(2 / gamma(nu) * nu**nu * np.sqrt(z) * kv(nu, 2 * nu * z ** (1 / (2 * nu))))

    return float(2 * quad(lambda z: z**chi * profile(z) ** 2, 0, 30, limit=200, points=[1])[0])


def extremal_constant(depletion_exponent: float) -> float:
    """C_χ of the ridgeless law C_χ / P, set by the two points next to the boundary [tomasini_krr, E5b]."""
    checks.at_least(0, depletion_exponent=depletion_exponent)
    chi = depletion_exponent
    a, b = (chi + 3) / (1 + chi), 1 / (1 + chi)
    return float(16 / ((chi + 2) * (chi + 3)) * quad(lambda u: (u**a + (1 - u) ** a) / (u**b + (1 - u) ** b) ** 2, 0, 1)[0])


def replica_constant(depletion_exponent: float) -> float:
    """R_χ of the ridgeless replica law R_χ P^(−2(1+χ)/(2+χ)) on a line [tomasini_krr, E5]."""
    chi, c = depletion_exponent, density_constant(depletion_exponent)
    width = (_root_density(chi) ** 2 / (4 * c)) ** (1 / (2 + chi))
    return float(2 * c * width ** (1 + chi) * layer_constant(chi))


def line_spectrum(
    depletion_exponent: float, bandwidth: float, *, uniform_points: int, log_points: int, n_ranks: int
) -> tuple[Array, Array]:
    """Leading eigenvalues of the kernel on a line, and squared coefficients of the target [tomasini_krr, E3].

    On nodes of a quadrature, not on a sample: a sample knows its own two extremal points. The symmetric form keeps weights that
    vanish at the boundary harmless.

    Parameters
    ----------
    uniform_points, log_points : nodes a side, of equal spacing and spaced by their logarithm next to the boundary.
    n_ranks : modes to return, at most all nodes.

    Returns
    -------
    eigenvalues : ndarray, shape (n_ranks,), descending.
    squared_coefficients : ndarray, shape (n_ranks,)
    """
    checks.positive(bandwidth=bandwidth)
    checks.at_least(1, uniform_points=uniform_points, log_points=log_points)
    end = np.sqrt(14 + 3 * depletion_exponent)
    nodes = _mirrored(np.linspace(0, end, uniform_points + 1)[1:], np.geomspace(1e-4, 0.1, log_points))
    checks.within("n_ranks", n_ranks, 1, len(nodes))
    weights = density(nodes, depletion_exponent) * _lengths(nodes)
    root = np.sqrt(weights / weights.sum())
    matrix = root[:, None] * np.exp(-np.abs(nodes[:, None] - nodes) / bandwidth) * root
    values, vectors = eigh(matrix, subset_by_index=(len(nodes) - n_ranks, len(nodes) - 1), overwrite_a=True, check_finite=False)
    return values[::-1].copy(), ((root * np.sign(nodes)) @ vectors[:, ::-1]) ** 2


def _root_density(depletion_exponent: float) -> float:
    """I = ∫ √p dx."""
    power = depletion_exponent / 2
    return float(2 * np.sqrt(density_constant(depletion_exponent)) * 2 ** ((power - 1) / 2) * gamma((power + 1) / 2))


def _mirrored(*positive: npt.ArrayLike) -> Array:
    """Nodes on both sides of 0, ascending, equal ones once."""
    side = np.unique(np.concatenate([np.asarray(part, dtype=float) for part in positive]))
    return np.concatenate([-side[::-1], side])


def _lengths(nodes: Array) -> Array:
    """Half the sum of the two neighbouring spacings; half a spacing at the ends."""
    gaps = np.diff(nodes)
    lengths: Array = np.zeros(len(nodes))
    lengths[:-1] += gaps / 2
    lengths[1:] += gaps / 2
    return lengths
