"""Laws of the singular values: moments, rectangular free cumulants, quadrature and draws [venkataramanan_rigamp, E1, E2]."""

from fractions import Fraction
from math import comb, lcm
from operator import mul
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro.linalg import haar_frame

Array = npt.NDArray[np.float64]

SPECTRA = ("beta", "gaussian")


class Design(NamedTuple):
    """A random design with its thin singular value decomposition.

    matrix : ndarray, shape (m, n), A = left · diag(singular) · right
    left : ndarray, shape (m, r), r = min(m, n)
    singular : ndarray, shape (r,)
    right : ndarray, shape (r, n)
    """

    matrix: Array
    left: Array
    singular: Array
    right: Array


def spectral_moments(spectrum: str, sampling_ratio: float, n_moments: int) -> list[Fraction]:
    """Exact limits of tr (AAᵀ)^k / m for k = 1 … n_moments, dimensionless [venkataramanan_rigamp, E1].

    Parameters
    ----------
    spectrum : {"beta", "gaussian"}
        "beta": singular values √6 · Beta(1, 2); "gaussian": entries of A are N(0, 1/m).
    sampling_ratio : float
        δ = m/n, taken as the decimal number that it prints as.

    Raises
    ------
    ValueError   if the spectrum is another one, the ratio is not positive, or no moment is asked for.
    """
    delta = _ratio(spectrum, sampling_ratio)
    if n_moments < 1:
        raise ValueError(f"n_moments must be 1 or more, not {n_moments}")
    orders = range(1, n_moments + 1)
    if spectrum == "beta":
        mass = min(Fraction(1), 1 / delta)
        return [mass * Fraction(6**k, (k + 1) * (2 * k + 1)) for k in orders]
    return [sum((Fraction(comb(k, j) * comb(k - 1, j), j + 1) / delta ** (j + 1) for j in range(k)), Fraction(0)) for k in orders]


def free_cumulants(spectrum: str, sampling_ratio: float, n_cumulants: int) -> Array:
    """Rectangular free cumulants κ_2, κ_4, … of a spectrum, dimensionless [venkataramanan_rigamp, E2].

    The recursion κ_2k = m_2k − Σ_j<k κ_2j [x^k] (x (δM + 1)(M + 1))^j cancels many digits, so it runs in exact rational numbers,
    and only its result is rounded. Series are whole numbers over one denominator: no fraction is reduced on the way.

    Returns
    -------
    ndarray, shape (n_cumulants,)
    """
    moments = spectral_moments(spectrum, sampling_ratio, n_cumulants)
    delta = _ratio(spectrum, sampling_ratio)
    shared = lcm(*(moment.denominator for moment in moments))
    series = [shared, *(int(moment * shared) for moment in moments)]
    scaled = [shared * delta.denominator, *(int(delta.numerator * moment * shared) for moment in moments)]
    factor = _product(series, scaled)
    shared = shared**2 * delta.denominator
    # What the cumulants so far leave of each moment: the first of it is the next cumulant.
    left, power, denominator = moments, [1] + [0] * n_cumulants, 1
    cumulants: list[Fraction] = []
    for j in range(1, n_cumulants + 1):
        power, denominator = _product(power, factor), denominator * shared
        cumulant = left[j - 1]
        cumulants.append(cumulant)
        share = cumulant / denominator
        left = [rest - share * power[k - j] if k > j and share else rest for k, rest in enumerate(left, start=1)]
    return np.array([float(cumulant) for cumulant in cumulants])


def _product(first: list[int], second: list[int]) -> list[int]:
    """Product of two power series of one length, cut to that length."""
    return [sum(map(mul, first[: k + 1], second[k::-1])) for k in range(len(first))]


def spectrum_quadrature(spectrum: str, sampling_ratio: float, n_points: int = 20000) -> tuple[Array, Array]:
    """Points and weights for averages over the min(m, n) squared singular values [venkataramanan_rigamp, E1].

    Parameters
    ----------
    spectrum : {"beta", "gaussian"}
    sampling_ratio : float
        δ = m/n.
    n_points : int
        Quantiles of "beta" in the middle of equal shares; angles of the Marchenko–Pastur law for "gaussian".

    Returns
    -------
    squared : ndarray, shape (n_points,)
    weights : ndarray, shape (n_points,), sum 1
    """
    _ratio(spectrum, sampling_ratio)
    if n_points < 1:
        raise ValueError(f"n_points must be 1 or more, not {n_points}")
    share = (np.arange(n_points) + 0.5) / n_points
    if spectrum == "beta":
        return _beta_quantile(share) ** 2, np.full(n_points, 1 / n_points)
    # λ = 1 + 1/δ + (2/√δ) cos θ makes the integrand smooth at both edges.
    angle = np.pi * share
    squared = 1 + 1 / sampling_ratio + 2 / np.sqrt(sampling_ratio) * np.cos(angle)
    weights = np.sin(angle) ** 2 / squared
    return squared, weights / weights.sum()


def _beta_quantile(share: Array) -> Array:
    """Quantile function of √6 · Beta(1, 2)."""
    return np.sqrt(6) * (1 - np.sqrt(1 - share))


def draw_design(rng: np.random.Generator, spectrum: str, sampling_ratio: float, dim: int) -> Design:
    """A rotationally invariant design with its decomposition [venkataramanan_rigamp, E1].

    Parameters
    ----------
    rng : numpy.random.Generator
    spectrum : {"beta", "gaussian"}
    sampling_ratio : float
        δ; the design has m = round(δ n) rows.
    dim : int
        n, columns of the design.
    """
    _ratio(spectrum, sampling_ratio)
    n_rows = n_measurements(sampling_ratio, dim)
    if spectrum == "gaussian":
        matrix = gaussian_matrix(rng, n_rows, dim)
        left, singular, right = np.linalg.svd(matrix, full_matrices=False)
        return Design(matrix, left, singular, right)
    rank = min(n_rows, dim)
    left, right = haar_frame(rng, n_rows, rank), haar_frame(rng, dim, rank).T
    singular = _beta_quantile(rng.random(rank))
    return Design((left * singular) @ right, left, singular, right)


def gaussian_matrix(rng: np.random.Generator, n_rows: int, dim: int) -> Array:
    """Matrix of shape (n_rows, dim) with independent entries of variance 1 / n_rows."""
    return rng.standard_normal((n_rows, dim)) / np.sqrt(n_rows)


def n_measurements(sampling_ratio: float, dim: int) -> int:
    """Rows m = round(δ n) of a design; ValueError if there would be none."""
    n_rows = round(sampling_ratio * dim)
    if n_rows < 1 or dim < 1:
        raise ValueError(f"dim must be large enough for one row and one column, not {dim} at sampling_ratio {sampling_ratio}")
    return n_rows


def _ratio(spectrum: str, sampling_ratio: float) -> Fraction:
    """The sampling ratio as an exact decimal number; ValueError for what makes no sense."""
    if spectrum not in SPECTRA:
        raise ValueError(f"spectrum {spectrum!r} is not one of {', '.join(SPECTRA)}")
    if not 0 < sampling_ratio < np.inf:
        raise ValueError(f"sampling_ratio must be positive, not {sampling_ratio}")
    return Fraction(str(sampling_ratio))
