"""Atomic writing."""

from pathlib import Path

import pytest

from repro.files import atomic


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "page.md"
    with atomic(path) as temporary:
        temporary.write_text("old")
        assert not path.exists()
    with pytest.raises(UnicodeEncodeError), atomic(path) as temporary:
        temporary.write_text("half\ud800")
    assert [file.read_text() for file in path.parent.iterdir()] == ["old"]
