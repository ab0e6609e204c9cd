"""Error, learning dynamics and order parameters of two-layer autoencoders [refinetti_autoencoders, E1, E3–E6, E9].

Everything is written in scale-free coordinates, in which the input dimension D drops out. In the eigenbasis u_τ of the input
covariance, with eigenvalues ρ_τ,

    w_kτ = w^k·u_τ (encoder),   ṽ_kτ = v^k·u_τ / √D (decoder),   r_τ = ρ_τ / D (eigenvalue).

Arrays have shape (..., K, T): K hidden units, T modes, and any leading dimensions (time, rule, seed).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from repro.checks import at_least, one_of, within
from scripts.refinetti_autoencoders.averages import Averages, averages

Array = npt.NDArray[np.float64]

PAPER = "refinetti_autoencoders"


class Weights(NamedTuple):
    """Weights of an autoencoder, or a batch of them, in scale-free coordinates."""

    encoder: Array  # w, shape (..., K, T)
    decoder: Array  # ṽ, shape (..., K, T)
    bias: Array | None = None  # β, shape (..., K); None for activations used without

    def map(self, function: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]) -> "Weights":
        """Weights whose arrays are the function of these."""
        return Weights(function(self.encoder), function(self.decoder), None if self.bias is None else function(self.bias))


class Rule(NamedTuple):
    """How an autoencoder learns; the same object drives SGD and its ODE."""

    activation: str  # erf, linear or relu
    learning_rate: float  # η in the paper's scaling
    mask: Array | None = None  # (..., K, K), 1 where unit k sees the reconstruction of unit l; None: all see all
    decoder_scale: float | None = None  # κ of tied weights, ṽ = κ w; None: untied
    bias_rate: Array | float | None = None  # 1 trains the biases, 0 keeps them, broadcasts against (..., K); None: there are none


class OrderParameters(NamedTuple):
    """Macroscopic state of an autoencoder [refinetti_autoencoders, E1]."""

    encoder_overlap: Array  # Q = w r wᵀ, shape (..., K, K)
    cross_overlap: Array  # R_kk = Σ_τ ṽ_kτ r_τ w_kτ, shape (..., K); only the diagonal is needed
    decoder_overlap: Array  # V = ṽ ṽᵀ, shape (..., K, K)


def truncation_mask(width: int) -> Array:
    """Mask of the truncated rule [refinetti_autoencoders, E5]: unit k sees only the residual left by units 1…k; shape (K, K)."""
    at_least(1, width=width)
    return np.tri(width)


def order_parameters(weights: Weights, eigenvalues: Array) -> OrderParameters:
    """Order parameters [refinetti_autoencoders, E1].

    Parameters
    ----------
    weights : Weights
        Encoder and decoder of shape (..., K, T), float32 or float64.
    eigenvalues : ndarray, shape (T,) or (..., 1, T)
        r_τ, dimensionless.

    Returns
    -------
    OrderParameters
        In float64.
    """
    encoder = np.asarray(weights.encoder, dtype=np.float64)
    decoder = np.asarray(weights.decoder, dtype=np.float64)
    weighted = encoder * eigenvalues
    return OrderParameters(
        encoder_overlap=weighted @ np.swapaxes(encoder, -1, -2),
        cross_overlap=np.vecdot(decoder, weighted),
        decoder_overlap=decoder @ np.swapaxes(decoder, -1, -2),
    )


def reconstruction_error(weights: Weights, eigenvalues: Array, trace: float | Array, activation: str) -> Array:
    """Population reconstruction error pmse = E‖x − x̂‖² / D, without ½ [refinetti_autoencoders, E3].

    Parameters
    ----------
    weights : Weights
        Encoder and decoder of shape (..., K, T).
    eigenvalues : ndarray, shape (T,) or (..., 1, T)
        r_τ of the modes.
    trace : float or ndarray, shape (...)
        Σ_τ r_τ of the full spectrum, which may have modes beyond the T in which the weights live.
    activation : str

    Returns
    -------
    ndarray, shape (...)
    """
    order = order_parameters(weights, eigenvalues)
    bias = None if weights.bias is None else np.asarray(weights.bias, dtype=np.float64)
    mean = averages(activation, order.encoder_overlap, bias)
    explained = np.vecdot(order.cross_overlap, mean.slope)
    return trace - 2 * explained + np.sum(order.decoder_overlap * mean.product, axis=(-1, -2))


def flow(weights: Weights, eigenvalues: Array, rule: Rule) -> Weights:
    """Time derivative of the weights as D → ∞, and the mean flow at finite D [refinetti_autoencoders, E4, E5, E6].

    For the plain rule this is −η ∂(pmse/2)/∂(w, ṽ, β).

    Parameters
    ----------
    weights : Weights
        Encoder and decoder of shape (..., K, T); with tied weights the decoder is ignored.
    eigenvalues : ndarray, shape (T,)
    rule : Rule

    Returns
    -------
    Weights
        d/dα, α = steps / D. With tied weights the decoder's entry is κ times the encoder's.

    Raises
    ------
    ValueError
        If there are biases and the rule does not say whether they are trained, or the other way round.
    """
    check_bias(weights, rule)
    scale = rule.decoder_scale
    if scale is not None:
        weights = weights._replace(decoder=scale * weights.encoder)
    order = order_parameters(weights, eigenvalues)
    mean = averages(rule.activation, order.encoder_overlap, weights.bias)
    encoder, decoder = _untied_flow(weights, eigenvalues, order, mean, rule.mask)
    if scale is not None:
        encoder = encoder + scale * decoder
        decoder = scale * encoder
    bias = None if rule.bias_rate is None else rule.learning_rate * rule.bias_rate * _bias_flow(order, mean)
    return Weights(rule.learning_rate * encoder, rule.learning_rate * decoder, bias)


def check_bias(weights: Weights, rule: Rule) -> None:
    """ValueError unless weights and rule agree on whether there are biases: those of a silent rule would just stay frozen."""
    if (weights.bias is None) != (rule.bias_rate is None):
        given, wanted = ("biases", "0 or 1") if rule.bias_rate is None else ("no biases", "None")
        raise ValueError(f"bias_rate must be {wanted} for weights with {given}, not {rule.bias_rate}")


def _untied_flow(weights: Weights, eigenvalues: Array, order: OrderParameters, mean: Averages, mask: Array | None) -> tuple[Array, Array]:
    """E4 per unit learning rate; a mask restricts every sum over the other units [refinetti_autoencoders, E5]."""
    seen, product = order.decoder_overlap, mean.product
    if mask is not None:
        seen, product = mask * seen, mask * product
    pull = order.cross_overlap * mean.third - np.sum(seen * mean.curvature_value, axis=-1)
    encoder = eigenvalues * (
        mean.slope[..., None] * weights.decoder - (seen * mean.slope_slope) @ weights.encoder + pull[..., None] * weights.encoder
    )
    decoder = eigenvalues * mean.slope[..., None] * weights.encoder - product @ weights.decoder
    return encoder, decoder


def _bias_flow(order: OrderParameters, mean: Averages) -> Array:
    """E4 for the biases per unit learning rate."""
    if mean.curvature is None or mean.slope_value is None:
        raise ValueError("biases are trained with activation relu only")
    return order.cross_overlap * mean.curvature - np.sum(order.decoder_overlap * mean.slope_value, axis=-1)


def captured_variance(weights: Weights, eigenvalues: Array, activation: str, n_components: int) -> Array:
    """Share f_τ of the variance of each leading component that the reconstruction captures [refinetti_autoencoders, E9].

    Parameters
    ----------
    weights : Weights
        Without biases; encoder and decoder of shape (..., K, T).
    eigenvalues : ndarray, shape (T,)
    activation : {"erf", "linear"}
    n_components : int
        Number of leading modes.

    Returns
    -------
    ndarray, shape (..., n_components)
        1 where a component is reconstructed exactly.
    """
    one_of("activation", activation, ("erf", "linear"))
    within("n_components", n_components, 1, weights.encoder.shape[-1])
    mean = averages(activation, order_parameters(weights, eigenvalues).encoder_overlap)
    encoder = np.asarray(weights.encoder[..., :n_components], dtype=np.float64)
    decoder = np.asarray(weights.decoder[..., :n_components], dtype=np.float64)
    variance = eigenvalues[:n_components]
    linear = 2 * variance * np.sum(mean.slope[..., None] * decoder * encoder, axis=-2)
    return (linear - np.sum(decoder * (mean.product @ decoder), axis=-2)) / variance


def alignment(decoder: Array, n_components: int) -> Array:
    """Alignment A_kτ = |v^k·u_τ| / ‖v^k‖ of every unit's decoder with the leading components [refinetti_autoencoders, E9].

    Parameters
    ----------
    decoder : ndarray, shape (..., K, T)
    n_components : int

    Returns
    -------
    ndarray, shape (..., K, n_components)
        In [0, 1].
    """
    within("n_components", n_components, 1, decoder.shape[-1])
    decoder = np.asarray(decoder, dtype=np.float64)
    return np.abs(decoder[..., :n_components]) / np.linalg.norm(decoder, axis=-1, keepdims=True)


def rms_log(simulation: Array, theory: Array) -> Array:
    """Root mean square of ln(simulation / theory) over the first axis (time) [refinetti_autoencoders, E13]; NaN if one is NaN.

    ValueError if the two have different shapes or no time, or an error is not positive.
    """
    if np.shape(simulation) != np.shape(theory) or not len(simulation):
        raise ValueError(f"simulation and theory must be errors at the same times, not {np.shape(simulation)} and {np.shape(theory)}")
    if (np.asarray(simulation) <= 0).any() or (np.asarray(theory) <= 0).any():
        raise ValueError("simulation and theory must be positive errors")
    return np.sqrt(np.mean(np.log(simulation / theory) ** 2, axis=0))
