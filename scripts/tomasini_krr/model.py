"""Data that thin out at the decision boundary, and Laplace kernel ridge regression on them [tomasini_krr, E1, E2, E8, E9]."""

import numpy as np
import numpy.typing as npt
from scipy.linalg import cholesky, solve_triangular, solveh_banded
from scipy.spatial.distance import cdist
from scipy.special import gamma

from repro import checks

Array = npt.NDArray[np.float64]

RIDGELESS = 1e-13
"""Added to the diagonal in place of ridge 0: below the rounding of the kernel, and no ridge that could be seen."""


def density_constant(depletion_exponent: float) -> float:
    """The constant c of p(x_1) ≈ c |x_1|^χ at the boundary [tomasini_krr, E8]; ValueError for a negative χ."""
    checks.at_least(0, depletion_exponent=depletion_exponent)
    return float(1 / gamma((1 + depletion_exponent) / 2))


def density(x: Array, depletion_exponent: float) -> Array:
    """Density p of the first coordinate [tomasini_krr, E8].

    Parameters
    ----------
    x : ndarray of any shape
    depletion_exponent : χ ≥ 0; 0 is a Gaussian without depletion.

    Returns
    -------
    ndarray of the shape of `x`
    """
    return density_constant(depletion_exponent) * np.abs(x) ** depletion_exponent * np.exp(-(x**2))


def draw(rng: np.random.Generator, n_points: int, dim: int, depletion_exponent: float) -> Array:
    """Points whose first coordinate avoids 0 and whose others are standard normal [tomasini_krr, E8].

    The square of x_1 is Gamma distributed, so nothing is rejected.

    Returns
    -------
    ndarray, shape (n_points, dim)

    Raises
    ------
    ValueError   for no point, no dimension or a negative χ.
    """
    checks.at_least(1, n_points=n_points, dim=dim)
    checks.at_least(0, depletion_exponent=depletion_exponent)
    distance = np.sqrt(rng.gamma((1 + depletion_exponent) / 2, size=n_points))
    first = np.where(rng.random(n_points) < 0.5, -distance, distance)
    return np.column_stack([first, rng.standard_normal((n_points, dim - 1))])


def target(x: Array) -> Array:
    """Labels f*(x) = sign(x_1) of points (P, d) [tomasini_krr, E8]."""
    return np.sign(x[:, 0])


def importance(x: Array, depletion_exponent: float) -> Array:
    """Weights that make points drawn with χ = 0 count as points drawn with another χ [tomasini_krr, E9].

    The error sits next to the boundary, where points are rare for χ > 0: so test points come from χ = 0.

    Parameters
    ----------
    x : ndarray, shape (n, d), drawn with χ = 0.

    Returns
    -------
    ndarray, shape (n,)   of mean 1 in expectation.
    """
    constant = density_constant(depletion_exponent) / density_constant(0)
    return constant * np.abs(x[:, 0]) ** depletion_exponent


def ridge_of(scaled_ridge: float, n_train: int, dim: int, depletion_exponent: float) -> float:
    """Ridge λ = u P^(−1/(d+χ)) of a scaled ridge u; the cross-over is at u of order 1 [tomasini_krr, E6b]."""
    checks.at_least(0, scaled_ridge=scaled_ridge, depletion_exponent=depletion_exponent)
    checks.at_least(1, n_train=n_train, dim=dim)
    return float(scaled_ridge * n_train ** (-1 / (dim + depletion_exponent)))


def laplace_kernel(x: Array, y: Array, bandwidth: float) -> Array:
    """Kernel K(x, y) = exp(−‖x − y‖ / σ) between the rows of x (m, d) and y (n, d), shape (m, n) [tomasini_krr, E1]."""
    checks.positive(bandwidth=bandwidth)
    distances = cdist(x, y)
    return np.exp(np.divide(distances, -bandwidth, out=distances), out=distances)


def coefficients(kernel: Array, labels: Array, ridge: float, sizes: list[int] | None = None) -> list[Array]:
    """Coefficients a of f_P(x) = Σ a_i K(x, x_i) for leading subsets of the training points [tomasini_krr, E1].

    One Cholesky factor serves all: the factor of a leading block is the leading block of the factor.

    Parameters
    ----------
    kernel : ndarray, shape (P, P), in float64: its smallest eigenvalues are lost in float32.
    labels : ndarray, shape (P,)
    ridge : λ ≥ 0, of the SUM of squared errors; the continuum ridge is λ/P.
    sizes : numbers of leading points; all P by default.

    Returns
    -------
    list of ndarray, one of shape (size,) for each size

    Raises
    ------
    ValueError   for a ridge that is negative or no number, or a size outside 1 … P.
    """
    sizes = [len(labels)] if sizes is None else sizes
    checks.at_least(0, ridge=ridge)
    checks.within("sizes", sizes, 1, len(labels))
    largest = max(sizes)
    matrix = kernel[:largest, :largest].copy()
    matrix.flat[:: largest + 1] += ridge or RIDGELESS
    factor = cholesky(matrix, lower=True, overwrite_a=True, check_finite=False)
    forward = solve_triangular(factor, labels[:largest], lower=True, check_finite=False)
    return [solve_triangular(factor[:size, :size], forward[:size], lower=True, trans="T", check_finite=False) for size in sizes]


def line_fits(x: Array, labels: Array, ridges: Array, bandwidth: float) -> Array:
    """Values of the predictor at its own training points in one dimension, in O(P) [tomasini_krr, E2].

    The inverse of the kernel matrix on a line is tridiagonal, so that f = (1 + λ K⁻¹)⁻¹ y is a banded system.

    Parameters
    ----------
    x : ndarray, shape (P,), strictly ascending.
    labels : ndarray, shape (P,)
    ridges : ndarray, shape (R,), each ≥ 0; ridge 0 returns the labels.
    bandwidth : σ, in units of x.

    Returns
    -------
    ndarray, shape (R, P)

    Raises
    ------
    ValueError   if `x` does not ascend, a ridge is negative, or the bandwidth is not positive.
    """
    checks.positive(bandwidth=bandwidth)
    checks.at_least(0, ridges=ridges)
    gaps = np.diff(x) / bandwidth
    if not (gaps > 0).all():
        raise ValueError("x must be numbers that ascend strictly")
    decay, loss = np.exp(-gaps), -np.expm1(-2 * gaps)
    inverse = np.zeros((2, len(x)))  # rows as solveh_banded wants them: above the diagonal, diagonal
    inverse[1] = 1
    inverse[1, :-1] += decay**2 / loss
    inverse[1, 1:] += decay**2 / loss
    inverse[0, 1:] = -decay / loss
    found = np.empty((len(ridges), len(x)))
    for row, ridge in enumerate(ridges):
        banded = ridge * inverse
        banded[1] += 1
        found[row] = solveh_banded(banded, labels, overwrite_ab=True, check_finite=False) if ridge else labels
    return found


def line_predictors(x: Array, fits: Array, points: Array, bandwidth: float) -> Array:
    """Predictors in one dimension between and beyond their training points [tomasini_krr, E2].

    Parameters
    ----------
    x : ndarray, shape (P,), strictly ascending training points.
    fits : ndarray, shape (R, P), values there (`line_fits`).
    points : ndarray, shape (n,), where to evaluate; in any order.
    bandwidth : σ, in units of x.

    Returns
    -------
    ndarray, shape (R, n)
    """
    after = np.searchsorted(x, points)
    left, right = np.maximum(after - 1, 0), np.minimum(after, len(x) - 1)
    outside = left == right
    width = np.where(outside, 1.0, x[right] - x[left])
    from_left, from_right = (_share(distance, width, bandwidth) for distance in (x[right] - points, points - x[left]))
    from_left[outside] = np.exp(-np.abs(points - x[left])[outside] / bandwidth)
    from_right[outside] = 0
    return fits[:, left] * from_left + fits[:, right] * from_right


def _share(distance: Array, width: Array, bandwidth: float) -> Array:
    """Ratio sinh(distance / σ) / sinh(width / σ) without overflow; both ≥ 0 where it counts."""
    near, far = np.abs(distance) / bandwidth, width / bandwidth
    return np.exp(np.minimum(near - far, 0)) * np.expm1(-2 * near) / np.expm1(-2 * far)


def line_quadrature(depletion_exponent: float, points_per_side: int) -> tuple[Array, Array]:
    """Points and weights for averages over p(x_1), dense at the boundary: the layer there holds a mass of order 1/P [tomasini_krr, E8].

    Returns
    -------
    points : ndarray, shape (2 n,), ascending, ± exp(t) with equal steps of t from log 10⁻⁹.
    weights : ndarray, shape (2 n,), trapezoids times p; their sum is 1 to 10⁻⁸.

    Raises
    ------
    ValueError   for fewer than two points a side.
    """
    checks.at_least(2, points_per_side=points_per_side)
    logs = np.linspace(np.log(1e-9), 0.5 * np.log(60 + 5 * depletion_exponent), points_per_side)
    positive = np.exp(logs)
    weights = (logs[1] - logs[0]) * positive * density(positive, depletion_exponent)
    weights[[0, -1]] /= 2
    return np.concatenate([-positive[::-1], positive]), np.concatenate([weights[::-1], weights])
