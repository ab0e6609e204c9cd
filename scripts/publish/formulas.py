"""Formulas as MathML, safe in a page whatever their TeX holds."""

from xml.etree import ElementTree as ET

from latex2mathml.converter import convert
from markupsafe import Markup, escape

# What a formula is made of. The converter passes on what stands in \text as it is: elements of HTML too, and scripts.
_NAMES = """
math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd
mtext mtr munder munderover none
"""
_ELEMENTS = frozenset(f"{{http://www.w3.org/1998/Math/MathML}}{name}" for name in _NAMES.split())


def mathml(tex: str, display: str = "inline") -> Markup:
    """A formula as MathML, inline or block; its TeX as text where it is wrong or would make other elements, or links."""
    try:
        made = convert(tex, display=display)
        elements = list(ET.fromstring(made).iter())  # noqa: S314 - short, and declares no entities
    except Exception:  # the converter's errors have no name in common; a wrong formula must not cost the page
        return escape(f"${tex}$")
    return Markup(made) if all(map(_is_harmless, elements)) else escape(f"${tex}$")  # noqa: S704 - nothing but MathML


def _is_harmless(element: ET.Element) -> bool:
    return element.tag in _ELEMENTS and not any(name in ("href", "style") or name.startswith(("on", "{")) for name in element.attrib)
