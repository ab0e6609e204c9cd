"""Two modalities of sparse codes, and encoders of smoothed ReLUs that are fused late [huang_modality, E1, E2].

Seeds are the leading dimension S. Encoder r has K·m neurons; row j·m + l of its weights is neuron l of class j. Features are the
first K unit vectors: initial weights and noise are Gaussian, so that every other choice of orthonormal features is a rotation of this.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

PAPER = "huang_modality"
N_MODALITIES = 2


class World(NamedTuple):
    """What codes and inputs of both modalities are made of."""

    n_classes: int = 5
    """K, 2 or more."""
    dim: int = 100
    """d, K or more."""
    off_class_active: float = 2.0
    """s: a wrong class is active with probability s / K."""
    off_class_low: float = 0.2
    off_class_high: float = 0.4
    signal_max: float = 2.0
    """C, above 1."""
    insufficient_max: float = 0.05
    """γ."""
    noise_std: float = 0.2
    """σ_g."""


class Drawn(NamedTuple):
    """Random numbers of n samples of one seed, before fractions and strengths act."""

    labels: Labels
    """Shape (n,)."""
    sufficiency: Array
    """Uniform on [0, 1), below μ_r: insufficient; shape (2, n)."""
    off_class: Array
    """Codes of the wrong classes, 0 in the column of the own one; shape (2, n, K)."""
    own_class: Array
    """Uniform on [0, 1), shape (2, n)."""
    noise: Array
    """Standard normal, shape (2, n, d)."""


class Samples(NamedTuple):
    """Samples of S seeds."""

    inputs: Array32
    """X, shape (S, 2, n, d)."""
    labels: Labels
    """Shape (S, n)."""
    codes: Array
    """z, shape (S, 2, n, K)."""
    is_insufficient: Mask
    """Shape (S, 2, n)."""


def draw(stream: np.random.Generator, n_samples: int, world: World | None = None) -> Drawn:
    """Random numbers of n samples.

    Raises
    ------
    ValueError   if `n_samples` or a size of the world makes no sense.
    """
    world = world or World()
    checks.at_least(1, n_samples=n_samples)
    checks.at_least(2, n_classes=world.n_classes)
    checks.at_least(world.n_classes, dim=world.dim)
    checks.within("off_class_active", world.off_class_active, 0, world.n_classes)
    checks.within("off_class_low", world.off_class_low, 0, world.off_class_high)
    shape = (n_samples, world.n_classes)
    labels = stream.integers(world.n_classes, size=n_samples)
    found = []
    for _ in range(N_MODALITIES):
        sufficiency = stream.random(n_samples)
        active = stream.random(shape) < world.off_class_active / world.n_classes
        off_class = active * stream.uniform(world.off_class_low, world.off_class_high, shape)
        off_class[np.arange(n_samples), labels] = 0
        found.append((sufficiency, off_class, stream.random(n_samples), stream.standard_normal((n_samples, world.dim))))
    return Drawn(labels, *(np.stack(part) for part in zip(*found, strict=True)))


def samples(drawn: Sequence[Drawn], insufficient: Sequence[float], scale: float = 1.0, world: World | None = None) -> Samples:
    """Samples of S seeds with given insufficient fractions, and the code of modality 2 multiplied by a strength.

    Parameters
    ----------
    drawn : S draws of equal length
    insufficient : μ_1 and μ_2, in [0, 1].
    scale : strength of modality 2, positive.
    world : the one of the draws.

    Raises
    ------
    ValueError   if a fraction, the strength, or the range of a code makes no sense.
    """
    world = world or World()
    checks.one_of("number of insufficient fractions", len(insufficient), [N_MODALITIES])
    checks.within("insufficient", insufficient, 0, 1)
    checks.positive(scale=scale)
    checks.at_least(1, signal_max=world.signal_max)
    checks.at_least(0, insufficient_max=world.insufficient_max, noise_std=world.noise_std)
    batch = Drawn(*(np.stack(part) for part in zip(*drawn, strict=True)))
    is_insufficient = batch.sufficiency < np.asarray(insufficient)[:, None]
    own = np.where(is_insufficient, world.insufficient_max * batch.own_class, 1 + (world.signal_max - 1) * batch.own_class)
    is_own = np.arange(world.n_classes) == batch.labels[:, None, :, None]
    codes = np.where(is_own, own[..., None], batch.off_class) * np.array([1.0, scale])[:, None, None]
    inputs = (world.noise_std * batch.noise).astype(np.float32)
    inputs[..., : world.n_classes] += codes.astype(np.float32)
    return Samples(inputs, batch.labels, codes, is_insufficient)


class Activation(NamedTuple):
    """Smoothed ReLU [huang_modality, E2]."""

    power: int = 4
    """q, 3 or more: below, no race blows up."""
    knee: float = 0.5
    """β, positive."""

    def checked(self) -> "Activation":
        """The activation itself; ValueError if its power or knee makes no sense."""
        checks.at_least(3, power=self.power)
        checks.positive(knee=self.knee)
        return self

    def value(self, t: npt.ArrayLike) -> Array:
        """σ(t), elementwise."""
        t = np.asarray(t)
        return self.knee / self.power * _power(self._share(t), self.power) + np.maximum(t - self.knee, 0)

    def slope(self, t: npt.ArrayLike) -> Array:
        """σ'(t), elementwise."""
        return _power(self._share(np.asarray(t)), self.power - 1)

    def _share(self, t: Array) -> Array:
        """How far up to the knee, in [0, 1]."""
        return np.clip(t / self.knee, 0, 1)


def _power(base: Array, exponent: int) -> Array:
    """A power by multiplication, ten times faster than the general one."""
    found = base
    for _ in range(exponent - 1):
        found = found * base
    return found


def logits(weights: Array32, inputs: Array32, n_classes: int, activation: Activation) -> Array32:
    """Logits f^r of every encoder by itself.

    Parameters
    ----------
    weights : ndarray, shape (..., 2, K·m, d)
    inputs : ndarray, shape (..., 2, n, d)

    Returns
    -------
    ndarray, shape (..., 2, n, K)
    """
    values = activation.value(inputs @ weights.swapaxes(-1, -2))
    return np.asarray(values.reshape(*values.shape[:-1], n_classes, -1).sum(axis=-1), dtype=weights.dtype)


def cross_entropy(scores: npt.NDArray[np.floating], labels: Labels) -> Array:
    """Mean cross-entropy over samples: scores (..., n, K) and labels (..., n) that broadcast to shape (...)."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    at_label = np.take_along_axis(shifted, labels[..., None], axis=-1)[..., 0]
    return np.mean(np.log(np.exp(shifted).sum(axis=-1)) - at_label, axis=-1, dtype=np.float64)


def error_rate(scores: npt.NDArray[np.floating], labels: Labels) -> Array:
    """Share of samples whose largest score is not at the label, shape (...).

    Raises
    ------
    ValueError   if a score is not finite.
    """
    checks.finite(scores=scores)
    return np.mean(scores.argmax(axis=-1) != labels, axis=-1)


def feature_correlations(weights: Array32, n_classes: int) -> Array:
    """Correlations Γ of the neurons of a class with its feature: positive part of the largest; shape (..., 2, K)."""
    *lead, rows, dim = weights.shape
    of_class = weights.reshape(*lead, n_classes, rows // n_classes, dim)
    found = [of_class[..., label, :, label].max(axis=-1) for label in range(n_classes)]
    return np.maximum(np.stack(found, axis=-1), 0).astype(np.float64)


class Outcome(NamedTuple):
    """Who won; arrays of shape (..., K)."""

    winner: Labels
    """1 or 2."""
    ratio: Array
    """Smaller over larger correlation, in [0, 1]."""


def outcome(correlations: Array) -> Outcome:
    """Winner of every class.

    Parameters
    ----------
    correlations : ndarray, shape (..., 2, K)

    Raises
    ------
    ValueError   if the larger correlation is not positive or not a number: then nobody won.
    """
    checks.finite(correlations=correlations)
    larger = correlations.max(axis=-2)
    checks.positive(larger_correlation=larger)
    return Outcome(1 + correlations.argmax(axis=-2), correlations.min(axis=-2) / larger)
