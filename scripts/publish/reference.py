"""Results in small: the scorecard, summaries of tables and signatures of figures, as text that git can keep.

    python -m scripts.publish.reference results/quick      # writes reference/quick

`scripts.publish.drift` compares a run with them, so that a fresh clone can tell what a change moved. Papers that were not run stay as
they were, so that a preset can be run paper by paper; runs.csv tells of each when, where and by which commit it was run.
"""

import base64
import csv
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from repro import tables
from repro.files import atomic
from repro.settings import ROOT, paper_keys
from scripts.publish import origin

FOLDER = "reference"
FILES = ("scorecard.csv", "summaries.json")
RUNS = "runs.csv"
SCORES = ("paper", "claim", "basis", "verdict", "part", "measured", "margin")
STATISTICS = ("nulls", "infinite", "mean", "min", "median", "max", "order")
SIGNATURE = (24, 16)  # cells of a figure's signature
DIGITS = 11

VOLATILE = "seconds"

Results = dict[str, Any]


def number(value: float) -> float | None:
    """A statistic as it is kept: `DIGITS` significant digits, null for nothing to say."""
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None


def summarise(frame: pd.DataFrame) -> dict[str, Any]:
    """Rows of a table, and for each column its statistics (numbers) or a hash (anything else).

    The statistic `order` is the mean with weights that rise from 0 to 1 along the rows: it sees rows change places.
    """
    return {"rows": len(frame), "columns": {str(name): _column(frame[name]) for name in frame if name != VOLATILE}}


def _column(values: "pd.Series[Any]") -> list[float | None] | str:
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return hashlib.sha256("\n".join(values.astype("string").fillna("null")).encode()).hexdigest()[:16]
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    finite = np.isfinite(numbers)
    counts: list[float | None] = [int(np.isnan(numbers).sum()), int(np.isinf(numbers).sum())]
    if not finite.any():
        return [*counts, *[None] * 5]
    kept, weights = numbers[finite], np.linspace(0, 1, len(numbers))[finite]
    return [*counts, *map(number, (kept.mean(), kept.min(), np.median(kept), kept.max(), (kept * weights).mean()))]


def grey(png: Path, size: tuple[int, int]) -> np.ndarray:
    """Mean grey levels of a figure in a grid of `size` cells, 0 (black) to 255."""
    with Image.open(png) as image:
        return np.asarray(image.convert("L").resize(size, Image.Resampling.BOX))


def signature(png: Path) -> str:
    """A figure's shape and coarse grey levels as text."""
    with Image.open(png) as image:
        width, height = image.size
    return f"{width}x{height}:{base64.b64encode(grey(png, SIGNATURE).tobytes()).decode()}"


def levels(text: str) -> np.ndarray:
    """Grey levels of a signature."""
    return np.frombuffer(base64.b64decode(text.partition(":")[2]), dtype=np.uint8)


def tables_in(folder: Path) -> dict[str, Path]:
    """Tables of a results folder, <paper>/<table> → path; claims and shards are left out."""
    found = sorted(folder.glob("*/*.parquet"))
    return {f"{path.parent.name}/{path.stem}": path for path in found if path.stem != "claims" and ".shard-" not in path.name}


def figures_in(folder: Path) -> dict[str, Path]:
    """Figures of a results folder, <paper>/<figure> → PNG; the site's thumbnails are left out."""
    return {f"{path.parent.name}/{path.stem}": path for path in sorted(folder.glob("*/*.png")) if path.stem != "thumbnail"}


def of_folder(folder: Path) -> Results:
    """Results of a folder in small: of all papers, or where there is no scorecard of all of them, of those that were run by themselves.

    Raises
    ------
    FileNotFoundError   if there is no scorecard: the run did not end.
    """
    whole = folder / "scorecard.parquet"
    cards = [whole] if whole.is_file() else [page.with_suffix(".parquet") for page in sorted(folder.glob("*.html"))]
    frames = [tables.read(card)[list(SCORES)] for card in cards if card.is_file()]
    if not frames:
        raise FileNotFoundError(f"{folder}: no scorecard.parquet; run make figures first")
    rows = pd.concat(frames, ignore_index=True)
    papers = set(rows["paper"])
    summaries = {
        "tables": {name: summarise(tables.read(path)) for name, path in of_papers(tables_in(folder), papers).items()},
        "figures": {name: signature(path) for name, path in of_papers(figures_in(folder), papers).items()},
    }
    return parse(rows.to_csv(index=False, float_format=f"%.{DIGITS}g"), json.dumps(summaries))


def papers_of(results: Results) -> list[str]:
    """Keys of the papers in results."""
    return sorted({name.split("/")[0] for name in results["scorecard"]})


def of_papers(found: Mapping[str, Any], papers: Collection[str]) -> dict[str, Any]:
    """Those entries of a mapping <paper>/<name> → anything that belong to the papers."""
    return {name: entry for name, entry in found.items() if name.split("/")[0] in papers}


def merged(old: Results, new: Results, known: Collection[str]) -> Results:
    """The new results, and the old ones of known papers that the new ones say nothing of."""
    others = set(known) - set(papers_of(new))
    return {kind: dict(sorted({**of_papers(old[kind], others), **new[kind]}.items(), key=_paper)) for kind in new}


def _paper(item: tuple[str, Any]) -> str:
    return item[0].split("/")[0]


def parse(scorecard: str, summaries: str) -> Results:
    """Results in small from the text of the two files."""
    rows = [dict(row) for row in csv.DictReader(io.StringIO(scorecard))]
    return {"scorecard": {f"{row['paper']}/{row['claim']}": row for row in rows}, **json.loads(summaries)}


def of_reference(folder: Path) -> Results:
    """Results in small that an earlier run left in a reference folder.

    Raises
    ------
    FileNotFoundError   if they are not there.
    """
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{folder}: no {missing[0]}; make reference writes it from results/<preset>")
    return parse(*((folder / name).read_text(encoding="utf-8") for name in FILES))


def of_commit(ref: str, preset: str, root: Path = ROOT) -> Results:
    """Results in small as a commit, tag or branch has them.

    Raises
    ------
    FileNotFoundError   if the commit is unknown or has none for this preset.
    """
    texts = []
    for name in FILES:
        command = ["git", "show", "--end-of-options", f"{ref}:{FOLDER}/{preset}/{name}"]
        told = f"{ref}: neither a folder with results nor a commit with {FOLDER}/{preset}/{name}"
        try:
            done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - git, no option from outside
        except FileNotFoundError:
            raise FileNotFoundError(f"{told}: git is not installed") from None
        if done.returncode:
            raise FileNotFoundError(f"{told}; git says: {' '.join(done.stderr.split())}")
        texts.append(done.stdout)
    return parse(*texts)


def write(results: Results, folder: Path) -> None:
    """Write results in small: one claim a line, one column of a table a line."""
    rows = io.StringIO()
    writer = csv.DictWriter(rows, SCORES, lineterminator="\n")
    writer.writeheader()
    writer.writerows(results["scorecard"].values())
    for name, text in zip(FILES, (rows.getvalue(), _lines(results)), strict=True):
        with atomic(folder / name) as file:
            file.write_text(text, encoding="utf-8")


def _lines(results: Mapping[str, Any]) -> str:
    blocks = []
    for name, table in results["tables"].items():
        columns = ",\n".join(f"    {json.dumps(column)}: {json.dumps(told)}" for column, told in table["columns"].items())
        blocks.append(f'  {json.dumps(name)}: {{"rows": {table["rows"]}, "columns": {{\n{columns}}}}}')
    figures = ",\n".join(f"  {json.dumps(name)}: {json.dumps(told)}" for name, told in results["figures"].items())
    return '{"tables": {\n' + ",\n".join(blocks) + '},\n"figures": {\n' + figures + "}}\n"


def runs_of(folder: Path) -> list[origin.Row]:
    """What runs.csv tells of the runs behind a reference; nothing where there is none."""
    if not (folder / RUNS).is_file():
        return []
    with (folder / RUNS).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_runs(runs: Iterable[origin.Row], folder: Path) -> None:
    """Write runs.csv, a line a run."""
    text = io.StringIO()
    writer = csv.DictWriter(text, origin.COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(runs, key=lambda row: row["paper"]))
    with atomic(folder / RUNS) as file:
        file.write_text(text.getvalue(), encoding="utf-8")


def take(source: Path, target: Path) -> list[str]:
    """Take the results of a folder into a reference; the keys of the papers that were taken."""
    new = of_folder(source)
    papers = papers_of(new)
    told = origin.of_papers(source, papers)
    old = of_reference(target) if all((target / name).is_file() for name in FILES) else {kind: {} for kind in new}
    kept = [row for row in runs_of(target) if row["paper"] in set(paper_keys()) - set(papers)]
    write(merged(old, new, paper_keys()), target)
    write_runs([*kept, *told], target)
    return papers


def main(results: str) -> None:
    """Write the reference of a results folder."""
    source = Path(results)
    target = ROOT / FOLDER / source.name
    try:
        papers = take(source, target)
    except (FileNotFoundError, ValueError) as error:
        sys.exit(str(error))
    size = sum((target / name).stat().st_size for name in (*FILES, RUNS))
    print(f"{target.relative_to(ROOT)}: {', '.join(papers)}; {size / 1000:.0f} kB")  # noqa: T201 - a command


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "results/quick")
