"""Routing networks on images: gradients, momentum, rotations, and the symmetries of the task."""

import numpy as np
import pytest
import torch

from repro.datasets import pool
from scripts.saxe_race import inputs, training
from scripts.saxe_race.model import gate_matrix


def problem(n_domains=3, dim=6, gains=(0.5, 1.5), views=None):
    """Two seeds and two settings on 20 images."""
    stream = torch.Generator().manual_seed(1)
    streams = [[torch.Generator().manual_seed(10 * s + g) for g in range(len(gains))] for s in range(2)]
    start = training.initial_weights(streams, list(gains), (n_domains, 5, dim))
    images = torch.randn(1, 20, dim, generator=stream)
    labels = torch.randint(10, (20,), generator=stream)
    gates = np.stack([gate_matrix("plus", n_domains, k) for k in (1, 2)]).astype(np.float32)
    gate = torch.from_numpy(np.stack([gates, gates]))
    classes = torch.from_numpy(inputs.class_permutations(n_domains))
    task = training.Task(gate, classes, torch.tensor([0.1, 0.3]), 0.9)
    return start, inputs.Split(images, labels, views), task


def loss_by_pairs(weights, network, data, places, task):
    """The loss of one network, pair by pair, as the definition has it."""
    (s, g), total, n_pairs = network, 0.0, 0
    for i, j in np.ndindex(task.gate.shape[-2:]):
        if task.gate[s, g, i, j]:
            x = data.batch(places[None])[0, min(i, data.batch(places[None]).shape[1] - 1)]
            encoded = x @ weights.encoders[s, i, g].T + weights.encoder_bias[s, i, g, :, 0]
            hidden = encoded @ weights.hidden[s, g].T + weights.hidden_bias[s, g, :, 0]
            logits = hidden @ weights.decoders[s, g, 10 * j : 10 * j + 10].T + weights.decoder_bias[s, g, 10 * j : 10 * j + 10, 0]
            total = total + torch.nn.functional.cross_entropy(logits, task.classes[j][data.labels[places]])
            n_pairs += 1
    return total / n_pairs


@pytest.mark.parametrize("views", [None, torch.from_numpy(inputs.pixel_permutations(3, 6))], ids=["shared", "permuted"])
def test_gradients_are_those_of_every_pair_by_automatic_differentiation(views):
    start, data, task = problem(views=views)
    places = torch.tensor([[0, 3, 5, 7], [1, 2, 3, 4]])
    found = training.gradients(start, data.batch(places), data.labels[places], task)
    tracked = training.Weights(*(part.clone().requires_grad_() for part in start))
    total = sum(loss_by_pairs(tracked, (s, g), data, places[s], task) for s in range(2) for g in range(2))
    for mine, exact in zip(found, torch.autograd.grad(total, list(tracked)), strict=True):
        torch.testing.assert_close(mine, exact, rtol=1e-4, atol=1e-6)


def test_a_network_trains_in_a_batch_as_alone_with_the_momentum_of_torch():
    start, data, task = problem()
    places = torch.tensor([[[0, 3, 5, 7], [1, 2, 3, 4]], [[8, 9, 5, 7], [0, 2, 6, 4]], [[1, 9, 5, 7], [0, 2, 6, 4]]])
    for weights in training.train(start, data, iter(places), task):
        last = weights
    alone = [part.clone().requires_grad_() for part in start]
    optimizer = torch.optim.SGD(alone, lr=0.3, momentum=0.9)
    for chosen in places:
        optimizer.zero_grad()
        loss_by_pairs(training.Weights(*alone), (1, 1), data, chosen[1], task).backward()
        optimizer.step()
    for batch, single in zip((last.hidden[1, 1], last.encoders[1, :, 1]), (alone[2][1, 1], alone[0][1, :, 1]), strict=True):
        torch.testing.assert_close(batch, single.detach(), rtol=1e-4, atol=1e-6)


def test_evaluation_counts_what_every_pair_gets_right():
    start, data, task = problem()
    accuracy, loss = training.evaluate(start, data, task, block=7)
    assert accuracy.shape == loss.shape == (2, 2, 3, 3)
    one = task._replace(gate=torch.zeros_like(task.gate))
    one.gate[0, 1, 2, 1] = 1
    assert loss[0, 1, 2, 1].item() == pytest.approx(loss_by_pairs(start, (0, 1), data, torch.arange(20), one).item(), rel=1e-5)
    hidden = (data.features[0] @ start.encoders[0, 2, 1].T) @ start.hidden[0, 1].T
    chosen = (hidden @ start.decoders[0, 1, 10:20].T).argmax(dim=1)
    assert accuracy[0, 1, 2, 1].item() == pytest.approx((chosen == task.classes[1][data.labels]).float().mean().item())


def test_permuted_pixels_and_permuted_encoders_give_the_same_outputs():
    views = torch.from_numpy(inputs.pixel_permutations(3, 6))
    start, data, task = problem(views=views)
    plain = data._replace(views=None)
    undone = torch.stack([start.encoders[:, i][..., torch.argsort(views[i])] for i in range(3)], dim=1)
    for mine, other in zip(
        training.evaluate(start, data, task), training.evaluate(start._replace(encoders=undone), plain, task), strict=True
    ):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-6)


def test_permuted_classes_and_permuted_decoders_give_the_same_loss():
    start, data, task = problem()
    rows = torch.cat([10 * j + task.classes[j] for j in range(3)])
    same = task._replace(classes=torch.arange(10).expand(3, 10))
    moved = start._replace(decoders=start.decoders[:, :, rows], decoder_bias=start.decoder_bias[:, :, rows])
    for mine, other in zip(training.evaluate(start, data, task), training.evaluate(moved, data, same), strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-6)


def test_initial_weights_are_uniform_to_the_edge_of_xavier():
    stream = [[torch.Generator().manual_seed(0)]]
    weights = training.initial_weights(stream, [2.0], (4, 50, 30))
    edge = 2 * np.sqrt(6 / 80)
    flat = weights.encoders.flatten()
    assert flat.abs().max() <= edge
    # the standard deviation of n uniform draws is known to √(1/(5 n)) of itself (excess kurtosis −6/5)
    assert flat.std().item() == pytest.approx(edge / np.sqrt(3), rel=5 * np.sqrt(1 / (5 * len(flat))))
    assert not weights.encoder_bias.any()


def test_rotations_by_right_angles_are_those_of_numpy():
    images = np.random.default_rng(0).random((2, 3, 8, 8)).astype(np.float32)
    turned = inputs.rotated(images, np.pi / 2 * np.arange(4), 1).reshape(4, 2, 3, 8, 8)
    for quarter in range(4):
        assert np.array_equal(turned[quarter], np.rot90(images, quarter, axes=(2, 3)))


def test_rotations_put_zero_beyond_the_edge_and_then_average():
    images = np.ones((1, 1, 8, 8), np.float32)
    turned = inputs.rotated(images, np.array([np.pi / 4]), 1).reshape(8, 8)
    assert turned[0, 0] == 0
    assert turned[3, 3] == 1
    pooled = inputs.rotated(images, np.array([np.pi / 4]), 2).reshape(4, 4)
    assert np.array_equal(pooled, pool(turned, 2))


def test_output_domains_permute_the_classes_and_the_first_leaves_them():
    found = inputs.class_permutations(8)
    assert found[0].tolist() == list(range(10))
    assert len({tuple(row) for row in found}) == 8
    assert (np.sort(found, axis=1) == np.arange(10)).all()
