"""Results that Snakemake has no record of: what was made as today is kept, the rest is made anew.

Snakemake keeps in .snakemake what each file was made of, and takes a file without such a record for new, whatever has changed since. The
records are lost with a container, or where only the results are copied. A table says itself what it was made of, so it is asked; figures
and verdicts do not, and cost seconds.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

MOST_NAMES = 3


class Recipe(NamedTuple):
    """What would make a table today: fingerprint of the code, parameters (of a run that is split a list of them), files of its jobs."""

    code: str
    parameters: Any
    files: Sequence[str]


def is_made_by(table: str, recipe: Recipe) -> bool:
    """Whether a table says that it was made by this code with these parameters."""
    from repro import tables  # noqa: PLC0415 - pandas takes half a second, and records are seldom lost

    try:
        told = tables.provenance(table)
    except (OSError, ValueError):
        return False
    return (told.get("fingerprint"), told.get("parameters")) == (recipe.code, json.loads(json.dumps(recipe.parameters)))


def restore(recipes: Mapping[str, Recipe], others: Collection[str]) -> str:
    """Have Snakemake make anew what it has no record of, but for tables that are as they would be made.

    Such files are marked as those of a job that began and did not end: `rerun-incomplete`, which all profiles have, does the rest.

    Parameters
    ----------
    recipes : table → what would make it.
    others : figures and verdicts.

    Returns
    -------
    A line for the user; empty if every file that is there has its record.
    """
    from snakemake.io import IOFile  # noqa: PLC0415 - the tests of the line do without Snakemake
    from snakemake.persistence.file import FilePersistence  # noqa: PLC0415

    known = FilePersistence(nolock=True)
    lost = [path for path in [*recipes, *others] if Path(path).is_file() and known.metadata(IOFile(path)) is None]
    if not lost:
        return ""
    kept = [path for path in lost if path in recipes and is_made_by(path, recipes[path])]
    stale = [path for path in lost if path in recipes and path not in kept]
    drawn = [path for path in lost if path not in recipes]
    known.cleanup(SimpleNamespace(output=[IOFile(path) for path in kept]))  # one that was marked before the code went back
    anew = [path for table in stale for path in {table, *recipes[table].files} if Path(path).is_file()] + drawn
    known.started(SimpleNamespace(output=[IOFile(path) for path in anew]))
    return line(kept, stale, drawn)


def line(kept: Sequence[str], stale: Sequence[str], drawn: Sequence[str]) -> str:
    """What is told of files without a record: tables that stay, tables that are made anew, figures and verdicts."""
    names = ", ".join(f"{Path(path).parent.name}/{Path(path).stem}" for path in stale[:MOST_NAMES])
    more = f" and {len(stale) - MOST_NAMES} more" if len(stale) > MOST_NAMES else ""
    anew = [f"{len(stale)} tables made by other code or with other parameters ({names}{more})"] if stale else []
    anew += [f"{len(drawn)} figures and verdicts"] if drawn else []
    told = f"NO RECORD of {len(kept) + len(stale) + len(drawn)} result files in .snakemake, which was lost or not copied with them."
    stay = f" {len(kept)} tables say that they are as they would be made now, and stay." if kept else ""
    return f"{told}{stay}" + (f" Made anew: {' and '.join(anew)}." if anew else "")
