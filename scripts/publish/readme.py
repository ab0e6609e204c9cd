"""What README.md shows: of a run a figure, all figures in one picture and six rows of its scorecard; of the references the published scale.

python -m scripts.publish.readme results/quick      # python -m scripts.publish.readme scales: the comparison of scales only
"""

import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from repro import settings, tables, texts
from repro.files import atomic
from scripts.publish import reference, scales, sheet, wording
from scripts.publish.pages import papers
from scripts.publish.scorecard import records

FIGURE = ("wu_last_iterate", "fig5")  # the oral, on images: theory and experiment in one row each
PICTURE = Path("docs/figure.png")
SHEET = Path("docs/gallery.png")
N_ROWS = 6


def replace(readme: str, name: str, content: str) -> str:
    """The text with what stands between the markers of a name replaced."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = readme.split(begin)
    return before + begin + "\n" + content.strip() + "\n" + end + rest.split(end)[1]


def write(root: Path, sections: Mapping[str, str]) -> None:
    """Put sections between their markers in README.md."""
    text = (root / "README.md").read_text(encoding="utf-8")
    for name, content in sections.items():
        text = replace(text, name, content)
    with atomic(root / "README.md") as file:
        file.write_text(text, encoding="utf-8")


def chosen(rows: Sequence[wording.Row]) -> list[wording.Row]:
    """Six claims that show what there is: two that failed, then each time one of the kind and the paper that were shown least."""
    kinds = list(wording.KINDS)
    left = [row for row in rows if row["verdict"] != "not_judged"]
    shown = [row for row in left if row["verdict"] == "not_reproduced"][:2]

    def rank(row: wording.Row) -> tuple[int, int, int]:
        of_kind = sum(wording.kind(other) == wording.kind(row) for other in shown)
        return of_kind, sum(other["paper"] == row["paper"] for other in shown), kinds.index(wording.kind(row))

    while len(shown) < N_ROWS and (waiting := [row for row in left if row not in shown]):
        shown.append(min(waiting, key=rank))
    return shown


def excerpt(rows: Sequence[wording.Row], shorts: Mapping[str, str]) -> str:
    """Rows of the scorecard as Markdown."""
    lines = ["| paper | claim | kind | measured | bounds | verdict |", "|---|---|---|---|---|---|"]
    for row in chosen(rows):
        words = (wording.kind(row), wording.measured(row), wording.bounds(row), wording.verdict(row))
        cells = [texts.plain(cell).replace("|", "\\|") for cell in (shorts[row["paper"]], row["statement"], *words)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"{wording.headline(rows)} {wording.FIXED}"])


def pictures(results: Path, keys: Iterable[str]) -> list[Path]:
    """The PNGs of a run, papers and figures in the order of the site."""
    contracts = {key: settings.load_paper(key) for key in keys}
    paths = [results / key / f"{name}.png" for key in papers.in_order({"papers": contracts}) for name in contracts[key]["figures"]]
    return [path for path in paths if path.is_file()]


def refresh(results: Path, root: Path = settings.ROOT) -> None:
    """Copy the figure, draw the sheet of all of them and put the excerpt into README.md."""
    paper, name = FIGURE
    entry = settings.load_paper(paper)["figures"][name]
    shutil.copyfile(results / paper / f"{name}.png", root / PICTURE)
    told = f"{settings.load_paper(paper)['short']}, {texts.label(entry)}: {entry['title']}"
    rows = records(tables.read(results / "scorecard.parquet"))
    shorts = {key: settings.load_paper(key)["short"] for key in {row["paper"] for row in rows}}
    picture = f"![{entry['alt']}]({PICTURE})\n\n*{told}*"
    found = pictures(results, shorts)
    sheet.write(found, root / SHEET)
    n_papers = len({path.parent for path in found})
    words = f"All {len(found)} figures of the run, of {n_papers} papers, in small: the site shows each with what was judged on it."
    gallery = f"[![{words}]({SHEET})]({SHEET})"
    write(root, {"figure": picture, "gallery": gallery, "scorecard": excerpt(rows, shorts)})


def refresh_scales(root: Path = settings.ROOT) -> None:
    """Put the verdicts of the published scale beside those of quick into README.md, from reference/."""
    folders = (root / reference.FOLDER / preset for preset in ("quick", "paper"))
    quick, paper = ((reference.of_reference(folder), reference.runs_of(folder)) for folder in folders)
    contracts = {key: settings.load_paper(key) for key in reference.papers_of(paper[0])}
    write(root, {"scales": scales.compared(quick[0]["scorecard"], paper[0]["scorecard"], paper[1], contracts)})


if __name__ == "__main__":
    asked = sys.argv[1] if sys.argv[1:] else "results/quick"
    try:
        if asked != "scales":
            refresh(Path(asked))
        refresh_scales()
    except FileNotFoundError as error:
        sys.exit(str(error) if error.filename is None else f"{error.filename} is not there: make figures first")
