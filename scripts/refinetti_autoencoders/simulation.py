"""Online SGD of two-layer autoencoders, its initial weights and its grid of times [refinetti_autoencoders, E5, E6, E10].

In scale-free coordinates (see model.py) a step on the input x, in units of √D, is with ε = η / D and Δ = x − Σ_l ṽ^l g(λ_l)

    w^k += ε (ṽ^k·Δ) g'(λ_k) x,   ṽ^k += ε g(λ_k) Δ,   β_k += ε (ṽ^k·Δ) g'(λ_k),

the gradient step of ½ ‖x − x̂‖² with PyTorch rates η/D on the encoder and η on decoder and biases.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from repro.checks import ascending, at_least, one_of, positive
from repro.job import Progress
from repro.seeds import generator
from scripts.refinetti_autoencoders.inputs import Stream, gaussian_stream
from scripts.refinetti_autoencoders.model import PAPER, Rule, Weights, check_bias

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]

# Inputs drawn at a time: enough to hide the cost of the call, few enough to stay in cache.
_BLOCK = 256

# The first time of every grid.
_FIRST_TIME = 0.3


def sgd(start: Weights, streams: Sequence[Stream], steps: npt.NDArray[np.int64], rule: Rule) -> Weights:
    """Run one-pass SGD in float32 and keep the weights at the given steps.

    Parameters
    ----------
    start : Weights
        Encoder and decoder of shape (..., S, K, D), in the eigenbasis of the inputs; the bias of shape (..., S, K).
    streams : sequence of S streams
        Inputs of each autoencoder; those that differ only in the leading dimensions see the same inputs.
    steps : ndarray of int, shape (n,)
        Ascending numbers of updates at which weights are kept, 0 allowed.
    rule : Rule

    Returns
    -------
    Weights
        float32, with a leading dimension of length n.
    """
    one_of("activation", rule.activation, _ACTIVATIONS)
    ascending("steps", steps)
    check_bias(start, rule)
    if start.encoder.shape[-3] != len(streams):
        raise ValueError(f"streams must be {start.encoder.shape[-3]}, one a seed, not {len(streams)}")
    now = start.map(lambda part: np.array(part, dtype=np.float32))
    step = _stepper(now, rule)
    kept = now.map(lambda part: np.empty((len(steps), *part.shape), np.float32))
    progress = Progress(int(steps[-1]), f"SGD {rule.activation}")
    for index, n_more in enumerate(np.diff(steps, prepend=0)):
        for block in _blocks(streams, int(n_more), now.encoder.shape[-1]):
            for position in range(block.shape[1]):
                step(block[:, position])
            progress.update(block.shape[1])
        for saved, part in zip(kept, now, strict=True):
            if saved is not None:
                saved[index] = part
    return kept


def _blocks(streams: Sequence[Stream], n_steps: int, dim: int) -> Iterator[Array32]:
    """The next inputs of all streams in blocks of shape (S, n, D), n_steps of them in all."""
    for begin in range(0, n_steps, _BLOCK):
        block = np.empty((len(streams), min(_BLOCK, n_steps - begin), dim), np.float32)
        for stream, inputs in zip(streams, block, strict=True):
            stream(inputs)
        yield block


def _stepper(weights: Weights, rule: Rule) -> Callable[[Array32], None]:
    """Function that updates float32 weights in place by one step on an input of shape (..., D)."""
    encoder, decoder, bias = weights
    activate = _ACTIVATIONS[rule.activation]
    rate = rule.learning_rate / encoder.shape[-1]
    scale, bias_rate = rule.decoder_scale, rule.bias_rate
    mask = None if rule.mask is None else rule.mask.astype(np.float32)
    field, value, slope = (np.empty((*encoder.shape[:-1], 1), np.float32) for _ in range(3))
    signal = np.empty(encoder.shape[:-1], np.float32)
    change = np.empty_like(encoder)
    value_row, signal_column, slope_flat = value.swapaxes(-1, -2), signal[..., None], slope[..., 0]
    seen = value_row if mask is None else np.empty((*encoder.shape[:-1], encoder.shape[-2]), np.float32)
    residual = np.empty((*seen.shape[:-1], encoder.shape[-1]), np.float32)

    def step(inputs: Array32) -> None:
        row = inputs[..., None, :]
        np.matmul(encoder, inputs[..., None], out=field)
        if bias is not None:
            np.add(field, bias[..., None], out=field)
        activate(field, value, slope)
        if mask is not None:
            np.multiply(mask, value_row, out=seen)
        np.matmul(seen, decoder, out=residual)
        np.subtract(row, residual, out=residual)
        np.vecdot(decoder, residual, out=signal)
        np.multiply(slope, rate, out=slope)
        np.multiply(slope, signal_column, out=slope)
        np.multiply(value, rate if scale is None else rate * scale, out=value)
        np.multiply(value, residual, out=change)
        np.add(decoder if scale is None else encoder, change, out=decoder if scale is None else encoder)
        np.multiply(slope, row, out=change)
        np.add(encoder, change, out=encoder)
        if scale is not None:
            np.multiply(encoder, scale, out=decoder)
        if bias is not None and bias_rate is not None:
            np.add(bias, slope_flat * bias_rate, out=bias)

    return step


def _erf(field: Array32, value: Array32, slope: Array32) -> None:
    """g = erf(λ/√2) and g' = √(2/π) exp(−λ²/2), in place."""
    np.multiply(field, np.float32(np.sqrt(0.5)), out=value)
    erf(value, out=value)
    np.multiply(field, field, out=slope)
    np.multiply(slope, np.float32(-0.5), out=slope)
    np.exp(slope, out=slope)
    np.multiply(slope, np.float32(np.sqrt(2 / np.pi)), out=slope)


def _relu(field: Array32, value: Array32, slope: Array32) -> None:
    """g = max(0, λ) and g' = 1 for λ > 0, in place."""
    np.maximum(field, 0, out=value)
    np.greater(field, 0, out=slope)


def _linear(field: Array32, value: Array32, slope: Array32) -> None:
    """g = λ and g' = 1, in place."""
    np.copyto(value, field)
    slope.fill(1)


_ACTIVATIONS = {"erf": _erf, "relu": _relu, "linear": _linear}


def initial_weights(
    run: str, seeds: Sequence[int], shape: tuple[int, int], init_scale: float = 0.1, *, initial_bias: float | None = None
) -> Weights:
    """Random initial weights of each seed, the same in the pixel basis and in the eigenbasis.

    Parameters
    ----------
    run : str
        Name of the run, part of the key of the random stream.
    seeds : sequence of S ints
    shape : (K, D)
    init_scale : float
        σ0: entries of w^k and v^k are N(0, σ0²), so those of ṽ^k are N(0, σ0² / D).
    initial_bias : float, optional
        Bias of all units; None for activations used without.

    Returns
    -------
    Weights
        float64, encoder and decoder of shape (S, K, D).
    """
    width, dim = shape
    at_least(1, width=width, dim=dim, n_seeds=len(seeds))
    positive(init_scale=init_scale)
    streams = [generator(PAPER, run, "weights", width, dim, seed=seed) for seed in seeds]
    drawn = init_scale * np.stack([stream.standard_normal((2, width, dim)) for stream in streams])
    bias = None if initial_bias is None else np.full((len(seeds), width), initial_bias)
    return Weights(drawn[:, 0], drawn[:, 1] / np.sqrt(dim), bias)


def gaussian_streams(run: str, seeds: Sequence[int], eigenvalues: Array, *setting: str) -> list[Stream]:
    """One stream of Gaussian inputs with eigenvalues r_τ for each seed."""
    dim = len(eigenvalues)
    return [gaussian_stream(eigenvalues, generator(PAPER, run, "inputs", dim, *setting, seed=seed)) for seed in seeds]


def recorded_steps(
    dim: int, end: float, n_times: int = 40, marked: Iterable[float] = (), *, begin: float = _FIRST_TIME
) -> npt.NDArray[np.int64]:
    """Steps at which curves are recorded: 0, a geometric grid of times in whole steps, and the marked times.

    Parameters
    ----------
    dim : int
        D, steps per unit of time α.
    end : float
        Last time; marked times beyond it are left out.
    n_times : int
        Points of the geometric grid.
    marked : iterable of float
    begin : float
        First time of the geometric grid.

    Returns
    -------
    ndarray of int, ascending
        Divide by D for the times.
    """
    at_least(1, dim=dim, n_times=n_times)
    if not 0 < begin <= end < np.inf:
        raise ValueError(f"end must be a finite time from begin = {begin:g} on, not {end}")
    times = np.concatenate([[0.0], np.geomspace(begin, end, n_times), [time for time in marked if time <= end]])
    # The allowance keeps a time that is a whole number of steps from being rounded down to the step before.
    return np.unique(np.floor(times * dim + 1e-6).astype(np.int64))


def theory_times(p: Mapping[str, Any], dim: int, end: float) -> Array:
    """Times of the simulation's records, the marked ones, and a geometric grid up to `end`: enough for a smooth line.

    Parameters
    ----------
    p : mapping
        With simulation_time, n_times, marked_times and n_theory_times, the points of the grid.
    dim : int
        D.
    end : float
        Last time of the theory, unless the simulation goes on for longer.

    Returns
    -------
    ndarray, ascending
    """
    simulated = recorded_steps(dim, p["simulation_time"], p["n_times"], p["marked_times"])
    own = recorded_steps(dim, end, 1, p["marked_times"], begin=end)
    return np.union1d(np.union1d(simulated, own) / dim, np.geomspace(_FIRST_TIME, end, p["n_theory_times"]))
