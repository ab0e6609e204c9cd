"""Code in a normal form: what it does, whatever its layout and words, and whichever Python reads it."""

import ast
import itertools
from collections.abc import Iterator
from typing import Any

LOGGERS = frozenset({"log", "logger"})

# Fields of a syntax tree that say nothing of what the code does.
_SILENT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})


def essence(text: str) -> ast.Module:
    """Syntax tree of a module without its docstrings and log lines."""
    return _Essence().visit(ast.parse(text))


def normal_form(tree: ast.AST) -> str:
    """A syntax tree as text, the same from every Python ≥ 3.11.

    `ast.unparse` and `ast.dump` change with the Python: in how they quote, which fields nodes have (new ones are empty in old code), which
    empty fields are shown, and into how many pieces the texts of an f-string fall. Here empty fields are left out and pieces are joined.
    """
    if isinstance(tree, ast.JoinedStr):
        return f"JoinedStr({', '.join(normal_form(piece) for piece in _pieces(tree))})"
    if isinstance(tree, ast.Constant):
        return f"{type(tree.value).__name__} {tree.value!a}"
    fields = ((name, value) for name, value in sorted(ast.iter_fields(tree)) if name not in _SILENT and value not in (None, []))
    return f"{type(tree).__name__}({', '.join(f'{name}={_value(value)}' for name, value in fields)})"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_value(item) for item in value)}]"
    return normal_form(value) if isinstance(value, ast.AST) else ascii(value)


def _pieces(tree: ast.JoinedStr) -> Iterator[ast.expr]:
    """Texts and fields of an f-string in turn, texts that follow one another as one."""
    for is_text, pieces in itertools.groupby(tree.values, lambda piece: isinstance(piece, ast.Constant)):
        if not is_text:
            yield from pieces
        elif text := "".join(piece.value for piece in pieces if isinstance(piece, ast.Constant)):  # type: ignore[misc]
            yield ast.Constant(text)


class _Essence(ast.NodeTransformer):
    """Drops docstrings and log lines."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        call = node.value
        is_text = isinstance(call, ast.Constant) and isinstance(call.value, str)
        is_log = (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and call.func.value.id in LOGGERS
        )
        return None if is_text or is_log else node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if getattr(node, "body", None) == [] and not isinstance(node, ast.Module):
            node.body = [ast.Pass()]  # type: ignore[attr-defined]
        return node
