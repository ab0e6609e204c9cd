"""Claims: what was measured, judged by bounds that were fixed beforehand."""

import logging
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from repro.frames import select

log = logging.getLogger(__name__)

REPRODUCED, NOT_REPRODUCED, NOT_JUDGED = "reproduced", "not_reproduced", "not_judged"

COLUMNS = {
    "paper": ("str", "key of the paper"),
    "claim": ("str", "identifier of the claim in the paper's yaml"),
    "part": ("str", "identifier of the part; a claim is reproduced when all its parts are"),
    "figures": ("str", "figures that show it"),
    "role": (["claim", "negative_control"], "a negative control is reproduced when it fails in the way stated"),
    "basis": (["published", "theorem", "derived", "regression"], "where the bounds come from"),
    "statement": ("str", "the claim in words"),
    "compare": (["value", "difference", "ratio"], "what the bounds bound: measured, measured − predicted, measured / predicted"),
    "published": ("float?", "number printed in the paper"),
    "predicted": ("float?*", "number computed from theory in this run"),
    "measured": ("float?*", "number measured in this run"),
    "std_error": ("float?*", "standard error of measured"),
    "n": ("int?", "number of observations behind measured"),
    "lower": ("float?", "lower bound, null if none"),
    "upper": ("float?", "upper bound, null if none"),
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


def judge(
    paper: str,
    functions: Mapping[str, ClaimFunction],
    claims: Iterable[Spec],
    tables: Tables,
    *,
    base_preset: str,
    on_sample: Iterable[str] = (),
) -> pd.DataFrame:
    """Verdict of every part of every claim, one row a part (columns: `COLUMNS`).

    Parameters
    ----------
    functions : name → function; the claim C5 is measured by `c5(tables) -> {part: Measured}`.
    claims : as the paper's yaml lists them.
    base_preset : the built-in preset behind the run; at smoke nothing is judged.
    on_sample : names of the tables that rest on sample data: what reads them is not judged.
    """
    result = []
    for claim in claims:
        measured, cause = _measure(functions[claim["claim"].lower()], claim, tables, base_preset)
        result += [
            _row(paper, claim, part, measured.get(part["part"]), _no_evidence(part, base_preset, on_sample) or cause)
            for part in claim["parts"]
        ]
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


def _row(paper: str, claim: Spec, part: Spec, measured: Measured | None, cause: str) -> dict[str, Any]:
    found = measured or Measured(math.nan)
    quantity = _quantity(found, part["compare"])
    lower, upper = part["lower"], part["upper"]
    margin = min(quantity - lower if lower is not None else math.inf, upper - quantity if upper is not None else math.inf)
    if not cause and (measured is None or math.isnan(quantity)):
        cause = "not a number" if measured else "not measured"
    if cause:
        verdict = NOT_JUDGED
    elif margin >= 0 and (math.isfinite(quantity) or (part.get("diverged_ok", False) and quantity > 0)):
        verdict = REPRODUCED
    else:
        verdict = NOT_REPRODUCED
    return {
        "paper": paper,
        "figures": ", ".join(claim["figures"]),
        **{key: claim[key] for key in ("claim", "role", "basis", "statement")},
        **{key: part[key] for key in ("part", "compare", "published", "lower", "upper")},
        "measured": found.value,
        "predicted": found.predicted,
        "std_error": found.std_error,
        "n": found.n,
        "margin": margin,
        "verdict": verdict,
        "note": cause or (claim.get("remark", "") if verdict == NOT_REPRODUCED else ""),
    }


def _quantity(measured: Measured, compare: str) -> float:
    if compare == "value":
        return float(measured.value)
    if measured.predicted is None:
        return math.nan
    if compare == "difference":
        return float(measured.value - measured.predicted)
    return float(measured.value / measured.predicted) if measured.predicted else math.nan
