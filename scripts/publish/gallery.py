"""The site of a run, or the page of one paper alone: every figure, every claim, and what did not come out, as files that need no server."""

import csv
import json
import os
import platform
import struct
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup
from PIL import Image

from repro import settings, tables
from repro.files import atomic
from repro.job import job
from scripts.publish import captions, wording
from scripts.publish.pages import explore, facts, listings, render, verdicts
from scripts.publish.scorecard import records

THUMBNAIL = 360  # pixels wide, beneath 15 kB each
COLORS = 64
MOST_CSV = 1_000_000  # bytes of a CSV; a larger table has its first rows
FIRST_ROWS = 1000
EXAMPLE_ROWS = 4

Session = dict[str, Any]


def session(
    papers: Mapping[str, Mapping[str, Any]], scorecard: pd.DataFrame, claims: pd.DataFrame, *, preset: settings.Preset, **told: Any
) -> Session:
    """All that the pages are made of.

    Parameters
    ----------
    papers : key → the paper's contract; `figures` holds those drawn at this preset, each with `settings_text`.
    scorecard, claims : one row a claim, one row a part.
    told : sources (dataset → real or sample), media ((paper, figure) → size of its PNG in pixels, or lines of a table),
        tables ((paper, table) → its provenance, with n_rows and csv), thumbnails (paper → size, or None), datasets (their
        registry), made (commit, machine, source),
        explore ((paper, figure) → curves to choose from), folder (of the results), alone (whether it is the page of one paper and no site).
    """
    rows = records(scorecard)
    parts = wording.by_claim(records(claims))
    return {"papers": papers, "rows": rows, "parts": parts, "preset": preset, "lines": None, **told}


def contract(key: str, preset: settings.Preset, figures: Iterable[str]) -> dict[str, Any]:
    """A paper's contract with the figures that are drawn, and their settings in words."""
    paper = settings.load_paper(key)
    told = {name: settings.figure_about(key, name, preset)["settings"] for name in figures}
    return {**paper, "figures": {name: {**paper["figures"][name], "settings_text": text} for name, text in told.items()}}


def png_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels, from the first bytes of a PNG."""
    with path.open("rb") as file:
        start = file.read(24)
    if not start.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError(f"{path}: not a PNG; delete it, the next run draws it again")
    width, height = struct.unpack(">II", start[16:24])
    return width, height


def medium(folder: Path, name: str, entry: Mapping[str, Any]) -> tuple[int, int] | list[list[str]]:
    """Size of a figure's PNG, or the lines of a table that readers see."""
    if entry.get("kind") != "table":
        return png_size(folder / f"{name}.png")
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def thumbnail(png: Path, target: Path) -> tuple[int, int]:
    """Make a small copy of a figure; its width and height."""
    with Image.open(png) as image:
        size = (THUMBNAIL, round(THUMBNAIL * image.height / image.width))
        small = image.convert("RGB").resize(size, Image.Resampling.BOX)
    with atomic(target) as file:
        small.quantize(COLORS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, format="png", optimize=True)
    return size


def made() -> dict[str, str]:
    """The commit of the code, and the machine that made the pages."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    commit = _git("rev-parse", "--short=12", "HEAD")
    return {"commit": commit or "in no repository", "machine": machine, "source": source(commit)}


def source(commit: str) -> str:
    """Address beneath which the files of this commit can be read; empty where none is known.

    Made of `repository-code` in CITATION.cff, or else of the repository whose GitHub workflow makes the pages.
    """
    cited = settings.ROOT / "CITATION.cff"
    address = settings.load_yaml(cited).get("repository-code") if cited.is_file() else None
    if not address and {"GITHUB_SERVER_URL", "GITHUB_REPOSITORY"} <= os.environ.keys():
        address = f"{os.environ['GITHUB_SERVER_URL']}/{os.environ['GITHUB_REPOSITORY']}"
    return f"{address.rstrip('/')}/blob/{commit}" if address and commit else ""


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(settings.ROOT), *words], capture_output=True, text=True, check=True)  # noqa: S603, S607 - ours
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def first_lines(table: pd.DataFrame) -> list[list[str]]:
    """The first rows of a table as text, its columns' names first."""
    rows = records(table.head(EXAMPLE_ROWS))
    return [list(map(str, table.columns)), *([_cell(value) for value in row.values()] for row in rows)]


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def save(pages: Iterable[tuple[str, str]], folder: Path) -> None:
    """Write pages, each whole or not at all."""
    for path, html in pages:
        with atomic(folder / path) as file:
            file.write_text(html, encoding="utf-8")


Names = Mapping[str, Sequence[str]]


def read(folder: Path, figures: Names, used: Names, preset: settings.Preset) -> Session:
    """Contracts of papers with the given figures, and what the folder of results holds of these and of the tables that were used."""
    papers = {key: contract(key, preset, figures[key]) for key in figures}
    media = {(key, name): medium(folder / key, name, entry) for key, paper in papers.items() for name, entry in paper["figures"].items()}
    paths = {(key, name): folder / key / f"{name}.parquet" for key in papers for name in used[key]}
    known = {name: {**tables.provenance(path), "n_rows": tables.n_rows(path), "csv": None} for name, path in paths.items()}
    return {
        "papers": papers,
        "media": media,
        "tables": known,
        "explore": {at: data for at in media if (data := explorable(folder, papers, *at))},
    }


def explorable(folder: Path, papers: Mapping[str, Any], key: str, name: str) -> Markup | None:
    """Curves of a figure that a reader may choose from; None where its yaml offers none or its table has none."""
    spec = papers[key]["figures"][name].get("explore")
    found = spec and explore.curves(tables.read(folder / key / f"{spec['table']}.parquet"), spec)
    return explore.embedded(found) if found else None


def publish(told: Session, folder: Path) -> None:
    """Write CSVs, thumbnails, the example's rows, pages and site.json of a session."""
    papers: Mapping[str, Any] = told["papers"]
    for (key, name), about in told["tables"].items():
        path = folder / key / f"{name}.parquet"
        whole = tables.write_csv(path, path.with_suffix(".csv"), most_bytes=MOST_CSV, first_rows=FIRST_ROWS)
        about["csv"] = "whole" if whole else f"first {FIRST_ROWS:,} rows"
    tables.write_csv(folder / "scorecard.parquet", folder / "scorecard.csv")
    for key, paper in papers.items():
        if front := captions.front(paper["figures"]):
            told["thumbnails"][key] = thumbnail(folder / key / f"{front}.png", folder / key / "thumbnail.png")
    if example := listings.example(told):
        name = verdicts.tables_of(papers[example["paper"]], example["claim"])[0]
        told["lines"] = first_lines(tables.read(folder / example["paper"] / f"{name}.parquet"))
    save(render.pages(told), folder)
    with atomic(folder / "site.json") as file:
        file.write_text(json.dumps(facts.site(told), ensure_ascii=False, indent=1, allow_nan=False, default=str) + "\n", encoding="utf-8")


if "snakemake" in globals():
    with job(snakemake) as j:
        results = Path(snakemake.output[0]).parent
        preset = settings.Preset(**j.params.preset)
        claims = pd.concat([j.tables[key] for key in j.params.figures], ignore_index=True)
        told = read(results, j.params.figures, j.params.tables, preset) | {"alone": j.params.alone}
        told |= {"sources": j.sources, "made": made(), "datasets": j.params.datasets, "folder": str(results)}
        told = session(scorecard=j.tables["scorecard"], claims=claims, preset=preset, thumbnails=dict.fromkeys(told["papers"]), **told)
        if j.params.alone:
            save(render.pages(told), results)
        else:
            publish(told, results)
