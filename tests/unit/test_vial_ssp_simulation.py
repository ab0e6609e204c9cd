"""Play of vial_ssp: lanes against a plain program, telescoping, exact means, update rules, and the runs."""

import numpy as np
import pandas as pd
import pytest

from repro.frames import select
from repro.settings import load_params
from scripts.vial_ssp.model import bonus_at, chain_problem, hard_problem, optimal_action_values, simplex_problem, uniform_regret
from scripts.vial_ssp.runs import bonus_scale, dimension, hard_instance, value_convergence
from scripts.vial_ssp.simulation import Learner, Player, episode_grid, play

PAPER = "vial_ssp"
VISITS = Learner("visits", 2.0, 8, 50)
LOG_DET = Learner("log_det", 0.3, 4, 40)
CHAIN = Player(chain_problem(), 0.2, 3.2)


def generators(n, first=0):
    return [np.random.default_rng(first + seed) for seed in range(n)]


def plain_play(player, grid, rng):
    """One lane of the one-hot learner, step by step, with nothing but loops: steps and regrets, and what is noted of its updates."""
    problem = player.problem
    n_states, n_actions = problem.cost.shape
    tie, chunk = 1e-9 * rng.random((n_states, n_actions)), iter(())
    counts, seen, spent, old = np.zeros((n_states, n_actions, n_states + 1)), {}, {}, {}
    q, state, step, episode, found, noted = np.zeros((n_states, n_actions)), problem.start, 0, 0, [], []
    optimal = optimal_action_values(problem)
    regret = 0.0
    while episode < grid[-1]:
        for _ in range(1 if step < 50 else 8):
            draw = next(chunk, None)
            if draw is None:
                chunk = iter(rng.random(4096))
                draw = next(chunk)
            action = int(np.argmin(q[state] + tie[state]))
            after = int(np.searchsorted(np.cumsum(problem.transition[state, action])[:-1], draw, side="right"))
            counts[state, action, after] += 1
            spent[state, action] = spent.get((state, action), 0) + problem.cost[state, action]
            seen[state, action] = seen.get((state, action), 0) + 1
            regret += optimal[state, action] - optimal[state].min()
            step += 1
            if after == n_states:
                episode += 1
                if episode in grid:
                    found.append((step, regret))
                after = problem.start
            state = after
        if step <= 50 or any(n + 1 >= 2 * (old.get(pair, 0) + 1) for pair, n in seen.items()):
            old = dict(seen)
            q = plain_values(player, counts, seen, spent, step)
            value = q.min(axis=1)
            noted.append((step, value[problem.start], max(value - optimal.min(axis=1))))
    return found[: len(grid)], noted


def plain_values(player, counts, seen, spent, step):
    """Optimistic values of all pairs after some steps."""
    n_states, n_actions = player.problem.cost.shape
    value, q = [0.0] * n_states, np.zeros((n_states, n_actions))
    for _ in range(2000):
        for s in range(n_states):
            for a in range(n_actions):
                n = seen.get((s, a), 0) + 1
                mean = (spent.get((s, a), 0) + sum(counts[s, a, t] * value[t] for t in range(n_states))) / n
                q[s, a] = min(max(mean - bonus_at(step, player.bonus_scale, player.value_cap) / np.sqrt(n), 0), player.value_cap)
        new = [q[s].min() for s in range(n_states)]
        change, value = max(abs(x - y) for x, y in zip(new, value, strict=True)), new
        if change < 1e-3:
            return q
    raise AssertionError


@pytest.mark.parametrize("scale", [0.0, 0.05])
def test_a_lane_plays_as_a_plain_program_does(scale):
    player, grid = Player(chain_problem()._replace(start=1), scale, 3.2), [1, 5, 20, 40]
    found = play([player] * 2, VISITS, grid, generators(2))
    for seed in range(2):
        expected, noted = plain_play(player, grid, np.random.default_rng(seed))
        assert found.step[seed].tolist() == [step for step, _ in expected]
        np.testing.assert_allclose(found.regret[seed], [regret for _, regret in expected], rtol=1e-9)
        updates = [part[found.updates.lane == seed] for part in (found.updates.step, found.updates.start_value)]
        violation = found.updates.optimism_violation[found.updates.lane == seed]
        np.testing.assert_allclose(np.column_stack([*updates, violation]), noted[: len(violation)], atol=1e-9)
        assert len(noted) - len(violation) <= 1, "after the last episode nothing is learnt"


@pytest.mark.parametrize(
    ("player", "learner"),
    [
        (Player(hard_problem(4, 0.04), 0.2, 7.5), VISITS),
        (Player(hard_problem(4, 0.04), 0.0, 7.5), VISITS),
        (Player(hard_problem(4, 0.04), 0.0, 7.5, is_uniform=True), VISITS),
        (CHAIN, VISITS),
        (Player(simplex_problem(0), 0.2, 5.3), LOG_DET),
    ],
    ids=["optimistic", "greedy", "uniform", "chain", "simplex"],
)
def test_gap_regret_and_realised_regret_have_one_mean(player, learner):
    found = play([player] * 60, learner, [60], generators(60))
    difference = (found.realised_regret - found.regret)[:, 0]
    assert abs(difference.mean()) <= 4 * difference.std(ddof=1) / np.sqrt(60)


def test_uniform_play_has_its_exact_mean():
    found = play([Player(hard_problem(4, 0.3), 0.0, 7.5, is_uniform=True)] * 50, VISITS, [200], generators(50))
    mean, error = found.regret.mean(), found.regret.std(ddof=1) / np.sqrt(50)
    assert abs(mean - 200 * uniform_regret(4, 0.3)) <= 4 * error
    assert not found.updates.lane.size


def test_lanes_do_not_depend_on_one_another():
    players = [CHAIN, CHAIN._replace(bonus_scale=0.0), CHAIN._replace(is_uniform=True)]
    together = play(players, VISITS, [5, 30], generators(3))
    for lane, player in enumerate(players):
        alone = play([player], VISITS, [5, 30], [np.random.default_rng(lane)])
        np.testing.assert_array_equal(together.regret[lane], alone.regret[0])
        np.testing.assert_array_equal(together.step[lane], alone.step[0])
        np.testing.assert_array_equal(together.updates.start_value[together.updates.lane == lane], alone.updates.start_value)


def test_regret_never_falls_and_costs_are_those_of_the_steps():
    player = Player(hard_problem(3, 0.2), 0.1, 7.5)
    found = play([player] * 5, VISITS, [1, 2, 3, 50, 51], generators(5))
    assert (np.diff(found.regret, axis=1) >= 0).all()
    assert (np.diff(found.step, axis=1) > 0).all()
    np.testing.assert_allclose(found.realised_regret, found.step - np.array([1, 2, 3, 50, 51]) / 0.4)


def test_values_are_new_at_every_early_step_and_rarely_later():
    found = play([CHAIN], VISITS, [300], generators(1))
    steps = found.updates.step
    assert steps[:50].tolist() == list(range(1, 51))
    assert ((steps[50:] - 50) % 8 == 0).all()
    assert len(steps) - 50 <= 10 * np.log2(found.step[0, -1])
    assert (found.updates.residual < 1e-3).all()


def test_log_det_grows_by_the_threshold_from_one_update_to_the_next():
    problem = simplex_problem(0)
    found = play([Player(problem, 0.2, 5.3)], LOG_DET, [300], generators(1))
    last = found.step[0, -1]
    assert len(found.updates.step) <= 4 * np.log(1 + last / 4) / 0.3  # each adds 0.3 to a log det of at most d log(1 + t/d)
    assert len(found.updates.step) >= 10
    assert found.updates.step.max() <= last + 4


def test_a_bonus_beyond_the_cap_keeps_all_values_at_zero():
    found = play([CHAIN._replace(bonus_scale=50.0)] * 2, VISITS, [20], generators(2))
    assert (found.updates.start_value == 0).all()
    assert (found.updates.optimism_violation < 0).all()


def test_the_grid_is_equally_spaced_in_the_logarithm_and_has_early_episodes():
    grid = episode_grid(100, 20000, 16, [10, 18])
    assert grid[:3] == [10, 18, 100]
    assert grid[-1] == 20000
    assert len(grid) == 18
    ratios = np.divide(grid[3:], grid[2:-1])
    np.testing.assert_allclose(ratios, ratios[0], rtol=0.02)
    assert episode_grid(1, 3, 10) == [1, 2, 3]


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: play([CHAIN], VISITS._replace(growth="counts"), [5], generators(1)), "growth"),
        (lambda: play([CHAIN], VISITS._replace(threshold=1.0), [5], generators(1)), "threshold"),
        (lambda: play([CHAIN], LOG_DET._replace(threshold=np.nan), [5], generators(1)), "threshold"),
        (lambda: play([CHAIN], VISITS._replace(check_every=0), [5], generators(1)), "check_every"),
        (lambda: play([CHAIN], VISITS, [5, 5], generators(1)), "grid"),
        (lambda: play([CHAIN], VISITS, [0], generators(1)), "grid"),
        (lambda: play([CHAIN], VISITS, [5], generators(2)), "rngs"),
        (lambda: play([], VISITS, [5], []), "players"),
        (lambda: episode_grid(0, 10, 3), "first"),
        (lambda: episode_grid(10, 5, 3), "last"),
        (lambda: episode_grid(1, 5, 0), "n_points"),
        (lambda: episode_grid(1, 5, 3, [0]), "early"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, word):
    with pytest.raises(ValueError, match=word):
        call()


@pytest.fixture(scope="module")
def hard():
    """Tables with a gap that is not of the worst case, and the law read before the end, as at preset paper."""
    p = load_params(PAPER, "hard_instance", "smoke")
    return hard_instance.compute(
        {**p, "gaps": [0.01, 0.04, 0.16], "worst_case_gaps": [0.04, 0.16], "n_episodes": 120, "early_episodes": [10, 60], "law_episode": 60}
    )


def test_the_worst_case_is_the_largest_mean_over_its_gaps(hard):
    runs = select(hard["hard_regret"], method="simulation", gap=[0.04, 0.16])
    means = runs.groupby(["algorithm", "episode", "gap"])["regret"].mean().unstack("gap")  # noqa: PD010
    worst = hard["worst_case_regret"].set_index(["algorithm", "episode"])
    np.testing.assert_allclose(worst["regret"], means.max(axis=1).reindex(worst.index))
    assert (worst["gap"] == means.idxmax(axis=1).reindex(worst.index)).all()
    assert (worst["n_seeds"] == 4).all()


def test_theory_beside_the_runs_is_the_formula_at_their_steps(hard):
    regret = hard["hard_regret"]
    uniform = select(regret, method="theory", algorithm="uniform", gap=0.16)
    np.testing.assert_allclose(uniform["regret"], uniform["episode"] * (4 / (3 * 0.2 + 0.36) - 1 / 0.36))
    steps = select(regret, method="simulation", algorithm="optimistic", gap=0.16, episode=60)["step"].astype(float).mean()
    law = select(regret, method="theory", algorithm="optimistic", gap=0.16)
    assert law["regret"].item() == pytest.approx(3 * 0.04 * 7.5**2 * np.log(2 + steps) / (1 - 0.2 / 0.36))
    assert law["episode"].item() == 60
    assert sorted(select(regret, method="theory", algorithm="optimistic")["gap"]) == [0.01, 0.04, 0.16]


def test_lanes_tell_their_updates_and_uniform_ones_have_none(hard):
    lanes = hard["hard_lanes"]
    uniform = select(lanes, algorithm="uniform")
    assert (uniform["n_updates"] == 0).all()
    assert uniform["optimism_violation"].isna().all()
    others = lanes[lanes["algorithm"] != "uniform"]
    assert (others["n_updates"] >= 50).all()
    assert np.isfinite(others["optimism_violation"]).all()


def test_updates_of_every_lane_are_counted_and_its_value_belongs_to_its_instance():
    p = load_params(PAPER, "value_convergence", "smoke") | {"simplex_instance_seeds": [0, 1], "simplex_episodes": 20, "chain_episodes": 20}
    tables = value_convergence.compute(p)
    updates = tables["value_updates"]
    for (instance, _, _), lane in updates.groupby(["instance", "algorithm", "seed"]):
        assert lane["update"].tolist() == list(range(1, len(lane) + 1))
        assert lane["step"].is_monotonic_increasing
        expected = {"chain": 2.130422, "simplex0": 3.507416, "simplex1": 2.984664}[instance]
        assert lane["optimal_start_value"].unique() == pytest.approx(expected, abs=1e-6)
        assert (lane["start_value"] - lane["optimal_start_value"] <= lane["optimism_violation"] + 1e-12).all()
    assert updates.groupby(["instance", "algorithm"])["seed"].nunique().to_dict() == {
        (instance, algorithm): 2 for instance in ("chain", "simplex0", "simplex1") for algorithm in ("optimistic", "greedy")
    }
    assert tables["fixed_instance_regret"].groupby("instance")["episode"].max().to_dict() == {"chain": 20, "simplex0": 20, "simplex1": 20}


def test_more_seeds_add_rows_and_leave_the_others_as_they_are():
    p = load_params(PAPER, "bonus_scale", "smoke") | {"n_episodes": 30}
    few, many = (bonus_scale.compute({**p, "n_seeds": n})["bonus_regret"] for n in (1, 3))
    pd.testing.assert_frame_equal(select(many, seed=0).reset_index(drop=True), few)


def test_the_law_beside_the_dimensions_is_proportional_to_the_bad_actions():
    table = dimension.compute(load_params(PAPER, "dimension", "smoke") | {"n_episodes": 100, "dims": [2, 5]})["dimension_regret"]
    law = select(table, method="theory").set_index("dim")["regret"]
    assert law[5] / law[2] == pytest.approx(4, rel=0.05)  # but for the logarithm of the steps
    assert select(table, method="simulation").groupby("dim")["seed"].nunique().to_dict() == {2: 2, 5: 2}
