"""Populations of finitely many points: the error over the whole pool beside its replica prediction [tomasini_krr, E7]."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks
from repro.datasets import eigenbasis
from scripts.tomasini_krr.model import Array, coefficients
from scripts.tomasini_krr.theory import Replica, replica


class PoolErrors(NamedTuple):
    """Mean squared errors over the whole pool and over the points that were not trained on, shape (R,), one a ridge."""

    pool: Array
    outside: Array


def pool_spectrum(kernel: Array, labels: Array) -> tuple[Array, Array]:
    """Eigenvalues of the kernel and squared coefficients of the labels for M points of equal weight [tomasini_krr, E7].

    Parameters
    ----------
    kernel : ndarray, shape (M, M)
    labels : ndarray, shape (M,)

    Returns
    -------
    eigenvalues : ndarray, shape (M,), descending, of K / M.
    squared_coefficients : ndarray, shape (M,), with the mean of labels² for a sum.
    """
    _one_label_a_point(kernel, labels)
    values, vectors = eigenbasis(kernel)
    # Rounding may leave the last eigenvalues of a kernel matrix below 0.
    return np.maximum(values, 0) / len(labels), (vectors.T @ labels) ** 2 / len(labels)


def pool_replicas(kernel: Array, labels: Array, cases: Sequence[tuple[int, float]]) -> list[Replica]:
    """Replica predictions for a pool, one for each pair of n_train and ridge [tomasini_krr, E3, E7]."""
    spectrum = pool_spectrum(kernel, labels)
    return [replica(*spectrum, n_train, ridge) for n_train, ridge in cases]


def pool_errors(kernel: Array, labels: Array, chosen: npt.NDArray[np.int64], ridges: Sequence[float]) -> PoolErrors:
    """Errors of kernel ridge regression trained on some points of a pool, at several ridges [tomasini_krr, E1, E7].

    The mean is over the whole pool, training points included: that is what the prediction for a discrete law means.

    Parameters
    ----------
    kernel : ndarray, shape (M, M)
    labels : ndarray, shape (M,)
    chosen : ndarray, shape (P,), places of the training points, P < M.
    ridges : R ridges λ ≥ 0.

    Raises
    ------
    ValueError   if no point is left to test on.
    """
    _one_label_a_point(kernel, labels)
    checks.within("n_train", len(chosen), 1, len(labels), open_at="upper")
    columns = kernel[:, chosen]
    weights = np.stack([coefficients(columns[chosen], labels[chosen], ridge)[0] for ridge in ridges], axis=1)
    squared = (labels[:, None] - columns @ weights) ** 2
    left = np.ones(len(labels), dtype=bool)
    left[chosen] = False
    return PoolErrors(squared.mean(axis=0), squared[left].mean(axis=0))


def _one_label_a_point(kernel: Array, labels: Array) -> None:
    if kernel.shape != (len(labels), len(labels)):
        raise ValueError(f"kernel must have one row and one column a label, {len(labels)}, not {kernel.shape}")
