"""The generalised linear model and its scalar estimation problems [venkataramanan_rigamp, E1, E8, E9]."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, log_ndtr, ndtr

from repro.gaussian import STANDARD_GRID, NormalGrid, expectation
from scripts.venkataramanan_rigamp.inputs import SPECTRA

Array = npt.NDArray[np.float64]

PRIORS = ("gaussian", "rademacher", "bernoulli_gaussian")
CHANNELS = ("linear", "sign")


@dataclass(frozen=True)
class Model:
    """Law of signal, design and output of y = q(A x, w) [venkataramanan_rigamp, E1].

    spectrum : {"beta", "gaussian"}, law of the singular values of A
    prior : {"gaussian", "rademacher", "bernoulli_gaussian"}, law of an entry of x, of mean 0 and variance 1
    output_channel : {"linear", "sign"}, y = z + σ g or y = sign(z + σ g)
    sampling_ratio : δ = m/n
    noise_std : σ > 0
    sparsity : ε, probability of an entry that is not zero; None unless the prior is "bernoulli_gaussian"
    """

    spectrum: str
    prior: str
    output_channel: str
    sampling_ratio: float
    noise_std: float
    sparsity: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is not in the lists above or makes no sense."""
        for name, word, words in (
            ("spectrum", self.spectrum, SPECTRA),
            ("prior", self.prior, PRIORS),
            ("output_channel", self.output_channel, CHANNELS),
        ):
            if word not in words:
                raise ValueError(f"{name} {word!r} is not one of {', '.join(words)}")
        for name, number in (("sampling_ratio", self.sampling_ratio), ("noise_std", self.noise_std)):
            if not 0 < number < np.inf:
                raise ValueError(f"{name} must be positive, not {number}")
        if (self.sparsity is None) == (self.prior == "bernoulli_gaussian"):
            raise ValueError(f"sparsity belongs to prior 'bernoulli_gaussian' and to no other, not {self.sparsity} to {self.prior!r}")
        if self.sparsity is not None and not 0 < self.sparsity <= 1:
            raise ValueError(f"sparsity must be in (0, 1], not {self.sparsity}")


def draw_signal(rng: np.random.Generator, model: Model, dim: int) -> Array:
    """Signal x of shape (dim,) with independent entries from the prior."""
    normal = rng.standard_normal(dim)
    if model.prior == "rademacher":
        return np.where(normal < 0, -1.0, 1.0)
    if model.sparsity is None:
        return normal
    return np.where(rng.random(dim) < model.sparsity, normal / np.sqrt(model.sparsity), 0.0)


def draw_output(rng: np.random.Generator, model: Model, linear: Array) -> Array:
    """Output y of the channel for z = A x, elementwise."""
    noisy = linear + model.noise_std * rng.standard_normal(linear.shape)
    return noisy if model.output_channel == "linear" else np.where(noisy < 0, -1.0, 1.0)


def signal_posterior(model: Model, observed: Array, noise: float) -> tuple[Array, Array]:
    """Mean and variance of X given X + √ρ G, elementwise [venkataramanan_rigamp, E8].

    Parameters
    ----------
    observed : ndarray
        Values of X + √ρ G, any shape.
    noise : float
        ρ > 0.

    Returns
    -------
    mean, variance : ndarray, shape of `observed`
    """
    _positive("noise", noise)
    if model.prior == "gaussian":
        return observed / (1 + noise), np.full_like(observed, noise / (1 + noise))
    if model.prior == "rademacher":
        mean = np.tanh(observed / noise)
        return mean, 1 - mean**2
    active = 1 / _sparsity(model)
    shrink = active / (active + noise)
    evidence = observed**2 * (1 / noise - 1 / (active + noise)) / 2
    slab = expit(np.log(1 / (active - 1)) + np.log(noise / (active + noise)) / 2 + evidence) if active > 1 else np.ones_like(observed)
    mean = slab * shrink * observed
    return mean, slab * (shrink * noise + (shrink * observed) ** 2) - mean**2


def signal_error(model: Model, noise: float, grid: NormalGrid = STANDARD_GRID) -> float:
    """Smallest mean squared error of X from X + √ρ G [venkataramanan_rigamp, E8].

    Parameters
    ----------
    noise : float
        ρ > 0.
    grid : NormalGrid
        For the one-dimensional integrals.
    """
    _positive("noise", noise)
    if model.prior == "gaussian":
        return noise / (1 + noise)

    def average(mean: float, variance: float) -> float:
        return expectation(lambda observed: signal_posterior(model, observed, noise)[1], mean, np.sqrt(variance), grid)

    if model.prior == "rademacher":
        return average(1.0, noise)
    sparsity = _sparsity(model)
    return (1 - sparsity) * average(0.0, noise) + sparsity * average(0.0, noise + 1 / sparsity)


def output_posterior(model: Model, output: Array, mean: Array, variance: float) -> tuple[Array, Array]:
    """Mean and variance of Z ~ N(m, v) given the output y, elementwise [venkataramanan_rigamp, E9].

    Parameters
    ----------
    output, mean : ndarray, of one shape
    variance : float
        v > 0.

    Returns
    -------
    mean, variance : ndarray, same shape
    """
    _positive("variance", variance)
    noise = model.noise_std**2
    total = variance + noise
    if model.output_channel == "linear":
        return (mean * noise + variance * output) / total, np.full_like(mean, variance * noise / total)
    margin = output * mean / np.sqrt(total)
    # log φ − log Φ: both underflow by themselves at margins far below zero.
    slope = np.exp(-(margin**2) / 2 - np.log(2 * np.pi) / 2 - log_ndtr(margin))
    return mean + output * variance * slope / np.sqrt(total), variance - variance**2 * slope * (slope + margin) / total


def output_error(model: Model, variance: float, total: float, grid: NormalGrid = STANDARD_GRID) -> float:
    """Mean posterior variance of Z ~ N(m, v) given y, over y and m ~ N(0, Σ₀₀ − v) [venkataramanan_rigamp, E9].

    Parameters
    ----------
    variance : float
        v, 0 < v ≤ Σ₀₀.
    total : float
        Σ₀₀, variance of Z before anything is known.
    grid : NormalGrid
    """
    _positive("variance", variance)
    noise = model.noise_std**2
    if model.output_channel == "linear":
        return variance * noise / (variance + noise)

    def of_mean(mean: Array) -> Array:
        weighted = np.zeros_like(mean)
        for sign in (-1.0, 1.0):
            chance = ndtr(sign * mean / np.sqrt(variance + noise))
            weighted += chance * output_posterior(model, np.full_like(mean, sign), mean, variance)[1]
        return weighted

    return expectation(of_mean, 0.0, np.sqrt(max(total - variance, 0.0)), grid)


def _positive(name: str, number: float) -> None:
    if not 0 < number < np.inf:
        raise ValueError(f"{name} must be positive, not {number}")


def _sparsity(model: Model) -> float:
    assert model.sparsity is not None, "checked when the model was made"
    return model.sparsity
