"""Rows of the runs of vial_ssp beside the same lanes played one by one, and what no lane can escape."""

import numpy as np
import pandas as pd
import pytest

from repro.frames import select
from repro.seeds import generator
from repro.settings import load_params
from scripts.vial_ssp import summaries
from scripts.vial_ssp.model import bonus_at, chain_problem, hard_problem, law_of_optimism, optimal_action_values
from scripts.vial_ssp.runs import bonus_scale, dimension, hard_instance, value_convergence
from scripts.vial_ssp.simulation import Learner, Player, play

PAPER = "vial_ssp"


def smoke(run, **changed):
    return load_params(PAPER, run, "smoke") | changed


def alone(p, player, learner, *key, seed):
    """One lane by itself."""
    return play([player], learner, [p["n_episodes"]], [generator(PAPER, *key, seed=seed)])


def visits(p):
    return Learner("visits", p["growth_factor"], p["check_every"], p["dense_until"], p["ridge"], p["tolerance"], p["max_iterations"])


def test_regrets_against_the_bonus_are_those_of_its_lanes_and_count_bad_pulls_and_steps():
    p = smoke("bonus_scale", n_episodes=60)
    found = bonus_scale.compute(p)["bonus_regret"]
    problem = hard_problem(p["n_actions"], p["gap"], p["base_probability"])
    values = optimal_action_values(problem)[0]
    for row in found.itertuples():
        lane = alone(p, Player(problem, row.bonus_scale, p["value_cap"]), visits(p), "bonus_scale", row.bonus_scale, seed=row.seed)
        assert (row.regret, row.realised_regret) == (lane.regret[0, 0], lane.realised_regret[0, 0])
        assert row.optimism_violation == lane.updates.optimism_violation.max()
    for whole in (found["regret"] / (values[0] - values[-1]), found["realised_regret"] + 60 * values[-1]):
        assert whole.to_numpy() == pytest.approx(whole.round().to_numpy(), abs=1e-8)


def test_regrets_against_the_dimension_are_those_of_as_many_actions_and_the_law_is_read_at_their_steps():
    p = smoke("dimension", n_episodes=50, dims=[3], n_seeds=2)
    found = dimension.compute(p)["dimension_regret"]
    player = Player(hard_problem(3, p["gap"], p["base_probability"]), p["bonus_scale"], p["value_cap"])
    lanes = [alone(p, player, visits(p), "dimension", 3, seed=seed) for seed in (0, 1)]
    assert select(found, method="simulation")["regret"].tolist() == [lane.regret[0, 0] for lane in lanes]
    bonus = float(bonus_at(np.mean([lane.step[0, 0] for lane in lanes]), p["bonus_scale"], p["value_cap"]))
    law = law_of_optimism(3, p["gap"], p["base_probability"], bonus)
    assert select(found, method="theory")["regret"].item() == pytest.approx(law, rel=1e-12)


def test_lanes_of_the_hard_instance_tell_their_own_largest_violation_and_draw_from_streams_of_their_own():
    p = smoke(
        "hard_instance", n_episodes=60, gaps=[0.04], worst_case_gaps=[0.04], early_episodes=[10], law_episode=60, n_seeds=3, grid_start=20
    )
    tables = hard_instance.compute(p)
    problem = hard_problem(p["n_actions"], 0.04, p["base_probability"])
    for algorithm, scale in (("optimistic", p["bonus_scale"]), ("greedy", 0.0)):
        lane = alone(p, Player(problem, scale, p["value_cap"]), visits(p), "hard_instance", 0.04, algorithm, seed=1)
        row = select(tables["hard_lanes"], algorithm=algorithm, seed=1)
        assert row["optimism_violation"].item() == lane.updates.optimism_violation.max()
        assert row["n_updates"].item() == len(lane.updates.step)
    steps = select(tables["hard_regret"], method="simulation", episode=10).pivot_table(index="seed", columns="algorithm", values="step")
    assert (steps.max(axis=1) > steps.min(axis=1)).all(), "with one stream every player would need equally many steps"


def test_values_are_capped_by_a_multiple_of_the_largest_optimal_one():
    p = smoke("value_convergence", chain_episodes=60, chain_seeds=1, simplex_episodes=20, simplex_seeds=1, value_cap_factor=0.5)
    updates = value_convergence.compute(p)["value_updates"]
    greedy = select(updates, instance="chain", algorithm="greedy")
    largest = 2.130422  # optimal value of the start
    assert greedy["start_value"].max() == pytest.approx(0.5 * largest, abs=1e-6)
    learner = Learner(
        "visits", p["chain_growth_factor"], p["chain_check_every"], p["chain_dense_until"], p["ridge"], p["tolerance"], p["max_iterations"]
    )
    player = Player(chain_problem(), p["bonus_scale"], greedy["start_value"].max())
    lane = alone({"n_episodes": 60}, player, learner, "value_convergence", "chain", "optimistic", seed=0)
    own = select(updates, instance="chain", algorithm="optimistic")
    assert own["start_value"].to_numpy() == pytest.approx(lane.updates.start_value, abs=1e-6)


def test_the_law_is_read_at_its_own_episode_and_a_value_is_in_force_from_its_update_on():
    regret = pd.DataFrame(
        {"method": ["simulation", "theory", "theory"], "algorithm": ["optimistic", "optimistic", "uniform"], "episode": [100, 60, 100]}
    )
    assert (summaries.law_episode(regret), summaries.law_episode(regret.iloc[:1])) == (60, 100)
    values = {"start_value": [1.0, 2.0, 0.0, 5.0, 0.0, 2.0], "optimal_start_value": 2.0}
    updates = pd.DataFrame({"seed": [0, 0, 1, 1, 2, 2], "step": [2, 8] * 3, **values})
    found = summaries.values_in_force(updates, 10).set_index("step")
    for step, values in ((1, (0, 0, 0)), (2, (0.5, 0, 0)), (7, (0.5, 0, 0)), (8, (1, 2.5, 1)), (10, (1, 2.5, 1))):
        assert found.loc[step].to_dict() == pytest.approx({"mean": np.mean(values), "low": min(values), "high": max(values)})
