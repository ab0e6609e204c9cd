"""Archives that mean harm, or were damaged: nothing is written by a name in them, and memory stays small."""

import gzip
import io
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from scripts.datasets import content
from scripts.datasets.content import BadContent, members
from tests.unit.tiny_datasets import sha256, tar_bytes

GOOD = b"what was published"
HASHES = {"batches/good": sha256(GOOD)}


def archive(tmp_path: Path, packed: bytes) -> Path:
    path = tmp_path / "inside" / "folder" / "tiny.tar.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(packed)
    return path


@pytest.mark.parametrize("evil", ["../../evil", "/tmp/evil-of-a-test", "batches/../../../evil", "./../evil"])
def test_a_member_that_points_out_of_the_archive_is_passed_over(tmp_path: Path, evil: str) -> None:
    path = archive(tmp_path, tar_bytes({evil: b"evil", "batches/good": GOOD}))
    assert list(members(path, HASHES)) == [("batches/good", GOOD)]
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]
    assert not Path("/tmp/evil-of-a-test").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_a_link_or_device_under_a_wanted_name_is_no_content(tmp_path: Path, kind: bytes) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as made:
        member = tarfile.TarInfo("batches/good")
        member.type, member.linkname = kind, "/etc/hostname"
        made.addfile(member)
    with pytest.raises(BadContent):
        list(members(archive(tmp_path, packed.getvalue()), HASHES))


def peak_of_reading(path: Path, hashes: dict[str, str]) -> int:
    """Most bytes held while an archive is read that must be refused."""
    tracemalloc.start()
    try:
        with pytest.raises(BadContent, match="SHA-256"):
            list(members(path, hashes))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["gz", "tar"])
def test_a_decompression_bomb_is_not_unpacked_beyond_what_a_member_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(content, "LARGEST", 2**16)
    bomb = bytes(2**27)
    path = archive(tmp_path, tar_bytes({"batches/good": bomb}))
    if kind == "gz":
        path = path.with_name("images.gz")
        path.write_bytes(gzip.compress(bomb))
    assert peak_of_reading(path, HASHES) < 2**26


def test_every_truncation_of_an_archive_is_refused_or_costs_only_its_padding(tmp_path: Path) -> None:
    whole = tar_bytes({"batches/good": GOOD})
    path = archive(tmp_path, whole)
    told = 0
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        try:
            found = list(members(path, HASHES))
        except BadContent:
            told += 1
        else:
            assert found == [("batches/good", GOOD)]
    assert told > len(whole) / 2


def test_every_flipped_bit_of_an_archive_is_refused_or_harmless(tmp_path: Path) -> None:
    whole = gzip.compress(GOOD)
    path = tmp_path / "good.gz"
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        try:
            found = list(members(path, HASHES))
        except BadContent:
            continue
        assert found == [("batches/good", GOOD)], "a flag or the time of packing"
