"""Texts as HTML: TeX between dollar signs as formulas, equations that are cited as links, everything else escaped."""

import re
from collections.abc import Collection
from functools import cache

from markupsafe import Markup, escape

from scripts.publish.formulas import mathml
from scripts.publish.pages.inline import in_line

_MATHEMATICS = re.compile(r"\$([^$]+)\$")
_EQUATION = re.compile(r"\bE[0-9]+[a-z]?\b")
_NEEDLESS = re.compile(r' xmlns="[^"]*"| display="inline"')  # HTML knows both
# Rows that hold all of a formula, or one symbol, and styles of one fraction: needless, and a fifth of the elements of a formula.
_ROW_OF_ALL = re.compile(r"^(<math[^>]*>)<mrow>(.*)</mrow>(</math>)$", re.DOTALL)
_STYLE_OF_ONE = re.compile(r"<mstyle ([^>]*)><mfrac>((?:(?!</?mfrac>).)*</mfrac>)</mstyle>")
_ROW_OF_ONE = re.compile(r"<mrow>(<(m[ino])(?: [^<>]*)?>[^<]*</\2>)</mrow>")


def mathematics(text: str, equations: Collection[str] = (), page: str = "") -> Markup:
    """Text as HTML, its TeX between dollar signs as formulas.

    Parameters
    ----------
    equations : ids that become links where the text cites them.
    page : the page that holds these equations, seen from the page that shows the text.
    """
    pieces = _MATHEMATICS.split(text)
    return Markup("").join(formula(piece) if at % 2 else _words(piece, equations, page) for at, piece in enumerate(pieces))


@cache
def formula(tex: str, display: str = "inline") -> Markup:
    """TeX as HTML where it stands in a text and is simple, else as MathML, with no element that it can do without."""
    made = mathml(tex, display)
    if made.startswith("<math") and display == "inline" and (line := in_line(made)) is not None:
        return line
    whole = _ROW_OF_ALL.sub(r"\1\2\3", _NEEDLESS.sub("", made))
    return Markup(_STYLE_OF_ONE.sub(r"<mfrac \1>\2", _ROW_OF_ONE.sub(r"\1", whole)))  # noqa: S704 - made here


def _words(text: str, equations: Collection[str], page: str) -> Markup:
    if not equations:
        return escape(text)
    link = Markup('<a href="{}#{}">{}</a>')
    at, pieces = 0, []
    for found in _EQUATION.finditer(text):
        if found.group() in equations:
            pieces += [escape(text[at : found.start()]), link.format(page, found.group(), found.group())]
            at = found.end()
    return Markup("").join([*pieces, escape(text[at:])])


def code_links(text: str) -> list[tuple[str, str]]:
    """Pieces (repository on GitHub or "", words) of "owner/repository, licence; owner/repository, licence"."""
    pieces = re.split(r"((?:^|(?<=; ))[\w-]+/[\w.-]*\w)", text)
    return [(piece if at % 2 else "", piece) for at, piece in enumerate(pieces) if piece]
