"""Results in small: the scorecard, summaries of tables and signatures of figures, as text that git can keep.

    python -m scripts.publish.reference results/quick      # writes reference/quick

`scripts.publish.drift` compares a run with them, so that a fresh clone can tell what a change moved.
"""

import base64
import csv
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from repro import tables
from repro.files import atomic
from repro.settings import ROOT

FOLDER = "reference"
FILES = ("scorecard.csv", "summaries.json")
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
    """Results of a folder in small.

    Raises
    ------
    FileNotFoundError   if there is no scorecard: the run did not end.
    """
    card = folder / "scorecard.parquet"
    if not card.is_file():
        raise FileNotFoundError(f"{folder}: no scorecard.parquet; run make figures first")
    rows = tables.read(card)[list(SCORES)].to_csv(index=False, float_format=f"%.{DIGITS}g")
    summaries = {
        "tables": {name: summarise(tables.read(path)) for name, path in tables_in(folder).items()},
        "figures": {name: signature(path) for name, path in figures_in(folder).items()},
    }
    return parse(rows, json.dumps(summaries))


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


def main(results: str) -> None:
    """Write the reference of a results folder."""
    source = Path(results)
    target = ROOT / FOLDER / source.name
    try:
        write(of_folder(source), target)
    except FileNotFoundError as error:
        sys.exit(str(error))
    size = sum((target / name).stat().st_size for name in FILES)
    print(f"{target.relative_to(ROOT)}: {size / 1000:.0f} kB")  # noqa: T201 - a command


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "results/quick")
