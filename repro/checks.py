"""What public functions ask of their arguments, refused in one line that names the argument where it is not so.

A misspelt word must not silently become another one, and what is not a number must not count as the smallest.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt


def one_of(name: str, word: object, words: Iterable[object]) -> None:
    """ValueError if the word given as argument `name` is not in its closed list."""
    allowed = tuple(words)
    if word not in allowed:
        raise ValueError(f"{name} {word!r} is not one of {', '.join(map(str, allowed))}")


def at_least(least: float, /, **arguments: npt.ArrayLike) -> None:
    """ValueError naming the first argument with a value that is below `least`, infinite or not a number."""
    for name, values in arguments.items():
        found = np.asarray(values, dtype=float)
        _refuse(name, found, (found >= least) & (found < np.inf), f"{least:g} or more")


def positive(**arguments: npt.ArrayLike) -> None:
    """ValueError naming the first argument with a value that is not positive and finite."""
    for name, values in arguments.items():
        found = np.asarray(values, dtype=float)
        _refuse(name, found, (found > 0) & (found < np.inf), "positive")


def finite(**arguments: npt.ArrayLike) -> None:
    """ValueError naming the first argument with a value that is infinite or not a number."""
    for name, values in arguments.items():
        found = np.asarray(values, dtype=float)
        _refuse(name, found, np.isfinite(found), "finite")


def within(name: str, values: npt.ArrayLike, lower: float, upper: float, *, open_at: str = "") -> None:
    """ValueError if a value is outside a range, or not a number; the ends that `open_at` names, "upper" or "both", are outside too."""
    found = np.asarray(values, dtype=float)
    above = found > lower if open_at == "both" else found >= lower
    below = found < upper if open_at in ("upper", "both") else found <= upper
    ends = {"": "from {} to {}", "upper": "at least {} and below {}", "both": "above {} and below {}"}[open_at]
    _refuse(name, found, above & below, ends.format(f"{lower:g}", f"{upper:g}"))


def ascending(name: str, values: npt.ArrayLike) -> None:
    """ValueError unless the values are one or more finite numbers that ascend and begin at 0 or later."""
    found = np.asarray(values, dtype=float)
    if found.ndim != 1 or not len(found) or not found[0] >= 0 or not (np.diff(found) > 0).all() or not np.isfinite(found[-1]):
        raise ValueError(f"{name} must be one or more finite numbers that ascend from 0 on")


def descending(name: str, eigenvalues: npt.ArrayLike) -> None:
    """ValueError unless eigenvalues descend and none is negative or not a number: else the wrong ones would count as leading."""
    found = np.asarray(eigenvalues, dtype=float)
    if not (found >= 0).all() or not (np.diff(found) <= 0).all():
        raise ValueError(f"{name} must be non-negative numbers in descending order")


def _refuse(name: str, found: npt.NDArray[np.float64], good: npt.NDArray[np.bool_], allowed: str) -> None:
    if not good.all():
        raise ValueError(f"{name} must be {allowed}, not {found[~good].flat[0] if found.ndim else float(found):g}")
