"""Input distributions: spectra of the spiked and sinusoidal models, streams of inputs [refinetti_autoencoders, E11, E14, E15].

Inputs are used in the eigenbasis of their covariance and in units of √D, x_τ = √r_τ z_τ with r_τ = ρ_τ / D.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro.checks import at_least, descending, positive, within
from repro.datasets import eigenbasis

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]

Stream = Callable[[Array32], None]
"""Fills an array of shape (n, D) with the next n inputs."""


class Spectrum(NamedTuple):
    """Eigenvalues of an input covariance whose bulk is flat."""

    eigenvalues: Array  # r_τ = ρ_τ / D, shape (D,), descending; all beyond the outliers are equal
    n_outliers: int  # M


def spike_strengths(n_spikes: int) -> Array:
    """Strengths λ_m = 2^m + 1 for m = 1…M, shape (M,) [refinetti_autoencoders, E11]."""
    at_least(1, n_spikes=n_spikes)
    return np.power(2.0, np.arange(1, n_spikes + 1, dtype=np.float64)) + 1


def bulk_variance(n_spikes: int, noise: float) -> float:
    """ρ_b = σ² / s² with s² = Σ λ_m² + σ²: variance of a bulk direction when each component has unit variance."""
    positive(noise=noise)
    return noise**2 / float(np.sum(spike_strengths(n_spikes) ** 2) + noise**2)


def spiked_spectrum(dim: int, n_spikes: int = 4, noise: float = 1.0) -> Spectrum:
    """Population spectrum of x = (Σ_m λ_m c_m a_m + σ ξ) / s with orthogonal spikes of norm √D.

    Parameters
    ----------
    dim : int
        D.
    n_spikes : int
        M.
    noise : float
        σ.

    Returns
    -------
    Spectrum
        Sums to 1.
    """
    bulk = bulk_variance(n_spikes, noise)
    within("n_spikes", n_spikes, 1, dim - 1)
    eigenvalues = np.full(dim, bulk / dim)
    eigenvalues[:n_spikes] += bulk * (spike_strengths(n_spikes)[::-1] / noise) ** 2
    return Spectrum(eigenvalues, n_spikes)


def sinusoidal_spectrum(dim: int, n_spikes: int = 4, noise: float = 1.0) -> tuple[Spectrum, Array]:
    """Population spectrum of the spiked model with spikes a_k(i) ∝ sin((k + 2) i / 100), scaled to norm √D.

    These spikes are not orthogonal, so the covariance is diagonalised.

    Returns
    -------
    spectrum : Spectrum
        Sums to 1.
    eigenvectors : ndarray, shape (D, D)
        Unit columns u_τ in the pixel basis.
    """
    within("n_spikes", n_spikes, 1, dim - 1)
    features = np.sin(np.outer(np.arange(n_spikes) + 2, np.arange(dim)) / 100)
    features *= np.sqrt(dim) / np.linalg.norm(features, axis=1, keepdims=True)
    scaled = spike_strengths(n_spikes)[:, None] * features
    bulk = bulk_variance(n_spikes, noise)
    values, vectors = eigenbasis(bulk * (scaled.T @ scaled / noise**2 + np.eye(dim)))
    values[n_spikes:] = bulk
    return Spectrum(values / dim, n_spikes), vectors


def spiked_samples(n_samples: int, dim: int, n_spikes: int, noise: float, rng: np.random.Generator) -> Array:
    """Samples of the spiked model with spikes in random directions.

    Returns
    -------
    ndarray, shape (P, D)
        In the pixel basis; unit variance per component.
    """
    at_least(1, n_samples=n_samples, dim=dim)
    positive(noise=noise)
    directions = rng.standard_normal((n_spikes, dim))
    directions *= np.sqrt(dim) / np.linalg.norm(directions, axis=1, keepdims=True)
    strengths = spike_strengths(n_spikes)
    signal = rng.standard_normal((n_samples, n_spikes)) @ (strengths[:, None] * directions)
    signal += noise * rng.standard_normal((n_samples, dim))
    return signal / np.sqrt(np.sum(strengths**2) + noise**2)


def marchenko_pastur_edge(dim: int, n_samples: int, bulk: float) -> float:
    """Upper edge of the bulk of a sample covariance, ρ_b (1 + √(D/P))² / D."""
    at_least(1, dim=dim, n_samples=n_samples)
    positive(bulk=bulk)
    return bulk * (1 + np.sqrt(dim / n_samples)) ** 2 / dim


def pca_error(eigenvalues: Array, n_components: int) -> float:
    """Error of PCA with k components, PCA_k = Σ_{τ>k} r_τ, for eigenvalues in descending order."""
    descending("eigenvalues", eigenvalues)
    within("n_components", n_components, 0, len(eigenvalues))
    return float(np.sum(eigenvalues[n_components:]))


def pca_errors(eigenvalues: Array) -> Array:
    """PCA_0, PCA_1, …, PCA_D for eigenvalues in descending order, shape (D + 1,)."""
    descending("eigenvalues", eigenvalues)
    return np.concatenate([np.cumsum(eigenvalues[::-1])[::-1], [0.0]])


def gaussian_stream(eigenvalues: Array, rng: np.random.Generator) -> Stream:
    """Stream of N(0, diag r) inputs; the same numbers however many are drawn at a time.

    Parameters
    ----------
    eigenvalues : ndarray, shape (D,)
    rng : Generator
    """
    if not (eigenvalues >= 0).all():
        raise ValueError("eigenvalues must be non-negative numbers")
    scale = np.sqrt(eigenvalues).astype(np.float32)

    def fill(out: Array32) -> None:
        rng.standard_normal(dtype=np.float32, out=out)
        np.multiply(out, scale, out=out)

    return fill


def shuffled_stream(examples: Array32, rng: np.random.Generator) -> Stream:
    """Stream of stored inputs in shuffled epochs, every example once an epoch.

    Parameters
    ----------
    examples : ndarray of float32, shape (P, D)
    rng : Generator
    """
    if not len(examples):
        raise ValueError("examples must be one or more: there is nothing to show")
    queue = np.empty(0, dtype=np.int64)

    def fill(out: Array32) -> None:
        nonlocal queue
        while len(queue) < len(out):
            queue = np.concatenate([queue, rng.permutation(len(examples))])
        np.take(examples, queue[: len(out)], axis=0, out=out)
        queue = queue[len(out) :]

    return fill
