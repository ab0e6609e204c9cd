"""A hash of everything in the code that can change what a script produces."""

import ast
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from repro import syntax
from repro.files import atomic
from repro.settings import PAPERS_FOLDER, ROOT

# Layout of the tables on disk: raise it when repro/tables.py or repro/job.py change what is written.
SCHEMA = 1

# Plumbing: it moves numbers and cannot change them; SCHEMA counts in its place.
PLUMBING = frozenset({"repro/job.py", "repro/tables.py", "repro/files.py"})

# What was read out of the texts of all modules, so that the next start, and each job on a cluster, need not parse them again.
KEPT = Path(".snakemake/modules.json")

_Read = tuple[list[str], list[str], str]  # of a text: files that it may import, names of files in it, hash of its normal form
_now: dict[str, _Read] = {}  # SHA-256 of each text that this process met → what was read out of it


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
    imported, named, form = _read((ROOT / path).read_text(encoding="utf-8"))
    imports = tuple(file for file in imported if file not in PLUMBING and (ROOT / file).is_file())
    files = [file for name in named if (file := (ROOT / path).parent / name).is_file()]
    return _Module(imports, form.encode() + b"".join(file.read_bytes() for file in files))


def _read(text: str) -> _Read:
    key = hashlib.sha256(text.encode()).hexdigest()
    if key not in _now:
        _now[key] = _kept().get(key) or _parsed(text)
    return _now[key]


def _parsed(text: str) -> _Read:
    tree = syntax.essence(text)
    imported, named = [], set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            imported += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_file_name(node.value):
            named.add(node.value)
    files = [f"{name.replace('.', '/')}.py" for name in imported]
    return files, sorted(named), hashlib.sha256(syntax.normal_form(tree).encode()).hexdigest()


@cache
def _kept() -> dict[str, _Read]:
    """What an earlier run kept, if that run read texts as this one does."""
    try:
        kept = json.loads(KEPT.read_text(encoding="utf-8"))
        return dict(kept["texts"]) if kept["reader"] == _reader() else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


@cache
def _reader() -> str:
    return hashlib.sha256(b"".join(Path(file).read_bytes() for file in (__file__, syntax.__file__))).hexdigest()


def keep_parsed() -> None:
    """Keep what was read out of the texts of this code for the next start."""
    if _now.keys() != _kept().keys():
        with atomic(KEPT) as temporary:
            temporary.write_text(json.dumps({"reader": _reader(), "texts": _now}), encoding="utf-8")


def _is_file_name(text: str) -> bool:
    return re.fullmatch(r"[\w-][\w.-]{0,99}\.\w+", text) is not None and not text.endswith(".py")
