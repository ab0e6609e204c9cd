"""Real images as inputs: preprocessing, second moment, eigenbasis [refinetti_autoencoders, E16]."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from repro import datasets
from scripts.refinetti_autoencoders.inputs import Spectrum
from scripts.refinetti_autoencoders.model import Weights

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]

# Images projected or reconstructed at a time.
_BLOCK = 2000


class ImageInputs(NamedTuple):
    """A set of images in the eigenbasis of its training images' second moment, in units of √D."""

    spectrum: Spectrum  # of the training images; no bulk
    train: Array32  # shape (P, D)
    test: Array32  # shape (P', D)


def grey(folder: Path, split: datasets.Split, n: int | None = None) -> npt.NDArray[np.uint8]:
    """First n images as whole grey levels (rounded luma), shape (n, h, w)."""
    return datasets.grey_luma(datasets.images(folder, split, n, dtype=np.uint8))


def standardise(pixels: npt.NDArray[np.uint8]) -> Array32:
    """Images scaled to a global standard deviation of ½ and a global mean of 0; the mean of each pixel stays.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (P, h, w)

    Returns
    -------
    ndarray of float32, shape (P, h w)
    """
    flat = pixels.reshape(len(pixels), -1)
    mean, deviation = flat.mean(dtype=np.float64), flat.std(dtype=np.float64)
    if not deviation > 0:
        raise ValueError("pixels are all alike, or there are none: they have no deviation to be scaled by")
    standard = np.subtract(flat, np.float32(mean), dtype=np.float32)
    standard /= np.float32(2 * deviation)
    return standard


def load(folder: Path) -> ImageInputs:
    """Images of one decoded dataset, each split standardised by itself, and the spectrum of the training images.

    The spectrum is that of the second moment XᵀX / P, not of the centred covariance.
    """
    train = standardise(grey(folder, "train"))
    values, vectors = datasets.eigenbasis(datasets.second_moment(train))
    dim = len(values)
    # A singular second moment (fewer images than pixels) has eigenvalues that are zero up to rounding, of either sign.
    spectrum = Spectrum(np.maximum(values, 0) / dim, dim)
    basis = (vectors / np.sqrt(dim)).astype(np.float32)
    return ImageInputs(spectrum, _project(train, basis), _project(standardise(grey(folder, "test")), basis))


def _project(examples: Array32, basis: Array32) -> Array32:
    """Examples times basis, in place: twice the memory would be the largest of the run."""
    for begin in range(0, len(examples), _BLOCK):
        examples[begin : begin + _BLOCK] = examples[begin : begin + _BLOCK] @ basis
    return examples


def sample_error(weights: Weights, examples: Array32) -> Array:
    """Mean squared reconstruction error per component over stored examples, erf without biases.

    Parameters
    ----------
    weights : Weights
        float32, encoder and decoder of shape (..., K, D).
    examples : ndarray of float32, shape (P, D)
        In units of √D.

    Returns
    -------
    ndarray, shape (...)
    """
    if weights.bias is not None:
        raise ValueError("weights must have no biases: the error over examples is written for erf units without")
    lead, (width, dim) = weights.encoder.shape[:-2], weights.encoder.shape[-2:]
    encoder, decoder = weights.encoder.reshape(-1, dim), weights.decoder.reshape(-1, dim)
    values = erf(examples @ encoder.T / np.float32(np.sqrt(2))).reshape(len(examples), -1, width)
    pulls = (examples @ decoder.T).reshape(values.shape)
    explained = np.mean(np.sum(values * pulls, axis=-1), axis=0, dtype=np.float64)
    rows = np.moveaxis(values, 0, -1).astype(np.float64)
    product = rows @ np.swapaxes(rows, -1, -2) / len(examples)
    units = decoder.reshape(-1, width, dim).astype(np.float64)
    size = np.sum(product * (units @ np.swapaxes(units, -1, -2)), axis=(-1, -2))
    norm = np.mean(np.vecdot(examples, examples), dtype=np.float64)
    return (norm - 2 * explained + size).reshape(lead)
