"""The fingerprint sees what can change a number, and nothing else."""

from pathlib import Path

import pytest

from repro import fingerprint as module

SCRIPT = '''"""Doc."""
import numpy as np
from repro.job import job
from scripts.p import model

X = model.f(1)
NAME = "page.html.j2"
'''

MODEL = '''import logging
from repro.maths import g
log = logging.getLogger(__name__)

def f(x):
    """Doc."""
    log.info("at %s", x)
    return g(x)
'''

FILES = {
    "scripts/p/run.py": SCRIPT,
    "scripts/p/model.py": MODEL,
    "scripts/p/page.html.j2": "<p>",
    "repro/maths.py": "def g(x):\n    return x + 1\n",
    "repro/job.py": "def job(x):\n    return x\n",
}


def forget() -> None:
    """As in a new process."""
    for cached in (module.fingerprint, module._module, module._kept):
        cached.cache_clear()
    module._now.clear()


@pytest.fixture
def prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Function that makes the edits it is given and returns the fingerprint."""
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "KEPT", tmp_path / "kept.json")
    monkeypatch.setattr(module, "_now", {})
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    def fingerprint(edits: dict[str, tuple[str, str]] | None = None) -> str:
        for name, (old, new) in (edits or {}).items():
            text = (tmp_path / name).read_text()
            assert old in text
            (tmp_path / name).write_text(text.replace(old, new))
        forget()
        return module.fingerprint("scripts/p/run.py")

    return fingerprint


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("scripts/p/run.py", '"""Doc."""', '"""Other."""'),
        ("scripts/p/run.py", "X = model", "# why\nX = model"),
        ("scripts/p/model.py", '    """Doc."""\n', ""),
        ("scripts/p/model.py", 'log.info("at %s", x)', 'log.warning("now at %s", x)'),
        ("repro/maths.py", "x + 1", "(x+1)"),
        ("repro/job.py", "return x", "return 2 * x"),
    ],
)
def test_words_layout_and_plumbing_do_not_count(prints, file: str, old: str, new: str) -> None:
    assert prints() == prints({file: (old, new)})


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("scripts/p/run.py", "f(1)", "f(2)"),
        ("scripts/p/model.py", "g(x)", "g(2 * x)"),
        ("repro/maths.py", "x + 1", "x + 2"),
        ("scripts/p/page.html.j2", "<p>", "<div>"),
    ],
)
def test_a_change_of_code_counts_however_far_away(prints, file: str, old: str, new: str) -> None:
    assert prints() != prints({file: (old, new)})


def test_a_long_text_in_the_code_is_no_file_name(prints) -> None:
    assert prints() != prints({"scripts/p/run.py": ("f(1)", f"f({'a. ' * 200!r})")})


def test_texts_are_parsed_once_and_changed_ones_anew(prints, monkeypatch: pytest.MonkeyPatch) -> None:
    before = prints()
    module.keep_parsed()
    parsed = []
    essence = module.syntax.essence
    monkeypatch.setattr(module.syntax, "essence", lambda text: parsed.append(text) or essence(text))
    assert prints() == before
    assert parsed == []
    assert prints({"repro/maths.py": ("x + 1", "x + 2")}) != before
    assert parsed == ["def g(x):\n    return x + 2\n"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"reader": "of another version", "texts": {"a": 1}}'])
def test_a_damaged_memory_is_forgotten(prints, damage: str) -> None:
    before = prints()
    module.KEPT.write_text(damage)
    assert prints() == before
    module.keep_parsed()
    assert len(module.json.loads(module.KEPT.read_text())["texts"]) == 3
