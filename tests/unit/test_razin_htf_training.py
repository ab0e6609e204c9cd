"""Descent, strip networks and ResNets of razin_htf against reference steps and against autograd on pixels."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from repro.settings import load_params
from scripts.razin_htf import resnet, strip
from scripts.razin_htf.inputs import Region, on_canvas, windows
from scripts.razin_htf.model import FACTORISATIONS, reconstruction_error
from scripts.razin_htf.runs import factorisations, locality
from scripts.razin_htf.training import Completion, Rule, Stop, complete, random_mask, random_target, rms_step, small_start

PAPER = "razin_htf"


def test_descent_takes_the_reference_steps():
    """Loss (pq − 1)² from p = 2, q = −1 with η = 0.05."""
    weights = (np.array([[2.0]]), np.array([[-1.0]]))
    moment, path = np.zeros(1), []
    for step in (1, 2, 3):
        (p,), (q,) = (part[0].copy() for part in weights)
        slopes = (np.array([[2 * (p * q - 1) * q]]), np.array([[2 * (p * q - 1) * p]]))
        moment = rms_step(weights, slopes, moment, step, Rule(learning_rate=0.05))
        path.append([weights[0].item(), weights[1].item()])
    expected = [[1.9776393219, -0.9552786434], [1.9565011435, -0.9115179118], [1.9365486936, -0.8686915551]]
    np.testing.assert_allclose(path, expected, atol=1e-10)


def completion(model, sizes, rank, n_observed, n_seeds=2):
    rng = np.random.default_rng(0)
    targets = np.stack([random_target(rng, model, sizes[0], rank, 8.0) for _ in range(n_seeds)])
    masks = np.stack([random_mask(rng, targets.shape[1], n_observed) for _ in range(n_seeds)])
    starts = [small_start("test", model, sizes, 0.05, seed) for seed in range(n_seeds)]
    start = tuple(np.stack(parts) for parts in zip(*starts, strict=True))
    return start, Completion(targets.astype(np.float32), masks.astype(np.float32))


@pytest.mark.parametrize(("model", "sizes"), [("mf", (6, 6, 3)), ("tf", (4, 6, 3)), ("htf", (3, 8, 3))])
def test_descent_on_all_entries_finds_the_target(model, sizes):
    start, data = completion(model, sizes, rank=1, n_observed=sizes[0] ** {"mf": 2, "tf": 3, "htf": 4}[model])
    *_, last = complete(model, start, data, Rule(), Stop([3000, 3000], patience=3000))
    assert (reconstruction_error(last.entries, data.target[last.runs]) < 0.01).all()


def test_loss_is_the_mean_over_observed_entries_only():
    start, data = completion("mf", (6, 6, 3), rank=2, n_observed=12)
    first = next(complete("mf", start, data, Rule(), Stop([25, 25])))
    entries, _ = FACTORISATIONS["mf"](start)
    seen = data.observed[0] > 0
    assert seen.sum() == 12
    assert first.loss[0] == pytest.approx(np.mean((entries[0] - data.target[0])[seen] ** 2), rel=1e-5)


def test_a_run_ends_at_its_limit_or_after_enough_good_records_and_leaves_the_others_alone():
    start, data = completion("mf", (6, 6, 3), rank=1, n_observed=36)
    alone = [tuple(part[at : at + 1] for part in start) for at in (0, 1)]
    together = list(complete("mf", start, data, Rule(), Stop([100, 300], patience=10_000)))
    assert [record.step for record in together if 0 in record.runs][-1] == 100
    assert together[-1].step == 300
    only = list(complete("mf", alone[1], Completion(data.target[1:], data.observed[1:]), Rule(), Stop([300], patience=10_000)))
    np.testing.assert_allclose(together[-1].entries[-1], only[-1].entries[0], rtol=1e-4, atol=1e-5)
    fitted = list(complete("mf", start, data, Rule(), Stop([5000, 5000], tolerance=1e9, patience=3)))
    assert [record.step for record in fitted] == [0, 25, 50, 75]


def test_what_makes_no_sense_is_refused():
    start, data = completion("mf", (6, 6, 3), rank=1, n_observed=36)
    uneven = data._replace(observed=data.observed * np.array([[1.0], [0.0]], dtype=np.float32))
    for model, given, limits, told in (
        ("cp", data, [25, 25], "model 'cp' is not one of mf, tf, htf"),
        ("mf", data, [25, 30], "limits must be multiples of every = 25"),
        ("mf", uneven, [25, 25], "every run must observe as many entries"),
    ):
        with pytest.raises(ValueError, match=told):
            next(complete(model, start, given, Rule(), Stop(limits)))
    with pytest.raises(ValueError, match="step must be 1 or more"):
        rms_step(start, start, np.zeros(2), 0, Rule())


def test_starts_of_one_seed_differ_by_their_scale_only():
    small, large = (small_start("test", "htf", (3, 4, 3), std, 7) for std in (0.01, 0.1))
    for one, ten in zip(small, large, strict=True):
        np.testing.assert_allclose(10 * one, ten, rtol=1e-6)


def test_splitting_the_trainings_gives_the_same_rows():
    params = load_params(PAPER, "factorisations", "smoke")
    trainings = [{**entry, "max_steps": 50} for entry in params["trainings"]]
    whole = factorisations.compute({**params, "trainings": trainings})
    parts = [factorisations.compute({**params, "trainings": trainings[at : at + 2]}) for at in (0, 2, 4)]
    for name, frame in whole.items():
        joined = np.concatenate([part[name].to_numpy() for part in parts])
        assert joined.shape == frame.shape
        same = frame.columns.get_indexer(["model", "init_std", "seed"])
        assert (joined[:, same] == frame.to_numpy()[:, same]).all()
        last = -1 if name == "training_curves" else frame.columns.get_loc("end_loss")
        np.testing.assert_allclose(joined[:, last].astype(float), frame.iloc[:, last].to_numpy(dtype=float), rtol=1e-3, atol=1e-6)


def test_the_regulariser_is_one_for_a_sum_and_less_for_a_product():
    x = torch.tensor([[[1.0, 0.0], [2.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]]).view(2, 1, 2, 2)

    def rows_of(images):
        return images[:, 0, 0], images[:, 0, 1]

    class Half(Region):
        def cut(self, images):
            return images[..., self.top : self.top + 1, :]

    inside, other = Half(0, 0, 2), Half(1, 0, 2)
    product = resnet.regulariser(lambda images: (rows_of(images)[0] * rows_of(images)[1]).sum(-1), x, inside, other)[1]
    both = resnet.regulariser(lambda images: (rows_of(images)[0] * rows_of(images)[1] + rows_of(images)[0]).sum(-1), x, inside, other)[1]
    added = resnet.regulariser(lambda images: (rows_of(images)[0] ** 2 + rows_of(images)[1]).sum(-1), x, inside, other)[1]
    assert product.item() == pytest.approx(0, abs=1e-6)
    assert both.item() == pytest.approx(1 / np.sqrt(2), abs=1e-6)
    assert added.item() == pytest.approx(1, abs=1e-5)


class StripOnPixels(nn.Module):
    """The strip network once more, on pixels, from torch's own layers."""

    def __init__(self, networks, at, size):
        super().__init__()
        channels, n_inputs = networks.first.shape[1:]
        self.first = nn.Conv2d(n_inputs // size**2, channels, size, size, bias=False)
        self.first.weight.data = networks.first[at].view_as(self.first.weight).clone()
        self.norms = nn.ModuleList(nn.BatchNorm1d(channels) for _ in networks.gains)
        self.layers = nn.ModuleList(nn.Conv1d(channels, channels, 3, padding=1, bias=False) for _ in networks.layers)
        for layer, taps in zip(self.layers, networks.layers[:, :, at], strict=True):
            layer.weight.data = taps.permute(1, 2, 0).clone()
        for norm, gain, shift in zip(self.norms, networks.gains[:, at], networks.shifts[:, at], strict=True):
            norm.weight.data, norm.bias.data = gain.clone(), shift.clone()
        self.head = nn.Linear(channels, 1)
        self.head.weight.data, self.head.bias.data = networks.head[at : at + 1].clone(), networks.bias[at : at + 1].clone()

    def forward(self, x):
        hidden = torch.relu(self.norms[0](self.first(x)[:, :, 0]))
        for layer, norm in zip(self.layers, list(self.norms)[1:], strict=True):
            hidden = hidden + torch.relu(norm(layer(hidden)))
        return self.head(hidden.mean(-1))[:, 0]


SIZE, N_CELLS, N_PAIRS = 2, 5, 12


@pytest.fixture
def strips():
    """Two strip networks at two distances with equal pairs, and their canvases."""
    rngs = [np.random.default_rng(seed) for seed in (0, 1)]
    networks = strip.initial_networks(rngs, n_inputs=3 * SIZE**2, channels=4, n_layers=2)
    images = torch.from_numpy(rngs[0].standard_normal((9, 3, SIZE, SIZE)).astype(np.float32))
    pairs = torch.from_numpy(rngs[0].integers(0, 9, (2, N_PAIRS, 2)))
    same = torch.from_numpy(rngs[0].integers(0, 2, (2, N_PAIRS)).astype(np.float32))
    places, canvases = torch.zeros(2, N_CELLS, 2), []
    for at, distance in enumerate((2, 6)):
        both = windows(distance, SIZE, SIZE, N_CELLS * SIZE)
        for image, window in enumerate(both):
            places[at, window.left // SIZE, image] = 1
        canvases.append((on_canvas(images[pairs[at]], distance, SIZE, N_CELLS * SIZE), both))
    return networks, strip.Task(images.flatten(1), pairs, same, places), canvases


def everything(region):
    return strip.Batch(torch.arange(N_PAIRS).expand(2, -1), torch.tensor(region))


def test_strip_networks_are_residual_networks_on_the_canvas(strips):
    networks, task, canvases = strips
    running = strip.fresh_running(networks)
    running.mean.normal_()
    pre = strip.first_layer(networks.first, task, torch.arange(N_PAIRS).expand(2, -1))
    tested = strip.tested_logits(networks, pre, task.places, running)
    for at, (canvas, _) in enumerate(canvases):
        reference = StripOnPixels(networks, at, SIZE).eval()
        for norm, mean in zip(reference.norms, running.mean[:, at], strict=True):
            norm.running_mean.copy_(mean)
        torch.testing.assert_close(tested[at], reference(canvas), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("weights", [(0.0, 0.0), (3.0, -1.0)])
def test_gradients_of_strips_are_those_of_autograd_in_pixels(strips, weights):
    """Also where a gain is negative or 0, and with biases."""
    networks, task, canvases = strips
    networks.gains.normal_()
    networks.gains[1, 0, 2] = 0
    networks.shifts.normal_()
    running, region = strip.fresh_running(networks), [0, 1]
    step = strip.gradients(networks, running, task, everything(region), torch.tensor(weights))
    for at, (canvas, both) in enumerate(canvases):
        reference = StripOnPixels(networks, at, SIZE)
        output, found = resnet.regulariser(reference, canvas, both[region[at]], both[1 - region[at]])
        if not weights[at]:
            reference = StripOnPixels(networks, at, SIZE)
            output = reference(canvas)
        else:
            torch.testing.assert_close(step.regulariser[at], found.detach(), rtol=1e-4, atol=1e-5)
        loss = nn.functional.binary_cross_entropy_with_logits(output, task.same[at])
        (loss + weights[at] * found if weights[at] else loss).backward()
        assert step.accuracy[at] == ((output > 0) == (task.same[at] > 0.5)).float().mean()
        slopes, expected = step.slopes, {name: part.grad for name, part in reference.named_parameters()}
        close = {"rtol": 1e-3, "atol": 1e-4}
        torch.testing.assert_close(slopes.first[at], expected["first.weight"].view_as(slopes.first[at]), **close)
        torch.testing.assert_close(slopes.head[at], expected["head.weight"][0], **close)
        torch.testing.assert_close(slopes.bias[at], expected["head.bias"][0], **close)
        for layer, taps in enumerate(slopes.layers[:, :, at]):
            torch.testing.assert_close(taps, expected[f"layers.{layer}.weight"].permute(2, 0, 1), **close)
        for layer, (gain, shift) in enumerate(zip(slopes.gains[:, at], slopes.shifts[:, at], strict=True)):
            torch.testing.assert_close(gain, expected[f"norms.{layer}.weight"], **close)
            torch.testing.assert_close(shift, expected[f"norms.{layer}.bias"], **close)
        for kept, variance, norm in zip(running.mean[:, at], running.variance[:, at], reference.norms, strict=True):
            torch.testing.assert_close(kept, norm.running_mean, rtol=1e-3, atol=1e-5)
            torch.testing.assert_close(variance, norm.running_var, rtol=1e-3, atol=1e-5)


def test_a_step_of_strip_training_is_one_of_torch(strips):
    networks, task, canvases = strips
    weights = torch.tensor([2.0, 2.0])
    orders = [(torch.arange(N_PAIRS).expand(2, -1), torch.tensor([[0], [1]]))] * 2
    *_, (trained, _, _) = strip.train(networks, task, iter(orders), weights, strip.Descent(0.1, 0.9, N_PAIRS))
    for at, (canvas, both) in enumerate(canvases):
        reference = StripOnPixels(networks, at, SIZE)
        wanted = resnet.Examples(canvas.__getitem__, task.same[at])
        pair = (both[at], both[1 - at])
        schedule = resnet.Schedule(0.1, 0.9, N_PAIRS, 2, None, 2.0)
        list(resnet.train(reference, (wanted, wanted), iter([(torch.arange(N_PAIRS), [pair])] * 2), schedule))
        torch.testing.assert_close(trained.head[at], reference.head.weight[0], rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(trained.first[at], reference.first.weight.view_as(trained.first[at]), rtol=1e-2, atol=1e-3)


def test_resnets_have_the_published_size_and_start_the_same_everywhere():
    network = resnet.initial_resnet("resnet18", 3, seed=5)
    # torchvision's ResNet18 has 11,689,512 parameters with 1000 outputs, so 1 output leaves 513 in place of 513,000
    assert sum(part.numel() for part in network.parameters()) == 11_689_512 - 513_000 + 513
    again = resnet.initial_resnet("resnet18", 3, seed=5)
    assert all(torch.equal(one, two) for one, two in zip(network.parameters(), again.parameters(), strict=True))
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2,)
    with pytest.raises(ValueError, match="name 'resnet50' is not one of resnet18, resnet34"):
        resnet.initial_resnet("resnet50", 3, seed=0)


def test_training_stops_some_epochs_after_the_first_that_fits():
    x = torch.tensor([[-1.0], [1.0]]).repeat(8, 1).view(16, 1, 1, 1)
    network = nn.Sequential(nn.Flatten(0), nn.Unflatten(0, (-1, 1)), nn.Linear(1, 1, bias=False), nn.Flatten(0))
    network[2].weight.data.fill_(1.0)
    examples = resnet.Examples(x.__getitem__, (x[:, 0, 0, 0] > 0).float())
    orders = itertools.repeat((torch.arange(16), [(Region(0, 0, 1), Region(0, 0, 1))] * 4))
    schedule = resnet.Schedule(0.01, 0.9, 4, 50, 3, 0.0)
    found = list(resnet.train(network, (examples, examples), orders, schedule))
    assert len(found) == 4
    assert found[-1].train_accuracy == found[-1].test_accuracy == 1


@pytest.fixture
def pictures(tmp_path):
    rng = np.random.default_rng(0)
    for split in ("train", "test"):
        np.save(tmp_path / f"{split}_images.npy", rng.integers(0, 256, (30, 3, 32, 32), dtype=np.uint8))
        np.save(tmp_path / f"{split}_labels.npy", np.arange(30) % 10)
    return tmp_path


def test_strips_of_all_settings_train_at_once_and_each_seed_has_its_own_stream(pictures):
    tables = locality.compute(
        load_params(PAPER, "locality", "smoke") | {"n_train": 20, "n_test": 10, "batch_size": 8}, {"cifar10": pictures}
    )
    curves = tables["locality_curves"]
    keys = ["distance", "regulariser_weight", "seed", "epoch", "split"]
    assert len(curves) == len(curves.drop_duplicates(keys)) == 2 * (2 * 2 * 2 + 1)
    assert curves["accuracy"].between(0, 1).all()
    assert set(tables["regulariser_curves"]["regulariser_weight"]) == {3.0, -1.0}
    assert tables["regulariser_curves"]["regulariser"].between(0, 1).all()


def test_a_slice_of_the_published_setting_runs(pictures):
    params = load_params(PAPER, "locality", "paper")
    entry = {**params["trainings"][1], "regulariser_weights": [0.0, 1.0]}
    tiny = {"canvas_height": 32, "canvas_width": 104, "n_train": 5, "n_test": 3, "batch_size": 3, "epochs": 1, "seeds": [0]}
    tables = locality.compute({**params, **tiny, "trainings": [entry]}, {"cifar10": pictures})
    assert len(tables["locality_curves"]) == 4
    assert tables["regulariser_curves"]["regulariser"].between(0, 1).all()
    with pytest.raises(ValueError, match="network 'vgg' is not one of strip, resnet18, resnet34"):
        locality.compute({**params, "network": "vgg"}, {"cifar10": pictures})
