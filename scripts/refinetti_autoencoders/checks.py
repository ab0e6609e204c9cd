"""What public functions ask of their arguments, refused in one line where it is not so [refinetti_autoencoders]."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt


def one_of(name: str, word: str, words: Iterable[str]) -> None:
    """ValueError if a word is not in its closed list."""
    allowed = tuple(words)
    if word not in allowed:
        raise ValueError(f"{name} {word!r} is not one of {', '.join(allowed)}")


def at_least(least: float, /, **numbers: float) -> None:
    """ValueError naming the first number that is below `least`, infinite or not a number."""
    for name, number in numbers.items():
        if not least <= number < np.inf:
            raise ValueError(f"{name} must be {least:g} or more, not {number}")


def positive(**numbers: float) -> None:
    """ValueError naming the first number that is not positive and finite."""
    for name, number in numbers.items():
        if not 0 < number < np.inf:
            raise ValueError(f"{name} must be positive, not {number}")


def within(name: str, number: int, lower: int, upper: int) -> None:
    """ValueError if a number is outside a closed range."""
    if not lower <= number <= upper:
        raise ValueError(f"{name} must be from {lower} to {upper}, not {number}")


def finite(name: str, values: npt.ArrayLike) -> None:
    """ValueError if one of the values is infinite or not a number."""
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite numbers")


def ascending(name: str, values: npt.ArrayLike) -> None:
    """ValueError unless the values are one or more, ascend and begin at 0 or later."""
    found = np.asarray(values, dtype=float)
    if found.ndim != 1 or not len(found) or not found[0] >= 0 or not (np.diff(found) > 0).all() or not np.isfinite(found[-1]):
        raise ValueError(f"{name} must be one or more finite numbers that ascend from 0 on")


def descending(name: str, eigenvalues: npt.ArrayLike) -> None:
    """ValueError unless eigenvalues descend and none is negative or not a number: else the wrong ones would count as leading."""
    found = np.asarray(eigenvalues, dtype=float)
    if not (found >= 0).all() or not (np.diff(found) <= 0).all():
        raise ValueError(f"{name} must be non-negative numbers in descending order")
