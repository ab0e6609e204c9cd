"""PAC-Bayes mathematics of the bounds [biggs_bounds, E5 to E9, E12]; float64 throughout.

Errors are shares of misclassified examples, in [0, 1]. Bounds are on the error of the deterministic network: twice
that of the random one, never capped, so values above 1 are vacuous.
"""

import math

import numpy as np
import numpy.typing as npt

from repro.checks import at_least, one_of, positive, within

MODELS = ("shel", "gelu")
"""The two networks, by the names of the tables: activation erf and GELU."""

Array = npt.NDArray[np.float64]

LARGEST = 1 - 1e-12
"""End of the bracket of `inverse_kl`."""

BISECTIONS = 60
"""Halvings of the bracket: 2⁻⁶⁰ is below the spacing of float64 near 1."""


def binary_kl(q: npt.ArrayLike, p: npt.ArrayLike) -> Array:
    """kl(q‖p) = q ln(q/p) + (1−q) ln((1−q)/(1−p)) between Bernoulli laws, with 0 ln 0 = 0; q in [0, 1], p in (0, 1)."""
    q, p = np.asarray(q, dtype=float), np.asarray(p, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        wrong = np.where(q > 0, q * np.log(q / p), 0.0)
        right = np.where(q < 1, (1 - q) * np.log((1 - q) / (1 - p)), 0.0)
    return wrong + right


def inverse_kl(q: npt.ArrayLike, budget: npt.ArrayLike) -> Array:
    """kl⁻¹(q, c) = max{p ≥ q : kl(q‖p) ≤ c}, by bisection [biggs_bounds, E12].

    Parameters
    ----------
    q : array_like
        Empirical error, in [0, 1].
    budget : array_like
        c ≥ 0, broadcast against `q`.

    Returns
    -------
    ndarray   1 where even p = 1 − 10⁻¹² is within the budget.

    Raises
    ------
    ValueError   if an error or a budget is not a number, or outside its range: neither may pass for a small bound.
    """
    within("q", q, 0, 1)
    within("budget", budget, 0, math.inf)
    q, budget = np.broadcast_arrays(np.asarray(q, dtype=float), np.asarray(budget, dtype=float))
    inside, outside = q.copy(), np.full(q.shape, LARGEST)
    saturated = (q >= LARGEST) | (binary_kl(q, LARGEST) <= budget)
    for _ in range(BISECTIONS):
        middle = (inside + outside) / 2
        fits = binary_kl(q, np.minimum(middle, LARGEST)) <= budget
        inside, outside = np.where(fits, middle, inside), np.where(fits, outside, middle)
    return np.where(saturated, 1.0, inside)


def complexity(
    model: str,
    beta: float,
    distances: tuple[npt.ArrayLike, npt.ArrayLike],
    sigma_hidden: npt.ArrayLike,
    sigma_output: npt.ArrayLike,
) -> Array:
    """κ, the Kullback-Leibler divergence of the randomised network from its prior, in nats [biggs_bounds, E5].

    Parameters
    ----------
    model : "shel" or "gelu".
    beta : float
        β of the sign noise, above 0.
    distances : (d_U, d_V)
        Squared Frobenius distances of U and V from the prior mean, broadcast against σ.
    sigma_hidden, sigma_output : array_like
        σ_U (not read for SHEL) and σ_V, above 0, broadcast against each other.

    Raises
    ------
    ValueError   for another model, a σ or β that is not above 0, a distance that is negative or not a number.
    """
    one_of("model", model, MODELS)
    positive(beta=beta)
    hidden, output = (np.asarray(distance, dtype=float) for distance in distances)
    at_least(0, distances=hidden)
    at_least(0, distances=output)
    positive(sigma_output=sigma_output)
    if model == "gelu":
        positive(sigma_hidden=sigma_hidden)
    sigma_hidden, sigma_output = np.broadcast_arrays(np.asarray(sigma_hidden, float), np.asarray(sigma_output, float))
    scale = beta**2 if model == "shel" else (beta**2 + sigma_hidden**-2.0) / 2
    return scale * hidden + output / (2 * sigma_output**2)


def naive_bound(error: npt.ArrayLike, kappa: npt.ArrayLike, n_bound: int, delta: float = 0.025) -> Array:
    """2 kl⁻¹(L̂, [κ + ln(2√m/δ)]/m), which ignores that σ, prior and error were chosen and estimated [biggs_bounds, E6 to E8]."""
    at_least(0, kappa=kappa)
    at_least(1, n_bound=n_bound)
    within("delta", delta, 0, 1, open_at="both")
    return 2 * inverse_kl(error, _budget(kappa, n_bound, delta))


def smallest_naive_bound(error: npt.ArrayLike, kappa: npt.ArrayLike, n_bound: int, delta: float = 0.025) -> Array:
    """Smallest `naive_bound` over the last axis, without solving for those that cannot be it.

    Parameters
    ----------
    error, kappa : array_like, shape (…, S)
        Errors and κ at S choices of σ, broadcast against each other.

    Returns
    -------
    ndarray, shape (…)
    """
    error, kappa = np.broadcast_arrays(np.asarray(error, dtype=float), np.asarray(kappa, dtype=float))
    at_least(0, kappa=kappa)
    budget = _budget(kappa, n_bound, delta)
    likely = (error + np.sqrt(budget / 2)).argmin(axis=-1)[..., None]  # Pinsker's bound on kl⁻¹
    found = inverse_kl(np.take_along_axis(error, likely, -1), np.take_along_axis(budget, likely, -1))
    smaller = (error < found) & (binary_kl(error, np.minimum(found, LARGEST)) > budget)
    candidates = np.full(error.shape, np.inf)
    candidates[smaller] = inverse_kl(error[smaller], budget[smaller])
    return 2 * np.minimum(found[..., 0], candidates.min(axis=-1))


def _budget(kappa: npt.ArrayLike, n_bound: int, delta: float) -> Array:
    """[κ + ln(2√m/δ)]/m."""
    return (np.asarray(kappa, dtype=float) + math.log(2 * math.sqrt(n_bound) / delta)) / n_bound


def hoeffding(n_bound: int, n_passes: int = 20, delta_estimate: float = 0.01) -> float:
    """Excess of the expected error over its mean in `n_passes` passes, at confidence 1 − δ′ [biggs_bounds, E9]."""
    at_least(1, n_bound=n_bound)
    at_least(1, n_passes=n_passes)
    within("delta_estimate", delta_estimate, 0, 1, open_at="both")
    return math.sqrt(math.log(1 / delta_estimate) / (2 * n_passes * n_bound))


def final_bound(error: float, kappa: float, n_bound: int, *, n_union: int, delta: float = 0.025) -> float:
    """The reported bound B = 2 kl⁻¹(L̄ₚ, [κ + ln N + ln(2√m/δ)]/m) [biggs_bounds, E9].

    Parameters
    ----------
    error : float
        L̄ₚ: mean error over passes plus its Hoeffding term; values above 1 count as 1.
    kappa : float
        κ at the chosen σ and prior, nats.
    n_bound : int
        m, examples that neither prior nor σ have seen beyond the union bound.
    n_union : int
        N, candidates of σ and prior that the union bound pays for.
    delta : float
        δ; the bound holds with probability 1 − δ (and − δ′ for the estimate).

    Raises
    ------
    ValueError   if an argument is not a number or outside its range.
    """
    at_least(0, error=error)
    at_least(0, kappa=kappa)
    at_least(1, n_union=n_union)
    return float(naive_bound(min(error, 1.0), kappa + math.log(n_union), n_bound, delta))
