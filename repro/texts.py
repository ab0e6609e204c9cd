"""Texts that take their numbers from a run: fields in braces, the facts about a figure in words, mathematics in plain text.

Snakemake's main process imports this module, so it needs nothing but the standard library until it is asked for mathematics.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

# {C5.ratio}, {C5.ratio.upper}, {schedules.n_train}, {C5.ratio:.2f}; the braces of TeX hold no such dotted word
_FIELD = re.compile(r"\{([A-Za-z]\w*)\.([a-z]\w*)(?:\.([a-z_]+))?(?::([^{}]+))?\}")
_MATHEMATICS = re.compile(r"\$[^$]+\$")

NOTHING = "–"

PRESETS = {
    "smoke": "toy scale, nothing judged (preset smoke)",
    "quick": "small scale (preset quick)",
    "paper": "published scale (preset paper)",
}
DATASETS = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST", "cifar10": "CIFAR-10"}

NUMBERING = {"read": "number as printed", "memory": "number from memory", "none": "not in the paper"}
LAYOUT = {"read": "layout as published", "memory": "layout from memory", "ours": "layout ours"}
SETTINGS = {"published": "published settings", "ours": "our settings"}


class Field(NamedTuple):
    """One field of a text: {owner.name}, {owner.name.attribute}, {owner.name:format}."""

    owner: str
    name: str
    attribute: str | None
    format: str | None


def fields(text: str) -> list[Field]:
    """The fields of a text, in order."""
    return [Field(*(found or None for found in groups)) for groups in _FIELD.findall(text)]  # type: ignore[arg-type]


def without_fields(text: str) -> str:
    """The text with its fields and its mathematics taken out: what a reader would take for words."""
    return _MATHEMATICS.sub("", _FIELD.sub("", text))


def fill(text: str, value: Callable[[Field], Any]) -> str:
    """The text with every field replaced by its value in words.

    Parameters
    ----------
    value : looks a field up; what it raises for an unknown one is passed on.
    """
    return _FIELD.sub(lambda found: words(value(field := Field(*found.groups())), field.format), text)


def words(value: Any, form: str | None = None) -> str:
    """A number, a list or a word as texts show it: three significant digits unless `form` says otherwise; a dash for null."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        told = [words(item, form) for item in value]
        return ", ".join(told) if len(told) <= 4 else f"{told[0]}, {told[1]}, …, {told[-1]}"
    if form and math.isfinite(value):
        return format(value, form).replace("-", "−")
    return number(value, 3)


def number(value: float | None, digits: int = 4) -> str:
    """A number in `digits` significant digits, whole numbers below a million in full; a dash for null."""
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = str(int(value)) if float(value).is_integer() and abs(value) < 1e6 else f"{value:.{digits}g}"
    return re.sub(r"e\+?(-?)0*", r"e\1", text).replace("-", "−")


def plain(text: str) -> str:
    """The text with TeX between dollar signs in Unicode, for a terminal or an alternative text."""
    if "$" not in text:
        return text
    from pylatexenc.latex2text import LatexNodes2Text  # noqa: PLC0415 - 0.1 s, for few texts

    converter = LatexNodes2Text(math_mode="text", keep_comments=True, strict_latex_spaces="based-on-source")

    def convert(found: re.Match[str]) -> str:
        tex = found.group()[1:-1].replace(r"\tfrac", r"\frac").replace(r"\|", "‖")
        return converter.latex_to_text(re.sub(r"(\^|_)\{([^{}]{2,})\}", r"\1(\2)", tex)).strip()

    return _MATHEMATICS.sub(convert, text)


def label(figure: Mapping[str, Any]) -> str:
    """The figure's label, with a word where its number is not certain."""
    uncertain = figure["numbering"] == "memory" and any(letter.isdigit() for letter in figure["label"])
    return figure["label"] + (" (number from memory)" if uncertain else "")


def facts(figure: Mapping[str, Any], base_preset: str) -> list[str]:
    """What of the published figure was known, in words; a figure of ours has nothing to be compared with."""
    if figure["numbering"] == "none":
        return [NUMBERING["none"]]
    settings = figure["settings"]["paper" if base_preset == "paper" else "quick"]
    numbered = any(letter.isdigit() for letter in figure["label"])
    number = NUMBERING[figure["numbering"]] if numbered else "number in the paper not known"
    return [number, LAYOUT[figure["layout"]], SETTINGS[settings]]


def datasets(names: Any) -> str:
    """Datasets by the names that people use."""
    return ", ".join(DATASETS.get(name, name) for name in sorted(names))


def preset(name: str, base: str) -> str:
    """A preset in words."""
    return PRESETS.get(name, f"preset {name}, made from {base}")
