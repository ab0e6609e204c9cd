"""Atomic writing, and what killed writers leave."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from repro.files import atomic, mend_dates, sweep

WRITER = """
import sys, time
from pathlib import Path
from repro.files import atomic
with atomic(Path(sys.argv[1])) as temporary:
    temporary.write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def writer(tmp_path: Path) -> subprocess.Popen:
    """A process in the middle of writing `table.parquet` in a folder of the test's."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, tmp_path / "table.parquet"], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "writing\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "page.md"
    with atomic(path) as temporary:
        temporary.write_text("old")
        assert not path.exists()
    with pytest.raises(UnicodeEncodeError), atomic(path) as temporary:
        temporary.write_text("half\ud800")
    assert [file.read_text() for file in path.parent.iterdir()] == ["old"]


def test_what_a_killed_writer_leaves_is_hidden_and_swept(tmp_path: Path, writer: subprocess.Popen) -> None:
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".table.parquet.")
    assert sweep(tmp_path) == [left]
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_a_writer_that_lives_is_not_swept(tmp_path: Path, writer: subprocess.Popen) -> None:
    assert sweep(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 1


def test_nothing_else_is_swept(tmp_path: Path) -> None:
    kept = [tmp_path / name for name in ("table.parquet", ".lock", ".0a1b2c3d.part.train-images.gz", "notes.unfinished")]
    for path in kept:
        path.write_text("mine")
    assert sweep(tmp_path, tmp_path / "missing") == []
    assert sorted(tmp_path.iterdir()) == sorted(kept)


def limited(size: int) -> None:
    """In a child: files may not grow beyond `size` bytes, as if the disk were full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def write(path: Path, size: int, **options: object) -> subprocess.CompletedProcess:
    code = "import sys; from pathlib import Path; from repro.files import atomic\n"
    code += "with atomic(Path(sys.argv[1])) as temporary: temporary.write_bytes(bytes(int(sys.argv[2])))"
    return subprocess.run([sys.executable, "-c", code, path, str(size)], capture_output=True, text=True, check=False, **options)


def test_a_file_that_grows_too_large_is_named_and_goes(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    done = write(path, 10_000, preexec_fn=lambda: limited(4096))
    assert f"OSError: {path}: it is larger than files may be here" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A disk of 64 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_named_with_the_file_and_the_old_one_stays(small_disk: Path) -> None:
    path = small_disk / "table.parquet"
    path.write_text("old")
    done = write(path, 200_000)
    assert f"OSError: {path}: no space is left there. Free some and run again: what is finished is kept." in done.stderr
    assert [(file.name, file.read_text()) for file in small_disk.iterdir()] == [("table.parquet", "old")]


def test_a_read_only_folder_is_named(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(OSError, match=r"table\.parquet: its file system is read-only"), atomic(small_disk / "new" / "table.parquet"):
        pass


def test_other_errors_of_the_system_are_left_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="elsewhere"), atomic(tmp_path / "page.md"):
        (tmp_path / "elsewhere").read_text()


def test_files_dated_in_the_future_get_the_present_all_the_same(tmp_path: Path) -> None:
    names = ("input.npy", "output.parquet", "old")
    for name, ahead in zip(names, (5000, 4000, -4000), strict=True):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() + ahead,) * 2)
    now = time.time()
    assert [path.name for path in mend_dates(tmp_path)] == ["input.npy", "output.parquet"]
    dates = [(tmp_path / name).stat().st_mtime for name in names]
    assert dates[0] == dates[1] == pytest.approx(now, abs=5)
    assert dates[2] < now - 3000
