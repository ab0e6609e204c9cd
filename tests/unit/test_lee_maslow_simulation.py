"""Online SGD of lee_maslow against a plain loop over single steps, and against the equations at a large dimension."""

import numpy as np
import pytest
from scipy.special import erf

from scripts.lee_maslow.model import errors, facing, random_start, state_of, teacher_overlaps
from scripts.lee_maslow.simulation import Lanes, begin, branch, fisher, free_lanes, held, sgd
from scripts.lee_maslow.theory import learning_flow, solve

DIM, SIMILARITY = 40, 0.3


def streams(n, first=0):
    return [np.random.default_rng([7, first + seed]) for seed in range(n)]


def run(students, basis, lanes, n_steps, task):
    *_, last = sgd(students, basis, lanes, [5, n_steps], task=task, streams=streams(len(basis)))
    return last


def one_by_one(start, n_steps, *, replay=0, pull=0.0):
    """Task 2 of one seed in float64, a step at a time, drawn back to the initial weights."""
    weights, heads = start.weights[0].copy(), start.heads[0].copy()
    (stream,) = streams(1)
    for step in range(n_steps):
        x = stream.standard_normal(DIM, dtype=np.float32).astype(float)
        task = 0 if replay and step % (replay + 1) == replay else 1
        first, across = start.basis[0]
        teacher = first if task == 0 else SIMILARITY * first + np.sqrt(1 - SIMILARITY**2) * across
        fields = weights @ x / np.sqrt(DIM)
        residual = heads[:, task] @ erf(fields / np.sqrt(2)) - erf(teacher @ x / np.sqrt(2 * DIM))
        slopes = np.sqrt(2 / np.pi) * np.exp(-(fields**2) / 2)
        gradient = residual * (heads[:, task] * slopes)[:, None] * x / np.sqrt(DIM)
        heads[:, task] -= residual * erf(fields / np.sqrt(2)) / DIM
        weights -= gradient + pull * (weights - start.weights[0])
    return state_of(weights, heads, start.basis[0])


PULL = np.random.default_rng(5).random((1, 2, DIM)) * 0.9


@pytest.mark.parametrize(
    "case",
    [
        {},
        {"replay": 1},
        {"replay": 9},
        {"pull": 0.2},
        {"pull": PULL[0]},
    ],
    ids=["none", "replay-1", "replay-9", "unit", "weight"],
)
def test_blocks_of_steps_are_the_same_as_steps_one_by_one(case):
    start = random_start([0], dim=DIM, init_std=0.5)
    pull = case.get("pull", 0.0)
    factor = None if np.isscalar(pull) and pull == 0 else held(np.broadcast_to(pull, (1, 2, DIM)))
    lanes = Lanes(np.array([SIMILARITY]), np.array([case.get("replay", 0)]), [(slice(0, 1), factor)])
    found = run(branch(begin(start), 1), start.basis, lanes, 203, 1).state(start.basis)[0, 0]
    np.testing.assert_allclose(found, one_by_one(start, 203, **case), atol=2e-5)


def test_lanes_do_not_disturb_each_other():
    start = random_start([0, 1], dim=DIM, init_std=0.5)
    cosine, replay = np.array([0.1, 0.6, 0.6]), np.array([0, 3, 0])
    held_back = held(np.full((2, 2, 1), 0.1))
    together = run(branch(begin(start), 3), start.basis, Lanes(cosine, replay, [(slice(0, 2), None), (slice(2, 3), held_back)]), 50, 1)
    for lane, factor in enumerate((None, None, held_back)):
        alone = Lanes(cosine[[lane]], replay[[lane]], [(slice(0, 1), factor)])
        found = run(branch(begin(start), 1), start.basis, alone, 50, 1).state(start.basis)
        np.testing.assert_allclose(together.state(start.basis)[:, [lane]], found, atol=1e-5)


def test_simulation_follows_the_equations_from_the_same_weights():
    """Fluctuations of overlaps are of order N^(−1/2): 5/√N is five of them at a coefficient of one."""
    dim = 1500
    start = random_start([0], dim=dim, init_std=0.3)
    found = errors(run(begin(start), start.basis, free_lanes(0.0), 5 * dim, 0).state(start.basis), teacher_overlaps(0))[0, 0]
    expected = errors(solve(lambda s, f: learning_flow(s, f, 0), state_of(*start), teacher_overlaps(0), duration=5), teacher_overlaps(0))[0]
    assert 0 < expected[0] < 0.1
    assert np.abs(found - expected).max() < 5 / np.sqrt(dim)


def test_a_branch_begins_where_task_1_ended():
    start = random_start([0, 1], dim=DIM, init_std=0.5)
    students = run(begin(start), start.basis, free_lanes(1.0), 40, 0)
    np.testing.assert_allclose(branch(students, 3).state(start.basis), np.repeat(students.state(start.basis), 3, axis=1), atol=1e-6)


def test_fisher_is_the_mean_squared_derivative_of_the_loss():
    start = random_start([0], dim=6, init_std=0.8)
    students = begin(start)
    found = fisher(students, start.basis, 300, streams(1))
    (stream,) = streams(1)
    inputs, small = stream.standard_normal((300, 6)), 1e-6

    def loss(weights):
        fields = [x @ w.T / np.sqrt(6) for x, w in ((inputs, weights), (inputs, start.basis[0, :1]))]
        return 0.5 * (erf(fields[0] / np.sqrt(2)) @ students.heads[0, 0, :, 0] - erf(fields[1][:, 0] / np.sqrt(2))) ** 2

    for at in ((0, 0), (1, 4)):
        shift = np.zeros((2, 6))
        shift[at] = small
        weights = students.reference[0].astype(float)
        derivative = (loss(weights + shift) - loss(weights - shift)) / (2 * small)
        assert found[0][at] == pytest.approx((derivative**2).mean(), rel=1e-6)


def test_a_hold_is_never_so_tight_that_it_could_not_be_undone():
    np.testing.assert_allclose(held([0.0, 0.3, 1.0, 1.001, 1.5]), [1, 0.7, 0.01, -0.01, -0.5], rtol=1e-6)


def test_turned_overlaps_are_those_of_the_turned_teacher():
    start = random_start([0], dim=DIM, init_std=1.0)
    second = 0.6 * start.basis[0, 0] + 0.8 * start.basis[0, 1]
    found = facing(begin(start).state(start.basis), 0.6)[0, 0, :, -1]
    np.testing.assert_allclose(found, start.weights[0] @ second / DIM, atol=1e-6)


def test_what_makes_no_sense_is_refused():
    start = random_start([0], dim=DIM)
    with pytest.raises(ValueError, match="nothing to replay"):
        next(
            sgd(begin(start), start.basis, Lanes(np.ones(1), np.ones(1, dtype=int), [(slice(0, 1), None)]), [1], task=0, streams=streams(1))
        )
    with pytest.raises(ValueError, match="n_inputs must be 1 or more"):
        fisher(begin(start), start.basis, 0, streams(1))
