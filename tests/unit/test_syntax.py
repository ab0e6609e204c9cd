"""The normal form of code does not depend on the Python that reads it."""

import ast
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from repro import syntax
from repro.settings import ROOT

# What Pythons have been seen to write down differently: quotes in f-strings, pieces of text, nested fields, odd letters.
NASTY = r"""
def f(x, w, *, d={"a": 1, **{}}):
    a = f"it\'s {x['k']!r:>{w}} \"quoted\" {x = } {{braces}}" "tail" f"{w:\x41}"
    b = "head" f"{x}" "" f"mid" 'é\u200b\U0001fae8' u"u" if x else ...
    c = f"{x:{w}.{w}}{x!s}{f'{x!a}' + 'in'}"
    match x:
        case [1, *_] | {"k": None}: return a, b, c, 1e-300, 0x10, 1j, -0.0, rb"\0"
    return lambda *a, k=None, **kw: (yield)
"""

HASHES = f"""
import hashlib, pathlib, sys
from repro import syntax
files = [path for folder in ("repro", "scripts") for path in sorted(pathlib.Path(folder).rglob("*.py"))]
for text in [{NASTY!r}, *(path.read_text(encoding="utf-8") for path in files)]:
    print(hashlib.sha256(syntax.normal_form(syntax.essence(text)).encode()).hexdigest())
"""


def others() -> list[str]:
    """Later Pythons that can be started here, of the system or of pyenv."""
    names = [f"python3.{minor}" for minor in range(12, 16) if minor != sys.version_info[1]]
    kept = Path("~/.pyenv/versions").expanduser()
    found = [path for name in names for path in (shutil.which(name), *map(str, kept.glob(f"*/bin/{name}"))) if path]
    return [path for path in found if subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0]


OTHERS = others()


def form(text: str) -> str:
    return syntax.normal_form(syntax.essence(text))


def hashes(python: str) -> list[str]:
    done = subprocess.run([python, "-c", HASHES], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
@pytest.mark.skipif(not OTHERS, reason="no second Python here")
def test_two_pythons_give_all_our_code_the_same_form() -> None:
    own = hashes(sys.executable)
    assert len(own) > 40
    for python in OTHERS:
        assert hashes(python) == own, python


def test_the_form_is_the_one_recorded_with_python_3_11() -> None:
    assert hashlib.sha256(form(NASTY).encode()).hexdigest()[:16] == "64baf4377729fcf9"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 1.0"),
        ("x = '1'", "x = b'1'"),
        ("x = True", "x = 1"),
        ("x = None", "x = ..."),
        ("f(a, b)", "f(a, *b)"),
        ("x[1:]", "x[:1]"),
        ("{'a': b, **c}", "{'a': b, 'c': c}"),
        ("def f(a, /, b): pass", "def f(a, b): pass"),
        ("f'{x}'", "f'{x!r}'"),
        ("f'{x}a'", "f'a{x}'"),
        ("f'{x}'", "'{x}'"),
        ("['a', 'b']", "['ab']"),
        ("return_ = 1; y = 2", "y = 2; return_ = 1"),
    ],
)
def test_code_that_does_other_things_has_another_form(one: str, other: str) -> None:
    assert form(f"z = 0\n{one}") != form(f"z = 0\n{other}")


def test_pieces_of_a_text_and_fields_of_later_pythons_count_for_nothing() -> None:
    whole, split = (ast.parse("f'ab{x}'", mode="eval").body for _ in range(2))
    split.values[0:1] = [ast.Constant("a"), ast.Constant(""), ast.Constant("b")]
    assert syntax.normal_form(whole) == syntax.normal_form(split)
    function = ast.parse("def f(): pass").body[0]
    plain = syntax.normal_form(function)
    function.type_params, function._fields = [], (*function._fields, "type_params")
    assert syntax.normal_form(function) == plain
