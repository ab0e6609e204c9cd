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


@pytest.fixture
def prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Function that makes the edits it is given and returns the fingerprint."""
    monkeypatch.setattr(module, "ROOT", tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    def fingerprint(edits: dict[str, tuple[str, str]] | None = None) -> str:
        for name, (old, new) in (edits or {}).items():
            text = (tmp_path / name).read_text()
            assert old in text
            (tmp_path / name).write_text(text.replace(old, new))
        for cached in (module.fingerprint, module._module):
            cached.cache_clear()
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
