"""A thousand configurations with mistakes: each is accepted whole or refused in one line that names the place."""

import copy
import math
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repro.documents import SettingsError, check, load_yaml
from repro.settings import PAPERS_FOLDER, Preset, complete_config, has_keys, load_params, resolve_preset, selected_papers

PAPER, RUN = "wu_last_iterate", "simulated_sgd"
GOOD = {
    "preset": "own",
    "papers": [PAPER],
    "seed_offset": 3,
    "datasets": {"mirrors": ["images"], "folder": "data", "on_unreachable": "fail"},
    "presets": {"own": {"extends": "quick", "seed_offset": 1, "params": {PAPER: {RUN: {"n_runs": 5, "noise_variance": 0.5}}}}},
}
KEYS = st.one_of(
    st.sampled_from(
        ["preset", "prest", "papers", "folder", "params", "extends", "quick", PAPER, RUN, "n_runs", "shards", "seed_offset", "", "~"]
    ),
    st.text(max_size=8),
    st.integers(),
    st.booleans(),
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.sampled_from(
        [math.nan, math.inf, -1, 0, 1e308, "1e400", "9" * 5000, "nan", "-5", "qick", "smoke", "~nobody/data", "{a}", "\0", "a\nb"]
    ),
    st.text(max_size=20),
    st.dates(),
    st.binary(max_size=5),
)
VALUES = st.recursive(LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)), max_leaves=5)
FAST = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
FILES = TemporaryDirectory()  # hypothesis takes no fixture of a single test


def places(document: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to all values of a document, itself too."""
    inside = document.items() if isinstance(document, Mapping) else enumerate(document) if isinstance(document, list) else ()
    return [above, *(place for key, value in inside for place in places(value, (*above, key)))]


def put(document: Any, place: tuple[Any, ...], key: Any, value: Any) -> Any:
    """A copy with a value replaced, or with a key added where a mapping is and `key` is not None."""
    if not place and key is None:
        return value
    document = copy.deepcopy(document)
    at = document
    for step in place if key is not None else place[:-1]:
        at = at[step]
    if key is None:
        at[place[-1]] = value
    elif isinstance(at, dict):
        at[key] = value
    else:
        return put(document, place, None, value)
    return document


SPOILS = st.lists(st.tuples(st.integers(0, 10**6), st.none() | KEYS, VALUES), min_size=1, max_size=2)


def spoilt(document: Any, spoils: list[tuple[int, Any, Any]]) -> Any:
    """The document with one or two values replaced or keys added, each at a place that a number chooses."""
    for number, key, value in spoils:
        possible = places(document)
        document = put(document, possible[number % len(possible)], key, value)
    return document


def refusal(work: Any, *arguments: Any) -> str:
    """What an attempt is refused with; empty if it is accepted. Anything but a SettingsError is a traceback for the user."""
    try:
        work(*arguments)
    except SettingsError as error:
        text = str(error)
        assert len(text.splitlines()) == 1
        assert len(text) < 700
        return text
    return ""


def resolve(config: Mapping[str, Any]) -> Preset:
    """All that is done with a configuration before a job can start."""
    full = complete_config(config)
    selected_papers(full)
    preset = resolve_preset(full)
    params = load_params(PAPER, RUN, preset)
    assert type(params["seed_offset"]) is int
    assert type(params["n_runs"]) is int
    assert 1 <= params["n_runs"] < 2**63
    assert math.isfinite(params["noise_variance"])
    return preset


@settings(FAST, max_examples=1000)
@given(SPOILS)
def test_a_spoilt_configuration_is_accepted_whole_or_refused_in_one_line(spoils: list[tuple[int, Any, Any]]) -> None:
    config = spoilt(GOOD, spoils)
    if isinstance(config, dict):
        text = refusal(resolve, config)
        assert text == "" or text.startswith("config: ")


@settings(FAST, max_examples=300)
@given(st.sampled_from([place for place in places(GOOD) if place]), VALUES)
def test_a_value_of_another_kind_is_refused_with_its_key(place: tuple[Any, ...], value: Any) -> None:
    text = refusal(resolve, put(GOOD, place, None, value))
    if text:
        assert place[0][:6] in text, "of presets there may be too few for `preset`"


@settings(FAST, max_examples=300)
@given(st.text(min_size=1).filter(lambda key: key not in GOOD))
def test_an_unknown_key_is_never_accepted(key: str) -> None:
    assert refusal(resolve, GOOD | {key: 1}).startswith("config: ")


@settings(FAST, max_examples=300)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | VALUES.map(lambda value: yaml.safe_dump({"preset": value}).encode()))
def test_a_file_of_any_bytes_holds_keys_or_is_refused_with_its_name(content: bytes) -> None:
    file = Path(FILES.name) / "config.yaml"
    file.write_bytes(content)
    text = refusal(has_keys, file)
    assert text == "" or text.startswith(str(file))


PARTS = {part: load_yaml(PAPERS_FOLDER / "sonoda_ridgelet" / f"{part}.yaml") for part in ("paper", "runs", "figures", "claims")}


@settings(FAST, max_examples=100)
@given(st.sampled_from(sorted(PARTS)), SPOILS)
def test_a_spoilt_paper_is_accepted_or_refused_in_one_line_with_its_file(part: str, spoils: list[tuple[int, Any, Any]]) -> None:
    text = refusal(check, spoilt(PARTS[part], spoils), part, f"sonoda_ridgelet/{part}.yaml")
    assert text == "" or text.startswith(f"sonoda_ridgelet/{part}.yaml")
