"""Mathematics of the demo."""

import numpy as np


def walk(rng: np.random.Generator, n_steps: int) -> np.ndarray:
    """Random walk of `n_steps` Gaussian steps."""
    return np.cumsum(rng.standard_normal(n_steps))
