"""Fetching that is killed, and what it finds damaged."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.datasets.fetch import fetch
from tests.unit.tiny_datasets import idx_dataset, reply, serve, whole_files

ENTRY, FILES, _ = idx_dataset()
IMAGES = "train-images-idx3-ubyte.gz"
ONLY = {IMAGES: ENTRY["files"][IMAGES]}

# As a process of its own, which can be killed: fetch one file, ten bytes at a time.
FETCH = """
import json, sys
from pathlib import Path
from scripts.datasets import fetch
fetch.CHUNK = 10
fetch.fetch("tiny", json.loads(sys.argv[1]), {name: [sys.argv[2]] for name in json.loads(sys.argv[1])}, Path(sys.argv[3]), (0,))
"""


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")


def test_a_download_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    content, ranges = FILES[IMAGES], []

    def answer(handler):
        ranges.append(handler.headers["Range"])
        if len(ranges) > 1:
            have = int(ranges[-1].removeprefix("bytes=").removesuffix("-"))
            reply(handler, content[have:], 206, Content_Range=f"bytes {have}-{len(content) - 1}/{len(content)}")
            return
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:40])
        handler.wfile.flush()
        time.sleep(3)

    with serve(answer) as (address, _):
        process = subprocess.Popen([sys.executable, "-c", FETCH, json.dumps(ONLY), f"{address}/{IMAGES}", tmp_path])
        end = time.monotonic() + 20
        while time.monotonic() < end and not [part for part in tmp_path.glob(".*.part.*") if part.stat().st_size >= 20]:
            time.sleep(0.02)
        process.kill()
        process.wait()
        assert not (tmp_path / IMAGES).exists()
        assert list(tmp_path.glob(".*.part.*"))
        fetch("tiny", ONLY, {IMAGES: [f"{address}/{IMAGES}"]}, tmp_path, (0,))
    assert ranges[0] is None
    assert ranges[1].startswith("bytes=")
    assert (tmp_path / IMAGES).read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "sources.json", IMAGES]


@pytest.mark.parametrize("damage", ["", "{half", "[]", "\x00"])
def test_a_damaged_record_of_addresses_is_written_anew(tmp_path: Path, damage: str) -> None:
    with serve(whole_files(FILES)) as (address, _):
        fetch("tiny", ONLY, {IMAGES: [f"{address}/{IMAGES}"]}, tmp_path, (0,))
    (tmp_path / "sources.json").write_text(damage)
    assert fetch("tiny", ONLY, {IMAGES: ["/nowhere"]}, tmp_path, (0,)) == {IMAGES: f"{tmp_path / IMAGES} (found there)"}
