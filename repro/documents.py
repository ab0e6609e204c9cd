"""YAML files of users and papers: read, and checked against the schemas in workflow/schemas; a mistake is told in one line."""

import difflib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

ROOT = Path(__file__).resolve().parents[1]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times faster


class SettingsError(ValueError):
    """A user's mistake in one line: where, what, what is allowed."""


def load_yaml(path: Path) -> Any:
    """Content of a YAML file; SettingsError with file and line if it is missing or malformed."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such file") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise SettingsError(f"{path}, line {line}: not valid YAML: {error.problem}") from None


def has_keys(path: Path) -> bool:
    """Whether a configuration file says anything: one that is missing or empty does not, since every key has a default.

    Raises
    ------
    SettingsError   if it is malformed, or holds something else than keys.
    """
    document = load_yaml(path) if path.is_file() else None
    if document and not isinstance(document, dict):
        raise SettingsError(f"{path}: must hold keys, as 'preset: quick'")
    return bool(document)


def unknown(where: str, word: object, allowed: Iterable[str]) -> SettingsError:
    """Error for a word outside a closed list, with the nearest allowed word."""
    allowed = list(allowed)
    near = difflib.get_close_matches(str(word), allowed, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return SettingsError(f"{where}: '{word}' is not one of {', '.join(allowed)}.{hint}")


def check(document: Any, schema: str, where: str) -> None:
    """Raise SettingsError unless `document` fits workflow/schemas/<schema>.schema.yaml."""
    error = best_match(validator(schema).iter_errors(document))
    if error is not None:
        raise _one_line(error, where)


@cache
def validator(schema: str) -> Draft202012Validator:
    """The validator of workflow/schemas/<schema>.schema.yaml."""
    return Draft202012Validator(load_yaml(ROOT / "workflow" / "schemas" / f"{schema}.schema.yaml"))


def _one_line(error: ValidationError, where: str) -> SettingsError:
    place = ": ".join([where, *(str(step) for step in error.absolute_path)])
    rule: Any = error.schema
    found: Any = error.instance
    if error.validator == "additionalProperties":
        return unknown(place, next(key for key in found if key not in rule["properties"]), rule["properties"])
    if error.validator == "enum":
        return unknown(place, found, rule["enum"])
    if error.validator == "pattern" and "description" in rule:
        return SettingsError(f"{place}: '{found}' will not do: {rule['description']}")
    return SettingsError(f"{place}: {error.message}")
