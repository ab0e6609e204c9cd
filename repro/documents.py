"""YAML files of users and papers: read, and checked against the schemas in workflow/schemas; a mistake is told in one line."""

import difflib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

ROOT = Path(__file__).resolve().parents[1]
_LONGEST = 600  # characters of a message: a value may be a page long


class SettingsError(ValueError):
    """A user's mistake in one line: where, what, what is allowed."""

    def __init__(self, text: str) -> None:
        line = " ".join(text.split())  # keys and values may hold line breaks
        super().__init__(line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the C one is ten times faster
    """A safe loader that refuses a key written twice: YAML would take the last, and the first would be lost in silence."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """A mapping whose keys are all different."""
        seen = set()
        for key in [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]:
            if (key.tag, key.value) in seen:
                raise yaml.constructor.ConstructorError(problem=f"the key '{key.value}' is there twice", problem_mark=key.start_mark)
            seen.add((key.tag, key.value))
        return super().construct_mapping(node, deep)


def load_yaml(path: Path) -> Any:
    """Content of a YAML file; SettingsError with file and, where it is known, line if it is missing, unreadable or malformed."""
    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader)  # noqa: S506 - a safe loader
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such file") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not in UTF-8 (byte {error.start + 1}). Save it in that encoding.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise SettingsError(f"{path}, line {line}: not valid YAML: {error.problem}") from None
    except RecursionError:
        raise SettingsError(f"{path}: not valid YAML: brackets nested too deeply") from None
    except (
        yaml.YAMLError,
        ValueError,
        KeyError,
        AttributeError,
        TypeError,
        OverflowError,
    ) as error:  # dates that are none, tags that do not fit
        raise SettingsError(f"{path}: not valid YAML: {error}") from None


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
    error = best_match(validator(schema).iter_errors(_with_text_keys(document)))
    if error is not None:
        raise _one_line(error, where)


def _with_text_keys(value: Any) -> Any:
    """YAML makes numbers, dates and booleans of some words; as keys they would be compared with words, which fails."""
    if isinstance(value, Mapping):
        return {str(key): _with_text_keys(item) for key, item in value.items()}
    return [_with_text_keys(item) for item in value] if isinstance(value, list) else value


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
