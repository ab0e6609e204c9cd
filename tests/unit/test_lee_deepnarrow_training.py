"""Networks of lee_deepnarrow against autograd, and against what must hold at the start and for a wide scale."""

import numpy as np
import pytest
import torch

from repro.seeds import generator
from scripts.lee_deepnarrow import convolution, training
from scripts.lee_deepnarrow.model import REFERENCE_ANGLE, circle_angles, draw, on_circle, target
from scripts.lee_deepnarrow.simulation import cnn_kernels, mlp_kernel_row
from scripts.lee_deepnarrow.theory import kernel_descent

PAIR = np.array([[0.6, 0.1], [0.3, 0.8]])
TWO_IMAGES = np.stack([np.ones((3, 3)), np.arange(9).reshape(3, 3) / 8])
F64 = torch.float64


def stream(seed=0):
    return generator("lee_deepnarrow", "tests", seed=seed)


def network_of(draws, scales, n_outputs):
    return training.deep_narrow(draws, scales, n_outputs, dtype=F64)


def by_autograd(parameters, outputs):
    """Tangent kernel of a scalar output between all points, from one backward pass a point."""
    gradients = [torch.autograd.grad(output, parameters, retain_graph=True) for output in outputs]
    jacobian = torch.stack([torch.cat([part.flatten() for part in each]) for each in gradients])
    return (jacobian @ jacobian.T).numpy()


@pytest.mark.parametrize("n_outputs", [1, 3])
def test_hidden_layers_hold_copies_random_channel_and_accumulators_and_the_output_is_nothing(n_outputs):
    draws = draw(stream(), 6, 2, weight_std=1.2, bias_std=0.7)
    network, c = network_of([draws], [3.0], n_outputs), 3.0
    activity = training.with_constant(PAIR, dtype=F64)[None]
    for layer, weights in enumerate(network[:-1]):
        activity = (weights @ activity).clamp_min(0)
        field = (1 if layer == 0 else c) * PAIR @ draws.weights[layer] + c * draws.biases[layer]
        wanted = np.vstack([c * PAIR.T, np.maximum(field, 0), np.full((n_outputs, 2), c), np.ones(2)])
        np.testing.assert_allclose(activity[0], wanted, rtol=1e-12)
    np.testing.assert_array_equal(training.outputs(network, training.with_constant(PAIR, dtype=F64)), np.zeros((1, n_outputs, 2)))


def test_the_kernel_is_that_of_autograd_before_and_after_training():
    draws = [draw(stream(seed), 8, 2) for seed in range(2)]
    network = network_of(draws, [2.0, 5.0], 2)
    x, points = training.with_constant(PAIR, dtype=F64), 2
    targets = torch.tensor([[[0.3, 0.1], [0.2, -0.4]]], dtype=F64)
    for _ in range(2):
        found = training.tangent_kernel(network, x, n_rows=points)
        for k in range(2):
            *inner, last = [weights[k].clone() for weights in network]
            free = [*(weights[:-1] for weights in inner), last]  # the row that passes the constant on does not learn
            for part in free:
                part.requires_grad_()
            activity = x
            for part in free[:-1]:
                activity = torch.cat([(part @ activity).clamp_min(0), x[-1:]])
            scalar = (free[-1] @ activity)[0]
            np.testing.assert_allclose(found[k], by_autograd(free, scalar), rtol=1e-10)
        rates = torch.tensor([0.25 / (8 * 4), 0.25 / (8 * 25)], dtype=F64)
        list(training.train(network, [training.Batch(x[None], targets)] * 5, rates))


def test_the_kernel_of_a_network_at_the_start_is_that_of_its_draws():
    draws = draw(stream(), 30, 2)
    points = on_circle([REFERENCE_ANGLE, *circle_angles(5)])
    network = network_of([draws], [20.0], 1)
    found = training.tangent_kernel(network, training.with_constant(points, dtype=F64))[0, 0] / (30 * 400)
    np.testing.assert_allclose(found, mlp_kernel_row(draws, points, scale=20.0), rtol=1e-12)


def test_a_step_of_training_is_that_of_autograd():
    streams = [stream(seed) for seed in range(2)]
    network = training.standard(streams, "framework_default", 4, (2, 5, 3), dtype=F64, device="cpu")
    x = training.with_constant(np.abs(stream(9).standard_normal((7, 2))), dtype=F64)
    targets = torch.from_numpy(stream(8).standard_normal((1, 3, 7)))
    rates = torch.tensor([0.1, 0.3], dtype=F64)
    free = [weights.clone().requires_grad_() for weights in network]
    activity = x.expand(2, -1, -1)
    for weights in free[:-1]:
        activity = (weights @ activity).clamp_min(0)
    losses = (free[-1] @ activity - targets).square().mean(dim=(1, 2))
    gradients = torch.autograd.grad(losses.sum(), free)
    (told,) = training.train(network, [training.Batch(x[None], targets)], rates)
    np.testing.assert_allclose(told, losses.detach(), rtol=1e-12)
    for at, (weights, before, slope) in enumerate(zip(network, free, gradients, strict=True)):
        wanted = before - rates[:, None, None] * slope
        if at < len(network) - 1:
            wanted[:, -1] = before[:, -1]
        np.testing.assert_allclose(weights, wanted.detach(), rtol=1e-10, atol=1e-14)


def test_a_network_that_diverges_is_taken_out_and_the_others_go_on():
    def both():
        return training.standard([stream(0), stream(0)], "he_uniform", 3, (2, 5, 1), dtype=torch.float32, device="cpu")

    x = training.with_constant(PAIR, dtype=torch.float32)
    batch = training.Batch(x[None], torch.ones(1, 1, 2))
    network, alone = both(), [weights[:1] for weights in both()]
    losses = torch.stack([each.clone() for each in training.train(network, [batch] * 30, torch.tensor([0.01, 1e6]))])
    quiet = torch.stack([each.clone() for each in training.train(alone, [batch] * 30, torch.tensor([0.01]))])
    assert torch.isfinite(losses[:, 0]).all()
    assert torch.isinf(losses[-1, 1])
    assert len(network[0]) == 1
    np.testing.assert_allclose(losses[:, 0], quiet[:, 0], rtol=1e-5)


def test_standard_initialisations_have_the_edges_that_they_announce():
    for name, gain in (("he_uniform", np.sqrt(6)), ("framework_default", 1.0)):
        network = training.standard([stream()], name, 2, (30, 60, 10), dtype=F64, device="cpu")
        weights = network[1][0, :-1]
        assert float(weights[:, :-1].abs().max()) == pytest.approx(gain / np.sqrt(60), rel=0.01)
        assert float(weights[:, -1].abs().max()) == pytest.approx(1 / np.sqrt(60), rel=0.1)
        assert float(weights[:, -1].abs().max()) <= 1 / np.sqrt(60)


def test_a_wide_scale_trains_as_kernel_descent_with_its_own_kernel():
    """At a large scale the network's kernel stays, and the network follows descent with that kernel."""
    x = on_circle(circle_angles(20))
    y, draws = target(x), draw(stream(), 20, 2)
    network = network_of([draws], [1e4], 1)
    columns = training.with_constant(x, dtype=F64)
    kernel = training.tangent_kernel(network, columns, n_rows=20)[0].numpy() / (20 * 1e8)
    batch = training.Batch(columns[None], torch.from_numpy(y)[None, None])
    list(training.train(network, [batch] * 50, torch.tensor([0.25 / (20 * 1e8)], dtype=F64)))
    *_, wanted = kernel_descent(kernel, y[:, None], 0.25, iter([slice(None)] * 50))
    np.testing.assert_allclose(training.outputs(network, columns)[0, 0], wanted[:, 0], atol=1e-3)


def test_the_convolutional_kernel_of_draws_is_that_of_autograd():
    draws, scales, n_outputs = draw(stream(), 5, 9), [3.0, 0.5], 2
    found = cnn_kernels(draws, TWO_IMAGES, scales, n_outputs)
    for scale, kernel in zip(scales, found, strict=True):
        free = convolution.deep_narrow([draws], scale, n_outputs, dtype=F64)
        for part in free:
            part.requires_grad_()
        wanted = by_autograd(free, by_torch(free, torch.from_numpy(TWO_IMAGES))[:, 0])
        np.testing.assert_allclose(kernel * len(draws.biases) * scale**2, wanted, rtol=1e-10)


def by_torch(filters, images):
    """Outputs (N, n_outputs) of the first network, by torch's own convolution."""
    activity = images[:, None]
    for at, layer in enumerate(filters):
        weights, bias = layer[0, :, :-1].reshape(len(layer[0]), -1, 3, 3), layer[0, :, -1]
        activity = torch.nn.functional.conv2d(activity, weights, bias, padding=1)
        if at < len(filters) - 1:
            activity = activity.clamp_min(0)
    return activity.mean(dim=(2, 3))


def test_a_step_of_the_convolutional_network_is_that_of_autograd():
    images = stream(2).random((5, 4, 4))
    filters = convolution.deep_narrow([draw(stream(seed), 4, 9) for seed in range(2)], 2.0, 2, dtype=F64)
    for layer in filters:
        layer.add_(0.1 * torch.from_numpy(stream(3).standard_normal(layer.shape)))
    targets = torch.from_numpy(stream(4).standard_normal((1, 2, 5)))
    x = convolution.padded(images, dtype=F64)
    np.testing.assert_allclose(convolution.outputs(filters, x, block=2)[0].T, by_torch(filters, torch.from_numpy(images)), rtol=1e-10)
    for k in range(2):
        free = [layer[k : k + 1].clone().requires_grad_() for layer in filters]
        loss = (by_torch(free, torch.from_numpy(images)).T - targets[0]).square().mean()
        slopes = torch.autograd.grad(loss, free)
        own = [layer[k : k + 1].clone() for layer in filters]
        (told,) = convolution.train(own, [training.Batch(x[None], targets)], 0.2)
        assert float(told) == pytest.approx(float(loss.detach()), rel=1e-10)
        for layer, before, slope in zip(own, free, slopes, strict=True):
            np.testing.assert_allclose(layer, (before - 0.2 * slope).detach(), rtol=1e-9, atol=1e-12)


def test_convolutional_networks_train_together_as_they_do_alone():
    images, draws = stream(5).random((6, 4, 4)), [draw(stream(seed), 4, 9) for seed in range(2)]
    batch = training.Batch(convolution.padded(images, dtype=F64)[None], torch.ones(1, 1, 6, dtype=F64))
    ends = []
    for own in (draws, draws[:1], draws[1:]):
        filters = convolution.deep_narrow(own, 3.0, 1, dtype=F64)
        list(convolution.train(filters, [batch] * 4, 1e-3))
        ends.append(convolution.outputs(filters, batch.x[0]).numpy())
    assert np.abs(ends[0][0] - ends[0][1]).max() > 1e-4
    np.testing.assert_allclose(ends[0], np.concatenate(ends[1:]), rtol=1e-10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: network_of([draw(stream(), 3, 2)], [0.0], 1), "scale must be positive"),
        (lambda: network_of([draw(stream(), 3, 2)], [1.0, 2.0], 1), "number of scales 2 is not one of 1"),
        (lambda: training.standard([stream()], "he", 3, (2, 3, 1), dtype=F64, device="cpu"), "initialisation 'he' is not one of"),
        (lambda: convolution.deep_narrow([draw(stream(), 3, 9)], 1.0, 0, dtype=F64), "n_outputs must be 1 or more"),
        (lambda: convolution.deep_narrow([draw(stream(), 3, 4)], 1.0, 1, dtype=F64), "number of taps 4 is not one of 9"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
