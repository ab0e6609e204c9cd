"""Solving the learning dynamics, and the laws that follow from it [refinetti_autoencoders, E4, E7, E8]."""

from operator import itemgetter

import numpy as np
import numpy.typing as npt
from scipy.integrate import solve_ivp

from repro.checks import ascending, at_least, finite, one_of, positive, within
from scripts.refinetti_autoencoders.inputs import Spectrum, pca_error
from scripts.refinetti_autoencoders.model import Rule, Weights, flow

Array = npt.NDArray[np.float64]

_METHODS = ("LSODA", "RK45")

# A dimension at which the bulk of the spectrum is frozen to machine precision.
_INFINITE = 1e20


def solve(
    start: Weights,
    eigenvalues: Array,
    times: Array,
    rule: Rule,
    *,
    method: str = "LSODA",
    tolerance: float = 1e-6,
) -> Weights:
    """Weights on a grid of times from the ODE of a learning rule [refinetti_autoencoders, E4, E5, E6].

    Parameters
    ----------
    start : Weights
        Initial weights, encoder and decoder of shape (..., K, T); a batch is solved as one system, with common steps.
    eigenvalues : ndarray, shape (T,)
        r_τ of the modes.
    times : ndarray, shape (n,)
        Ascending, ≥ 0, in units of α = steps / D; `start` belongs to α = 0.
    rule : Rule
    method : {"LSODA", "RK45"}
        LSODA for one autoencoder of a few dozen modes (stiff with biases, tied weights and at late times), RK45 for batches or
        hundreds of modes, where LSODA would build dense Jacobians.
    tolerance : float
        Relative tolerance; the absolute one is a thousandth of it.

    Returns
    -------
    Weights
        With a leading dimension of length n.

    Raises
    ------
    ValueError
        If `method` is another one, `times` do not ascend from 0 on, or a weight is not a number.
    RuntimeError
        If the integrator gives up.
    """
    one_of("method", method, _METHODS)
    ascending("times", times)
    for name, part in start._asdict().items():
        if part is not None:
            finite(**{name: part})
    # Tied weights have no decoder of their own in the state.
    free = start if rule.decoder_scale is None else start._replace(decoder=start.encoder[..., :0, :])

    def derivative(_: float, state: Array) -> Array:
        change = flow(_unpack(state, free), eigenvalues, rule)
        if rule.decoder_scale is not None:
            change = change._replace(decoder=change.decoder[..., :0, :])
        return _pack(change, state.shape[:-1])

    def jacobian(time: float, state: Array) -> Array:
        # All columns in one call of the flow: LSODA by itself would make one call a column.
        step = 1e-8 * np.maximum(np.abs(state), 1e-3)
        return ((derivative(time, state + np.diag(step)) - derivative(time, state)) / step[:, None]).T

    solution = solve_ivp(
        derivative,
        (0.0, float(times[-1])),
        _pack(free),
        method=method,
        t_eval=times,
        rtol=tolerance,
        atol=1e-3 * tolerance,
        **({"jac": jacobian} if method == "LSODA" else {}),
    )
    if not solution.success:
        raise RuntimeError(f"{method} stopped before time {times[-1]:.4g}: {solution.message}")
    path = _unpack(solution.y.T, free)
    return path if rule.decoder_scale is None else path._replace(decoder=rule.decoder_scale * path.encoder)


def _pack(weights: Weights, lead: tuple[int, ...] = ()) -> Array:
    """The arrays of a batch of autoencoders as one vector; `lead` are dimensions that stay."""
    return np.concatenate([part.reshape(*lead, -1) for part in weights if part is not None], axis=-1)


def _unpack(state: Array, like: Weights) -> Weights:
    """Inverse of `_pack` on the last axis of `state`; `like` gives the shapes."""
    first = like.encoder.size
    second = first + like.decoder.size
    encoder = state[..., :first].reshape(*state.shape[:-1], *like.encoder.shape)
    decoder = state[..., first:second].reshape(*state.shape[:-1], *like.decoder.shape)
    if like.bias is None:
        return Weights(encoder, decoder)
    return Weights(encoder, decoder, state[..., second:].reshape(*state.shape[:-1], *like.bias.shape))


def solve_spiked(start: Weights, spectrum: Spectrum, times: Array, rule: Rule, *, stiff: bool = False) -> tuple[Weights, Array]:
    """Solve the dynamics for a batch of autoencoders on inputs with a flat bulk, exactly at finite D.

    What is not stiff is solved as one explicit system, for a third of the time of one autoencoder after the other.

    Parameters
    ----------
    start : Weights
        Encoder and decoder of shape (S, K, D) in the eigenbasis of the inputs, largest eigenvalue first.
    spectrum : Spectrum
    times : ndarray, shape (n,)
    rule : Rule
        With tied weights the decoder of `start` is ignored.
    stiff : bool
        True for trained biases, tied weights and times far beyond 1000: each autoencoder is then solved by itself, implicitly.

    Returns
    -------
    path : Weights
        Leading dimensions (n, S), in the modes kept by `reduce_bulk`.
    eigenvalues : ndarray, shape (T,)
        r_τ of these modes, the outliers first.
    """
    if rule.decoder_scale is not None:
        start = start._replace(decoder=start.decoder[:, :0])
    reduced, eigenvalues = reduce_bulk(start, spectrum)
    if not stiff:
        return solve(reduced, eigenvalues, times, rule, method="RK45", tolerance=1e-7), eigenvalues
    singles = [reduced.map(itemgetter(index)) for index in range(len(start.encoder))]
    paths = [solve(single, eigenvalues, times, rule) for single in singles]
    biases = [path.bias for path in paths if path.bias is not None]
    path = Weights(
        np.stack([path.encoder for path in paths], axis=1),
        np.stack([path.decoder for path in paths], axis=1),
        np.stack(biases, axis=1) if biases else None,
    )
    return path, eigenvalues


def reduce_bulk(start: Weights, spectrum: Spectrum) -> tuple[Weights, Array]:
    """Rotate the degenerate bulk so that few modes hold the weights [refinetti_autoencoders, E4, form (b)].

    The bulk part of the weights stays in the span of its initial value, so its coordinates in an orthonormal basis of that
    span suffice.

    Parameters
    ----------
    start : Weights
        Encoder of shape (..., K, D), decoder of shape (..., K', D).
    spectrum : Spectrum
        Eigenvalues of dimension D of which all but the outliers are equal.

    Returns
    -------
    reduced : Weights
        The same weights in M + K + K' modes, M outliers first.
    eigenvalues : ndarray, shape (M + K + K',)
    """
    n_outliers = spectrum.n_outliers
    rows = np.concatenate([start.encoder, start.decoder], axis=-2)
    bulk = np.swapaxes(np.linalg.qr(np.swapaxes(rows[..., n_outliers:], -1, -2), mode="r"), -1, -2)
    reduced = np.concatenate([rows[..., :n_outliers], bulk], axis=-1)
    width = start.encoder.shape[-2]
    bulk_eigenvalues = np.full(bulk.shape[-1], spectrum.eigenvalues[-1])
    eigenvalues = np.concatenate([spectrum.eigenvalues[:n_outliers], bulk_eigenvalues])
    return Weights(reduced[..., :width, :], reduced[..., width:, :], start.bias), eigenvalues


def infinite_dimension(start: Weights, eigenvalues: Array, bulk: float, init_scale: float) -> tuple[Weights, Array]:
    """Weights and modes whose dynamics is the limit D → ∞ [refinetti_autoencoders, E4, form (c)].

    The bulk parts of encoder and decoder rows are then orthogonal to each other, with Q_b = σ0² ρ_b and V_b = σ0² on the
    diagonal at time 0: 2K further modes of vanishing eigenvalue ρ_b / D hold them.

    Parameters
    ----------
    start : Weights
        Initial weights on the M outliers, shape (K, M).
    eigenvalues : ndarray, shape (M,)
        r_τ of the outliers.
    bulk : float
        ρ_b, so that the total trace Σ r is that of the outliers plus ρ_b.
    init_scale : float
        σ0.

    Returns
    -------
    Weights, ndarray
        In M + 2K modes.
    """
    positive(init_scale=init_scale, bulk=bulk)
    width = len(start.encoder)
    own, none = init_scale * np.eye(width), np.zeros((width, width))
    encoder = np.hstack([start.encoder, own * np.sqrt(_INFINITE), none])
    decoder = np.hstack([start.decoder, none, own])
    modes = np.concatenate([eigenvalues, np.full(2 * width, bulk / _INFINITE)])
    return Weights(encoder, decoder, start.bias), modes


def long_time_excess(eigenvalues: Array, learning_rate: float, times: Array) -> Array:
    """Error in excess of PCA at long times, untied erf, Σ_τ (r_τ / 6)(4 η α / π)^(−2/3) [refinetti_autoencoders, E7].

    Parameters
    ----------
    eigenvalues : ndarray, shape (K,)
        r_τ of the learnt components.
    learning_rate : float
        η.
    times : ndarray
        α > 0.

    Returns
    -------
    ndarray, shape of `times`
    """
    if not (np.asarray(times) > 0).all():
        raise ValueError("times must be positive: the law holds at late ones")
    positive(learning_rate=learning_rate)
    finite(eigenvalues=eigenvalues)
    return np.sum(eigenvalues) / 6 * (4 * learning_rate * np.asarray(times) / np.pi) ** (-2 / 3)


def frozen_bulk_excess(spectrum: Spectrum, width: int, init_scale: float) -> float:
    """Error in excess of PCA that the frozen bulk of a linear encoder leaves, K σ0² ρ_b [refinetti_autoencoders, E12]."""
    at_least(1, width=width)
    at_least(0, init_scale=init_scale)
    return width * init_scale**2 * float(spectrum.eigenvalues[-1]) * len(spectrum.eigenvalues)


def relu_plateau(spectrum: Spectrum, width: int, *, bias: bool) -> float | None:
    """Plateau of a ReLU autoencoder [refinetti_autoencoders, E8].

    Parameters
    ----------
    spectrum : Spectrum
    width : int
        Hidden units K.
    bias : bool
        Whether the units have biases.

    Returns
    -------
    float or None
        With biases PCA_{K−1}; without, PCA_{K/2} for even K and Σ r − r_1/2 for K = 1; None where theory names no level.
    """
    eigenvalues = spectrum.eigenvalues
    within("width", width, 1, len(eigenvalues))
    if bias:
        return pca_error(eigenvalues, width - 1) if width > 1 else None
    if width == 1:
        return float(eigenvalues.sum() - eigenvalues[0] / 2)
    return pca_error(eigenvalues, width // 2) if width % 2 == 0 else None
