"""Copy what is to be published of a run into a folder for any static host: the site, and what it links to.

    python -m scripts.publish.site results/quick              # site/
    python -m scripts.publish.site results/quick --single     # site/index.html alone, images inside, to be mailed

Shards, logs and tables that no page names stay behind. A link that leads nowhere is an error.
"""

import argparse
import base64
import posixpath
import re
import shutil
import sys
from pathlib import Path

from repro.files import atomic
from repro.settings import ROOT

FIRST = ("index.html", "claims.html", "open.html", "how.html")

_LINK = re.compile(r' (?:href|src)="([^"#:]+)(?:#[^"]*)?"')
_FILE = re.compile(r'<a href="[^"]*" data-file>(.*?)</a>')
_ID = re.compile(r' id="([^"]+)"')
_HREF = re.compile(r' href="([^":]*)"')
_IMAGE = re.compile(r' src="([^":]+\.png)"')
_MINI = re.compile(r'<img class="mini"[^>]*>')  # in the contents, the figure a second time
_MAIN = re.compile(r'<main id="main">(.*)</main>', re.DOTALL)


def pages(results: Path) -> list[str]:
    """Pages of the site, as the first one and those that it leads to name them.

    Raises
    ------
    FileNotFoundError   if the run has no site.
    """
    if not (results / "index.html").is_file():
        raise FileNotFoundError(f"{results}: no index.html; make figures first")
    cards = re.findall(r'href="([\w-]+/index\.html)"', (results / "index.html").read_text(encoding="utf-8"))
    return [*FIRST, *(page for card in dict.fromkeys(cards) for page in (card, card.replace("index.html", "tables.html")))]


def linked(page: str, html: str) -> set[str]:
    """Files that a page names, seen from the folder of results."""
    return {_at(page, path) for path in _LINK.findall(html)}


def _at(page: str, path: str) -> str:
    """Where a link of a page leads, seen from the folder of results."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), path))


def copy(results: Path, target: Path) -> int:
    """Copy the site and all that it links to; the number of files."""
    names = set(pages(results))
    for page in sorted(names):
        names |= linked(page, (results / page).read_text(encoding="utf-8"))
    for name in sorted(names):
        if not (results / name).is_file():
            raise FileNotFoundError(f"{results / name}: a page links to it, and it is not there; make figures first")
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(results / name, target / name)
    return len(names)


def single(results: Path) -> str:
    """The whole site as one page: its pages one after the other, their images inside, without links to files."""
    names = pages(results)
    texts = {page: (results / page).read_text(encoding="utf-8") for page in names}
    sections = [_section(results, page, texts[page]) for page in names]
    before, _, after = texts[FIRST[0]].partition('<main id="main">')
    after = after.rpartition("</main>")[2]
    return "\n".join([_joined(results, FIRST[0], before), *sections, _joined(results, FIRST[0], after)])


def _section(results: Path, page: str, html: str) -> str:
    found = _MAIN.search(html)
    if found is None:
        raise ValueError(f"{results / page}: not a page of the site; delete it and run make figures")
    return f'<main id="{_name(page)}">{_joined(results, page, found.group(1))}</main>'


def _joined(results: Path, page: str, html: str) -> str:
    """Part of a page with its ids told apart by the page, its links turned to them and its images inside."""
    folder = Path(page).parent
    html = _MINI.sub("", _FILE.sub(r"\1", html))
    html = _ID.sub(lambda found: f' id="{_name(page)}.{found.group(1)}"', html)
    html = _HREF.sub(lambda found: f' href="{_within(page, found.group(1))}"', html)
    return _IMAGE.sub(lambda found: f' src="{_inside(results / folder / found.group(1))}"', html)


def _name(page: str) -> str:
    """The name of a page among the ids: its own, or its paper's, or both."""
    return page.removesuffix(".html").removesuffix("/index").replace("/", ".")


def _within(page: str, href: str) -> str:
    """A link between pages, or from a figure to its SVG, as one within the page."""
    path, _, anchor = href.partition("#")
    if path.endswith(".svg"):
        return f"#{_name(page)}.{Path(path).stem}"
    aim = _name(_at(page, path) if path else page)
    if "=" in anchor:
        return f"#page={aim}&amp;{anchor}"
    return f"#{aim}.{anchor}" if anchor and anchor != "main" else f"#{aim}"


def _inside(path: Path) -> str:
    """An image as part of the page."""
    return f"data:image/{path.suffix[1:]};base64," + base64.b64encode(path.read_bytes()).decode()


def main() -> None:
    """Write the site."""
    parser = argparse.ArgumentParser(description="Copy what is to be published of a run.")
    parser.add_argument("results", type=Path, help="folder of results, results/<preset>")
    parser.add_argument("--target", type=Path, default=ROOT / "site", help="folder to write, emptied first")
    parser.add_argument("--single", action="store_true", help="one page with its images inside")
    asked = parser.parse_args()
    try:
        pages(asked.results)
        shutil.rmtree(asked.target, ignore_errors=True)
        if asked.single:
            with atomic(asked.target / "index.html") as file:
                file.write_text(single(asked.results), encoding="utf-8")
        n_files = 1 if asked.single else copy(asked.results, asked.target)
    except (FileNotFoundError, ValueError) as error:
        sys.exit(str(error))
    size = sum(path.stat().st_size for path in asked.target.rglob("*") if path.is_file())
    print(f"{asked.target / 'index.html'}: {n_files} {'file' if n_files == 1 else 'files'}, {size / 1e6:.1f} MB")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
