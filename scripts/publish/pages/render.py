"""Pages from a session: plain dictionaries in, HTML out. Nothing is loaded from elsewhere; style and script are in each page."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from repro import texts
from scripts.publish import wording
from scripts.publish.pages import facts, listings, papers
from scripts.publish.pages.mathematics import formula, mathematics

FOLDER = Path(__file__).parent
SHARED = (
    "base.html.j2",
    "macros.html.j2",
    "runs.html.j2",
)  # named here, as the others below, so that a change of them counts as one of the code
STYLE, SCRIPT, EXPLORE = "style.css", "script.js", "explore.js"

Session = Mapping[str, Any]

LISTINGS: dict[str, tuple[str, Callable[[Session], dict[str, Any]]]] = {
    "index": ("front.html.j2", facts.front),
    "claims": ("claims.html.j2", listings.claims),
    "open": ("open.html.j2", listings.unsettled),
    "how": ("how.html.j2", listings.how),
}
PAPER, TABLES = "paper.html.j2", "tables.html.j2"


def pages(session: Session) -> Iterator[tuple[str, str]]:
    """The pages of a session, path and HTML: the site, or where it is `alone` the page of its only paper."""
    environment = _environment(session)
    if session["alone"]:
        (key,) = session["papers"]
        yield f"{key}.html", _paper(environment, session, key, PAPER, root="", here=f"{key}/", home="", tables_page="")
        return
    beside = {"root": "../", "here": "", "home": "index.html", "tables_page": "tables.html"}
    for name, (template, context) in LISTINGS.items():
        yield f"{name}.html", environment.get_template(template).render(context(session), root="", page=name)
    for key in session["papers"]:
        yield f"{key}/index.html", _paper(environment, session, key, PAPER, **beside)
        yield f"{key}/tables.html", _paper(environment, session, key, TABLES, **beside)


def _paper(environment: Environment, session: Session, key: str, template: str, **places: str) -> str:
    return environment.get_template(template).render(paper=papers.paper(session, key), page=key, **places)


def _environment(session: Session) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"mathematics": mathematics, "formula": formula, "plain": texts.plain}
    environment.globals |= {
        "style": embedded(STYLE),
        "script": embedded(SCRIPT) + "\n" + embedded(EXPLORE),
        "run": facts.run(session),
        "alone": session["alone"],
        "equations_of": {key: paper["equations"] for key, paper in session["papers"].items()},
        "verdict_words": wording.VERDICT,
    }
    return environment


def embedded(name: str) -> Markup:
    """Style or script as it stands in a page: without indents, comments of whole lines and some of the needless spaces."""
    lines = [line.strip() for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]
    text = "\n".join(line for line in lines if line and not line.startswith("//"))
    needless = r"(?<=[{;,]) |(?<=[a-z]:) | (?=[{}])" if name == STYLE else r" (?==> )|(?<==>) |(?<={) | (?=})"
    return Markup(re.sub(needless, "", text))  # noqa: S704 - our own files
