"""Compare a scorecard with the verdicts that are expected, tests/expected_verdicts.yaml.

    python -m scripts.publish.verdicts results/quick

Fails when a verdict is worse than the expected one, or a claim is missing on either side. An expected verdict other than
`reproduced` stands there with a word on why, so that nothing gets worse in silence.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from repro.claims import NOT_JUDGED, NOT_REPRODUCED, REPRODUCED
from repro.settings import ROOT, load_yaml

RANK = {REPRODUCED: 2, NOT_JUDGED: 1, NOT_REPRODUCED: 0}


def complaints(found: Mapping[tuple[str, str], str], expected: Mapping[str, Mapping[str, object]]) -> list[str]:
    """One line for every claim whose verdict is worse than expected, unexplained, unexpected or missing.

    Parameters
    ----------
    found : (paper, claim) → verdict.
    expected : paper → claim → verdict, or {verdict, why}.
    """
    lines = []
    wanted = {(paper, claim): _entry(entry) for paper, claims in expected.items() for claim, entry in claims.items()}
    for key in sorted({*found, *wanted}):
        name = "/".join(key)
        if key not in wanted:
            lines.append(f"{name}: {found[key]}, but tests/expected_verdicts.yaml does not know it")
            continue
        verdict, why = wanted[key]
        if verdict != REPRODUCED and not why:
            lines.append(f"{name}: {verdict} is expected without a word on why")
        if key not in found:
            lines.append(f"{name}: expected {verdict}, not in the scorecard")
        elif RANK[found[key]] < RANK[verdict]:
            lines.append(f"{name}: {found[key]}, expected {verdict}")
    return lines


def _entry(entry: object) -> tuple[str, str]:
    if isinstance(entry, Mapping):
        return str(entry["verdict"]), str(entry.get("why", ""))
    return str(entry), ""


def main(results: str) -> int:
    """Print the complaints; their number is the exit status, capped at 1."""
    from repro import tables  # noqa: PLC0415 - the comparison itself needs none

    scorecard = tables.read(Path(results) / "scorecard.parquet")
    found = {(str(row.paper), str(row.claim)): str(row.verdict) for row in scorecard.itertuples()}
    lines = complaints(found, load_yaml(ROOT / "tests" / "expected_verdicts.yaml"))
    print("\n".join(lines) if lines else f"{len(found)} verdicts as expected or better")  # noqa: T201 - a command
    return int(bool(lines))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1] if sys.argv[1:] else "results/quick"))
    except FileNotFoundError as error:
        sys.exit(f"{error.filename} is not there: make figures first")
