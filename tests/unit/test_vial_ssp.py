"""Mathematics of vial_ssp against brute force, closed forms and other algorithms."""

from itertools import pairwise, product

import numpy as np
import pytest

from scripts.vial_ssp.model import (
    Estimate,
    Problem,
    bonus_at,
    chain_problem,
    estimate,
    gram,
    hard_problem,
    law_of_optimism,
    optimal_action_values,
    optimistic_fixed_point,
    simplex_problem,
    uniform_regret,
)

COUNTS = np.array([[[6, 2, 2], [1, 0, 3]], [[0, 9, 1], [4, 4, 8]]], dtype=float)
SPENT = np.array([[5, 3], [4, 12]], dtype=float)


def one_hot(n_states, n_actions):
    return np.eye(n_states * n_actions).reshape(n_states, n_actions, -1)


def two_states():
    """An estimate from few transitions between two states."""
    return estimate(one_hot(2, 2)[None], (SPENT / COUNTS.sum(axis=-1))[None], COUNTS[None])


def value_of(problem, policy):
    """Cost-to-go of a stationary policy, from its linear equations."""
    states = np.arange(len(problem.cost))
    moves = problem.transition[states, policy, :-1]
    return np.linalg.solve(np.eye(len(states)) - moves, problem.cost[states, policy])


PROBLEMS = {"hard": hard_problem(4, 0.04), "chain": chain_problem(), "simplex": simplex_problem(0)}


@pytest.mark.parametrize(("n_actions", "gap", "values"), [(4, 0.04, [13 / 3] * 3 + [25 / 6]), (5, 0.05, [4.2] * 4 + [4.0])])
def test_optimal_values_of_the_hard_instance_are_the_closed_form(n_actions, gap, values):
    np.testing.assert_allclose(optimal_action_values(hard_problem(n_actions, gap))[0], values, rtol=1e-10)


def test_no_policy_of_the_chain_beats_its_optimal_values():
    chain = chain_problem()
    best = np.min([value_of(chain, list(policy)) for policy in product([0, 1], repeat=5)], axis=0)
    found = optimal_action_values(chain).min(axis=-1)
    np.testing.assert_allclose(found, best, rtol=1e-9)
    np.testing.assert_allclose(found, [2.130422, 1.844708, 1.436544, 0.975903, 0.492771], atol=1e-6)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_greedy_policy_of_the_optimal_values_has_them_on_simplex_instances(seed):
    problem = simplex_problem(seed)
    values = optimal_action_values(problem)
    np.testing.assert_allclose(value_of(problem, values.argmin(axis=-1)), values.min(axis=-1), rtol=1e-9)


@pytest.mark.parametrize(("seed", "start", "largest", "smallest"), [(0, 12, 3.507416, 3.362280), (1, 6, 2.984664, 2.512656)])
def test_simplex_instances_are_drawn_in_the_stated_order(seed, start, largest, smallest):
    problem = simplex_problem(seed)
    value = optimal_action_values(problem).min(axis=-1)
    assert problem.start == start
    assert (value.max(), value.min()) == pytest.approx((largest, smallest), abs=1e-6)
    if seed == 0:
        np.testing.assert_allclose(problem.features[0, 0], [0.545201, 0.314549, 0.002234, 0.138015], atol=1e-6)


@pytest.mark.parametrize("name", PROBLEMS)
def test_an_instance_is_linear_in_its_features_and_a_law(name):
    problem = PROBLEMS[name]
    phi, law = problem.features.reshape(problem.cost.size, -1), problem.transition.reshape(problem.cost.size, -1)
    both = np.column_stack([law, problem.cost.ravel()])
    weights = np.linalg.lstsq(phi, both, rcond=None)[0]
    np.testing.assert_allclose(phi @ weights, both, atol=1e-12)
    np.testing.assert_allclose(law.sum(axis=1), 1)
    assert (law >= 0).all()
    assert (problem.cost > 0).all()
    assert (problem.cost <= 1).all()
    assert (np.linalg.norm(phi, axis=1) <= 1 + 1e-12).all()


@pytest.mark.parametrize(
    ("bonus", "values"),
    [(0.0, [[1.073427, 0.75], [1.307692, 1.153846]]), (0.4, [[0.795279, 0.526393], [1.026997, 0.958179]])],
)
def test_the_fixed_point_of_a_small_example_is_the_one_of_an_independent_program(bonus, values):
    found = optimistic_fixed_point(two_states(), bonus, 6.0, tolerance=1e-12)
    np.testing.assert_allclose(found.action_value[0], values, atol=1e-6)


def test_least_squares_on_a_list_of_transitions_gives_the_same_estimate():
    rng = np.random.default_rng(1)
    problem, ridge = simplex_problem(3, dim=3, n_states=5, n_actions=4), 0.7
    states, actions, after = rng.integers(5, size=60), rng.integers(4, size=60), rng.integers(6, size=60)
    counts = np.zeros((5, 4, 6))
    np.add.at(counts, (states, actions, after), 1)
    design = np.vstack([problem.features[states, actions], np.sqrt(ridge) * np.eye(3)])
    seen = np.column_stack([np.eye(6)[after][:, :-1], problem.cost[states, actions]])
    weights = np.linalg.lstsq(design, np.vstack([seen, np.zeros((3, 6))]), rcond=None)[0]
    found = estimate(problem.features[None], problem.cost[None], counts[None], ridge)
    np.testing.assert_allclose(found.transition[0], problem.features @ weights[:, :-1], atol=1e-12)
    np.testing.assert_allclose(found.cost[0], problem.features @ weights[:, -1], atol=1e-12)
    inverse = np.linalg.inv(design.T @ design)
    np.testing.assert_allclose(found.width[0] ** 2, np.einsum("sad,de,sae->sa", problem.features, inverse, problem.features))
    np.testing.assert_allclose(gram(problem.features[None], counts.sum(axis=-1)[None], ridge)[0], design.T @ design)


def test_one_hot_estimates_are_shares_of_the_visits():
    found, visits = two_states(), COUNTS.sum(axis=-1) + 1
    np.testing.assert_allclose(found.cost[0], SPENT / visits)
    np.testing.assert_allclose(found.transition[0], COUNTS[..., :-1] / visits[..., None])
    np.testing.assert_allclose(found.width[0], visits**-0.5)


@pytest.mark.parametrize("name", PROBLEMS)
def test_endless_data_give_the_optimal_values(name):
    problem = PROBLEMS[name]
    data = estimate(problem.features[None], problem.cost[None], 1e9 * problem.transition[None])
    found = optimistic_fixed_point(data, 1.0, 50.0, tolerance=1e-10)
    np.testing.assert_allclose(found.action_value[0], optimal_action_values(problem), rtol=2e-4)


def test_one_hot_values_rise_and_the_changes_contract_by_the_largest_share_of_visits():
    visits = COUNTS.sum(axis=-1)
    factor = (visits / (visits + 1)).max()
    runs = [optimistic_fixed_point(two_states(), 0.2, 6.0, tolerance=1e-300, max_iterations=n) for n in range(1, 25)]
    assert all((later.action_value >= earlier.action_value).all() for earlier, later in pairwise(runs))
    residuals = np.array([run.residual[0] for run in runs])
    assert (residuals[1:] <= factor * residuals[:-1] + 1e-15).all()
    assert [run.n_iterations[0] for run in runs] == list(range(1, 25))


def test_a_residual_is_below_the_tolerance_unless_the_iterations_ran_out():
    done = optimistic_fixed_point(two_states(), 0.0, 6.0, tolerance=1e-3)
    assert done.residual[0] < 1e-3
    assert done.n_iterations[0] < 2000
    assert optimistic_fixed_point(two_states(), 0.0, 6.0, max_iterations=2).residual[0] >= 1e-3


def test_values_fall_with_the_bonus_and_stay_between_zero_and_the_cap():
    bonuses = [0.0, 0.1, 0.4, 2.0]
    many = Estimate(*(np.repeat(array, len(bonuses), axis=0) for array in two_states()))
    found = optimistic_fixed_point(many, bonuses, 0.9).action_value
    assert (np.diff(found, axis=0) <= 0).all()
    assert found.min() == 0
    assert found.max() == 0.9


def test_a_lane_does_not_depend_on_the_lanes_beside_it():
    data, bonuses, caps = two_states(), np.array([0.0, 0.3, 0.05]), np.array([6.0, 0.5, 2.0])
    many = Estimate(*(np.repeat(array, 3, axis=0) for array in data))
    together = optimistic_fixed_point(many, bonuses, caps)
    for lane in range(3):
        alone = optimistic_fixed_point(data, bonuses[lane], caps[lane])
        np.testing.assert_array_equal(together.action_value[lane], alone.action_value[0])
        assert (together.n_iterations[lane], together.residual[lane]) == (alone.n_iterations[0], alone.residual[0])


def test_the_law_of_optimism_counts_pulls_until_the_bonus_is_below_the_gap():
    values = optimal_action_values(hard_problem(4, 0.04))[0]
    delta = values[0] - values[-1]
    bonus = float(bonus_at(90_000, 0.2, 7.5))
    assert bonus == pytest.approx(0.2 * 7.5 * np.sqrt(np.log(90_002)))
    pulls = next(n for n in range(1, 10**6) if bonus / np.sqrt(n) < delta)
    assert law_of_optimism(4, 0.04, 0.2, bonus) == pytest.approx(3 * pulls * delta, rel=1 / pulls)


def test_regret_of_uniform_play_is_the_mean_cost_beyond_the_optimal_one():
    p = hard_problem(4, 0.04)
    averaged = Problem(p.features[:, :1], p.cost[:, :1], p.transition.mean(axis=1, keepdims=True), 0)
    excess = optimal_action_values(averaged).min() - optimal_action_values(p).min()
    assert uniform_regret(4, 0.04) == pytest.approx(excess, rel=1e-9)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: hard_problem(1, 0.1), "n_actions"),
        (lambda: hard_problem(4, 0.0), "gap"),
        (lambda: hard_problem(4, np.nan), "gap"),
        (lambda: hard_problem(4, 0.1, 0.0), "base_probability"),
        (lambda: hard_problem(4, 0.9), "base_probability \\+ gap"),
        (lambda: chain_problem(0), "length"),
        (lambda: simplex_problem(0, dim=0), "dim"),
        (lambda: simplex_problem(0, n_states=0), "n_states"),
        (lambda: optimal_action_values(chain_problem()._replace(cost=np.full((5, 2), np.nan))), "cost"),
        (lambda: optimal_action_values(chain_problem(), tolerance=0), "tolerance"),
        (lambda: estimate(one_hot(2, 2)[None], np.ones((1, 2, 2)), COUNTS[None], ridge=0), "ridge"),
        (lambda: optimistic_fixed_point(two_states(), -0.1, 6), "bonus"),
        (lambda: optimistic_fixed_point(two_states(), np.nan, 6), "bonus"),
        (lambda: optimistic_fixed_point(two_states(), 0.1, 0), "value_cap"),
        (lambda: optimistic_fixed_point(two_states(), 0.1, 6, tolerance=0), "tolerance"),
        (lambda: optimistic_fixed_point(two_states(), 0.1, 6, max_iterations=0), "max_iterations"),
        (lambda: bonus_at(-1, 0.2, 6), "step"),
        (lambda: bonus_at(1, -0.2, 6), "bonus_scale"),
        (lambda: bonus_at(1, 0.2, 0), "value_cap"),
        (lambda: law_of_optimism(4, 0.1, 0.2, -1), "bonus"),
        (lambda: law_of_optimism(4, -0.1, 0.2, 1), "gap"),
        (lambda: uniform_regret(1, 0.1), "n_actions"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, word):
    with pytest.raises(ValueError, match=word):
        call()


def test_an_instance_that_cannot_be_finished_is_refused(monkeypatch):
    monkeypatch.setattr("scripts.vial_ssp.model._MOST_SWEEPS", 100)
    stuck = Problem(one_hot(1, 1), np.ones((1, 1)), np.array([[[1.0, 0.0]]]), 0)
    with pytest.raises(ValueError, match="reach the goal"):
        optimal_action_values(stuck)
