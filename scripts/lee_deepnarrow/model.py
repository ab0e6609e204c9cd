"""The deep narrow network at the start, and the quarter circle that it is trained on [lee_deepnarrow, E1].

Depth counts hidden layers. Random weights and biases are kept in units that do not depend on the scale, so that networks of one
seed differ by their scale only.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from repro import checks

Array = npt.NDArray[np.float64]

PAPER = "lee_deepnarrow"
REFERENCE_ANGLE = np.pi / 4
"""Of the point whose row of the kernel is looked at."""
_MARGIN = 10  # angles left out at both ends


class Draws(NamedTuple):
    """Random weights and biases of all hidden layers of one network."""

    weights: Array
    """u of every layer, shape (depth, fan_in)."""
    biases: Array
    """v / C_L of every layer, shape (depth,)."""


def draw(rng: np.random.Generator, depth: int, fan_in: int, *, weight_std: float = 1.0, bias_std: float = 1.0) -> Draws:
    """Random weights u ~ N(0, ρ²/fan_in) and biases v / C_L ~ N(0, β²) of a network [lee_deepnarrow, E1].

    Parameters
    ----------
    fan_in : input dimension of the MLP; nine taps times input channels of the CNN.
    weight_std, bias_std : ρ and β.

    Raises
    ------
    ValueError   if `depth` or `fan_in` is below 1, or a standard deviation is negative.
    """
    checks.at_least(1, depth=depth, fan_in=fan_in)
    checks.at_least(0, weight_std=weight_std, bias_std=bias_std)
    numbers = rng.standard_normal((depth, fan_in + 1))
    return Draws(weight_std / np.sqrt(fan_in) * numbers[:, :fan_in], bias_std * numbers[:, fan_in])


def circle_angles(n: int = 200) -> Array:
    """Angles on the quarter circle, shape (n,): n + 20 equispaced on [0, π/2] without the ten at either end."""
    checks.at_least(1, n_angles=n)
    return np.linspace(0, np.pi / 2, n + 2 * _MARGIN)[_MARGIN:-_MARGIN]


def on_circle(angles: npt.ArrayLike) -> Array:
    """Points (cos γ, sin γ), shape (..., 2)."""
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def target(x: Array) -> Array:
    """The function to learn, x₁x₂, shape (...,)."""
    return np.asarray(x[..., 0] * x[..., 1])
