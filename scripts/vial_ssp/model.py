"""Linear stochastic shortest paths: instances, optimal values, and the optimistic fixed point [vial_ssp, E1, E5–E8, E10–E15]."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro.checks import at_least, finite, positive, within

Array = npt.NDArray[np.float64]

_MOST_SWEEPS = 1_000_000  # of value iteration: an instance that needs more has no policy that is sure to finish


class Problem(NamedTuple):
    """A stochastic shortest path with S states, A actions and features of dimension d; the goal is outside the S states [vial_ssp, E1].

    features : ndarray, shape (S, A, d), φ(s, a)
    cost : ndarray, shape (S, A), mean cost of a step, in (0, 1]
    transition : ndarray, shape (S, A, S + 1), law of the next state; the goal is the last one
    start : int, state in which every episode begins
    """

    features: Array
    cost: Array
    transition: Array
    start: int


class Estimate(NamedTuple):
    """What the data say of k lanes: least-squares cost and transition of every pair, and the width of its confidence [vial_ssp, E5, E7].

    cost : ndarray, shape (k, S, A), φᵀ Λ⁻¹ b
    transition : ndarray, shape (k, S, A, S), φᵀ Λ⁻¹ N without the goal, whose value is 0
    width : ndarray, shape (k, S, A), √(φᵀ Λ⁻¹ φ)
    """

    cost: Array
    transition: Array
    width: Array


class FixedPoint(NamedTuple):
    """Optimistic fixed points of k lanes [vial_ssp, E8].

    action_value : ndarray, shape (k, S, A), in [0, value_cap]
    n_iterations : ndarray of int, shape (k,)
    residual : ndarray, shape (k,), largest change of the value of a state in the last iteration
    """

    action_value: Array
    n_iterations: npt.NDArray[np.int64]
    residual: Array


def hard_problem(n_actions: int, gap: float, base_probability: float = 0.2) -> Problem:
    """One state, cost 1 a step; every action but the last finishes with probability p₀, the last one with p₀ + gap [vial_ssp, E13].

    Features are one-hot, so d = A.

    Raises
    ------
    ValueError   if there are fewer than two actions, or a probability is not in (0, 1).
    """
    at_least(2, n_actions=n_actions)
    positive(gap=gap)
    within("base_probability", base_probability, 0, 1, open_at="both")
    within("base_probability + gap", base_probability + gap, 0, 1, open_at="both")
    finish = np.full(n_actions, base_probability)
    finish[-1] += gap
    transition = np.stack([1 - finish, finish], axis=-1)[None]
    return Problem(_one_hot(1, n_actions), np.ones((1, n_actions)), transition, 0)


def chain_problem(length: int = 5) -> Problem:
    """States in a row: cheap, slow steps forward (action 0) or a dear gamble on the goal in any state (action 1) [vial_ssp, E14].

    Raises
    ------
    ValueError   if there is no state.
    """
    at_least(1, length=length)
    states = np.arange(length)
    transition = np.zeros((length, 2, length + 1))
    transition[states, 0, states + 1] += 0.7
    transition[states, 0, np.maximum(states - 1, 0)] += 0.3
    transition[states, 1, states] = 0.92
    transition[:, 1, length] = 0.08
    cost = np.tile([0.2, 1.0], (length, 1))
    return Problem(_one_hot(length, 2), cost, transition, 0)


def simplex_problem(seed: int, dim: int = 4, n_states: int = 20, n_actions: int = 8) -> Problem:
    """Random instance whose features are weights of `dim` laws of the next state; starts where the optimal cost is largest [vial_ssp, E15].

    Parameters
    ----------
    seed : of numpy's default generator, from which the laws, their costs and the features are drawn in this order.

    Raises
    ------
    ValueError   if a size is below 1.
    """
    at_least(1, dim=dim, n_states=n_states, n_actions=n_actions)
    rng = np.random.default_rng(seed)
    laws = rng.dirichlet(np.full(n_states, 0.3), size=dim)
    costs = rng.uniform(0.2, 1, dim)
    features = rng.dirichlet(np.full(dim, 0.4), size=(n_states, n_actions))
    finish = np.linspace(0.05, 0.3, dim)
    to_states = features @ ((1 - finish)[:, None] * laws)
    transition = np.concatenate([to_states, (features @ finish)[..., None]], axis=-1)
    problem = Problem(features, features @ costs, transition, 0)
    return problem._replace(start=int(optimal_action_values(problem).min(axis=-1).argmax()))


def optimal_action_values(problem: Problem, tolerance: float = 1e-12) -> Array:
    """Q*(s, a) by value iteration from 0 until no value moves by `tolerance`; J* is its minimum over actions [vial_ssp, E1].

    Returns
    -------
    ndarray, shape (S, A), in units of cost

    Raises
    ------
    ValueError   if a cost or probability is not finite, or no policy is sure to reach the goal.
    """
    finite(cost=problem.cost, transition=problem.transition)
    positive(tolerance=tolerance)
    value = np.zeros(len(problem.cost))
    for _ in range(_MOST_SWEEPS):
        found = problem.cost + problem.transition[..., :-1] @ value
        new = found.min(axis=-1)
        if np.abs(new - value).max() < tolerance:
            return found
        value = new
    raise ValueError("transition must let some policy reach the goal from every state")


def estimate(features: Array, cost: Array, counts: Array, ridge: float = 1.0) -> Estimate:
    """Regularised least squares from counts of transitions [vial_ssp, E5].

    Parameters
    ----------
    features : ndarray, shape (k, S, A, d)
    cost : ndarray, shape (k, S, A)
        Mean observed cost of every pair.
    counts : ndarray, shape (k, S, A, S + 1)
        Observed transitions, those to the goal last.
    ridge : float
        λ > 0.

    Raises
    ------
    ValueError   if the ridge is not positive.
    """
    positive(ridge=ridge)
    k, n_states, n_actions, dim = features.shape
    phi, seen = features.reshape(k, -1, dim), counts.reshape(k, n_states * n_actions, -1)
    visits = counts.sum(axis=-1)
    weights = phi @ np.linalg.inv(gram(features, visits, ridge))
    transposed = phi.transpose(0, 2, 1)
    costs = transposed @ (visits * cost).reshape(k, -1, 1)
    transition = weights @ (transposed @ seen[..., :-1])
    shape = (k, n_states, n_actions)
    width = np.sqrt((weights * phi).sum(axis=-1))
    return Estimate((weights @ costs).reshape(shape), transition.reshape(*shape, n_states), width.reshape(shape))


def gram(features: Array, visits: Array, ridge: float = 1.0) -> Array:
    """Λ = λ I + Σ φ φᵀ of every lane, shape (k, d, d), from the visits of every pair, shape (k, S, A) [vial_ssp, E5]."""
    k, _, _, dim = features.shape
    phi = features.reshape(k, -1, dim)
    return ridge * np.eye(dim) + phi.transpose(0, 2, 1) @ (visits.reshape(k, -1, 1) * phi)


def optimistic_fixed_point(
    data: Estimate, bonus: npt.ArrayLike, value_cap: npt.ArrayLike, *, tolerance: float = 1e-3, max_iterations: int = 2000
) -> FixedPoint:
    """Iterate the optimistic empirical operator from J = 0 until no value moves by `tolerance`, each lane by itself [vial_ssp, E6–E8].

    Parameters
    ----------
    data : estimate of k lanes.
    bonus : float or ndarray, shape (k,)
        α, by which the width is multiplied; 0 is greedy.
    value_cap : float or ndarray, shape (k,)
        B, to which values are clipped.

    Raises
    ------
    ValueError   if a bonus is negative, a cap or the tolerance not positive, or no iteration is allowed.
    """
    at_least(0, bonus=bonus)
    positive(value_cap=value_cap, tolerance=tolerance)
    at_least(1, max_iterations=max_iterations)
    k, n_states, n_actions = data.cost.shape
    optimistic = (data.cost - np.reshape(bonus, (-1, 1, 1)) * data.width).reshape(k, -1)
    transition = data.transition.reshape(k, n_states * n_actions, n_states)
    cap = np.broadcast_to(np.reshape(value_cap, (-1, 1)), (k, 1))
    result = FixedPoint(np.empty((k, n_states, n_actions)), np.empty(k, dtype=np.int64), np.empty(k))
    left, value = np.arange(k), np.zeros((k, n_states))
    for iteration in range(1, max_iterations + 1):
        found = optimistic + (transition @ value[..., None])[..., 0]
        found = np.minimum(np.maximum(found, 0), cap).reshape(-1, n_states, n_actions)
        new = found.min(axis=-1)
        change = np.abs(new - value).max(axis=-1)
        done = change < tolerance if iteration < max_iterations else np.ones(len(left), dtype=bool)
        if done.any():
            result.action_value[left[done]], result.n_iterations[left[done]] = found[done], iteration
            result.residual[left[done]] = change[done]
            if done.all():
                break
            left, optimistic, transition, cap, new = (array[~done] for array in (left, optimistic, transition, cap, new))
        value = new
    return result


def bonus_at(step: npt.ArrayLike, bonus_scale: npt.ArrayLike, value_cap: npt.ArrayLike) -> Array:
    """Size of the bonus after `step` steps, α = c B √log(2 + t), in units of cost [vial_ssp, E10].

    Raises
    ------
    ValueError   if a step or scale is negative, or a cap not positive.
    """
    at_least(0, step=step, bonus_scale=bonus_scale)
    positive(value_cap=value_cap)
    return np.asarray(bonus_scale) * np.asarray(value_cap) * np.sqrt(np.log(2 + np.asarray(step)))


def law_of_optimism(n_actions: int, gap: float, base_probability: float, bonus: float) -> float:
    """Regret of optimistic play on the hard instance without the estimation error, (A − 1) α² / Δ [vial_ssp, E11].

    Parameters
    ----------
    bonus : float
        α at the end of the run, in units of cost.

    Raises
    ------
    ValueError   as `hard_problem`, or if the bonus is negative.
    """
    hard_problem(n_actions, gap, base_probability)  # refuses what is no instance
    at_least(0, bonus=bonus)
    return (n_actions - 1) * bonus**2 * (base_probability + gap) / gap


def uniform_regret(n_actions: int, gap: float, base_probability: float = 0.2) -> float:
    """Expected regret of an episode of uniformly random play on the hard instance [vial_ssp, E12].

    Raises
    ------
    ValueError   as `hard_problem`.
    """
    finish = hard_problem(n_actions, gap, base_probability).transition[0, :, -1]
    return float(1 / finish.mean() - 1 / finish.max())


def _one_hot(n_states: int, n_actions: int) -> Array:
    return np.eye(n_states * n_actions).reshape(n_states, n_actions, -1)
