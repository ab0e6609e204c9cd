"""Runs of saxe_race: what their rows name is what was trained, tested and predicted."""

import numpy as np
import pytest
import torch

from repro.frames import select
from repro.settings import load_params
from scripts.saxe_race import inputs, model, simulation, theory, transfer
from scripts.saxe_race.runs import generalization_sweep, initialization_scale, learning_speed, pathway_race, routing_dynamics, xor_training

PAPER = "saxe_race"
TARGET = model.toy_data()
SIZES = {"n_domains": 4, "width": 64, "target": TARGET}


def smoke(run, **changed):
    return load_params(PAPER, run, "smoke") | changed


def test_errors_are_those_of_descent_at_the_rate_that_falls_beyond_some_outputs():
    p = smoke("generalization_sweep", full_rate_outputs=2, n_epochs=20, private_outputs=[], relative_learning_rates=[1.0])
    found = generalization_sweep.compute(p)["zero_shot_error"]
    assert found.groupby("n_trained_outputs")["learning_rate"].first().to_dict() == pytest.approx({1: 0.02, 2: 0.02, 3: 0.04 / 3})
    start = simulation.random_networks("generalization_sweep", [0], 3, scale=0.2, **SIZES)
    gate = model.gate_matrix("plus_minus", 4, 3)
    _, output = simulation.train(start, TARGET, gate, 0.04 / 3, 20)
    for split, expected in model.split_errors(model.squared_errors(output, TARGET), gate).items():
        assert select(found, n_trained_outputs=3, split=split)["error"].to_numpy() == pytest.approx(expected)


def test_descent_learns_below_the_largest_stable_rate_and_leaves_the_numbers_above():
    p = smoke("generalization_sweep", n_trained_outputs=[], private_outputs=[3], relative_learning_rates=[0.5, 4.0], n_epochs=300)
    found = select(generalization_sweep.compute(p)["stability"], split="trained").set_index("relative_learning_rate")
    strongest = np.sqrt(185)  # first singular value of the toy data
    assert found["learning_rate"].to_numpy() == pytest.approx(np.array([0.5, 4]) * 28 / (9 * strongest ** (4 / 3) * 4 ** (1 / 3)))
    assert found["error"][0.5] < 61
    assert found["error"][4.0] > 122, "more than silence costs"


def test_rates_fall_with_the_cube_root_of_the_scale_and_panels_are_those_of_the_first_seed():
    found = initialization_scale.compute(smoke("initialization_scale", n_seeds=2, n_epochs=5))
    sizes = SIZES | {"n_domains": 7}
    start = simulation.random_networks("initialization_scale", [0, 1], scale=2.5, **sizes)
    gate = model.gate_matrix("plus_minus", 7, 4)
    _, output = simulation.train(start, TARGET, gate, 6e-3 / 2.5 ** (1 / 3), 5)
    loss = select(found["scale_loss"], initial_scale=2.5, epoch=5)["loss"]
    assert loss.to_numpy() == pytest.approx(model.training_loss(model.squared_errors(output, TARGET), gate, TARGET))
    panels = found["similarity_panels"].set_index(["initial_scale", "input_domain", "other_domain"])["similarity"]
    first, within = panels[0.2, 1, 2].to_numpy(), panels[0.2, 1, 1].to_numpy()
    cosine = first @ within / np.linalg.norm(first) / np.linalg.norm(within)
    told = select(found["encoder_similarity"], initial_scale=0.2, seed=0, input_domain=1, other_domain=2)
    assert told["cosine"].item() == pytest.approx(cosine)


def test_times_are_those_of_as_many_trained_outputs_as_the_rule_says():
    p = smoke("learning_speed", outputs_rules=["all", "one"], domains=[5], simulated_domains=[])
    found = learning_speed.compute(p)["half_learning_times"]
    assert found.groupby("n_trained_outputs")["mode"].count().to_dict() == {1: 3, 5: 3}
    for n_outputs in (1, 5):  # the speed is proportional to the trained outputs
        routing = theory.Routing(5, n_outputs, theory.rate_constant(5e-3, 4, 7))
        times = [theory.learning_time(s, 0.08, routing) for s in np.sqrt([185, 41, 9])]
        assert select(found, n_trained_outputs=n_outputs)["half_time"].to_numpy() == pytest.approx(times)


def test_predictions_are_the_loss_of_silence_and_the_strengths_that_make_up_a_mode():
    found = routing_dynamics.compute(smoke("routing_dynamics", n_epochs=2))
    rows = found["mode_predictions"]
    assert (rows["final_encoder"] ** 2 * rows["final_hidden"]).to_numpy() == pytest.approx(rows["mode_strength"].to_numpy())
    assert (rows["final_hidden"] / rows["final_encoder"]).to_numpy() == pytest.approx(np.full(4, np.sqrt(7)))
    silent = (rows["loss_weight"] * rows["mode_strength"] ** 2).sum()
    assert silent == pytest.approx(7 * 4 * 244 / 28)  # K M pairs of a mean of 244 over the 28 entries


def test_the_race_is_even_where_the_ratio_of_the_starts_crosses_its_theory():
    p = smoke("pathway_race", domains=[4], equal_inits=[0.2], ratio_min=0.9, ratio_max=1.1, n_ratios=2)
    found = select(pathway_race.compute(p)["shared_fraction"], sweep="ratio")
    even = np.sqrt(3) / np.arctan(np.sqrt(3)) * 4e-3
    assert found["private_init"].to_numpy() == pytest.approx([0.9 * even, 1.1 * even])
    assert found["fraction"].iloc[0] > 0.9
    assert found["fraction"].iloc[1] < 0.1


def test_theory_of_a_gated_network_is_the_mean_over_its_own_pathways_and_its_refined_run_is_ten_times_as_fine():
    found = xor_training.compute(smoke("xor_training", initial_std=0.2, n_hidden=8))
    strengths = found["xor_pathways"]["initial_strength"].to_numpy()
    loss = found["xor_loss"].query("model == 'gdln'").set_index(["method", "learning_rate", "epoch"])["loss"]
    for rate, epoch in ((0.2, 30), (0.02, 300)):
        growth = np.exp(2 * np.sqrt(2) / 4 * rate * epoch)  # of a pathway that is far from its end, √2/2
        ends = strengths * growth / (1 + np.sqrt(2) * strengths * (growth - 1))
        assert loss["theory", rate, epoch] == pytest.approx(np.mean((1 - np.sqrt(2) * ends) ** 2 / 2))
        assert loss["simulation", rate, epoch] == pytest.approx(loss["simulation", 0.02, 300], rel=0.1)


def one_hot_images(n_domains, shift=0):
    """Ten images of one pixel each, which every domain sees in an order of its own; their labels, shifted."""
    views = torch.from_numpy(inputs.pixel_permutations(n_domains, 10))
    return inputs.Split(torch.eye(10)[None], (torch.arange(10) + shift) % 10, views)


TRANSFER = {"n_domains": 3, "gate": "plus", "n_trained_outputs": [1], "widths": [16], "momentum": 0.9, "batch_size": 10}
TRANSFER |= {"settings": [{"gain": 0.1, "learning_rate": 0.3}], "n_seeds": 2, "seed_offset": 0, "n_steps": 300, "eval_every": 300}


@pytest.mark.slow
def test_trained_pairs_are_learned_and_without_shared_outputs_the_others_are_not():
    split = one_hot_images(3)
    found = transfer.accuracies("test", TRANSFER, inputs.Images(split, split)).groupby("split")["accuracy"].mean()
    assert found["trained"] == 1
    assert found["untrained"] < 0.5


@pytest.mark.slow
def test_accuracies_are_those_on_test_images():
    found = transfer.accuracies("test", TRANSFER, inputs.Images(one_hot_images(3), one_hot_images(3, shift=5)))
    assert select(found, split="trained")["accuracy"].max() == 0, "every test label is another one than in training"


def test_gates_are_permuted_anew_for_every_seed():
    p = TRANSFER | {"n_domains": 8, "n_trained_outputs": [3]}
    gates = transfer._task("test", p, [1, 2], [{"n_trained_outputs": 3, "gain": 1.0, "learning_rate": 0.1}], "cpu").gate[:, 0]
    assert (gates.sum(dim=-1) == 3).all()
    assert (gates.sum(dim=-2) == 3).all()
    assert not torch.equal(gates[0], gates[1])


def test_images_of_every_domain_are_turned_from_zero_on_and_standardised_by_the_training_images(tmp_path):
    rng = np.random.default_rng(0)
    raw = {split: rng.integers(0, 256, (n, 3, 8, 8), dtype=np.uint8) for split, n in (("train", 12), ("test", 5))}
    for split, pixels in raw.items():
        np.save(tmp_path / f"{split}_images.npy", pixels)
        np.save(tmp_path / f"{split}_labels.npy", np.arange(len(pixels)))
    found = inputs.cifar10(tmp_path, {"full_angle": np.pi, "n_domains": 2, "pooling": 1, "n_train": 12, "n_test": 5}, "cpu")
    for domain in (0, 1):  # half a turn over two domains: none, and a quarter
        train, test = (np.rot90(raw[split] / 255, domain, axes=(2, 3)).reshape(len(raw[split]), -1) for split in ("train", "test"))
        for split, expected in ((found.train, train), (found.test, test)):
            scaled = (expected - train.mean(axis=0)) / train.std(axis=0)
            np.testing.assert_allclose(split.features[domain].numpy(), scaled, atol=1e-5)


def test_similarities_singular_values_and_private_layers_are_told_domain_by_domain():
    encoder = simulation.orthogonal(np.random.default_rng(0), 16, 4)
    _, ratio = model.compare_panels(model.encoder_similarity(np.hstack([encoder, 2 * encoder]), 4))
    assert ratio == pytest.approx(np.array([[1, 2], [0.5, 1]])), "relative to the first domain of a pair"
    network = simulation.random_network(np.random.default_rng(1), 2, 8, TARGET, 0.7)
    network.decoders[7:] *= 3
    assert simulation.singular_values(network, 4, 7, 4)[2] == pytest.approx(np.full(4, 1.4)), "mean of 0.7 and 2.1"
    hidden = simulation.random_hidden("test", [0], n_domains=2, width=8, scale=0.7)[0]
    assert len({pair.tobytes() for pair in hidden.reshape(4, 8, 8)}) == 4
