"""Train one-layer networks, variant by variant and seed by seed, all k of a variant together [brutzkus_patches, E1 to E8]."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from repro.frames import tidy
from repro.job import Progress
from scripts.brutzkus_patches import features, training
from scripts.brutzkus_patches.inputs import Dictionary, Images, Setting, covariance, dictionary, load
from scripts.brutzkus_patches.model import Array, Basis, basis, embedding

KEYS = ("model", "dictionary", "whitened", "n_centroids", "pooled", "bottleneck")
N_PICTURES = 64


class Shelf:
    """Images, whitening and dictionaries of the seed at hand: variants share them."""

    def __init__(self, p: Mapping[str, Any], folder: Path, device: str) -> None:
        self.p, self.folder, self.device = p, folder, device
        self.images: dict[int, dict[str, Images]] = {}
        self.bases: dict[int, Basis] = {}
        self.dictionaries: dict[tuple[Any, ...], Dictionary] = {}

    def of_seed(self, seed: int) -> dict[str, Images]:
        """Images of a seed."""
        if seed not in self.images:
            self.images[seed] = load(self.folder, self.p, seed)
        return self.images[seed]

    def dictionary(self, variant: Mapping[str, Any], seed: int) -> Dictionary | None:
        """The dictionary of a variant, none for the vanilla CNN."""
        if variant["dictionary"] == "none":
            return None
        key = (variant["dictionary"], variant["whitened"], variant["n_centroids"], seed)
        if key not in self.dictionaries:
            names = [name for name in Setting._fields if name in self.p]
            own = {name: self.p[name] for name in names}
            setting = Setting(variant["dictionary"], variant["n_centroids"], whitened=variant["whitened"], **own)
            train = self.of_seed(seed)["train"].x
            if key[0] != "gaussian" and variant["whitened"] and seed not in self.bases:
                self.bases[seed] = basis(covariance(train, self.p["patch_size"]), self.p["whitening_epsilon"])
            self.dictionaries[key] = dictionary(train, self.bases.get(seed), setting, seed=seed, device=self.device)
        return self.dictionaries[key]


def trained(p: Mapping[str, Any], folder: Path, device: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of accuracy of all variants, and of their pictures.

    Parameters
    ----------
    p : parameters of the run; a variant has model, dictionary, whitened, n_centroids, n_nearest (a list), pooled, bottleneck,
        learning_rate and seeds, and asks for pictures with `pictures`.
    folder : decoded CIFAR-10.
    """
    shelf = Shelf(p, folder, device)
    pairs = [(variant, seed + p["seed_offset"]) for variant in p["variants"] for seed in variant["seeds"]]
    progress = Progress(len(pairs), "networks")
    frames, pictures = [], []
    for variant, seed in pairs:
        net, rows = _one(shelf, variant, seed)
        frames.append(rows)
        if variant.get("pictures") and seed == variant["seeds"][0] + p["seed_offset"]:
            pictures.append(_pictures(net, shelf.dictionary(variant, seed), p["patch_size"]))
        progress.update()
    columns = ["filter_kind", "filter_index", "channel", "pixel_row", "pixel_column", "bottleneck_norm", "value"]
    return pd.concat(frames, ignore_index=True), pd.concat([pd.DataFrame(columns=columns), *pictures], ignore_index=True)


def _one(shelf: Shelf, variant: Mapping[str, Any], seed: int) -> tuple[nn.Module, pd.DataFrame]:
    """Train the networks of one variant and seed, one for each k."""
    p, images = shelf.p, shelf.of_seed(seed)
    words = shelf.dictionary(variant, seed)
    nearest = tuple(variant["n_nearest"]) or (None,)
    told = words and embedding(words.centroids, words.basis.whitening, nearest, shelf.device)
    view = features.View(p["patch_size"], p["stride"], p["pool"] if variant["pooled"] else 1)
    images = features.moved(images, shelf.device)
    fed = features.feeds(features.prepare(variant["model"], view, told), images, features.augmentation(p, seed))
    _, height, width, channels = images["train"].x.shape
    side = [(length - view.size) // view.stride + 1 for length in (height, width)]
    n_windows = side[0] * side[1] // view.pool**2
    shape = training.Shape(len(nearest), variant["n_centroids"], n_windows, view.size**2 * channels)
    parts = training.Parts(variant["pooled"], p["bottleneck_width"] * variant["bottleneck"])
    keys = [variant[key] for key in KEYS]
    streams = features.streams([(*keys, str(k)) for k in nearest], seed)
    net = training.network(variant["model"], shape, parts, streams, view.pool**2).to(shelf.device)
    plan = features.schedule(p, learning_rate=variant["learning_rate"])
    frames = [
        tidy({"n_nearest": nearest}, epoch=epoch, split=split, accuracy=scores.accuracy.numpy(), loss=scores.loss.numpy())
        for epoch, split, scores in features.epochs_of(net, fed, images, plan, seed, last=p["evaluate_last"])
    ]
    fixed = {**dict(zip(KEYS, keys, strict=True)), "seed": seed, "n_train": len(images["train"].x)}
    return net, pd.concat(frames, ignore_index=True).assign(**fixed)


def _pictures(net: nn.Module, words: Dictionary | None, size: int) -> pd.DataFrame:
    """Kernels of the vanilla CNN, or dictionary patches as pixels and turned back after whitening, by falling bottleneck norm."""
    if words is None:
        kinds = {"vanilla_kernel": net.filters[0][0].T.detach().cpu().numpy()}
    else:
        kinds = {"centroid_pixel": words.basis.unwhitened(words.centroids), "centroid_zca": words.basis.rotated_back(words.centroids)}
    norms = torch.linalg.vector_norm(net.head.narrow[0][0], dim=1).detach().cpu().numpy()
    order = np.argsort(-norms, kind="stable")[:N_PICTURES]
    return pd.concat([_picture_rows(kind, pixels[order], norms[order], size) for kind, pixels in kinds.items()], ignore_index=True)


def _picture_rows(kind: str, pixels: Array, norms: Array, size: int) -> pd.DataFrame:
    """One row a pixel; filters are flattened as rows, columns, channels."""
    values = pixels.reshape(len(pixels), size, size, -1).transpose(0, 3, 1, 2).astype(float)
    axes = {name: range(n) for name, n in zip(("filter_index", "channel", "pixel_row", "pixel_column"), values.shape, strict=True)}
    return tidy(axes, filter_kind=kind, value=values, bottleneck_norm=norms.astype(float)[:, None, None, None])
