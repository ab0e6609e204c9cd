"""The small picture of a judged number: its band of bounds, the measured value with its standard error, the published value.

Where there are two bounds the band is the middle half. Where there is one, the axis reaches as far from it as the bound is from
zero, and a little farther on the good side; a value outside the picture is drawn as an arrow at its end.
"""

import math
from typing import Any

from scripts.publish import wording

WIDTH = 120.0
_EDGE = 4.0  # half a marker: the picture of a value keeps this distance from the ends


def scale(row: wording.Row) -> dict[str, Any] | None:
    """Positions along the picture; None for a number without bounds.

    Returns
    -------
    dict with band (start, width), value, error (start, end) and published, each None where it is not known, and outside: −1 or 1
    where the value lies beyond an end of the picture, else 0.
    """
    value = wording.compared(row)
    if value is not None and math.isnan(value):
        value = None
    limits = _axis(row["lower"], row["upper"], value, row["std_error"])
    if limits is None:
        return None
    left, right = limits
    band = [_place(bound, left, right, 0.0) if bound is not None else end for bound, end in ((row["lower"], 0.0), (row["upper"], WIDTH))]
    told: dict[str, Any] = {"band": (band[0], max(2.0, round(band[1] - band[0], 1))), "value": None, "error": None, "outside": 0}
    told["published"] = None if row["published"] is None or row["compare"] != "value" else _place(row["published"], left, right)
    if value is None:
        return told
    told |= {"value": _place(value, left, right), "outside": (value > right) - (value < left)}
    error = _error(row)
    if error and math.isfinite(value):
        told["error"] = (_place(value - error, left, right), _place(value + error, left, right))
    return told


def _axis(lower: float | None, upper: float | None, value: float | None, error: float | None) -> tuple[float, float] | None:
    """Ends of the axis."""
    if lower is not None and upper is not None and lower < upper:
        half = (upper - lower) / 2
        return lower - half, upper + half
    bound = upper if lower is None else lower
    if bound is None:
        return None
    distance = abs(value - bound) if value is not None and math.isfinite(value) else 0.0
    unit = abs(bound) or max(distance, 2 * (error or 0.0)) or 1.0
    if lower == upper:
        return bound - unit, bound + unit
    return (bound - 1.25 * unit, bound + 0.75 * unit) if lower is None else (bound - 0.75 * unit, bound + 1.25 * unit)


def _error(row: wording.Row) -> float:
    """The standard error in the units of the bounds."""
    error, predicted = row["std_error"], row["predicted"]
    if error is None or not math.isfinite(error):
        return 0.0
    return error / abs(predicted) if row["compare"] == "ratio" and predicted else error


def _place(number: float, left: float, right: float, edge: float = _EDGE) -> float:
    share = (number - left) / (right - left)
    return round(min(WIDTH - edge, max(edge, WIDTH * share)), 1)
