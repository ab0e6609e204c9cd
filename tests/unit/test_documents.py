"""YAML files with mistakes: one line, with the file's name, whatever is in them."""

from pathlib import Path

import pytest

from repro.documents import SettingsError, check, load_yaml, unknown

MISTAKES = {
    "a tab": (b"preset:\n\tquick\n", "line 2: not valid YAML"),
    "a key without a colon": (b"preset quick\npapers: all\n", "line 2: not valid YAML"),
    "an open bracket": (b"papers: [wu_last_iterate\n", "not valid YAML"),
    "an open quote": (b"preset: 'quick\n", "not valid YAML"),
    "a key twice": (b"preset: quick\nseed_offset: 1\npreset: paper\n", "line 3: not valid YAML: the key 'preset' is there twice"),
    "a nested key twice": (b"datasets:\n  folder: a\n  folder: b\n", "line 3: not valid YAML: the key 'folder' is there twice"),
    "another encoding": ("preset: qu\u00efck\n".encode("latin-1"), "not in UTF-8"),
    "UTF-16": ("preset: quick\n".encode("utf-16"), "not in UTF-8"),
    "a null byte": (b"preset: qu\x00ick\n", "not valid YAML"),
    "a binary file": (bytes(range(256)), "not in UTF-8"),
    "a date that is none": (b"seed_offset: 2022-13-45\n", "not valid YAML"),
    "a number of ten thousand digits": (b"seed_offset: " + b"9" * 10_000, "not valid YAML"),
    "a tag that does not fit": (b"seed_offset: !!int many\n", "not valid YAML"),
    "a boolean that is none": (b"seed_offset: !!bool maybe\n", "not valid YAML"),
    "a time that is none": (b"seed_offset: !!timestamp soon\n", "not valid YAML"),
    "code": (b"preset: !!python/object/apply:os.system ['touch made']\n", "not valid YAML"),
    "an alias to nothing": (b"preset: *quick\n", "not valid YAML"),
    "a list as a key": (b"? [a]\n: b\n", "not valid YAML"),
    "two documents": (b"preset: quick\n---\npreset: paper\n", "not valid YAML"),
    "brackets without end": (b"[" * 20_000, "not valid YAML"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_that_names_the_file(tmp_path: Path, mistake: str) -> None:
    content, message = MISTAKES[mistake]
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load_yaml(path)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert message in text
    assert len(text.splitlines()) == 1
    assert len(text) < 700
    assert not Path("made").exists()


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes("preset: quick\n".encode("utf-8-sig"))
    assert load_yaml(tmp_path / "config.yaml") == {"preset": "quick"}


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"{tmp_path}: cannot be read: Is a directory"):
        load_yaml(tmp_path)


def test_a_merged_key_may_be_overridden(tmp_path: Path) -> None:
    (tmp_path / "runs.yaml").write_text("base: &base {n: 1, m: 2}\nown:\n  <<: *base\n  n: 3\n")
    assert load_yaml(tmp_path / "runs.yaml")["own"] == {"n": 3, "m": 2}


def test_keys_that_yaml_takes_for_numbers_and_booleans_are_told_as_words() -> None:
    for document in ({"presets": {1: 5, "a": 5}}, {"presets": {True: {"extends": "quick"}}}):
        with pytest.raises(SettingsError, match="config: presets"):
            check(document, "config", "config")
    with pytest.raises(SettingsError, match="config: 'True' is not one of preset"):
        check({True: 1, "preset": "quick"}, "config", "config")


def test_a_word_with_line_breaks_and_a_page_of_text_stay_one_short_line() -> None:
    text = str(unknown("config:\n preset", "qu\nick\u2028" + "x" * 10_000, ["quick"]))
    assert len(text.splitlines()) == 1
    assert len(text) < 700
