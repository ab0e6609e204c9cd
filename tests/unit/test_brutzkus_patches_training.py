"""Networks on patches: values, gradients and steps against torch's own layers, and runs that any split leaves the same."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from repro import tables
from repro.settings import load_params, table_contract
from scripts.brutzkus_patches import features, model, stacking, training
from scripts.brutzkus_patches.runs import covering, hard_features, layers, learned_filters, linear_maps, patch_clustering

PAPER = "brutzkus_patches"


def stream(seed=0):
    return torch.Generator().manual_seed(seed)


def pictures(n=5, side=12):
    return torch.rand(n, side, side, 3, generator=stream(1)) * 2 - 1


@pytest.mark.parametrize("masked", [True, False], ids=["masks", "ReLU"])
@pytest.mark.parametrize("pool", [1, 2, 4])
def test_pooled_filters_are_a_convolution_a_gate_and_average_pooling(masked, pool):
    x = pictures(n=40)
    patches = model.locations(x, 5, 1, pool)
    weight, bias = torch.randn(75, 6, generator=stream(2)), torch.randn(6, generator=stream(3))
    gate = torch.rand(40, 6, 8, 8, generator=stream(4)) < 0.4
    as_windows = gate.view(40, 6, 8 // pool, pool, 8 // pool, pool).permute(0, 2, 4, 3, 5, 1).reshape(40, (8 // pool) ** 2, pool**2, 6)
    mine = [part.clone().requires_grad_() for part in (weight, bias)]
    found = training.PooledFilters.apply(patches, as_windows if masked else None, *mine)
    theirs = [part.clone().requires_grad_() for part in (weight, bias)]
    kernel = theirs[0].T.reshape(6, 5, 5, 3).permute(0, 3, 1, 2)
    z = nn.functional.conv2d(x.permute(0, 3, 1, 2), kernel, theirs[1])
    direct = nn.functional.avg_pool2d(z * gate if masked else z.relu(), pool).flatten(2).transpose(1, 2)
    torch.testing.assert_close(found, direct, rtol=1e-4, atol=1e-5)
    signal = torch.randn(found.shape, generator=stream(5))
    for own, other in zip(torch.autograd.grad(found, mine, signal), torch.autograd.grad(direct, theirs, signal), strict=True):
        torch.testing.assert_close(own, other, rtol=1e-3, atol=1e-3)


SHAPE = training.Shape(1, 6, 4, 75)


def reference_head(head, bottleneck):
    """The head made of torch's layers, with its weights."""
    norm = nn.BatchNorm1d(6)
    narrow, linear = nn.Linear(6, 3), nn.Linear(12 if bottleneck else 24, 10)
    for layer, own in ((narrow, head.narrow), (linear, head.linear)):
        if own is not None:
            layer.weight.data, layer.bias.data = own[0][0].T.clone(), own[1][0, 0].clone()

    def scores(x):
        y = norm(x.flatten(0, 1)) if head.norm is not None else x.flatten(0, 1)
        return linear((narrow(y) if bottleneck else y).reshape(len(x), -1))

    return norm, narrow, linear, scores


@pytest.mark.parametrize("bottleneck", [0, 3])
@pytest.mark.parametrize("normalised", [True, False])
def test_a_head_is_batch_normalisation_and_linear_layers(bottleneck, normalised):
    head = training.Head(SHAPE, training.Parts(normalised, bottleneck), [stream()])
    norm, narrow, linear, scores = reference_head(head, bottleneck)
    x = torch.rand(9, 4, 6, generator=stream(6)) + torch.arange(6.0)
    mine, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    found, direct = head(mine)[0], scores(theirs)
    torch.testing.assert_close(found, direct, rtol=1e-4, atol=1e-4)
    signal = torch.randn(9, 10, generator=stream(7))
    found.backward(signal)
    direct.backward(signal)
    torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(head.linear[0].grad[0].T, linear.weight.grad, rtol=1e-3, atol=1e-4)
    if bottleneck:
        torch.testing.assert_close(head.narrow[0].grad[0].T, narrow.weight.grad, rtol=1e-3, atol=1e-3)
    if normalised:
        torch.testing.assert_close(head.norm.weight.grad, norm.weight.grad, rtol=1e-3, atol=1e-3)
        torch.testing.assert_close(head.norm.variance, norm.running_var, rtol=1e-4, atol=1e-5)
    head.eval()
    norm.eval()
    torch.testing.assert_close(head(x)[0], scores(x), rtol=1e-3, atol=1e-3)


def test_training_takes_the_steps_of_torch_with_its_decay():
    x, labels = torch.rand(20, 4, 6, generator=stream(8)), torch.arange(20) % 10
    plan = training.Schedule(0.1, 0.9, 8, 4, [2, 3])
    net, other = (training.Head(SHAPE, training.Parts(bottleneck=3), [stream()]) for _ in range(2))
    feed = {"train": lambda places: (x[places],)}
    losses = [scores.loss.item() for scores in training.train(net, feed, {"train": labels}, plan, np.random.default_rng(0))]
    descent = torch.optim.SGD(other.parameters(), lr=0.1, momentum=0.9)
    decay = torch.optim.lr_scheduler.MultiStepLR(descent, [2, 3], gamma=0.1)
    order = np.random.default_rng(0)
    for epoch in range(4):
        total = 0.0
        for places in torch.from_numpy(order.permutation(20)).split(8):
            loss = nn.functional.cross_entropy(other(x[places])[0], labels[places])
            descent.zero_grad()
            loss.backward()
            descent.step()
            total += loss.item() * len(places)
        decay.step()
        assert losses[epoch] == pytest.approx(total / 20, rel=1e-4)
    for mine, theirs in zip(net.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", ["hard", "full"])
def test_settings_train_together_as_each_alone(name):
    x = pictures(n=12)
    labels = torch.arange(12) % 10
    centroids = np.random.default_rng(0).standard_normal((6, 75))

    def scores(n_nearest, seeds):
        told = model.embedding(centroids, 0.2 * np.eye(75), n_nearest)
        inputs = features.kept(features.prepare(name, features.View(5, 1, 4), told), x)
        net = training.network(name, training.Shape(len(n_nearest), 6, 4, 75), training.Parts(bottleneck=3), [stream(s) for s in seeds], 16)
        plan = training.Schedule(0.05, 0.9, 4, 3, ())
        done = list(training.train(net, {"train": inputs}, {"train": labels}, plan, np.random.default_rng(0)))
        return done[-1].loss, training.evaluate(net, inputs, labels, 5)

    together = scores((2, 4), (1, 2))
    for at, alone in enumerate((scores((2,), (1,)), scores((4,), (2,)))):
        assert together[0][at] == pytest.approx(alone[0][0].item(), rel=1e-4)
        assert together[1].loss[at] == pytest.approx(alone[1].loss[0].item(), rel=1e-4)


def test_with_all_patches_near_every_image_has_the_same_scores():
    told = model.embedding(np.random.default_rng(0).standard_normal((6, 75)), np.eye(75), (6,))
    (count,) = features.prepare("hard", features.View(5, 1, 4), told)(pictures())
    net = training.network("hard", training.Shape(1, 6, 4, 75), training.Parts(), [stream()], 16)
    assert (count == 16).all()
    scores = net(count)[0]
    torch.testing.assert_close(scores, scores[:1].expand_as(scores))


def test_a_free_map_is_a_product_with_the_whole_embedding():
    told = model.embedding(np.random.default_rng(0).standard_normal((6, 75)), np.eye(75), (2,))
    patches, mask = features.prepare("unconstrained", features.View(5, 4, 1), told)(pictures(side=13))
    net = training.network("unconstrained", training.Shape(1, 6, 9, 75), training.Parts(normalised=False, bottleneck=0), [stream()], 1)
    weight = net.linear[0][0].view(9, 6, 75, 10)
    direct = torch.einsum("nlwq,nlwd,lqdc->nc", mask.float(), patches, weight) + net.linear[1][0]
    torch.testing.assert_close(net(patches, mask)[0], direct, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: training.network("soft", SHAPE, training.Parts(), [stream()], 1), "model"),
        (lambda: training.network("hard", SHAPE, training.Parts(), [], 1), "streams"),
        (lambda: training.network("hard", SHAPE._replace(n_channels=0), training.Parts(), [stream()], 1), "n_channels"),
        (lambda: training.Schedule(learning_rate=0.0).checked(), "learning_rate"),
        (lambda: training.Schedule(momentum=1.0).checked(), "momentum"),
        (lambda: training.Schedule(batch_size=0).checked(), "batch_size"),
        (lambda: linear_maps.one_map("free", {}, {}, None, 0), "linear_map"),
    ],
)
def test_words_and_sizes_that_make_no_sense_are_refused(call, named):
    with pytest.raises(ValueError, match=named):
        call()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Forty and twenty random images of the shape of CIFAR-10."""
    path = tmp_path_factory.mktemp("cifar10")
    rng = np.random.default_rng(0)
    for split, n in (("train", 40), ("test", 20)):
        np.save(path / f"{split}_images.npy", rng.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8))
        np.save(path / f"{split}_labels.npy", np.arange(n) % 10)
    return {"cifar10": path}


SMALL = {"n_train": 24, "n_test": 12, "patches_per_centroid": 8, "lloyd_iterations": 2, "seed_offset": 0, "batch_size": 12}


def params(run, preset="smoke", **own):
    found = {**load_params(PAPER, run, preset), **SMALL, **own}
    found.pop("shards", None)
    return found


def test_variants_give_the_same_rows_alone_and_together(folder):
    p = params("hard_features")
    whole = hard_features.compute(p, folder)["hard_accuracy"]
    parts = [hard_features.compute({**p, "variants": [variant]}, folder)["hard_accuracy"] for variant in p["variants"]]
    pd.testing.assert_frame_equal(whole, pd.concat(parts, ignore_index=True))


def test_a_shifted_seed_draws_other_images_and_weights(folder):
    rows = [learned_filters.compute(params("learned_filters", seed_offset=offset), folder)["filter_accuracy"] for offset in (0, 5)]
    assert set(rows[1]["seed"]) == {5}
    assert not np.allclose(rows[0]["loss"], rows[1]["loss"])


def slice_of_paper(run, **own):
    """Parameters of the published scale, but for sizes: augmentation, all models, all depths."""
    return params(run, "paper", **own)


def test_filters_train_on_augmented_images_as_at_the_published_scale(folder):
    variants = [
        {**variant, "n_centroids": 4, "n_nearest": variant["n_nearest"] and [1, 3], "seeds": [0]}
        for variant in load_params(PAPER, "learned_filters", "paper")["variants"][:6]
    ]
    p = slice_of_paper("learned_filters", epochs=2, decay_epochs=[1], evaluate_last=1, variants=variants)
    found = learned_filters.compute(p, folder)
    assert len(found["filter_accuracy"]) == 2 * (1 + 5 * 2)
    assert set(found["filters"]["filter_kind"]) == {"vanilla_kernel", "centroid_pixel", "centroid_zca"}
    hard = [
        {**variant, "n_centroids": 4, "n_nearest": [2], "seeds": [0]}
        for variant in load_params(PAPER, "hard_features", "paper")["variants"]
    ]
    rows = hard_features.compute(slice_of_paper("hard_features", epochs=1, evaluate_last=1, variants=hard), folder)["hard_accuracy"]
    assert np.isfinite(rows["loss"]).all()


def test_all_models_of_four_layers_train_as_at_the_published_scale(folder):
    own = {
        "n_centroids": 4,
        "n_nearest": [2, 2, 2, 2],
        "epochs_hard": 1,
        "epochs_full": 1,
        "evaluate_last": 1,
        "seeds": [0],
        "bottleneck_width": 3,
    }
    rows = layers.compute(slice_of_paper("layers", **own), folder)["depth_accuracy"]
    assert len(rows) == 4 * 4 * 2
    assert np.isfinite(rows["loss"]).all()
    assert set(rows[(rows["model"] == "full") & (rows["depth"] > 1)]["lower_model"]) == {"full"}
    assert rows[rows["model"].isin(["cnn", "cnn_layerwise"])]["whitening_epsilon"].isna().all()


def test_linear_maps_and_clusters_as_at_the_published_scale(folder):
    maps = linear_maps.compute(slice_of_paper("linear_maps", n_centroids=3, n_nearest=1, epochs=1, seeds=[0]), folder)[
        "linear_map_accuracy"
    ]
    weights = maps.groupby("linear_map")["n_weights"].first()
    assert weights.to_dict() == {"constrained": 3 * 76 + 3 * 784 * 10 + 10, "unconstrained": 3 * 75 * 784 * 10 + 10}
    p = slice_of_paper("patch_clustering", n_patches=50, every_integer_to=4)
    assert sorted(patch_clustering.compute(p, folder)["centroid_distance"]["n_centroids"].unique()) == [2, 3, 4]


def test_frozen_layers_give_the_same_images_whatever_the_batch(folder):
    p = params("layers", n_centroids=4, n_nearest=[2, 2])
    stack = stacking.Stack(p, stacking_images(p, folder), 0, "cpu")
    layer = stack.layer("hard", 1, 1e-3)
    x = stack.images["train"].x
    whole = stacking._through([layer], x)
    torch.testing.assert_close(torch.cat([stacking._through([layer], x[:5]), stacking._through([layer], x[5:])]), whole)
    assert whole.shape == (24, 14, 14, 32)


def stacking_images(p, folder):
    from scripts.brutzkus_patches.inputs import load

    return load(folder["cifar10"], p, 0)


def test_covers_of_all_sizes_are_nested_and_reproducible():
    p = {**load_params(PAPER, "covering", "smoke"), "n_unlabelled": 200, "n_test": 20, "seed_offset": 0}
    one, same = covering.compute(p), covering.compute(p)
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, same[name])
    assert (one["cover_radius"].groupby("intrinsic_dim")["cover_radius"].diff().dropna() <= 0).all()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_nearest_patches_on_a_gpu_are_those_of_the_cpu():
    delta = torch.randn(1000, 64, generator=stream())
    for n_nearest in ((7,), (1, 5, 64)):
        assert torch.equal(model.nearest(delta, n_nearest), model.nearest(delta.cuda(), n_nearest).cpu())


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_share_of_the_variants_keeps_the_contract_of_its_tables(folder, tmp_path, place):
    """A job without pictures, or with no k at all, writes tables that join with those of the others."""
    p = params("learned_filters")
    found = learned_filters.compute({**p, "variants": p["variants"][place : place + 1]}, folder)
    for name, frame in found.items():
        tables.write(frame, tmp_path / f"{name}.parquet", table_contract(PAPER, name)["columns"], {})
        assert len(tables.read(tmp_path / f"{name}.parquet")) == len(frame)
