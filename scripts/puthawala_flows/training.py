"""Coupling flows of R^m and their training, many networks at once [puthawala_flows, E1, E2].

Seeds S are the leading dimension of everything. Points are rows: shape (S or 1, N, m). Written with its gradient in NumPy: at
this size the time goes into the number of operations, and a run then needs no autodiff package.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks
from repro.linalg import haar_frame

Array = npt.NDArray[Any]  # float32 in training, float64 where the image is measured

FIRST_DECAY, SECOND_DECAY, ADAM_OFFSET = 0.9, 0.999, 1e-8


class Shape(NamedTuple):
    """Sizes of a flow."""

    ambient_dim: int
    depth: int = 8
    width: int = 32


class Block(NamedTuple):
    """Weights of one coupling: of k = ⌊m/2⌋ coordinates that stay, two hidden layers of H units, m − k log scales and shifts."""

    w1: Array  # (S, k, H)
    b1: Array  # (S, 1, H)
    w2: Array  # (S, H, H)
    b2: Array  # (S, 1, H)
    w3: Array  # (S, H, 2 (m − k))
    b3: Array  # (S, 1, 2 (m − k))


class Activity(NamedTuple):
    """What the gradient of one block needs."""

    point: Array  # (S, N, m), rotated
    first: Array  # (S, N, H)
    second: Array  # (S, N, H)
    squashed: Array  # (S, N, m − k), tanh s
    scale: Array  # (S, N, m − k), exp(c tanh s)


@dataclass(frozen=True)
class Flow:
    """S flows of R^m [puthawala_flows, E1].

    shape : Shape
    rotations : ndarray, shape (depth, S, m, m), fixed orthogonal matrices
    parameters : ndarray, shape (S, P), all that is trained
    log_scale_bound : c; a block stretches by exp(c) at most
    """

    shape: Shape
    rotations: Array
    parameters: Array
    log_scale_bound: float

    def seed(self, place: int) -> "Flow":
        """The flow of one seed alone, in double precision."""
        one = slice(place, place + 1)
        return replace(self, rotations=self.rotations[:, one].astype(np.float64), parameters=self.parameters[one].astype(np.float64))


@dataclass(frozen=True)
class Schedule:
    """Adam with a rate that falls along a cosine over `n_steps`; the gradient of all seeds together is clipped in norm."""

    n_steps: int
    learning_rate: float = 2e-3
    final_learning_rate: float = 1e-5
    gradient_clip: float = 10.0

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        checks.at_least(0, n_steps=self.n_steps)
        checks.positive(learning_rate=self.learning_rate, final_learning_rate=self.final_learning_rate, gradient_clip=self.gradient_clip)

    def rate(self, step: int) -> float:
        """Learning rate of the step after `step` steps."""
        share = (1 + np.cos(np.pi * step / self.n_steps)) / 2
        return float(self.final_learning_rate + (self.learning_rate - self.final_learning_rate) * share)


def initial_flow(streams: Sequence[np.random.Generator], shape: Shape, log_scale_bound: float = 1.5) -> Flow:
    """Untrained flows in single precision, one a stream, near to a rotation each [puthawala_flows, E1].

    Raises
    ------
    ValueError   if the space has fewer than two dimensions, or depth, width or bound makes no sense.
    """
    checks.at_least(2, ambient_dim=shape.ambient_dim)
    checks.at_least(1, depth=shape.depth, width=shape.width)
    checks.positive(log_scale_bound=log_scale_bound)
    rotations = np.empty((shape.depth, len(streams), shape.ambient_dim, shape.ambient_dim), np.float32)
    parameters = np.zeros((len(streams), n_parameters(shape)), np.float32)
    kept = shape.ambient_dim // 2
    for s, stream in enumerate(streams):
        blocks, _ = views(parameters[s : s + 1], shape)
        for rotation, block in zip(rotations, blocks, strict=True):
            rotation[s] = haar_frame(stream, shape.ambient_dim, shape.ambient_dim)
            deviations = (kept**-0.5, 0.5, shape.width**-0.5, 0.1, 0.01)  # b3 and the final shift stay 0
            for part, deviation in zip(block, deviations, strict=False):
                part[...] = deviation * stream.standard_normal(part.shape)
    return Flow(shape, rotations, parameters, log_scale_bound)


def n_parameters(shape: Shape) -> int:
    """Trained numbers of one flow."""
    return shape.depth * sum(a * b for a, b in _layout(shape)) + shape.ambient_dim


def views(parameters: Array, shape: Shape) -> tuple[list[Block], Array]:
    """The blocks and the final shift, shape (S, 1, m), as views of the parameters, or of a gradient of their shape."""
    blocks, place = [], 0
    for _ in range(shape.depth):
        parts = []
        for a, b in _layout(shape):
            parts.append(parameters[:, place : place + a * b].reshape(-1, a, b))
            place += a * b
        blocks.append(Block(*parts))
    return blocks, parameters[:, None, place:]


def _layout(shape: Shape) -> list[tuple[int, int]]:
    """Shapes of a block's weights."""
    kept, width = shape.ambient_dim // 2, shape.width
    moved = 2 * (shape.ambient_dim - kept)
    return [(kept, width), (1, width), (width, width), (1, width), (width, moved), (1, moved)]


def forward(flow: Flow, x: Array) -> Array:
    """Image of points.

    Parameters
    ----------
    flow : Flow
    x : ndarray, shape (S or 1, N, m)

    Returns
    -------
    ndarray, shape (S, N, m)
    """
    blocks, shift = views(flow.parameters, flow.shape)
    for rotation, block in zip(flow.rotations, blocks, strict=True):
        x, _ = _couple(block, x @ rotation, flow.log_scale_bound)
    return x + shift


def inverse(flow: Flow, y: Array) -> Array:
    """Points of shape (S or 1, N, m) whose image is y."""
    blocks, shift = views(flow.parameters, flow.shape)
    y = y - shift
    kept = flow.shape.ambient_dim // 2
    for rotation, block in zip(flow.rotations[::-1], blocks[::-1], strict=True):
        *_, squashed, moved_by = _conditioner(block, y[..., :kept])
        moved = (y[..., kept:] - moved_by) * np.exp(-flow.log_scale_bound * squashed)
        y = np.concatenate([y[..., :kept], moved], axis=-1) @ rotation.swapaxes(-1, -2)
    return y


def log_determinant(flow: Flow, x: Array) -> Array:
    """Log of the absolute determinant of the Jacobian at points of shape (S or 1, N, m); shape (S, N)."""
    blocks, _ = views(flow.parameters, flow.shape)
    total: Array = np.zeros(())
    for rotation, block in zip(flow.rotations, blocks, strict=True):
        x, activity = _couple(block, x @ rotation, flow.log_scale_bound)
        total = total + flow.log_scale_bound * activity.squashed.sum(axis=-1)
    return total


def _conditioner(block: Block, kept: Array) -> tuple[Array, Array, Array, Array]:
    """Hidden layers, tanh s and t of a block."""
    first = kept @ block.w1
    first += block.b1
    np.tanh(first, out=first)
    second = first @ block.w2
    second += block.b2
    np.tanh(second, out=second)
    raw = second @ block.w3
    raw += block.b3
    half = raw.shape[-1] // 2
    return first, second, np.tanh(raw[..., :half]), raw[..., half:]


def _couple(block: Block, point: Array, bound: float) -> tuple[Array, Activity]:
    """Image of rotated points under one block."""
    kept = block.w1.shape[1]
    first, second, squashed, shift = _conditioner(block, point[..., :kept])
    scale = np.exp(bound * squashed)
    image = np.concatenate([point[..., :kept], point[..., kept:] * scale + shift], axis=-1)
    return image, Activity(point, first, second, squashed, scale)


def gradient(flow: Flow, x: Array, target: Array, out: Array) -> None:
    """Gradient of Σ_seeds mean_i |E(x_i) − f(x_i)|² in the parameters, written to `out`, shape (S, P) [puthawala_flows, E2].

    Parameters
    ----------
    flow : Flow
    x, target : ndarray, shape (1, N, m)
    """
    blocks, shift = views(flow.parameters, flow.shape)
    slopes, slope_of_shift = views(out, flow.shape)
    activities = []
    for rotation, block in zip(flow.rotations, blocks, strict=True):
        x, activity = _couple(block, x @ rotation, flow.log_scale_bound)
        activities.append(activity)
    pull = (x + shift - target) * (2 / target.shape[1])
    pull.sum(axis=1, keepdims=True, out=slope_of_shift)
    for rotation, block, slope, activity in zip(flow.rotations[::-1], blocks[::-1], slopes[::-1], activities[::-1], strict=True):
        pull = _couple_back(block, activity, pull, slope, flow.log_scale_bound) @ rotation.swapaxes(-1, -2)


def _couple_back(block: Block, activity: Activity, pull: Array, slope: Block, bound: float) -> Array:
    """Gradient in a block's rotated points from that in its image; that in its weights goes to `slope`."""
    kept = block.w1.shape[1]
    moved_pull = pull[..., kept:] * activity.scale
    log_scale = moved_pull * activity.point[..., kept:]
    log_scale *= bound * (1 - activity.squashed**2)
    raw = np.concatenate([log_scale, pull[..., kept:]], axis=-1)
    second = _layer_back(activity.second, raw, block.w3, slope.w3, slope.b3)
    second *= 1 - activity.second**2
    first = _layer_back(activity.first, second, block.w2, slope.w2, slope.b2)
    first *= 1 - activity.first**2
    kept_pull = _layer_back(activity.point[..., :kept], first, block.w1, slope.w1, slope.b1)
    return np.concatenate([pull[..., :kept] + kept_pull, moved_pull], axis=-1)


def _layer_back(before: Array, pull: Array, weight: Array, slope: Array, slope_of_bias: Array) -> Array:
    """Gradient in what a linear layer reads; that in its weights is written."""
    np.matmul(before.swapaxes(-1, -2), pull, out=slope)
    pull.sum(axis=1, keepdims=True, out=slope_of_bias)
    return pull @ weight.swapaxes(-1, -2)


def fit(start: Flow, x: Array, target: Array, schedule: Schedule) -> Iterator[Flow]:
    """Flows after 0, 1, … n_steps steps; the same object every time, changed in place [puthawala_flows, E2].

    Parameters
    ----------
    start : Flow, not changed
    x, target : ndarray, shape (N, m)
        Points and where each of them should go.
    schedule : Schedule

    Raises
    ------
    ValueError   if points and targets differ in shape or do not fit the flow.
    """
    if x.shape != target.shape or x.shape[-1:] != (start.shape.ambient_dim,):
        raise ValueError(f"x and target must have one shape (N, {start.shape.ambient_dim}), not {x.shape} and {target.shape}")
    flow = replace(start, parameters=start.parameters.copy())
    x, target = (points[None].astype(flow.parameters.dtype) for points in (x, target))
    slope, first, second = (np.zeros_like(flow.parameters) for _ in range(3))
    yield flow
    for step in range(schedule.n_steps):
        gradient(flow, x, target, slope)
        slope *= min(1.0, schedule.gradient_clip / max(float(np.linalg.norm(slope)), 1e-12))
        first += (1 - FIRST_DECAY) * (slope - first)
        second += (1 - SECOND_DECAY) * (slope**2 - second)
        spread = np.sqrt(second / (1 - SECOND_DECAY ** (step + 1)))
        flow.parameters[...] -= schedule.rate(step) / (1 - FIRST_DECAY ** (step + 1)) * first / (spread + ADAM_OFFSET)
        yield flow
