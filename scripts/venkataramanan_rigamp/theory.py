"""State evolution of RI-GAMP and of VAMP: errors predicted without any matrix [venkataramanan_rigamp, E4–E7, E11]."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from repro.gaussian import STANDARD_GRID, NormalGrid
from scripts.venkataramanan_rigamp.inputs import spectrum_quadrature
from scripts.venkataramanan_rigamp.model import Model, output_error, signal_error

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Schedule:
    """State evolution of RI-GAMP: its error, and all numbers that the algorithm needs.

    Row and column 0 of a matrix belong to the signal (or to z = A x), row and column i to iteration i = 1 … T; T is
    smaller than asked for where the recursion stopped.

    error : ndarray, shape (T,), mean squared error of x̂^t
    signal_noise : ndarray, shape (T,), ρ_t
    signal_gain : ndarray, shape (T,), μ_t
    signal_weights : ndarray, shape (T + 1, T + 1), w; entry (t, i) weighs x^i in iteration t
    output_variance : ndarray, shape (T + 1,), v_0 … v_T; not a number after a stop
    output_weights : ndarray, shape (T + 1, T + 1), w^z; entry (t, i) weighs r^i after iteration t
    alpha, beta : ndarray, shape (T + 1, T + 1), Onsager coefficients
    """

    error: Array
    signal_noise: Array
    signal_gain: Array
    signal_weights: Array
    output_variance: Array
    output_weights: Array
    alpha: Array
    beta: Array

    @property
    def n_iterations(self) -> int:
        """T."""
        return len(self.error)


def rigamp_evolution(
    model: Model,
    cumulants: Array,
    n_iterations: int,
    grid: NormalGrid = STANDARD_GRID,
    *,
    stop_eigenvalue_ratio: float = 1e-13,
) -> Schedule:
    """State evolution of RI-GAMP with posterior means of full memory [venkataramanan_rigamp, E4, E5, E6, E7].

    Parameters
    ----------
    model : Model
    cumulants : ndarray, shape (2 n_iterations + 2 or more,)
        Rectangular free cumulants κ_2, κ_4, …; (κ_2, 0, 0, …) gives ordinary GAMP and its own prediction.
    n_iterations : int
        T; fewer are made where a covariance becomes singular to `stop_eigenvalue_ratio`.
    grid : NormalGrid
        For the scalar averages.
    stop_eigenvalue_ratio : float
        Smallest over largest eigenvalue of Ω or Σ at which rounding errors would rule what follows.

    Raises
    ------
    ValueError   if there is no iteration, there are too few cumulants, or one is not a number.
    """
    if n_iterations < 1:
        raise ValueError(f"n_iterations must be 1 or more, not {n_iterations}")
    if len(cumulants) < 2 * n_iterations + 2 or not np.isfinite(cumulants).all():
        raise ValueError(f"cumulants must be {2 * n_iterations + 2} finite numbers or more for {n_iterations} iterations")
    evolution = _Evolution(model, cumulants, n_iterations, grid, stop_eigenvalue_ratio)
    for t in range(1, n_iterations + 1):
        if not evolution.denoise_signal(t) or not evolution.denoise_output(t):
            break
    return evolution.schedule()


def gaussian_cumulants(cumulants: Array) -> Array:
    """Cumulants of a Gaussian design of the same κ_2: all others are 0, and ordinary GAMP follows [venkataramanan_rigamp, E2]."""
    only_first = np.zeros_like(cumulants)
    only_first[0] = cumulants[0]
    return only_first


class _Evolution:
    """The recursion in progress; `n_done` iterations have an error."""

    def __init__(self, model: Model, cumulants: Array, n_iterations: int, grid: NormalGrid, stop: float) -> None:
        self.model, self.cumulants, self.grid, self.stop = model, cumulants, grid, stop
        shape = (n_iterations + 2, n_iterations + 2)
        self.psi, self.phi, self.gamma, self.delta = (np.zeros(shape) for _ in range(4))
        self.alpha, self.beta, self.signal_weights, self.output_weights = (np.zeros(shape) for _ in range(4))
        self.error, self.noise, self.gain, self.variance = (np.full(n_iterations + 1, np.nan) for _ in range(4))
        self.n_done = 0
        self.gamma[0, 0] = 1
        self.variance[0] = cumulants[0]
        self._know_output(1, np.zeros(0))

    def denoise_signal(self, t: int) -> bool:
        """Coefficients β_t, noise of x^t, error of x̂^t; False where Ω is singular to rounding."""
        psi, phi, gamma, delta = (part[: t + 1, : t + 1] for part in (self.psi, self.phi, self.gamma, self.delta))
        ratio = self.model.sampling_ratio
        forward = ratio * _onsager(self.cumulants, phi, psi)
        noise = ratio * _covariance(self.cumulants, phi @ psi, delta, phi @ gamma @ phi.T)[1:, 1:]
        if not self._regular(noise):
            return False
        gain = forward[1:, 0]
        toward = np.linalg.solve(noise, gain)
        rho = float(1 / (gain @ toward))
        error = signal_error(self.model, rho, self.grid)
        self.beta[t, 1:t] = forward[t, 1:t]
        self.signal_weights[t, 1 : t + 1] = rho * toward
        self.gain[t], self.noise[t], self.error[t] = gain[-1], rho, error
        # η′ is the posterior variance over ρ, so its average is the error over ρ.
        self.psi[t, 1 : t + 1] = error / rho * self.signal_weights[t, 1 : t + 1]
        # Nested posterior means: E X̂_s X̂_t is E X̂² of the earlier one, and E X X̂_t that of X̂_t.
        self.gamma[t, : t + 1] = self.gamma[: t + 1, t] = np.array([1 - error, *(1 - self.error[1 : t + 1])])
        self.n_done = t
        return True

    def denoise_output(self, t: int) -> bool:
        """Coefficients α_t, and what r^1 … r^t tell of z; False where Σ is singular to rounding or nothing is left unknown."""
        psi, phi, gamma, delta = (part[: t + 1, : t + 1] for part in (self.psi, self.phi, self.gamma, self.delta))
        self.alpha[t, 1 : t + 1] = _onsager(self.cumulants, psi, phi)[t, 1:]
        joint = _covariance(self.cumulants, psi @ phi, gamma, psi @ delta @ psi.T)
        if not self._regular(joint[1:, 1:]):
            return False
        weights = np.linalg.solve(joint[1:, 1:], joint[1:, 0]).astype(np.float64)
        left = float(joint[0, 0] - joint[0, 1:] @ weights)
        if not left > 0:
            return False
        self.variance[t] = left
        self.output_weights[t, 1 : t + 1] = weights
        self._know_output(t + 1, weights)
        return True

    def _know_output(self, t: int, weights: Array) -> None:
        """Row t of Φ and Δ: the score s^t = (ẑ − m) / v of the output and what it is worth."""
        variance = self.variance[t - 1]
        left = output_error(self.model, variance, self.cumulants[0], self.grid)
        power = (variance - left) / variance**2
        self.phi[t, 0] = power
        self.phi[t, 1:t] = -power * weights
        powers = np.diagonal(self.delta)[1:t]
        self.delta[t, 1 : t + 1] = self.delta[1 : t + 1, t] = np.array([*powers, power])

    def _regular(self, covariance: Array) -> bool:
        eigenvalues = np.linalg.eigvalsh(covariance)
        return bool(eigenvalues[0] > self.stop * eigenvalues[-1])

    def schedule(self) -> Schedule:
        """What was reached."""
        size = self.n_done + 1
        square = np.s_[:size, :size]
        return Schedule(
            error=self.error[1:size],
            signal_noise=self.noise[1:size],
            signal_gain=self.gain[1:size],
            signal_weights=self.signal_weights[square],
            output_variance=self.variance[:size],
            output_weights=self.output_weights[square],
            alpha=self.alpha[square],
            beta=self.beta[square],
        )


def _onsager(cumulants: Array, first: Array, second: Array) -> Array:
    """Σ_j κ_2(j+1) first (second first)^j; finite, since the product of the two matrices is nilpotent [venkataramanan_rigamp, E4]."""
    step = second @ first
    total = np.zeros_like(first)
    for cumulant in cumulants[len(first) - 1 :: -1]:  # Horner's rule: the product to the power of its size is 0
        total = cumulant * np.eye(len(first)) + step @ total
    return first @ total


def _covariance(cumulants: Array, step: Array, own: Array, other: Array) -> Array:
    """Σ_j κ_2(j+1) (Σ_i≤j P^i own Pᵀ^(j−i) + Σ_i<j P^i other Pᵀ^(j−1−i)), P = step [venkataramanan_rigamp, E5]."""
    power = np.eye(len(step))
    from_own, from_other = own.copy(), np.zeros_like(own)
    total = np.zeros_like(own)
    for cumulant in cumulants[: 2 * len(step)]:  # P to the power of its size is 0, so no later term is left
        total += cumulant * (from_own + from_other)
        from_other = step @ from_other + other @ power
        power = power @ step.T
        from_own = step @ from_own + own @ power
    return (total + total.T) / 2


def vamp_evolution(model: Model, n_iterations: int, grid: NormalGrid = STANDARD_GRID, *, spectrum_points: int = 20000) -> Array:
    """Mean squared error of VAMP at each iteration, by its state evolution [venkataramanan_rigamp, E11].

    Parameters
    ----------
    model : Model
    n_iterations : int
    grid : NormalGrid
        For the scalar averages.
    spectrum_points : int
        Points of the law of the singular values.

    Returns
    -------
    ndarray, shape (n_iterations,)

    Raises
    ------
    ValueError   if there is no iteration, or no point of the spectrum.
    """
    if n_iterations < 1:
        raise ValueError(f"n_iterations must be 1 or more, not {n_iterations}")
    squared, weights = spectrum_quadrature(model.spectrum, model.sampling_ratio, spectrum_points)
    share_columns, share_rows = min(1.0, model.sampling_ratio), min(1.0, 1 / model.sampling_ratio)
    total = share_rows * float(weights @ squared)
    output_precision, signal_precision = 1 / total, 1.0
    errors = np.empty(n_iterations)
    for t in range(n_iterations):
        left = output_error(model, 1 / output_precision, total, grid)
        extrinsic = 1 / left - output_precision
        known = 1 / (signal_precision + extrinsic * squared)
        variance = share_columns * float(weights @ known) + (1 - share_columns) / signal_precision
        precision = 1 / variance - signal_precision
        errors[t] = signal_error(model, 1 / precision, grid)
        signal_precision = 1 / errors[t] - precision
        known = 1 / (signal_precision + extrinsic * squared)
        output_precision = 1 / (share_rows * float(weights @ (squared * known))) - extrinsic
    return errors
