"""Values that a user gives: numbers from the command line, and whether one can stand in for a parameter.

The latter goes by what it replaces, since the papers' yaml is the one place that knows a parameter's kind.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

_LARGEST = 2**63  # what an integer column of a table holds, and a loop can count
_NUMBER = re.compile(r"[-+]?(\d+|(\d+\.\d*|\.\d+|\d+(?=[eE]))([eE][-+]?\d+)?)")


def numbers(value: Any) -> Any:
    """A configuration with texts that are numbers as numbers: nested ones arrive as text from the command line."""
    if isinstance(value, Mapping):
        return {key: numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [numbers(item) for item in value]
    found = _NUMBER.fullmatch(value) if isinstance(value, str) and len(value) <= 40 else None
    if found is None:
        return value
    return float(value) if found[2] else int(value)


def kind(value: Any) -> str:
    """What a value of a yaml file is, in a word."""
    if isinstance(value, bool):
        return "boolean"
    return {int: "number", float: "number", str: "text", list: "list", dict: "mapping"}.get(type(value), "null")


def problem(name: str, value: Any, like: Any) -> str:
    """What is wrong with a value in place of another, as the end of a sentence; empty if nothing is.

    Parameters
    ----------
    name : of the parameter; one that begins with `n_` counts something, so it is at least 1.
    value : what the user wants.
    like : what the preset has. Null says nothing of the kind; a list speaks for its members where they are of one kind.
    """
    if like is None:
        return ""
    if kind(value) != kind(like):
        return f"is not a {kind(like)}"
    if isinstance(like, list):
        return _list_problem(name, value, like)
    if isinstance(like, Mapping):
        return next((f"at {key} {told}" for key in value if key in like and (told := problem(str(key), value[key], like[key]))), "")
    return _number_problem(name, value, like) if kind(like) == "number" else ""


def _list_problem(name: str, value: list[Any], like: list[Any]) -> str:
    if like and not value:
        return "is empty"
    if len({kind(member) for member in like}) != 1 or isinstance(like[0], Mapping):
        return ""
    pattern = like[0] if all(isinstance(member, int) for member in like) else next((m for m in like if not isinstance(m, int)), like[0])
    return next((f"holds {member!r}, which {told}" for member in value if (told := problem(name, member, pattern))), "")


def _number_problem(name: str, value: float, like: float) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "is not finite"
    if isinstance(like, int) and not isinstance(value, int):
        return "is not a whole number"
    if isinstance(value, int) and abs(value) >= _LARGEST:
        return "is too large"
    return "is less than 1" if name.startswith("n_") and value < 1 else ""
