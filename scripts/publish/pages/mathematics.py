"""Texts as HTML: TeX between dollar signs as MathML, equations that are cited as links, everything else escaped."""

import re
from collections.abc import Collection
from functools import cache

from latex2mathml.converter import convert
from markupsafe import Markup, escape

_MATHEMATICS = re.compile(r"\$([^$]+)\$")
_EQUATION = re.compile(r"\bE[0-9]+[a-z]?\b")
_NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'  # HTML needs none


def mathematics(text: str, equations: Collection[str] = (), page: str = "") -> Markup:
    """Text as HTML, its TeX between dollar signs as MathML.

    Parameters
    ----------
    equations : ids that become links where the text cites them.
    page : the page that holds these equations, seen from the page that shows the text.
    """
    pieces = _MATHEMATICS.split(text)
    return Markup("").join(formula(piece) if at % 2 else _words(piece, equations, page) for at, piece in enumerate(pieces))


@cache
def formula(tex: str, display: str = "inline") -> Markup:
    """TeX as MathML."""
    return Markup(convert(tex, display=display).replace(_NAMESPACE, "").replace(' display="inline"', ""))  # noqa: S704 - made here


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
