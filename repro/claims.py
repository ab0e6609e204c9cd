"""Claims: what was measured, judged by bounds that were fixed beforehand."""

import logging
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from repro import texts
from repro.frames import select

log = logging.getLogger(__name__)

REPRODUCED, NOT_REPRODUCED, NOT_JUDGED = "reproduced", "not_reproduced", "not_judged"

COLUMNS = {
    "paper": ("str", "key of the paper"),
    "claim": ("str", "identifier of the claim in the paper's yaml"),
    "part": ("str", "identifier of the part; a claim is reproduced when all its parts are"),
    "label": ("str", "the part in words"),
    "measures": ("str", "how the measured number is made from the tables"),
    "figures": ("str", "figures that show it"),
    "role": (["claim", "negative_control"], "a negative control is reproduced when it fails in the way stated"),
    "basis": (["published", "released", "theorem", "derived", "regression"], "where the bounds come from"),
    "measured_in": (["simulation", "images", "numerics"], "what was run: random instances, the datasets, or the theory's own equations"),
    "statement": ("str", "the claim in words"),
    "source": ("str", "where claim and bounds stand in the paper, or how they were derived"),
    "compare": (["value", "difference", "ratio"], "what the bounds bound: measured, measured − predicted, measured / predicted"),
    "published": ("float?", "number that the paper or its released files print"),
    "predicted": ("float?*", "number computed from theory in this run"),
    "measured": ("float?*", "number measured in this run"),
    "std_error": ("float?*", "standard error of measured"),
    "n": ("int?", "number of observations behind measured"),
    "lower": ("float?", "lower bound, null if none"),
    "upper": ("float?", "upper bound, null if none"),
    "strict": ("bool", "whether the bounds themselves count as outside"),
    "margin": ("float?*", "distance of the compared quantity from the nearest bound, negative outside"),
    "verdict": ([REPRODUCED, NOT_REPRODUCED, NOT_JUDGED], "the judgement of this part"),
    "note": ("str", "why it was not judged, or what is known about a failure; else empty"),
}


@dataclass(frozen=True)
class Measured:
    """The measured value of one part of a claim, and what is known about it."""

    value: float
    predicted: float | None = None
    std_error: float | None = None
    n: int | None = None


Tables = Mapping[str, pd.DataFrame]
Spec = Mapping[str, Any]
ClaimFunction = Callable[[Tables], Mapping[str, Measured]]


class MissingRows(LookupError):
    """A table has no row that a claim asks for."""


def rows(table: pd.DataFrame, **equal: Any) -> pd.DataFrame:
    """Rows of a table that equal the given values, as `repro.frames.select`; MissingRows, naming them, if there is none."""
    found = select(table, **equal)
    if found.empty:
        raise MissingRows("no row with " + ", ".join(f"{name} = {wanted}" for name, wanted in equal.items()))
    return found


def one(table: pd.DataFrame, column: str, **equal: Any) -> float:
    """The value of `column` in the only row that equals the given values; MissingRows if it is not the only one."""
    found = rows(table, **equal)
    if len(found) != 1:
        raise MissingRows(f"{len(found)} rows in place of one with " + ", ".join(f"{k} = {v}" for k, v in equal.items()))
    return float(found[column].iloc[0])


def largest(values: npt.ArrayLike) -> Measured:
    """The largest of some values, and how many they are; not a number if one of them is none, MissingRows without any."""
    return Measured(float(np.max(_some(values))), n=np.size(values))


def smallest(values: npt.ArrayLike) -> Measured:
    """The smallest of some values, and how many they are; not a number if one of them is none, MissingRows without any."""
    return Measured(float(np.min(_some(values))), n=np.size(values))


def _some(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    found = np.asarray(values, dtype=float)
    if not found.size:
        raise MissingRows("no values to choose from")
    return found


def judge(
    paper: str,
    functions: Mapping[str, ClaimFunction],
    claims: Iterable[Spec],
    tables: Tables,
    *,
    base_preset: str,
    published: Mapping[str, Spec] | None = None,
    on_sample: Iterable[str] = (),
) -> pd.DataFrame:
    """Verdict of every part of every claim, one row a part (columns: `COLUMNS`).

    Parameters
    ----------
    functions : name → function; the claim C5 is measured by `c5(tables) -> {part: Measured}`.
    claims : as the paper's yaml lists them.
    base_preset : the built-in preset behind the run; at smoke nothing is judged.
    published : the paper's printed numbers, id → {value, …}; parts name them.
    on_sample : names of the tables that rest on sample data: what reads them is not judged.
    """
    result = []
    for claim in claims:
        measured, cause = _measure(functions[claim["claim"].lower()], claim, tables, base_preset)
        result += [_row(paper, claim, part, measured, _no_evidence(part, base_preset, on_sample) or cause) for part in claim["parts"]]
    result = [{**row, "published": _number(published, row["published"])} for row in result]
    return pd.DataFrame(result, columns=list(COLUMNS))


def _measure(function: ClaimFunction, claim: Spec, tables: Tables, base_preset: str) -> tuple[Mapping[str, Measured], str]:
    if base_preset not in ("smoke", *claim["presets"]):
        return {}, f"judged at preset {' and '.join(claim['presets'])} only"
    try:
        return function(tables), ""
    except MissingRows as error:
        return {}, f"{error}"
    except Exception as error:  # a claim never stops the pipeline: the scorecard shows it, the log says where
        log.exception("claim %s could not be measured", claim["claim"])
        return {}, f"could not be measured: {type(error).__name__}: {error}"


def _no_evidence(part: Spec, base_preset: str, on_sample: Iterable[str]) -> str:
    if base_preset == "smoke":
        return "preset smoke: every rule runs, nothing is judged"
    sampled = sorted(set(part["tables"]) & set(on_sample))
    return f"{', '.join(sampled)}: computed from the embedded sample" if sampled else ""


def _row(paper: str, claim: Spec, part: Spec, values: Mapping[str, Measured], cause: str) -> dict[str, Any]:
    found = values.get(part["part"]) or Measured(math.nan)
    quantity = compared(found, part["compare"])
    margin = _margin(quantity, part["lower"], part["upper"])
    if not cause and math.isnan(quantity):
        cause = "not a number" if part["part"] in values else "not measured"
    verdict = NOT_JUDGED if cause else REPRODUCED if _inside(quantity, margin, part) else NOT_REPRODUCED
    return {
        "paper": paper,
        "figures": ", ".join(claim["figures"]),
        **{key: claim[key] for key in ("claim", "role", "basis", "measured_in", "statement", "source")},
        **{key: part[key] for key in ("part", "label", "measures", "compare", "published", "lower", "upper")},
        "strict": part.get("strict", False),
        "measured": found.value,
        "predicted": found.predicted,
        "std_error": found.std_error,
        "n": found.n,
        "margin": margin,
        "verdict": verdict,
        "note": cause or (_remark(claim, values) if verdict == NOT_REPRODUCED else ""),
    }


def _margin(quantity: float, lower: float | None, upper: float | None) -> float:
    return min(quantity - lower if lower is not None else math.inf, upper - quantity if upper is not None else math.inf)


def _inside(quantity: float, margin: float, part: Spec) -> bool:
    within = margin > 0 if part.get("strict", False) else margin >= 0
    return within and (math.isfinite(quantity) or (part.get("diverged_ok", False) and quantity > 0))


def _remark(claim: Spec, values: Mapping[str, Measured]) -> str:
    """The remark on a failure; its fields are values that the claim's function returned, judged ones and others."""
    return texts.fill(claim.get("remark", ""), lambda field: getattr(values[field.name], field.attribute or "value"))


def _number(published: Mapping[str, Spec] | None, name: str | None) -> float | None:
    return (published or {})[name]["value"] if name is not None else None


def compared(measured: Measured, compare: str) -> float:
    """What bounds bound: the measured value, its difference from the prediction, or its ratio to it; not a number without one."""
    if compare == "value":
        return float(measured.value)
    if measured.predicted is None:
        return math.nan
    if compare == "difference":
        return float(measured.value - measured.predicted)
    return float(measured.value / measured.predicted) if measured.predicted else math.nan
