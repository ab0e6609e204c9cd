"""Members of a downloaded archive, handed out only after their SHA-256 was found right."""

import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

GZIP_MAGIC = b"\x1f\x8b"
LARGEST = 2**28  # bytes; no member comes near, and what is longer fails its hash instead of filling the memory


class BadContent(ValueError):
    """A file does not hold what it should."""


def members(path: Path, hashes: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Verified members of a .gz (one member) or .tar.gz file, in the file's order.

    Parameters
    ----------
    path : Path
        Downloaded file.
    hashes : Mapping
        Name of each wanted member to its SHA-256; other members are passed over.

    Yields
    ------
    tuple of str and bytes   name and content.

    Raises
    ------
    BadContent   naming the member, if the file is no gzip, is cut short, lacks a member or a hash differs.
    """
    found = set()
    for name, content in _read(path, hashes):
        got = hashlib.sha256(content).hexdigest()
        if got != hashes[name]:
            raise BadContent(f"SHA-256 of {name} differs: expected {hashes[name][:8]}…, got {got[:8]}…")
        found.add(name)
        yield name, content
    missing = sorted(set(hashes) - found)
    if missing:
        raise BadContent(f"{', '.join(missing)} not in it")


def verify(path: Path, hashes: Mapping[str, str]) -> None:
    """Read a whole file as `members` does; raises BadContent if anything is wrong."""
    for _ in members(path, hashes):
        pass


def _read(path: Path, hashes: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Members not yet verified."""
    with path.open("rb") as file:
        start = file.read(40)
    if not start.startswith(GZIP_MAGIC):
        raise BadContent(f"not a gzip file, it begins with {start.decode('ascii', 'replace')!r}" if start else "empty")
    try:
        if not path.name.endswith(".tar.gz"):
            (name,) = hashes
            with gzip.open(path) as stream:
                yield name, stream.read(LARGEST)
            return
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.name in hashes else None  # None too if it is no plain file
                if content:
                    yield member.name, content.read(LARGEST)
    except (EOFError, gzip.BadGzipFile, zlib.error, tarfile.TarError, TypeError) as error:  # TypeError: tarfile, of a header cut short
        raise BadContent(f"damaged or cut short ({error})") from error
