"""The list of licences is that of the lock file."""

import re

from scripts.publish import licences


def test_every_locked_package_is_listed_with_its_version_and_a_licence() -> None:
    rows = re.findall(r"^\| (\S+) \| (\S+) \| (.*) \|$", licences.FILE.read_text(encoding="utf-8"), re.MULTILINE)
    listed = {name: version for name, version, _ in rows if name != "package"}
    assert listed == licences.locked(licences.LOCK.read_text(encoding="utf-8")), "make licences"
    assert [name for name, _, words in rows if not words.strip()] == []


def test_a_licence_is_read_off_the_expression_the_classifiers_or_a_short_field() -> None:
    assert licences.licence("packaging")
    assert licences.licence("numpy")
    assert "MIT" in licences.licence("PyYAML")
