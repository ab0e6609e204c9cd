"""The algorithm layer by layer: the frozen bottleneck output of one layer is the image of the next [brutzkus_patches, E1 to E8]."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from repro import seeds
from scripts.brutzkus_patches import features, training
from scripts.brutzkus_patches.features import BLOCK, Prepare
from scripts.brutzkus_patches.inputs import PAPER, Images, Setting, covariance, dictionary
from scripts.brutzkus_patches.model import Array, basis, embedding

NETWORK = {"hard": "hard", "full": "full", "cnn_layerwise": "vanilla"}
"""Network of a layer of each model."""


class Layer(NamedTuple):
    """A trained layer."""

    net: nn.Module
    prepared: Prepare
    side: int
    """Windows along a side of its output."""
    rows: list[dict[str, Any]]


class Stack:
    """Layers of one seed, trained when they are asked for and kept for those above them."""

    def __init__(self, p: Mapping[str, Any], images: Mapping[str, Images], seed: int, device: str) -> None:
        self.p, self.seed, self.device = p, seed, device
        self.images = features.moved(images, device)
        self.layers: dict[tuple[str, int, float | None], Layer] = {}
        self.kept: dict[tuple[str, int], dict[str, Images]] = {}
        self.covariances: dict[tuple[str, int], Array] = {}

    def rows(self, model: str, depth: int) -> list[dict[str, Any]]:
        """Rows of one model and depth, for every whitening that is asked for."""
        if model == "cnn":
            return self._cnn(depth)
        return [row for epsilon in self._epsilons(model, depth) for row in self.layer(model, depth, epsilon).rows]

    def layer(self, model: str, depth: int, epsilon: float | None) -> Layer:
        """A layer, trained if it is not yet."""
        key = (model, depth, epsilon)
        if key not in self.layers:
            self.layers[key] = self._trained(*key)
        return self.layers[key]

    def _epsilons(self, model: str, depth: int) -> list[float | None]:
        if model == "cnn_layerwise":
            return [None]
        return self.p["whitening_epsilons_first" if depth == 1 else f"whitening_epsilons_{model}"]

    def _below(self, model: str) -> str:
        """Model of the layers below one of them."""
        return "hard" if model == "full" and self.p["full_on_hard"] else model

    def _lower(self, model: str, depth: int) -> list[Layer]:
        """The layers beneath a depth, lowest first, each with its first whitening."""
        return [self.layer(model, at, self._epsilons(model, at)[0]) for at in range(1, depth)]

    def _outputs(self, model: str, depth: int) -> dict[str, Images]:
        """Images of a layer, without augmentation: what the frozen layers below make of all images."""
        if depth == 1:
            return self.images
        if (model, depth) not in self.kept:
            lower = self._lower(model, depth)
            self.kept[model, depth] = {split: Images(_whole(lower, both.x), both.labels) for split, both in self.images.items()}
        return self.kept[model, depth]

    def _trained(self, model: str, depth: int, epsilon: float | None) -> Layer:
        p, below = self.p, self._below(model)
        own = self._outputs(below, depth)
        size, pool, k = (p[name][depth - 1] for name in ("patch_sizes", "pools", "n_nearest"))
        view = features.View(size, p["stride"], pool, signed=depth == 1)
        told = None
        if epsilon is not None:
            setting = Setting("clustered", p["n_centroids"], size, p["patches_per_centroid"], p["lloyd_iterations"], epsilon)
            pixels, key = own["train"].x.cpu(), (below, depth)
            if key not in self.covariances:
                self.covariances[key] = covariance(pixels, size)
            whitening = basis(self.covariances[key], epsilon)
            words = dictionary(pixels, whitening, setting, "layer", depth, below, seed=self.seed, device=self.device)
            told = embedding(words.centroids, words.basis.whitening, (k,), self.device)
        prepared = features.prepare(NETWORK[model], view, told)
        side = ((own["train"].x.shape[1] - size) // p["stride"] + 1) // pool
        shape = training.Shape(1, p["n_centroids"], side**2, size**2 * own["train"].x.shape[3])
        streams = features.streams([("layer", model, depth, str(epsilon))], self.seed)
        net = training.network(NETWORK[model], shape, training.Parts(pool > 1, p["bottleneck_width"]), streams, pool**2).to(self.device)
        rng = features.augmentation(p, self.seed)
        if rng is None:
            fed = features.feeds(prepared, own, None)
        else:
            lower = self._lower(below, depth)
            fed = features.feeds(lambda images: prepared(_through(lower, images)), self.images, rng)
        keys = {"lower_model": "none" if depth == 1 else below, "whitening_epsilon": epsilon}
        kind = "full" if model == "full" else "hard"
        return Layer(net, prepared, side, self._train(net, fed, own, kind, {"model": model, "depth": depth, **keys}))

    def _train(
        self, net: nn.Module, fed: Mapping[str, training.Feed], images: Mapping[str, Images], kind: str, keys: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        p = self.p
        plan = features.schedule(p, epochs=p[f"epochs_{kind}"], decay_epochs=p[f"decay_epochs_{kind}"])
        fixed = {**keys, "seed": self.seed, "n_train": len(images["train"].x)}
        return [
            {**fixed, "epoch": epoch, "split": split, "accuracy": float(scores.accuracy[0]), "loss": float(scores.loss[0])}
            for epoch, split, scores in features.epochs_of(net, fed, images, plan, self.seed, last=p["evaluate_last"])
        ]

    def _cnn(self, depth: int) -> list[dict[str, Any]]:
        """A CNN of the same shape, end to end."""
        p = self.p
        net = cnn(p, depth, seeds.integer(PAPER, "weights", "cnn", depth, seed=self.seed), self.images["train"].x.shape[1:]).to(self.device)
        fed = features.feeds(lambda images: (2 * images - 1,), self.images, features.augmentation(p, self.seed))
        keys = {"model": "cnn", "depth": depth, "lower_model": "none", "whitening_epsilon": None}
        return self._train(net, fed, self.images, "hard", keys)


@torch.no_grad()
def _through(layers: list[Layer], images: Tensor) -> Tensor:
    """Bottleneck output (n, side, side, width) of frozen layers, with the running statistics of their normalisation."""
    for layer in layers:
        layer.net.eval()
        out = layer.net.head.narrowed(layer.net.features(*layer.prepared(images)))
        images = out.reshape(len(images), layer.side, layer.side, -1)
    return images


def _whole(layers: list[Layer], images: Tensor) -> Tensor:
    return torch.cat([_through(layers, block) for block in torch.split(images, BLOCK)])


class _Cnn(nn.Module):
    def __init__(self, layers: list[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Tensor:
        """Scores (1, B, 10) of images with their channels last."""
        return self.layers(images.permute(0, 3, 1, 2))[None]


def cnn(p: Mapping[str, Any], depth: int, seed: int, image_shape: tuple[int, ...]) -> nn.Module:
    """Convolutions with ReLU, each with pooling and normalisation where the layer pools, then a bottleneck with ReLU; linear head."""
    side, _, channels = image_shape
    layers: list[nn.Module] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for size, pool in zip(p["patch_sizes"][:depth], p["pools"][:depth], strict=True):
            layers += [nn.Conv2d(channels, p["n_centroids"], size, p["stride"]), nn.ReLU()]
            layers += [nn.AvgPool2d(pool), nn.BatchNorm2d(p["n_centroids"])] if pool > 1 else []
            layers += [nn.Conv2d(p["n_centroids"], p["bottleneck_width"], 1), nn.ReLU()]
            side, channels = ((side - size) // p["stride"] + 1) // pool, p["bottleneck_width"]
        return _Cnn([*layers, nn.Flatten(), nn.Linear(side**2 * channels, training.N_CLASSES)])
