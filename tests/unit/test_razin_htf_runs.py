"""Rows of razin_htf's runs against the same descents made by hand, and rules that decide when a training ends."""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from repro.frames import select
from repro.seeds import generator
from repro.settings import load_params
from scripts.razin_htf import measures, paths, resnet, strip
from scripts.razin_htf.inputs import Region
from scripts.razin_htf.model import hierarchy, local_norms, matricise
from scripts.razin_htf.runs import factorisations, locality, pathfinder, theorem_flow
from scripts.razin_htf.theory import alignments, balanced_start
from scripts.razin_htf.training import Completion, Rule, Stop, complete, random_mask, random_target, small_start

PAPER = "razin_htf"


def smoke(run, **changed):
    return load_params(PAPER, run, "smoke") | changed


def test_fits_tell_the_first_record_below_the_tolerance_and_errors_over_all_entries():
    p = smoke("factorisations", matrix_dim=12, n_observed=60, record_every=5, learning_rate=0.03)
    own = [{"model": "mf", "init_std": 0.3, "seed": seed, "max_steps": steps, "place": (seed, 0)} for seed, steps in ((0, 40), (1, 60))]
    data, sizes = factorisations._data(p, "mf", own), factorisations._sizes(p, "mf")
    starts = [small_start("factorisations", "mf", sizes, 0.3, seed) for seed in (0, 1)]
    start = tuple(np.stack(parts) for parts in zip(*starts, strict=True))
    losses, errors = ({0: [], 1: []} for _ in range(2))
    for record in complete("mf", start, data, Rule(0.03), Stop([40, 60], 5, 0.0)):
        for at, run in enumerate(record.runs):  # the first one ends before the other
            losses[run].append(float(record.loss[at]))
            errors[run].append(np.linalg.norm(record.entries[at] - data.target[run]) / np.linalg.norm(data.target[run]))
    p["fit_tolerance"] = tolerance = 1.1 * max(map(min, losses.values()))
    for run, (_, curve, row) in enumerate(factorisations._trained(p, "mf", own)):
        first = int((np.array(losses[run]) < tolerance).argmax())
        assert 0 < row["fit_step"] == 5 * first
        assert row["fit_reconstruction_error"] == pytest.approx(errors[run][first], rel=1e-4)
        assert row["end_reconstruction_error"] == pytest.approx(errors[run][-1], rel=1e-4)
        last = select(curve, step=(40, 60)[run]).sort_values("rank_index")["value"].to_numpy()
        assert (np.diff(last) <= 0).all()
        assert row["tail_ratio"] == pytest.approx(last[5] / last[4], rel=1e-5), "what comes after rank 5, relative to the last within it"


def test_quantities_of_a_hierarchy_are_local_norms_and_singular_values_of_both_matricisations():
    rng = np.random.default_rng(0)
    weights = tuple(rng.standard_normal(shape) for shape in ((1, 4, 4, 10), (1, 2, 10, 10), (1, 10)))
    entries, _ = hierarchy(weights)
    found = factorisations._quantities("htf", SimpleNamespace(weights=weights, entries=entries))
    tensor = entries.reshape(4, 4, 4, 4)
    for name, matrix in (("matricisation_12", tensor), ("matricisation_13", tensor.transpose(0, 2, 1, 3))):
        np.testing.assert_allclose(found[name][0], np.linalg.svd(matrix.reshape(16, 16))[1], atol=1e-9)
    for name, node in (("local_norm_root", "root"), ("local_norm_pair_12", "pair_12")):
        np.testing.assert_allclose(found[name][0], np.sort(local_norms(weights)[node][0])[::-1])
    assert not np.allclose(found["matricisation_12"], found["matricisation_13"])
    assert np.linalg.matrix_rank(matricise(entries, 4, [1, 2])[0]) == 10


def test_a_run_ends_only_after_good_records_without_a_bad_one_between():
    rng = np.random.default_rng(0)
    target, mask = random_target(rng, "mf", 6, 2, 8.0)[None], random_mask(rng, 36, 20)[None]
    data = Completion(target.astype(np.float32), mask.astype(np.float32))
    start = tuple(part[None] for part in small_start("test", "mf", (6, 6, 3), 0.3, 0))
    rule = Rule(learning_rate=0.7)  # so long that the loss goes up and down
    free = [float(record.loss[0]) for record in complete("mf", start, data, rule, Stop([300], 1, 0.0, 0))]
    tolerance = float(np.quantile(free, 0.3))
    low = np.array(free) < tolerance
    ends = [at for at in range(4, len(low)) if low[at - 3 : at + 1].all()]
    assert low[: ends[0] - 3].sum() > 0 if ends else low.sum() > 4, "good records that do not follow one another"
    steps = [record.step for record in complete("mf", start, data, rule, Stop([300], 1, tolerance, 3))]
    assert steps[-1] == (ends[0] if ends else 300)


def test_rates_of_the_theorem_belong_to_their_node_and_the_loss_is_half_a_sum_of_squares():
    p = smoke("theorem_flow", n_steps=0)
    rows = theorem_flow.compute(p)["component_rates"].set_index(["mode_set", "component"])
    rng = generator(PAPER, "theorem_flow", 6, 8, seed=0)
    target, mask = random_target(rng, "htf", 6, 2, 6.0), random_mask(rng, 6**4, 648)
    start = balanced_start(rng, 6, 8, 0.5)
    slope = (hierarchy(start)[0] - target) * mask
    assert rows["loss"].unique() == pytest.approx([0.5 * np.linalg.norm((hierarchy(start)[0] - target)[mask > 0]) ** 2])
    for node, aligned in alignments(start, slope).items():
        own = rows.loc[node]
        np.testing.assert_allclose(own["rate_predicted"], 3 * 0.125 ** (4 / 3) * aligned)
        np.testing.assert_allclose(own["rate_measured"], own["rate_predicted"], rtol=1e-5, atol=1e-9)
        np.testing.assert_allclose(own["rate_wrong_exponent"], 4 * 0.125 ** (3 / 2) * aligned)


@pytest.fixture
def pictures(tmp_path):
    rng = np.random.default_rng(0)
    for split, n in (("train", 40), ("test", 30)):
        np.save(tmp_path / f"{split}_images.npy", rng.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8))
        np.save(tmp_path / f"{split}_labels.npy", rng.permutation(np.arange(n) % 10))
    return tmp_path


def test_pairs_and_accuracies_of_a_split_are_of_its_own_images(pictures):
    p = smoke("locality", n_train=20, n_test=7, batch_size=8, trainings=[{"distance": 0, "regulariser_weights": [0.0]}], seeds=[0, 1])
    for split in ("train", "test"):
        labels, drawn = np.load(pictures / f"{split}_labels.npy"), locality._pairs(p, pictures, split, 0)
        classes = labels[drawn.images]
        assert set(classes.ravel()) == {0, 6}
        np.testing.assert_array_equal(classes[:, 0] == classes[:, 1], drawn.same == 1)
    curves = locality.compute(p, {"cifar10": pictures})["locality_curves"]
    for split, n in (("train", 20), ("test", 7)):
        counted = select(curves, split=split)["accuracy"].to_numpy() * n
        np.testing.assert_allclose(counted, counted.round(), atol=1e-5)


def test_strip_networks_start_with_the_variances_of_their_inputs():
    networks = strip.initial_networks([np.random.default_rng(0)], n_inputs=48, channels=16, n_layers=30)
    for part, variance in ((networks.first, 2 / 48), (networks.layers, 2 / 48), (networks.head, 1 / 16)):
        squares = part.flatten() ** 2
        assert squares.mean().item() == pytest.approx(variance, abs=5 * variance * np.sqrt(2 / len(squares)))


def test_accuracies_of_strips_weigh_pairs_alike_and_are_judged_by_running_statistics():
    rng = np.random.default_rng(1)
    networks = strip.initial_networks([rng], n_inputs=12, channels=4, n_layers=1)
    pairs, same = torch.from_numpy(rng.integers(0, 9, (1, 11, 2))), torch.from_numpy(rng.integers(0, 2, (1, 11)).astype(np.float32))
    places = torch.zeros(1, 4, 2)
    places[0, 1, 0] = places[0, 2, 1] = 1
    task = strip.Task(torch.from_numpy(rng.standard_normal((9, 12)).astype(np.float32)), pairs, same, places)
    orders = [(torch.arange(11).roll(at)[None], torch.zeros(1, 3, dtype=torch.int64)) for at in range(0, 11, 2)]
    epochs = strip.train(networks, task, iter(orders), torch.zeros(1), strip.Descent(0.0, 0.9, 4))
    n_right = [11 * epoch.accuracy.item() for *_, epoch in epochs]  # the last batch of an epoch is smaller
    assert n_right == pytest.approx(np.round(n_right), abs=1e-5)
    everything, fresh = torch.arange(11)[None], strip.fresh_running(networks)

    def logits(net, statistics):
        return strip.tested_logits(net, strip.first_layer(net.first, task, everything), places, statistics)

    positive = networks._replace(head=torch.ones(1, 4))
    centred = positive._replace(bias=-logits(positive, fresh).quantile(0.5, dim=-1))  # half of the outputs are above 0, just
    running = strip.fresh_running(networks)
    running.mean.fill_(1.0)
    networks, logits = centred, logits(centred, running)
    told = task._replace(same=(logits > 0).float())
    assert strip.accuracy(networks, running, told) == 1
    assert strip.accuracy(networks, strip.fresh_running(networks), told) < 1


def test_resnets_start_with_the_variance_of_their_outputs():
    network = resnet.initial_resnet("resnet18", 3, seed=0)
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    widening = next(each for each in convolutions if (each.in_channels, each.out_channels) == (64, 128))
    squares = widening.weight.detach().flatten() ** 2
    assert squares.mean().item() == pytest.approx(2 / (128 * 9), abs=5 * 2 / (128 * 9) * np.sqrt(2 / len(squares)))


def test_training_never_exceeds_its_epochs_after_a_fit():
    x = torch.tensor([[-1.0], [1.0]]).view(2, 1, 1, 1)
    network = nn.Sequential(nn.Flatten(0), nn.Unflatten(0, (-1, 1)), nn.Linear(1, 1, bias=False), nn.Flatten(0))
    network[2].weight.data.fill_(1.0)
    examples = resnet.Examples(x.__getitem__, (x[:, 0, 0, 0] > 0).float())
    orders = itertools.repeat((torch.arange(2), [(Region(0, 0, 1), Region(0, 0, 1))]))
    assert len(list(resnet.train(network, (examples, examples), orders, resnet.Schedule(0.01, 0.9, 2, 2, 5, 0.0)))) == 2


def test_pathfinder_images_are_standardised_by_the_training_images_and_rows_tell_splits_apart(monkeypatch):
    p = smoke("pathfinder", n_train=6, n_test=3, regulariser_weights=[0.0])
    train, test = pathfinder._examples(p, 3, 0, "cpu")
    pixels = [each.batch(torch.arange(len(each.labels))) for each in (train, test)]
    assert (pixels[0].mean().item(), pixels[0].std().item()) == pytest.approx((0, 1), abs=1e-5)
    assert abs(pixels[1].mean().item()) > 1e-3
    monkeypatch.setattr(pathfinder.resnet, "train", lambda *_: iter([resnet.Epoch(0.75, 0.25, np.nan)]))
    rows = pathfinder.compute(p)["pathfinder_curves"].set_index("split")["accuracy"]
    assert rows.to_dict() == {"train": 0.75, "test": 0.25}


def test_paths_turn_little():
    """A turn δ has a chance in proportion to cos^1.8 δ, so the mean of cos δ is a ratio of two integrals: 0.85."""
    drawing, rng, cosines = paths.Drawing(size=2000), np.random.default_rng(0), []
    canvas = paths.Canvas(*(np.zeros((2000, 2000), dtype=bool) for _ in range(2)))
    for _ in range(300):
        dashes = np.array(paths._grow(rng, np.array([1000.0, 1000.0]), 2, canvas, drawing))
        along = dashes[:, 1] - dashes[:, 0]
        cosines.append(along[0] @ along[1] / np.linalg.norm(along[0]) / np.linalg.norm(along[1]))
    turns = np.linspace(-np.pi / 2, np.pi / 2, 2001)
    expected = np.average(np.cos(turns), weights=np.cos(turns) ** 1.8)
    assert np.mean(cosines) == pytest.approx(expected, abs=5 * np.std(cosines) / np.sqrt(300) + 1 / 24)


def test_the_last_step_is_that_of_every_seed():
    table = pd.DataFrame({"seed": [0, 0, 1], "step": [25, 50, 25], "value": [1.0, 2.0, 3.0]})
    assert measures.last_step(table)["value"].tolist() == [2, 3]
