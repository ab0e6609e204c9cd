"""The table of faults: each row names tests that there are."""

import re

from repro.settings import ROOT

TABLE = ROOT / "docs" / "reliability.md"
DEFINED = {
    name
    for file in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE)
}


def rows(text: str) -> list[list[str]]:
    """Cells of each fault."""
    lines = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| fault ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_fault_has_what_is_seen_what_is_kept_and_a_test_that_there_is() -> None:
    found = rows(TABLE.read_text(encoding="utf-8"))
    assert len(found) >= 40
    for row in found:
        assert len(row) == 4, row
        named = re.findall(r"`(test_\w+)`", row[-1])
        assert named, row
        assert set(named) <= DEFINED, row
