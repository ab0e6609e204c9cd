"""Checks of arguments: a word, size or number that makes no sense is refused by its name, before it becomes a result."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt


def allowed(argument: str, word: str, words: Iterable[str]) -> None:
    """Refuse a word outside a closed list."""
    if word not in words:
        raise ValueError(f"{argument}: {word!r} is not one of {', '.join(words)}")


def at_least(argument: str, values: npt.ArrayLike, least: float) -> None:
    """Refuse numbers below the least that makes sense, and what is no number."""
    if not np.all(np.asarray(values) >= least):
        raise ValueError(f"{argument}: {np.asarray(values)} is not at least {least}")


def positive(argument: str, values: npt.ArrayLike) -> None:
    """Refuse numbers that are not above 0 and finite."""
    if not np.all((np.asarray(values) > 0) & np.isfinite(values)):
        raise ValueError(f"{argument}: {np.asarray(values)} is not above 0 and finite")


def finite(**arguments: npt.ArrayLike) -> None:
    """Refuse arguments that hold infinities or what is no number."""
    for name, value in arguments.items():
        if not np.isfinite(value).all():
            raise ValueError(f"{name}: every value must be finite")
