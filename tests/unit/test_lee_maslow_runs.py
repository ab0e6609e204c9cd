"""Runs of lee_maslow: penalties, lanes and moments are those that their rows name."""

import numpy as np
import pytest

from repro.frames import select
from repro.settings import load_params
from scripts.lee_maslow import training
from scripts.lee_maslow.model import errors, facing, node_use, random_start, specialised_start, teacher_overlaps
from scripts.lee_maslow.runs import mixed_images, node_dynamics, ode_interventions, online_sgd
from scripts.lee_maslow.simulation import begin
from scripts.lee_maslow.theory import after_task_1, after_task_2

PAPER = "lee_maslow"
CASE = ["seed", "similarity"]


def smoke(run, **changed):
    return load_params(PAPER, run, "smoke") | changed


def test_lanes_are_drawn_home_by_the_gradient_of_their_penalty():
    """A step takes back η times the derivative of λ h₁² ‖d‖² / 2N, or of λ Σ F d²."""
    rng, p = np.random.default_rng(0), smoke("online_sgd", dim=40, node_strengths=[3.0], ewc_strengths=[50.0], learning_rate=0.7)
    students = begin(random_start([0], dim=40, init_std=0.5))
    fisher, away, shift = rng.random((1, 2, 40)) * 1e-3, rng.standard_normal((1, 2, 40)), 1e-6
    head = students.heads[0].astype(float)
    penalties = (lambda d: 3 / 80 * (head**2 * d**2).sum(), lambda d: 50 * (fisher * d**2).sum())
    *_, (_, of_node), (_, of_weight) = online_sgd._lanes(p, students, fisher).groups
    for penalty, factor in zip(penalties, (of_node, of_weight), strict=True):
        for at in ((0, 0, 3), (0, 1, 17)):
            step = np.zeros_like(away)
            step[at] = shift
            slope = (penalty(away + step) - penalty(away - step)) / (2 * shift)
            kept = np.broadcast_to(factor, away.shape)[at]
            assert kept * away[at] == pytest.approx(away[at] - 0.7 * slope, abs=1e-6)


@pytest.fixture(scope="module")
def online():
    p = smoke("online_sgd", dim=60, task_time=3.0, init_std=0.3, n_fisher=50, n_seeds=2)
    return {name: online_sgd.compute(p | changed) for name, changed in (("many", {}), ("few", {"replay_periods": [], "n_fisher": 20}))}


@pytest.mark.parametrize("method", ["simulation", "theory"])
def test_forgetting_is_the_rise_of_the_error_of_task_1_along_its_path(online, method):
    tables = online["many"]
    path = select(tables["error_paths"], method=method).set_index(["task", "time", *CASE])["error"].sort_index()
    found = select(tables["sgd_forgetting"], method=method, intervention="none").set_index(CASE)
    assert path.index.get_level_values("time").max() == 6
    np.testing.assert_allclose(found["forgetting"], (path[1, 6.0] - path[1, 3.0])[found.index], atol=1e-12)
    np.testing.assert_allclose(found["error_task2_end"], path[2, 6.0][found.index], atol=1e-12)


def test_other_interventions_leave_those_of_the_same_run_as_they_are(online):
    for name in ("none", "node_consolidation"):
        both = [select(tables["sgd_forgetting"], method="simulation", intervention=name).set_index(CASE) for tables in online.values()]
        np.testing.assert_allclose(both[0]["forgetting"], both[1]["forgetting"], atol=1e-6)


def test_interventions_of_the_equations_start_at_the_switch_and_end_in_the_errors_of_both_tasks():
    p = smoke("ode_interventions")
    found = ode_interventions.compute(p)["intervention_forgetting"]
    np.testing.assert_array_equal(select(found, intervention="freeze")["forgetting"], 0)
    cosines, fixed = np.array(p["random_similarities"]), teacher_overlaps(p["random_similarities"])
    switch = after_task_1(random_start([0], dim=100), cosines, duration=5.0)
    end = after_task_2(switch, cosines, "replay", 9, duration=5.0)
    rows = select(found, start="random", intervention="replay", strength=9.0)
    np.testing.assert_allclose(rows["forgetting"], (errors(end, fixed) - errors(switch, fixed))[0, :, 0], atol=1e-12)
    np.testing.assert_allclose(rows["error_task2_end"], errors(end, fixed)[0, :, 1], atol=1e-12)


def test_units_are_told_at_the_switch_and_after_the_time_of_their_own_start():
    p = smoke("node_dynamics", similarities=[0.0, 0.4], overlap_similarities=[0.4], random_time=4.0, specialised_time=2.0)
    tables = node_dynamics.compute(p)
    begun = select(tables["node_overlaps"], start="specialised", moment="switch", is_main=True)
    assert (begun["squared_norm"].item(), begun["overlap_task1"].item(), begun["overlap_task2"].item()) == pytest.approx((1, 1, 0.4))
    fixed = teacher_overlaps([0.0, 0.4])
    switch = facing(specialised_start([0])[:, None], np.array([0.0, 0.4]))
    end = after_task_2(switch, [0.0, 0.4], duration=2.0, step=1.0)
    rows, use = select(tables["node_reuse"], start="specialised"), node_use(switch, end)
    assert rows["error_task2_end"].to_numpy() == pytest.approx(errors(end, fixed)[0, :, 1])
    assert rows["idle_activation"].to_numpy() == pytest.approx(use.activation[0])
    assert rows["idle_share"].to_numpy() == pytest.approx(use.share[0])


def split(rng, n, dim=6):
    """Both tasks' images and their labels."""
    return rng.standard_normal((2, n, dim)).astype(np.float32) * np.arange(1, dim + 1), np.repeat([0.0, 1.0], n // 2).astype(np.float32)


def images_of(kind="own_basis", mixings=(0.0, 0.5), floor=1e-9):
    rng = np.random.default_rng(0)
    p = {"mixings": list(mixings), "whitening_floor": floor}
    return mixed_images._whitened(p, [split(rng, 60), split(rng, 400)], kind)


def test_every_mixture_is_white_in_the_basis_of_its_own_test_images():
    images = images_of()
    for white in (*images.test, images.first_test[0]):
        np.testing.assert_allclose(np.cov(white.T), np.eye(6), atol=1e-3)
    assert np.abs(np.cov(images.train[0].T) - np.eye(6)).max() > 0.1


def networks(n_mixings, n_seeds):
    streams = [np.random.default_rng([1, seed]) for seed in range(n_seeds)]
    return training.initial_networks(streams, dim=6, width=3).copy(n_mixings)


def test_scores_are_those_on_test_images_and_the_fisher_information_is_a_squared_derivative():
    images, nets = images_of(), networks(2, 1)
    found = mixed_images._scores(nets, images, training.Rule())
    for task, inputs in enumerate((images.first_test, images.test)):
        loss, accuracy = training.scores(nets, inputs, images.test_labels, task, "sigmoid")
        np.testing.assert_allclose(found[:, task], np.broadcast_to([loss, accuracy], (2, 2, 1)), rtol=1e-6)
    p = {"n_epochs": 0, "mixings": [0.0, 0.5], "width": 3}
    fisher = mixed_images._tables(p, [0], found[None], 0 * found, nets)["node_fisher"]
    said = training.outputs(nets, images.test, 1, "sigmoid")[1, 0].astype(float)
    for node, head in enumerate(nets.heads[1, 1, 0], start=1):
        slope = [((said + sign * 1e-5 * head - images.test_labels) ** 2) for sign in (1, -1)]  # the unit's activity moves
        expected = np.mean(((slope[0] - slope[1]) / 2e-5) ** 2)
        assert select(fisher, task=2, mixing=0.5, node=node)["fisher"].item() == pytest.approx(expected, rel=1e-4)


def test_with_early_stopping_task_2_begins_from_the_best_network_and_not_from_the_last(monkeypatch):
    images, rule = images_of(), training.Rule("sigmoid", learning_rate=0.3, batch_size=5)
    p = {"n_epochs": 3, "mixings": [0.0, 0.5], "width": 3, "early_stopping": True, "seed_offset": 0}
    monkeypatch.setattr(mixed_images, "train", lambda *parts, task, rule: None if task else training.train(*parts, task=0, rule=rule))
    found = mixed_images._variant(p, [0, 1, 2], images, rule)
    first = select(found["mixing_curves"], task=1, task_trained=1, mixing=0.0).pivot_table(index="epoch", columns="seed", values="loss")
    assert (first.loc[1:].idxmin() < 3).any(), "for one seed at least the last epoch is not the best"
    assert first.index.max() == 3
    np.testing.assert_allclose(found["mixing_forgetting"]["forgetting"], 0, atol=1e-12)


def test_overlaps_of_an_idle_unit_shrink_with_the_root_of_the_dimension():
    overlaps = specialised_start(range(2000), dim=400, init_std=0.1)[:, 1, 4:]
    assert overlaps.std() == pytest.approx(0.1 / 20, rel=5 / np.sqrt(2 * overlaps.size))
