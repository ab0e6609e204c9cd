"""What a reader may look at beyond a figure: the curves of a table, to choose from, as data for explore.js."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from repro.frames import select

MOST_BYTES = 100_000  # of the curves of one figure
_DIGITS = 4

Spec = Mapping[str, Any]


def curves(table: pd.DataFrame, spec: Spec) -> dict[str, Any] | None:
    """The curves of a table; None where it has no row to draw.

    Parameters
    ----------
    spec : `explore` of a figure in figures.yaml; `x`, `y`, `lines` and `choose` are column, or formula of columns, → words.

    Returns
    -------
    dict with x and y (words), choose (pairs of words and values), relative, spread (words, or null), and curves: of (place of each chosen
    value), name, points (x, mean of y, smallest, largest; the latter two where there is a spread).
    """
    rows = select(table, **spec.get("rows", {}))
    if rows.empty:
        return None
    (x, x_words), (y, y_words) = (next(iter(spec[axis].items())) for axis in ("x", "y"))
    chosen = {column: list(dict.fromkeys(rows[column])) for column in spec.get("choose", {})}
    places = [tuple(values.index(row[column]) for column, values in chosen.items()) for row in rows.to_dict("records")]
    along, found = (_values(rows, formula).astype(float).tolist() for formula in (x, y))
    groups: dict[tuple[str, tuple[int, ...]], list[tuple[float, float]]] = {}
    for name, of, at, value in zip(_names(rows, spec["lines"]), places, along, found, strict=True):
        if math.isfinite(value):
            groups.setdefault((name, of), []).append((at, value))
    return {
        "x": x_words,
        "y": y_words,
        "choose": [(spec["choose"][column], [_word(value) for value in values]) for column, values in chosen.items()],
        "relative": spec.get("relative", False),
        "spread": spec.get("spread"),
        "curves": [{"of": of, "name": name, "points": _points(pairs, spread="spread" in spec)} for (name, of), pairs in groups.items()],
    }


def _values(rows: pd.DataFrame, formula: str) -> "pd.Series[Any]":
    values: Any = rows.eval(formula)
    return values


def _names(rows: pd.DataFrame, lines: Mapping[str, str]) -> list[str]:
    """Names of the curves that rows belong to; what is null or zero is left out of them."""
    values = {formula: _values(rows, formula) for formula in lines}
    pieces = [
        [words.format(_word(value)) if not (pd.isna(value) or value == 0) else "" for value in values[formula]]
        for formula, words in lines.items()
    ]
    return [", ".join(filter(None, of_row)) for of_row in zip(*pieces, strict=True)]


def _word(value: Any) -> str:
    return value.replace("_", " ") if isinstance(value, str) else f"{value:g}"


def _points(pairs: list[tuple[float, float]], *, spread: bool) -> list[list[float]]:
    at: dict[float, list[float]] = {}
    for x, y in pairs:
        at.setdefault(x, []).append(y)
    told = [[x, float(np.mean(of_x)), *([min(of_x), max(of_x)] if spread else [])] for x, of_x in sorted(at.items())]
    return [[float(f"{number:.{_DIGITS}g}") for number in point] for point in told]


def embedded(data: Mapping[str, Any]) -> Markup:
    """The data as JSON that may stand in a page; ValueError where it is too much for one."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    if len(text.encode()) > MOST_BYTES:
        raise ValueError(f"explore: {len(text):,} bytes, and a page takes {MOST_BYTES:,}; choose fewer `rows`")
    return Markup(text)  # noqa: S704 - no tag can begin in it
