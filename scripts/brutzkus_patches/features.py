"""What a network is given of an image, made once and kept, or batch by batch from augmented images [brutzkus_patches, E1 to E7].

The dictionary is made of pixels in [0, 1] and the network is given 2 x − 1, also to find the nearest dictionary patches: this is
what the authors' program does by default. Above the first layer both see the same array.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from repro import seeds
from scripts.brutzkus_patches import training
from scripts.brutzkus_patches.inputs import PAPER, Images, augmented
from scripts.brutzkus_patches.model import Embedding, counts, locations, masks
from scripts.brutzkus_patches.training import Feed, Inputs, Schedule, Scores

BLOCK = 64
"""Images prepared at a time: their distances stay in a processor's cache."""

Prepare = Callable[[Tensor], Inputs]
"""Images (n, height, width, channels) → what a network is given of them."""


class View(NamedTuple):
    """Where a layer looks at its images."""

    size: int
    stride: int
    pool: int
    """Side of a pooling window; 1 for none."""
    signed: bool = True
    """Whether it is given 2 x − 1."""


def prepare(model: str, view: View, told: Embedding | None) -> Prepare:
    """Counts for hard, patches and masks for full and unconstrained, patches for vanilla."""

    def prepared(images: Tensor) -> Inputs:
        patches = locations(2 * images - 1 if view.signed else images, view.size, view.stride, view.pool)
        if told is None:
            return (patches,)
        mask = masks(patches, told)
        return (counts(mask),) if model == "hard" else (patches, mask)

    return prepared


def kept(prepared: Prepare, images: Tensor) -> Feed:
    """Feed of images that are prepared once."""
    whole: list[Tensor] = []
    for start in range(0, len(images), BLOCK):
        parts = prepared(images[start : start + BLOCK])
        whole = whole or [part.new_empty(len(images), *part.shape[1:]) for part in parts]
        for target, part in zip(whole, parts, strict=True):
            target[start : start + BLOCK] = part
    return lambda places: tuple(part[places] for part in whole)


def fresh(prepared: Prepare, images: Tensor, rng: np.random.Generator | None) -> Feed:
    """Feed of images that are prepared for every batch, flipped and cropped at random if there is a stream."""

    def feed(places: Tensor) -> Inputs:
        chosen = images[places]
        return prepared(chosen if rng is None else augmented(chosen, rng))

    return feed


def feeds(prepared: Prepare, images: Mapping[str, Images], rng: np.random.Generator | None) -> dict[str, Feed]:
    """Training and test feeds: kept where nothing is augmented, else made for every batch."""
    if rng is None:
        return {split: kept(prepared, part.x) for split, part in images.items()}
    return {split: fresh(prepared, part.x, rng if split == "train" else None) for split, part in images.items()}


def schedule(p: Mapping[str, Any], **own: Any) -> Schedule:
    """Schedule from the parameters of a run, or of a variant."""
    return Schedule(**{name: {**p, **own}[name] for name in Schedule._fields})


def epochs_of(
    net: nn.Module, fed: Mapping[str, Feed], images: Mapping[str, Images], plan: Schedule, seed: int, *, last: int
) -> Iterator[tuple[int, str, Scores]]:
    """Train a network; (epoch, split, scores) of its last epochs. The order of the images depends on the seed alone."""
    labels = {split: part.labels for split, part in images.items()}
    order = seeds.generator(PAPER, "order", seed=seed)
    for epoch, scores in enumerate(training.train(net, fed, labels, plan, order), start=1):
        if epoch > plan.epochs - last:
            yield epoch, "train", scores
            yield epoch, "test", training.evaluate(net, fed["test"], labels["test"], plan.batch_size)


def streams(settings: Sequence[Sequence[str | float]], seed: int) -> list[torch.Generator]:
    """One stream of initial weights a setting."""
    return [torch.Generator().manual_seed(seeds.integer(PAPER, "weights", *setting, seed=seed)) for setting in settings]


def augmentation(p: Mapping[str, Any], seed: int) -> np.random.Generator | None:
    """Stream of flips and crops, where a run asks for them."""
    return seeds.generator(PAPER, "augmentation", seed=seed) if p["augment"] else None


def moved(images: Mapping[str, Images], device: str) -> dict[str, Images]:
    """Images on the device that trains on them."""
    return {split: Images(*(part.to(device) for part in both)) for split, both in images.items()}
