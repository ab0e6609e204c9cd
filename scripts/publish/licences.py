"""Licences of all packages that a user installs, as their own metadata state them: written to docs/licences.md.

python -m scripts.publish.licences
"""

import importlib.metadata
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from repro.files import atomic
from repro.settings import ROOT

LOCK = ROOT / "requirements.lock"
FILE = ROOT / "docs" / "licences.md"
CLASSIFIER = re.compile(r"License :: (?:OSI Approved :: )?(.+)")
LONGEST = 60  # a longer text is the licence itself, not its name


def locked(text: str) -> dict[str, str]:
    """Package → version of a lock file."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)$", text, re.MULTILINE))


def licence(package: str) -> str:
    """Name of a package's licence: its SPDX expression, else its classifiers, a short licence field, or the title of its licence file."""
    about: Any = importlib.metadata.metadata(package)
    classifiers = [found[1] for line in about.get_all("Classifier") or [] if (found := CLASSIFIER.fullmatch(line))]
    title = next(filter(None, (_title(text) for text in (about.get("License", ""), _file(package)))), "")
    return about.get("License-Expression") or ", ".join(classifiers) or title


def _title(text: str) -> str:
    """First line of a text, if it is short enough for a name."""
    first = text.strip().partition("\n")[0].strip()
    return first if len(first) <= LONGEST else ""


def _file(package: str) -> str:
    files = importlib.metadata.files(package) or []
    return next((file.read_text(encoding="utf-8") for file in files if file.name.upper().startswith("LICEN")), "")


def report(licences: Mapping[str, tuple[str, str]]) -> str:
    """The file's text; `licences` is package → (version, licence)."""
    head = [
        "# Licences of what is installed",
        "",
        "From the packages' own metadata, by `make licences`.",
        "",
        "| package | version | licence |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *(f"| {name} | {version} | {words} |" for name, (version, words) in licences.items())]) + "\n"


def main(target: Path = FILE) -> None:
    """Write the list."""
    known = {name: (version, licence(name)) for name, version in locked(LOCK.read_text(encoding="utf-8")).items()}
    with atomic(target) as file:
        file.write_text(report(known), encoding="utf-8")


if __name__ == "__main__":
    main()
