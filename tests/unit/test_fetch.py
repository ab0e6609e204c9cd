"""Fetching against a local server: what is accepted, what is refused, what is left behind."""

import errno
import fcntl
import gzip
import json
import shutil
import threading
import time
from pathlib import Path

import pytest
import requests

from scripts.datasets.fetch import fetch
from scripts.datasets.mirrors import addresses, explain
from tests.unit.tiny_datasets import idx_dataset, reply, serve, tar_bytes, whole_files

ENTRY, FILES, _ = idx_dataset()
IMAGES = "train-images-idx3-ubyte.gz"
ROUNDS = (0, 0, 0)


@pytest.fixture(autouse=True)
def _only_named_mirrors(monkeypatch):
    monkeypatch.delenv("DATASET_MIRROR", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")


def run(folder, *mirrors, files=ENTRY["files"]):
    """Fetch the tiny dataset, or some of its files, from the mirrors, without waiting."""
    return fetch("tiny", files, {file: addresses(ENTRY, file, mirrors) for file in files}, folder, ROUNDS)


def only_images():
    return {IMAGES: ENTRY["files"][IMAGES]}


def left(folder):
    """Everything in the folder but the lock."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def mirror_folder(root, files=FILES):
    """A folder mirror under `root`."""
    (root / "tiny").mkdir(parents=True)
    for name, content in files.items():
        (root / "tiny" / name).write_bytes(content)
    return root


def test_good_files_arrive_unchanged_and_their_addresses_are_recorded(tmp_path):
    with serve(whole_files(FILES)) as (address, _):
        sources = run(tmp_path, address)
    assert left(tmp_path) == sorted([*FILES, "sources.json"])
    assert all((tmp_path / name).read_bytes() == content for name, content in FILES.items())
    assert sources == json.loads((tmp_path / "sources.json").read_text()) == {file: f"{address}/tiny/{file}" for file in FILES}


FLIPPED = bytearray(FILES[IMAGES])
FLIPPED[len(FLIPPED) // 2] ^= 0xFF
BAD = {
    "html": (b"<!DOCTYPE html><title>Please log in</title>", "not a gzip file, it begins with '<!DOCTYPE html>"),
    "other bytes": (gzip.compress(b"a sensible file of another kind"), "SHA-256 of train-images-idx3-ubyte differs: expected "),
    "flipped bits": (bytes(FLIPPED), ""),
    "truncated": (FILES[IMAGES][:-12], "cut short"),
    "empty": (b"", "empty"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_deleted_and_the_next_mirror_is_tried(tmp_path, kind):
    with serve(whole_files({IMAGES: BAD[kind][0]})) as (bad, asked), serve(whole_files(FILES)) as (good, _):
        sources = run(tmp_path, bad, good, files=only_images())
    assert len(asked) == 1
    assert sources[IMAGES].startswith(good)
    assert left(tmp_path) == sorted([IMAGES, "sources.json"])
    assert (tmp_path / IMAGES).read_bytes() == FILES[IMAGES]


@pytest.mark.parametrize("kind", BAD)
def test_without_a_good_copy_one_line_names_file_reason_and_way_out_and_nothing_is_left(tmp_path, kind):
    content, reason = BAD[kind]
    with serve(whole_files({IMAGES: content})) as (address, _), pytest.raises(FileNotFoundError) as caught:
        run(tmp_path, address, files=only_images())
    message = str(caught.value)
    assert message.startswith(f"tiny: {IMAGES}: no mirror had a good copy (1. {address}/tiny/{IMAGES}: ")
    assert reason in message
    assert message.endswith(f"Put a good copy into {tmp_path}/ or set datasets.mirrors in config.yaml or DATASET_MIRROR.")
    assert "\n" not in message
    assert left(tmp_path) == []


def test_an_archive_without_one_of_its_members_is_refused(tmp_path):
    files = {"tiny.tar.gz": {"a": "0" * 64, "b": "0" * 64}}
    mirror = tmp_path / "tiny.tar.gz"
    mirror.write_bytes(tar_bytes({"c": b"c"}))
    with pytest.raises(FileNotFoundError, match="a, b not in it"):
        fetch("tiny", files, {"tiny.tar.gz": [str(mirror)]}, tmp_path / "raw", ROUNDS)


def test_the_error_lists_the_failure_of_each_mirror_in_order(tmp_path):
    with (
        serve(whole_files({})) as (missing, asked),
        serve(whole_files({IMAGES: BAD["html"][0]})) as (portal, _),
        pytest.raises(FileNotFoundError) as caught,
    ):
        run(tmp_path, missing, str(tmp_path / "nowhere"), portal, "ftp://host", files=only_images())
    message = str(caught.value)
    first, second, third, fourth = (message.index(f"{n}. ") for n in (1, 2, 3, 4))
    assert "HTTP 404" in message[first:second]
    assert "No such file" in message[second:third]
    assert "not a gzip file" in message[third:fourth]
    assert "ftp://host/tiny" in message[fourth:]
    assert len(asked) == 1, "a missing file is asked for once"


def test_a_server_that_fails_twice_is_asked_a_third_time(tmp_path):
    def answer(handler):
        reply(handler, FILES[IMAGES], 503 if len(asked) < 3 else 200)

    with serve(answer) as (address, asked):
        run(tmp_path, address, files=only_images())
    assert (tmp_path / IMAGES).read_bytes() == FILES[IMAGES]
    assert len(asked) == 3


def test_the_first_good_mirror_wins_and_later_ones_are_not_asked(tmp_path):
    with serve(whole_files(FILES)) as (first, _), serve(whole_files(FILES)) as (second, asked):
        sources = run(tmp_path, first, second)
    assert all(address.startswith(first) for address in sources.values())
    assert not asked


def test_the_environment_comes_before_the_configured_mirrors(tmp_path, monkeypatch):
    monkeypatch.setenv("DATASET_MIRROR", str(mirror_folder(tmp_path / "mine")))
    with serve(whole_files(FILES)) as (address, asked):
        run(tmp_path / "raw", address)
    assert left(tmp_path / "raw") == sorted([*FILES, "sources.json"])
    assert not asked


@pytest.mark.parametrize("form", ["{}", "file://{}", "file://localhost{}", "a mirror"])
def test_a_folder_is_a_mirror_as_path_as_file_address_and_relative(tmp_path, monkeypatch, form):
    folder = mirror_folder(tmp_path / "a mirror")
    monkeypatch.chdir(tmp_path)
    run(tmp_path / "raw", form.format(folder.as_posix().replace(" ", "%20") if "file:" in form else folder))
    assert left(tmp_path / "raw") == sorted([*FILES, "sources.json"])
    assert all((folder / "tiny" / file).is_file() for file in FILES)


def test_a_full_disk_is_told_in_one_line_and_ends_the_search(tmp_path, monkeypatch):
    def full(_, target):
        Path(target).write_bytes(b"the beginning")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with serve(whole_files(FILES)) as (address, asked), pytest.raises(OSError, match=r"no space left in .* set datasets\.folder") as caught:
        run(tmp_path, "folder", address)
    assert "\n" not in str(caught.value)
    assert not asked
    assert left(tmp_path) == []


def test_without_a_network_the_error_says_that_it_cannot_connect(tmp_path):
    with serve(whole_files(FILES)) as (address, _):
        pass
    with pytest.raises(FileNotFoundError, match=f"1. {address}/tiny/{IMAGES}: cannot connect"):
        run(tmp_path, address)
    assert left(tmp_path) == []


def test_good_files_that_are_there_are_kept_and_nobody_is_asked(tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in FILES}
    with serve(whole_files(FILES)) as (address, asked):
        sources = run(tmp_path, address)
    assert not asked
    assert before == {name: (tmp_path / name).stat().st_mtime_ns for name in FILES}
    assert sources[IMAGES] == f"{tmp_path / IMAGES} (found there)"


def test_the_address_of_a_kept_file_is_remembered(tmp_path):
    with serve(whole_files(FILES)) as (address, _):
        first = run(tmp_path, address)
    assert run(tmp_path, "elsewhere") == first


def test_a_corrupt_file_that_is_there_is_replaced(tmp_path):
    (tmp_path / IMAGES).write_bytes(bytes(FLIPPED))
    with serve(whole_files(FILES)) as (address, asked):
        run(tmp_path, address, files=only_images())
    assert (tmp_path / IMAGES).read_bytes() == FILES[IMAGES]
    assert len(asked) == 1


def test_files_appear_together_and_the_next_run_takes_up_what_a_failed_one_had(tmp_path):
    available = {IMAGES: FILES[IMAGES]}
    with serve(whole_files(available)) as (address, asked):
        with pytest.raises(FileNotFoundError):
            run(tmp_path, address)
        assert not [name for name in left(tmp_path) if not name.startswith(".")]
        available |= FILES
        run(tmp_path, address)
    assert left(tmp_path) == sorted([*FILES, "sources.json"])
    assert [request.path for request in asked].count(f"/tiny/{IMAGES}") == 1


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_a_broken_download_goes_on_where_it_stopped_or_starts_over(tmp_path, monkeypatch, knows_ranges):
    monkeypatch.setattr("scripts.datasets.fetch.CHUNK", 10)
    content, ranges = FILES[IMAGES], []

    def answer(handler):
        ranges.append(handler.headers["Range"])
        if len(ranges) == 1:
            reply(handler, content[:20], Content_Length=str(len(content)))
        elif knows_ranges:
            reply(handler, content[20:], 206, Content_Range=f"bytes 20-{len(content) - 1}/{len(content)}")
        else:
            reply(handler, content)

    with serve(answer) as (address, _):
        run(tmp_path, address, files=only_images())
    assert ranges == [None, "bytes=20-"]
    assert (tmp_path / IMAGES).read_bytes() == content


def test_a_download_continued_from_another_version_is_thrown_away_and_started_over(tmp_path, monkeypatch):
    monkeypatch.setattr("scripts.datasets.fetch.CHUNK", 9)
    content = FILES[IMAGES]

    def answer(handler):
        if len(asked) == 1:
            reply(handler, b"\x1f\x8b to another file", Content_Length="99")
        elif handler.headers["Range"]:
            reply(handler, content[18:], 206)
        else:
            reply(handler, content)

    with serve(answer) as (address, asked):
        run(tmp_path, address, files=only_images())
    assert (tmp_path / IMAGES).read_bytes() == content


def test_a_server_that_calls_the_file_an_encoding_does_not_get_it_unpacked(tmp_path):
    with serve(lambda handler: reply(handler, FILES[IMAGES], Content_Encoding="x-gzip")) as (address, _):
        run(tmp_path, address, files=only_images())
    assert (tmp_path / IMAGES).read_bytes() == FILES[IMAGES]


def test_a_second_process_waits_for_the_first(tmp_path):
    mirror = mirror_folder(tmp_path / "mirror")
    raw = tmp_path / "raw"
    raw.mkdir()
    with (raw / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = threading.Thread(target=run, args=(raw, str(mirror)))
        second.start()
        second.join(0.3)
        assert second.is_alive()
        assert left(raw) == []
    second.join(10)
    assert left(raw) == sorted([*FILES, "sources.json"])


def test_a_certificate_that_is_not_trusted_is_named_and_not_asked_again() -> None:
    words, final = explain(requests.exceptions.SSLError("certificate verify failed"), "")
    assert "REQUESTS_CA_BUNDLE" in words
    assert final


def test_a_slow_network_is_waited_for_as_long_as_bytes_come(tmp_path, monkeypatch):
    monkeypatch.setattr("scripts.datasets.fetch.TIMEOUT", (1, 0.5))

    def trickle(handler):
        content = FILES[handler.path.rsplit("/", 1)[-1]]
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        for start in range(0, len(content), len(content) // 5):
            handler.wfile.write(content[start : start + len(content) // 5])
            handler.wfile.flush()
            time.sleep(0.2)

    with serve(trickle) as (address, _):
        run(tmp_path, address, files=only_images())
    assert (tmp_path / IMAGES).read_bytes() == FILES[IMAGES]
