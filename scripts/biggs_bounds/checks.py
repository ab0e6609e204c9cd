"""What the functions of biggs_bounds refuse: words outside a closed list, sizes that make no sense, and what is not a number."""

from typing import Any

import numpy as np
import numpy.typing as npt

MODELS = ("shel", "gelu")
"""The two networks, by the names of the tables: activation erf and GELU."""


def one_of(name: str, word: object, allowed: tuple[str, ...]) -> None:
    """Raise ValueError unless `word`, given as argument `name`, is one of the allowed ones."""
    if word not in allowed:
        raise ValueError(f"{name}: {word!r} is not one of {', '.join(allowed)}")


def within(name: str, value: npt.ArrayLike, allowed: str, low: float, high: float = np.inf, *, open_at: str = "") -> None:
    """Raise ValueError unless all of `value` lies in [low, high], without the ends that `open_at` names: "low", "high" or "both".

    What is not a number lies nowhere. `allowed` says the range in words.
    """
    found: Any = np.asarray(value, dtype=float)
    above = found > low if open_at in ("low", "both") else found >= low
    below = found < high if open_at in ("high", "both") else found <= high
    if not (above & below).all():
        raise ValueError(f"{name} must be {allowed}, not {found[~(above & below)].flat[0]:g}")
