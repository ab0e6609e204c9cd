"""What stands in a page: its elements in order, with their text."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

VOID = {"meta", "link", "img", "br", "hr", "input"}
CLOSED = {"mspace"}  # told in one tag


class Reader(HTMLParser):
    """Elements in order, with their text and what they stand in; complains about tags that are not closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[dict[str, Any]] = []
        self.open: list[dict[str, Any]] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        element = {"tag": tag, "text": "", "within": [around["tag"] for around in self.open], **dict(attrs)}
        self.elements.append(element)
        if tag not in VOID | CLOSED:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element["text"] += data

    def all(self, tag: str, **attributes: str) -> list[dict[str, Any]]:
        return [e for e in self.elements if e["tag"] == tag and all(e.get(name) == value for name, value in attributes.items())]

    def one(self, tag: str, **attributes: str) -> dict[str, Any]:
        (element,) = self.all(tag, **attributes)
        return element


def read(path: Path) -> Reader:
    """The elements of a file."""
    return Reader(path.read_text(encoding="utf-8"))


def pages(site: Path) -> dict[str, Reader]:
    """All pages of a site, by their path from its folder."""
    found = sorted([*site.glob("*.html"), *site.glob("*/*.html")])
    return {path.relative_to(site).as_posix(): read(path) for path in found}
