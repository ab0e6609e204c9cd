"""Simple formulas of a text as HTML: letters and scripts, half the elements that MathML takes, digits in the typeface of the text."""

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from markupsafe import Markup, escape

_PARTS = frozenset(("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msub", "msup", "msubsup"))
_RELATIONS = frozenset("=<>≤≥≈≠∈∝→")
_OPERATIONS = frozenset("+−×·⊗∘")
_SPACE, _THIN = "\u00a0", "\u2009"
_OPENING = tuple("([{⟨|‖/ ")  # behind these an operation is the sign of what follows
_WHOLE = re.compile("−?[0-9]+")
_SMALL = {"sup": str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"), "sub": str.maketrans("−0123456789", "₋₀₁₂₃₄₅₆₇₈₉")}
_LETTER_BELOW_LETTER = re.compile(r"</var><(su[bp])><var>([^<]*)</var></\1>")


def in_line(mathml: str) -> Markup | None:
    """A formula as HTML; None where it has a fraction, a root or an accent, which MathML alone can show.

    Parameters
    ----------
    mathml : well-formed, and made by us.
    """
    math = ET.fromstring(mathml)  # noqa: S314 - ours
    if not {_name(element) for element in math.iter()} <= _PARTS:
        return None
    return Markup(_LETTER_BELOW_LETTER.sub(r"<\1>\2</\1></var>", _row(math, apart=True)))  # noqa: S704 - its texts are escaped


def _row(elements: Iterable[ET.Element], *, apart: bool) -> str:
    html, behind_word = "", False
    for element in elements:
        piece = _piece(element, apart=apart)
        joined = html and not html.endswith(_OPENING)
        if apart and element.text == ",":
            piece += " "
        elif apart and ((html and element.text in _RELATIONS) or (joined and element.text in _OPERATIONS)):
            piece = f"{_SPACE}{piece} "  # a line may break behind a sign, never before it
        elif joined and (_is_word(element) or (behind_word and _name(element) != "mo")):
            piece = _THIN + piece
        html, behind_word = html + piece, _is_word(element)
    return html


def _piece(element: ET.Element, *, apart: bool) -> str:
    name, text = _name(element), escape(element.text or "")
    if name == "mrow":
        return _row(element, apart=apart)
    if name == "mspace":
        return _THIN
    if name.startswith("msu"):
        base, *scripts = (_row([one], apart=apart and not at) for at, one in enumerate(element))
        return base + "".join(_script(mark, script) for mark, script in zip(re.findall("su[bp]", name), scripts, strict=True))
    return f"<var>{text}</var>" if name == "mi" and len(text) == 1 and text.isalpha() and "mathvariant" not in element.attrib else str(text)


def _script(mark: str, html: str) -> str:
    """Whole numbers as characters of their own, everything else as an element."""
    return html.translate(_SMALL[mark]) if _WHOLE.fullmatch(html) else f"<{mark}>{html}</{mark}>"


def _is_word(element: ET.Element) -> bool:
    """Whether it is log, max or the like, with or without scripts."""
    first = next((one.text for one in element.iter() if one.text), "")
    return len(first) > 1 and first.isalpha()


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
