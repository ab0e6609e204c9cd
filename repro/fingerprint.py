"""A hash of everything in the code that can change what a script produces."""

import ast
import hashlib
import re
from functools import cache
from typing import NamedTuple

from repro import syntax
from repro.settings import PAPERS_FOLDER, ROOT

# Layout of the tables on disk: raise it when repro/tables.py or repro/job.py change what is written.
SCHEMA = 1

# Plumbing: it moves numbers and cannot change them; SCHEMA counts in its place.
PLUMBING = frozenset({"repro/job.py", "repro/tables.py", "repro/files.py"})


@cache
def fingerprint(script: str) -> str:
    """SHA-256 (16 digits) of a script and of all local modules it imports, transitively.

    Comments, docstrings, log lines and layout do not count; files that the code names
    (templates) do. `script` is a path from the project's root.
    """
    digest = hashlib.sha256(str(SCHEMA).encode())
    for path in sorted(_sources(script)):
        digest.update(path.encode())
        digest.update(_module(path).essence)
    return digest.hexdigest()[:16]


def parts(script: str) -> dict[str, str]:
    """What a fingerprint is made of: the script and each module it imports → SHA-256 (8 digits)."""
    return {path: hashlib.sha256(_module(path).essence).hexdigest()[:8] for path in sorted(_sources(script))}


def words_of(paper: str) -> str:
    """SHA-256 (16 digits) of all that a paper's yaml says, comments too: its page shows them."""
    files = sorted((PAPERS_FOLDER / paper).glob("*.yaml"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def catalogue() -> dict[str, dict[str, str]]:
    """Fingerprint → its parts, of every script there is: kept with a run, it tells later which file moved."""
    scripts = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "scripts").rglob("*.py"))
    return {fingerprint(script): parts(script) for script in scripts}


def _sources(script: str) -> set[str]:
    found: set[str] = set()
    waiting = [script]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_module(path).imports)
    return found


class _Module(NamedTuple):
    """What is kept of a file: the syntax trees of all of them would slow the collection of garbage down."""

    imports: tuple[str, ...]
    essence: bytes


@cache
def _module(path: str) -> _Module:
    tree = syntax.essence((ROOT / path).read_text(encoding="utf-8"))
    strings = sorted({node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)})
    named = [(ROOT / path).parent / name for name in strings if _is_file_name(name)]
    files = [file.read_bytes() for file in named if file.is_file()]
    return _Module(_imports(tree), syntax.normal_form(tree).encode() + b"".join(files))


def _imports(tree: ast.Module) -> tuple[str, ...]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    candidates = (f"{name.replace('.', '/')}.py" for name in names)
    return tuple(file for file in candidates if file not in PLUMBING and (ROOT / file).is_file())


def _is_file_name(text: str) -> bool:
    return re.fullmatch(r"[\w-][\w.-]{0,99}\.\w+", text) is not None and not text.endswith(".py")
