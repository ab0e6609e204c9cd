"""All claims in a table, what is open and how to settle it, and one claim walked through."""

from collections.abc import Mapping, Sequence
from typing import Any

from repro import settings
from scripts.publish import wording
from scripts.publish.pages import facts, figures, runs, verdicts

Session = Mapping[str, Any]


def claims(session: Session) -> dict[str, Any]:
    """Every claim, closest to its bound first."""
    rows = verdicts.closest_first(session["rows"])
    kinds = {wording.kind(row) for row in rows}
    where = {row["measured_in"] for row in rows}
    return {
        "claims": [verdicts.claim(session, row) | {"rank": rank} for rank, row in enumerate(rows)],
        "filters": {
            "verdict": [(name, words) for name, words in wording.VERDICT.items() if any(row["verdict"] == name for row in rows)],
            "kind": [(name, wording.SINGLE[name]) for name in wording.KINDS if name in kinds],
            "in": [(name, name) for name in wording.MEASURED_IN if name in where],
            "paper": [(key, paper["short"]) for key, paper in session["papers"].items()],
        },
    }


def unsettled(session: Session) -> dict[str, Any]:
    """What did not come out, each with what would settle it, and what was not judged, by cause."""
    causes: dict[str, list[dict[str, Any]]] = {}
    for row in session["rows"]:
        for cause, count in verdicts.claim(session, row)["waiting"]:
            causes.setdefault(cause, []).append(verdicts.claim(session, row) | {"count": count})
    return {
        "failed": [verdicts.claim(session, row) | {"settle": _settle(session, row)} for row in verdicts.failed(session)],
        "waiting": [
            {
                "cause": cause,
                "claims": found,
                "parts": sum(claim["count"] for claim in found),
                "way": _way(session, cause, found),
            }
            for cause, found in sorted(causes.items(), key=lambda item: -sum(claim["count"] for claim in item[1]))
        ],
    }


def _settle(session: Session, row: wording.Row) -> list[tuple[str, str]]:
    """Words and commands that would tell chance or scale from a difference."""
    paper = session["papers"][row["paper"]]
    contract = next(claim for claim in paper["claims"] if claim["claim"] == row["claim"])
    made_by = {runs.run_of(paper, table) for table in verdicts.tables_of(paper, row["claim"])}
    told = []
    if not any("seed_offset" in settings.load_params(row["paper"], name, session["preset"]) for name in made_by):
        told.append(
            ("No chance is in it: computed again, it gives the same number. A finer computation or another argument must decide.", "")
        )
    else:
        again = f"snakemake {row['paper']}_claims --config seed_offset=1000"
        again += "" if session["preset"].name == "quick" else f" preset={session['preset'].name}"
        told.append(("Fresh randomness tells chance from a difference, results of other seeds taking the place of these:", again))
    if session["preset"].base != "paper" and "paper" in contract["presets"]:
        told.append(("The published scale judges it too:", figures.command(session, f"{row['paper']}_claims", preset="paper")))
    return told


def _way(session: Session, cause: str, found: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Words and the command that would judge what waits for one cause."""
    targets = " ".join(f"{key}_claims" for key in sorted({claim["paper"] for claim in found}))
    for preset in ("paper", "quick"):
        if cause.startswith(f"judged at preset {preset} only"):
            return f"Judged at preset {preset}; make plan PRESET={preset} says what it costs.", figures.command(
                session, targets, preset=preset
            )
    if cause.startswith("preset smoke"):
        return "Preset smoke only shows that everything runs; the default preset judges.", figures.command(session, targets, preset="quick")
    if cause.endswith("computed from the embedded sample"):
        return (
            "Needs the published datasets: let the canonical servers be reached, or name a mirror.",
            f"DATASET_MIRROR=<folder or address> {figures.command(session, targets)}",
        )
    return "The log of the claims says more: logs/<preset>/<paper>/claims.log.", figures.command(session, targets, "--force ")


def how(session: Session) -> dict[str, Any]:
    """One claim of this run from its statement to its verdict, and what the words mean."""
    row = example(session)
    claim = verdicts.claim(session, row) if row else None
    return {
        "claim": claim,
        "part": claim["parts"][0] | {"used": wording.used(row)} if claim and row else None,
        "lines": session["lines"],
        "kinds": facts.kinds(session),
        "measured_in": wording.MEASURED_IN,
        "fixed": wording.FIXED,
    }


def example(session: Session) -> wording.Row | None:
    """A claim that is easy to follow: evidence, of one part; from one table, with a standard error and two bounds if there is such."""
    judged = [row for row in session["rows"] if row["verdict"] != "not_judged"]
    fit = [row for row in judged if row["n_parts"] == 1 and wording.kind(row) in wording.EVIDENCE]

    def ease(row: wording.Row) -> tuple[bool, bool, bool, bool]:
        known = [row[word] is not None for word in ("std_error", "lower", "upper")]
        single = len(verdicts.tables_of(session["papers"][row["paper"]], row["claim"])) == 1
        return row["measured_in"] != "numerics", known[0], single, known[1] and known[2]

    return max(fit, key=ease, default=None)
