"""The overlaps, errors and learning equations of lee_maslow against a reference path, limits and Monte Carlo."""

import numpy as np
import pytest
from scipy.special import erf

from scripts.lee_maslow.model import errors, facing, node_use, random_start, reuse_damage, specialised_start, state_of, teacher_overlaps
from scripts.lee_maslow.theory import consolidated_flow, frozen_flow, learning_flow, replay_flow, solve, with_copies

# heads, Q, R, U of two units: no randomness
REFERENCE = np.array([[1e-3, 8e-4, 1e-6, 1e-7, 3e-5, 1e-5], [-5e-4, 6e-4, 1e-7, 1e-6, -2e-5, 4e-5]])
SIMILARITIES = np.array([0, 0.3, 0.5, 0.8, 1])


def first_task(state, fixed):
    return learning_flow(state, fixed, 0)


def second_task(state, fixed):
    return learning_flow(state, fixed, 1)


@pytest.fixture(scope="module")
def switch():
    """State of the reference after task 1, for every similarity, and what is fixed."""
    fixed = teacher_overlaps(SIMILARITIES)
    return solve(first_task, np.broadcast_to(REFERENCE, (5, 2, 6)), fixed, duration=50), fixed


def test_task_1_follows_the_reference_path():
    path = solve(first_task, REFERENCE, teacher_overlaps(0), duration=50, step=0.1, every=10)
    np.testing.assert_allclose(errors(path, teacher_overlaps(0))[[1, 2, 3, 5], 0], [0.16546, 0.007193, 0.000885, 0.000488], rtol=2e-3)
    np.testing.assert_allclose(path[-1][:, 0], [0.79709, -0.41081], atol=2e-5)
    np.testing.assert_allclose(path[-1][:, 2:5], [[0.83071, -0.43937, 0.91128], [-0.43937, 0.23289, -0.48219]], atol=2e-5)


def test_task_2_forgets_as_the_reference_does(switch):
    before, fixed = switch
    after = solve(second_task, before, fixed, duration=50)
    change = errors(after, fixed) - errors(before, fixed)
    np.testing.assert_allclose(change[:, 0], [0.01634, 0.21455, 0.18451, 0.08284, 0.00283], atol=2e-5)
    np.testing.assert_allclose(errors(after, fixed)[:, 1], [0.001057, 0.000259, 0.000158, 0.000063, 0.000039], atol=1e-6)
    np.testing.assert_allclose(after[:, 1, 3], [0.94166, 0.83074, 0.63066, 0.46455, 0.40551], atol=2e-5)


def test_steps_of_a_half_and_of_a_tenth_agree(switch):
    before, fixed = switch
    coarse, fine = (errors(solve(second_task, before, fixed, duration=30, step=step), fixed) for step in (0.5, 0.1))
    np.testing.assert_allclose(coarse, fine, atol=2e-5)


def test_turning_towards_teacher_2_after_task_1_is_turning_before():
    start = random_start([3], dim=300)
    state = state_of(*start)[:, None]
    fixed = teacher_overlaps(SIMILARITIES)
    early = solve(first_task, facing(state, SIMILARITIES), fixed, duration=30)
    late = facing(solve(first_task, state, teacher_overlaps(0), duration=30), SIMILARITIES)
    np.testing.assert_allclose(early, late, atol=1e-12)


def test_errors_agree_with_monte_carlo_within_five_standard_errors():
    rng, n, dim = np.random.default_rng(0), 200_000, 4
    weights, heads, (first, across) = rng.standard_normal((2, dim)), rng.standard_normal((2, 2)), 2 * np.eye(dim)[:2]
    second = 0.6 * first + 0.8 * across
    fixed = teacher_overlaps(0.6)
    found = errors(facing(state_of(weights, heads, np.stack([first, across])), 0.6), fixed)
    x = rng.standard_normal((n, dim)) / np.sqrt(dim)
    for task, teacher in enumerate((first, second)):
        drawn = 0.5 * (erf(x @ weights.T / np.sqrt(2)) @ heads[:, task] - erf(x @ teacher / np.sqrt(2))) ** 2
        assert abs(drawn.mean() - found[task]) < 5 * drawn.std() / np.sqrt(n)


def test_a_silent_student_has_the_error_one_sixth():
    np.testing.assert_allclose(errors(0 * REFERENCE, teacher_overlaps(0.3)), 1 / 6, rtol=1e-12)


def test_weights_learn_down_the_gradient_of_the_error_when_the_rate_is_small():
    """Without the term of second order, dε/dt = −η times the squared gradient, found here by finite differences."""
    rng, dim, small = np.random.default_rng(1), 5, 1e-6
    weights, heads, basis = rng.standard_normal((2, dim)), rng.standard_normal((2, 2)), np.sqrt(dim) * np.eye(dim)[:2]
    fixed = teacher_overlaps(0.0)

    def error(w, h):
        return errors(state_of(w, h, basis), fixed)[0]

    squared = 0.0
    for at in np.ndindex(2, dim):
        shift = np.zeros((2, dim))
        shift[at] = small
        squared += dim * ((error(weights + shift, heads) - error(weights - shift, heads)) / (2 * small)) ** 2
    for unit in range(2):
        shift = np.zeros((2, 2))
        shift[unit, 0] = small
        squared += ((error(weights, heads + shift) - error(weights, heads - shift)) / (2 * small)) ** 2
    state, rate = state_of(weights, heads, basis), 1e-6
    flow = learning_flow(state, fixed, 0, rate) / rate
    ahead, behind = (errors(state + sign * small * flow, fixed)[0] for sign in (1, -1))
    assert (ahead - behind) / (2 * small) == pytest.approx(-squared, rel=1e-4)


def test_one_step_changes_overlaps_as_the_flow_says_within_five_standard_errors():
    rng, n, dim, rate = np.random.default_rng(2), 100_000, 50, 0.7
    weights, heads = rng.standard_normal((2, dim)), rng.standard_normal((2, 2))
    basis = np.sqrt(dim) * np.eye(dim)[:2]
    x = rng.standard_normal((n, dim))
    fields = x @ weights.T / np.sqrt(dim)
    residual = erf(fields / np.sqrt(2)) @ heads[:, 0] - erf(x[:, 0] / np.sqrt(2))
    push = rate * residual[:, None] * heads[:, 0] * np.sqrt(2 / np.pi) * np.exp(-(fields**2) / 2)
    flow = learning_flow(state_of(weights, heads, basis), teacher_overlaps(0), 0, rate)
    of_norm = -2 * push * fields + push**2 * (x**2).mean(axis=1, keepdims=True)
    for drawn, expected in ((of_norm[:, 0], flow[0, 2]), (-push[:, 1] * x[:, 0], flow[1, 4]), (-push[:, 0] * x[:, 1], flow[0, 5])):
        # ‖x‖²/N is correlated with the fields at order 1/N.
        assert abs(drawn.mean() - expected) < 5 * drawn.std() / np.sqrt(n) + 5 / dim * abs(expected)


def test_frozen_features_forget_nothing(switch):
    before, fixed = switch
    after = solve(frozen_flow, before, fixed, duration=50)
    np.testing.assert_array_equal(errors(after, fixed)[:, 0], errors(before, fixed)[:, 0])
    assert (errors(after, fixed)[:, 1] < errors(before, fixed)[:, 1]).all()


def test_replay_of_every_other_step_treats_both_tasks_alike(switch):
    state, fixed = switch
    both = replay_flow(state, fixed, 1)
    np.testing.assert_allclose(both, (learning_flow(state, fixed, 0) + learning_flow(state, fixed, 1)) / 2, atol=1e-15)
    np.testing.assert_allclose(replay_flow(state, fixed, 1e9), learning_flow(state, fixed, 1), atol=1e-8)


def test_consolidation_acts_on_the_distance_from_the_copies_only(switch):
    before, fixed = switch
    copied = with_copies(before, fixed)
    np.testing.assert_allclose(consolidated_flow(*copied, 5.0), learning_flow(*copied, 1), atol=1e-15)
    np.testing.assert_allclose(learning_flow(*copied, 1)[..., :6], learning_flow(before, fixed, 1), atol=1e-15)
    loose, tight = (solve(lambda s, f, lam=lam: consolidated_flow(s, f, lam), *copied, duration=20, step=0.25) for lam in (0.0, 3.0))
    np.testing.assert_allclose(loose[..., :6], solve(second_task, before, fixed, duration=20, step=0.25), atol=1e-12)
    forgotten = [(errors(end, copied[1]) - errors(before, fixed))[1:4, 0] for end in (loose, tight)]
    assert (forgotten[1] < forgotten[0] / 10).all()


def test_a_pull_alone_brings_overlaps_home_at_the_rate_of_the_penalty():
    """Weights w = w* + d with d shrinking as exp(−ηλh²t) and no learning: heads of task 2 at 0 and a silent signal."""
    rng, dim, lam = np.random.default_rng(4), 30, 0.3
    home, away = rng.standard_normal((2, 2, dim))
    basis = np.sqrt(dim) * np.eye(dim)[:2]
    heads = np.column_stack([[1.0, -0.7], [0.0, 0.0]])
    at_home, fixed = with_copies(state_of(home, heads, basis), teacher_overlaps(0))
    decay = np.exp(-lam * heads[:, :1] ** 2)

    def state(weights):
        return np.concatenate([state_of(weights, heads, basis), weights @ home.T / dim], axis=-1)

    np.testing.assert_allclose(state(home), at_home, atol=1e-12)
    pull = lambda s, f: np.where(np.arange(8) < 2, 0, consolidated_flow(s, f, lam))  # noqa: E731 - heads rest
    np.testing.assert_allclose(solve(pull, state(home + away), fixed, duration=1, step=0.05), state(home + decay * away), atol=1e-6)


def test_pure_re_use_forgets_as_two_teachers_differ():
    turned = np.array([[[1, 1, 1, 0, v, 1], [0, 0, 0, 0, 0, 0]] for v in SIMILARITIES])
    np.testing.assert_allclose(errors(turned, teacher_overlaps(SIMILARITIES))[:, 0], reuse_damage(SIMILARITIES), atol=1e-12)
    np.testing.assert_allclose(reuse_damage([0, 1]), [1 / 3, 0], atol=1e-15)


def test_starts_have_the_overlaps_that_they_announce():
    start = random_start(range(4), dim=2000, init_std=0.1)
    np.testing.assert_allclose(start.basis @ start.basis.swapaxes(-1, -2), 2000 * np.eye(2)[None].repeat(4, 0), atol=1e-8)
    norms = state_of(*start)[..., 2:4].diagonal(axis1=-2, axis2=-1)
    assert (np.abs(norms - 0.01) < 5 * 0.01 * np.sqrt(2 / 2000)).all()
    special = specialised_start([0, 1])
    np.testing.assert_array_equal(special[:, 0, [0, 2, 4, 5]], [[1, 1, 1, 0]] * 2)
    np.testing.assert_array_equal(errors(special, teacher_overlaps(0))[:, 0], 0)
    covariance = np.block([[special[0, :, 2:4], special[0, :, 4:]], [special[0, :, 4:].T, np.eye(2)]])
    assert np.linalg.eigvalsh(covariance).min() > -1e-12


def test_the_idle_unit_is_the_one_that_did_not_carry_task_1():
    before = np.array([[0.1, 0, 4, 0, 0, 0], [-0.9, 0, 0, 1, 0, 0]])
    after = np.array([[0.1, 3, 9, 0, 0, 0], [-0.9, -1, 0, 1, 0, 0]])
    use = node_use(before, after)
    assert (use.main, use.activation, use.share) == (1, 5, 0.9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: learning_flow(REFERENCE, teacher_overlaps(0), 2), "task 2 is not one of 0, 1"),
        (lambda: replay_flow(REFERENCE, teacher_overlaps(0), 0), "period must be positive"),
        (lambda: consolidated_flow(REFERENCE, teacher_overlaps(0), -1), "strength must be 0 or more"),
        (lambda: solve(first_task, REFERENCE, teacher_overlaps(0), duration=0), "duration must be positive"),
        (lambda: random_start([0], dim=1), "dim must be 2 or more"),
        (lambda: facing(REFERENCE, 1.1), "similarity must be from -1 to 1"),
        (lambda: facing(REFERENCE, np.nan), "similarity must be from -1 to 1"),
        (lambda: reuse_damage(-2), "similarity must be from -1 to 1"),
        (lambda: node_use(np.zeros((3, 7)), np.zeros((3, 7))), "width 3 is not one of 2"),
        (lambda: node_use(np.full((2, 6), np.nan), REFERENCE), "switch must be finite"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
