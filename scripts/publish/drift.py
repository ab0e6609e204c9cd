"""What changed between two runs: verdicts, margins, tables and figures, as Markdown for a pull request.

    python -m scripts.publish.drift                              # results/quick against reference/quick
    python -m scripts.publish.drift --base main                  # ... against the reference that a commit holds
    python -m scripts.publish.drift --base other/results/quick   # ... against another folder, value by value

Fails when a verdict got worse. A changed number or figure is told, not judged: it may be meant.
"""

import argparse
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from repro import tables
from repro.files import atomic
from repro.settings import ROOT
from scripts.publish import reference, terminal
from scripts.publish.verdicts import RANK
from scripts.publish.wording import VERDICT

TOLERANCES = {"": 1e-9}  # relative: of a column by its name, of all others under ""
ROUND_OFF = 1e-14  # of the largest value of a column: smaller differences are noise of the sums behind them
GREY_LEVELS = 0.2  # root mean square over the cells of a figure: the loss of one marker is 0.2 to 1
FULL_GRID = (175, 125)  # cells in which the figures of two folders are compared
MOST_LINES = 40
ROUNDING = 1e-4  # relative: what another machine or library moves by less is told in one line
STATISTIC = {"order": "mean weighted by place"}

Row = tuple[str, ...]
Tolerances = Mapping[str, float]


def differ(base: np.ndarray, head: np.ndarray, tolerance: float) -> np.ndarray:
    """Which numbers differ: by more than a relative tolerance, or one of them null or infinite and the other not."""
    finite = np.isfinite(base) & np.isfinite(head)
    scale = max((np.abs(values[finite]).max(initial=0.0) for values in (base, head)), default=0.0)
    allowed = tolerance * np.maximum(np.abs(base), np.abs(head)) + ROUND_OFF * scale
    with np.errstate(invalid="ignore"):
        near = np.abs(base - head) <= allowed
    return np.where(finite, ~near, ~((base == head) | (np.isnan(base) & np.isnan(head))))


def relative(base: np.ndarray, head: np.ndarray) -> float:
    """Largest relative change among numbers; infinite where one of two is null or infinite."""
    with np.errstate(invalid="ignore"):
        change = np.abs(head - base) / np.maximum(np.abs(base), np.abs(head))
    return float(np.where(np.isfinite(change), change, np.inf).max())


def verdict_changes(base: Mapping[str, Any], head: Mapping[str, Any]) -> tuple[list[Row], list[Row]]:
    """Claims whose verdict is worse than before (or that are gone), and all others whose verdict differs."""
    worse: list[Row] = []
    other: list[Row] = []
    for name in [*base, *(name for name in head if name not in base)]:
        before, after = (card[name]["verdict"] if name in card else "" for card in (base, head))
        if before == after:
            continue
        row = (name, VERDICT.get(before, "not there"), VERDICT.get(after, "not there"), _measured(base, head, name))
        falls = bool(before) and (not after or RANK[after] < RANK[before])
        (worse if falls else other).append(row)
    return worse, other


def _measured(base: Mapping[str, Any], head: Mapping[str, Any], name: str) -> str:
    told = [card[name]["measured"] or "–" if name in card else "–" for card in (base, head)]
    return " → ".join(told)


def margin_changes(base: Mapping[str, Any], head: Mapping[str, Any], tolerances: Tolerances) -> list[Row]:
    """Claims of unchanged verdict whose distance from the nearest bound moved."""
    found: list[Row] = []
    for name in [name for name in base if name in head and base[name]["verdict"] == head[name]["verdict"]]:
        before, after = (np.array([float(card[name]["margin"] or "nan")]) for card in (base, head))
        if differ(before, after, tolerances[""]).any():
            found.append((name, f"{before[0]:.6g}", f"{after[0]:.6g}", _measured(base, head, name)))
    return found


def summary_changes(base: Mapping[str, Any], head: Mapping[str, Any], tolerances: Tolerances) -> list[Row]:
    """(column, change) of two summaries of a table."""
    found = _shape(base["rows"], head["rows"], base["columns"], head["columns"])
    for name in [name for name in base["columns"] if name in head["columns"]]:
        before, after = base["columns"][name], head["columns"][name]
        if isinstance(before, str) or isinstance(after, str):
            found += [(name, "other values")] if before != after else []
            continue
        old, new = np.array(before, dtype=float), np.array(after, dtype=float)
        moved = differ_each(old, new, tolerances.get(name, tolerances[""]))
        if moved.any():
            words = [f"{_statistic(int(i))} {old[i]:.6g} → {new[i]:.6g}" for i in np.flatnonzero(moved)]
            found.append((name, ", ".join(words)))
    return found


def _statistic(at: int) -> str:
    return STATISTIC.get(reference.STATISTICS[at], reference.STATISTICS[at])


def beyond_rounding(rows: Sequence[Row], coarse: Sequence[Row], n_keys: int) -> tuple[list[Row], int]:
    """Those rows whose first `n_keys` cells a coarse comparison has too, and the number of the others."""
    keys = {row[:n_keys] for row in coarse}
    kept = [row for row in rows if row[:n_keys] in keys]
    return kept, len(rows) - len(kept)


def loosened(tolerances: Tolerances) -> dict[str, float]:
    """Tolerances in which what moved within rounding is equal."""
    return {column: max(tolerance, ROUNDING) for column, tolerance in tolerances.items()}


def differ_each(base: np.ndarray, head: np.ndarray, tolerance: float) -> np.ndarray:
    """As `differ`, each number by itself: statistics have no common scale, and their last kept digit is rounded."""
    return np.array([differ(base[i : i + 1], head[i : i + 1], max(tolerance, 1e-10))[0] for i in range(len(base))])


def _shape(base_rows: int, head_rows: int, base_columns: Any, head_columns: Any) -> list[Row]:
    found: list[Row] = [] if base_rows == head_rows else [("rows", f"{base_rows} → {head_rows}")]
    found += [(name, "column removed") for name in base_columns if name not in head_columns]
    return found + [(name, "column added") for name in head_columns if name not in base_columns]


def frame_changes(base: pd.DataFrame, head: pd.DataFrame, tolerances: Tolerances) -> list[Row]:
    """(column, change) of two tables, value by value.

    Rows are those of equal keys, the columns that hold no floats; where these do not tell all rows apart, rows of equal place.
    """
    base, head = (frame.drop(columns=reference.VOLATILE, errors="ignore") for frame in (base, head))
    found = _shape(len(base), len(head), list(base), list(head))
    common = [str(name) for name in base if name in head]
    keys = [name for name in common if not any(pd.api.types.is_float_dtype(frame[name]) for frame in (base, head))]
    if keys and not any(frame.duplicated(keys).any() for frame in (base, head)):
        both = base[common].merge(head[common], on=keys, how="outer", suffixes=("", "\n"), indicator="\nside")
        sides = both["\nside"].value_counts()
        gone, come = sides["left_only"], sides["right_only"]
        found += [("rows", f"{gone} removed, {come} added")] if gone or come else []
        both = both[both["\nside"] == "both"]
        pairs = [(name, both[name], both[f"{name}\n"]) for name in common if name not in keys]
    elif len(base) == len(head):
        pairs = [(name, base[name], head[name]) for name in common]
    else:
        return found + summary_changes(reference.summarise(base), reference.summarise(head), tolerances)[1:]
    return found + [row for name, before, after in pairs if (row := _values(name, before, after, tolerances.get(name, tolerances[""])))]


def _values(name: str, before: "pd.Series[Any]", after: "pd.Series[Any]", tolerance: float) -> Row | None:
    if not all(pd.api.types.is_numeric_dtype(values) for values in (before, after)):
        n = int((before.astype("string").fillna("").to_numpy() != after.astype("string").fillna("").to_numpy()).sum())
        return (name, f"{n} of {len(before)} values") if n else None
    old, new = (values.to_numpy(dtype=float, na_value=np.nan) for values in (before, after))
    moved = differ(old, new, tolerance)
    if not moved.any():
        return None
    return (name, f"{moved.sum()} of {len(old)} values, by up to {relative(old[moved], new[moved]):.2g} relative")


def table_changes(base: Mapping[str, Any], head: Mapping[str, Any], compare: Callable[[Any, Any], list[Row]]) -> list[Row]:
    """(table, column, change) over all tables; `compare` is for tables that both have."""
    found: list[Row] = [(name, "", "removed") for name in base if name not in head]
    found += [(name, "", "added") for name in head if name not in base]
    return found + [(name, *row) for name in base if name in head for row in compare(base[name], head[name])]


def figure_changes(base: Mapping[str, Any], head: Mapping[str, Any], distance: Callable[[Any, Any], float]) -> list[Row]:
    """(figure, change) over all figures; `distance` is in grey levels."""
    found: list[Row] = [(name, "removed") for name in base if name not in head]
    found += [(name, "added") for name in head if name not in base]
    for name in [name for name in base if name in head]:
        levels = distance(base[name], head[name])
        if levels > GREY_LEVELS:
            found.append((name, f"{levels:.1f} of 255 grey levels" if np.isfinite(levels) else "other size"))
    return found


def of_signatures(base: str, head: str) -> float:
    """Root mean square difference of two signatures; infinite if the figures have other sizes."""
    if base.partition(":")[0] != head.partition(":")[0]:
        return np.inf
    return _rms(reference.levels(base), reference.levels(head))


def of_files(base: Path, head: Path) -> float:
    """As `of_signatures`, of two PNG files, in finer cells."""
    return max(of_signatures(*map(reference.signature, (base, head))), _rms(*(reference.grey(path, FULL_GRID) for path in (base, head))))


def _rms(base: np.ndarray, head: np.ndarray) -> float:
    return float(np.sqrt(np.mean((base.astype(float) - head.astype(float)) ** 2)))


def compare_small(
    base: Mapping[str, Any], head: Mapping[str, Any], papers: Collection[str], tolerances: Tolerances
) -> tuple[list[Row], list[Row]]:
    """Changes of the papers' tables and figures between results in small."""
    before, after = ({kind: reference.of_papers(small[kind], papers) for kind in ("tables", "figures")} for small in (base, head))
    changed = table_changes(before["tables"], after["tables"], lambda a, b: summary_changes(a, b, tolerances))
    return changed, figure_changes(before["figures"], after["figures"], of_signatures)


def compare_folders(base: Path, head: Path, papers: Collection[str], tolerances: Tolerances) -> tuple[list[Row], list[Row]]:
    """Changes of the papers' tables and figures between two results folders."""
    before, after = (reference.of_papers(reference.tables_in(folder), papers) for folder in (base, head))
    changed = table_changes(before, after, lambda a, b: frame_changes(tables.read(a), tables.read(b), tolerances))
    before, after = (reference.of_papers(reference.figures_in(folder), papers) for folder in (base, head))
    return changed, figure_changes(before, after, of_files)


def markdown(title: str, sections: Sequence[tuple[str, Row, Sequence[Row]]], n_rounded: int = 0) -> str:
    """The report: what changed and how much of it, each kind in a table; long ones are cut, what moved within rounding is one line."""
    counts = ", ".join(f"{len(rows)} {name}" for name, _, rows in sections if rows)
    blocks = [f"### Drift: {title}", f"{counts}." if counts else "Nothing else changed." if n_rounded else "Nothing changed."]
    if n_rounded:
        blocks.append(f"Moved within rounding (relative change below {ROUNDING:g}): {n_rounded} margins and columns.")
    for name, header, rows in sections:
        if rows:
            shown = [header, ("---",) * len(header), *rows[:MOST_LINES]]
            lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in shown]
            left = len(rows) - MOST_LINES
            body = "\n".join(lines) + (f"\n\n… and {left} more" if left > 0 else "")
            blocks.append(f"<details open><summary>{len(rows)} {name}</summary>\n\n{body}\n\n</details>")
    return "\n\n".join(blocks) + "\n"


def drift(base: str, head: Path, tolerances: Tolerances = TOLERANCES, root: Path = ROOT) -> tuple[str, int]:
    """Report and number of verdicts that got worse.

    Parameters
    ----------
    base : a results folder, a reference folder, or a commit that holds a reference; empty means the reference at hand.
    head : a results folder; papers that are not in its scorecard are left out.
    """
    folder = Path(base) if base else root / reference.FOLDER / head.name
    after = reference.of_folder(head)
    papers = {name.split("/")[0] for name in after["scorecard"]}
    coarse = loosened(tolerances)
    if any(folder.glob("*.parquet")):
        before = reference.of_folder(folder)
        (changed, figures), (moved, _) = (compare_folders(folder, head, papers, each) for each in (tolerances, coarse))
    else:
        before = reference.of_reference(folder) if not base or folder.is_dir() else reference.of_commit(base, head.name, root)
        (changed, figures), (moved, _) = (compare_small(before, after, papers, each) for each in (tolerances, coarse))
    card = reference.of_papers(before["scorecard"], papers)
    worse, other = verdict_changes(card, after["scorecard"])
    margins, n_margins = beyond_rounding(
        margin_changes(card, after["scorecard"], tolerances), margin_changes(card, after["scorecard"], coarse), n_keys=1
    )
    changed, n_columns = beyond_rounding(changed, moved, n_keys=2)
    absent = sorted({name.split("/")[0] for name in before["scorecard"]} - papers)
    was = ("claim", "before", "now", "measured")
    sections: list[tuple[str, Row, Sequence[Row]]] = [
        ("verdicts worse", was, worse),
        ("other verdicts changed", was, other),
        ("margins moved", ("claim", "margin before", "now", "measured"), margins),
        ("columns changed", ("table", "column", "change"), changed),
        ("figures look different", ("figure", "change"), figures),
        ("papers not in this run, left out", ("paper",), [(name,) for name in absent]),
    ]
    return markdown(f"{head} against {base or f'{reference.FOLDER}/{head.name}'}", sections, n_margins + n_columns), len(worse)


def tolerances_of(words: Sequence[str]) -> dict[str, float]:
    """Tolerances from words like 1e-6 (every column) or loss=1e-3 (one column)."""
    return TOLERANCES | {column: float(value) for column, _, value in (word.rpartition("=") for word in words)}


def main() -> None:
    """Print the report and write it to a file; the exit status is 1 if a verdict got worse."""
    parser = argparse.ArgumentParser(description="What changed since the reference: verdicts, tables, figures.")
    parser.add_argument("--base", default="", help="results folder, reference folder, or git commit (default: reference/<name of head>)")
    parser.add_argument("--head", type=Path, default=Path("results/quick"), help="results folder (default: results/quick)")
    parser.add_argument(
        "--tolerance", nargs="*", default=[], help="relative, below which numbers are equal: 1e-6, or loss=1e-3 for one column"
    )
    parser.add_argument("--output", type=Path, default=Path("results/drift.md"), help="Markdown file to write (default: results/drift.md)")
    asked = parser.parse_args()
    try:
        text, n_worse = drift(asked.base, asked.head, tolerances_of(asked.tolerance))
    except FileNotFoundError as error:
        sys.exit(str(error))
    with atomic(asked.output) as file:
        file.write_text(text, encoding="utf-8")
    terminal.say(text)
    sys.exit(int(n_worse > 0))


if __name__ == "__main__":
    main()
