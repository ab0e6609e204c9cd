"""The rule of the race, the probability of winning it, and the errors that follow [huang_modality, E3–E6]."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from repro import checks
from repro.gaussian import expectation
from scripts.huang_modality.model import N_MODALITIES, Activation, Array, Labels, Samples


def growth_rates(given: Samples, activation: Activation) -> Array:
    """Rates d of the early phase, from the sufficient samples of every class [huang_modality, E3].

    Parameters
    ----------
    given : training samples of S seeds

    Returns
    -------
    ndarray, shape (S, 2, K)
    """
    n_samples, n_classes = given.codes.shape[-2:]
    is_own = np.arange(n_classes) == given.labels[:, None, :, None]
    counted = is_own & ~given.is_insufficient[..., None]
    return np.sum(counted * given.codes**activation.power, axis=-2) / (n_samples * activation.knee ** (activation.power - 1))


class Forecast(NamedTuple):
    """What is known of the race before it begins; arrays of shape (..., K)."""

    advantage: Array
    """Logarithm of Γ d^(1/(q−2)) of modality 1 over that of modality 2."""
    winner: Labels
    """1 where the advantage is positive, else 2."""
    blow_up_step: Array
    """Step T at which the early phase of the predicted winner blows up."""


def forecast(correlations: Array, rates: Array, activation: Activation, learning_rate: float) -> Forecast:
    """Winner and end of the early phase from initial correlations and rates [huang_modality, E3, E4].

    Parameters
    ----------
    correlations, rates : ndarray, shape (..., 2, K)
    learning_rate : η

    Raises
    ------
    ValueError   if a correlation, a rate or the learning rate is not positive: the logarithm names no winner then.
    """
    checks.positive(correlations=correlations, rates=rates, learning_rate=learning_rate)
    exponent = activation.power - 2
    strength = correlations * rates ** (1 / exponent)
    advantage = np.log(strength[..., 0, :] / strength[..., 1, :])
    return Forecast(advantage, np.where(advantage > 0, 1, 2), 1 / (learning_rate * exponent * strength.max(axis=-2) ** exponent))


def signal_moment(power: int, signal_max: float, scale: float = 1.0) -> float:
    """E[z^q] over sufficient samples of a modality: z uniform on [1, C], times its strength.

    Raises
    ------
    ValueError   if `signal_max` is not above 1 or the strength is not positive.
    """
    checks.within("signal_max", signal_max, 1, np.inf, open_at="both")
    checks.positive(scale=scale)
    return float(scale**power * (signal_max ** (power + 1) - 1) / ((power + 1) * (signal_max - 1)))


def win_probability(ratio: float, width: int) -> float:
    """Probability that the largest of m Gaussians, times `ratio`, exceeds the largest of m others [huang_modality, E5].

    Parameters
    ----------
    ratio : a = κ_1 / κ_2, positive.
    width : m, 1 or more.

    Raises
    ------
    ValueError   if `ratio` or `width` makes no sense.
    """
    checks.positive(ratio=ratio)
    checks.at_least(1, width=width)
    return expectation(lambda x: width * ndtr(x) ** (width - 1) * ndtr(ratio * x) ** width)


def predicted_share(insufficient: Sequence[float], scale: float, *, width: int, activation: Activation, signal_max: float) -> float:
    """Probability p_1 that modality 1 wins a class [huang_modality, E5].

    Parameters
    ----------
    insufficient : μ_1 and μ_2, at least 0 and below 1.
    scale : strength of modality 2.

    Raises
    ------
    ValueError   if a fraction makes no sense.
    """
    checks.one_of("number of insufficient fractions", len(insufficient), [N_MODALITIES])
    checks.within("insufficient", insufficient, 0, 1, open_at="upper")
    first, second = (
        (1 - fraction) * signal_moment(activation.power, signal_max, strength)
        for fraction, strength in zip(insufficient, (1.0, scale), strict=True)
    )
    return win_probability((first / second) ** (1 / (activation.power - 2)), width)


def mixture_error(share: npt.ArrayLike, insufficient: Sequence[float]) -> Array:
    """Test error p_1 μ_1 + (1 − p_1) μ_2 of joint training [huang_modality, E6].

    Raises
    ------
    ValueError   if a share is outside [0, 1].
    """
    checks.within("share", share, 0, 1)
    first, second = insufficient
    won = np.asarray(share, dtype=float)
    return won * first + (1 - won) * second
